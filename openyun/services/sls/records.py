"""What the log service keeps: the shape of its state at a glance."""

from __future__ import annotations

from typing import Any, ClassVar

from openyun.state import Indexes, Record


class LogProject(Record, kw_only=True):
    TABLE: ClassVar[str] = "log_project"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    INDEXES: ClassVar[Indexes] = (("account_id",),)

    name: str
    account_id: str
    description: str = ""
    resource_group_id: str = ""
    created_at: int
    """seconds since the epoch, as all times of this service"""
    modified_at: int


class LogStore(Record, kw_only=True):
    TABLE: ClassVar[str] = "log_store"
    KEY: ClassVar[tuple[str, ...]] = ("project", "name")
    INDEXES: ClassVar[Indexes] = (("id",),)

    project: str
    name: str
    id: str
    """what its logs are kept under: a new one for each logstore, even of the same name"""
    ttl: int
    """days; 3650: for ever"""
    shards: int
    append_meta: bool = False
    auto_split: bool = False
    max_split_shard: int = 0
    mode: str = "standard"
    index: dict[str, Any] | None = None
    """as it was given"""
    index_modified_at: int = 0
    last_sequence: int = 0
    created_at: int
    modified_at: int


class LogBatch(Record, kw_only=True):
    """Logs that came together."""

    TABLE: ClassVar[str] = "log_batch"
    KEY: ClassVar[tuple[str, ...]] = ("store_id", "sequence")
    INDEXES: ClassVar[Indexes] = (("store_id", "shard", "sequence"), ("blob_id",))

    store_id: str
    sequence: int
    """microseconds since the epoch when it was received, and never twice in a logstore"""
    shard: int
    first_time: int
    last_time: int
    """of its logs"""
    count: int
    size: int
    """bytes of the LogGroup"""
    client_ip: str = ""
    """whose it was; empty unless the logstore wants such to be told"""
    blob_id: str = ""
    """where its bytes are; empty: in a LogData"""


class LogData(Record, kw_only=True):
    """The bytes of a small batch: a deflated LogGroup."""

    TABLE: ClassVar[str] = "log_data"
    KEY: ClassVar[tuple[str, ...]] = ("store_id", "sequence")
    PACKED: ClassVar[bool] = True

    store_id: str
    sequence: int
    data: bytes
