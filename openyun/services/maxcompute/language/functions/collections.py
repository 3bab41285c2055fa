"""Arrays, maps and structs."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from openyun.services.maxcompute.language.template import call, fill

SAME = {
    "map_keys": "map_keys", "map_values": "map_values", "map_entries": "map_entries", "flatten": "flatten",
    "map_from_entries": "map_from_entries", "filter": "list_filter", "array_distinct": "list_distinct",
    "transform": "list_transform", "map_from_arrays": "map",
}  # fmt: skip

MACROS = {
    "array_contains": "(a, x) AS list_contains(a, x)",
    "sort_array": """
        (a) AS list_sort(a, 'ASC', 'NULLS FIRST'),
        (a, up) AS CASE WHEN up THEN list_sort(a, 'ASC', 'NULLS FIRST') ELSE list_sort(a, 'DESC', 'NULLS LAST') END""",
    "array_sort": "(a) AS list_sort(a, 'ASC', 'NULLS LAST')",
    "array_max": "(a) AS list_max(a)",
    "array_min": "(a) AS list_min(a)",
    "array_position": """(a, x) AS CASE WHEN a IS NULL OR x IS NULL THEN NULL
        ELSE CAST(coalesce(list_position(a, x), 0) AS BIGINT) END""",
    "array_remove": "(a, x) AS list_filter(a, lambda e: e IS NULL OR e <> x)",
    "array_union": "(a, b) AS list_distinct(list_concat(a, b))",
    "array_intersect": "(a, b) AS list_distinct(list_filter(a, lambda e: list_contains(b, e)))",
    "array_except": "(a, b) AS list_distinct(list_filter(a, lambda e: NOT list_contains(b, e)))",
    "arrays_overlap": "(a, b) AS list_has_any(a, b)",
    "array_join": """
        (a, sep) AS array_to_string(a, sep),
        (a, sep, missing) AS array_to_string(
            list_transform(a, lambda e: coalesce(CAST(e AS VARCHAR), missing)), sep)""",
    "array_repeat": "(x, n) AS list_transform(range(n), lambda i: x)",
    "array_append": "(a, x) AS list_append(a, x)",
    "array_prepend": "(a, x) AS list_prepend(x, a)",
    "array_normalize": """(a, p) AS list_transform(a,
        lambda e: e / pow(list_sum(list_transform(a, lambda o: pow(abs(o), p))), 1.0 / p))""",
    "slice": """(a, start, n) AS CASE WHEN start > 0 THEN a[start:start + n - 1]
        ELSE a[len(a) + start + 1:len(a) + start + n] END""",
    "element_at": "(a, n) AS CASE WHEN n <> 0 THEN a[n] END",
    "sequence": """
        (a BIGINT, b BIGINT) AS CASE WHEN a <= b THEN generate_series(a, b) ELSE generate_series(a, b, -1) END,
        (a BIGINT, b BIGINT, step) AS generate_series(a, b, step),
        (a DATE, b DATE) AS CAST(generate_series(a, b, INTERVAL 1 DAY) AS DATE[]),
        (a DATE, b DATE, step) AS CAST(generate_series(a, b, step) AS DATE[]),
        (a, b, step) AS generate_series(a, b, step)""",
    "shuffle": "(a) AS list_transform(list_sort(list_transform(a, lambda e: {'r': random(), 'e': e})), lambda e: e.e)",
    "arrays_zip": "(a, b) AS list_zip(a, b)",
}


def _array(arguments: list[exp.Expr]) -> exp.Expr:
    return exp.Array(expressions=[one.copy() for one in arguments])


def _map(arguments: list[exp.Expr]) -> exp.Expr:
    return call("map", _array(arguments[::2]), _array(arguments[1::2]))


def _pack(names: list[str], values: list[exp.Expr]) -> exp.Expr:
    fields = [
        exp.PropertyEQ(this=exp.to_identifier(name.lower(), quoted=True), expression=value.copy())
        for name, value in zip(names, values, strict=True)
    ]
    return exp.Struct(expressions=fields)


def _aggregate(arguments: list[exp.Expr]) -> exp.Expr:
    reduced = fill("list_reduce(:1, :2, :3)", arguments[0], arguments[2], arguments[1])
    if len(arguments) < 4 or not isinstance(arguments[3], exp.Lambda):
        return reduced
    return fill("list_extract(list_transform([:1], :2), 1)", reduced, arguments[3])


def _over_map(wanted: str) -> Callable[[list[exp.Expr]], exp.Expr]:
    """A function of (key, value), asked of every entry."""

    def build(arguments: list[exp.Expr]) -> exp.Expr:
        whole, function = arguments
        if not isinstance(function, exp.Lambda) or len(function.expressions) != 2:
            raise ValueError("a function of two is needed")
        key, value = (one.name for one in function.expressions)
        body = function.this.copy()
        for one in list(body.find_all(exp.Identifier)):
            if one.name in (key, value) and not isinstance(one.parent, exp.Dot):
                part = fill("struct_extract(e__, '" + ("key" if one.name == key else "value") + "')")
                (one.parent if isinstance(one.parent, exp.Column) else one).replace(part)
        each = exp.Lambda(this=fill(wanted, body), expressions=[exp.to_identifier("e__")])
        kind = "list_filter" if wanted == ":1" else "list_transform"
        return call("map_from_entries", call(kind, call("map_entries", whole.copy()), each))

    return build


def _any_match(wanted: str) -> Callable[[list[exp.Expr]], exp.Expr]:
    def build(arguments: list[exp.Expr]) -> exp.Expr:
        return fill(wanted, *arguments)

    return build


def _map_concat(arguments: list[exp.Expr]) -> exp.Expr:
    return call("map_concat", *arguments)


def _size(arguments: list[exp.Expr]) -> exp.Expr:
    return fill("CAST(cardinality(:1) AS INTEGER)", *arguments)


BUILDERS = {
    "array": _array,
    "map": _map,
    "struct": lambda arguments: _pack([f"col{place + 1}" for place in range(len(arguments))], arguments),
    "named_struct": lambda arguments: _pack([one.name for one in arguments[::2]], arguments[1::2]),
    "size": _size,
    "cardinality": _size,
    "array_concat": lambda arguments: call("list_concat", *arguments),
    "aggregate": _aggregate,
    "reduce": _aggregate,
    "array_reduce": _aggregate,
    "map_concat": _map_concat,
    "map_filter": _over_map(":1"),
    "transform_values": _over_map("{'key': struct_extract(e__, 'key'), 'value': :1}"),
    "transform_keys": _over_map("{'key': :1, 'value': struct_extract(e__, 'value')}"),
    "any_match": _any_match("coalesce(list_bool_or(list_transform(:1, :2)), false)"),
    "all_match": _any_match("coalesce(list_bool_and(list_transform(:1, :2)), true)"),
    "map_contains_key": lambda arguments: fill("list_contains(map_keys(:1), :2)", *arguments),
}
