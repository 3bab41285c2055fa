"""Texts go out compressed to a reader who accepts gzip: those of these types from 1 KiB on, whole."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterable, AsyncIterator

import msgspec

from openyun.engine.blob import Bytes
from openyun.gateway.http import HttpRequest
from openyun.services.oss.service import OssResponse

_TYPES = frozenset(
    """
    application/javascript application/json application/rss+xml application/x-javascript application/xml text/css
    text/html text/javascript text/json text/plain text/richtext text/x-component text/xml
    """.split()  # noqa: SIM905  types as they are read, not as a list is written
)
_LEAST = 1024
_QUICK = 16 * 1024
"""bytes that take less time to compress than a thread to be told of them"""


def is_compressed(request: HttpRequest, answer: OssResponse) -> bool:
    """Whether this object is to be sent so."""
    if "gzip" not in request.headers.get("accept-encoding", "") or request.method != "GET":
        return False
    headers = answer.headers
    return (
        bool(answer.data)
        and answer.status == 200
        and "Content-Encoding" not in headers
        and headers.get("Content-Type", "").partition(";")[0].strip().lower() in _TYPES
        and int(headers.get("Content-Length", "0")) >= _LEAST
    )


def compress(answer: OssResponse, data: Bytes | AsyncIterable[Bytes]) -> tuple[OssResponse, AsyncIterator[Bytes]]:
    """The length is not known before the end, and the ETag is that of other bytes: neither is told."""
    gone = ("Content-Length", "Content-MD5", "ETag", "Accept-Ranges")
    headers = {name: value for name, value in answer.headers.items() if name not in gone}
    headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return msgspec.structs.replace(answer, headers=headers), _compressed(data)


async def _compressed(data: Bytes | AsyncIterable[Bytes]) -> AsyncIterator[Bytes]:
    packer = zlib.compressobj(level=5, wbits=31)
    if isinstance(data, bytes | bytearray):
        packed = packer.compress(data) if len(data) <= _QUICK else await asyncio.to_thread(packer.compress, data)
        yield packed + packer.flush()
        return
    async for chunk in data:
        if packed := await asyncio.to_thread(packer.compress, chunk):
            yield packed
    yield packer.flush()
