"""Rows on their way in: laid down as they come, then read, checked, and written as Parquet into a blob."""

from __future__ import annotations

import asyncio
import mmap
import secrets
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from openyun.cloud import Cloud, RegionState
from openyun.engine.data_type import parse
from openyun.gateway.http import HttpRequest
from openyun.services.maxcompute.errors import CorruptedUpload, EngineMissing, UnsupportedEncoding
from openyun.services.maxcompute.places import scratch, store
from openyun.services.maxcompute.service import OdpsResponse
from openyun.services.maxcompute.tunnel.arrow_stream import decode_arrow
from openyun.services.maxcompute.tunnel.arrow_types import stored_type
from openyun.services.maxcompute.tunnel.decoding import decode
from openyun.services.maxcompute.tunnel.uploads import NewBlock, Shape, UploadBlockRequest

_AT_ONCE = 512 * 1024
"""bytes written in one go"""


async def receive(
    request: HttpRequest, cloud: Cloud, at: RegionState, ask: UploadBlockRequest, answer: OdpsResponse
) -> NewBlock:
    """Raises CorruptedUpload, UnsupportedEncoding, BlobStoreFull."""
    shape = answer.json
    assert isinstance(shape, Shape)  # noqa: S101  for the type checker: the operation's first answer is one
    folder = scratch(cloud, at)
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    name = secrets.token_hex(16)
    raw, made = folder / f"{name}.raw", folder / f"{name}.parquet"
    try:
        await _lay_down(request, raw, ask.content_encoding)
        records = await asyncio.to_thread(_convert, raw, made, shape, arrow=ask.arrow is not None)
        if not records:
            return NewBlock(blob_id="", records=0, size=0)
        blob = await store(at, made)
        return NewBlock(blob_id=blob.id, records=records, size=blob.size)
    finally:
        raw.unlink(missing_ok=True)
        made.unlink(missing_ok=True)


async def _lay_down(request: HttpRequest, path: Path, encoding: str) -> None:
    with path.open("wb") as file:
        feed, finish = _decompressor(encoding, file)
        held = bytearray()
        async for piece in request.stream():
            held += piece
            if len(held) >= _AT_ONCE:
                await asyncio.to_thread(feed, bytes(held))
                held.clear()
        await asyncio.to_thread(feed, bytes(held))
        await asyncio.to_thread(finish)
    if encoding in ("zstd", "x-lz4-frame"):
        await asyncio.to_thread(_inflate, path, {"zstd": "zstd", "x-lz4-frame": "lz4"}[encoding])


def _decompressor(encoding: str, file: IO[bytes]) -> tuple[Callable[[bytes], object], Callable[[], object]]:
    if encoding == "deflate":
        made = zlib.decompressobj()

        def feed(data: bytes) -> None:
            try:
                file.write(made.decompress(data))
            except zlib.error as problem:
                raise CorruptedUpload(reason=str(problem)) from None

        return feed, lambda: file.write(made.flush())
    if encoding not in ("", "identity", "zstd", "x-lz4-frame"):
        raise UnsupportedEncoding(encoding=encoding)
    return file.write, file.flush


def _inflate(path: Path, name: str) -> None:
    import pyarrow as pa  # type: ignore[import-untyped]  # it has no types

    inflated = path.with_suffix(".inflated")
    try:
        with pa.CompressedInputStream(pa.OSFile(str(path), "rb"), name) as source, inflated.open("wb") as target:
            while piece := source.read(_AT_ONCE):
                target.write(piece)
    except (OSError, pa.ArrowException) as problem:
        inflated.unlink(missing_ok=True)
        raise CorruptedUpload(reason=str(problem)) from None
    inflated.rename(path)


def _convert(raw: Path, made: Path, shape: Shape, *, arrow: bool) -> int:
    """How many rows it were."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq  # type: ignore[import-untyped]  # it has no types
    except ImportError:
        raise EngineMissing from None
    if not raw.stat().st_size:
        return 0
    fields = [(one.stored, stored_type(parse(one.type))) for one in shape.columns]
    fixed = [(one.stored, stored_type(parse(one.type)), value) for one, value in shape.partition]
    schema = pa.schema([*fields, *((name, type_) for name, type_, _ in fixed)])
    records = 0
    with raw.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        data = memoryview(mapped)
        try:
            with pq.ParquetWriter(made, schema, compression="zstd") as writer:
                for batch in _batches(data, shape, arrow=arrow):
                    same = [
                        pa.array([value], pa.string()).cast(type_).take(pa.array([0] * batch.num_rows))
                        for _, type_, value in fixed
                    ]
                    writer.write_batch(pa.RecordBatch.from_arrays([*batch.columns, *same], schema=schema))
                    records += batch.num_rows
        finally:
            data.release()
    return records


def _batches(data: memoryview, shape: Shape, *, arrow: bool) -> Iterator[Any]:
    if arrow:
        return decode_arrow(data, [(one.name, one.type, one.stored) for one in shape.columns])
    return decode(data, [(one.stored, one.type) for one in shape.columns])
