"""Functions over groups. They are DuckDB's own, never macros, which could not take DISTINCT or FILTER."""

from __future__ import annotations

from sqlglot import exp

from openyun.services.maxcompute.language.template import call, fill

SAME = {
    "sum": "sum", "avg": "avg", "min": "min", "max": "max", "stddev": "stddev_pop", "stddev_pop": "stddev_pop",
    "stddev_samp": "stddev_samp", "variance": "var_pop", "var_pop": "var_pop", "var_samp": "var_samp",
    "covar_pop": "covar_pop", "covar_samp": "covar_samp", "corr": "corr", "median": "median",
    "any_value": "any_value", "arg_max": "arg_max", "arg_min": "arg_min", "max_by": "arg_max", "min_by": "arg_min",
    "bitwise_and_agg": "bit_and", "bitwise_or_agg": "bit_or", "bitwise_xor_agg": "bit_xor",
    "bool_and": "bool_and", "bool_or": "bool_or", "every": "bool_and", "some": "bool_or",
    "approx_distinct": "approx_count_distinct", "skewness": "skewness", "kurtosis": "kurtosis",
    "regr_slope": "regr_slope", "regr_intercept": "regr_intercept", "regr_count": "regr_count", "regr_r2": "regr_r2",
    "regr_avgx": "regr_avgx", "regr_avgy": "regr_avgy", "regr_sxx": "regr_sxx", "regr_syy": "regr_syy",
    "regr_sxy": "regr_sxy", "mode": "mode", "bit_and": "bit_and", "bit_or": "bit_or", "bit_xor": "bit_xor",
    "grouping": "grouping", "grouping_id": "grouping_id",
}  # fmt: skip


def _unwrap(arguments: list[exp.Expr]) -> tuple[list[exp.Expr], bool]:
    if arguments and isinstance(arguments[0], exp.Distinct):
        return [*arguments[0].expressions, *arguments[1:]], True
    return arguments, False


def _distinct(values: list[exp.Expr], distinct: bool) -> list[exp.Expr]:
    return [exp.Distinct(expressions=values)] if distinct else values


def _count(arguments: list[exp.Expr]) -> exp.Expr:
    given, distinct = _unwrap(arguments)
    if len(given) > 1:
        present = exp.and_(*(fill(":1 IS NOT NULL", one) for one in given))
        row = exp.Case(ifs=[exp.If(this=present, true=call("row", *(one.copy() for one in given)))])
        given = [row]
    return call("count", *_distinct(given or [exp.Star()], distinct))


def _wm_concat(arguments: list[exp.Expr]) -> exp.Expr:
    given, distinct = _unwrap(arguments)
    separator, value = given
    return call("string_agg", *_distinct([call("mc_to_string", value)], distinct), separator)


def _collect(arguments: list[exp.Expr], *, distinct: bool) -> exp.Expr:
    given, asked = _unwrap(arguments)
    gathered = call("list", *_distinct(given, distinct or asked))
    present = fill(":1 IS NOT NULL", given[0])
    kept = exp.Filter(this=gathered, expression=exp.Where(this=present))
    kept.meta["empty"] = True
    return kept


def _percentile(arguments: list[exp.Expr]) -> exp.Expr:
    given, _ = _unwrap(arguments)
    return call("quantile_cont", given[0], given[1])


def _approximate(arguments: list[exp.Expr]) -> exp.Expr:
    given, _ = _unwrap(arguments)
    return call("quantile_cont", fill("CAST(:1 AS DOUBLE)", given[0]), given[1])


def _map_agg(arguments: list[exp.Expr]) -> exp.Expr:
    return fill("map_from_entries(list(DISTINCT row(:1, :2)))", *arguments)


def _histogram(arguments: list[exp.Expr]) -> exp.Expr:
    return fill("CAST(histogram(:1) AS MAP(VARCHAR, BIGINT))", *arguments)


BUILDERS = {
    "count": _count,
    "count_if": lambda arguments: fill("count(CASE WHEN :1 THEN 1 END)", *arguments),
    "wm_concat": _wm_concat,
    "collect_list": lambda arguments: _collect(arguments, distinct=False),
    "array_agg": lambda arguments: _collect(arguments, distinct=False),
    "collect_set": lambda arguments: _collect(arguments, distinct=True),
    "percentile": _percentile,
    "percentile_approx": _approximate,
    "percentile_cont": lambda arguments: call("quantile_cont", *arguments),
    "percentile_disc": lambda arguments: call("quantile_disc", *arguments),
    "map_agg": _map_agg,
    "histogram": _histogram,
    "map_union": lambda arguments: fill("list_reduce(list(:1), lambda a, b: map_concat(a, b))", *arguments),
    "multimap_agg": lambda arguments: fill(
        "map_from_entries(list_transform(list_distinct(list(:1)), lambda k: row(k, list_transform("
        "list_filter(list(row(:1, :2)), lambda e: e[1] = k), lambda e: e[2]))))",
        *arguments,
    ),
}


def translate(node: exp.Expr) -> exp.Expr | None:
    """`f(x) WITHIN GROUP (ORDER BY y)`; and the order that COLLECT_LIST gathers in."""
    if not isinstance(node, exp.WithinGroup):
        return None
    function, order = node.this, node.expression
    kept = function.this if isinstance(function, exp.Filter) else function
    if not isinstance(kept, exp.Anonymous) or not isinstance(order, exp.Order):
        return None
    if kept.name in ("quantile_cont", "quantile_disc"):
        return call(kept.name, order.expressions[0].this.copy(), kept.expressions[0].copy())
    last = kept.expressions[-1]
    kept.set("expressions", [*kept.expressions[:-1], exp.Order(this=last.copy(), expressions=order.expressions)])
    answer: exp.Expr = function
    return answer
