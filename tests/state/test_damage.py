"""Broken files, killed processes, a database that goes away."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import psycopg
import pytest

from openyun.cloud import Cloud, Engines
from openyun.config import Config
from openyun.main import make_engines
from openyun.region import HOME
from openyun.state import StateError, Store, open_store
from tests.state.conftest import OpenStore
from tests.state.records import Book

WRITER = """
import sys, threading
from pathlib import Path
from openyun.state import open_store
from tests.state.records import Book

store = open_store(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
print("ready", flush=True)
lock = threading.Lock()

def write(writer):
    for number in range(1_000_000):
        key = f"{sys.argv[4]}-{writer}-{number}"
        def work(state):
            state.insert(Book(id=key, shelf="left"))
            state.insert(Book(id=key + "-twin", shelf="right"))
        store.write(work)
        with lock:
            print(key, flush=True)

for writer in range(4):
    threading.Thread(target=write, args=(writer,)).start()
"""


def test_sigkill_loses_nothing_that_was_acknowledged(
    reopen: OpenStore, setting: str, region_id: str, tmp_path: Path
) -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    acknowledged: set[str] = set()
    for life in range(4):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, setting, region_id, str(tmp_path), str(life)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        for _ in range(dice.randrange(20, 200)):
            acknowledged.add(process.stdout.readline().strip())
        killer = threading.Timer(dice.uniform(0, 0.02), process.send_signal, [signal.SIGKILL])
        killer.start()
        lines = process.stdout.read().split("\n")
        # The last line may be cut off in its middle.
        acknowledged.update(lines[:-1])
        process.stdout.close()
        assert process.wait() == -signal.SIGKILL
        found = {one.id for one in reopen().read(lambda state: state.find(Book))}
        assert acknowledged <= found
        assert {key + "-twin" for key in found if not key.endswith("-twin")} == {
            key for key in found if key.endswith("-twin")
        }, "half a transaction"


def test_a_postgresql_that_cut_all_connections_is_found_again(postgresql: str, region_id: str, tmp_path: Path) -> None:
    store = open_store(postgresql, region_id, tmp_path)
    store.write(lambda state: state.insert(Book(id="b")))
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
    assert store.read(lambda state: state.count(Book)) == 1
    store.write(lambda state: state.insert(Book(id="c")))
    store.close()


def test_a_postgresql_that_is_not_there_is_a_state_error(tmp_path: Path) -> None:
    with pytest.raises(StateError):
        open_store("postgresql://openyun@127.0.0.1:1/postgres", "test", tmp_path)


def test_a_setting_that_is_none_is_a_state_error(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="sqlite"):
        open_store("mysql://there", "test", tmp_path)


@pytest.mark.parametrize("content", [b"this is no database at all, but long enough to look like one" * 99, b"SQLite"])
def test_a_broken_file_is_a_state_error(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "state" / "test.db"
    file.parent.mkdir()
    file.write_bytes(content)
    with pytest.raises(StateError, match=r"test\.db"):
        open_store("sqlite", "test", tmp_path)
    assert file.read_bytes() == content, "a broken file is left for who can repair it"


def test_a_file_that_breaks_while_in_use_is_a_state_error(tmp_path: Path) -> None:
    store = open_store("sqlite", "test", tmp_path)
    for number in range(200):
        store.write(lambda state, number=number: state.insert(Book(id=f"b-{number}", title="x" * 500)))
    with sqlite3.connect(tmp_path / "state" / "test.db") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    size = (tmp_path / "state" / "test.db").stat().st_size
    with (tmp_path / "state" / "test.db").open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(size - 4096))
    with pytest.raises(StateError):
        fresh(store)
    with pytest.raises(StateError):
        store.write(lambda state: state.find(Book))
    store.close()


def fresh(store: Store) -> None:
    """Read in a thread of its own, which has no page in its cache."""
    problems: list[BaseException] = []

    def look() -> None:
        try:
            store.read(lambda state: state.find(Book))
        except StateError as problem:
            problems.append(problem)

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    if problems:
        raise problems[0]


def test_a_region_with_a_broken_file_fails_alone(tmp_path: Path) -> None:
    broken = tmp_path / "state" / "me-east-1.db"
    broken.parent.mkdir()
    broken.write_bytes(b"broken" * 1000)
    cloud = Cloud(Config(data=tmp_path, cache=tmp_path, compute="simulated"), make_engines)
    threads = threading.active_count()
    for _ in range(3):
        with pytest.raises(StateError, match="me-east-1"):
            cloud.region("me-east-1")
    assert threading.active_count() == threads, "failing again and again leaves nothing behind"
    for region_id in (HOME.id, "eu-central-1"):
        store = cloud.region(region_id).store
        store.write(lambda state: state.insert(Book(id="b")))
        assert store.read(lambda state: state.count(Book)) == 1
    cloud.close()


def test_a_region_whose_engines_cannot_start_leaves_nothing_behind(tmp_path: Path) -> None:
    def no_engines(*_: object) -> Engines:
        raise ZeroDivisionError

    cloud = Cloud(Config(data=tmp_path, cache=tmp_path), no_engines)
    threads = threading.active_count()
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            cloud.region(HOME.id)
    assert threading.active_count() == threads
    assert list(cloud.regions_in_use()) == []
