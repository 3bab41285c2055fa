"""LATERAL VIEW and table functions in SELECT: rows out of arrays and maps."""

from __future__ import annotations

from sqlglot import exp

from openyun.services.maxcompute.language.inference import Known
from openyun.services.maxcompute.language.template import fill, number

TABLE_FUNCTIONS = frozenset(("explode", "posexplode", "inline", "json_tuple", "stack", "explode_outer"))


def is_table_function(value: exp.Expr | None) -> bool:
    return isinstance(value, exp.Anonymous) and value.name.lower() in TABLE_FUNCTIONS


def spread(function: exp.Expr, names: list[str], known: Known) -> list[exp.Expr]:
    """The columns of a table function, as items of a SELECT."""
    kind = function.name.lower().removesuffix("_outer")
    arguments = function.expressions
    if kind == "json_tuple":
        values = [fill("mc_json_tuple(:1, :2)", arguments[0], key) for key in arguments[1:]]
        default = [f"c{place}" for place in range(len(values))]
    elif kind == "stack":
        rows = int(arguments[0].name)
        width = -(-(len(arguments) - 1) // rows)
        cells = [*arguments[1:], *[exp.null() for _ in range(rows * width + 1 - len(arguments))]]
        columns = [exp.Array(expressions=[cell.copy() for cell in cells[n::width]]) for n in range(width)]
        values = [fill("unnest(:1)", column) for column in columns]
        default = [f"col{place}" for place in range(width)]
    elif kind == "inline":
        each = "unnest(list_transform(:1, lambda e: struct_extract_at(e, {0})))"
        values = [fill(each.format(place), arguments[0]) for place in range(1, len(names) + 1)]
        default = names
    else:
        wanted = len(names) - (kind == "posexplode")
        if wanted == 2 or (not names and known.of(arguments[0]) == "map"):
            values = [fill("unnest(map_keys(:1))", arguments[0]), fill("unnest(map_values(:1))", arguments[0])]
            default = ["key", "value"]
            length = fill("unnest(range(cardinality(:1)))", arguments[0])
        else:
            values = [fill("unnest(:1)", arguments[0])]
            default = ["col"]
            length = fill("unnest(range(len(:1)))", arguments[0])
        if kind == "posexplode":
            values, default = [length, *values], ["pos", *default]
    return [
        exp.alias_(value, name, quoted=True)
        for value, name in zip(values, names or default, strict=len(names) in (0, len(values)))
    ]


def rewrite_laterals(select: exp.Select, known: Known) -> None:
    laterals = select.args.get("laterals") or []
    if not laterals:
        return
    select.set("laterals", None)
    for lateral in laterals:
        alias = lateral.args["alias"]
        names = [column.name.lower() for column in alias.columns]
        items = spread(lateral.this, names, known)
        inner = exp.Subquery(this=exp.Select(expressions=items))
        name = exp.TableAlias(this=exp.to_identifier(alias.name.lower() or f"__lateral{number(0).name}", quoted=True))
        outer = bool(lateral.args.get("outer"))
        join = exp.Join(this=exp.Lateral(this=inner, alias=name))
        if outer:
            join.set("side", "LEFT")
            join.set("on", exp.true())
        else:
            join.set("kind", "CROSS")
        select.append("joins", join)


def rewrite_items(select: exp.Select, known: Known) -> None:
    """`SELECT explode(m) AS (k, v)`."""
    items: list[exp.Expr] = []
    for item in select.expressions:
        value = item.this if isinstance(item, (exp.Alias, exp.Aliases)) else item
        if not is_table_function(value):
            items.append(item)
            continue
        names = [one.name.lower() for one in item.aliases] if isinstance(item, exp.Aliases) else []
        if isinstance(item, exp.Alias):
            names = [item.alias.lower()]
        items.extend(spread(value, names, known))
    select.set("expressions", items)
