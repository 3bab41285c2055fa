"""Functions over windows."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from openyun.services.maxcompute.language.template import call

SAME = {
    "row_number": "row_number", "rank": "rank", "dense_rank": "dense_rank", "percent_rank": "percent_rank",
    "cume_dist": "cume_dist", "ntile": "ntile",
}  # fmt: skip


_KINDS: dict[str, type[exp.Func]] = {
    "first_value": exp.FirstValue, "last_value": exp.LastValue, "nth_value": exp.NthValue, "lag": exp.Lag,
    "lead": exp.Lead,
}  # fmt: skip


def _value(kind: str, most: int) -> Callable[[list[exp.Expr]], exp.Expr]:
    """`most` arguments, and one more that says whether to pass over NULL."""

    def build(arguments: list[exp.Expr]) -> exp.Expr:
        made = _KINDS[kind].from_arg_list([one.copy() for one in arguments[:most]])
        ignore = len(arguments) > most and arguments[most] == exp.true()
        return exp.IgnoreNulls(this=made) if ignore else made

    return build


def _cluster_sample(arguments: list[exp.Expr]) -> exp.Expr:
    """One part in n of a partition, or m rows; which, the engine's order says."""
    made = call("random")
    made.meta["sample"] = [one.copy() for one in arguments]
    return made


BUILDERS = {
    "first_value": _value("first_value", 1),
    "last_value": _value("last_value", 1),
    "nth_value": _value("nth_value", 2),
    "lag": _value("lag", 3),
    "lead": _value("lead", 3),
    "cluster_sample": _cluster_sample,
}


def translate(node: exp.Expr) -> exp.Expr | None:
    if isinstance(node, exp.Window):
        function = node.this
        sample = function.meta.get("sample") if isinstance(function, exp.Expr) else None
        if sample:
            return _sampled(node, sample)
        _frame(node)
    return None


def _sampled(node: exp.Window, sizes: list[exp.Expr]) -> exp.Expr:
    by = node.args.get("partition_by")
    over = exp.Window(this=call("row_number"), partition_by=by, over="OVER")
    if len(sizes) == 2:
        return exp.LTE(this=over, expression=sizes[1])
    total = exp.Window(this=call("count", exp.Star()), partition_by=[one.copy() for one in by or []], over="OVER")
    share = call("greatest", exp.Literal.number(1), call("ceil", exp.Div(this=total, expression=sizes[0])))
    return exp.LTE(this=over, expression=share)


def _frame(node: exp.Window) -> None:
    """Ranks of no order are of any order."""
    name = node.this.name.lower() if isinstance(node.this, exp.Anonymous) else ""
    if name in ("rank", "dense_rank") and node.args.get("order") is None:
        node.set("order", exp.Order(expressions=[exp.Ordered(this=exp.Literal.number(1))]))
