"""A DuckDB in memory that answers MaxCompute's SQL through the translation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

duckdb = pytest.importorskip("duckdb")
pytest.importorskip("sqlglot")

from openyun.services.maxcompute.language.catalog import Shape  # noqa: E402  needs the packages above

Rows = list[tuple[Any, ...]]
_TABLES = {
    "people": (
        (("id", "bigint"), ("name", "string"), ("pay", "decimal(10,2)"), ("born", "datetime"), ("dept", "string"),
         ("tags", "array<string>"), ("marks", "map<string,bigint>"), ("place", "struct<city:string,zip:bigint>"),
         ("text_number", "string"), ("day", "date")),
        "id BIGINT, name VARCHAR, pay DECIMAL(10,2), born TIMESTAMP, dept VARCHAR, tags VARCHAR[], "
        "marks MAP(VARCHAR, BIGINT), place STRUCT(city VARCHAR, zip BIGINT), text_number VARCHAR, day DATE",
        """(1, 'ann', 10.50, '2020-01-31 10:20:30', 'a', ['x', 'y'], MAP {'m': 5}, {'city': 'hz', 'zip': 310000},
            '10', '2020-01-31'),
           (2, 'bob', 20.25, '2021-02-28 00:00:00', 'a', ['z'], MAP {'m': 7, 'n': 1}, {'city': 'bj', 'zip': 100000},
            '9', '2021-02-28'),
           (3, 'eve', NULL, NULL, 'b', [], MAP {}, NULL, 'none', NULL)""",
    ),
}  # fmt: skip


class Tables:
    def find(self, name: tuple[str, ...]) -> Shape | None:
        if name[-1] not in _TABLES:
            return None
        return Shape(name=f"p.default.{name[-1]}", columns=_TABLES[name[-1]][0])


@pytest.fixture
def tables() -> Tables:
    return Tables()


@pytest.fixture(scope="module")
def database() -> Iterator[Any]:
    with duckdb.connect() as made:
        made.execute("SET TimeZone = 'Asia/Shanghai'")
        made.execute("SET default_null_order = 'nulls_first_on_asc_last_on_desc'")
        for name, (_, columns, rows) in _TABLES.items():
            made.execute(f'CREATE TABLE "p.default.{name}" ({columns})')
            made.execute(f'INSERT INTO "p.default.{name}" VALUES {rows}')
        yield made


@pytest.fixture
def answer(database: Any, tables: Tables) -> Callable[[str], Rows]:
    from openyun.services.maxcompute.language.functions import macros
    from openyun.services.maxcompute.language.script import parse
    from openyun.services.maxcompute.language.translate import to_duckdb

    def ask(text: str) -> Rows:
        (statement,) = parse(text)
        sql = to_duckdb(statement, tables)
        for macro in macros(sql):
            database.execute(macro)
        rows: Rows = database.execute(sql).fetchall()
        return rows

    return ask
