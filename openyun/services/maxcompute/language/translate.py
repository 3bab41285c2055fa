"""A parsed statement in DuckDB's words."""

from __future__ import annotations

from sqlglot import exp

from openyun.services.maxcompute.language.catalog import Catalog
from openyun.services.maxcompute.language.functions import translate_function
from openyun.services.maxcompute.language.inference import Known
from openyun.services.maxcompute.language.lateral import rewrite_items, rewrite_laterals
from openyun.services.maxcompute.language.operators import translate_operator
from openyun.services.maxcompute.language.problem import semantic_exception, table_not_found
from openyun.services.maxcompute.language.template import call, number


def to_duckdb(expression: exp.Expr, catalog: Catalog) -> str:
    """A query, or an expression, as DuckDB's SQL; `macros` of the text must exist before it runs. Raises SqlProblem."""
    try:
        return translated(expression, catalog).sql(dialect="duckdb", identify=True, comments=False)
    except RecursionError:
        raise semantic_exception("the statement is nested too deeply", *_place(expression)) from None


def translated(expression: exp.Expr, catalog: Catalog) -> exp.Expr:
    root = exp.Paren(this=expression.copy())
    known = Known()
    _name_tables(root, catalog, known)
    for identifier in root.find_all(exp.Identifier):
        identifier.set("this", identifier.name.lower())
    for select in list(root.find_all(exp.Select)):
        _rewrite_select(select, known)
    _name_columns(root.this)
    _rewrite_values(root, known)
    answer: exp.Expr = root.this
    return answer


def _name_tables(root: exp.Expr, catalog: Catalog, known: Known) -> None:
    shared = {cte.alias.lower() for cte in root.find_all(exp.CTE)}
    for table in list(root.find_all(exp.Table)):
        parts = tuple(part.name.lower() for part in table.parts if isinstance(part, exp.Identifier))
        if not parts or (len(parts) == 1 and parts[0] in shared):
            continue
        shape = catalog.find(parts)
        if shape is None:
            raise table_not_found(".".join(parts), *_place(table.parts[-1]))
        known.add(shape)
        if not table.args.get("alias"):
            table.set("alias", exp.TableAlias(this=exp.to_identifier(parts[-1], quoted=True)))
        for column in _columns_of(table, parts):
            column.set("table", exp.to_identifier(parts[-1], quoted=True))
            column.set("db", None)
            column.set("catalog", None)
        table.set("this", exp.to_identifier(shape.name, quoted=True))
        table.set("db", None)
        table.set("catalog", None)


def _columns_of(table: exp.Expr, parts: tuple[str, ...]) -> list[exp.Column]:
    """Columns that name the table in full: `project.table.column`."""
    if len(parts) == 1:
        return []
    scope = table.parent_select
    found = [] if scope is None else list(scope.find_all(exp.Column))
    return [one for one in found if one.args.get("db") and one.table.lower() == parts[-1]]


def _place(node: exp.Expr) -> tuple[int, int]:
    line, column = node.meta.get("line", 0), node.meta.get("col", 0)
    return line, max(0, column - len(node.name) + 1)


def _rewrite_select(select: exp.Select, known: Known) -> None:
    select.set("hint", None)
    if not select.expressions:
        raise semantic_exception("a query selects nothing", *_place(select))
    sort = select.args.get("sort")
    if sort is not None and not select.args.get("order"):
        # within one worker, which is all there is, that is the order of the whole
        select.set("order", exp.Order(expressions=sort.expressions))
    for key in ("sort", "cluster", "distribute"):
        select.set(key, None)
    rewrite_laterals(select, known)
    rewrite_items(select, known)
    _rewrite_group(select)
    _rewrite_sample(select)


def _rewrite_sample(select: exp.Select) -> None:
    for table in list(select.find_all(exp.Table, exp.Subquery)):
        sample = table.args.get("sample")
        if sample is None or table.parent_select is not select or sample.args.get("bucket_numerator") is None:
            continue
        table.set("sample", None)
        field = sample.args.get("bucket_field")
        value = exp.column(field.name, quoted=True) if field is not None else call("random")
        rows = exp.Mod(this=call("hash", value), expression=number(int(sample.args["bucket_denominator"].name)))
        wanted = exp.EQ(this=rows, expression=number(int(sample.args["bucket_numerator"].name) - 1))
        select.where(wanted, copy=False)


def _rewrite_group(select: exp.Select) -> None:
    """GROUPING SETS in Hive's way follows the keys that it is about; `WITH ROLLUP` likewise."""
    group = select.args.get("group")
    if group is None:
        return
    for key, kind in (("rollup", exp.Rollup), ("cube", exp.Cube)):
        found = group.args.get(key) or []
        if found and not found[0].expressions:
            group.set(key, [kind(expressions=group.expressions)])
            group.set("expressions", [])
    sets = group.args.get("grouping_sets") or []
    if sets:
        inside = {one.sql() for given in sets for one in given.find_all(exp.Column)}
        group.set("expressions", [one for one in group.expressions if one.sql() not in inside])
    keys: list[exp.Expr] = []
    for given in group.expressions:
        several = isinstance(given, (exp.Cube, exp.Rollup, exp.GroupingSets))
        keys.extend(given.find_all(exp.Column) if several else [given])
    for name in ("grouping_sets", "rollup", "cube"):
        for given in group.args.get(name) or []:
            keys.extend(one for one in given.find_all(exp.Column) if one not in keys)
    for column in list(select.find_all(exp.Column)):
        if column.name == "grouping__id":
            column.replace(exp.Anonymous(this="grouping_id", expressions=[key.copy() for key in keys]))


def _name_columns(statement: exp.Expr) -> None:
    """What has no name is `_c0`, `_c1`, ... by its place."""
    for select in list(statement.find_all(exp.Select)):
        for place, item in enumerate(list(select.expressions)):
            if not isinstance(item, (exp.Alias, exp.Aliases, exp.Column, exp.Dot)) and not item.is_star:
                item.replace(exp.alias_(item.copy(), f"_c{place}", quoted=True))


def _rewrite_values(root: exp.Expr, known: Known) -> None:
    """From the leaves up, so that each finds its arguments already in the engine's words, with the family of the type
    that they had."""
    nodes = list(root.walk(bfs=True))
    for node in reversed(nodes):
        if family := known.of(node):
            node.meta["family"] = family
    for node in reversed(nodes):
        if node is root or node.meta.get("engine"):
            continue
        made = translate_function(node) or translate_operator(node)
        if made is not None and made is not node:
            if before := node.meta.get("family"):
                made.meta.setdefault("family", before)
            node.replace(made)
