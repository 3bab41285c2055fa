"""The tunnel's records read, and put into Arrow batches as they are stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from openyun.engine.data_type import Type, parse
from openyun.services.maxcompute.errors import CorruptedUpload
from openyun.services.maxcompute.tunnel.arrow_types import stored_type
from openyun.services.maxcompute.tunnel.wire import (
    END_RECORD,
    META_CHECKSUM,
    META_COUNT,
    checksum,
    pack_int,
    pack_long,
    signed,
    unpack_double,
    unpack_float,
)

AT_ONCE = 8192
"""rows"""
_EPOCH = date(1970, 1, 1)


class Reader:
    """Goes through the bytes, and keeps what the row's checksum is made of."""

    def __init__(self, data: memoryview) -> None:
        self._data = data
        self.at = 0
        self.summed = bytearray()

    def varint(self) -> int:
        value = shift = 0
        while True:
            byte = self._data[self.at]
            self.at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def checksum(self) -> int:
        """Some clients send the upper half of 64 bits with sign, too."""
        return self.varint() & 0xFFFFFFFF

    def zigzag(self) -> int:
        value = self.varint()
        return (value >> 1) ^ -(value & 1)

    def long(self) -> int:
        value = self.zigzag()
        self.summed += pack_long(value)
        return value

    def bool(self) -> bool:
        value = self.varint()
        self.summed.append(value & 1)
        return bool(value)

    def float(self) -> Any:
        return self._fixed(4, unpack_float)

    def double(self) -> Any:
        return self._fixed(8, unpack_double)

    def bytes(self) -> bytes:
        length = self.varint()
        value = bytes(self._data[self.at : self.at + length])
        if len(value) != length:
            raise IndexError
        self.at += length
        self.summed += value
        return value

    def moment(self) -> int:
        """Nanoseconds since the epoch."""
        seconds = self.long()
        rest = self.zigzag()
        self.summed += pack_int(rest)
        return seconds * 1_000_000_000 + rest

    def _fixed(self, size: int, unpack: Callable[[memoryview, int], tuple[Any, ...]]) -> Any:
        self.summed += self._data[self.at : self.at + size]
        value = unpack(self._data, self.at)[0]
        self.at += size
        return value


def decode(data: memoryview, types: Sequence[tuple[str, str]]) -> Iterator[Any]:
    """Batches of columns, each a name in the files and a type. Raises CorruptedUpload."""
    import struct

    import pyarrow as pa  # type: ignore[import-untyped]  # it has no types

    columns = [parse(one) for _, one in types]
    schema = pa.schema([(name, stored_type(one)) for (name, _), one in zip(types, columns, strict=True)])
    try:
        for rows in _rows(Reader(data), [_get(one) for one in columns]):
            arrays = [
                pa.array([row[number] for row in rows], field.type, from_pandas=False)
                for number, field in enumerate(schema)
            ]
            yield pa.RecordBatch.from_arrays(arrays, schema=schema)
    except (IndexError, struct.error):
        raise CorruptedUpload(reason="the stream ends too early.") from None
    except (UnicodeDecodeError, InvalidOperation, OverflowError, pa.ArrowException) as problem:
        raise CorruptedUpload(reason=str(problem)) from None


def _rows(reader: Reader, gets: list[Callable[[Reader], Any]]) -> Iterator[list[list[Any]]]:
    rows: list[list[Any]] = []
    row: list[Any] = [None] * len(gets)
    count = total = 0
    while True:
        number = reader.varint() >> 3
        if number == END_RECORD:
            crc = checksum(reader.summed)
            if reader.checksum() != crc:
                raise CorruptedUpload(reason="the checksum of a record is wrong.")
            reader.summed.clear()
            total = checksum(pack_int(signed(crc)), total)
            count += 1
            rows.append(row)
            row = [None] * len(gets)
            if len(rows) >= AT_ONCE:
                yield rows
                rows = []
        elif number == META_COUNT:
            if reader.zigzag() != count:
                raise CorruptedUpload(reason="the number of records is wrong.")
            if reader.varint() >> 3 != META_CHECKSUM or reader.checksum() != total:
                raise CorruptedUpload(reason="the checksum of the stream is wrong.")
            if rows:
                yield rows
            return
        elif 0 < number <= len(gets):
            reader.summed += pack_int(number)
            row[number - 1] = gets[number - 1](reader)
        else:
            raise CorruptedUpload(reason=f"there is no column {number}.")


def _get(type_: Type) -> Callable[[Reader], Any]:
    match type_.name:
        case "tinyint" | "smallint" | "int" | "bigint":
            return Reader.long
        case "boolean":
            return Reader.bool
        case "float":
            return Reader.float
        case "double":
            return Reader.double
        case "binary":
            return Reader.bytes
        case "datetime":
            return lambda reader: reader.long() * 1000
        case "date":
            return lambda reader: _EPOCH + timedelta(days=reader.long())
        case "timestamp":
            return lambda reader: reader.moment() // 1000
        case "timestamp_ntz":
            return Reader.moment
        case "decimal":
            return lambda reader: _exact(Decimal(reader.bytes().decode()), type_)
        case "array":
            return _list(type_.of[0])
        case "map":
            keys, values = map(_list, type_.of)
            return lambda reader: list(zip(keys(reader), values(reader), strict=True))
        case "struct":
            members = list(zip(type_.fields, map(_get, type_.of), strict=True))
            return lambda reader: {name: None if reader.varint() else get(reader) for name, get in members}
        case _:
            return lambda reader: reader.bytes().decode()


def _exact(value: Decimal, type_: Type) -> Decimal:
    """With as many digits behind the point as the type has."""
    return value.quantize(Decimal(1).scaleb(-(type_.sizes or (38, 18))[1]))


def _list(type_: Type) -> Callable[[Reader], list[Any]]:
    get = _get(type_)
    return lambda reader: [None if reader.varint() else get(reader) for _ in range(reader.varint())]
