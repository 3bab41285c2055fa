"""SQLite: one file a region, one writer.

All writes go through one thread, which runs each in a savepoint and commits what has queued up in one go: serializable
by construction, and one fsync serves many clients. Reads run where they are called, each on a snapshot of its own.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
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


def _announce(jobs: Sequence[_Job]) -> None:
    for job in jobs:
        job.announce()


class SqliteStore:
    inline = True

    def __init__(self, path: Path) -> None:
        self._path = path
        self._region_id = path.stem
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._kept = Kept()
        self._closed = False
        self._door = threading.Lock()
        """between those who bring jobs and the one who closes"""
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._writer = self._connect()
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

    def send(self, work: Callable[[Transaction], T]) -> asyncio.Future[T]:
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._queue(_Job(work, future))
        return future

    def _queue(self, job: _Job) -> None:
        with self._door:
            if self._closed:
                raise StateError(f"{self._path.name} is closed")
            self._jobs.put(job)

    def close(self) -> None:
        with self._door:
            if self._closed:
                return
            self._closed = True
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
        run = _runner(self._writer)
        try:
            run("BEGIN IMMEDIATE", [])
            prepare(_DIALECT, run, self._columns)
            run("COMMIT", [])
        except BaseException:
            self._writer.close()
            raise

    def _columns(self, table: str) -> set[str]:
        return {row[1] for row in self._writer.execute(f"PRAGMA table_info({table})")}

    def _write_all(self) -> None:
        job = self._jobs.get()
        while job is not None:
            batch: list[_Job] = []
            try:
                self._commit(job, batch)
            except Exception as problem:
                with suppress(sqlite3.Error):
                    self._writer.execute("ROLLBACK")
                failure = StateError(f"{self._path.name}: {problem}")
                for one in batch:
                    one.problem = failure
            metrics.COMMITS.add(self._region_id)
            failed = sum(one.problem is not None for one in batch)
            metrics.TRANSACTIONS.add(self._region_id, "refused", by=failed)
            metrics.TRANSACTIONS.add(self._region_id, "committed", by=len(batch) - failed)
            # Nothing is told before the commit, not even a failure: it may come of what others in the batch wrote.
            _tell(batch)
            job = self._jobs.get()

    def _commit(self, job: _Job, batch: list[_Job]) -> None:
        """This job and those that came meanwhile, in one transaction."""
        run = _runner(self._writer)
        touched: set[type[Record]] = set()
        following: _Job | None = job
        while following is not None:
            if following.begin():
                batch.append(following)
                if len(batch) == 1:
                    run("BEGIN IMMEDIATE", [])
                self._in_savepoint(run, following, touched)
            following = self._next() if len(batch) < _MOST_IN_A_COMMIT else None
        if batch:
            self._kept.begin_commit(touched)
            try:
                run("COMMIT", [])
            finally:
                self._kept.end_commit()

    def _next(self) -> _Job | None:
        """The job that waits already, if one does."""
        try:
            job = self._jobs.get_nowait()
        except queue.Empty:
            return None
        if job is None:
            self._jobs.put(None)  # the end, for who waits for it
        return job

    def _in_savepoint(self, run: Run, job: _Job, touched: set[type[Record]]) -> None:
        """`touched` are the cached kinds that were written since the last commit. Raises sqlite3.Error where the
        database gave up the whole transaction, as when the disk is full."""
        run("SAVEPOINT work", [])
        transaction = self._local.transaction = _Writing(run, self._kept, touched)
        try:
            job.result = job.work(transaction)
        except BaseException as problem:
            if not self._writer.in_transaction:
                raise sqlite3.OperationalError(f"the transaction is lost: {problem}") from problem
            run("ROLLBACK TO work", [])
            job.problem = StateError(f"{self._path.name}: {problem}") if isinstance(problem, sqlite3.Error) else problem
        else:
            job.committed = transaction.committed
        finally:
            self._local.transaction = None
        run("RELEASE work", [])


def _tell(batch: Sequence[_Job]) -> None:
    """Each event loop is woken once, however many wait in it."""
    loops: dict[asyncio.AbstractEventLoop, list[_Job]] = {}
    for one in batch:
        if one.problem is None:
            carry_out(one.committed)
        if isinstance(one.future, Future):
            one.announce()
        else:
            loops.setdefault(one.future.get_loop(), []).append(one)
    for loop, jobs in loops.items():
        with suppress(RuntimeError):  # the loop has ended, and with it who waited
            loop.call_soon_threadsafe(_announce, jobs)


class _Writing(SqlTransaction):
    """Reads what is kept in memory, too, as long as nobody has written it since the last commit."""

    def __init__(self, run: Run, kept: Kept, touched: set[type[Record]]) -> None:
        super().__init__(_DIALECT, run)
        self._kept = kept
        self.touched = touched

    def get(self, kind: type[R], *key: Any) -> R | None:
        if kind.CACHED and kind not in self.touched:
            found = self._kept.get(kind, key)
            if found is not None:
                return copy(found)  # a writer may change it
        return super().get(kind, *key)


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
