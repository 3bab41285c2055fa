"""Types of expressions, as far as they are plain to see. Where they are not, DuckDB's binder decides: most functions
are macros that it overloads by type."""

from __future__ import annotations

from sqlglot import exp

from openyun.services.maxcompute.language import types
from openyun.services.maxcompute.language.catalog import Shape

_TEXT = (
    "concat concat_ws substr substring to_char get_json_object upper lower tolower toupper trim ltrim rtrim replace "
    "regexp_extract regexp_replace regexp_substr split_part wm_concat lpad rpad reverse repeat md5 sha1 sha2 "
    "date_format keyvalue url_encode url_decode parse_url initcap substring_index translate"
)
_WHOLE = "count length instr datediff datepart size year month day hour unix_timestamp row_number rank dense_rank"
_MAP = "map str_to_map map_from_entries map_concat map_filter transform_values transform_keys map_from_arrays"
_FUNCTIONS = {
    **dict.fromkeys(_TEXT.split(), "string"),
    **dict.fromkeys(_WHOLE.split(), "bigint"),
    **dict.fromkeys(_MAP.split(), "map"),
    "parse_json": "json", "json_object": "json", "json_array": "json", "json_extract": "json", "rand": "double",
    "getdate": "datetime", "now": "datetime", "stddev": "double", "avg": "",
}  # fmt: skip
_SAME_AS_FIRST = frozenset(
    ("sum", "min", "max", "nvl", "coalesce", "abs", "round", "first_value", "last_value", "lag", "lead")
)


def family(value: exp.Expr | None) -> str:
    """What was known of a value before it was translated."""
    return "" if value is None else str(value.meta.get("family", ""))


class Known:
    """The types of columns by their names, of all tables of a statement together; one that differs is not known."""

    def __init__(self) -> None:
        self._types: dict[str, str] = {}

    def add(self, shape: Shape) -> None:
        for name, type_ in shape.columns:
            found = type_.lower().split("(")[0].split("<")[0].strip()
            before = self._types.setdefault(name.lower(), found)
            if before != found:
                self._types[name.lower()] = ""

    def of(self, value: exp.Expr) -> str:
        """The family, as `types.word` says it; empty where it is not known. Its operands were asked before."""
        if isinstance(value, exp.Literal):
            if value.is_string:
                return "string"
            return "bigint" if value.is_int else "double"
        if isinstance(value, (exp.Cast, exp.TryCast)):
            return types.word(value.to)
        if isinstance(value, exp.Column):
            return self._types.get(value.name.lower(), "")
        if isinstance(value, exp.Div):
            return "double" if "" not in (family(value.left), family(value.right)) else ""
        if isinstance(value, (exp.Add, exp.Sub, exp.Mul)):
            return _wider(family(value.left), family(value.right))
        if isinstance(value, (exp.Paren, exp.Neg, exp.Window, exp.Alias)):
            return family(value.this)
        if isinstance(value, exp.DPipe):
            return "string"
        if isinstance(value, exp.Anonymous):
            name = value.name.lower()
            if name in _SAME_AS_FIRST and value.expressions:
                return family(value.expressions[0])
            return _FUNCTIONS.get(name, "")
        return ""


def _wider(left: str, right: str) -> str:
    if left in types.TEXTS and right in types.TEXTS:
        return "double"
    if left not in types.NUMBERS or right not in types.NUMBERS:
        return ""
    for one in ("double", "float", "decimal"):
        if one in (left, right):
            return one
    return "bigint"
