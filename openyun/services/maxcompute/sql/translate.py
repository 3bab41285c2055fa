"""A query, resolved against the catalogue and put into the engine's SQL."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from sqlglot import exp
from sqlglot.errors import ParseError, TokenError, UnsupportedError

from openyun.services.maxcompute.records import Table
from openyun.services.maxcompute.sql.dialect import MaxCompute
from openyun.services.maxcompute.sql.duckdb import OWN, DuckDbOfMaxCompute, place
from openyun.services.maxcompute.sql_errors import ParseProblem, SqlProblem, Unsupported

_DEEPEST_VIEWS = 16

Resolve = Callable[[list[str], tuple[int, int]], Table]
"""The table that a name with one to three parts means. Raises TableMissing."""


class Translated(msgspec.Struct):
    sql: str
    tables: dict[str, Table]
    """by the names that the SQL has for them"""


def translate(text: str, resolve: Resolve) -> Translated:
    """Raises SqlProblem."""
    tables: dict[str, Table] = {}
    tree = _resolved(read_query(text), resolve, tables, 0)
    _name_outputs(tree)
    try:
        sql = DuckDbOfMaxCompute().generate(tree)
    except UnsupportedError as problem:
        raise Unsupported(str(problem)) from None
    return Translated(sql, tables)


def read_query(text: str) -> exp.Query:
    """Raises ParseProblem."""
    try:
        trees = MaxCompute().parse(text)
    except ParseError as problem:
        first = problem.errors[0] if problem.errors else {}
        where = (
            int(first.get("line") or 1),
            max(1, int(first.get("col") or 1) - len(first.get("highlight") or "") + 1),
        )
        raise ParseProblem(f"invalid token '{first.get('highlight', '')}'", where) from None
    except TokenError as problem:
        raise ParseProblem(str(problem).partition("\n")[0]) from None
    except RecursionError:
        raise ParseProblem("the query is nested too deeply") from None
    if len(trees) != 1 or not isinstance(trees[0], exp.Query):
        raise ParseProblem("a query was expected")
    return trees[0]


def _resolved(tree: exp.Query, resolve: Resolve, tables: dict[str, Table], depth: int) -> exp.Query:
    if depth > _DEEPEST_VIEWS:
        raise SqlProblem("views are nested too deeply")
    local = {one.alias.lower() for one in tree.find_all(exp.CTE)}
    for node in list(tree.find_all(exp.Table)):
        if not isinstance(node.this, exp.Identifier):
            raise Unsupported(f"the table function {node.this.sql()}", place(node))
        parts = [part.name for part in node.parts]
        if len(parts) == 1 and parts[0].lower() in local:
            continue
        table = resolve(parts, place(node))
        alias = node.args.get("alias") or exp.TableAlias(this=exp.to_identifier(parts[-1], quoted=True))
        if table.view_text:
            inner = _resolved(read_query(table.view_text), resolve, tables, depth + 1)
            _name_outputs(inner, [one.name for one in table.columns])
            node.replace(exp.Subquery(this=inner, alias=alias))
            continue
        name = f"{table.project}.{table.schema}.{table.name}"
        tables[name] = table
        replaced = exp.Table(this=exp.to_identifier(name, quoted=True), alias=alias)
        for key in ("joins", "laterals", "sample"):
            replaced.set(key, node.args.get(key))
        node.replace(replaced)
    for select in list(tree.find_all(exp.Select)):
        _plain(select)
    return tree


def _plain(select: exp.Select) -> None:
    """Without what only tells how to do it, and with lateral views as joins."""
    for key in ("hint", "distribute", "sort", "cluster"):
        select.set(key, None)
    laterals = select.args.get("laterals") or []
    select.set("laterals", [])
    for lateral in laterals:
        select.append("joins", _join(lateral))
    _roll_up(select.args.get("group"))


def _roll_up(group: exp.Expr | None) -> None:
    """`GROUP BY a, b WITH ROLLUP` is `GROUP BY ROLLUP (a, b)`."""
    if group is None:
        return
    for key in ("rollup", "cube"):
        for one in group.args.get(key) or []:
            if not one.expressions:
                one.set("expressions", group.expressions)
                group.set("expressions", [])


def _join(lateral: exp.Lateral) -> exp.Join:
    call = lateral.this
    value = call.this
    alias = lateral.args["alias"]
    names = [one.name for one in alias.args.get("columns") or []]
    unnested: list[exp.Expr]
    if isinstance(call, exp.Posexplode):
        names = names or ["pos", "col"]
        unnested = [_unnest(_own("range", _own("len", value)), names[0])]
        if len(names) == 3:
            unnested += _of_map(value, names[1:])
        else:
            unnested.append(_unnest(value, names[1]))
    elif isinstance(call, exp.Explode):
        unnested = _of_map(value, names) if len(names) == 2 else [_unnest(value, (names or ["col"])[0])]
    else:
        raise Unsupported(f"LATERAL VIEW {call.sql()}", place(call))
    inner = exp.Select(expressions=unnested).subquery(alias.name, copy=False)
    joined = exp.Lateral(this=inner.this.subquery(copy=False), alias=exp.TableAlias(this=exp.to_identifier(alias.name)))
    if lateral.args.get("outer"):
        return exp.Join(this=joined, side="LEFT", on=exp.true())
    return exp.Join(this=joined, kind="CROSS")


def _own(name: str, value: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=OWN + name, expressions=[value.copy()])


def _unnest(value: exp.Expr, name: str) -> exp.Expr:
    made: exp.Expr = exp.alias_(_own("unnest", value), name, copy=False)
    return made


def _of_map(value: exp.Expr, names: list[str]) -> list[exp.Expr]:
    keys, values = (_own(name, value) for name in ("map_keys", "map_values"))
    return [_unnest(keys, names[0]), _unnest(values, names[1])]


def _name_outputs(tree: exp.Query, names: list[str] | None = None) -> None:
    """Columns of the result that have no name are _c0, _c1, ...; a view's have the view's names."""
    select = tree
    while isinstance(select, exp.SetOperation | exp.Subquery):
        select = select.this
    if not isinstance(select, exp.Select):
        return
    outputs = []
    for number, one in enumerate(select.expressions):
        if names and len(names) == len(select.expressions):
            outputs.append(exp.alias_(one.unalias(), names[number], quoted=True, copy=False))
        elif isinstance(one, exp.Alias | exp.Aliases | exp.Column | exp.Star) or one.is_star:
            outputs.append(one)
        else:
            outputs.append(exp.alias_(one, f"_c{number}", copy=False))
    select.set("expressions", outputs)
