"""One suite, two databases: every test here runs on SQLite and on a real PostgreSQL that the tests start themselves."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from openyun.state import Store, open_store
from tests.state.postgresql import postgresql_address

OpenStore = Callable[[], Store]

_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL server of this session's own."""
    # initdb wants a directory that another user than root may enter, which pytest's own is not
    directory = Path(tempfile.mkdtemp(prefix="openyun-postgresql-"))
    try:
        yield from postgresql_address(directory)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def setting(request: pytest.FixtureRequest) -> str:
    """What OPENYUN_STATE would say."""
    if request.param == "sqlite":
        return "sqlite"
    return str(request.getfixturevalue("postgresql"))


@pytest.fixture
def region_id() -> str:
    """A region of this test's own: all share one PostgreSQL."""
    return f"test-{next(_numbers)}"


@pytest.fixture
def reopen(setting: str, region_id: str, tmp_path: Path) -> Iterator[OpenStore]:
    """Opens the test's state; again, with what it held, when called again."""
    opened: list[Store] = []

    def opener() -> Store:
        store = open_store(setting, region_id, tmp_path)
        opened.append(store)
        return store

    yield opener
    for store in opened:
        store.close()


@pytest.fixture
def store(reopen: OpenStore) -> Store:
    return reopen()
