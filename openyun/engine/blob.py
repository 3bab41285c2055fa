"""What holds the bytes of objects. A *blob* is only stored bytes: it has no name but its id, and never changes.

A blob is written whole or not at all. A row of state gives it meaning, so it is written before its row commits and
deleted after the row is gone; one that no row names is garbage, and `stored` finds it for the sweeper.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterator
from typing import Protocol

import msgspec

Bytes = bytes | bytearray


class BlobError(Exception):
    """The engine could not store or read the bytes; the text is for the operator."""


class BlobNotFound(BlobError):
    """No blob has this id (any more)."""


class BlobStoreFull(BlobError):
    """No room is left. Nothing of the blob was kept."""


class LengthMismatch(BlobError):
    """The body was shorter or longer than announced. Nothing of it was kept."""


class Blob(msgspec.Struct, frozen=True, kw_only=True):
    """What was stored."""

    id: str
    size: int
    md5: bytes
    """the 16 bytes of the digest"""
    crc64: int
    """CRC-64/XZ (ECMA-182 reflected), as x-oss-hash-crc64ecma has it"""


Accept = Callable[[Blob], None]
"""Looks at a blob before it is kept; what it raises is passed on, and nothing is kept."""


class Chunks(Protocol):
    """Part of a blob on its way out."""

    def __aiter__(self) -> AsyncIterator[Bytes]: ...

    async def __anext__(self) -> Bytes: ...

    async def aclose(self) -> None:
        """Stop reading. Needed only before the end; repeatable."""
        ...


class BlobEngine(Protocol):
    """Stores blobs."""

    name: str

    async def write(
        self, chunks: AsyncIterable[Bytes], *, size: int | None = None, accept: Accept | None = None
    ) -> Blob:
        """Store the chunks; when this returns they are durable. Memory does not grow with the size of the body.

        `size` is the announced length, None when unknown. Raises LengthMismatch, BlobStoreFull, BlobError, and
        whatever `chunks` or `accept` raise; after any of them, and when cancelled, nothing is kept.
        """
        ...

    async def copy(self, blob_id: str) -> str:
        """The id of a new, durable blob of the same bytes. Raises BlobNotFound, BlobStoreFull, BlobError."""
        ...

    async def read(self, blob_id: str, start: int = 0, length: int | None = None) -> Chunks:
        """Bytes from `start`, in chunks of bounded size.

        A blob that was opened stays readable to the end, even if it is deleted meanwhile.
        Raises BlobNotFound at once, BlobError from the iterator if the bytes end too early.
        """
        ...

    def delete(self, blob_id: str) -> None:
        """Free the blob. Repeatable: a blob that is gone is no error."""
        ...

    def discard(self, blob_id: str) -> None:
        """`delete` soon, without waiting. One that is lost in a crash is found by the sweeper."""
        ...

    def stored(self, before: float) -> Iterator[str]:
        """Ids of the blobs last written before this time (seconds since the epoch), for the sweeper."""
        ...

    def close(self) -> None:
        """Wait for what is under way; no verb may be used after."""
        ...
