"""SQLite: one file a region, one writer.

All writes go through one connection, which runs each in a savepoint and commits what has queued up in one go:
serializable by construction, and one fsync serves many clients. One thread commits. It also does the work, but for what
is quick and sent from an event loop: that is done there, where the caches are warm and nobody waits for the
interpreter's lock, and the thread only makes it durable. Reads run where they are called, on a snapshot of their own.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from copy import copy
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from openyun import metrics
from openyun.state.kept import Kept
from openyun.state.record import Record
from openyun.state.sql import Dialect, SqlTransaction, prepare
from openyun.state.store import DuplicateKey, StateError, Transaction, carry_out

T = TypeVar("T")
R = TypeVar("R", bound=Record)
Run = Callable[[str, list[Any]], list[Any]]

_DIALECT = Dialect(
    mark="?",
    text="TEXT",
    blob="BLOB",
    one_of="IN (SELECT value FROM json_each(?))",
    listed=lambda values: msgspec.json.encode(values).decode(),
    clustered=" WITHOUT ROWID",
)
_MOST_IN_A_COMMIT = 256


class _Job:
    """Some work that waits for the writer, and what came of it, which is told once all before it is durable."""

    __slots__ = ("committed", "future", "problem", "result", "work")

    def __init__(self, work: Callable[[Transaction], Any], future: Future[Any] | asyncio.Future[Any]) -> None:
        self.work = work
        self.future = future
        self.result: Any = None
        self.problem: BaseException | None = None
        self.committed: list[Callable[[], None]] = []

    def begin(self) -> bool:
        """Whether anybody still wants it."""
        if isinstance(self.future, Future):
            return self.future.set_running_or_notify_cancel()
        return not self.future.cancelled()

    def announce(self) -> None:
        if self.future.cancelled():
            return
        if self.problem is not None:
            self.future.set_exception(self.problem)
        else:
            self.future.set_result(self.result)


class _Batch:
    """Jobs of one transaction."""

    __slots__ = ("jobs", "lost", "touched")

    def __init__(self) -> None:
        self.jobs: list[_Job] = []
        self.lost: list[_Job] = []
        """of a transaction that the database gave up"""
        self.touched: set[type[Record]] = set()
        """the cached kinds that were written"""

    def lose(self, failure: StateError) -> None:
        for job in self.jobs:
            job.problem = failure
        self.lost += self.jobs
        self.jobs = []
        self.touched.clear()


class SqliteStore:
    inline = True

    def __init__(self, path: Path) -> None:
        self._path = path
        self._region_id = path.stem
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._jobs: queue.SimpleQueue[_Job | _Batch | None] = queue.SimpleQueue()
        self._quick: deque[_Job] = deque()
        """what an event loop will do itself"""
        self._loop: asyncio.AbstractEventLoop | None = None
        """that loop"""
        self._turn = threading.Lock()
        """held by who uses the writing connection; it passes from the loop to the thread with a batch"""
        self._kept = Kept()
        self._closed = False
        self._door = threading.Lock()
        """between those who bring jobs or take them, and the one who closes"""
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._writer = self._connect()
            self._run = _runner(self._writer)
            self._prepare()
        except (sqlite3.Error, OSError) as problem:
            raise StateError(f"{path.name}: {problem}") from problem
        self._thread = threading.Thread(target=self._write_all, name=f"state {path.stem}", daemon=True)
        self._thread.start()

    def read(self, work: Callable[[Transaction], T]) -> T:
        around: Transaction | None = getattr(self._local, "transaction", None)
        if around is not None:
            return work(around)
        try:
            run: Run | None = getattr(self._local, "run", None)
            if run is None:
                connection = self._connect()
                self._readers.append(connection)
                run = self._local.run = _runner(connection)
            return self._read(run, work)
        except sqlite3.Error as problem:
            raise StateError(f"{self._path.name}: {problem}") from problem

    def _read(self, run: Run, work: Callable[[Transaction], T]) -> T:
        """A read that no commit came between is of one moment, without a transaction of the database's, which costs
        as much as a look-up. If one came, or is under way, what was kept in memory may still be of that moment; else
        all is read again."""
        since = self._kept.commits
        quiet = since % 2 == 0
        reading = self._local.transaction = _Reading(run, self._kept, since)
        try:
            if not quiet:
                run("BEGIN", [])
            try:
                result = work(reading)
            finally:
                if not quiet:
                    run("COMMIT", [])
        except sqlite3.Error:
            raise
        except BaseException:
            if reading.holds(quiet=quiet):
                raise
        else:
            if reading.holds(quiet=quiet):
                return result
        finally:
            self._local.transaction = None
        run("BEGIN", [])
        self._local.transaction = SqlTransaction(_DIALECT, run)
        try:
            return work(self._local.transaction)
        finally:
            self._local.transaction = None
            run("COMMIT", [])

    def write(self, work: Callable[[Transaction], T]) -> T:
        if getattr(self._local, "transaction", None) is not None:
            raise RuntimeError("a write inside other work on the same state")
        return self.submit(work).result()

    def submit(self, work: Callable[[Transaction], T]) -> Future[T]:
        future: Future[T] = Future()
        self._queue(_Job(work, future))
        return future

    def send(self, work: Callable[[Transaction], T], *, quick: bool = False) -> asyncio.Future[T]:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._queue(_Job(work, future), loop if quick else None)
        return future

    def _queue(self, job: _Job, loop: asyncio.AbstractEventLoop | None = None) -> None:
        with self._door:
            if self._closed:
                raise StateError(f"{self._path.name} is closed")
            if loop is None or (self._quick and loop is not self._loop):
                self._jobs.put(job)
                return
            self._quick.append(job)
            if len(self._quick) == 1:
                self._loop = loop
                loop.call_soon(self._do_quick)

    def close(self) -> None:
        with self._door:
            if self._closed:
                return
            self._closed = True
            while self._quick:
                self._jobs.put(self._quick.popleft())
            self._jobs.put(None)
        self._thread.join()
        self._writer.close()
        for connection in self._readers:
            connection.close()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, isolation_level=None, check_same_thread=False, timeout=10, cached_statements=512
        )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    def _prepare(self) -> None:
        run = self._run
        try:
            run("BEGIN IMMEDIATE", [])
            prepare(_DIALECT, run, self._columns)
            run("COMMIT", [])
        except BaseException:
            self._writer.close()
            raise

    def _columns(self, table: str) -> set[str]:
        return {row[1] for row in self._writer.execute(f"PRAGMA table_info({table})")}

    def _do_quick(self) -> None:
        """In the event loop: do what waits there. The thread makes it durable, and calls again for what comes
        meanwhile."""
        with self._door:
            if not self._quick or not self._turn.acquire(blocking=False):
                return
            jobs = deque(self._quick.popleft() for _ in range(min(len(self._quick), _MOST_IN_A_COMMIT)))
        batch = _Batch()
        self._do(jobs, batch)
        self._jobs.put(batch)

    def _write_all(self) -> None:
        """Ends when it is told to and all is done; a batch that is still in the event loop will come."""
        waiting: deque[_Job] = deque()
        ended = False
        while not ended or self._turn.locked():
            item = self._jobs.get()
            if item is None:
                ended = True
                continue
            if isinstance(item, _Job):
                waiting.append(item)
                if not self._turn.acquire(blocking=False):
                    continue  # for the loop's batch to take along
                item = _Batch()
                with self._door:  # else a busy thread would leave the loop no turn
                    waiting.extend(self._quick)
                    self._quick.clear()
            ended = self._take(waiting) or ended
            self._finish(item, waiting)

    def _take(self, waiting: deque[_Job]) -> bool:
        """What has queued up; whether the end is among it."""
        ended = False
        while not self._jobs.empty():
            item = self._jobs.get()
            if isinstance(item, _Job):
                waiting.append(item)
            ended = ended or item is None
        return ended

    def _finish(self, batch: _Batch, waiting: deque[_Job]) -> None:
        """Make durable what was done and what waits, and give back the turn."""
        while True:
            self._do(waiting, batch)
            self._commit(batch)
            if not waiting:
                self._turn.release()
            # Nothing is told before the commit, not even a failure: it may come of what others in the batch wrote.
            self._tell([*batch.lost, *batch.jobs])
            if not waiting:
                return
            batch = _Batch()

    def _do(self, jobs: deque[_Job], batch: _Batch) -> None:
        """As many of them as a transaction takes."""
        while jobs and len(batch.jobs) < _MOST_IN_A_COMMIT:
            job = jobs.popleft()
            if not job.begin():
                continue
            batch.jobs.append(job)
            try:
                self._do_one(job, batch.touched)
            except Exception as problem:
                self._give_up(batch, problem)

    def _commit(self, batch: _Batch) -> None:
        if not self._writer.in_transaction:
            return
        self._kept.begin_commit(batch.touched)
        try:
            self._run("COMMIT", [])
        except Exception as problem:
            self._give_up(batch, problem)
        finally:
            self._kept.end_commit()
        metrics.COMMITS.add(self._region_id)

    def _give_up(self, batch: _Batch, problem: Exception) -> None:
        with suppress(sqlite3.Error):
            self._writer.execute("ROLLBACK")
        batch.lose(StateError(f"{self._path.name}: {problem}"))

    def _do_one(self, job: _Job, touched: set[type[Record]]) -> None:
        """The first of a transaction needs no savepoint: there is nothing else to keep if it fails. `touched` are the
        cached kinds that were written since the last commit. Raises sqlite3.Error where the database gave up the
        whole transaction, as when the disk is full."""
        run = self._run
        first = not self._writer.in_transaction
        run("BEGIN IMMEDIATE" if first else "SAVEPOINT work", [])
        transaction = self._local.transaction = _Writing(run, self._kept, touched)
        try:
            job.result = job.work(transaction)
        except BaseException as problem:
            if not self._writer.in_transaction:
                raise sqlite3.OperationalError(f"the transaction is lost: {problem}") from problem
            run("ROLLBACK" if first else "ROLLBACK TO work", [])
            job.problem = StateError(f"{self._path.name}: {problem}") if isinstance(problem, sqlite3.Error) else problem
        else:
            job.committed = transaction.committed
        finally:
            self._local.transaction = None
        if not first:
            run("RELEASE work", [])

    def _tell(self, jobs: Sequence[_Job]) -> None:
        """Each event loop is woken once, however many wait in it; and so is one that has more to do."""
        failed = sum(job.problem is not None for job in jobs)
        metrics.TRANSACTIONS.add(self._region_id, "refused", by=failed)
        metrics.TRANSACTIONS.add(self._region_id, "committed", by=len(jobs) - failed)
        loops: dict[asyncio.AbstractEventLoop, list[_Job]] = {}
        for job in jobs:
            if job.problem is None:
                carry_out(job.committed)
            if isinstance(job.future, Future):
                job.announce()
            else:
                loops.setdefault(job.future.get_loop(), []).append(job)
        if self._quick and self._loop is not None:
            loops.setdefault(self._loop, [])
        for loop, told in loops.items():
            with suppress(RuntimeError):  # the loop has ended, and with it who waited
                loop.call_soon_threadsafe(self._announce, told)

    def _announce(self, jobs: Sequence[_Job]) -> None:
        for job in jobs:
            job.announce()
        self._do_quick()


class _Writing(SqlTransaction):
    """Reads what is kept in memory, too, as long as nobody has written it since the last commit."""

    def __init__(self, run: Run, kept: Kept, touched: set[type[Record]]) -> None:
        super().__init__(_DIALECT, run)
        self._kept = kept
        self.touched = touched

    def get(self, kind: type[R], *key: Any) -> R | None:
        if not kind.CACHED or kind in self.touched:
            return super().get(kind, *key)
        found = self._kept.get(kind, key)
        if found is None:
            found = super().get(kind, *key)
            if found is None:
                return None
            self._kept.keep(key, found, self._kept.commits)  # nobody else commits meanwhile
        return copy(found)  # a writer may change it


class _Reading(SqlTransaction):
    """Reads, also from what is kept in memory."""

    def __init__(self, run: Run, kept: Kept, since: int) -> None:
        super().__init__(_DIALECT, run)
        self._kept = kept
        self._since = since
        self._used: set[type[Record]] = set()

    def get(self, kind: type[R], *key: Any) -> R | None:
        if not kind.CACHED:
            return super().get(kind, *key)
        self._used.add(kind)
        found = self._kept.get(kind, key)
        if found is None:
            found = super().get(kind, *key)
            if found is not None:
                self._kept.keep(key, found, self._since)
        return found

    def holds(self, *, quiet: bool) -> bool:
        """Whether all that was read is of one moment."""
        if quiet:
            return self._kept.commits == self._since
        return all(self._kept.changed(kind) < self._since for kind in self._used)


def _runner(connection: sqlite3.Connection) -> Callable[[str, list[Any]], list[Any]]:
    execute = connection.execute

    def run(statement: str, values: list[Any]) -> list[Any]:
        try:
            return execute(statement, values).fetchall()
        except sqlite3.IntegrityError as problem:
            raise DuplicateKey(str(problem)) from problem

    return run
