"""One blob on its way into its file.

Order of a write: file, fsync, rename into its directory, fsync of that directory. So whatever has a final name is
whole and durable.

Larger blobs go past the page cache (O_DIRECT): they must reach the disk before they are acknowledged, and to copy them
into the cache first, page by page, costs several times as much as the MD5 of them.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import mmap
import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from fastcrc import crc64

from openyun.engine.blob import Accept, Blob, BlobError, BlobStoreFull, Bytes

NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
_DIRECT = 64 * 1024
"""bytes from which on a blob goes past the page cache"""
_BLOCK = 4096
"""what O_DIRECT wants positions, lengths and addresses to be multiples of"""
_BUFFER = 512 * 1024

_local = threading.local()


class Upload:
    """Its methods run in threads, one at a time."""

    def __init__(self, root: str) -> None:
        self.id = secrets.token_hex(16)
        self._temporary = f"{root}/incoming/{self.id}"
        self._directory = f"{root}/{self.id[:2]}"
        self._final = f"{self._directory}/{self.id}"
        self._file = -1
        self._direct = False
        self._rest = b""
        """hashed, but less than a block and so not yet written"""
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
            self._append(chunks, last=True)
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
            for path in (self._temporary, self._final):
                with suppress(FileNotFoundError):
                    os.unlink(path)  # noqa: PTH108  paths as text: Path costs as much as the call

    def _append(self, chunks: list[Bytes], *, last: bool = False) -> None:
        if self._over:
            raise BlobError("the upload was given up")
        for chunk in chunks:
            self._md5.update(chunk)
            self._crc64 = crc64.xz(chunk, self._crc64)
            self._size += len(chunk)
        if self._file < 0:
            self._open(direct=self._size >= _DIRECT)
        if self._direct:
            self._write_blocks(chunks, last=last)
            return
        for chunk in chunks:
            self._write(memoryview(chunk))

    def _open(self, *, direct: bool) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        self._file = os.open(self._temporary, flags, 0o600)
        if direct:
            with suppress(OSError):  # a file system in memory has no cache to go past
                fcntl.fcntl(self._file, fcntl.F_SETFL, os.O_DIRECT)
                self._direct = True

    def _write_blocks(self, chunks: list[Bytes], *, last: bool) -> None:
        """Through a buffer that lies as O_DIRECT wants it. What is over at the end is padded, and cut off again."""
        buffer = _buffer()
        filled = len(self._rest)
        buffer[:filled] = self._rest
        for chunk in chunks:
            view = memoryview(chunk)
            while view:
                size = min(len(view), _BUFFER - filled)
                buffer[filled : filled + size] = view[:size]
                view = view[size:]
                filled += size
                if filled == _BUFFER:
                    self._write(buffer)
                    filled = 0
        over = filled % _BLOCK
        whole = filled - over
        if last and over:
            buffer[filled : whole + _BLOCK] = bytes(_BLOCK - over)
            self._write(buffer[: whole + _BLOCK])
            os.ftruncate(self._file, self._size)
            self._rest = b""
            return
        if whole:
            self._write(buffer[:whole])
        self._rest = bytes(buffer[whole:filled])

    def _write(self, data: memoryview) -> None:
        while data:
            try:
                data = data[os.write(self._file, data) :]
            except OSError as problem:
                if problem.errno != errno.EINVAL or not fcntl.fcntl(self._file, fcntl.F_GETFL) & os.O_DIRECT:
                    raise
                # This disk's blocks are larger than we thought: the cache is only slower.
                fcntl.fcntl(self._file, fcntl.F_SETFL, 0)

    def _keep(self) -> None:
        os.fsync(self._file)
        try:
            os.rename(self._temporary, self._final)  # noqa: PTH104  paths as text: Path costs as much as the call
        except FileNotFoundError:
            with suppress(FileExistsError):
                os.mkdir(self._directory, 0o700)  # noqa: PTH102  as above
            fsync_directory(os.path.dirname(self._directory))  # noqa: PTH120  as above
            os.rename(self._temporary, self._final)  # noqa: PTH104  as above
        os.close(self._file)
        self._file, self._over = -1, True
        fsync_directory(self._directory)


def _buffer() -> memoryview:
    """This thread's own."""
    found: memoryview | None = getattr(_local, "buffer", None)
    if found is None:
        found = _local.buffer = memoryview(mmap.mmap(-1, _BUFFER))
    return found


@contextmanager
def _engine_errors() -> Iterator[None]:
    """The system's errors become the engine's."""
    try:
        yield
    except OSError as problem:
        raise (BlobStoreFull if problem.errno in NO_ROOM else BlobError)(str(problem)) from problem


def fsync_directory(path: str | os.PathLike[str]) -> None:
    directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
