"""SELECT over one object: records in, the vendor's frames out, in the order of the object and as far as it is sound.

A problem that shows before the first output is the answer itself; a later one ends the output, as a frame.

The frames, with big-endian numbers: version (1 byte), type (3), length of the payload (4), CRC-32 of these (4), the
payload, CRC-32 of the payload if it was asked for (4). A payload begins with the place in the object that was
reached (8).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterable, Iterator

import msgspec

from openyun.services.oss.select.errors import SelectProblem
from openyun.services.oss.select.records import (
    SPLIT,
    Csv,
    Json,
    Meter,
    Span,
    csv_records,
    inflated,
    json_records,
    json_text,
    walk,
)
from openyun.services.oss.select.sql import Aggregate, Column, Item, Node, Statement, parse
from openyun.services.oss.select.values import Evaluate, Mismatch, Record, Sum, compile_node, text_of

DATA, CONTINUOUS, END, META_END, JSON_META_END = 8388609, 8388612, 8388613, 8388614, 8388615
_FRAME = 64 * 1024
_QUIET = 16 * 1024 * 1024
"""bytes that may be read without output before a frame tells how far it got"""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a request asks for."""

    sql: str = ""
    """none: CreateSelectObjectMeta"""
    csv: Csv | None = None
    json: Json | None = None
    """one of the two"""
    span: Span | None = None
    gzip: bool = False
    record_delimiter: str = "\n"
    field_delimiter: str = ","
    header: bool = False
    """of the output"""
    keep_all_columns: bool = False
    raw: bool = False
    crc: bool = False
    skip_partial: bool = False
    most_skipped: int = 0


Run = Callable[[Iterable[bytes]], Iterator[bytes]]


def prepare(plan: Plan) -> Run:
    """Raises SelectProblem for a statement that is wrong whatever the data."""
    if not plan.sql:
        return lambda pieces: _describe(plan, pieces)
    statement = parse(plan.sql)
    if plan.csv is not None:
        if statement.source:
            raise SelectProblem("TableRootNodeOnlySupportInJson", "Only JSON has a path after FROM.")
        if plan.keep_all_columns and statement.aggregates:
            raise SelectProblem("SqlInvalidKeepAllColumnsWithAggregation", "KeepAllColumns and aggregations conflict.")
        _Rows(plan, statement, None)
    else:
        _Values(plan, statement)
    return lambda pieces: _select(plan, statement, pieces)


def frame(kind: int, payload: bytes, *, crc: bool = True) -> bytes:
    head = struct.pack(">II", 1 << 24 | kind, len(payload))
    return b"".join(
        (head, struct.pack(">I", zlib.crc32(head)), payload, struct.pack(">I", zlib.crc32(payload) if crc else 0))
    )


def _select(plan: Plan, statement: Statement, pieces: Iterable[bytes]) -> Iterator[bytes]:
    meter = Meter(pieces)
    source: Iterable[bytes] = inflated(meter) if plan.gzip else meter
    output: list[bytes] = []
    size = reported = 0
    begun = False

    def packed() -> bytes:
        data = b"".join(output)
        output.clear()
        return data if plan.raw else frame(DATA, struct.pack(">Q", meter.bytes) + data, crc=plan.crc)

    try:
        for text in _output(plan, statement, source):
            if text:
                output.append(text)
                size += len(text)
            if size >= _FRAME:
                yield packed()
                begun, size, reported = True, 0, meter.bytes
            elif meter.bytes - reported >= _QUIET and not plan.raw:
                yield frame(CONTINUOUS, struct.pack(">Q", meter.bytes), crc=plan.crc)
                begun, reported = True, meter.bytes
        status, words = 200, b""
    except SelectProblem as problem:
        if plan.raw or not (begun or output):
            raise
        status, words = 400, f"{problem.code}.{problem.text}".encode()
    if output:
        yield packed()
    if not plan.raw:
        yield frame(END, struct.pack(">QQI", meter.bytes, meter.bytes, status) + words, crc=plan.crc)


def _output(plan: Plan, statement: Statement, source: Iterable[bytes]) -> Iterator[bytes]:
    """Text for each record that is selected, empty for one that is not."""
    if plan.csv is not None:
        records: Iterator[Record] = csv_records(source, plan.csv, plan.span)
        heading = next(records, None) if plan.csv.header == "use" else None
        shape: _Rows | _Values = _Rows(plan, statement, heading)
        if plan.header:
            yield shape.heading()
    else:
        assert plan.json is not None  # noqa: S101  for the type checker: a plan has one of the two
        records = json_records(source, plan.json, plan.span, statement.source)
        shape = _Values(plan, statement)
    where = compile_node(statement.where, shape.reader) if statement.where is not None else None
    sums = [Sum(item.node, shape.reader) for item in statement.items if isinstance(item.node, Aggregate)]
    skipped = taken = 0
    for record in records:
        if statement.limit is not None and taken >= statement.limit:
            break
        try:
            if where is not None and where(record) is not True:
                yield b""
                continue
            if sums:
                for one in sums:
                    one.add(record)
                text = b""
            else:
                text = shape.text(record)
        except Mismatch as problem:
            skipped += 1
            if skipped > plan.most_skipped:
                kind = "InvalidCsvLine" if plan.csv is not None else "InvalidJsonData"
                raise SelectProblem(kind, f"{problem} More records were skipped than allowed.") from None
            yield b""
            continue
        taken += 1
        yield text
    if sums:
        yield shape.totals([one.result() for one in sums])


class _Rows:
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
        self._kept = sorted({self._place(item.node) for item in self._items if isinstance(item.node, Column)})

    def reader(self, column: Column) -> Evaluate:
        place = self._place(column)
        partial = self._plan.skip_partial

        def read(record: Record) -> str | None:
            if place < len(record):
                return str(record[place])
            if partial:
                raise Mismatch("A column is missing.")
            return None

        return read

    def _place(self, column: Node) -> int:
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
            own = self._heading[self._place(item.node)] if self._heading and isinstance(item.node, Column) else ""
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


class _Values:
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


def _describe(plan: Plan, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """How many records, columns and splits an object has."""
    meter = Meter(pieces)
    rows = columns = 0
    if plan.csv is not None:
        for record in csv_records(meter, plan.csv, None):
            if not rows:
                columns = len(record)
            rows += 1
    else:
        rows = sum(1 for _ in json_records(meter, plan.json or Json(), None, ()))
    splits = max(1, -(-meter.bytes // SPLIT)) if rows else 0
    facts = struct.pack(">QQIIQ", meter.bytes, meter.bytes, 200, splits, rows)
    if plan.csv is not None:
        yield frame(META_END, facts + struct.pack(">I", columns))
    else:
        yield frame(JSON_META_END, facts)
