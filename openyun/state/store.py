"""What operations and reconcilers know of state. The drivers are `sqlite.py` and `postgresql.py`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Protocol, TypeVar

from openyun.state.record import Record

log = logging.getLogger("openyun.state")

R = TypeVar("R", bound=Record)
T = TypeVar("T")


class StateError(Exception):
    """The state of a region cannot be read or written now."""


class DuplicateKey(Exception):
    """insert() met a record with the same key. The transaction is over: let it pass."""


class Transaction(Protocol):
    """A serializable transaction. Everything read in it is from one moment; all writes happen or none."""

    def get(self, kind: type[R], *key: Any) -> R | None: ...

    def find(self, kind: type[R], **equal: Any) -> list[R]:
        """Records whose indexed fields equal these values (a list means any of them), in order of key."""
        ...

    def count(self, kind: type[R], **equal: Any) -> int: ...

    def scan(
        self,
        kind: type[R],
        column: str,
        *,
        start: Any = None,
        after: Any = None,
        before: Any = None,
        descending: bool = False,
        limit: int | None = None,
        **equal: Any,
    ) -> list[R]:
        """Records with these equal fields, in the byte order of `column`: from start (or after), up to before."""
        ...

    def insert(self, record: Record) -> None:
        """Raises DuplicateKey."""
        ...

    def put(self, record: Record) -> None:
        """Insert, or replace the record of the same key."""
        ...

    def delete(self, record: Record) -> None: ...

    def after_commit(self, action: Callable[[], None]) -> None:
        """Do this once the transaction is durable; never if it is rolled back."""
        ...


class Store(Protocol):
    """The state of one region."""

    inline: bool
    """reads are quick enough to run on the event loop"""

    def read(self, work: Callable[[Transaction], T]) -> T:
        """Run on a snapshot, in this thread. Inside other work on this store it is a part of that transaction."""
        ...

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Run serializably and durably. `work` may run several times; only its last run counts. Raises RuntimeError
        inside other work on this store, which it would wait for."""
        ...

    def submit(self, work: Callable[[Transaction], T]) -> Future[T]:
        """`write` without waiting."""
        ...

    def send(self, work: Callable[[Transaction], T], *, quick: bool = False) -> asyncio.Future[T]:
        """`submit` for who waits in an event loop, which is this thread's. Work that is `quick`, a few statements on
        a few records, may be done in that thread."""
        ...

    def close(self) -> None: ...


def carry_out(actions: Iterable[Callable[[], None]]) -> None:
    """What was asked for after the commit. The work is durable, so what fails here is no failure of it."""
    for action in actions:
        try:
            action()
        except Exception:
            log.exception("after a commit")


Migration = Callable[[Transaction], None]

MIGRATIONS: Sequence[Migration] = ()
"""Changes of data that a record's declaration cannot express, oldest first. Their number is the state's version."""


def open_store(setting: str, region_id: str, data: Path) -> Store:
    """`setting` is "sqlite" (a file a region below `data`) or a postgresql:// address (a schema a region)."""
    if setting == "sqlite":
        from openyun.state.sqlite import SqliteStore

        return SqliteStore(data / "state" / f"{region_id}.db")
    if setting.startswith(("postgresql://", "postgres://")):
        from openyun.state.postgresql import PostgresqlStore

        return PostgresqlStore(setting, region_id)
    raise StateError(f"state must be 'sqlite' or a postgresql:// address, not {setting!r}")
