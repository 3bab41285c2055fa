"""What was asked of a region's buckets, until it is written into their logs."""

from __future__ import annotations

from collections import deque
from threading import Lock
from weakref import WeakKeyDictionary

import msgspec

from openyun.cloud import RegionState
from openyun.services.oss.bucket.log_fields import LogFields

_MOST = 100_000
"""entries that wait; if the writer falls behind, the oldest are lost, as a log is no account"""


class Entry(msgspec.Struct, frozen=True):
    """One request, in the words of the vendor's log format."""

    bucket: str
    at: float
    line: str


class LogBook:
    """Filled by the gateway, emptied by a worker."""

    def __init__(self) -> None:
        self.buckets: frozenset[str] = frozenset()
        """whose requests are logged"""
        self.fields: dict[str, LogFields] = {}
        """by bucket: what a line tells beside"""
        self._entries: deque[Entry] = deque(maxlen=_MOST)

    def write(self, entry: Entry) -> None:
        self._entries.append(entry)

    def take(self) -> list[Entry]:
        """All that were written since."""
        taken = []
        while self._entries:
            taken.append(self._entries.popleft())
        return taken


_books: WeakKeyDictionary[RegionState, LogBook] = WeakKeyDictionary()
_lock = Lock()


def book_of(at: RegionState) -> LogBook:
    found = _books.get(at)
    if found is None:
        with _lock:
            found = _books.setdefault(at, LogBook())
    return found
