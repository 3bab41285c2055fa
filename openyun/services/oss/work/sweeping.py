"""Frees blobs that no object names: of uploads whose row was never written, of deletions cut short by a crash."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import islice

from openyun.cloud import RegionState
from openyun.engine.sealed import SEALED
from openyun.services import blob_names
from openyun.services.oss.records import Object, Piece, Version
from openyun.state import Transaction

EVERY = 3600.0
"""seconds between the end of one sweep and the beginning of the next"""
AGE = 3600.0
"""seconds after which a blob that nobody names is garbage: far more than lie between a blob and its row"""
AT_ONCE = 500


class BlobSweeper:
    """Works through the blobs of a region a few at a time, so that it never keeps others waiting."""

    def __init__(self, at: RegionState) -> None:
        self._at = at
        self._blobs: Iterator[str] = iter(())
        self._next = 0.0

    def survey(self) -> None:
        blobs = self._at.engines.blob
        some = list(islice(self._blobs, AT_ONCE))
        if some:
            for blob_id in set(some) - self._at.store.read(lambda state: named(state, some)):
                blobs.delete(blob_id)
        elif time.monotonic() >= self._next:
            self._next = time.monotonic() + EVERY
            self._blobs = blobs.stored(time.time() - AGE)

    def due(self) -> list[tuple[str, Callable[[], None]]]:
        return []


def named(state: Transaction, blob_ids: list[str]) -> set[str]:
    """Those of these blobs that some object, version or part has, or another service."""
    either = [*blob_ids, *(blob_id + SEALED for blob_id in blob_ids)]
    whole = {one.blob_id for kind in (Object, Version) for one in state.find(kind, blob_id=either)}
    named = whole | {one.blob_id for one in state.find(Piece, blob_id=either)}
    return {blob_id.removesuffix(SEALED) for blob_id in named} | blob_names.named(state, blob_ids)
