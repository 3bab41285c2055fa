from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.state.postgresql import postgresql_address


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL server of this session's own."""
    directory = Path(tempfile.mkdtemp(prefix="openyun-postgresql-"))
    try:
        yield from postgresql_address(directory)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
