"""SELECT over a large object, chunk by chunk: by DuckDB where that gives the same, else by the evaluator."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from openyun.services.oss.select.engine import Engine, chunks, exact, merged
from openyun.services.oss.select.plan import Plan
from openyun.services.oss.select.records import Csv, csv_records, json_records
from openyun.services.oss.select.selection import Selection
from openyun.services.oss.select.shapes import Rows, Values
from openyun.services.oss.select.sql import Aggregate, Cast, Column, Statement
from openyun.services.oss.select.translation import (
    Condition,
    Translation,
    Untranslatable,
    json_column,
    quoted,
    value_of,
)

_PIECE = 64 * 1024
_MANY_DIGITS = "regexp_matches(line, '[0-9.]{17}')"
"""a number that DuckDB's JSON would round"""
_DIGITS = bytes(ord("0") if chr(one) in "0123456789." else 32 for one in range(256))
_SEVENTEEN = b"0" * 17


def select_large(plan: Plan, statement: Statement, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Text of selected records, some at once. Raises SelectProblem."""
    engine = Engine()
    try:
        yield from (_csv if plan.csv is not None else _json)(plan, statement, pieces, engine)
    finally:
        engine.close()


def _csv(plan: Plan, statement: Statement, pieces: Iterable[bytes], engine: Engine) -> Iterator[bytes]:
    csv = plan.csv
    assert csv is not None  # noqa: S101  for the type checker: asked before
    quote = csv.quote.encode() if csv.quoted_delimiters else b""
    heading, parts = _heading(csv, quote, chunks(pieces, quote))
    shape = Rows(plan, statement, heading)
    if plan.header:
        yield shape.heading()
    selection = Selection(plan, statement, shape)
    answer = _Answer.of(plan, csv, statement, shape)
    plain = msgspec.structs.replace(csv, header="none")
    if answer is None:
        yield from selection.take(csv_records(parts, plain, None))
    else:
        for chunk in parts:
            if selection.left == 0:
                break
            if not answer.add(engine, chunk, selection):
                yield from selection.take(csv_records([chunk], plain, None))
            yield from _cut(answer.text, plan.record_delimiter.encode())
    yield selection.totals()


def _heading(csv: Csv, quote: bytes, parts: Iterator[bytes]) -> tuple[list[str] | None, Iterator[bytes]]:
    """The names of the columns where they are to be used; and the parts without that record."""
    first = b"" if csv.header == "none" else next(parts, b"")
    if not first:
        return None, parts
    end = first.find(b"\n")
    while end >= 0 and quote and first.count(quote, 0, end) & 1:
        end = first.find(b"\n", end + 1)
    head, rest = (first[:end], first[end + 1 :]) if end >= 0 else (first, b"")
    plain = msgspec.structs.replace(csv, header="none")
    names = next(csv_records([head], plain, None), [""])
    return (names if csv.header == "use" else None), _joined(rest, parts)


def _joined(first: bytes, more: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from more


def _cut(text: bytes, end: bytes) -> Iterator[bytes]:
    """In pieces that end with a record, where records are not longer than a piece."""
    place = 0
    while place < len(text):
        cut = text.rfind(end, place, place + _PIECE)
        stop = min(len(text), cut + len(end) if cut >= place else place + _PIECE)
        yield text[place:stop]
        place = stop


class _Answer:
    """What DuckDB is asked of each chunk of CSV."""

    def __init__(self, plan: Plan, csv: Csv, statement: Statement, shape: Rows) -> None:
        """Raises Untranslatable."""
        self._plan, self._csv = plan, csv
        self._items = statement.items
        self.text = b""
        """what the last chunk added to the output"""

        def column(one: Column) -> Translation:
            return Translation(text=f"c{shape.place(one)}")

        condition = Condition(statement.where, column)
        if not condition.whole or plan.keep_all_columns:
            raise Untranslatable
        self._condition = condition.sql
        self._doubts = list(condition.doubts)
        self._sums: list[tuple[str, Translation | None]] = []
        self._cells: list[str] = []
        alike = (plan.field_delimiter, plan.record_delimiter) == (csv.field_delimiter, csv.record_delimiter)
        self._everything = alike and not statement.items and statement.where is None and statement.limit is None
        for item in statement.items:
            if isinstance(item.node, Aggregate):
                self._sum(item.node, column)
            else:
                self._cells.append(self._cell(value_of(item.node, column), item.node))

    @classmethod
    def of(cls, plan: Plan, csv: Csv, statement: Statement, shape: Rows) -> _Answer | None:
        try:
            return cls(plan, csv, statement, shape)
        except Untranslatable:
            return None

    def add(self, engine: Engine, chunk: bytes, selection: Selection) -> bool:
        """Whether the chunk was worked on; if not, the evaluator has to."""
        self.text = b""
        specials = {self._plan.field_delimiter, self._plan.record_delimiter, '"'} - {self._csv.field_delimiter, "\n"}
        # Where no field can hold what must be guarded, none is looked at.
        guarded = bool(self._csv.quote and self._csv.quote.encode() in chunk) or any(
            one.encode() in chunk for one in specials
        )
        if (
            self._everything
            and not guarded
            and b"\r" not in chunk
            and not chunk.startswith(b"\n")
            and b"\n\n" not in chunk
        ):
            self.text = chunk if chunk.endswith(b"\n") else chunk + b"\n"
            return _is_text(chunk)
        found = engine.csv_row(chunk, self._csv, lambda width: self._wanted(width, guarded=guarded))
        if found is None:
            return False
        doubtful, count, *rest = found
        left = selection.left
        if doubtful or (left is not None and count > left):
            return False
        selection.taken += count
        if self._sums:
            for one, (number, value, digits) in zip(selection.sums, _threes(rest), strict=True):
                one.merge(number, exact(value, digits))
        else:
            self.text = (rest[0] or "").encode()
        return True

    def _sum(self, node: Aggregate, column: Any) -> None:
        value = value_of(node.what, column) if node.what is not None else None
        if value is not None:
            merged(node.function, value)
            if value.kind != "text" or node.function in ("sum", "avg"):
                self._doubts.append(value.doubt_in_sum)
        self._sums.append((node.function, value))

    def _cell(self, value: Translation, node: Column | Cast | Any) -> str:
        if value.kind == "text":
            return value.text
        if value.kind != "int":
            raise Untranslatable  # how other numbers are written is the evaluator's own
        self._doubts.append(value.doubt)
        return f"coalesce(CAST({value.value('max')} AS VARCHAR), '')"

    def _wanted(self, width: int, *, guarded: bool) -> str:
        doubts = " OR ".join(self._doubts) or "false"
        parts = [f"coalesce(bool_or({doubts}), false)", self._where("count(*)")]
        if self._sums:
            for function, value in self._sums:
                three = merged(function, value) if value is not None else ["count(*)", "NULL", "NULL"]
                parts += [one if one == "NULL" else self._where(one) for one in three]
        else:
            cells = self._cells or [f"c{number}" for number in range(width)]
            shown = [self._guarded(one) for one in cells] if guarded else cells
            line = f" || {quoted(self._plan.field_delimiter)} || ".join(shown)
            parts.append(self._where(f"string_agg({line} || {quoted(self._plan.record_delimiter)}, '')"))
        return ", ".join(parts)

    def _where(self, aggregate: str) -> str:
        return aggregate if self._condition == "true" else f"{aggregate} FILTER (WHERE {self._condition})"

    def _guarded(self, cell: str) -> str:
        """In quotes, where it must be."""
        marks = dict.fromkeys([self._plan.field_delimiter, self._plan.record_delimiter, '"', "\n", "\r"])
        special = " OR ".join(f"contains({cell}, {quoted(one)})" for one in marks)
        return f"(CASE WHEN {special} THEN '\"' || replace({cell}, '\"', '\"\"') || '\"' ELSE {cell} END)"


def _is_text(chunk: bytes) -> bool:
    try:
        chunk.decode()
    except UnicodeDecodeError:
        return False
    return True


def _threes(values: list[Any]) -> Iterator[tuple[Any, Any, Any]]:
    return zip(values[::3], values[1::3], values[2::3], strict=True)


def _json(plan: Plan, statement: Statement, pieces: Iterable[bytes], engine: Engine) -> Iterator[bytes]:
    form = plan.json
    assert form is not None  # noqa: S101  for the type checker: a plan has one of the two
    selection = Selection(plan, statement, Values(plan, statement))
    condition = Condition(statement.where, json_column)
    if form.document or statement.source or condition.sql == "true":
        yield from selection.take(json_records(pieces, form, None, statement.source))
    else:
        maybe = " OR ".join([condition.sql, *condition.doubts])
        for chunk in chunks(pieces, b""):
            if selection.left == 0:
                break
            rounds = condition.numbers and _SEVENTEEN in chunk.translate(_DIGITS)
            sifted = engine.sift_lines(chunk, f"{maybe} OR {_MANY_DIGITS}" if rounds else maybe)
            yield from selection.take(json_records([chunk if sifted is None else sifted], form, None, ()))
            yield b""
    yield selection.totals()
