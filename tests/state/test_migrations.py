"""What happens to old state when it is opened by newer code, and to newer state by older code."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from openyun.state import Record, StateError, Store, Transaction
from openyun.state.record import Shape
from tests.state.conftest import OpenStore
from tests.state.records import Book

Run = Callable[[str], None]


@pytest.fixture
def run(setting: str, region_id: str, tmp_path: Path) -> Run:
    """Runs SQL on the test's state behind its back."""

    def on_sqlite(statement: str) -> None:
        with closing(sqlite3.connect(tmp_path / "state" / f"{region_id}.db", isolation_level=None)) as connection:
            connection.execute(statement)

    def on_postgresql(statement: str) -> None:
        schema = "region_" + region_id.replace("-", "_")
        with psycopg.connect(setting, autocommit=True, options=f"-c search_path={schema}") as connection:
            connection.execute(statement)

    return on_sqlite if setting == "sqlite" else on_postgresql


@pytest.fixture
def old(reopen: OpenStore, run: Run) -> None:
    """State as it was written before Book had an index on `year`."""
    store = reopen()
    store.write(lambda state: [state.insert(Book(id=f"b-{n}", year=2000 + n)) for n in range(5)])
    store.close()
    run("DROP INDEX test_book_by_year")
    run("ALTER TABLE test_book DROP COLUMN year")


@pytest.mark.usefixtures("old")
def test_a_new_index_is_filled_from_the_records(reopen: OpenStore) -> None:
    found = reopen().read(lambda state: state.scan(Book, "year", after=2001, before=2004))
    assert [one.id for one in found] == ["b-2", "b-3"]


def test_a_field_that_old_records_lack_takes_its_default(reopen: OpenStore, run: Run) -> None:
    store = reopen()
    store.write(lambda state: state.insert(Book(id="b", notes={"gone": "soon"})))
    store.close()
    body = '{"id":"b","unknown":7}'
    hexadecimal = body.encode().hex()
    run(f"UPDATE test_book SET body = {_literal(run, hexadecimal)}")
    assert reopen().read(lambda state: state.get(Book, "b")) == Book(id="b")


def _literal(run: Run, hexadecimal: str) -> str:
    return f"X'{hexadecimal}'" if run.__name__ == "on_sqlite" else f"'\\x{hexadecimal}'"


def test_state_of_a_newer_version_is_refused_and_not_touched(reopen: OpenStore, run: Run) -> None:
    store = reopen()
    store.write(lambda state: state.insert(Book(id="b")))
    store.close()
    run("UPDATE openyun_schema SET version = 1000")
    with pytest.raises(StateError, match="version 1000"):
        reopen()
    # The refusal holds no lock, and all is as it was.
    run("UPDATE openyun_schema SET version = 0")
    assert reopen().read(lambda state: state.count(Book)) == 1


def test_migrations_run_once_and_in_order(reopen: OpenStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store = reopen()
    store.write(lambda state: state.insert(Book(id="b", title="a")))
    store.close()

    def append(letter: str) -> Callable[[Transaction], None]:
        def migrate(state: Transaction) -> None:
            for book in state.find(Book):
                book.title += letter
                state.put(book)

        return migrate

    def opened(*migrations: Callable[[Transaction], None]) -> str:
        monkeypatch.setattr("openyun.state.sql.MIGRATIONS", migrations)
        store = reopen()
        try:
            return store.read(lambda state: state.find(Book))[0].title
        finally:
            store.close()

    assert opened(append("b"), append("c")) == "abc"
    assert opened(append("b"), append("c")) == "abc"
    assert opened(append("b"), append("c"), append("d")) == "abcd"


def test_a_migration_that_fails_changes_nothing(reopen: OpenStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store = reopen()
    store.write(lambda state: state.insert(Book(id="b", title="old")))
    store.close()

    def migrate(state: Transaction) -> None:
        state.put(Book(id="b", title="half"))
        raise ZeroDivisionError

    monkeypatch.setattr("openyun.state.sql.MIGRATIONS", (migrate,))
    with pytest.raises(ZeroDivisionError):
        reopen()
    monkeypatch.undo()
    assert reopen().read(lambda state: state.find(Book))[0].title == "old"


def test_every_declared_record_has_a_table_that_works(store: Store) -> None:
    """Also those of all services: a column must not have the name of a word that a database keeps for itself."""
    from openyun.main import SERVICES
    from openyun.state.record import all_shapes

    assert SERVICES
    for shape in all_shapes():
        empty = {name: "" if kind == "TEXT" else 0 for name, kind in zip(shape.columns, shape.types, strict=True)}
        assert store.read(lambda state, shape=shape, empty=empty: state.find(shape.kind, **empty)) == []
        for column in shape.columns:
            found = store.read(lambda state, shape=shape, column=column: state.scan(shape.kind, column))
            assert found == []


def test_a_column_must_hold_text_or_whole_numbers() -> None:
    def declare(hint: Any) -> type[Record]:
        body = {
            "__annotations__": {"id": str, "field": hint},
            "INDEXES": (("field",),),
            "field": None,
        }
        return type("Odd", (Record,), body, kw_only=True)

    for hint in (str | None, float, list[str], dict[str, str]):
        with pytest.raises(TypeError, match=r"Odd\.field"):
            Shape(declare(hint))
    assert Shape(declare(int)).types == ("TEXT", "BIGINT")
