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

from openyun.services.oss.select.engine import SMALLEST, begun, is_installed, suits
from openyun.services.oss.select.errors import SelectProblem
from openyun.services.oss.select.large import select_large
from openyun.services.oss.select.plan import Plan
from openyun.services.oss.select.records import SPLIT, Json, Meter, csv_records, inflated, json_records
from openyun.services.oss.select.selection import Selection
from openyun.services.oss.select.shapes import Rows, Values
from openyun.services.oss.select.sql import Statement, parse
from openyun.services.oss.select.values import Record

DATA, CONTINUOUS, END, META_END, JSON_META_END = 8388609, 8388612, 8388613, 8388614, 8388615
_FRAME = 64 * 1024
_QUIET = 16 * 1024 * 1024
"""bytes that may be read without output before a frame tells how far it got"""


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
        Rows(plan, statement, None)
    else:
        Values(plan, statement)
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
    """Text for each record that is selected, or for some together, and empty for what is not."""
    if plan.span is None and not plan.skip_partial and (plan.csv is None or suits(plan.csv)):
        head, source = begun(source)
        if len(head) >= SMALLEST and is_installed():
            yield from select_large(plan, statement, source)
            return
    if plan.csv is not None:
        records: Iterator[Record] = csv_records(source, plan.csv, plan.span)
        heading = next(records, None) if plan.csv.header == "use" else None
        shape: Rows | Values = Rows(plan, statement, heading)
        if plan.header:
            yield shape.heading()
    else:
        assert plan.json is not None  # noqa: S101  for the type checker: a plan has one of the two
        records = json_records(source, plan.json, plan.span, statement.source)
        shape = Values(plan, statement)
    selection = Selection(plan, statement, shape)
    yield from selection.take(records)
    yield selection.totals()


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
