"""What the translation must know of tables: who has them implements `Catalog`.

for statement in parse(text):
    sql = to_duckdb(statement, catalog)
    for macro in macros(sql):
        database.execute(macro)
    database.execute(sql)
"""

from __future__ import annotations

from typing import Protocol

import msgspec


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """A table or view as a query sees it."""

    name: str
    """what the engine calls it; one name, without dots"""
    columns: tuple[tuple[str, str], ...]
    """(name, MaxCompute's type), partition columns last"""
    partition_columns: tuple[str, ...] = ()


class Catalog(Protocol):
    def find(self, name: tuple[str, ...]) -> Shape | None:
        """By the parts of its name, in lower case, as the query wrote them: 1 (table), 2 or 3 (project, schema,
        table). None: there is no such table."""
        ...
