"""Writes access logs: every few minutes an object with the requests to a bucket since the last one.

Its name is the vendor's: prefix, source bucket, time to the second and five characters that tell servers apart.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from openyun.clock import random_text
from openyun.cloud import Cloud, RegionState
from openyun.errors import CloudError
from openyun.services.oss.bucket.access_logging import LOGGING
from openyun.services.oss.bucket.log_fields import LOG_FIELDS, LogFields
from openyun.services.oss.object.depositing import deposit
from openyun.services.oss.records import Bucket
from openyun.services.oss.work.log_book import Entry, book_of
from openyun.state import Transaction

log = logging.getLogger("openyun.oss")

EVERY = 5.0
"""seconds between two log objects of a bucket; the vendor writes them by the hour"""


class LogWriter:
    """The access logs of a region's buckets."""

    def __init__(self, cloud: Cloud, at: RegionState) -> None:
        self._cloud = cloud
        self._at = at
        self._next = 0.0

    def survey(self) -> None:
        pass

    def due(self) -> list[tuple[str, Callable[[], None]]]:
        book = book_of(self._at)
        targets = self._at.store.read(_targets)
        book.buckets = frozenset(targets)
        book.fields = self._at.store.read(_fields)
        if time.monotonic() < self._next:
            return []
        self._next = time.monotonic() + EVERY
        by_bucket: dict[str, list[Entry]] = defaultdict(list)
        for entry in book.take():
            by_bucket[entry.bucket].append(entry)
        return [
            (f"log of {bucket} {entries[0].at}", partial(self._write, bucket, targets[bucket], entries))
            for bucket, entries in by_bucket.items()
            if bucket in targets
        ]

    def _write(self, bucket: str, target: tuple[str, str], entries: list[Entry]) -> None:
        at = datetime.fromtimestamp(entries[0].at, UTC)
        key = f"{target[1]}{bucket}{at:%Y-%m-%d-%H-%M-%S}-0001-{random_text(5)}"
        lines = "".join(f"{entry.line}\n" for entry in entries)
        try:
            deposit(self._cloud, self._at, target[0], key, lines.encode(), "text/plain")
        except CloudError as problem:
            # A target that was deleted, or is full, is its owner's affair.
            log.info("log of %s into %s: %s", bucket, target[0], problem)


def _fields(state: Transaction) -> dict[str, LogFields]:
    found = {}
    for name in LOG_FIELDS.buckets(state):
        bucket = state.get(Bucket, name)
        fields = LOG_FIELDS.of(state, bucket) if bucket else None
        if fields is not None:
            found[name] = fields
    return found


def _targets(state: Transaction) -> dict[str, tuple[str, str]]:
    """For each bucket with a log, the bucket and the prefix that it goes to."""
    found = {}
    for name in LOGGING.buckets(state):
        bucket = state.get(Bucket, name)
        status = LOGGING.of(state, bucket) if bucket else None
        if status and status.logging_enabled:
            found[name] = (status.logging_enabled.target_bucket, status.logging_enabled.target_prefix)
    return found
