"""Rows on their way out: read, encoded and compressed in threads, batch by batch, as fast as the client takes them."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from openyun.cloud import Cloud, RegionState
from openyun.gateway.http import HttpRequest, HttpResponse
from openyun.gateway.odps import answer as odps_answer
from openyun.services.maxcompute import documents
from openyun.services.maxcompute.errors import EngineMissing
from openyun.services.maxcompute.places import local_paths
from openyun.services.maxcompute.service import OdpsResponse, RowStream
from openyun.services.maxcompute.tunnel.arrow_stream import encode_arrow
from openyun.services.maxcompute.tunnel.csv_text import csv_text
from openyun.services.maxcompute.tunnel.encoding import encode
from openyun.services.maxcompute.tunnel.reading import read_batches

Feed = Callable[[bytes], bytes]


async def send_rows(request: HttpRequest, cloud: Cloud, at: RegionState, answer: OdpsResponse) -> HttpResponse:
    rows = answer.stream
    assert rows is not None  # noqa: S101  for the type checker: the caller has looked
    if not await asyncio.to_thread(_is_installed):
        raise EngineMissing
    paths = await local_paths(cloud, at, rows.files)
    if rows.form == "csv":
        text = await asyncio.to_thread(_text, rows, paths)
        assert answer.xml is not None  # noqa: S101  for the type checker: text goes into a document
        answer.xml["Tasks"]["Task"]["Result"] = {"@Format": "csv", "!": text}
        body = await asyncio.to_thread(documents.render, answer.root, answer.xml)
        headers = {**odps_answer.common(request), "Content-Type": "application/xml"}
        return HttpResponse(status=answer.status, headers=headers, body=body)
    encoding = _encoding(rows.encoding)
    headers = {**odps_answer.common(request), "Content-Type": "application/octet-stream"}
    if encoding:
        headers["Content-Encoding"] = encoding
    return HttpResponse(headers=headers, body=_stream(rows, paths, encoding))


async def _stream(rows: RowStream, paths: list[str], encoding: str) -> AsyncIterator[bytes]:
    pieces = _pieces(rows, paths)
    feed, finish = _compressor(encoding)
    while True:
        piece = await asyncio.to_thread(_next, pieces, feed)
        if piece is None:
            break
        if piece:
            yield piece
    if rest := finish():
        yield rest


def _next(pieces: Iterator[bytes], feed: Feed) -> bytes | None:
    piece = next(pieces, None)
    return None if piece is None else feed(piece)


def _pieces(rows: RowStream, paths: list[str]) -> Iterator[bytes]:
    batches = read_batches(paths, rows.columns, rows.start, rows.count)
    if rows.form == "protobuf":
        return encode(batches, [type_ for _, type_, _ in rows.columns])
    named = [(name, type_) for name, type_, _ in rows.columns]
    return encode_arrow(batches, named, apart=rows.form == "instance arrow")


def _text(rows: RowStream, paths: list[str]) -> str:
    named = [(name, type_) for name, type_, _ in rows.columns]
    return csv_text(read_batches(paths, rows.columns, rows.start, rows.count), named, rows.time_zone)


def _encoding(accepted: str) -> str:
    """The one of the client's that we have too; without compression, none."""
    wished = [one.strip().partition(";")[0].lower() for one in accepted.split(",")]
    return next((one for one in wished if one in ("deflate", "zstd", "x-lz4-frame")), "")


def _compressor(encoding: str) -> tuple[Feed, Callable[[], bytes]]:
    if encoding == "deflate":
        made = zlib.compressobj(1)
        return made.compress, made.flush
    if encoding:
        return _arrow_compressor({"zstd": "zstd", "x-lz4-frame": "lz4"}[encoding])
    return bytes, bytes


def _arrow_compressor(name: str) -> tuple[Feed, Callable[[], bytes]]:
    import pyarrow as pa  # type: ignore[import-untyped]  # it has no types

    out = _Pipe()
    stream: Any = pa.CompressedOutputStream(pa.PythonFile(out, mode="w"), name)

    def feed(data: bytes) -> bytes:
        stream.write(data)
        return out.take()

    def finish() -> bytes:
        stream.close()
        return out.take()

    return feed, finish


class _Pipe:
    """Takes what is written until somebody takes it away."""

    closed = False

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, data: Any) -> int:
        self._held += data
        return len(data)

    def flush(self) -> None:
        pass

    def close(self) -> None:
        self.closed = True

    def take(self) -> bytes:
        taken = bytes(self._held)
        self._held.clear()
        return taken


def _is_installed() -> bool:
    try:
        import pyarrow.parquet  # type: ignore[import-untyped]  # noqa: F401  it has no types, and is only asked for
    except ImportError:
        return False
    return True
