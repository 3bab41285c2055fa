"""What a region does beside its customers' wishes: forget what has expired, and keep a copy of identity."""

from __future__ import annotations

import time
from collections.abc import Callable

from openyun.access.identity import IDENTITY_RECORDS, Edition, edition
from openyun.cloud import Cloud, RegionState
from openyun.once import TokenAnswer, UsedNonce
from openyun.region import HOME
from openyun.state import Record, StateError, Transaction

EVERY = 60.0
"""seconds between two sweeps"""
AT_ONCE = 500
"""rows a transaction deletes"""


class Sweeper:
    """Forgets expired nonces and answers to ClientTokens."""

    def __init__(self, cloud: Cloud, at: RegionState) -> None:
        self._cloud = cloud
        self._at = at
        self._swept = 0.0

    def survey(self) -> None:
        if time.monotonic() - self._swept < EVERY:
            return
        self._swept = time.monotonic()
        now = int(self._cloud.clock.now().timestamp())

        def sweep(state: Transaction) -> int:
            expired: list[Record] = [
                *state.scan(UsedNonce, "expires_at", before=now, limit=AT_ONCE),
                *state.scan(TokenAnswer, "expires_at", before=now, limit=AT_ONCE),
            ]
            for record in expired:
                state.delete(record)
            return len(expired)

        while self._at.store.write(sweep) >= AT_ONCE:
            pass

    def due(self) -> list[tuple[str, Callable[[], None]]]:
        return []


class IdentityCopy:
    """Copies identity from home, so that this region authenticates when it is cut off."""

    def __init__(self, cloud: Cloud, at: RegionState) -> None:
        self._cloud = cloud
        self._at = at

    def survey(self) -> None:
        if self._at.region == HOME:
            return
        try:
            home = self._cloud.home.store
            there = home.read(edition)
            if there == self._at.store.read(edition):
                return
            number, records = home.read(_all)
        except StateError:
            return  # home is out of reach: the copy is what this region has until it comes back
        self._at.store.write(lambda state: _replace(state, number, records))

    def due(self) -> list[tuple[str, Callable[[], None]]]:
        return []


def _all(state: Transaction) -> tuple[int, list[Record]]:
    return edition(state), [record for kind in IDENTITY_RECORDS for record in state.find(kind)]


def _replace(state: Transaction, number: int, records: list[Record]) -> None:
    wanted = {(type(one), *(getattr(one, name) for name in one.KEY)) for one in records}
    for kind in IDENTITY_RECORDS:
        for one in state.find(kind):
            if (kind, *(getattr(one, name) for name in one.KEY)) not in wanted:
                state.delete(one)
    for one in records:
        state.put(one)
    state.put(Edition(number=number))
