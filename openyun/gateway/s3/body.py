"""The body of an S3 request: plain or in signed chunks (`aws-chunked`), with checksums before or behind it.

Whatever does not prove right is raised before the end of the stream, so that nothing of it is kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping
from string import hexdigits

from openyun.access.s3_errors import (
    ContentSha256Mismatch,
    InvalidChecksum,
    InvalidChunk,
    InvalidContentSha256,
    MalformedTrailer,
    MissingDecodedLength,
    S3IncompleteBody,
)
from openyun.access.s3_signature import UNSIGNED, S3Claim
from openyun.engine.blob import Bytes
from openyun.gateway.s3.checksums import Expected, algorithm_of

_CHUNKED = {
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD": (True, False),
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER": (True, True),
    "STREAMING-UNSIGNED-PAYLOAD-TRAILER": (False, True),
}
"""by x-amz-content-sha256: whether chunks are signed, and whether a trailer follows"""

_LONGEST_LINE = 4096
"""bytes of a chunk's head or a line of the trailer"""
_MOST_LINES = 16


class Payload:
    """How a body is sent, and what it must prove to be."""

    def __init__(self, headers: Mapping[str, str], claim: S3Claim) -> None:
        """Raises InvalidContentSha256, InvalidChecksum, MissingDecodedLength."""
        self._claim = claim
        announced = headers.get("x-amz-content-sha256", UNSIGNED)
        self.chunked = announced in _CHUNKED
        self._signed, self._trailer = _CHUNKED.get(announced, (False, False))
        self._sha256 = ""
        self.size = _number(headers.get("content-length", ""))
        """bytes of what is stored; None if unknown"""
        if self.chunked:
            self.size = _number(headers.get("x-amz-decoded-content-length", ""))
            if self.size is None:
                raise MissingDecodedLength
        elif announced != UNSIGNED:
            if len(announced) != 64 or not set(announced) <= set(hexdigits):
                raise InvalidContentSha256(ArgumentName="x-amz-content-sha256", ArgumentValue=announced)
            self._sha256 = announced.lower()
        self.checksums = [
            Expected(algorithm, headers[name])
            for name in headers
            if name.startswith("x-amz-checksum-") and (algorithm := algorithm_of(name))
        ]
        self._behind: dict[str, Expected] = {}
        for name in headers.get("x-amz-trailer", "").lower().split(",") if self._trailer else ():
            algorithm = algorithm_of(name.strip())
            if not algorithm:
                raise InvalidChecksum(header="x-amz-trailer")
            self._behind[name.strip()] = Expected(algorithm)
        self.checksums += self._behind.values()

    async def stream(self, source: AsyncIterator[Bytes]) -> AsyncIterator[Bytes]:
        """The bytes to store. Raises S3's errors for what is not as announced or signed."""
        sha256 = hashlib.sha256() if self._sha256 else None
        seen = 0
        async for piece in self._unchunked(_Reader(source)) if self.chunked else source:
            seen += len(piece)
            if sha256 is not None:
                sha256.update(piece)
            for checksum in self.checksums:
                checksum.update(piece)
            yield piece
        if sha256 is not None and sha256.hexdigest() != self._sha256:
            raise ContentSha256Mismatch(
                ClientComputedContentSHA256=self._sha256, S3ComputedContentSHA256=sha256.hexdigest()
            )
        if self.size is not None and seen != self.size:
            raise S3IncompleteBody
        for checksum in self.checksums:
            checksum.check()

    async def _unchunked(self, reader: _Reader) -> AsyncIterator[Bytes]:
        chain = self._claim.chunks()
        size = -1
        while size:
            head, _, extension = (await reader.line()).partition(b";")
            size = _hexadecimal(head)
            digest = hashlib.sha256()
            left = size
            while left:
                piece = await reader.some(left)
                left -= len(piece)
                if self._signed:
                    digest.update(piece)
                yield piece
            if self._signed:
                chain.check(digest.hexdigest(), extension.removeprefix(b"chunk-signature=").decode("latin-1"))
            if size and await reader.line():
                raise InvalidChunk
        lines = await self._read_trailer(reader)
        signature = lines.pop("x-amz-trailer-signature", "")
        if set(lines) != set(self._behind):
            raise MalformedTrailer
        if self._signed and self._trailer:
            chain.check_trailer("".join(f"{name}:{value}\n" for name, value in lines.items()).encode(), signature)
        for name, value in lines.items():
            self._behind[name].announce(value)
        await reader.end()

    async def _read_trailer(self, reader: _Reader) -> dict[str, str]:
        lines: dict[str, str] = {}
        while line := (await reader.line()).strip():
            name, colon, value = line.decode("latin-1").partition(":")
            if not colon or len(lines) == _MOST_LINES:
                raise MalformedTrailer
            lines[name.strip().lower()] = value.strip()
        return lines


class _Reader:
    """Lines and counted bytes from a stream of pieces."""

    def __init__(self, source: AsyncIterator[Bytes]) -> None:
        self._source = source
        self._held: Bytes = b""
        self._at = 0

    async def line(self) -> Bytes:
        """Without its end. Raises InvalidChunk for one that is too long."""
        while True:
            end = self._held.find(b"\r\n", self._at)
            if end >= 0:
                found = self._held[self._at : end]
                self._at = end + 2
                return found
            rest = self._held[self._at :]
            if len(rest) > _LONGEST_LINE:
                raise InvalidChunk
            self._held, self._at = rest + await self._more(), 0

    async def some(self, most: int) -> Bytes:
        """At least one byte."""
        if self._at == len(self._held):
            self._held, self._at = await self._more(), 0
        found = self._held[self._at : self._at + most]
        self._at += len(found)
        return found

    async def end(self) -> None:
        """Raises InvalidChunk if more follows."""
        if self._at < len(self._held):
            raise InvalidChunk
        async for more in self._source:
            if more:
                raise InvalidChunk

    async def _more(self) -> Bytes:
        try:
            return await anext(self._source)
        except StopAsyncIteration:
            raise S3IncompleteBody from None


def _number(text: str) -> int | None:
    return int(text[:20]) if text.isascii() and text.isdigit() else None


def _hexadecimal(text: Bytes) -> int:
    digits = text.strip()
    if not 1 <= len(digits) <= 12 or not set(digits) <= set(hexdigits.encode()):
        raise InvalidChunk
    return int(digits, 16)
