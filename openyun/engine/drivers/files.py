"""Blobs as files: DATA/ab/ab12... under 256 directories, uploads under way in DATA/incoming.

A crash leaves nothing but files in `incoming`, which the next start removes.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncIterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from openyun.engine.blob import Accept, Blob, BlobError, BlobNotFound, BlobStoreFull, Bytes, Chunks, LengthMismatch
from openyun.engine.drivers.upload import NO_ROOM, Upload, fsync_directory
from openyun.engine.file_part import FilePart

_UNIT = 512 * 1024
"""Bytes hashed and written in one go by a thread: a hop to it costs 60 us, the MD5 of so many bytes 800."""

_THREADS = 16
"""Threads mostly wait for fsync, and waits in parallel share one journal commit."""


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
        upload = Upload(self._text)
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
            wanted = max(0, os.fstat(opened).st_size - start) if length is None else length
        except OSError as problem:
            os.close(opened)
            raise BlobError(str(problem)) from problem
        return FilePart(opened, start, wanted, self._pool)

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

    async def _pour(self, chunks: AsyncIterable[Bytes], upload: Upload, size: int | None) -> list[Bytes]:
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

    def _copy(self, blob_id: str) -> str:
        made = self._linked(blob_id)
        if made:
            return made
        source = _open(self.path(blob_id))
        upload = Upload(self._text)
        try:
            upload.clone(source)
        except BaseException:
            upload.drop()
            raise
        finally:
            os.close(source)
        return upload.id

    def _linked(self, blob_id: str) -> str:
        """A second name of the same file: a blob never changes, and the file lives as long as it has a name. Empty
        where the file system gives it none."""
        source, made = Path(self.path(blob_id)), secrets.token_hex(16)
        target = Path(self.path(made))
        try:
            os.utime(source)  # first, so that the sweeper takes the new name for as young as it is
            if not target.parent.exists():
                target.parent.mkdir(mode=0o700, exist_ok=True)
                fsync_directory(self._root)
            target.hardlink_to(source)
            fsync_directory(target.parent)
        except FileNotFoundError as problem:
            raise BlobNotFound(blob_id) from problem
        except OSError as problem:
            target.unlink(missing_ok=True)
            if problem.errno in NO_ROOM:
                raise BlobStoreFull(str(problem)) from problem
            return ""
        return made


def _open(path: str) -> int:
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError as problem:
        raise BlobNotFound(Path(path).name) from problem
    except OSError as problem:
        raise BlobError(str(problem)) from problem
