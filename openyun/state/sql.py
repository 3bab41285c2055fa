"""The SQL that both drivers share: statements, rows to records, schema changes."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from openyun.state.record import Record, Shape, all_shapes, column_value, shape_of
from openyun.state.store import MIGRATIONS, StateError

R = TypeVar("R", bound=Record)

# SQLite and PostgreSQL share almost all of their SQL; this is the rest. TEXT must sort by its UTF-8 bytes, as
# listings of objects do.


class Dialect:
    def __init__(
        self, mark: str, text: str, blob: str, one_of: str, listed: Callable[[list[Any]], Any], clustered: str = ""
    ) -> None:
        self.mark = mark
        self.text = text
        self.blob = blob
        self.one_of = one_of
        """the test whether a column's value is in a list, which travels as a single value however long it is"""
        self.listed = listed
        self.clustered = clustered
        """has a table's rows lie in its key, which spares an index; not for large rows"""


class Statements:
    """What is done with one record, in SQL that both databases speak."""

    def __init__(self, shape: Shape, mark: str) -> None:
        names = (*shape.columns, "body")
        marks = ", ".join([mark] * len(names))
        where = " AND ".join(f"{name} = {mark}" for name in shape.key)
        changes = ", ".join(f"{name} = excluded.{name}" for name in names if name not in shape.key)
        self.get = f"SELECT body FROM {shape.table} WHERE {where}"
        self.insert = f"INSERT INTO {shape.table} ({', '.join(names)}) VALUES ({marks})"
        self.put = f"{self.insert} ON CONFLICT ({', '.join(shape.key)}) DO UPDATE SET {changes}"
        self.delete = f"DELETE FROM {shape.table} WHERE {where}"


@cache
def _statements(kind: type[Record], mark: str) -> Statements:
    return Statements(shape_of(kind), mark)


class SqlTransaction:
    """`run(statement, values)` gives rows; the rest is common to both databases."""

    def __init__(self, dialect: Dialect, run: Callable[[str, list[Any]], list[Any]]) -> None:
        self._dialect = dialect
        self._mark = dialect.mark
        self._run = run
        self.committed: list[Callable[[], None]] = []
        self.touched: set[type[Record]] = set()
        """the cached kinds that were written"""

    def get(self, kind: type[R], *key: Any) -> R | None:
        shape = shape_of(kind)
        rows = self._run(_statements(shape.kind, self._mark).get, [column_value(one) for one in key])
        return shape.decode(rows[0][0]) if rows else None  # type: ignore[return-value]  # the shape is kind's

    def find(self, kind: type[R], **equal: Any) -> list[R]:
        shape = shape_of(kind)
        where, values = self._where(shape, equal)
        order = ", ".join(shape.key)
        rows = self._run(f"SELECT body FROM {shape.table}{where} ORDER BY {order}", values)
        return [shape.decode(row[0]) for row in rows]  # type: ignore[misc]  # the shape is kind's

    def count(self, kind: type[R], **equal: Any) -> int:
        shape = shape_of(kind)
        where, values = self._where(shape, equal)
        return int(self._run(f"SELECT count(*) FROM {shape.table}{where}", values)[0][0])

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
        shape = shape_of(kind)
        self._must_be_column(shape, column)
        where, values = self._where(shape, equal)
        for bound, sign in ((start, ">="), (after, ">"), (before, "<")):
            if bound is not None:
                where += f"{' AND' if where else ' WHERE'} {column} {sign} {self._mark}"
                values.append(column_value(bound))
        # Equal columns first and the key last, as in the index, so that the planner walks the one that has them all.
        names = dict.fromkeys([*self._single(equal), column, *shape.key])
        order = ", ".join(f"{name}{' DESC' if descending else ''}" for name in names)
        tail = f" LIMIT {int(limit)}" if limit is not None else ""
        rows = self._run(f"SELECT body FROM {shape.table}{where} ORDER BY {order}{tail}", values)
        return [shape.decode(row[0]) for row in rows]  # type: ignore[misc]  # the shape is kind's

    def insert(self, record: Record) -> None:
        """The driver's own error for a duplicate is turned into DuplicateKey by the driver's `run`."""
        shape = self._written(record)
        self._run(_statements(shape.kind, self._mark).insert, shape.row(record))

    def put(self, record: Record) -> None:
        shape = self._written(record)
        self._run(_statements(shape.kind, self._mark).put, shape.row(record))

    def delete(self, record: Record) -> None:
        shape = self._written(record)
        key = [column_value(getattr(record, name)) for name in shape.key]
        self._run(_statements(shape.kind, self._mark).delete, key)

    def after_commit(self, action: Callable[[], None]) -> None:
        self.committed.append(action)

    def _written(self, record: Record) -> Shape:
        kind = type(record)
        if kind.CACHED:
            self.touched.add(kind)
        return shape_of(kind)

    def _where(self, shape: Shape, equal: dict[str, Any]) -> tuple[str, list[Any]]:
        parts: list[str] = []
        values: list[Any] = []
        for name, value in equal.items():
            self._must_be_column(shape, name)
            if isinstance(value, list | tuple | set | frozenset):
                parts.append(f"{name} {self._dialect.one_of}")
                values.append(self._dialect.listed([column_value(one) for one in value]))
            else:
                parts.append(f"{name} = {self._mark}")
                values.append(column_value(value))
        return (" WHERE " + " AND ".join(parts) if parts else ""), values

    @staticmethod
    def _must_be_column(shape: Shape, name: str) -> None:
        if name not in shape.columns:
            raise TypeError(f"{shape.kind.__name__}.{name} is not in KEY or INDEXES")

    @staticmethod
    def _single(equal: dict[str, Any]) -> list[str]:
        return [name for name, value in equal.items() if not isinstance(value, list | tuple | set | frozenset)]


def prepare(
    dialect: Dialect, run: Callable[[str, list[Any]], list[Any]], columns_of: Callable[[str], set[str]]
) -> None:
    """Bring the schema to what the declarations say; `columns_of(table)` is empty where there is no such table.
    Runs inside one transaction."""
    transaction = SqlTransaction(dialect, run)
    fresh = not columns_of("openyun_schema")
    if fresh:
        run("CREATE TABLE openyun_schema (version BIGINT NOT NULL)", [])
        run(f"INSERT INTO openyun_schema (version) VALUES ({dialect.mark})", [len(MIGRATIONS)])
    for shape in all_shapes():
        _prepare_table(dialect, run, shape, columns_of(shape.table))
    version = int(run("SELECT version FROM openyun_schema", [])[0][0])
    if version > len(MIGRATIONS):
        raise StateError(f"this state has version {version}; this OpenYun knows versions up to {len(MIGRATIONS)}")
    for migration in MIGRATIONS[version:]:
        migration(transaction)
    if version < len(MIGRATIONS):
        run(f"UPDATE openyun_schema SET version = {dialect.mark}", [len(MIGRATIONS)])


def _prepare_table(
    dialect: Dialect, run: Callable[[str, list[Any]], list[Any]], shape: Shape, existing: set[str]
) -> None:
    def declared(name: str, kind: str) -> str:
        return f"{name} {dialect.text if kind == 'TEXT' else kind}"

    if not existing:
        columns = ", ".join(declared(name, kind) for name, kind in zip(shape.columns, shape.types, strict=True))
        key = ", ".join(shape.key)
        tail = "" if shape.kind.PACKED else dialect.clustered
        run(f"CREATE TABLE {shape.table} ({columns}, body {dialect.blob} NOT NULL, PRIMARY KEY ({key})){tail}", [])
    else:
        missing = [pair for pair in zip(shape.columns, shape.types, strict=True) if pair[0] not in existing]
        for name, kind in missing:
            run(f"ALTER TABLE {shape.table} ADD COLUMN {declared(name, kind)}", [])
        if missing:
            transaction = SqlTransaction(dialect, run)
            for record in transaction.find(shape.kind):
                transaction.put(record)
    for index in shape.kind.INDEXES:
        # The key at the end makes every scan of the index a total order.
        names = list(dict.fromkeys([*index, *shape.key]))
        run(f"CREATE INDEX IF NOT EXISTS {shape.table}_by_{'_'.join(index)} ON {shape.table} ({', '.join(names)})", [])
