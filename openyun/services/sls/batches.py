"""Logs come and go in batches: written with PutLogs, read again, in the order in which they came, with PullLogs.

A batch is a row of an index, and bytes: those of a small one lie in state, those of a large one are a blob, written
before the row. What is acknowledged is durable.
"""

from __future__ import annotations

import base64
import zlib
from datetime import UTC, datetime

import msgspec

from openyun.operation import Call
from openyun.services.sls import log_group, log_stores
from openyun.services.sls.errors import (
    InvalidCursor,
    InvalidTimestamp,
    LogStoreWithoutShard,
    ParameterInvalid,
    PostBodyInvalid,
    PostBodyTooLarge,
)
from openyun.services.sls.log_group import LogGroup
from openyun.services.sls.records import LogBatch, LogData, LogStore
from openyun.services.sls.service import LogResponse, StoreRequest, sls
from openyun.state import Transaction

LARGEST_GROUP = 10 * 1024 * 1024
"""bytes of a LogGroup"""
SMALL = 16 * 1024
"""bytes, deflated, up to which a batch is kept in state"""
FUTURE = 15 * 60
"""seconds that a log may be ahead of the clock"""
_LONGEST_KEY = 128
_MOST_LOGS = 40960
_MICRO = 1_000_000


class Packed(msgspec.Struct, frozen=True, kw_only=True):
    """A LogGroup on its way into a logstore."""

    first_time: int
    last_time: int
    count: int
    size: int
    data: bytes = b""
    """deflated; empty where it is a blob"""
    blob_id: str = ""


def pack(raw: bytes) -> Packed:
    """Raises PostBodyInvalid, PostBodyTooLarge."""
    if len(raw) > LARGEST_GROUP:
        raise PostBodyTooLarge(size=len(raw), most=LARGEST_GROUP)
    try:
        group = log_group.decode(raw)
    except log_group.Malformed as problem:
        raise PostBodyInvalid(reason=f"the body is no LogGroup: {problem}") from None
    if len(group.logs) > _MOST_LOGS:
        raise PostBodyInvalid(reason=f"a LogGroup has at most {_MOST_LOGS} logs")
    if any(not key or len(key) > _LONGEST_KEY for log in group.logs for key, _ in log.contents):
        raise PostBodyInvalid(reason=f"a key has 1 to {_LONGEST_KEY} characters")
    times = [log.time for log in group.logs] or [0]
    return Packed(
        first_time=min(times),
        last_time=max(times),
        count=len(group.logs),
        size=len(raw),
        data=zlib.compress(raw, 1),
    )


class PutLogsRequest(StoreRequest, kw_only=True, rename="camel"):
    key: str = ""
    """the hash key that chooses the shard"""
    packed: Packed | None = None
    """made of the body"""


@sls.operation(
    resource="project/{project}/logstore/{logstore}",
    path="/logstores/{logstore}/shards/lb",
    method="POST",
    action="log:PostLogStoreLogs",
)
def put_logs(call: Call, ask: PutLogsRequest) -> LogResponse:
    store = log_stores.find(call, ask.project, ask.logstore)
    packed = ask.packed
    if packed is None:
        raise PostBodyInvalid(reason="there is no body")
    if packed.last_time > call.now.timestamp() + FUTURE:
        raise InvalidTimestamp
    if packed.count:
        append(call.state, store, packed, call.now, ask.key, call.source_ip)
    return LogResponse()


def append(
    state: Transaction, store: LogStore, packed: Packed, now: datetime, hash_key: str = "", client_ip: str = "-"
) -> None:
    """Raises ParameterInvalid."""
    store.last_sequence = max(store.last_sequence + 1, int(now.timestamp() * _MICRO))
    state.put(store)
    shard = log_stores.shard_of(store, hash_key) if hash_key else store.last_sequence % store.shards
    if not packed.blob_id:
        state.insert(LogData(store_id=store.id, sequence=store.last_sequence, data=packed.data))
    state.insert(
        LogBatch(
            store_id=store.id,
            sequence=store.last_sequence,
            shard=shard,
            first_time=packed.first_time,
            last_time=packed.last_time,
            count=packed.count,
            size=packed.size,
            client_ip=client_ip if store.append_meta else "",
            blob_id=packed.blob_id,
        )
    )


def deliver(state: Transaction, project: str, logstore: str, groups: list[LogGroup], now: datetime) -> bool:
    """What a service of this cloud logs for a customer; False if the logstore is gone. A group is to be of some
    hundred logs, not more, since it is kept in state."""
    store = state.get(LogStore, project, logstore)
    if store is None:
        return False
    for group in groups:
        append(state, store, pack(log_group.encode(group)), now)
    return True


def sequence_at(seconds: float) -> int:
    """Of the first batch that can have been received then."""
    return int(seconds * _MICRO)


def cursor_of(sequence: int) -> str:
    return base64.b64encode(str(sequence).encode()).decode()


def _sequence_of(cursor: str) -> int:
    """Raises InvalidCursor."""
    try:
        return int(base64.b64decode(cursor, validate=True))
    except ValueError:
        raise InvalidCursor(cursor=cursor) from None


class ShardRequest(StoreRequest, kw_only=True, rename="camel"):
    shard: int


def _shard(call: Call, ask: ShardRequest) -> LogStore:
    """Raises ShardNotExist and what `log_stores.find` raises."""
    store = log_stores.find(call, ask.project, ask.logstore)
    if not 0 <= ask.shard < store.shards:
        raise LogStoreWithoutShard(shard=ask.shard)
    return store


class GetCursorRequest(ShardRequest, kw_only=True, rename="camel"):
    from_: str = msgspec.field(name="from")
    """begin, end, or seconds since the epoch"""


class GetCursorResponse(LogResponse, kw_only=True, rename="camel"):
    cursor: str


_SHARD = "/logstores/{logstore}/shards/{shard}"
_RESOURCE = "project/{project}/logstore/{logstore}"
_READ = "log:GetCursorOrData"


@sls.operation(resource=_RESOURCE, path=_SHARD, method="GET", action=_READ)
def get_cursor(call: Call, ask: GetCursorRequest) -> GetCursorResponse:
    store = _shard(call, ask)
    if ask.from_ == "begin":
        wanted = 0
    elif ask.from_ == "end":
        wanted = store.last_sequence + 1
    elif ask.from_.isdecimal():
        wanted = int(ask.from_) * _MICRO
    else:
        raise ParameterInvalid(reason="from must be begin, end or a time in seconds")
    found = call.state.scan(LogBatch, "sequence", start=wanted, store_id=store.id, shard=ask.shard, limit=1)
    return GetCursorResponse(cursor=cursor_of(found[0].sequence if found else store.last_sequence + 1))


class GetCursorTimeRequest(ShardRequest, kw_only=True, rename="camel"):
    cursor: str


class GetCursorTimeResponse(LogResponse, kw_only=True, rename="camel"):
    cursor_time: int = msgspec.field(name="cursor_time")


@sls.operation(resource=_RESOURCE, path=_SHARD, method="GET", action=_READ)
def get_cursor_time(call: Call, ask: GetCursorTimeRequest) -> GetCursorTimeResponse:
    store = _shard(call, ask)
    wanted = _sequence_of(ask.cursor)
    found = call.state.scan(LogBatch, "sequence", start=wanted, store_id=store.id, shard=ask.shard, limit=1)
    sequence = found[0].sequence if found else sequence_at(call.now.timestamp())
    return GetCursorTimeResponse(cursor_time=int(datetime.fromtimestamp(sequence / _MICRO, UTC).timestamp()))


class PullLogsRequest(ShardRequest, kw_only=True, rename="camel"):
    cursor: str
    count: int = 1000
    end_cursor: str = msgspec.field(default="", name="end_cursor")
    query: str = ""
    processor: str = ""


class PullLogsResponse(LogResponse, kw_only=True, rename="camel"):
    batches: list[LogBatch]
    """whose groups are the answer"""
    cursor: str


_LARGEST_PULL = 5 * 1024 * 1024
"""bytes of LogGroups, after which an answer ends"""


@sls.operation(resource=_RESOURCE, path=_SHARD, method="GET", action=_READ, reads=True)
def pull_logs(call: Call, ask: PullLogsRequest) -> PullLogsResponse:
    store = _shard(call, ask)
    if ask.query or ask.processor:
        raise ParameterInvalid(reason="a query while pulling is not supported by OpenYun")
    if not 1 <= ask.count <= 1000:
        raise ParameterInvalid(reason="count must be in the range [1,1000]")
    first = _sequence_of(ask.cursor)
    end = _sequence_of(ask.end_cursor) if ask.end_cursor else None
    batches: list[LogBatch] = []
    size = 0
    found = call.state.scan(
        LogBatch, "sequence", start=first, before=end, store_id=store.id, shard=ask.shard, limit=ask.count
    )
    for one in found:
        if batches and size + one.size > _LARGEST_PULL:
            break
        size += one.size
        batches.append(one)
    return PullLogsResponse(batches=batches, cursor=cursor_of(batches[-1].sequence + 1) if batches else ask.cursor)
