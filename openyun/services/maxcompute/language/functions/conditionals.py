"""Functions that choose."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from openyun.services.maxcompute.language.template import call, fill

SAME = {"coalesce": "coalesce", "nvl": "ifnull", "ifnull": "ifnull", "nullif": "nullif"}


def _decode(arguments: list[exp.Expr]) -> exp.Expr:
    """Here NULL equals NULL."""
    value, rest = arguments[0], arguments[1:]
    pairs = [rest[at : at + 2] for at in range(0, len(rest) - 1, 2)]
    default = rest[-1] if len(rest) % 2 else None
    ifs = [exp.If(this=fill(":1 IS NOT DISTINCT FROM :2", value, one), true=then.copy()) for one, then in pairs]
    return exp.Case(ifs=ifs, default=default)


def _extreme(name: str) -> Callable[[list[exp.Expr]], exp.Expr]:
    def build(arguments: list[exp.Expr]) -> exp.Expr:
        """NULL where any is; DuckDB's own pass over it."""
        missing = exp.or_(*(fill(":1 IS NULL", one) for one in arguments))
        return exp.Case(
            ifs=[exp.If(this=missing, true=exp.null())], default=call(name, *(one.copy() for one in arguments))
        )

    return build


BUILDERS = {
    "decode": _decode,
    "greatest": _extreme("greatest"),
    "least": _extreme("least"),
    "if": lambda arguments: exp.Case(ifs=[exp.If(this=arguments[0], true=arguments[1])], default=arguments[2]),
    "nvl2": lambda arguments: fill("CASE WHEN :1 IS NOT NULL THEN :2 ELSE :3 END", *arguments),
    "isnull": lambda arguments: fill(":1 IS NULL", *arguments),
    "isnotnull": lambda arguments: fill(":1 IS NOT NULL", *arguments),
}
