"""Carries out redundancy transitions: each waits its turn, is worked on, and is done by the next round."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from openyun.cloud import Cloud, RegionState
from openyun.services.oss.bucket.redundancy import Transition
from openyun.services.oss.records import Bucket
from openyun.state import Transaction

QUEUE = 5
"""seconds that a task waits: programs that poll for it see every state"""


class RedundancyChanger:
    """The redundancy transitions of a region's buckets."""

    def __init__(self, cloud: Cloud, at: RegionState) -> None:
        self._cloud = cloud
        self._at = at

    def survey(self) -> None:
        now = int(self._cloud.clock.now().timestamp())
        if self._at.store.read(partial(_ready, now)):
            self._at.store.write(partial(_step, now))

    def due(self) -> list[tuple[str, Callable[[], None]]]:
        return []


def _ready(now: int, state: Transaction) -> list[Transition]:
    waiting = [one for one in state.find(Transition, status="Queueing") if now - one.created_at >= QUEUE]
    return waiting + state.find(Transition, status="Processing")


def _step(now: int, state: Transaction) -> None:
    for one in _ready(now, state):
        bucket = state.get(Bucket, one.bucket)
        if bucket is None:
            state.delete(one)
            continue
        if one.status == "Queueing":
            one.status, one.started_at = "Processing", now
        else:
            one.status, one.ended_at = "Finished", now
            bucket.data_redundancy_type = one.target
            state.put(bucket)
        state.put(one)
