"""The whole cloud with its state on PostgreSQL."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.cli.conftest import Yun
from tests.state.postgresql import postgresql_address


@pytest.fixture
def address() -> Iterator[str]:
    # Its own user must reach it, so it is not below a folder of pytest's, which is closed to others.
    directory = Path(tempfile.mkdtemp(prefix="yun-postgresql-"))
    try:
        yield from postgresql_address(directory)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def schemas(address: str) -> list[str]:
    with psycopg.connect(address) as connection:
        rows = connection.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'region%' ORDER BY 1").fetchall()
    return [row[0] for row in rows]


def test_the_tour_passes_on_postgresql_and_reset_leaves_nothing(yun: Yun, address: str) -> None:
    yun.settings["OPENYUN_STATE"] = address
    yun("up")
    answer = yun.json("tour")
    assert answer["ok"] is True, answer
    assert yun.json("status")["state"] == "postgresql"
    assert schemas(address) == ["region_cn_hangzhou", "region_me_east_1"]
    yun("reset", "--yes")
    assert schemas(address) == []
