"""Reads every stored byte of a region again: whether it is still what was written, and whether an object names it.

Nothing is changed. What is found is judged a second time before it is told, as customers go on writing meanwhile.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from itertools import islice
from typing import Concatenate, Literal, ParamSpec, TypeVar

import msgspec
from fastcrc import crc64

from openyun.cloud import RegionState
from openyun.engine.blob import BlobError, BlobNotFound
from openyun.services.oss.object.content import slices_of
from openyun.services.oss.object.versions import shown
from openyun.services.oss.records import Bucket, Object, Piece, Small, Upload, Version
from openyun.services.oss.service import Slice
from openyun.services.oss.work.sweeping import AGE, AT_ONCE, named
from openyun.state import Transaction

T = TypeVar("T")
P = ParamSpec("P")
Kept = TypeVar("Kept", Object, Version)

_PAGE = 500
"""rows read at a time"""

Kind = Literal["damaged", "missing", "unreadable", "orphan"]


class Finding(msgspec.Struct, kw_only=True, omit_defaults=True):
    kind: Kind
    """the bytes are others than were written; they are gone; the disk does not give them; no object names them"""
    region: str
    bucket: str = ""
    key: str = ""
    version_id: str = ""
    upload_id: str = ""
    """of a part of an upload under way"""
    blob_id: str = ""
    """where it is known which"""
    detail: str = ""


class Tally(msgspec.Struct, kw_only=True):
    objects: int = 0
    bytes: int = 0
    findings: int = 0


async def scrub(at: RegionState, tally: Tally) -> AsyncIterator[Finding]:
    """All that is wrong in a region. `tally` tells how far it is."""
    for bucket in await _read(at, _buckets):
        async for one in _objects(at, bucket.name):
            tally.objects += 1
            found = await _check(at, one, tally)
            if found is not None:
                tally.findings += 1
                yield found
        async for part in _parts(at, bucket.name, tally):
            tally.findings += 1
            yield part
    async for orphan in _orphans(at):
        tally.findings += 1
        yield orphan


async def _objects(at: RegionState, bucket: str) -> AsyncIterator[Object]:
    async for one in _paged(at, Object, bucket):
        yield one
    async for version in _paged(at, Version, bucket):
        if not version.delete_marker:
            yield version


async def _paged(at: RegionState, kind: type[Kept], bucket: str) -> AsyncIterator[Kept]:
    """All of a bucket, name by name; a name's versions are never torn apart."""
    after = ""
    while page := await _read(at, _page, kind, bucket, after):
        after = page[-1].name
        for one in page:
            yield one


def _page(state: Transaction, kind: type[Kept], bucket: str, after: str) -> list[Kept]:
    """Some names with all their versions."""
    page = state.scan(kind, "name", after=after, limit=_PAGE, bucket=bucket)
    if len(page) < _PAGE:
        return page
    last = page[-1].name
    return [one for one in page if one.name != last] + state.find(kind, bucket=bucket, name=last)


async def _check(at: RegionState, one: Object, tally: Tally) -> Finding | None:
    if not one.size or one.type == "Symlink":
        return None
    slices = await _read(at, slices_of, one, 0, one.size)
    problem = await _problem(at, slices, one.size, one.crc64, tally)
    if problem is None or not await _read(at, _stands, one):
        return None
    kind, detail = problem
    return Finding(
        kind=kind, region=at.region.id, bucket=one.bucket, key=one.name,
        version_id=shown(one) if one.born else "", blob_id=one.blob_id, detail=detail,
    )  # fmt: skip


async def _parts(at: RegionState, bucket: str, tally: Tally) -> AsyncIterator[Finding]:
    for part, key in await _read(at, _all_parts, bucket):
        slices = (Slice(part.blob_id, 0, part.size),) if part.size else ()
        problem = await _problem(at, slices, part.size, part.crc64, tally)
        if problem is None or await _read(at, _part, part) != part:
            continue
        kind, detail = problem
        yield Finding(
            kind=kind, region=at.region.id, bucket=bucket, key=key,
            upload_id=part.content_id, blob_id=part.blob_id, detail=f"part {part.number}: {detail}",
        )  # fmt: skip


def _buckets(state: Transaction) -> list[Bucket]:
    return state.find(Bucket)


def _all_parts(state: Transaction, bucket: str) -> list[tuple[Piece, str]]:
    """With the names of the objects that they are to be."""
    uploads = state.find(Upload, bucket=bucket)
    return [(part, one.name) for one in uploads for part in state.find(Piece, content_id=one.upload_id)]


def _part(state: Transaction, part: Piece) -> Piece | None:
    return state.get(Piece, part.content_id, part.number)


def _small(state: Transaction, blob_id: str) -> bytes:
    found = state.get(Small, blob_id)
    return found.data if found else b""


async def _problem(
    at: RegionState, slices: Iterable[Slice], size: int, expected: int, tally: Tally
) -> tuple[Kind, str] | None:
    """What is wrong with bytes that should have this size and CRC-64."""
    seen, crc = 0, crc64.xz(b"")
    try:
        for one in slices:
            if one.blob_id.startswith("="):
                data = one.data or await _read(at, _small, one.blob_id)
                if not data:
                    return "missing", f"{one.blob_id} is gone"
                seen, crc = seen + len(data), crc64.xz(bytes(data), crc)
                continue
            async for chunk in await at.engines.blob.read(one.blob_id, one.start, one.length):
                seen, crc = seen + len(chunk), crc64.xz(bytes(chunk), crc)
            await asyncio.sleep(0)
    except BlobNotFound as problem:
        return "missing", f"{problem} is gone"
    except BlobError as problem:
        return "unreadable", str(problem)
    tally.bytes += seen
    if seen != size:
        return "damaged", f"{seen} of {size} bytes are left"
    return ("damaged", f"CRC-64 {crc} where {expected} was written") if crc != expected else None


async def _orphans(at: RegionState) -> AsyncIterator[Finding]:
    """Young blobs may yet get a name, so they are none."""
    stored: Iterator[str] = at.engines.blob.stored(time.time() - AGE)
    while some := await asyncio.to_thread(lambda: list(islice(stored, AT_ONCE))):
        for blob_id in sorted(set(some) - await _read(at, named, some)):
            yield Finding(kind="orphan", region=at.region.id, blob_id=blob_id, detail="the sweeper will free it")


def _stands(state: Transaction, one: Object) -> bool:
    """Whether the object still has the bytes that were read."""
    kept = state.find(Version, blob_id=one.blob_id) if one.blob_id else []
    now: list[Object] = [*kept, *([found] if (found := state.get(Object, one.bucket, one.name)) else [])]
    if isinstance(one, Version):
        found_again = state.get(Version, one.bucket, one.name, one.age)
        now += [found_again] if found_again else []
    return any((held.blob_id, held.content_id, held.crc64) == (one.blob_id, one.content_id, one.crc64) for held in now)


async def _read(
    at: RegionState, work: Callable[Concatenate[Transaction, P], T], /, *given: P.args, **named: P.kwargs
) -> T:
    def look(state: Transaction) -> T:
        return work(state, *given, **named)

    return at.store.read(look) if at.store.inline else await asyncio.to_thread(at.store.read, look)
