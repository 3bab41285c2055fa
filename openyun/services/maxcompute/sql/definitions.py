"""Statements, as they were read."""

from __future__ import annotations

import msgspec

from openyun.services.maxcompute.records import Column

Name = tuple[str, ...]
"""one to three parts: project, schema, table"""
Spec = tuple[tuple[str, str | None], ...]
"""partition columns with their values; None is found in the rows"""


class Statement(msgspec.Struct, kw_only=True):
    place: tuple[int, int] = (1, 1)


class Query(Statement, kw_only=True):
    text: str
    """with blanks before it, so that lines and columns are the script's"""


class Insert(Statement, kw_only=True):
    table: Name
    spec: Spec = ()
    columns: tuple[str, ...] = ()
    overwrite: bool = False
    query: str


class CreateTable(Statement, kw_only=True):
    table: Name
    if_not_exists: bool = False
    columns: list[Column] = []
    partition_columns: list[Column] = []
    primary_key: list[str] = []
    comment: str = ""
    lifecycle: int = 0
    properties: dict[str, str] = {}
    like: Name = ()
    query: str = ""


class CreateView(Statement, kw_only=True):
    view: Name
    replace: bool = False
    if_not_exists: bool = False
    columns: tuple[str, ...] = ()
    comment: str = ""
    query: str


class Drop(Statement, kw_only=True):
    kind: str
    """`TABLE`, `VIEW` or `SCHEMA`"""
    name: Name
    if_exists: bool = False


class Truncate(Statement, kw_only=True):
    table: Name
    spec: Spec = ()


class AddPartitions(Statement, kw_only=True):
    table: Name
    specs: list[Spec]
    if_not_exists: bool = False


class DropPartitions(Statement, kw_only=True):
    table: Name
    specs: list[Spec]
    if_exists: bool = False


class Alter(Statement, kw_only=True):
    """One change of a table's own facts."""

    table: Name
    rename_to: str = ""
    comment: str | None = None
    lifecycle: int | None = None
    properties: dict[str, str] = {}
    add: list[Column] = []
    change: tuple[str, Column] | None = None
    drop: list[str] = []
    touch: bool = False


class CreateSchema(Statement, kw_only=True):
    name: Name
    if_not_exists: bool = False
    comment: str = ""


class SetFlag(Statement, kw_only=True):
    name: str
    value: str


class Show(Statement, kw_only=True):
    """`DESC t`, `SHOW PARTITIONS t`, `SHOW CREATE TABLE t`, `SHOW TABLES`, `SHOW SCHEMAS`."""

    what: str
    name: Name = ()
    spec: Spec = ()
    like: str = ""
