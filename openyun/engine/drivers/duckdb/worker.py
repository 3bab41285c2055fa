"""The process that runs queries: an order a line comes in, an answer a line goes out.

Every query has a database of its own, in memory, which may read the files of its sources and write into its directory
and can do nothing else outside: no other file, no network, no extension, and its settings are locked.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import duckdb
import msgspec

from openyun.engine.data_type import BadType, parse
from openyun.engine.drivers.duckdb.engine import Answer, Order
from openyun.engine.drivers.duckdb.types import of_duckdb, quoted, to_duckdb
from openyun.engine.query import Field, Output, Query, QueryProblem, Source, Written

_NULL = "__HIVE_DEFAULT_PARTITION__"


def main() -> None:
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    for line in sys.stdin.buffer:
        order = msgspec.json.decode(line, type=Order)
        try:
            answer = Answer(run(order.query, Path(order.directory)))
        except (duckdb.Error, QueryProblem, BadType) as problem:
            answer = Answer(problem=str(problem))
        sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
        sys.stdout.buffer.flush()


def _end_with(server: int) -> None:
    """A query is for nobody when the server is gone. (The kernel's own signal for this goes by threads.)"""
    while os.getppid() == server:
        time.sleep(1)
    os._exit(1)


def run(query: Query, directory: Path) -> Output:
    with duckdb.connect() as database:
        _confine(database, query, directory)
        for source in query.sources:
            database.execute(_view(database, source))
        relation = database.sql(query.sql)
        found = list(zip(relation.columns, relation.types, strict=True))
        if query.target is None:
            fields = tuple(Field(name, str(of_duckdb(type_))) for name, type_ in found)
            partitioned_by: tuple[str, ...] = ()
        else:
            fields, partitioned_by = query.target.fields, query.target.partitioned_by
            if len(fields) != len(found):
                raise QueryProblem(f"column count: expected {len(fields)} but was {len(found)}")
        return Output(fields=fields, files=tuple(_write(database, query.sql, fields, partitioned_by, directory)))


def _confine(database: duckdb.DuckDBPyConnection, query: Query, directory: Path) -> None:
    database.execute(f"SET TimeZone = {_literal(query.time_zone)}")
    database.execute(f"SET memory_limit = '{query.memory // 1024}KiB'")
    database.execute(f"SET temp_directory = {_literal(str(directory / 'spill'))}")
    database.execute("SET preserve_insertion_order = true")
    database.execute("SET default_null_order = 'nulls_first_on_asc_last_on_desc'")
    for definition in query.definitions:
        database.execute(definition)
    files = ", ".join(_literal(path) for source in query.sources for path in source.files)
    database.execute(f"SET allowed_paths = [{files}]")
    database.execute(f"SET allowed_directories = [{_literal(str(directory))}]")
    database.execute("SET enable_external_access = false")
    database.execute("SET lock_configuration = true")


def _view(database: duckdb.DuckDBPyConnection, source: Source) -> str:
    """The source by its name, with the types that a session has."""
    typed = [(field, to_duckdb(parse(field.type))) for field in source.fields]
    if not source.files:
        columns = ", ".join(f"CAST(NULL AS {type_}) AS {quoted(field.name)}" for field, type_ in typed)
        return f"CREATE VIEW {quoted(source.name)} AS SELECT {columns} WHERE false"
    files = f"read_parquet([{', '.join(map(_literal, source.files))}], union_by_name = true)"
    there = {name.lower() for name in database.sql(f"SELECT * FROM {files} LIMIT 0").columns}  # noqa: S608  all parts are quoted
    columns = ", ".join(
        f"CAST({quoted(field.stored or field.name) if (field.stored or field.name).lower() in there else 'NULL'} "
        f"AS {type_}) AS {quoted(field.name)}"
        for field, type_ in typed
    )
    return f"CREATE VIEW {quoted(source.name)} AS SELECT {columns} FROM {files}"  # noqa: S608  all parts are quoted


def _write(
    database: duckdb.DuckDBPyConnection,
    sql: str,
    fields: tuple[Field, ...],
    partitioned_by: tuple[str, ...],
    directory: Path,
) -> Iterable[Written]:
    numbered = ", ".join(f"c{number}" for number in range(len(fields)))
    cast = ", ".join(_cast(number, field) for number, field in enumerate(fields))
    selected = f"SELECT {cast} FROM ({sql}) AS rows({numbered})"  # noqa: S608  a query is what it is for
    options = "FORMAT parquet, COMPRESSION zstd, RETURN_STATS true"
    if not partitioned_by:
        path = str(directory / "rows.parquet")
        stats = database.execute(f"COPY ({selected}) TO {_literal(path)} ({options})").fetchall()
        yield Written(path=path, records=sum(row[1] for row in stats))
        return
    by = ", ".join(map(quoted, partitioned_by))
    target = directory / "parts"
    stats = database.execute(
        f"COPY ({selected}) TO {_literal(str(target))} "
        f"({options}, PARTITION_BY ({by}), WRITE_PARTITION_COLUMNS true, FILENAME_PATTERN 'rows_{{uuid}}')"
    ).fetchall()
    for row in stats:
        parts = Path(row[0]).relative_to(target).parts[:-1]
        values = [unquote(one.partition("=")[2]) for one in parts]
        yield Written(path=row[0], records=row[1], partition=tuple(None if v == _NULL else v for v in values))


def _cast(number: int, field: Field) -> str:
    type_ = parse(field.type)
    value = f"CAST(c{number} AS {to_duckdb(type_)})"
    if type_.name in ("varchar", "char") and type_.sizes:
        value = f"left({value}, {type_.sizes[0]})"
    stored = to_duckdb(type_, stored=True)
    if stored != to_duckdb(type_):
        value = f"CAST({value} AS {stored})"
    return f"{value} AS {quoted(field.stored or field.name)}"


def _literal(value: Any) -> str:
    return "'" + str(value).replace("'", "''") + "'"


if __name__ == "__main__":
    main()
