"""Records of an object: CSV and JSON, from pieces of bytes, in bounded memory."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, Literal

import msgspec

from openyun.services.oss.select.errors import SelectProblem
from openyun.services.oss.select.sql import Index

_LONGEST_RECORD = 256 * 1024
_LONGEST_LINE_OF_JSON = 4 * 1024 * 1024
_LARGEST_DOCUMENT = 64 * 1024 * 1024
_DEEPEST = 100
SPLIT = 4 * 1024 * 1024
"""bytes after which, at the end of a record, the next split begins"""


class Csv(msgspec.Struct, frozen=True):
    record_delimiter: str = "\n"
    field_delimiter: str = ","
    quote: str = '"'
    comment: str = ""
    header: Literal["none", "ignore", "use"] = "none"
    quoted_delimiters: bool = True
    """a quoted field may hold record delimiters"""


class Json(msgspec.Struct, frozen=True):
    document: bool = False
    """one value, not one a line"""
    numbers_as_text: bool = False


class Span(msgspec.Struct, frozen=True):
    """Lines, splits, or the bytes that lines begin in; both ends included; no end is the last."""

    unit: Literal["line", "split", "byte"]
    first: int
    last: int | None

    def ended(self, number: int) -> bool:
        return self.last is not None and number > self.last


class Meter:
    """Counts the bytes that went by."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces
        self.bytes = 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self.bytes += len(piece)
            yield piece


def inflated(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """GZIP, in pieces of bounded size however much it unfolds. Raises SelectProblem."""
    unpacker = zlib.decompressobj(31)
    try:
        for piece in pieces:
            rest = piece
            while rest:
                if unpacker.eof:
                    unpacker = zlib.decompressobj(31)
                yield unpacker.decompress(rest, SPLIT)
                rest = unpacker.unconsumed_tail or (unpacker.unused_data if unpacker.eof else b"")
        yield unpacker.flush()
    except zlib.error:
        raise SelectProblem("DecompressFailure", "The object is not GZIP.") from None
    if not unpacker.eof:
        raise SelectProblem("DecompressFailure", "The object ends in the middle of its compression.")


def lines(pieces: Iterable[bytes], delimiter: bytes, quote: bytes, longest: int) -> Iterator[bytes]:
    """Text between delimiters that no quotes enclose. Raises SelectProblem."""
    rest = b""
    held: list[bytes] = []
    quotes = size = 0
    for piece in pieces:
        *whole, rest = (rest + piece).split(delimiter)
        for line in whole:
            if quote:
                quotes += line.count(quote)
                if quotes & 1:
                    held.append(line)
                    size += len(line)
                    if size > longest:
                        raise SelectProblem("InvalidCsvLine", "A record is too long, or its quotes do not pair.")
                    continue
                if held:
                    held.append(line)
                    line = delimiter.join(held)
                    held.clear()
                    size = 0
                quotes = 0
            if len(line) > longest:
                raise SelectProblem("InvalidCsvLine", "A record is too long.")
            yield line
        if len(rest) > longest:
            raise SelectProblem("InvalidCsvLine", "A record is too long.")
    if quote and (quotes + rest.count(quote)) & 1:
        raise SelectProblem("InvalidCsvLine", "The quotes of a record do not pair.")
    if rest or held:
        yield delimiter.join([*held, rest])


def ranged(source: Iterable[bytes], span: Span | None, extra: int) -> Iterator[bytes]:
    """Those of the span. `extra` bytes a line count towards the size of splits, for its delimiter."""
    if span is None:
        yield from source
        return
    split = size = begins = 0
    for number, line in enumerate(source):
        place = number if span.unit == "line" else split if span.unit == "split" else begins
        begins += len(line) + extra
        size += len(line) + extra
        if size >= SPLIT:
            split, size = split + 1, 0
        if span.ended(place):
            return
        if place >= span.first:
            yield line


def csv_records(pieces: Iterable[bytes], csv: Csv, span: Span | None) -> Iterator[list[str]]:
    """The header first, if there is one to use. Raises SelectProblem."""
    delimiter, quote = csv.record_delimiter.encode(), csv.quote.encode()
    every = lines(pieces, delimiter, quote if csv.quoted_delimiters else b"", _LONGEST_RECORD)
    comment = csv.comment.encode()
    first = 0
    if csv.header != "none":
        head = next(every, None)
        if head is None:
            return
        if csv.header == "use":
            yield _fields(head, csv)
        first = 1
    if span is not None and span.unit == "line" and first:
        # Lines are counted from the header on, which is line 0.
        last = None if span.last is None else span.last - first
        span = Span("line", max(0, span.first - first), last)
    for line in ranged(every, span, len(delimiter)):
        if line and not (comment and line.startswith(comment)):
            yield _fields(line, csv)


def _fields(line: bytes, csv: Csv) -> list[str]:
    try:
        text = line.decode()
    except UnicodeDecodeError:
        raise SelectProblem("InvalidTextEncoding", "The object is not in UTF-8.") from None
    if csv.record_delimiter == "\n":
        text = text.removesuffix("\r")
    quote, delimiter = csv.quote, csv.field_delimiter
    if not quote or quote not in text:
        return text.split(delimiter)
    fields: list[str] = []
    held: list[str] = []
    for part in text.split(delimiter):
        held.append(part)
        whole = delimiter.join(held) if len(held) > 1 else part
        if whole.count(quote) & 1:
            continue
        held.clear()
        if len(whole) > 1 and whole[0] == whole[-1] == quote:
            whole = whole[1:-1].replace(quote * 2, quote)
        fields.append(whole)
    if held:
        raise SelectProblem("InvalidCsvLine", "The quotes of a record do not pair.")
    return fields


def json_records(pieces: Iterable[bytes], form: Json, span: Span | None, path: tuple[Index, ...]) -> Iterator[Any]:
    """Raises SelectProblem."""
    number: Any = str if form.numbers_as_text else Decimal
    decoder = json.JSONDecoder(
        parse_float=_RawNumber if form.numbers_as_text else number,
        parse_int=_RawNumber if form.numbers_as_text else int,
        parse_constant=_no_constant,
    )
    if form.document:
        whole = bytearray()
        for piece in pieces:
            whole += piece
            if len(whole) > _LARGEST_DOCUMENT:
                raise SelectProblem("JsonNodeExceedsMaxSize", "The document is too large.")
        for value in _values(bytes(whole), decoder):
            yield from walk(value, path)
        return
    for line in ranged(_whole(lines(pieces, b"\n", b"", _LONGEST_LINE_OF_JSON)), span, 1):
        for value in _values(line, decoder):
            yield from walk(value, path)


_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\]]')


def _whole(source: Iterable[bytes]) -> Iterator[bytes]:
    """Lines of JSON; those over which one value stretches, as in the vendor's own samples, are put together."""
    held: list[bytes] = []
    depth = size = 0
    for line in source:
        if not held and line.count(b"{") == line.count(b"}") and line.count(b"[") == line.count(b"]"):
            yield line
            continue
        held.append(line)
        size += len(line) + 1
        if size > _LONGEST_LINE_OF_JSON:
            raise SelectProblem("JsonNodeExceedsMaxSize", "A value is too large.")
        for token in _TOKEN.findall(line):
            depth += 1 if token in (b"{", b"[") else -1 if token in (b"}", b"]") else 0
        if depth <= 0:
            yield b"\n".join(held)
            held.clear()
            depth = size = 0
    if held:
        yield b"\n".join(held)


class _RawNumber(str):
    """The text of a number, which is shown without quotes."""

    __slots__ = ()


def _no_constant(name: str) -> Any:
    raise SelectProblem("InvalidJsonData", f"{name} is no JSON.")


def _values(data: bytes, decoder: json.JSONDecoder) -> Iterator[Any]:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise SelectProblem("InvalidTextEncoding", "The object is not in UTF-8.") from None
    place = 0
    while True:
        while place < len(text) and text[place] in " \t\r\n,":
            place += 1
        if place == len(text):
            return
        try:
            value, place = decoder.raw_decode(text, place)
        except (json.JSONDecodeError, RecursionError):
            raise SelectProblem("InvalidJsonData", "The object is not valid JSON.") from None
        yield value


def walk(value: Any, path: tuple[Index, ...]) -> Iterator[Any]:
    """All that the path names below a value."""
    if not path:
        yield value
        return
    first, rest = path[0], path[1:]
    if first == "*":
        for one in value if isinstance(value, list) else value.values() if isinstance(value, dict) else ():
            yield from walk(one, rest)
    elif isinstance(first, int):
        if isinstance(value, list) and first < len(value):
            yield from walk(value[first], rest)
    elif isinstance(value, dict) and first in value:
        yield from walk(value[first], rest)


def json_text(value: Any, depth: int = 0) -> str:
    """JSON as short as it gets; numbers as they were."""
    if depth > _DEEPEST:
        raise SelectProblem("JsonNodeExceedsMaxDepth", "A value is too deep.")
    if isinstance(value, _RawNumber):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{_quoted(k)}:{json_text(v, depth + 1)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(json_text(one, depth + 1) for one in value) + "]"
    if isinstance(value, str):
        return _quoted(value)
    if value is None or isinstance(value, bool | int):
        return json.dumps(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value) if isinstance(value, Decimal) else _quoted(value.isoformat())


def _quoted(text: str) -> str:
    """With an escaped slash, as the vendor writes it."""
    return json.dumps(text, ensure_ascii=False).replace("/", "\\/")
