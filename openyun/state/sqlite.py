"""SQLite: one file a region, one writer.

All writes go through one thread, which runs each in a savepoint and commits what has queued up in one go: serializable
by construction, and one fsync serves many clients. Reads run where they are called, each on a snapshot of its own.
"""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from openyun.state.sql import Dialect, SqlTransaction, prepare
from openyun.state.store import DuplicateKey, StateError, Transaction

T = TypeVar("T")

_DIALECT = Dialect(mark="?", text="TEXT", blob="BLOB")
_MOST_IN_A_COMMIT = 256

_Job = tuple[Callable[[Transaction], Any], "Future[Any]"]


class SqliteStore:
    inline = True

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._closed = False
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._writer = self._connect()
            run = _runner(self._writer)
            run("BEGIN IMMEDIATE", [])
            prepare(_DIALECT, run, self._columns)
            run("COMMIT", [])
        except sqlite3.Error as problem:
            raise StateError(f"{path.name}: {problem}") from problem
        self._thread = threading.Thread(target=self._write_all, name=f"state {path.stem}", daemon=True)
        self._thread.start()

    def read(self, work: Callable[[Transaction], T]) -> T:
        run: Callable[[str, list[Any]], list[Any]] | None = getattr(self._local, "run", None)
        try:
            if run is None:
                connection = self._connect()
                self._readers.append(connection)
                run = self._local.run = _runner(connection)
            run("BEGIN", [])
            try:
                return work(SqlTransaction(_DIALECT, run))
            finally:
                run("COMMIT", [])
        except sqlite3.Error as problem:
            raise StateError(f"{self._path.name}: {problem}") from problem

    def write(self, work: Callable[[Transaction], T]) -> T:
        return self.submit(work).result()

    def submit(self, work: Callable[[Transaction], T]) -> Future[T]:
        if self._closed:
            raise StateError(f"{self._path.name} is closed")
        future: Future[T] = Future()
        self._jobs.put((work, future))
        return future

    def close(self) -> None:
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

    def _columns(self, table: str) -> set[str]:
        return {row[1] for row in self._writer.execute(f"PRAGMA table_info({table})")}

    def _write_all(self) -> None:
        run = _runner(self._writer)
        ending = False
        while not ending:
            job = self._jobs.get()
            if job is None:
                return
            done: list[tuple[Future[Any], Any, list[Callable[[], None]]]] = []
            waiting = [job[1]]
            try:
                run("BEGIN IMMEDIATE", [])
                while True:
                    outcome = _in_savepoint(run, job)
                    if outcome is not None:
                        done.append(outcome)
                    if len(done) >= _MOST_IN_A_COMMIT:
                        break
                    try:
                        job = self._jobs.get_nowait()
                    except queue.Empty:
                        break
                    if job is None:
                        ending = True
                        break
                    waiting.append(job[1])
                run("COMMIT", [])
            except sqlite3.Error as problem:
                with suppress(sqlite3.Error):
                    run("ROLLBACK", [])
                failure = StateError(f"{self._path.name}: {problem}")
                for future in waiting:
                    if not future.done():
                        future.set_exception(failure)
                continue
            for future, result, actions in done:
                for action in actions:
                    action()
                future.set_result(result)


def _in_savepoint(
    run: Callable[[str, list[Any]], list[Any]], job: _Job
) -> tuple[Future[Any], Any, list[Callable[[], None]]] | None:
    """The outcome to announce after the commit; None if the work raised, which is announced at once."""
    work, future = job
    if not future.set_running_or_notify_cancel():
        return None
    run("SAVEPOINT work", [])
    transaction = SqlTransaction(_DIALECT, run)
    try:
        result = work(transaction)
    except sqlite3.Error:
        raise
    except BaseException as problem:
        run("ROLLBACK TO work", [])
        run("RELEASE work", [])
        future.set_exception(problem)
        return None
    run("RELEASE work", [])
    return future, result, transaction.committed


def _runner(connection: sqlite3.Connection) -> Callable[[str, list[Any]], list[Any]]:
    execute = connection.execute

    def run(statement: str, values: list[Any]) -> list[Any]:
        try:
            return execute(statement, values).fetchall()
        except sqlite3.IntegrityError as problem:
            raise DuplicateKey(str(problem)) from problem

    return run
