"""Operators, casts and subscripts: what converts by itself, and what becomes NULL instead of an error."""

from __future__ import annotations

from sqlglot import exp

from openyun.services.maxcompute.language import types
from openyun.services.maxcompute.language.inference import family
from openyun.services.maxcompute.language.problem import semantic_exception
from openyun.services.maxcompute.language.template import call, fill, number, text

_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ)


def translate_operator(node: exp.Expr) -> exp.Expr | None:
    """Its replacement, or None to leave it; its operands may be changed in place."""
    if isinstance(node, exp.Literal):
        return _literal(node)
    if isinstance(node, (exp.Div, exp.IntDiv, exp.Mod)):
        return _divide(node)
    if isinstance(node, (exp.Add, exp.Sub, exp.Mul)):
        return _calculate(node)
    if isinstance(node, _COMPARISONS):
        _agree(node, "this", "expression")
    elif isinstance(node, exp.Between):
        _agree(node, "this", "low")
        _agree(node, "this", "high")
    elif isinstance(node, exp.In):
        _agree_list(node)
    elif isinstance(node, (exp.Cast, exp.TryCast)):
        return _cast(node)
    elif isinstance(node, exp.Bracket):
        return _subscript(node)
    elif isinstance(node, exp.HexString):
        return fill("unhex(:1)", text(node.name))
    return None


_SUMS = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.Neg, exp.Paren)
_CHOOSING = frozenset(("coalesce", "nvl", "ifnull", "nullif", "if", "greatest", "least", "decode", "nvl2"))


def _literal(node: exp.Literal) -> exp.Expr | None:
    """`1.5` is a DOUBLE. Beside decimals, and in comparisons, it stays exact, as DuckDB reads it: then `0.06 + 0.01`
    is what it says."""
    if node.is_string or "." not in node.name or "e" in node.name.lower():
        return None
    top: exp.Expr = node
    while isinstance(top.parent, _SUMS):
        top = top.parent
    around = top.parent
    alone = isinstance(around, (exp.Alias, exp.Select, exp.Tuple))
    given = isinstance(around, exp.Anonymous) and around.name.lower() not in _CHOOSING and not around.meta.get("engine")
    beside = [one for one in top.walk() if not isinstance(one, (*_SUMS, exp.Identifier))]
    if not (alone or given) or any(family(one) in ("", "decimal") for one in beside):
        return None
    return exp.Literal.number(f"{node.name}e0")


def _double(value: exp.Expr) -> exp.Expr:
    return fill("TRY_CAST(:1 AS DOUBLE)", value)


def _divide(node: exp.Binary) -> exp.Expr | None:
    left, right = node.left, node.right
    if family(left) in types.TEXTS:
        left = _double(left)
    if family(right) in types.TEXTS:
        right = _double(right)
    constant = isinstance(right, exp.Literal) and not right.is_string and float(right.name) != 0
    if not constant:
        right = exp.func("NULLIF", right.copy(), number(0), dialect="duckdb")
    if isinstance(node, exp.Div):
        return exp.Div(this=left.copy(), expression=right.copy(), typed=False, safe=False)
    return type(node)(this=left.copy(), expression=right.copy())


def _calculate(node: exp.Binary) -> exp.Expr | None:
    for key in ("this", "expression"):
        if family(node.args[key]) in types.TEXTS and not isinstance(node.args["expression"], exp.Interval):
            node.set(key, _double(node.args[key]))
    if isinstance(node.args["expression"], exp.Interval):
        if family(node.this) in types.TEXTS:
            node.set("this", fill("CAST(:1 AS TIMESTAMP)", node.this))
        unit = str(node.args["expression"].args.get("unit") or "").upper()
        if family(node.this) == "date" and unit in ("DAY", "MONTH", "YEAR"):
            made = fill("CAST(:1 AS DATE)", exp.Paren(this=node.copy()))
            made.meta["family"] = "date"
            return made
    return None


def _agree(node: exp.Expr, one: str, other: str) -> None:
    """A string and a number are compared as doubles."""
    first, second = node.args.get(one), node.args.get(other)
    if first is None or second is None:
        return
    if family(first) in types.TEXTS and family(second) in types.NUMBERS:
        node.set(one, _double(first))
    elif family(second) in types.TEXTS and family(first) in types.NUMBERS:
        node.set(other, _double(second))


def _agree_list(node: exp.In) -> None:
    options = node.expressions
    numbers = [one for one in options if family(one) in types.NUMBERS]
    words = [one for one in options if family(one) in types.TEXTS]
    if family(node.this) in types.TEXTS and numbers:
        node.set("this", _double(node.this))
        node.set("expressions", [_double(one) if one in words else one for one in options])
    elif family(node.this) in types.NUMBERS and words:
        node.set("expressions", [_double(one) if one in words else one for one in options])


def _cast(node: exp.Cast | exp.TryCast) -> exp.Expr | None:
    if node.meta.get("done"):
        return None
    source, target = family(node.this), types.word(node.to)
    try:
        wanted = types.to_duckdb(node.to)
    except (KeyError, IndexError):
        raise semantic_exception(f"type {node.to.sql()} is not supported", 0, 0) from None
    literal = isinstance(node.this, exp.Literal) and node.this.is_int
    if isinstance(node.this, exp.Null):
        value: exp.Expr = node.this.copy()  # it is of every type, so that no macro's variant is its own
    elif target in types.WHOLE and not literal and source not in types.WHOLE:
        value = call("mc_to_bigint", node.this.copy())
    elif target in types.TEXTS and source not in types.TEXTS:
        value = call("mc_to_string", node.this.copy())
    elif target == "datetime" and source != "datetime":
        value = call("mc_to_datetime", node.this.copy())
    elif target == "boolean" and source not in ("boolean", ""):
        value = call("mc_to_boolean", node.this.copy())
    else:
        value = node.this.copy()
    made: exp.Expr = fill(f"TRY_CAST(:1 AS {wanted})", value)
    length = types.sized(node.to)
    if length is not None:
        made = fill(f'"left"(:1, {length})', made)
    made.meta["family"] = target
    return made


def _subscript(node: exp.Bracket) -> exp.Expr | None:
    if len(node.expressions) != 1:
        return None
    whole, key = node.this, node.expressions[0]
    if isinstance(key, exp.Slice):
        return None
    if family(whole) == "json":
        path = f"$.{key.name}" if isinstance(key, exp.Literal) and key.is_string else f"$[{key.name}]"
        return fill("json_extract(:1, :2)", whole, text(path))
    if family(whole) == "map" or family(key) in types.TEXTS:
        return fill("map_extract_value(:1, :2)", whole, key)
    if isinstance(key, exp.Literal):
        return fill("list_extract(:1, :2)", whole, number(int(key.name) + 1))
    return fill("list_extract(:1, CASE WHEN :2 >= 0 THEN :2 + 1 END)", whole, key)
