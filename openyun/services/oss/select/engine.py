"""DuckDB under SELECT: of large objects it does, chunk by chunk, what it can do with the very result of the evaluator.

The evaluator (`values.py`) defines what a statement means; here a chunk of whole records is given to DuckDB, where that
is installed, in one of two ways. *Sift*: a condition that every selected record fulfils, and every record that DuckDB
and the evaluator may see differently, too; the evaluator then looks only at what is left. *Answer*: for plain CSV, the
output itself or the sums of the chunk, if no record of it is one of the latter kind. What fits neither way goes to the
evaluator as it is.

The SQL is written from the parsed statement: a name or a text of the customer's is never more than a literal or the
number of a column. The database is in memory, may open nothing but the chunk, and cannot be told otherwise.
"""

from __future__ import annotations

import os
import resource
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from itertools import chain
from typing import Any

from openyun.services.oss.select.errors import SelectProblem
from openyun.services.oss.select.records import Csv
from openyun.services.oss.select.translation import Translation, quoted

CHUNK = 8 * 1024 * 1024
"""bytes of an object that are worked on at once"""
SMALLEST = 512 * 1024
"""bytes below which an object is not worth it"""
_LONGEST_RECORD = 4 * 1024 * 1024
_NO_NULL = "\x02\x03"
"""what stands for NULL in CSV: nothing that is met"""


def is_installed() -> bool:
    try:
        import duckdb  # noqa: F401  it is only asked for
    except ImportError:
        return False
    return True


def begun(pieces: Iterable[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The first SMALLEST bytes or more, if there are so many; and all pieces, with these."""
    source, head = iter(pieces), bytearray()
    for piece in source:
        head += piece
        if len(head) >= SMALLEST:
            break
    first = bytes(head)
    return first, chain([first], source)


def chunks(pieces: Iterable[bytes], quote: bytes) -> Iterator[bytes]:
    """Whole records, so many that they are about CHUNK bytes. Raises SelectProblem."""
    held = bytearray()
    for piece in pieces:
        held += piece
        if len(held) < CHUNK:
            continue
        end = _last_end(held, quote)
        if end:
            yield bytes(held[:end])
            del held[:end]
        elif len(held) > CHUNK + _LONGEST_RECORD:
            raise SelectProblem("InvalidCsvLine", "A record is too long, or its quotes do not pair.")
    if held:
        yield bytes(held)


def _last_end(held: bytearray, quote: bytes) -> int:
    """Behind the last record that is whole; 0 if there is none."""
    end = held.rfind(b"\n") + 1
    while end and quote and held.count(quote, 0, end) & 1:
        end = held.rfind(b"\n", 0, end - 1) + 1
    return end


class Engine:
    """One database for one statement."""

    def __init__(self) -> None:
        import duckdb

        self._limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (self._limits[1], self._limits[1]))  # also files in memory count
        self._failure: type[Exception] = duckdb.Error
        self._file = os.memfd_create("chunk")
        self._path = f"/proc/self/fd/{self._file}"
        self._database = duckdb.connect(
            ":memory:",
            config={"threads": 1, "memory_limit": "512MB", "temp_directory": ""},
        )
        for setting in (
            "SET autoinstall_known_extensions = false",
            "SET autoload_known_extensions = false",
            f"SET allowed_paths = ['{self._path}']",
            "SET enable_external_access = false",
            "SET lock_configuration = true",
        ):
            self._database.execute(setting)

    def close(self) -> None:
        self._database.close()
        os.close(self._file)
        resource.setrlimit(resource.RLIMIT_FSIZE, self._limits)

    def sift_lines(self, chunk: bytes, condition: str) -> bytes | None:
        """The lines that may fulfil it, where `line` is one; None if DuckDB cannot read them."""
        if b"\r" in chunk or b"\x01" in chunk:
            return None
        wanted = f"string_agg(line || chr(10), '') FILTER (WHERE {condition})"
        found = self._ask(chunk, f"SELECT count(*), {wanted} FROM {self._lines()}")  # noqa: S608  written from the parsed statement
        return None if found is None or found[0] != _records(chunk) else (found[1] or "").encode()

    def csv_row(self, chunk: bytes, csv: Csv, wanted: Callable[[int], str]) -> tuple[Any, ...] | None:
        """One row of aggregates, as `wanted` has them for so many columns; None if DuckDB might read the records
        differently."""
        width = _width(chunk, csv)
        if not width:
            return None
        quote = csv.quote if csv.quote.encode() in chunk else ""
        found = self._ask(chunk, f"SELECT count(*), {wanted(width)} FROM {self._table(width, csv, quote)}")  # noqa: S608  written likewise from it
        if found is None or (not quote and found[0] != _records(chunk)):
            return None
        return found[1:]

    def _ask(self, chunk: bytes, statement: str) -> tuple[Any, ...] | None:
        os.ftruncate(self._file, 0)
        view, place = memoryview(chunk), 0
        while place < len(view):
            place += os.pwrite(self._file, view[place:], place)
        try:
            found: tuple[Any, ...] | None = self._database.execute(statement).fetchone()
        except self._failure:
            return None
        return found

    def _lines(self) -> str:
        return self._read("\x01", "", {"line": "VARCHAR"})

    def _table(self, width: int, csv: Csv, quote: str) -> str:
        return self._read(csv.field_delimiter, quote, {f"c{number}": "VARCHAR" for number in range(width)})

    def _read(self, delimiter: str, quote: str, columns: dict[str, str]) -> str:
        shown = ", ".join(f"'{name}': '{kind}'" for name, kind in columns.items())
        return (
            f"read_csv('{self._path}', auto_detect = false, header = false, delim = {quoted(delimiter)}, "
            f"quote = {quoted(quote)}, escape = {quoted(quote)}, columns = {{{shown}}}, nullstr = {quoted(_NO_NULL)}, "
            f"null_padding = false, strict_mode = true, parallel = false, comment = '', "
            f"max_line_size = {_LONGEST_RECORD})"
        )


def _records(chunk: bytes) -> int:
    """How many lines it has, which DuckDB must have found, too."""
    return chunk.count(b"\n") + (not chunk.endswith(b"\n"))


def suits(csv: Csv) -> bool:
    """Whether DuckDB reads such a form at all."""
    delimiter, quote = csv.field_delimiter, csv.quote
    plain = (delimiter.isascii() and delimiter.isprintable()) or delimiter == "\t"
    form = csv.record_delimiter == "\n" and quote in ('"', "'", "") and not csv.comment
    return plain and form and delimiter not in ("", quote)


def _width(chunk: bytes, csv: Csv) -> int:
    """Columns of the first record, which all others must have, too; 0 for what is not plain CSV."""
    quote, delimiter = csv.quote.encode(), csv.field_delimiter.encode()
    returns = chunk.count(b"\r")
    end = b"\n"
    if returns:
        end = b"\r\n"
        if not returns == chunk.count(end) == chunk.count(b"\n"):
            return 0
    if chunk.startswith(end) or end + end in chunk or b"\0" in chunk:
        return 0  # empty lines are no records
    quotes = chunk.count(quote) if quote else 0
    if quotes:
        # Only quotes at both ends of a field, and none inside: how others are read is a matter of taste.
        opening = chunk.count(delimiter + quote) + chunk.count(end + quote) + chunk.startswith(quote)
        closing = chunk.count(quote + delimiter) + chunk.count(quote + end) + chunk.endswith(quote)
        if quote * 2 in chunk or not csv.quoted_delimiters or opening != closing or opening + closing != quotes:
            return 0
    first = chunk.partition(end)[0]
    if not first or (quote and quote in first):
        return 0
    return first.count(delimiter) + 1


def merged(function: str, column: Translation) -> list[str]:
    """The parts of an aggregate over a chunk: how many values, and their sum, greatest or least; and of a sum of plain
    numbers, how many digits behind the point it has."""
    value = f"CASE WHEN {column.text} <> '' THEN {column.value(function)} END"
    return [f"count({value})", f"{'sum' if function == 'avg' else function}({value})", column.digits(function)]


def exact(value: Any, digits: int | None) -> Any:
    """As the evaluator has it: a Decimal with as many digits behind the point as any of its summands."""
    if isinstance(value, Decimal):
        return value.quantize(Decimal(1).scaleb(-(digits or 0)))
    return value
