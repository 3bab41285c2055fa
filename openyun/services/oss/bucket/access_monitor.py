"""When objects were last read, in buckets that monitor it: lifecycle rules may count from there.

Reads are noted in memory and written by a worker, the latest of each object once a day at most: as exact as rules that
count in days need, and no read waits for a write.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import ClassVar
from weakref import WeakKeyDictionary

from openyun.cloud import RegionState
from openyun.operation import Call
from openyun.services.oss import tally
from openyun.services.oss.bucket.lifecycle import LIFECYCLE
from openyun.services.oss.bucket.switches import ACCESS_MONITOR
from openyun.services.oss.records import Bucket, Object
from openyun.services.oss.times import http_date
from openyun.state import Record, Transaction

_DAY = 86400
_MOST = 100_000
"""objects noted between two rounds of the worker"""


class Access(Record, kw_only=True):
    TABLE: ClassVar[str] = "oss_access"
    KEY: ClassVar[tuple[str, ...]] = ("bucket", "name")

    bucket: str
    name: str
    at: int


class Accesses:
    """What was read in a region since the worker last wrote it down."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], int] = {}
        self._lock = Lock()

    def note(self, bucket: str, name: str, at: int) -> None:
        with self._lock:
            if len(self._seen) < _MOST:
                self._seen[bucket, name] = at

    def take(self) -> dict[tuple[str, str], int]:
        with self._lock:
            seen, self._seen = self._seen, {}
        return seen


_all: WeakKeyDictionary[RegionState, Accesses] = WeakKeyDictionary()
_lock = Lock()


def accesses_of(at: RegionState) -> Accesses:
    found = _all.get(at)
    if found is None:
        with _lock:
            found = _all.setdefault(at, Accesses())
    return found


def monitors(state: Transaction, bucket: Bucket) -> bool:
    held = ACCESS_MONITOR.of(state, bucket)
    return held is not None and held.status == "Enabled"


def last_access(state: Transaction, bucket: Bucket, one: Object) -> int | None:
    """What was never read counts from its last change; None where nobody looks."""
    if not monitors(state, bucket):
        return None
    held = state.get(Access, one.bucket, one.name)
    return max(held.at, one.modified) if held else one.modified


def access_headers(state: Transaction, bucket: Bucket, one: Object) -> dict[str, str]:
    at = last_access(state, bucket, one)
    return {} if at is None else {"x-oss-last-access-time": http_date(at)}


def note_access(call: Call, bucket: Bucket, one: Object) -> None:
    """Somebody reads this."""
    if monitors(call.state, bucket):
        accesses_of(call.at).note(one.bucket, one.name, int(call.now.timestamp()))


class AccessWriter:
    """Writes down what was read in a region."""

    def __init__(self, at: RegionState) -> None:
        self._at = at

    def survey(self) -> None:
        seen = accesses_of(self._at).take()
        if seen:
            self._at.store.write(lambda state: _write(seen, state))

    def due(self) -> list[tuple[str, Callable[[], None]]]:
        return []


def _write(seen: dict[tuple[str, str], int], state: Transaction) -> None:
    for (bucket, name), at in seen.items():
        held, one = state.get(Access, bucket, name), state.get(Object, bucket, name)
        if one is None:
            continue
        if held is None or at - held.at >= _DAY:
            state.put(Access(bucket=bucket, name=name, at=at))
        if one.storage_class == "IA" and _returns(state, one):
            tally.count(state, one, -1)
            one.storage_class = "Standard"
            state.put(one)
            tally.count(state, one, 1)


def _returns(state: Transaction, one: Object) -> bool:
    """Whether a lifecycle rule has it back in Standard storage once it is read."""
    bucket = state.get(Bucket, one.bucket)
    rules = LIFECYCLE.of(state, bucket) if bucket else None
    return rules is not None and any(
        rule.status == "Enabled"
        and one.name.startswith(rule.prefix)
        and any(step.return_to_std_when_visit and step.storage_class == "IA" for step in rule.transition)
        for rule in rules.rule
    )
