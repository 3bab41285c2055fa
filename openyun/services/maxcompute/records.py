"""What MaxCompute keeps, in a region's state. The bytes of tables are Parquet files in the blob engine; a `DataFile`
says that one of them is a part of a table, so a table is, at any moment, what one transaction reads of these rows."""

from __future__ import annotations

from typing import ClassVar, Literal

import msgspec

from openyun.state import Indexes, Record

Status = Literal["Waiting", "Running", "Success", "Failed", "Cancelled"]


class Project(Record, kw_only=True):
    TABLE: ClassVar[str] = "odps_project"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    INDEXES: ClassVar[Indexes] = (("account_id", "name"),)

    name: str
    account_id: str
    comment: str = ""
    properties: dict[str, str] = {}
    created_at: int
    modified_at: int = 0


class Schema(Record, kw_only=True):
    """One that was created; `default` is not kept, for it is always there."""

    TABLE: ClassVar[str] = "odps_schema"
    KEY: ClassVar[tuple[str, ...]] = ("project", "name")

    project: str
    name: str
    owner: str
    comment: str = ""
    created_at: int
    modified_at: int = 0


class Column(msgspec.Struct, kw_only=True, omit_defaults=True):
    name: str
    type: str
    """as MaxCompute writes it, in lower case"""
    comment: str = ""
    nullable: bool = True
    default: str = ""
    field: str = ""
    """its name in the files, where a renaming made it another"""

    @property
    def stored(self) -> str:
        return self.field or self.name


class Table(Record, kw_only=True):
    TABLE: ClassVar[str] = "odps_table"
    KEY: ClassVar[tuple[str, ...]] = ("project", "schema", "name")
    INDEXES: ClassVar[Indexes] = (("id",),)

    project: str
    schema: str
    name: str
    id: str
    owner: str
    columns: list[Column]
    partition_columns: list[Column] = []
    comment: str = ""
    lifecycle: int = 0
    """days; 0 for ever"""
    transactional: bool = False
    primary_key: list[str] = []
    properties: dict[str, str] = {}
    view_text: str = ""
    """of a view: its query"""
    created_at: int
    altered_at: int
    modified_at: int
    version: int = 0
    """counts the changes of its data"""


class Partition(Record, kw_only=True):
    TABLE: ClassVar[str] = "odps_partition"
    KEY: ClassVar[tuple[str, ...]] = ("table_id", "spec")

    table_id: str
    spec: str
    """`a=1/b=x`"""
    values: list[str]
    created_at: int
    altered_at: int
    modified_at: int


class DataFile(Record, kw_only=True):
    """A Parquet file of a table, or of a partition of it. A removed one stays for readers under way."""

    TABLE: ClassVar[str] = "odps_data_file"
    KEY: ClassVar[tuple[str, ...]] = ("blob_id",)
    INDEXES: ClassVar[Indexes] = (("table_id", "removed_at", "partition"), ("removed_at",))

    blob_id: str
    table_id: str
    partition: str = ""
    records: int
    size: int
    added_in: int
    """the table's version that brought it"""
    removed_in: int = 0
    removed_at: int = 0
    """0 while it is current"""


class Job(Record, kw_only=True):
    """An instance: a job that was submitted."""

    TABLE: ClassVar[str] = "odps_job"
    KEY: ClassVar[tuple[str, ...]] = ("id",)
    INDEXES: ClassVar[Indexes] = (("status",), ("project", "created_at"), ("blob_id",))

    id: str
    project: str
    account_id: str
    owner: str
    task: str
    """name of its task"""
    query: str
    settings: dict[str, str] = {}
    priority: int = 9
    source: str
    """the XML that was submitted"""
    schema: str = ""
    """where it looks for names without one"""
    status: Status = "Waiting"
    stopping: bool = False
    attempts: int = 0
    done: int = 0
    """statements of it that have had their effect"""
    created_at: int
    started_at: int = 0
    ended_at: int = 0
    text: str = ""
    """the result of a statement that is no query, or the error"""
    columns: list[tuple[str, str]] = []
    """of a query's result"""
    blob_id: str = ""
    records: int = 0
    scanned: int = 0
    """bytes of the files that it read"""


class Session(Record, kw_only=True):
    """A tunnel session. What is read stays as it was when the session began."""

    TABLE: ClassVar[str] = "odps_session"
    INDEXES: ClassVar[Indexes] = (("created_at",),)

    id: str
    kind: Literal["upload", "table", "instance"]
    status: str = "NORMAL"
    project: str
    table_id: str = ""
    job_id: str = ""
    partition: str = ""
    overwrite: bool = False
    columns: list[Column] = []
    partition_columns: list[Column] = []
    files: list[str] = []
    records: int = 0
    created_at: int


class Block(Record, kw_only=True):
    """A part of an upload that has come."""

    TABLE: ClassVar[str] = "odps_block"
    KEY: ClassVar[tuple[str, ...]] = ("session_id", "number")
    INDEXES: ClassVar[Indexes] = (("blob_id",),)

    session_id: str
    number: int
    blob_id: str
    """empty where it has no rows"""
    records: int
    size: int
