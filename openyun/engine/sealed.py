"""A blob engine over another whose blobs may lie encrypted, and are read as if they did not.

Each sealed blob begins with a head: the name of its cipher and a data key of its own, sealed by the cloud's vault; then
the bytes follow in counter mode, so that any range is read without those before it. Its id is the inner engine's with
SEALED behind it. A blob's MD5 and CRC are those of the bytes themselves.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterator
from typing import Literal

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, algorithms, modes
from fastcrc import crc64

from openyun.engine.blob import Accept, Blob, BlobEngine, BlobError, Bytes, Chunks

SEALED = "~"
_BLOCK = 16
_HEAD = 132
"""bytes: what the vault makes of 6 characters for the cipher and 64 for the key"""

Algorithm = Literal["AES256", "SM4"]
Seal = Callable[[str], str]
Open = Callable[[str], str | None]


class SealedBlobs:
    """Passes all on to the inner engine; only `write_sealed` makes sealed blobs."""

    def __init__(self, inner: BlobEngine, seal: Seal, unseal: Open) -> None:
        self.inner = inner
        self.name = inner.name
        self._seal = seal
        self._open = unseal

    async def write(
        self, chunks: AsyncIterable[Bytes], *, size: int | None = None, accept: Accept | None = None
    ) -> Blob:
        return await self.inner.write(chunks, size=size, accept=accept)

    async def write_sealed(
        self,
        chunks: AsyncIterable[Bytes],
        *,
        algorithm: Algorithm,
        size: int | None = None,
        accept: Accept | None = None,
    ) -> Blob:
        """As `write`, but nothing of it reaches the inner engine in clear."""
        key = secrets.token_bytes(32)
        head = self._seal(f"{algorithm:6}{key.hex()}").encode()
        seen = _Seen()

        async def body() -> AsyncIterator[Bytes]:
            yield head
            cipher = _cipher(algorithm, key, 0)
            async for chunk in chunks:
                seen.note(chunk)
                yield cipher.update(chunk)

        def check(stored: Blob) -> None:
            if accept is not None:
                accept(seen.blob(stored.id + SEALED))

        stored = await self.inner.write(body(), size=None if size is None else size + _HEAD, accept=check)
        return seen.blob(stored.id + SEALED)

    async def copy(self, blob_id: str) -> str:
        """A sealed blob's copy has its key, too: the bytes are the same."""
        copied = await self.inner.copy(blob_id.removesuffix(SEALED))
        return copied + SEALED if blob_id.endswith(SEALED) else copied

    async def read(self, blob_id: str, start: int = 0, length: int | None = None) -> Chunks:
        if not blob_id.endswith(SEALED):
            return await self.inner.read(blob_id, start, length)
        inner_id = blob_id.removesuffix(SEALED)
        head = b""
        async for chunk in await self.inner.read(inner_id, 0, _HEAD):
            head += chunk
        opened = self._open(head.decode("ascii", "replace"))
        if opened is None:
            raise BlobError("the head of a sealed blob is damaged, or another vault sealed it")
        key = bytes.fromhex(opened[6:])
        cipher = _cipher(opened[:6].strip(), key, start // _BLOCK)
        cipher.update(bytes(start % _BLOCK))
        return _Opened(await self.inner.read(inner_id, _HEAD + start, length), cipher)

    def delete(self, blob_id: str) -> None:
        self.inner.delete(blob_id.removesuffix(SEALED))

    def discard(self, blob_id: str) -> None:
        self.inner.discard(blob_id.removesuffix(SEALED))

    def stored(self, before: float) -> Iterator[str]:
        """Inner ids: which of them are sealed, the rows that name them know."""
        return self.inner.stored(before)

    def close(self) -> None:
        self.inner.close()


class _Seen:
    """Digests of what went by."""

    def __init__(self) -> None:
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._crc64 = crc64.xz(b"")
        self._size = 0

    def note(self, chunk: Bytes) -> None:
        self._md5.update(chunk)
        self._crc64 = crc64.xz(bytes(chunk), self._crc64)
        self._size += len(chunk)

    def blob(self, blob_id: str) -> Blob:
        return Blob(id=blob_id, size=self._size, md5=self._md5.digest(), crc64=self._crc64)


class _Opened:
    """The chunks of a sealed blob, in clear."""

    def __init__(self, chunks: Chunks, cipher: CipherContext) -> None:
        self._chunks = chunks
        self._cipher = cipher

    def __aiter__(self) -> AsyncIterator[Bytes]:
        return self

    async def __anext__(self) -> Bytes:
        return self._cipher.update(bytes(await anext(self._chunks)))

    async def aclose(self) -> None:
        await self._chunks.aclose()


def _cipher(algorithm: str, key: bytes, block: int) -> CipherContext:
    """Ready for the bytes from this block on. The key is the blob's own, so counting may begin at zero."""
    counter = modes.CTR(block.to_bytes(_BLOCK, "big"))
    kind = algorithms.SM4(key[:16]) if algorithm == "SM4" else algorithms.AES(key)
    return Cipher(kind, counter).encryptor()
