"""Part of a file on its way out: read piece by piece, or handed to the kernel to send."""

from __future__ import annotations

import asyncio
import errno
import os
from concurrent.futures import Executor

from openyun.engine.blob import BlobError, Bytes

_UNIT = 256 * 1024
"""bytes read in one go"""


class FilePart:
    """Chunks of a blob that lies in an open file, which is closed at their end, by `aclose`, or by the garbage
    collector. `pool` waits for the disk, which a server's event loop must not."""

    def __init__(self, file: int, position: int, length: int, pool: Executor) -> None:
        self._file = file
        self._position = position
        self.length = length
        """bytes that are still to go"""
        self._pool = pool

    def __aiter__(self) -> FilePart:
        return self

    async def __anext__(self) -> Bytes:
        if not self.length:
            self._close()
            raise StopAsyncIteration
        data = await self._read(min(_UNIT, self.length))
        self._advance(len(data))
        return data

    def is_at_hand(self, most: int) -> bool:
        """Whether the next so many bytes seem to lie in memory: their first and their last do."""
        end = self._position + min(most, self.length) - 1
        try:
            return all(os.preadv(self._file, [bytearray(1)], at, os.RWF_NOWAIT) for at in (self._position, end))
        except OSError as problem:
            return _is_refused(problem)

    async def fetch(self, most: int) -> None:
        """Have the next so many bytes read from the disk. Raises BlobError."""
        length = min(most, self.length)
        await asyncio.wrap_future(self._pool.submit(_fetch, self._file, self._position, length))

    def send(self, out: int, most: int) -> None:
        """Have the kernel send some of the next bytes. Raises BlobError, and OSError of the socket."""
        sent = os.sendfile(out, self._file, self._position, min(most, self.length))
        if not sent:
            raise BlobError("the blob is shorter than its row says")
        self._advance(sent)

    async def aclose(self) -> None:
        self._close()

    async def _read(self, length: int) -> Bytes:
        """At once what the page cache has, in a thread what it has not."""
        buffer = bytearray(length)
        try:
            got = os.preadv(self._file, [buffer], self._position, os.RWF_NOWAIT)
        except OSError as problem:
            if problem.errno != errno.EAGAIN and not _is_refused(problem):
                raise BlobError(str(problem)) from problem
            got = 0
        if got == length:
            return buffer
        return await asyncio.wrap_future(self._pool.submit(pread_all, self._file, self._position, length))

    def _advance(self, size: int) -> None:
        self._position += size
        self.length -= size

    def _close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def __del__(self) -> None:
        self._close()


def pread_all(file: int, start: int, length: int) -> bytes:
    """Raises BlobError if there is less."""
    parts: list[bytes] = []
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
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _fetch(file: int, start: int, length: int) -> None:
    os.posix_fadvise(file, start, 2 * length, os.POSIX_FADV_WILLNEED)  # the disk goes on while these are sent
    while length:
        size = min(length, _UNIT)
        pread_all(file, start, size)
        start += size
        length -= size


def _is_refused(problem: OSError) -> bool:
    """The file system cannot tell what lies in memory."""
    return problem.errno == errno.EOPNOTSUPP
