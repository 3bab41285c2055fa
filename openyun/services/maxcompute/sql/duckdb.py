"""MaxCompute's expressions in DuckDB's SQL."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB

from openyun.services.maxcompute.sql.formats import PARTS, java_format, vendor_format
from openyun.services.maxcompute.sql.functions import AGGREGATES, FUNCTIONS
from openyun.services.maxcompute.sql_errors import SqlProblem, Unsupported

_SLOT = re.compile(r"\{(\*|\w+)(?::(\w+))?\}")
OWN = "engine$"
"""before the name of a function that is the engine's, not the vendor's"""
_WHOLE = {
    exp.DataType.Type.TINYINT,
    exp.DataType.Type.SMALLINT,
    exp.DataType.Type.INT,
    exp.DataType.Type.BIGINT,
}
_TYPES = {
    exp.DataType.Type.DATETIME: "TIMESTAMP",
    exp.DataType.Type.TIMESTAMP: "TIMESTAMPTZ",
    exp.DataType.Type.TIMESTAMPTZ: "TIMESTAMPTZ",
    exp.DataType.Type.TIMESTAMPLTZ: "TIMESTAMPTZ",
    exp.DataType.Type.TIMESTAMPNTZ: "TIMESTAMP_NS",
}


class DuckDbOfMaxCompute(DuckDB):
    class Generator(DuckDB.Generator):  # type: ignore[misc, valid-type]  # sqlglot sets it when it is imported
        TRANSFORMS: ClassVar[dict[Any, Any]] = {
            kind: how
            for kind, how in DuckDB.Generator.TRANSFORMS.items()
            if kind not in (exp.Anonymous, exp.DataType, exp.Cast, exp.TryCast, exp.Div)
        }

        def anonymous_sql(self, expression: exp.Anonymous) -> str:
            return self.call(expression)

        def call(self, node: exp.Anonymous, order: str = "") -> str:
            """Raises SqlProblem for a function that nobody knows."""
            name = str(node.this).lower()
            arguments = list(node.expressions)
            if name.startswith(OWN):
                return f"{name.removeprefix(OWN)}({', '.join(self.sql(one) for one in arguments)})"
            distinct = ""
            if arguments and isinstance(arguments[0], exp.Distinct):
                arguments = [*arguments[0].expressions, *arguments[1:]]
                distinct = "DISTINCT "
            if name not in FUNCTIONS:
                raise SqlProblem(f"function or view '{node.this}' cannot be resolved", place(node))
            variants = FUNCTIONS[name]
            template = variants if isinstance(variants, str) else variants.get(len(arguments), "")
            if not template:
                raise SqlProblem(f"function {name} does not take {len(arguments)} arguments here", place(node))
            if distinct and name not in AGGREGATES:
                raise SqlProblem(f"function {name} does not take DISTINCT", place(node))
            more = {"distinct": distinct, "order": order}
            return _SLOT.sub(lambda found: self._slot(found, arguments, more), template)

        def _slot(self, found: re.Match[str], arguments: list[exp.Expression], more: dict[str, str]) -> str:
            which, form = found[1], found[2]
            if which in more:
                return more[which]
            chosen = {"*": slice(None), "even": slice(0, None, 2), "odd": slice(1, None, 2), "rest": slice(1, None)}
            if which in chosen:
                return ", ".join(self.sql(one) for one in arguments[chosen[which]])
            try:
                argument = arguments[int(which)]
            except IndexError:
                raise SqlProblem("a function lacks an argument") from None
            if form is None:
                return str(self.sql(argument))
            if not isinstance(argument, exp.Literal):
                raise Unsupported("a date's part or format that is no constant", place(argument))
            text = str(argument.this)
            if form == "part":
                if text.lower() not in PARTS:
                    raise SqlProblem(f"invalid date part '{text}'", place(argument))
                return PARTS[text.lower()]
            return (vendor_format if form == "format" else java_format)(text).replace("'", "''")

        def withingroup_sql(self, expression: exp.WithinGroup) -> str:
            if isinstance(expression.this, exp.Anonymous):
                return self.call(expression.this, f" {self.sql(expression, 'expression').strip()}")
            return str(super().withingroup_sql(expression))

        def datatype_sql(self, expression: exp.DataType) -> str:
            if expression.this in _TYPES:
                return _TYPES[expression.this]
            if expression.this == exp.DataType.Type.DECIMAL and not expression.expressions:
                return "DECIMAL(38, 18)"
            return str(super().datatype_sql(expression))

        def cast_sql(self, expression: exp.Cast, safe_prefix: str | None = None) -> str:
            """What cannot be cast is NULL."""
            value = self.sql(expression, "this")
            type_ = expression.to
            if type_.this in _WHOLE and not (isinstance(expression.this, exp.Literal) and expression.this.is_int):
                value = f"mc_whole({value})"
            return f"TRY_CAST({value} AS {self.sql(type_)})"

        def trycast_sql(self, expression: exp.TryCast) -> str:
            return self.cast_sql(expression)

        def div_sql(self, expression: exp.Div) -> str:
            """Never whole, and NULL where the divisor is 0."""
            return f"({self.sql(expression, 'this')} / NULLIF({self.sql(expression, 'expression')}, 0))"

        def literal_sql(self, expression: exp.Literal) -> str:
            text = str(expression.this)
            if not expression.is_string and "." in text and "e" not in text.lower():
                return f"{text}e0"  # a DOUBLE, where DuckDB would have a DECIMAL
            return str(super().literal_sql(expression))


def place(node: exp.Expression) -> tuple[int, int]:
    """Line and column of a node, as far as the parser kept them."""
    for one in node.walk():
        if "line" in one.meta:
            return int(one.meta["line"]), max(1, int(one.meta["col"]) - len(str(one.name)) + 1)
    return 1, 1
