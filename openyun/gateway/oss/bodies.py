"""Bodies of objects on their way: how long they are, what of which blobs they are made of, when to stop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from openyun.engine.blob import Bytes, Chunks
from openyun.gateway.http import HttpRequest
from openyun.services.oss.errors import EntityTooLarge, MissingContentLength

LARGEST_OBJECT = 5 * 1024**3


def announced_size(request: HttpRequest) -> int | None:
    """Bytes of the body, None for a chunked one. Raises MissingContentLength, EntityTooLarge."""
    text = request.headers.get("content-length", "")
    if text.isascii() and text.isdigit():
        size = int(text[:20])
        if size > LARGEST_OBJECT:
            raise EntityTooLarge(MaxSizeAllowed=str(LARGEST_OBJECT), ProposedSize=text)
        return size
    if "chunked" in request.headers.get("transfer-encoding", "").lower():
        return None
    raise MissingContentLength


async def limited(body: AsyncIterator[Bytes], most: int) -> AsyncIterator[Bytes]:
    seen = 0
    async for chunk in body:
        seen += len(chunk)
        if seen > most:
            raise EntityTooLarge(MaxSizeAllowed=str(most))
        yield chunk


class Held:
    """Bytes at hand, read as those of a blob are."""

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


async def until_gone(request: HttpRequest, chunks: Chunks, more: AsyncIterator[Bytes]) -> AsyncIterator[Bytes]:
    """The server takes what is sent to a client that has hung up, so reading on must end here."""
    gone = asyncio.ensure_future(request.hung_up())
    try:
        for source in (chunks, more):
            async for chunk in source:
                yield chunk
                if gone.done():
                    return
    finally:
        gone.cancel()
        await chunks.aclose()
