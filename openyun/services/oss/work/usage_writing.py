"""What buckets are used for: records for billing, a row a minute for monitoring, and counters for Prometheus.

The gateway counts in memory, and every few seconds the counts are written down. So a crash loses the requests and bytes
of the last seconds. What is stored is read from the buckets' own sums, which never lose anything.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import ClassVar

import msgspec

from openyun import metrics, usage
from openyun.cloud import Cloud, RegionState
from openyun.metrics import Cell, Labels
from openyun.services.oss import tally
from openyun.services.oss.records import Bucket
from openyun.state import Record, StateError, Transaction
from openyun.usage import Usage

EVERY = 600.0
"""seconds between two measurements of all that is stored; a bucket that is written to is measured at once"""
MINUTES = 1440
"""rows that a bucket's ring holds: a day"""
_PAGE = 100
"""buckets measured in a transaction"""

_PUT = ("Put", "Post", "Delete", "Copy", "Append", "Initiate", "Upload", "Complete", "Abort", "Restore", "Create")
_PUT_TOO = frozenset(["ListObjects", "ListObjectVersions", "ExtendBucketWorm", "CleanRestoredObject", "ProcessObject"])
_RECEIVED = {"internet": "NetworkIn", "intranet": "IntranetIn", "cdn": "CdnIn"}
_SENT = {"internet": "NetworkOut", "intranet": "IntranetOut", "cdn": "CdnOut"}


class Measured(msgspec.Struct):
    """Requests of one kind."""

    count: int = 0
    received: int = 0
    """bytes"""
    sent: int = 0
    seconds: float = 0.0
    """all together, until their answers began"""


class BucketMinute(Record, kw_only=True):
    """What one minute brought to a bucket. The rows are a ring: after a day a new minute takes the old one's place."""

    TABLE: ClassVar[str] = "oss_minute"
    KEY: ClassVar[tuple[str, ...]] = ("bucket", "slot")

    bucket: str
    slot: int
    minute: int
    """its first second, in seconds since the epoch"""
    account_id: str
    kinds: dict[str, Measured] = {}
    """by operation, HTTP status and network, parted by spaces: `GetObject 200 internet`"""


def request_meter(operation: str) -> str:
    """Whether the vendor's bill calls this a Put-type or a Get-type request."""
    return "PutRequest" if operation.startswith(_PUT) or operation in _PUT_TOO else "GetRequest"


def minutes_of(state: Transaction, bucket: str, start: int, end: int) -> list[BucketMinute]:
    """Those that begin from `start` to before `end`, oldest first; minutes without a request have no row."""
    found = [one for one in state.find(BucketMinute, bucket=bucket) if start <= one.minute < end]
    return sorted(found, key=lambda one: one.minute)


def forget_minutes(state: Transaction, bucket: str) -> None:
    """With the bucket."""
    for one in state.find(BucketMinute, bucket=bucket):
        state.delete(one)


class UsageWriter:
    """Writes down what was counted in a region."""

    def __init__(self, cloud: Cloud, at: RegionState) -> None:
        self._cloud = cloud
        self._at = at
        self._measured: tuple[int, float] = (0, 0.0)
        """the hour, and when by this machine's clock"""

    def survey(self) -> None:
        self.write_down()
        hour, moment = usage.hour_of(self._now()), time.monotonic()
        if hour != self._measured[0] or moment - self._measured[1] > EVERY:
            self._measured = (hour, moment)
            self._measure_all()
            while self._at.store.write(lambda state: usage.forget(state, self._now())):
                continue

    def due(self) -> list[tuple[str, Callable[[], None]]]:
        return []

    def write_down(self) -> None:
        """Raises StateError; then nothing is lost yet."""
        cells = self._at.traffic.take()
        if not cells:
            return
        now = self._now()
        try:
            self._at.store.write(lambda state: self._write(state, cells, now))
        except StateError:
            self._at.traffic.give_back(cells)
            raise
        region_id = self._at.region.id
        for (bucket, _, operation, status, _, _), cell in cells.items():
            metrics.OSS_REQUESTS.merge((region_id, bucket, operation, status), cell)
            metrics.OSS_RECEIVED.add(region_id, bucket, operation, by=cell.received)
            metrics.OSS_SENT.add(region_id, bucket, operation, by=cell.sent)

    def _now(self) -> float:
        return self._cloud.clock.now().timestamp()

    def _write(self, state: Transaction, cells: dict[Labels, Cell], now: float) -> None:
        used: dict[tuple[str, str, str], int] = {}
        minutes: dict[str, BucketMinute] = {}
        written = set()
        for (bucket, payer, operation, status, network, storage_class), cell in cells.items():
            if bucket:
                row = minutes.get(bucket) or minutes.setdefault(bucket, _minute(state, bucket, payer, now))
                _note(row, f"{operation} {status} {network}", cell)
            if status >= "400" or not payer:
                continue
            meter = request_meter(operation)
            for name, quantity in (
                (meter, cell.count),
                (_RECEIVED[network], cell.received),
                (_SENT[network], cell.sent),
                ("RetrievalData", cell.sent if storage_class == "IA" and operation == "GetObject" else 0),
            ):
                used[payer, bucket, name] = used.get((payer, bucket, name), 0) + quantity
            if meter == "PutRequest":
                written.add(bucket)
        for row in minutes.values():
            if state.get(Bucket, row.bucket) is not None:  # else it was deleted, and its rows with it
                state.put(row)
        hour = usage.hour_of(now)
        for (payer, bucket, meter), quantity in used.items():
            usage.add(state, self._usage(hour, payer, bucket, meter, quantity))
        self._measure(state, hour, filter(None, (state.get(Bucket, name) for name in written)))

    def _measure_all(self) -> None:
        """Page by page, so that nobody waits long."""
        last = ""
        while True:
            page = self._at.store.read(lambda state, after=last: state.scan(Bucket, "name", after=after, limit=_PAGE))  # type: ignore[misc]  # a default binds the loop's value
            if not page:
                return
            hour = usage.hour_of(self._now())
            self._at.store.write(lambda state, page=page, hour=hour: self._measure(state, hour, page))  # type: ignore[misc]  # as above
            last = page[-1].name

    def _measure(self, state: Transaction, hour: int, buckets: Iterable[Bucket]) -> None:
        for bucket in buckets:
            whole = tally.total(state, bucket)
            stored = dict(whole.stored)
            stored["Standard"] = stored.get("Standard", 0) + whole.part_bytes
            for prefix, sizes in (("Storage", stored), ("ChargedDatasize", whole.charged)):
                for storage_class, size in sizes.items():
                    meter = f"{prefix}.{storage_class}"
                    usage.measure(state, self._usage(hour, bucket.account_id, bucket.name, meter, size))

    def _usage(self, hour: int, account_id: str, bucket: str, meter: str, quantity: int) -> Usage:
        return Usage(
            hour=hour,
            service="oss",
            account_id=account_id,
            region_id=self._at.region.id,
            resource=bucket,
            meter=meter,
            quantity=quantity,
        )


def _minute(state: Transaction, bucket: str, account_id: str, now: float) -> BucketMinute:
    minute = int(now) // 60 * 60
    slot = minute // 60 % MINUTES
    held = state.get(BucketMinute, bucket, slot)
    if held is not None and held.minute == minute:
        return held
    return BucketMinute(bucket=bucket, slot=slot, minute=minute, account_id=account_id)


def _note(row: BucketMinute, kind: str, cell: Cell) -> None:
    seen = row.kinds.setdefault(kind, Measured())
    seen.count += cell.count
    seen.received += cell.received
    seen.sent += cell.sent
    seen.seconds += cell.seconds
