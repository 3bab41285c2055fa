"""Arrow in the tunnel: batches without their schema, in chunks of one size that each have a checksum behind them; the
last, shorter one has that of the whole stream."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from openyun.engine.data_type import parse
from openyun.services.maxcompute.errors import CorruptedUpload
from openyun.services.maxcompute.tunnel.arrow_types import stored_type, to_arrow
from openyun.services.maxcompute.tunnel.wire import checksum

_CHUNK = 65536
_LARGEST_CHUNK = 64 * 1024 * 1024
_SIZE = struct.Struct("!I")


def encode_arrow(batches: Iterable[Any], columns: Sequence[tuple[str, str]], *, apart: bool) -> Iterator[bytes]:
    """`apart`: timestamps as seconds and nanoseconds, as results of instances have them."""
    import pyarrow as pa  # type: ignore[import-untyped]  # it has no types

    schema = pa.schema([(name, to_arrow(parse(one), nanoseconds_apart=apart)) for name, one in columns])
    yield _SIZE.pack(_CHUNK)
    held = bytearray()
    total = 0
    for batch in batches:
        arrays = [_sent(array, field.type) for array, field in zip(batch.columns, schema, strict=True)]
        held += pa.RecordBatch.from_arrays(arrays, schema=schema).serialize()
        place = 0
        out = []
        while len(held) - place >= _CHUNK:
            chunk = bytes(held[place : place + _CHUNK])
            out += [chunk, _SIZE.pack(checksum(chunk))]
            total = checksum(chunk, total)
            place += _CHUNK
        del held[:place]
        yield b"".join(out)
    yield bytes(held) + _SIZE.pack(checksum(held, total))


def _sent(array: Any, type_: Any) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc  # type: ignore[import-untyped]  # it has no types

    if array.type == type_:
        return array
    if pa.types.is_struct(type_) and pa.types.is_timestamp(array.type):
        nanoseconds = array.cast(pa.timestamp("ns", array.type.tz)).cast(pa.int64())
        seconds = pc.divide(nanoseconds, 1_000_000_000)
        rest = pc.subtract(nanoseconds, pc.multiply(seconds, 1_000_000_000))
        below = pc.less(rest, 0)
        seconds = pc.if_else(below, pc.subtract(seconds, 1), seconds)
        rest = pc.if_else(below, pc.add(rest, 1_000_000_000), rest)
        return pa.StructArray.from_arrays([seconds, rest.cast(pa.int32())], fields=list(type_), mask=pc.is_null(array))
    return array.cast(type_, safe=False)


def decode_arrow(data: memoryview, columns: Sequence[tuple[str, str, str]]) -> Iterator[Any]:
    """Batches as they are stored, of columns: name, type, name in the files. Raises CorruptedUpload."""
    import pyarrow as pa

    sent = pa.schema([(name, to_arrow(parse(one))) for name, one, _ in columns])
    stored = pa.schema([(name, stored_type(parse(one))) for _, one, name in columns])
    try:
        reader = pa.ipc.open_stream(_Chunks(sent, data))
        for batch in reader:
            arrays = [
                array if array.type == field.type else array.cast(field.type, safe=False)
                for array, field in zip(batch.columns, stored, strict=True)
            ]
            yield pa.RecordBatch.from_arrays(arrays, schema=stored)
    except (pa.ArrowException, OSError) as problem:
        raise CorruptedUpload(reason=str(problem)) from None


class _Chunks:
    """The stream without its checksums, as a file that Arrow reads."""

    def __init__(self, schema: Any, data: memoryview) -> None:
        self._pieces = self._read(data)
        self._held = memoryview(schema.serialize().to_pybytes())
        self.closed = False

    def read(self, size: int = -1) -> bytes:
        out = bytearray()
        while size < 0 or len(out) < size:
            if not self._held:
                piece = next(self._pieces, None)
                if piece is None:
                    break
                self._held = piece
                continue
            taken = self._held if size < 0 else self._held[: size - len(out)]
            out += taken
            self._held = self._held[len(taken) :]
        return bytes(out)

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return False

    def seekable(self) -> bool:
        return False

    def close(self) -> None:
        self.closed = True

    @staticmethod
    def _read(data: memoryview) -> Iterator[memoryview]:
        if len(data) < _SIZE.size:
            raise CorruptedUpload(reason="the stream ends too early.")
        size = _SIZE.unpack_from(data)[0]
        if not 0 < size <= _LARGEST_CHUNK:
            raise CorruptedUpload(reason="the size of its chunks is none.")
        place, total = _SIZE.size, 0
        while len(data) - place >= size + _SIZE.size:
            chunk = data[place : place + size]
            if _SIZE.unpack_from(data, place + size)[0] != checksum(chunk):
                raise CorruptedUpload(reason="the checksum of a chunk is wrong.")
            total = checksum(chunk, total)
            place += size + _SIZE.size
            yield chunk
        last = data[place : len(data) - _SIZE.size]
        if len(data) - place < _SIZE.size or _SIZE.unpack_from(data, len(data) - _SIZE.size)[0] != checksum(
            last, total
        ):
            raise CorruptedUpload(reason="the checksum of the stream is wrong.")
        yield last
