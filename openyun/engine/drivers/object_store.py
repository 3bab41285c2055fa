"""Blobs in an object store of any S3's kind, through `obstore`: an optional part of OpenYun, `openyun[s3]`.

A blob is one object, ab/ab12... below the prefix; the store shows it whole or not at all, so nothing is left to tidy up
but parts of uploads that were cut off, which the store's own lifecycle rule for incomplete uploads ends.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterable, AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import obstore
from fastcrc import crc64
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import S3Store

from openyun.engine.blob import Accept, Blob, BlobError, BlobNotFound, Bytes, Chunks, LengthMismatch

_PART = 8 * 1024 * 1024
"""Bytes of a part; what is shorter is stored by one request."""
_PARTS_AT_ONCE = 3
"""So an upload holds some 32 MiB at most."""
_CHUNK = 1024 * 1024
_THREADS = 4


class ObjectStore:
    """A blob engine on a bucket. `address` is s3://bucket/prefix?endpoint=http://host:port&region=...; keys are
    access_key_id and secret_access_key there, or those of AWS_ACCESS_KEY_ID and its kin in the environment."""

    name = "object_store"

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme != "s3" or not parts.netloc:
            raise BlobError(f"blobs must be 'files' or s3://bucket?endpoint=..., not {parts.scheme}://")
        options: dict[str, Any] = dict(parse_qsl(parts.query))
        plain = options.get("endpoint", "").startswith("http://")
        self._store = S3Store(
            parts.netloc,
            prefix=parts.path.strip("/") or None,
            client_options={"allow_http": plain, "timeout": "300s"},
            **options,
        )
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="blob")

    async def write(
        self, chunks: AsyncIterable[Bytes], *, size: int | None = None, accept: Accept | None = None
    ) -> Blob:
        upload = _Upload(chunks, size, accept, self._pool)
        place = _place(upload.id)
        try:
            first = await upload.gather()
            with _engine_errors(upload.id):
                if upload.ended:
                    await obstore.put_async(self._store, place, first, use_multipart=False)
                else:
                    rest = upload.parts(first)
                    await obstore.put_async(self._store, place, rest, chunk_size=_PART, max_concurrency=_PARTS_AT_ONCE)
        except BaseException as problem:
            # It may be that the store has it all the same, such as when the answer was what got lost.
            await asyncio.shield(asyncio.wrap_future(self._pool.submit(self._forget, upload.id)))
            if upload.problem is not None and upload.problem is not problem:
                raise upload.problem from None
            raise
        assert upload.blob is not None  # noqa: S101  for the type checker: made when the chunks ended
        return upload.blob

    async def copy(self, blob_id: str) -> str:
        made = secrets.token_hex(16)
        with _engine_errors(blob_id):
            await obstore.copy_async(self._store, _place(blob_id), _place(made))
        return made

    async def read(self, blob_id: str, start: int = 0, length: int | None = None) -> Chunks:
        with _engine_errors(blob_id):
            if length == 0:
                await obstore.head_async(self._store, _place(blob_id))
                return _Stream(_nothing(), 0)
            if length is None and start == 0:
                whole = await obstore.get_async(self._store, _place(blob_id))
                return _Stream(aiter(whole.stream(min_chunk_size=_CHUNK)), whole.meta["size"])
            span: Any = {"offset": start} if length is None else (start, start + length)
            part = await obstore.get_async(self._store, _place(blob_id), options={"range": span})
            first, last = part.range
            return _Stream(aiter(part.stream(min_chunk_size=_CHUNK)), last - first if length is None else length)

    def delete(self, blob_id: str) -> None:
        try:
            obstore.delete(self._store, _place(blob_id))
        except (NotFoundError, FileNotFoundError):
            return
        except (BaseError, OSError) as problem:
            raise BlobError(str(problem)) from problem

    def discard(self, blob_id: str) -> None:
        self._pool.submit(self._forget, blob_id)

    def _forget(self, blob_id: str) -> None:
        """Or leave it to the sweeper."""
        try:
            self.delete(blob_id)
        except BlobError:
            return

    def stored(self, before: float) -> Iterator[str]:
        with _engine_errors(""):
            for page in obstore.list(self._store, chunk_size=1000):
                for one in page:
                    if one["last_modified"].timestamp() < before:
                        yield str(one["path"]).rpartition("/")[2]

    def close(self) -> None:
        self._pool.shutdown()


class _Upload:
    """A body on its way: counts and hashes it, and at its end says what it was."""

    def __init__(
        self, chunks: AsyncIterable[Bytes], size: int | None, accept: Accept | None, pool: ThreadPoolExecutor
    ) -> None:
        self.id = secrets.token_hex(16)
        self.blob: Blob | None = None
        self.ended = False
        self.problem: BaseException | None = None
        """what the body, or who looked at it, raised; the library in between words it as its own"""
        self._source = aiter(chunks)
        self._announced = size
        self._accept = accept
        self._pool = pool
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._crc64 = crc64.xz(b"")
        self._size = 0

    async def gather(self) -> bytes:
        """Some _PART bytes, fewer at the end. Raises LengthMismatch, and what the body and `accept` do."""
        held: list[Bytes] = []
        length = 0
        try:
            while length < _PART and not self.ended:
                chunk = await anext(self._source, None)
                if chunk is None:
                    self.ended = True
                    break
                length += len(chunk)
                held.append(chunk)
                self._check_length(self._size + length)
            part = b"".join(held)
            await asyncio.wrap_future(self._pool.submit(self._note, part))
        except BaseException as problem:
            self.problem = problem
            raise
        return part

    def _check_length(self, seen: int) -> None:
        if self._announced is not None and seen > self._announced:
            raise LengthMismatch(f"more than the announced {self._announced} bytes came")

    async def parts(self, first: bytes) -> AsyncIterator[bytes]:
        yield first
        while not self.ended:
            if part := await self.gather():
                yield part

    def _note(self, part: bytes) -> None:
        self._md5.update(part)
        self._crc64 = crc64.xz(part, self._crc64)
        self._size += len(part)
        if not self.ended:
            return
        if self._announced is not None and self._size < self._announced:
            raise LengthMismatch(f"{self._size} of the announced {self._announced} bytes came")
        self.blob = Blob(id=self.id, size=self._size, md5=self._md5.digest(), crc64=self._crc64)
        if self._accept is not None:
            self._accept(self.blob)


class _Stream:
    """The store's bytes; an error if there are fewer than there should be."""

    def __init__(self, source: AsyncIterator[Any], length: int) -> None:
        self._source: AsyncIterator[Any] | None = source
        self._left = length

    def __aiter__(self) -> AsyncIterator[Bytes]:
        return self

    async def __anext__(self) -> Bytes:
        if self._source is None:
            raise StopAsyncIteration
        with _engine_errors(""):
            chunk = await anext(self._source, None)
        if chunk is None:
            self._source = None
            if self._left > 0:
                raise BlobError("the blob is shorter than its row says")
            raise StopAsyncIteration
        data = bytes(chunk)
        self._left -= len(data)
        return data

    async def aclose(self) -> None:
        self._source = None


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield b""


def _place(blob_id: str) -> str:
    return f"{blob_id[:2]}/{blob_id}"


@contextmanager
def _engine_errors(blob_id: str) -> Iterator[None]:
    """The library's errors become the engine's."""
    try:
        yield
    except (NotFoundError, FileNotFoundError) as problem:
        raise BlobNotFound(blob_id) from problem
    except (BaseError, OSError) as problem:
        raise BlobError(str(problem)) from problem
