"""TPC-H's and TPC-DS's queries, put into Hive's syntax, translated by us, and compared with DuckDB's own answers.

Their texts and data come from DuckDB's extensions of these names, which are packages on PyPI for one version of DuckDB
(`duckdb==1.5.5 duckdb-extension-tpch==1.5.5 duckdb-extension-tpcds==1.5.5`). OPENYUN_TPC_PYTHON names an interpreter
that has them.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

duckdb = pytest.importorskip("duckdb")
pytest.importorskip("sqlglot")

_PYTHON = os.environ.get("OPENYUN_TPC_PYTHON", "")
_MAKE = """
import glob, json, sys, duckdb
name, maker, target = sys.argv[1:]
package = __import__(f"duckdb_extension_{name}").__path__[0]
made = duckdb.connect(config={"allow_unsigned_extensions": "true"})
made.execute(f"LOAD '{glob.glob(package + '/**/*.duckdb_extension', recursive=True)[0]}'")
made.execute(f"CALL {maker}(sf=0.01)")
for (table,) in made.execute("SELECT table_name FROM information_schema.tables").fetchall():
    made.execute(f"COPY {table} TO '{target}/{table}.parquet'")
queries = made.execute(f"SELECT query FROM {name}_queries() ORDER BY query_nr").fetchall()
json.dump([query for (query,) in queries], open(target + "/queries.json", "w"))
"""

pytestmark = pytest.mark.skipif(not _PYTHON, reason="OPENYUN_TPC_PYTHON names no interpreter with DuckDB's extensions")


@pytest.mark.parametrize(("name", "maker", "wanted"), [("tpch", "dbgen", 22), ("tpcds", "dsdgen", 99)])
def test_answers_are_the_engines_own(tmp_path: Path, name: str, maker: str, wanted: int) -> None:
    from sqlglot import transpile

    from openyun.engine.drivers.duckdb.types import of_duckdb
    from openyun.services.maxcompute.language import Shape
    from openyun.services.maxcompute.language.functions import macros
    from openyun.services.maxcompute.language.script import parse
    from openyun.services.maxcompute.language.translate import to_duckdb

    subprocess.run([_PYTHON, "-c", _MAKE, name, maker, str(tmp_path)], check=True)
    shapes = {}
    with duckdb.connect() as database:
        for file in tmp_path.glob("*.parquet"):
            database.execute(f"CREATE TABLE {file.stem} AS FROM '{file}'")
            table = database.table(file.stem)
            columns = tuple((n, str(of_duckdb(t))) for n, t in zip(table.columns, table.types, strict=True))
            shapes[(file.stem,)] = Shape(name=file.stem, columns=columns)

        class Catalog:
            def find(self, name: tuple[str, ...]) -> Shape | None:
                return shapes.get(name)

        different = []
        queries = json.loads((tmp_path / "queries.json").read_text())
        for number, query in enumerate(queries, 1):
            (ours,) = parse(transpile(query, read="duckdb", write="hive")[0])
            sql = to_duckdb(ours, Catalog())
            for macro in macros(sql):
                database.execute(macro)
            if not _equal(_answer(database, query), _answer(database, sql)):
                different.append(number)
    assert len(queries) == wanted
    assert different == []


def _answer(database: Any, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    rows = database.execute(sql).fetchall()
    return [str(column[1]) for column in database.description], rows


def _equal(one: tuple[list[str], list[Any]], other: tuple[list[str], list[Any]]) -> bool:
    """Types, order and values; sums of doubles may differ in the last digits."""
    return one[0] == other[0] and len(one[1]) == len(other[1]) and all(map(_alike, one[1], other[1]))


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(_alike, one, other))
    if isinstance(one, float | Decimal) and isinstance(other, float | Decimal):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
    same: bool = one == other
    return same
