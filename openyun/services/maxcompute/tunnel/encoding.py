"""Rows as the tunnel's records: a message a row, of its columns that are not NULL, with a checksum behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from openyun.engine.data_type import Type, parse
from openyun.services.maxcompute.tunnel.arrow_types import number_types
from openyun.services.maxcompute.tunnel.wire import (
    DELIMITED,
    END_RECORD,
    FIXED32,
    FIXED64,
    META_CHECKSUM,
    META_COUNT,
    VARINT,
    checksum,
    pack_double,
    pack_float,
    pack_int,
    pack_long,
    signed,
    tag,
    varint,
    zigzag,
)

Put = Callable[[bytearray, bytearray, Any], None]
"""Writes a value: what is sent, and what is summed."""


def encode(batches: Iterable[Any], types: Sequence[str]) -> Iterator[bytes]:
    """Pieces of the stream, one a batch, and its end."""
    columns = [parse(one) for one in types]
    steps = [number_types(one) for one in columns]
    heads = [tag(number, _wire_type(one)) for number, one in enumerate(columns, 1)]
    numbers = [pack_int(number) for number in range(1, len(columns) + 1)]
    puts = [_put(one) for one in columns]
    end = tag(END_RECORD, VARINT)
    count = total = 0
    for batch in batches:
        out = bytearray()
        values = [
            array.cast(first, safe=False).cast(second, safe=False).to_pylist()
            for array, (first, second) in zip(batch.columns, steps, strict=True)
        ]
        for row in zip(*values, strict=True):
            summed = bytearray()
            for number, value in enumerate(row):
                if value is not None:
                    out += heads[number]
                    summed += numbers[number]
                    puts[number](out, summed, value)
            crc = checksum(summed)
            out += end
            out += varint(crc)
            total = checksum(pack_int(signed(crc)), total)
        count += batch.num_rows
        yield bytes(out)
    yield b"".join((tag(META_COUNT, VARINT), zigzag(count), tag(META_CHECKSUM, VARINT), varint(total)))


def _wire_type(type_: Type) -> int:
    if type_.name in ("tinyint", "smallint", "int", "bigint", "boolean", "datetime", "date", "interval_year_month"):
        return VARINT
    return {"float": FIXED32, "double": FIXED64}.get(type_.name, DELIMITED)


def _put(type_: Type) -> Put:
    match type_.name:
        case "tinyint" | "smallint" | "int" | "bigint" | "datetime" | "date":
            return _long
        case "boolean":
            return _bool
        case "float":
            return _float
        case "double":
            return _double
        case "binary":
            return _bytes
        case "timestamp":
            return lambda out, summed, value: _moment(out, summed, value * 1000)
        case "timestamp_ntz":
            return _moment
        case "array":
            return _array(_put(type_.of[0]))
        case "map":
            keys, values = (_array(_put(one)) for one in type_.of)

            def put_map(out: bytearray, summed: bytearray, value: list[tuple[Any, Any]]) -> None:
                keys(out, summed, [key for key, _ in value])
                values(out, summed, [one for _, one in value])

            return put_map
        case "struct":
            members = list(zip(type_.fields, map(_put, type_.of), strict=True))

            def put_struct(out: bytearray, summed: bytearray, value: dict[str, Any]) -> None:
                for name, put in members:
                    _member(out, summed, value[name], put)

            return put_struct
        case _:
            return lambda out, summed, value: _bytes(out, summed, str(value).encode())


def _long(out: bytearray, summed: bytearray, value: int) -> None:
    out += zigzag(value)
    summed += pack_long(value)


def _bool(out: bytearray, summed: bytearray, value: bool) -> None:
    out.append(value)
    summed.append(value)


def _float(out: bytearray, summed: bytearray, value: float) -> None:
    packed = pack_float(value)
    out += packed
    summed += packed


def _double(out: bytearray, summed: bytearray, value: float) -> None:
    packed = pack_double(value)
    out += packed
    summed += packed


def _bytes(out: bytearray, summed: bytearray, value: bytes) -> None:
    out += varint(len(value))
    out += value
    summed += value


def _moment(out: bytearray, summed: bytearray, nanoseconds: int) -> None:
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    out += zigzag(seconds)
    out += zigzag(rest)
    summed += pack_long(seconds)
    summed += pack_int(rest)


def _array(put: Put) -> Put:
    def put_array(out: bytearray, summed: bytearray, values: list[Any]) -> None:
        out += varint(len(values))
        for value in values:
            _member(out, summed, value, put)

    return put_array


def _member(out: bytearray, summed: bytearray, value: Any, put: Put) -> None:
    out.append(value is None)
    if value is not None:
        put(out, summed, value)
