"""Blobs as files: DATA/ab/ab12... under 256 directories, uploads under way in DATA/incoming.

Order of a write: file, fsync, rename into its directory, fsync of that directory. So whatever has a final name is
whole and durable, and a crash leaves nothing but files in `incoming`, which the next start removes.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import secrets
import threading
from collections.abc import AsyncIterable, AsyncIterator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from fastcrc import crc64

from openyun.engine.blob import Accept, Blob, BlobError, BlobNotFound, BlobStoreFull, Bytes, Chunks, LengthMismatch

_UNIT = 256 * 1024
"""Bytes hashed and written in one go by a thread: a hop to it costs 60 us, the MD5 of so many bytes 360."""

_THREADS = 16
"""Threads mostly wait for fsync, and waits in parallel share one journal commit."""

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}


class Files:
    """A blob engine on a directory of this machine."""

    name = "files"

    def __init__(self, root: Path) -> None:
        self._root = root
        self._text = str(root)
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="blob")
        incoming = root / "incoming"
        incoming.mkdir(parents=True, exist_ok=True)
        for leftover in incoming.iterdir():
            leftover.unlink(missing_ok=True)

    async def write(
        self, chunks: AsyncIterable[Bytes], *, size: int | None = None, accept: Accept | None = None
    ) -> Blob:
        upload = _Upload(self._root)
        try:
            rest = await self._pour(chunks, upload, size)
            return await asyncio.wrap_future(self._pool.submit(upload.finish, rest, accept))
        except BaseException:
            # The upload's lock makes this wait for a unit being written; a second cancellation cannot stop it.
            await asyncio.shield(asyncio.wrap_future(self._pool.submit(upload.drop)))
            raise

    async def copy(self, blob_id: str) -> str:
        return await asyncio.wrap_future(self._pool.submit(self._copy, blob_id))

    async def read(self, blob_id: str, start: int = 0, length: int | None = None) -> Chunks:
        opened = _open(self.path(blob_id))
        try:
            end = os.fstat(opened).st_size if length is None else start + length
            first = await self._pread(opened, start, min(_UNIT, end - start))
        except BaseException:
            os.close(opened)
            raise
        if start + len(first) >= end:
            os.close(opened)
            return _Once(first)
        return _Rest(self, opened, first, start + len(first), end)

    def delete(self, blob_id: str) -> None:
        Path(self.path(blob_id)).unlink(missing_ok=True)

    def discard(self, blob_id: str) -> None:
        # To free a large file takes long, and the caller may be the one writer of a region's state.
        self._pool.submit(self.delete, blob_id)

    def stored(self, before: float) -> Iterator[str]:
        for directory in sorted(self._root.iterdir()):
            if len(directory.name) == 2:
                with os.scandir(directory) as entries:
                    yield from (entry.name for entry in entries if entry.stat().st_mtime < before)

    def path(self, blob_id: str) -> str:
        """Where the blob lies: a server may hand the file itself to the kernel."""
        return f"{self._text}/{blob_id[:2]}/{blob_id}"

    def close(self) -> None:
        self._pool.shutdown()

    async def _pour(self, chunks: AsyncIterable[Bytes], upload: _Upload, size: int | None) -> list[Bytes]:
        """Feed the upload unit by unit; gives back what is left at the end, less than a unit."""
        gathered: list[Bytes] = []
        held = seen = 0
        under_way: Future[None] | None = None
        async for chunk in chunks:
            seen += len(chunk)
            if size is not None and seen > size:
                raise LengthMismatch(f"more than the announced {size} bytes came")
            gathered.append(chunk)
            held += len(chunk)
            if held >= _UNIT:
                # One unit is hashed while the next one arrives; never more, so memory stays bounded.
                if under_way is not None:
                    await asyncio.wrap_future(under_way)
                under_way = self._pool.submit(upload.feed, gathered)
                gathered, held = [], 0
        if under_way is not None:
            await asyncio.wrap_future(under_way)
        if size is not None and seen < size:
            raise LengthMismatch(f"{seen} of the announced {size} bytes came")
        return gathered

    async def _pread(self, file: int, start: int, length: int) -> Bytes:
        """Read at once what the page cache has, in a thread what it has not: a slow disk must not stop the loop."""
        if length <= 0:
            return b""
        buffer = bytearray(length)
        try:
            got = os.preadv(file, [buffer], start, os.RWF_NOWAIT)
        except OSError as problem:
            if problem.errno not in (errno.EAGAIN, errno.EOPNOTSUPP):
                raise BlobError(str(problem)) from problem
            got = 0
        if got < length:
            buffer = bytearray(await asyncio.wrap_future(self._pool.submit(_pread_all, file, start, length)))
        return buffer

    def _copy(self, blob_id: str) -> str:
        source = _open(self.path(blob_id))
        upload = _Upload(self._root)
        try:
            upload.clone(source)
        except BaseException:
            upload.drop()
            raise
        finally:
            os.close(source)
        return upload.id


class _Upload:
    """One blob on its way. Its methods run in threads, one at a time."""

    def __init__(self, root: Path) -> None:
        self.id = secrets.token_hex(16)
        self._temporary = root / "incoming" / self.id
        self._final = root / self.id[:2] / self.id
        self._file = -1
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._crc64 = crc64.xz(b"")
        self._size = 0
        self._over = False
        self._lock = threading.Lock()

    def feed(self, chunks: list[Bytes]) -> None:
        """Hash and append."""
        with self._lock, _engine_errors():
            self._append(chunks)

    def finish(self, chunks: list[Bytes], accept: Accept | None) -> Blob:
        """Append the last chunks, ask whether to accept, and make it durable under its final name."""
        with self._lock, _engine_errors():
            self._append(chunks)
            blob = Blob(id=self.id, size=self._size, md5=self._md5.digest(), crc64=self._crc64)
            if accept is not None:
                accept(blob)
            self._keep()
            return blob

    def clone(self, source: int) -> None:
        """Become a copy of an open file; file systems that can share the blocks do."""
        with self._lock, _engine_errors():
            self._append([])
            while os.copy_file_range(source, self._file, 1 << 30):
                pass
            self._keep()

    def drop(self) -> None:
        """Leave nothing. Repeatable."""
        with self._lock:
            self._over = True
            if self._file >= 0:
                os.close(self._file)
                self._file = -1
            self._temporary.unlink(missing_ok=True)
            self._final.unlink(missing_ok=True)

    def _append(self, chunks: list[Bytes]) -> None:
        if self._over:
            raise BlobError("the upload was given up")
        if self._file < 0:
            self._file = os.open(self._temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        for chunk in chunks:
            self._md5.update(chunk)
            self._crc64 = crc64.xz(chunk, self._crc64)
            self._size += len(chunk)
            rest = memoryview(chunk)
            while rest:
                rest = rest[os.write(self._file, rest) :]

    def _keep(self) -> None:
        os.fsync(self._file)
        directory = self._final.parent
        try:
            self._temporary.rename(self._final)
        except FileNotFoundError:
            directory.mkdir(mode=0o700, exist_ok=True)
            _fsync_directory(directory.parent)
            self._temporary.rename(self._final)
        os.close(self._file)
        self._file, self._over = -1, True
        _fsync_directory(directory)


class _Once:
    """The iterator of a range that was read in one go."""

    def __init__(self, data: Bytes) -> None:
        self._data = data

    def __aiter__(self) -> AsyncIterator[Bytes]:
        return self

    async def __anext__(self) -> Bytes:
        if not self._data:
            raise StopAsyncIteration
        data, self._data = self._data, b""
        return data

    async def aclose(self) -> None:
        self._data = b""


class _Rest:
    """The iterator of a longer range; holds the file open until its end, `aclose`, or the garbage collector."""

    def __init__(self, engine: Files, file: int, first: Bytes, position: int, end: int) -> None:
        self._engine = engine
        self._file = file
        self._first = first
        self._position = position
        self._end = end

    def __aiter__(self) -> AsyncIterator[Bytes]:
        return self

    async def __anext__(self) -> Bytes:
        if self._first:
            data, self._first = self._first, b""
            return data
        if self._position >= self._end:
            await self.aclose()
            raise StopAsyncIteration
        data = await self._engine._pread(self._file, self._position, min(_UNIT, self._end - self._position))
        self._position += len(data)
        return data

    async def aclose(self) -> None:
        self._close()

    def _close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def __del__(self) -> None:
        self._close()


@contextmanager
def _engine_errors() -> Iterator[None]:
    """The system's errors become the engine's."""
    try:
        yield
    except OSError as problem:
        raise (BlobStoreFull if problem.errno in _NO_ROOM else BlobError)(str(problem)) from problem


def _open(path: str) -> int:
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError as problem:
        raise BlobNotFound(Path(path).name) from problem
    except OSError as problem:
        raise BlobError(str(problem)) from problem


def _pread_all(file: int, start: int, length: int) -> bytes:
    parts: list[Bytes] = []
    while length:
        try:
            part = os.pread(file, length, start)
        except OSError as problem:
            raise BlobError(str(problem)) from problem
        if not part:
            raise BlobError("the blob is shorter than its row says")
        parts.append(part)
        start += len(part)
        length -= len(part)
    return b"".join(parts)


def _fsync_directory(path: Path) -> None:
    directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
