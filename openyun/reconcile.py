"""Makes engines match state.

One thread a region looks at what is due whenever an operation says that something is, and at the whole host every few
seconds or when an engine noticed that something ended. Verbs of engines may be repeated, so a pass may be killed
anywhere and the next one finishes its work.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Protocol

from openyun import metrics
from openyun.cloud import Cloud, RegionState
from openyun.engine.compute import EngineError
from openyun.state import StateError

log = logging.getLogger("openyun.reconcile")

SURVEY = 5.0
"""seconds between two looks at the whole host"""
SOONEST = 1.0
"""seconds between two such looks when the host keeps changing by itself, as with a guest that dies at every start"""
HANDS = 4
"""engine actions under way at once in a region"""
LONGEST_PAUSE = 60.0
"""seconds before something that keeps failing is tried again"""


class Worker(Protocol):
    """One kind of work in one region."""

    def survey(self) -> None:
        """Compare the host with state, and make due what differs."""
        ...

    def due(self) -> list[tuple[str, Callable[[], None]]]:
        """What is to be done now: a name, of which two are never under way at once, and the deed. Quick deeds may be
        done here and not be returned."""
        ...


class Reconciler:
    """All regions in use."""

    def __init__(self, cloud: Cloud, workers: Callable[[Cloud, RegionState], list[Worker]]) -> None:
        self._cloud = cloud
        self._workers = workers
        self._regions: list[_Region] = []
        cloud.opened.append(self._start)

    def _start(self, at: RegionState) -> None:
        region = _Region(at, self._workers(self._cloud, at))
        self._regions.append(region)
        region.start()

    def stop(self) -> None:
        """Wait for the deeds under way. What is left is found due at the next start."""
        for region in self._regions:
            region.stop()


class _Region:
    def __init__(self, at: RegionState, workers: list[Worker]) -> None:
        self._at = at
        self._workers = workers
        self._hands = ThreadPoolExecutor(HANDS, thread_name_prefix=f"hand {at.region.id}")
        self._busy: set[str] = set()
        self._failures: dict[str, tuple[int, float]] = {}
        """name: failures in a row, and when to try again"""
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=f"reconcile {at.region.id}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        self._at.ending.set()
        self._at.woken.set()
        self._thread.join()
        self._hands.shutdown()

    def _run(self) -> None:
        surveyed = 0.0
        while not self._stopping:
            self._at.woken.clear()
            since = time.monotonic() - surveyed
            if since > SURVEY or not surveyed or (since > SOONEST and self._at.shaken.is_set()):
                self._at.shaken.clear()
                self._each(Worker.survey.__name__, lambda worker: worker.survey())
                surveyed = time.monotonic()
            self._each(Worker.due.__name__, self._begin)
            metrics.PASSES.add(self._at.region.id)
            self._at.woken.wait(self._pause())

    def _pause(self) -> float:
        """Seconds until there is something to do that nobody wakes us for."""
        now = time.monotonic()
        again = [time_ - now for _, time_ in list(self._failures.values()) if time_ > now]
        return min([SOONEST if self._at.shaken.is_set() else SURVEY, *again])

    def _each(self, what: str, deed: Callable[[Worker], None]) -> None:
        """A worker that fails must not stop the others."""
        for worker in self._workers:
            try:
                deed(worker)
            except (EngineError, StateError) as problem:
                log.warning("%s %s of %s: %s", self._at.region.id, what, type(worker).__name__, problem)
            except Exception:
                log.exception("%s %s of %s", self._at.region.id, what, type(worker).__name__)

    def _begin(self, worker: Worker) -> None:
        now = time.monotonic()
        for name, deed in worker.due():
            if name in self._busy or self._failures.get(name, (0, 0.0))[1] > now:
                continue
            self._busy.add(name)
            self._hands.submit(deed).add_done_callback(partial(self._ended, name))

    def _ended(self, name: str, done: Future[None]) -> None:
        problem = done.exception()
        metrics.DEEDS.add(self._at.region.id, "failed" if problem else "done")
        if problem is None:
            self._failures.pop(name, None)
        else:
            times = self._failures.get(name, (0, 0.0))[0] + 1
            self._failures[name] = (times, time.monotonic() + min(LONGEST_PAUSE, 0.1 * 2**times))
            log.warning("%s %s, try %d: %s", self._at.region.id, name, times, problem, exc_info=_unexpected(problem))
        self._busy.discard(name)
        self._at.woken.set()


def _unexpected(problem: BaseException) -> BaseException | None:
    """The stack is worth a log only where the code did not foresee the failure."""
    return None if isinstance(problem, EngineError | StateError) else problem
