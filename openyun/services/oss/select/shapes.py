"""What is read of a record, and how one is written: CSV out of CSV, lines of JSON out of JSON."""

from __future__ import annotations

from openyun.services.oss.select.errors import SelectProblem
from openyun.services.oss.select.plan import Plan
from openyun.services.oss.select.records import json_text, walk
from openyun.services.oss.select.sql import Aggregate, Column, Item, Node, Statement
from openyun.services.oss.select.values import Evaluate, Mismatch, Record, compile_node, text_of


class Rows:
    """CSV out of CSV."""

    def __init__(self, plan: Plan, statement: Statement, heading: list[str] | None) -> None:
        self._plan = plan
        self._heading = heading
        self._places = {name.strip().lower(): place for place, name in reversed(list(enumerate(heading or ())))}
        self._named = plan.csv is not None and plan.csv.header == "use"
        self._unread = heading is None and self._named
        self._items = statement.items
        self._delimiter = plan.field_delimiter
        self._end = plan.record_delimiter
        self._special = {self._delimiter, self._end, '"', "\n", "\r"}
        self._cells = [compile_node(item.node, self.reader) for item in self._items if not _is_sum(item)]
        self._kept = sorted({self.place(item.node) for item in self._items if isinstance(item.node, Column)})

    def reader(self, column: Column) -> Evaluate:
        place = self.place(column)
        partial = self._plan.skip_partial

        def read(record: Record) -> str | None:
            if place < len(record):
                return str(record[place])
            if partial:
                raise Mismatch("A column is missing.")
            return None

        return read

    def place(self, column: Node) -> int:
        if not isinstance(column, Column) or len(column.path) != 1 or not isinstance(column.path[0], str):
            raise SelectProblem("NestedColumnNotSupportInCsv", "CSV has no nested columns.")
        name = column.path[0]
        place = self._places.get(name.lower())
        if place is not None:
            return place
        if name[:1] == "_" and name[1:].isdecimal():
            if not 1 <= int(name[1:5]) <= 1000 or len(name) > 5:
                raise SelectProblem("SqlInvalidColumnIndex", "The index of a column is from 1 to 1000.")
            return int(name[1:]) - 1
        if self._unread:
            return 0  # whether there is such a column is seen when the header is
        raise SelectProblem("SqlInvalidColumnName", f"There is no column {name}.")

    def heading(self) -> bytes:
        if not self._items:
            return self._line(list(self._heading or ()))
        names = []
        for item in self._items:
            own = self._heading[self.place(item.node)] if self._heading and isinstance(item.node, Column) else ""
            path = item.node.path if isinstance(item.node, Column) else ()
            names.append(item.alias or own or (str(path[-1]) if path else ""))
        return self._line(names)

    def text(self, record: Record) -> bytes:
        if not self._items:
            return self._line(record)
        if self._plan.keep_all_columns:
            width = max(len(record), len(self._heading or ()))
            return self._line([_at(record, place) if place in self._kept else "" for place in range(width)])
        return self._line([text_of(cell(record)) for cell in self._cells])

    def totals(self, values: list[object]) -> bytes:
        return self._line([text_of(value) for value in values])

    def _line(self, fields: list[str]) -> bytes:
        quoted = [self._quoted(one) if any(mark in one for mark in self._special) else one for one in fields]
        return (self._delimiter.join(quoted) + self._end).encode()

    def _quoted(self, text: str) -> str:
        return '"' + text.replace('"', '""') + '"'


class Values:
    """JSON lines out of JSON."""

    def __init__(self, plan: Plan, statement: Statement) -> None:
        self._partial = plan.skip_partial
        self._end = plan.record_delimiter
        self._items = statement.items
        self._cells = [
            (_key(item, number), item.node.path if isinstance(item.node, Column) else None, self._cell(item))
            for number, item in enumerate(statement.items, 1)
        ]

    def _cell(self, item: Item) -> Evaluate | None:
        return None if _is_sum(item) else compile_node(item.node, self.reader)

    def reader(self, column: Column) -> Evaluate:
        path = column.path

        def read(record: Record) -> Record:
            found = next(walk(record, path), _MISSING)
            if found is _MISSING and self._partial:
                raise Mismatch("A key is missing.")
            return None if found is _MISSING else found

        return read

    def heading(self) -> bytes:
        return b""

    def text(self, record: Record) -> bytes:
        if not self._items:
            return (json_text(record if isinstance(record, dict) else {"_1": record}) + self._end).encode()
        members = []
        for key, path, evaluate in self._cells:
            if path is not None and next(walk(record, path), _MISSING) is _MISSING:
                if self._partial:
                    raise Mismatch("A key is missing.")
                continue
            if evaluate is not None:
                members.append(f"{json_text(key)}:{json_text(evaluate(record))}")
        return ("{" + ",".join(members) + "}" + self._end).encode()

    def totals(self, values: list[object]) -> bytes:
        members = [
            f"{json_text(key)}:{json_text(value)}" for (key, _, _), value in zip(self._cells, values, strict=True)
        ]
        return ("{" + ",".join(members) + "}" + self._end).encode()


_MISSING = object()


def _at(record: list[str], place: int) -> str:
    return record[place] if place < len(record) else ""


def _is_sum(item: Item) -> bool:
    return isinstance(item.node, Aggregate)


def _key(item: Item, number: int) -> str:
    if item.alias:
        return item.alias
    last = item.node.path[-1] if isinstance(item.node, Column) and item.node.path else None
    return last if isinstance(last, str) else f"_{number}"
