"""Records that are read far more often than written, as a reader found them last.

Commits are counted twice, as they begin and as they end, so the number is odd while one is under way. What was read at
one number is good until a later commit that writes its kind begins. No lock is needed: one thread commits, and each
step is a single one of the interpreter's.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar, cast

from openyun.state.record import Record

R = TypeVar("R", bound=Record)

_MOST = 20_000
"""records; a cloud has fewer buckets that are in use at a time"""


class Kept:
    def __init__(self) -> None:
        self.commits = 0
        self._changed: dict[type[Record], int] = {}
        self._records: dict[tuple[type[Record], tuple[Any, ...]], tuple[int, Record]] = {}

    def changed(self, kind: type[Record]) -> int:
        """The number of the last commit that writes this kind."""
        return self._changed.get(kind, -1)

    def get(self, kind: type[R], key: tuple[Any, ...]) -> R | None:
        found = self._records.get((kind, key))
        return cast("R", found[1]) if found is not None and found[0] > self.changed(kind) else None

    def keep(self, key: tuple[Any, ...], record: Record, since: int) -> None:
        """What a read found that began at this number; a later commit may have come before or after it."""
        if len(self._records) >= _MOST:
            self._records.clear()
        self._records[type(record), key] = (since, record)

    def begin_commit(self, kinds: Iterable[type[Record]]) -> None:
        self.commits += 1
        for kind in kinds:
            self._changed[kind] = self.commits

    def end_commit(self) -> None:
        self.commits += 1
