"""Runs jobs: a few at once, each account's in turn, so that nobody's hundred jobs keep another's one waiting."""

from __future__ import annotations

import logging
import os
import shutil
import threading
from collections import Counter
from collections.abc import Callable
from functools import partial
from threading import Event

from openyun.cloud import Cloud, RegionState
from openyun.engine.blob import BlobError
from openyun.engine.query import QueryCancelled, QueryEngine, QueryEngineBroke
from openyun.errors import where_it_broke
from openyun.services.maxcompute.errors import EngineMissing
from openyun.services.maxcompute.places import scratch
from openyun.services.maxcompute.records import Job, Status
from openyun.services.maxcompute.sql_errors import SqlProblem
from openyun.state import StateError, Transaction

log = logging.getLogger("openyun.maxcompute")

AT_ONCE = max(2, os.cpu_count() or 2)
"""jobs of a region"""
_MOST_ATTEMPTS = 2
"""of a job that the server did not survive, or was stopped in: one that brings it down may not do so for ever"""


class JobRunner:
    """A worker of the reconciler. Jobs run on threads of their own, as long ones must not hold up others' deeds."""

    def __init__(self, cloud: Cloud, at: RegionState, open_engine: Callable[[], QueryEngine | None]) -> None:
        self._cloud = cloud
        self._at = at
        self._open_engine = open_engine
        self._engine: QueryEngine | None = None
        self._running: dict[str, tuple[str, Event]] = {}
        """job: its account, and what cancels it"""
        self._lock = threading.Lock()
        self._begun = False

    def survey(self) -> None:
        if not self._begun:
            self._begun = True
            shutil.rmtree(scratch(self._cloud, self._at), ignore_errors=True)
            if self._at.store.read(lambda state: state.count(Job, status="Running")):
                self._at.store.write(self._take_up)

    def due(self) -> list[tuple[str, Callable[[], None]]]:
        self._cancel()
        while len(self._running) < AT_ONCE:
            waiting = self._at.store.read(lambda state: state.find(Job, status="Waiting"))
            if not waiting:
                break
            self._start(self._next(waiting))
        return []

    def _take_up(self, state: Transaction) -> None:
        """Jobs that the last server left. Their statements have had their whole effect or none, so they may go on."""
        for job in state.find(Job, status="Running"):
            if job.attempts >= _MOST_ATTEMPTS:
                self._end(job, "Failed", "ODPS-0010000:System internal error - the server ended while the job ran")
            else:
                job.status = "Waiting"
            state.put(job)

    def _next(self, waiting: list[Job]) -> Job:
        with self._lock:
            busy = Counter(account for account, _ in self._running.values())
        return min(waiting, key=lambda job: (busy[job.account_id], job.priority, job.created_at))

    def _start(self, job: Job) -> None:
        cancelled = Event()

        def begin(state: Transaction) -> Job | None:
            found = state.get(Job, job.id)
            if found is None or found.status != "Waiting":
                return None
            found.status = "Running"
            found.attempts += 1
            found.started_at = self._now()
            state.put(found)
            return found

        begun = self._at.store.write(begin)
        if begun is not None:
            with self._lock:
                self._running[job.id] = (job.account_id, cancelled)
            # A daemon: the server need not wait for it to stop, as the next one takes the job up.
            threading.Thread(target=self._run, args=(begun, cancelled), name=f"job {job.id}", daemon=True).start()

    def _cancel(self) -> None:
        with self._lock:
            running = dict(self._running)
        for job_id, (_, cancelled) in running.items():
            found = self._at.store.read(partial(_job, job_id=job_id))
            if found is None or found.stopping:
                cancelled.set()

    def _run(self, job: Job, cancelled: Event) -> None:
        status: Status = "Success"
        text: str | None = None
        try:
            self._execute(job, cancelled)
        except SqlProblem as problem:
            status, text = "Failed", problem.text
        except QueryCancelled:
            status, text = "Cancelled", "the instance was stopped"
        except (QueryEngineBroke, BlobError) as problem:
            status, text = "Failed", f"ODPS-0010000:System internal error - {problem}"
        except EngineMissing as problem:
            status, text = "Failed", f"ODPS-0010000:System internal error - {problem.text}"
        except StateError as problem:
            log.warning("%s: job %s: %s", self._at.region.id, job.id, problem)
            status, text = "Failed", "ODPS-0010000:System internal error - state is out of reach"
        except Exception as problem:
            log.error("%s: job %s: %s", self._at.region.id, job.id, where_it_broke(problem))  # noqa: TRY400  no values
            status, text = "Failed", "ODPS-0010000:System internal error - the server failed at this statement"
        finally:
            self._finish(job.id, status, text)

    def _execute(self, job: Job, cancelled: Event) -> None:
        if self._engine is None:
            self._engine = self._open_engine()
        if self._engine is None:
            raise EngineMissing
        # It needs what only who uses MaxCompute installs.
        from openyun.services.maxcompute.job.executing import Execution

        Execution(self._cloud, self._at, self._engine, job, cancelled).run()

    def _finish(self, job_id: str, status: Status, text: str | None) -> None:
        def work(state: Transaction) -> None:
            found = state.get(Job, job_id)
            if found is not None:
                self._end(found, status, found.text if text is None else text)
                state.put(found)

        try:
            self._at.store.write(work)
        except StateError as problem:  # the next start takes it up
            log.warning("%s: job %s: %s", self._at.region.id, job_id, problem)
        finally:
            with self._lock:
                self._running.pop(job_id, None)
            self._at.woken.set()

    def _end(self, job: Job, status: Status, text: str) -> None:
        job.status = status
        job.text = text
        job.ended_at = self._now()

    def _now(self) -> int:
        return int(self._cloud.clock.now().timestamp() * 1000)


def _job(state: Transaction, job_id: str) -> Job | None:
    return state.get(Job, job_id)
