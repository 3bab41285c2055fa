"""A query, resolved against the catalogue and put into the engine's SQL."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from sqlglot import exp

from openyun.services.maxcompute.language import problem, script
from openyun.services.maxcompute.language.catalog import Shape
from openyun.services.maxcompute.language.functions import macros
from openyun.services.maxcompute.language.translate import to_duckdb
from openyun.services.maxcompute.records import Table
from openyun.services.maxcompute.sql_errors import ParseProblem, SqlProblem, TableMissing, Unsupported

_DEEPEST_VIEWS = 16
_KINDS: dict[str, type[SqlProblem]] = {one.code: one for one in (ParseProblem, TableMissing)}

Resolve = Callable[[list[str], tuple[int, int]], Table]
"""The table that a name with one to three parts means. Raises TableMissing."""


class Translated(msgspec.Struct):
    sql: str
    macros: tuple[str, ...]
    """statements that must have run before it"""
    tables: dict[str, Table]
    """by the names that the SQL has for them"""


def translate(text: str, resolve: Resolve) -> Translated:
    """Raises SqlProblem."""
    found = _Found(resolve)
    try:
        sql = to_duckdb(found.expanded(_read(text), 0), found)
    except problem.SqlProblem as wrong:
        raise _told(wrong) from None
    return Translated(sql, tuple(macros(sql)), found.tables)


def _read(text: str) -> exp.Query:
    statements = script.parse(text)
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise ParseProblem("a query was expected")
    return statements[0]


def _told(wrong: problem.SqlProblem) -> SqlProblem:
    kind = _KINDS.get(wrong.code, SqlProblem)
    return kind(wrong.message.partition(" - ")[2] or wrong.message, (max(1, wrong.line), max(1, wrong.column)))


class _Found:
    """Satisfies Catalog: the tables that one query names, views put in place of their names beforehand."""

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve
        self._named: dict[tuple[str, ...], Table] = {}
        self.tables: dict[str, Table] = {}

    def find(self, name: tuple[str, ...]) -> Shape | None:
        table = self._named.get(name)
        if table is None:
            return None
        return Shape(
            name=_engine_name(table),
            columns=tuple((one.name, one.type) for one in (*table.columns, *table.partition_columns)),
            partition_columns=tuple(one.name for one in table.partition_columns),
        )

    def expanded(self, tree: exp.Query, depth: int) -> exp.Query:
        if depth > _DEEPEST_VIEWS:
            raise SqlProblem("views are nested too deeply")
        local = {one.alias.lower() for one in tree.find_all(exp.CTE)}
        for node in list(tree.find_all(exp.Table)):
            if not isinstance(node.this, exp.Identifier):
                raise Unsupported(f"the table function {node.this.sql()}", _place(node))
            parts = [part.name for part in node.parts]
            if len(parts) == 1 and parts[0].lower() in local:
                continue
            table = self._resolve(parts, _place(node))
            if table.view_text:
                inner = self.expanded(_read(table.view_text), depth + 1)
                _rename(inner, [one.name for one in table.columns])
                _replace(node, inner)
            else:
                self._named[tuple(part.lower() for part in parts)] = table
                self.tables[_engine_name(table)] = table
        return tree


def _engine_name(table: Table) -> str:
    return f"{table.project}.{table.schema}.{table.name}".lower()


def _place(node: exp.Table) -> tuple[int, int]:
    """Line and column where a table's name begins."""
    for part in node.parts:
        if "line" in part.meta:
            return int(part.meta["line"]), max(1, int(part.meta["col"]) - len(part.name) + 1)
    return 1, 1


def _replace(node: exp.Table, query: exp.Query) -> None:
    alias = node.args.get("alias") or exp.TableAlias(this=exp.to_identifier(node.name, quoted=True))
    made = exp.Subquery(this=query, alias=alias)
    for key in ("joins", "laterals", "pivots", "sample"):
        if node.args.get(key):
            made.set(key, node.args[key])
    node.replace(made)


def _rename(tree: exp.Query, names: list[str]) -> None:
    """The columns of a view have the view's names."""
    select: exp.Expr = tree
    while isinstance(select, exp.SetOperation | exp.Subquery):
        select = select.this
    if isinstance(select, exp.Select) and len(select.expressions) == len(names):
        named = zip(select.expressions, names, strict=True)
        select.set("expressions", [exp.alias_(one.unalias(), name, quoted=True, copy=False) for one, name in named])
