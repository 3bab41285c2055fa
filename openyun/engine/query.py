"""What answers SQL over tables of Parquet files.

The engine knows nothing of catalogues or commits: it reads the files it is given and writes new ones into a directory.
Who asked makes them part of a table, or not. So a query that is killed has had no effect, whatever engine runs it.
"""

from __future__ import annotations

from pathlib import Path
from threading import Event
from typing import Protocol

import msgspec


class QueryProblem(Exception):
    """The statement cannot be done; the text is for its author."""


class QueryCancelled(Exception):
    """It was stopped, as asked."""


class QueryEngineBroke(Exception):
    """The engine ended without an answer: out of memory, or killed."""


class Field(msgspec.Struct, frozen=True):
    name: str
    type: str
    """see `data_type`"""
    stored: str = ""
    """its name in the files, if another"""


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A table that a query reads, by the name that the query has for it."""

    name: str
    fields: tuple[Field, ...]
    files: tuple[str, ...]
    """paths; a file may lack fields, which then are NULL"""


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """The shape in which rows are written: the query's columns, in order, become these."""

    fields: tuple[Field, ...]
    partitioned_by: tuple[str, ...] = ()
    """names of fields; rows that differ in them go to different files"""


class Query(msgspec.Struct, frozen=True, kw_only=True):
    sql: str
    """one query, in the engine's dialect"""
    definitions: tuple[str, ...] = ()
    """statements, such as macros, that it needs to have run before"""
    sources: tuple[Source, ...] = ()
    target: Target | None = None
    """None to write the result as it is"""
    time_zone: str = "UTC"
    memory: int = 0
    """bytes that it may use before it spills or fails; 0 for the driver's own limit"""


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A Parquet file that came of a query."""

    path: str
    records: int
    partition: tuple[str | None, ...] = ()
    """the values of `partitioned_by`"""


class Output(msgspec.Struct, frozen=True, kw_only=True):
    fields: tuple[Field, ...]
    files: tuple[Written, ...]

    @property
    def records(self) -> int:
        return sum(one.records for one in self.files)


class QueryEngine(Protocol):
    """Runs queries, each apart from the others and from the server."""

    dialect: str
    """the SQL that it takes, by sqlglot's name for it"""

    def run(self, query: Query, directory: Path, cancelled: Event) -> Output:
        """Waits. Raises QueryProblem, QueryCancelled, QueryEngineBroke; files in the directory are then of no use."""
        ...

    def close(self) -> None:
        """End what runs."""
        ...
