"""GetLogs and GetHistograms: what is searched, and the search itself, in bounded memory.

The operations only say what to look for; the bytes are read afterwards, a few batches at a time and outside of any
transaction, by `Search`.
"""

from __future__ import annotations

import asyncio
import heapq
import time
import zlib
from collections.abc import Iterator
from functools import partial
from typing import Any

import msgspec

from openyun.cloud import RegionState
from openyun.engine.blob import BlobNotFound
from openyun.operation import Call
from openyun.services.sls import indexes, log_group, log_stores, query
from openyun.services.sls.batches import FUTURE, sequence_at
from openyun.services.sls.errors import (
    IndexConfigNotExist,
    InvalidLine,
    InvalidOffset,
    InvalidTimeRange,
    ParameterInvalid,
)
from openyun.services.sls.log_group import Log, LogGroup
from openyun.services.sls.query import Match
from openyun.services.sls.records import LogBatch, LogData
from openyun.services.sls.service import LogModel, LogResponse, StoreRequest, sls
from openyun.state import Transaction

LARGEST_PAGE = 100
_FARTHEST = 100_000
"""offset up to which results can be turned over"""
_AT_ONCE = 100
"""batches whose rows are read in one transaction"""
_LONGEST = 20.0
"""seconds after which a search answers with what it has, Incomplete"""
_MOST_BARS = 60


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What to look for, and where."""

    store_id: str
    first: int
    end: int
    """times of logs, seconds since the epoch: from first, up to before end"""
    match: Match
    reverse: bool = False
    offset: int = 0
    line: int = 0


class SearchRequest(StoreRequest, kw_only=True, rename="camel"):
    from_: int = msgspec.field(name="from")
    to: int
    topic: str = ""
    query: str = ""


class FindRequest(SearchRequest, kw_only=True, rename="camel"):
    line: int = LARGEST_PAGE
    offset: int = 0
    reverse: bool = False
    power_sql: bool = False
    accurate: bool = False
    is_accurate: bool = False
    from_ns: int = 0
    to_ns: int = 0
    forward: bool = True
    session: str = ""
    highlight: bool = False


class PlanResponse(LogResponse, kw_only=True):
    """What the gateway carries out."""

    plan: Plan
    query: str


class GetLogsRequest(FindRequest, kw_only=True, rename="camel"):
    pass


class GetLogsV2Request(FindRequest, kw_only=True, rename="camel"):
    pass


_RESOURCE = "project/{project}/logstore/{logstore}"
_READ = "log:GetLogStoreLogs"


@sls.operation(resource=_RESOURCE, path="/logstores/{logstore}", method="GET", action=_READ)
def get_logs(call: Call, ask: GetLogsRequest) -> PlanResponse:
    return _find(call, ask)


@sls.operation(resource=_RESOURCE, path="/logstores/{logstore}/logs", method="POST", action=_READ, reads=True)
def get_logs_v2(call: Call, ask: GetLogsV2Request) -> PlanResponse:
    return _find(call, ask)


class GetHistogramsRequest(SearchRequest, kw_only=True, rename="camel"):
    accurate: bool = False
    from_ns: int = 0
    to_ns: int = 0


@sls.operation(
    resource=_RESOURCE, path="/logstores/{logstore}", method="GET", action="log:GetLogStoreHistogram", reads=True
)
def get_histograms(call: Call, ask: GetHistogramsRequest) -> PlanResponse:
    return PlanResponse(plan=_plan(call, ask), query=ask.query)


def _find(call: Call, ask: FindRequest) -> PlanResponse:
    if not 0 <= ask.line <= LARGEST_PAGE:
        raise InvalidLine
    if not 0 <= ask.offset <= _FARTHEST:
        raise InvalidOffset
    if "mode=scan" in ask.session:
        raise ParameterInvalid(reason="the scan mode is not supported by OpenYun")
    plan = _plan(call, ask)
    plan = msgspec.structs.replace(plan, reverse=ask.reverse, offset=ask.offset, line=ask.line)
    return PlanResponse(plan=plan, query=ask.query)


def _plan(call: Call, ask: SearchRequest) -> Plan:
    store = log_stores.find(call, ask.project, ask.logstore)
    if store.index is None:
        raise IndexConfigNotExist
    if ask.from_ > ask.to or ask.from_ < 0:
        raise InvalidTimeRange
    if query.analysis_of(ask.query):
        raise ParameterInvalid(reason="analysis (what stands behind a pipe) is not supported by OpenYun")
    matches = query.parse(ask.query, indexes.parse(store.index))
    topic = ask.topic

    def match(entry: query.Entry) -> bool:
        return (not topic or entry["__topic__"] == topic) and matches(entry)

    # A range of no seconds is that one second.
    return Plan(store_id=store.id, first=ask.from_, end=max(ask.to, ask.from_ + 1), match=match)


class Bar(LogModel, kw_only=True, rename="camel"):
    """One bar of a histogram."""

    from_: int = msgspec.field(name="from")
    to: int
    count: int = 0
    progress: str = "Complete"


class Found(msgspec.Struct, kw_only=True):
    logs: list[dict[str, str]]
    complete: bool
    rows: int
    """logs that were looked at"""
    size: int
    """bytes that were looked at"""


class Search:
    """One search; for a thread of its own."""

    def __init__(self, at: RegionState, plan: Plan) -> None:
        self._at = at
        self._plan = plan
        self._rows = 0
        self._size = 0
        self._complete = True

    def page(self) -> Found:
        """The logs of the plan's page, in order of time."""
        plan = self._plan
        wanted = plan.offset + plan.line
        order = heapq.nlargest if plan.reverse else heapq.nsmallest
        with asyncio.Runner() as runner:
            keys = order(wanted, ((log.time, batch.sequence, place) for batch, place, log, _ in self._hits(runner)))
            page = keys[plan.offset :]
            groups = {sequence: self._read_again(runner, sequence) for _, sequence, _ in page}
        logs = []
        for _, sequence, place in page:
            group = groups[sequence]
            if group is not None:
                log = group.logs[place]
                logs.append({"__time__": str(log.time), **entry_of(group, log)})
        return Found(logs=logs, complete=self._complete, rows=self._rows, size=self._size)

    def bars(self) -> list[Bar]:
        """How many logs there are in each part of the time."""
        first, end = self._plan.first, self._plan.end
        step = max(1, -(-(end - first) // _MOST_BARS))
        bars = [Bar(from_=start, to=min(start + step, end)) for start in range(first, end, step)]
        with asyncio.Runner() as runner:
            for _, _, log, _ in self._hits(runner):
                bars[(log.time - first) // step].count += 1
        if not self._complete:
            for bar in bars:
                bar.progress = "Incomplete"
        return bars

    def _hits(self, runner: asyncio.Runner) -> Iterator[tuple[LogBatch, int, Log, LogGroup]]:
        plan = self._plan
        deadline = time.monotonic() + _LONGEST
        for batch in self._batches():
            if time.monotonic() > deadline:
                self._complete = False
                return
            group = self._group(runner, batch)
            if group is None:
                continue
            self._rows += len(group.logs)
            self._size += batch.size
            for place, log in enumerate(group.logs):
                if plan.first <= log.time < plan.end and plan.match(entry_of(group, log)):
                    yield batch, place, log, group

    def _batches(self) -> Iterator[LogBatch]:
        """Those that may have logs of this time: a log is never long before its time."""
        plan = self._plan
        after = sequence_at(plan.first - FUTURE) - 1
        while True:
            found = self._at.store.read(partial(_some, store_id=plan.store_id, after=after))
            yield from (one for one in found if one.first_time < plan.end and one.last_time >= plan.first)
            if len(found) < _AT_ONCE:
                return
            after = found[-1].sequence

    def _read_again(self, runner: asyncio.Runner, sequence: int) -> LogGroup | None:
        store_id = self._plan.store_id
        batch = self._at.store.read(lambda state: state.get(LogBatch, store_id, sequence))
        return self._group(runner, batch) if batch is not None else None

    def _group(self, runner: asyncio.Runner, batch: LogBatch) -> LogGroup | None:
        """None for one that was deleted meanwhile."""
        raw = runner.run(raw_of(self._at, batch))
        return None if raw is None else log_group.decode(raw)


def _some(state: Transaction, store_id: str, after: int) -> list[LogBatch]:
    return state.scan(LogBatch, "sequence", after=after, store_id=store_id, limit=_AT_ONCE)


async def raw_of(at: RegionState, batch: LogBatch) -> bytes | None:
    """The LogGroup as it was sent, with what the logstore adds to it; None if it was deleted meanwhile."""
    packed = await _packed(at, batch)
    if packed is None:
        return None
    received = str(batch.sequence // 1_000_000)
    more = [("__client_ip__", batch.client_ip), ("__receive_time__", received)] if batch.client_ip else []
    return zlib.decompress(packed) + log_group.tags(more)


async def _packed(at: RegionState, batch: LogBatch) -> bytes | None:
    if batch.blob_id:
        try:
            chunks = await at.engines.blob.read(batch.blob_id)
        except BlobNotFound:
            return None
        return b"".join([bytes(chunk) async for chunk in chunks])
    found = at.store.read(lambda state: state.get(LogData, batch.store_id, batch.sequence))
    return found.data if found else None


def entry_of(group: LogGroup, log: Log) -> dict[str, str]:
    """A log as queries see it."""
    entry: dict[str, Any] = {"__topic__": group.topic, "__source__": group.source}
    for key, value in group.tags:
        entry[f"__tag__:{key}"] = value
    entry.update(log.contents)
    return entry
