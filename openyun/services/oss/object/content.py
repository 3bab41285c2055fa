"""Where the bytes of an object lie: in one blob, or in pieces, one after the other."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterable
from functools import partial

from fastcrc import crc64

from openyun.clock import random_text
from openyun.engine.blob import Blob, BlobEngine, Bytes
from openyun.engine.sealed import SEALED, Algorithm
from openyun.operation import Call
from openyun.services.oss.errors import PartNotThere
from openyun.services.oss.records import Object, Piece, Small
from openyun.services.oss.service import Slice, UploadRequest
from openyun.services.oss.work.early_deletion import note_early_deletion
from openyun.state import Transaction

SMALL = 16 * 1024
"""Bytes up to which a blob is kept in state: above, a file is cheaper."""


def digest(content: bytes) -> Blob:
    """What a small body is; `store` gives it its id."""
    md5 = hashlib.md5(content, usedforsecurity=False).digest()
    return Blob(id="", size=len(content), md5=md5, crc64=crc64.xz(content))


class MustSeal(Exception):
    """The object is to be encrypted and its bytes are not yet; the gateway encrypts them and asks again."""

    def __init__(self, algorithm: Algorithm) -> None:
        super().__init__(algorithm)
        self.algorithm: Algorithm = algorithm


def store(call: Call, ask: UploadRequest, made: Object) -> str:
    """The id of the blob that this upload made for an object; empty for no bytes. Raises MustSeal."""
    if made.encryption and ask.blob is not None and ask.blob.size and not ask.blob.id.endswith(SEALED):
        raise MustSeal(cipher_of(made))
    if ask.blob is None or not ask.content:
        return ask.blob.id if ask.blob else ""
    # One after the other in the index, where what is written together so lies together.
    age = int(call.now.timestamp() * 1_000_000)
    small = Small(blob_id=f"={age:014x}{random_text(10)}", data=ask.content)
    call.state.insert(small)
    return small.blob_id


def cipher_of(made: Object) -> Algorithm:
    return "SM4" if "SM4" in (made.encryption, made.data_encryption) else "AES256"


def slices_of(state: Transaction, found: Object, start: int, length: int) -> tuple[Slice, ...]:
    """What of which blobs makes up this range."""
    if not length:
        return ()
    if not found.content_id:
        return (_slice(state, found.blob_id, start, length),)
    slices = []
    end = start + length
    offset = 0
    for piece in state.find(Piece, content_id=found.content_id):
        first, last = max(start, offset), min(end, offset + piece.size)
        if first < last:
            slices.append(_slice(state, piece.blob_id, first - offset, last - first))
        offset += piece.size
    return tuple(slices)


async def in_turn(blobs: BlobEngine, slices: Iterable[Slice]) -> AsyncIterator[Bytes]:
    """The bytes themselves, piece by piece. Raises BlobNotFound, BlobError."""
    for one in slices:
        if one.data is not None:
            yield one.data
            continue
        chunks = await blobs.read(one.blob_id, one.start, one.length)
        async for chunk in chunks:
            yield chunk


def piece_of(state: Transaction, found: Object, number: int) -> tuple[tuple[int, int] | None, int]:
    """Start and length of this part, and how many there are. Whatever was not uploaded in parts is its own first one,
    and there are none. Raises PartNotThere."""
    if found.type != "Multipart" or not found.content_id:  # a replica is in one piece
        if number != 1:
            raise PartNotThere(ActualPartCount="1", PartNumberRequested=str(number))
        return None, 0
    sizes = [one.size for one in state.find(Piece, content_id=found.content_id)]
    if not 1 <= number <= len(sizes):
        raise PartNotThere(ActualPartCount=str(len(sizes)), PartNumberRequested=str(number))
    return (sum(sizes[: number - 1]), sizes[number - 1]), len(sizes)


def _slice(state: Transaction, blob_id: str, start: int, length: int) -> Slice:
    if blob_id.startswith("="):
        small = state.get(Small, blob_id)
        return Slice(blob_id, start, length, small.data[start : start + length] if small else b"")
    return Slice(blob_id, start, length)


def free(call: Call, gone: Object) -> None:
    """Once the row is gone for good, its bytes go."""
    note_early_deletion(call, gone)
    blob_ids = [gone.blob_id] if gone.blob_id else []
    if gone.content_id:
        for piece in call.state.find(Piece, content_id=gone.content_id):
            call.state.delete(piece)
            blob_ids.append(piece.blob_id)
    discard(call, blob_ids)


def discard(call: Call, blob_ids: list[str]) -> None:
    """As soon as this is committed; the empty id stands for no blob."""
    for blob_id in blob_ids:
        if blob_id.startswith("="):
            call.state.delete(Small(blob_id=blob_id, data=b""))
        elif blob_id:
            call.state.after_commit(partial(call.at.engines.blob.discard, blob_id))
