"""PostgreSQL: one schema a region, serializable transactions, the whole work retried on conflict."""

from __future__ import annotations

import asyncio
import queue
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar

import psycopg
from psycopg import errors

from openyun import metrics
from openyun.state.sql import Dialect, SqlTransaction, prepare
from openyun.state.store import DuplicateKey, StateError, Transaction, carry_out

T = TypeVar("T")

_DIALECT = Dialect(mark="%s", text='TEXT COLLATE "C"', blob="BYTEA", one_of="= ANY(%s)", listed=list)
_WRITE = "BEGIN ISOLATION LEVEL SERIALIZABLE"
_CONNECTIONS = 8
_TRIES = 60
_SCHEMA_LOCK = 7254115


class PostgresqlStore:
    inline = False

    def __init__(self, address: str, region_id: str) -> None:
        self._address = address
        self._region_id = region_id
        self._schema = "region_" + region_id.replace("-", "_")
        self._closed = False
        self._local = threading.local()
        self._idle: queue.LifoQueue[psycopg.Connection | None] = queue.LifoQueue()
        for _ in range(_CONNECTIONS):
            self._idle.put(None)
        self._pool = ThreadPoolExecutor(_CONNECTIONS, thread_name_prefix=f"state {region_id}")
        try:
            with self._connect() as connection:
                run = _runner(connection)
                # Two servers that start together must not both create the tables.
                run("SELECT pg_advisory_xact_lock(%s)", [_SCHEMA_LOCK])
                run(f"CREATE SCHEMA IF NOT EXISTS {self._schema}", [])
                prepare(_DIALECT, run, lambda table: self._columns(run, table))
            connection.close()
        except psycopg.Error as problem:
            raise StateError(f"{self._schema}: {problem}") from problem

    def read(self, work: Callable[[Transaction], T]) -> T:
        # A second connection for it could be one that all others wait for too.
        around: Transaction | None = getattr(self._local, "transaction", None)
        if around is not None:
            return work(around)
        return self._attempt(work, "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY")

    def write(self, work: Callable[[Transaction], T]) -> T:
        if getattr(self._local, "transaction", None) is not None:
            raise RuntimeError("a write inside other work on the same state")
        return self._attempt(work, _WRITE)

    def submit(self, work: Callable[[Transaction], T]) -> Future[T]:
        if self._closed:
            raise StateError(f"{self._schema} is closed")
        return self._pool.submit(self.write, work)

    def send(self, work: Callable[[Transaction], T], *, quick: bool = False) -> asyncio.Future[T]:
        return asyncio.wrap_future(self.submit(work))

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._pool.shutdown()
        for _ in range(_CONNECTIONS):
            connection = self._idle.get()
            if connection is not None:
                connection.close()

    def _attempt(self, work: Callable[[Transaction], T], begin: str) -> T:
        duplicate = ""
        for attempt in range(_TRIES):
            try:
                result, committed = self._once(work, begin)
            except DuplicateKey as problem:
                # Of two that insert one key at once, the second may learn it so. On its next run it sees the row, and
                # so takes another key, or has only itself to blame.
                if str(problem) == duplicate:
                    raise
                duplicate = str(problem)
                continue
            except (errors.SerializationFailure, errors.DeadlockDetected):
                time.sleep(random.uniform(0, min(0.1, 0.002 * 2**attempt)))  # noqa: S311  # spreads retries, no secret
                continue
            carry_out(committed)
            return result
        raise StateError(f"{self._schema}: too many conflicting transactions")

    def _once(self, work: Callable[[Transaction], T], begin: str) -> tuple[T, list[Callable[[], None]]]:
        connection = self._idle.get()
        try:
            connection = self._begin(connection, begin)
            run = _runner(connection)
            transaction = self._local.transaction = SqlTransaction(_DIALECT, run)
            try:
                result = work(transaction)
                run("COMMIT", [])
            except BaseException:
                self._count("refused", begin)
                with suppress(psycopg.Error):
                    run("ROLLBACK", [])
                raise
            finally:
                self._local.transaction = None
            self._count("committed", begin)
            return result, transaction.committed
        except (errors.SerializationFailure, errors.DeadlockDetected):
            raise
        except psycopg.Error as problem:
            if connection is not None:
                connection.close()
            raise StateError(f"{self._schema}: {problem}") from problem
        finally:
            self._idle.put(connection)

    def _count(self, outcome: str, begin: str) -> None:
        if begin is _WRITE:
            metrics.TRANSACTIONS.add(self._region_id, outcome)
            metrics.COMMITS.add(self._region_id, by=outcome == "committed")

    def _begin(self, connection: psycopg.Connection | None, begin: str) -> psycopg.Connection:
        """A connection in a transaction: this one, or a new one where it has died since it was last used."""
        if connection is not None:
            try:
                connection.execute(begin)
                return connection
            except psycopg.OperationalError:
                connection.close()
        connection = self._connect(autocommit=True)
        connection.execute(begin)
        return connection

    def _connect(self, *, autocommit: bool = False) -> psycopg.Connection:
        return psycopg.connect(
            self._address,
            autocommit=autocommit,
            connect_timeout=10,
            options=f"-c search_path={self._schema} -c client_min_messages=warning",
        )

    def _columns(self, run: Callable[[str, list[Any]], list[Any]], table: str) -> set[str]:
        rows = run(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = %s AND table_name = %s",
            [self._schema, table],
        )
        return {row[0] for row in rows}


def _runner(connection: psycopg.Connection) -> Callable[[str, list[Any]], list[Any]]:
    def run(statement: str, values: list[Any]) -> list[Any]:
        try:
            # Statements are built from declarations in the code; every value travels beside them.
            cursor = connection.execute(statement, values or None)
        except errors.UniqueViolation as problem:
            raise DuplicateKey(str(problem)) from problem
        return cursor.fetchall() if cursor.description else []

    return run


def drop(address: str, region_id: str) -> None:
    """Delete all state of a region, for good. Raises StateError."""
    try:
        with psycopg.connect(address, autocommit=True, connect_timeout=10) as connection:
            connection.execute(f"DROP SCHEMA IF EXISTS region_{region_id.replace('-', '_')} CASCADE")
    except psycopg.Error as problem:
        raise StateError(f"{region_id}: {problem}") from problem
