"""Copies: the bytes of one object become those of another, moved as little as the blob engine allows.

Within a region whole blobs are copied by the engine, which may share what they hold; a range of one, and what comes
from another region, goes through here. OSS refuses to copy between regions; S3 does it.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from functools import partial

import msgspec

from openyun.cloud import RegionState
from openyun.engine.blob import Blob, BlobNotFound, BlobStoreFull, Bytes
from openyun.engine.sealed import SEALED, Algorithm
from openyun.errors import CloudError
from openyun.gateway.oss.run import Run
from openyun.services.oss import oss
from openyun.services.oss.errors import NoRoom
from openyun.services.oss.object.content import SMALL, digest, in_turn
from openyun.services.oss.object.copies import (
    CopyingRequest,
    SourceChanged,
    UploadPartCopyRequest,
    origin_of,
    source_request,
)
from openyun.services.oss.service import OssResponse, Slice

_TRIES = 5
"""times that the source is looked at again when it was replaced while its bytes were copied"""

_NOTHING = Blob(id="", size=0, md5=hashlib.md5(b"", usedforsecurity=False).digest(), crc64=0)


class _Duplicate(msgspec.Struct):
    """The copied bytes: a blob, whose MD5 is empty where nothing was read; or few bytes themselves; or whole pieces."""

    blob: Blob
    content: bytes = b""
    pieces: tuple[Slice, ...] = ()


async def copy(run: Run, ask: CopyingRequest, there: RegionState) -> OssResponse:
    """As an upload, but of bytes that lie in a bucket in the region `there`."""
    for _ in range(_TRIES):
        wanted = ask
        if there is not run.at:
            source = run.in_region(there, oss.operations["GetObject"])
            origin = await source.look(source_request(ask), partial(origin_of, ask=ask))
            wanted = msgspec.structs.replace(ask, origin=origin)
        checked = await run.check(wanted)
        if checked.status == 304:
            return checked
        try:
            copied = await _duplicate(run, checked, there, hashed=isinstance(ask, UploadPartCopyRequest))
        except BlobNotFound:
            continue
        except BlobStoreFull:
            raise NoRoom from None
        wanted = msgspec.structs.replace(
            wanted, blob=copied.blob, content=copied.content, pieces=copied.pieces, copied=checked.data
        )
        try:
            return await run.commit(wanted)
        except CloudError as problem:
            _discard(run, copied.pieces)
            if not isinstance(problem, SourceChanged):
                raise
    raise SourceChanged


async def _duplicate(run: Run, checked: OssResponse, there: RegionState, *, hashed: bool) -> _Duplicate:
    """Raises BlobNotFound, BlobStoreFull."""
    data, seal = checked.data, checked.seal
    here, origin = run.at.engines.blob, there.engines.blob
    size = sum(one.length for one in data)
    if size <= SMALL:
        content = b"".join([bytes(chunk) async for chunk in in_turn(origin, data)])
        return _Duplicate(digest(content) if content else _NOTHING, content)
    sealed = all(one.blob_id.endswith(SEALED) for one in data)
    if there is not run.at or hashed or (seal and not sealed):
        return _Duplicate(await _write(run.at, in_turn(origin, data), seal))
    if len(data) == 1:
        return _Duplicate(Blob(id=await here.copy(data[0].blob_id), size=size, md5=b"", crc64=0))
    pieces: list[Slice] = []
    try:
        for one in data:
            same = one if one.data is not None else Slice(await here.copy(one.blob_id), 0, one.length)
            pieces.append(same)
    except BaseException:
        _discard(run, tuple(pieces))
        raise
    return _Duplicate(Blob(id="", size=size, md5=b"", crc64=0), pieces=tuple(pieces))


async def _write(at: RegionState, chunks: AsyncIterator[Bytes], seal: Algorithm | None) -> Blob:
    if seal:
        return await at.sealed.write_sealed(chunks, algorithm=seal)
    return await at.engines.blob.write(chunks)


def _discard(run: Run, pieces: tuple[Slice, ...]) -> None:
    for one in pieces:
        if one.data is None:
            run.at.engines.blob.discard(one.blob_id)
