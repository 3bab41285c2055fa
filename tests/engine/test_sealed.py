"""Blobs that lie encrypted and are read as if they did not."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from openyun.access.vault import Vault
from openyun.engine.blob import Blob, BlobError, LengthMismatch
from openyun.engine.drivers.files import Files
from openyun.engine.sealed import SEALED, Algorithm, SealedBlobs

DATA = bytes(range(256)) * 3000


@pytest.fixture
def blobs(tmp_path: Path) -> Iterator[SealedBlobs]:
    vault = Vault(tmp_path / "key")
    made = SealedBlobs(
        Files(tmp_path / "blobs"),
        seal=lambda text: vault.seal(text, "test"),
        unseal=lambda text: vault.open(text, "test"),
    )
    yield made
    made.close()


async def pieces(data: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(data), 1000):
        yield data[start : start + 1000]


def read(blobs: SealedBlobs, blob_id: str, start: int = 0, length: int | None = None) -> bytes:
    async def whole() -> bytes:
        return b"".join([bytes(chunk) async for chunk in await blobs.read(blob_id, start, length)])

    return asyncio.run(whole())


def write(blobs: SealedBlobs, algorithm: Algorithm = "AES256", size: int | None = None) -> Blob:
    return asyncio.run(blobs.write_sealed(pieces(DATA), algorithm=algorithm, size=size))


def on_disk(blobs: SealedBlobs, blob: Blob) -> Path:
    assert isinstance(blobs.inner, Files)
    return Path(blobs.inner.path(blob.id.removesuffix(SEALED)))


@pytest.mark.parametrize("algorithm", ["AES256", "SM4"])
def test_any_range_is_read(blobs: SealedBlobs, algorithm: Algorithm) -> None:
    blob = write(blobs, algorithm)
    assert (blob.size, blob.md5) == (len(DATA), hashlib.md5(DATA).digest())
    assert DATA[:64] not in on_disk(blobs, blob).read_bytes()
    assert read(blobs, blob.id) == DATA
    for start, length in ((0, 1), (1, 15), (15, 2), (16, 16), (300_001, 400_000), (len(DATA) - 1, 1)):
        assert read(blobs, blob.id, start, length) == DATA[start : start + length]


def test_equal_bytes_never_look_equal(blobs: SealedBlobs) -> None:
    assert on_disk(blobs, write(blobs)).read_bytes() != on_disk(blobs, write(blobs)).read_bytes()


def test_a_copy_can_be_read_when_the_first_is_gone(blobs: SealedBlobs) -> None:
    blob = write(blobs)
    copied = asyncio.run(blobs.copy(blob.id))
    blobs.delete(blob.id)
    assert read(blobs, copied, 5, 50) == DATA[5:55]


def test_a_damaged_head_is_found(blobs: SealedBlobs) -> None:
    blob = write(blobs)
    place = on_disk(blobs, blob)
    broken = bytearray(place.read_bytes())
    broken[40] ^= 1
    place.write_bytes(broken)
    with pytest.raises(BlobError):
        read(blobs, blob.id)


def test_the_announced_size_is_that_of_the_bytes(blobs: SealedBlobs) -> None:
    assert write(blobs, size=len(DATA)).size == len(DATA)
    with pytest.raises(LengthMismatch):
        write(blobs, size=len(DATA) - 1)


def test_what_is_refused_leaves_nothing(blobs: SealedBlobs) -> None:
    seen: list[Blob] = []

    def refuse(blob: Blob) -> None:
        seen.append(blob)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        asyncio.run(blobs.write_sealed(pieces(DATA), algorithm="AES256", accept=refuse))
    assert seen[0].md5 == hashlib.md5(DATA).digest()
    assert list(blobs.stored(2**40)) == []
