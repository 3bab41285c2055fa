"""Deletes logs that are older than their logstore keeps them, and those of logstores that are gone."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from openyun.cloud import Cloud, RegionState
from openyun.services.sls.batches import sequence_at
from openyun.services.sls.log_stores import FOR_EVER
from openyun.services.sls.records import LogBatch, LogData, LogStore
from openyun.state import Transaction

EVERY = 20.0
"""seconds between two looks"""
AT_ONCE = 200
"""batches a transaction deletes"""
_DAY = 86400


class LogExpirer:
    """One region's."""

    def __init__(self, cloud: Cloud, at: RegionState) -> None:
        self._cloud = cloud
        self._at = at
        self._next = 0.0

    def survey(self) -> None:
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + EVERY
        now = self._cloud.clock.now().timestamp()
        kept = {one.id: one.ttl for one in self._at.store.read(lambda state: state.find(LogStore))}
        after = ""
        while store_id := self._at.store.read(partial(_next_store, after=after)):
            after = store_id
            ttl = kept.get(store_id)
            if ttl is None:
                self._delete(store_id, None)
            elif ttl < FOR_EVER:
                self._delete(store_id, sequence_at(now - ttl * _DAY))

    def due(self) -> list[tuple[str, Callable[[], None]]]:
        return []

    def _delete(self, store_id: str, before: int | None) -> None:
        """Batches received before; all of them where there is no time."""

        def work(state: Transaction) -> list[LogBatch]:
            if before is None and state.find(LogStore, id=store_id):
                return []  # it was made since we looked
            found = state.scan(LogBatch, "sequence", before=before, store_id=store_id, limit=AT_ONCE)
            for one in found:
                state.delete(one)
                data = state.get(LogData, store_id, one.sequence)
                if data is not None:
                    state.delete(data)
            return found

        def is_due(state: Transaction) -> bool:
            return bool(state.scan(LogBatch, "sequence", before=before, store_id=store_id, limit=1))

        while self._at.store.read(is_due) and (gone := self._at.store.write(work)):
            for one in gone:
                if one.blob_id:
                    self._at.engines.blob.discard(one.blob_id)
            if len(gone) < AT_ONCE:
                return


def _next_store(state: Transaction, after: str) -> str:
    """The id of a logstore that logs are kept of."""
    found = state.scan(LogBatch, "store_id", after=after, limit=1)
    return found[0].store_id if found else ""
