"""How the platform itself puts objects into a customer's bucket: reports, logs, replicas."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from functools import partial

import msgspec

from openyun.access.principal import Principal
from openyun.clock import new_request_id
from openyun.cloud import Cloud, RegionState
from openyun.engine.blob import Blob
from openyun.errors import CloudError
from openyun.operation import Call
from openyun.services.oss.object.content import MustSeal
from openyun.services.oss.object.objects import PutObjectRequest, put_object
from openyun.services.oss.records import Bucket, find_bucket
from openyun.state import Transaction

_PIECE = 256 * 1024


def call_for(cloud: Cloud, at: RegionState, state: Transaction, bucket: Bucket) -> Call:
    """A call in the name of the bucket's own account."""
    owner = Principal(kind="root", account_id=bucket.account_id, id=bucket.account_id)
    return Call(cloud=cloud, at=at, principal=owner, request_id=new_request_id(), state=state)


def keep_bytes(at: RegionState, pieces: Iterable[bytes], seal: MustSeal | None = None) -> Blob:
    """Store bytes as a blob; for a worker's thread."""

    async def chunks() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    if seal is not None:
        return asyncio.run(at.sealed.write_sealed(chunks(), algorithm=seal.algorithm))
    return asyncio.run(at.engines.blob.write(chunks()))


def commit(at: RegionState, blob: Blob, work: Callable[[Transaction], None]) -> None:
    """Write the row that names a blob; if it is refused, the blob goes. Raises CloudError."""
    try:
        at.store.write(work)
    except (CloudError, MustSeal):
        if blob.id:
            at.engines.blob.discard(blob.id)
        raise


def deposit_pieces(
    cloud: Cloud, at: RegionState, bucket: str, key: str, pieces: Callable[[], Iterable[bytes]], content_type: str
) -> None:
    """Put an object, encrypted if the bucket wants it: then the pieces are asked for twice. Raises NoSuchBucket."""
    wanted: MustSeal | None = None
    for _ in range(2):
        blob = keep_bytes(at, pieces(), wanted)
        ask = PutObjectRequest(bucket=bucket, key=key, content_type=content_type, blob=blob)
        try:
            commit(at, blob, partial(_put, cloud, at, ask))
        except MustSeal as seal:
            wanted = seal
        else:
            return


def _put(cloud: Cloud, at: RegionState, ask: PutObjectRequest, state: Transaction) -> None:
    put_object(call_for(cloud, at, state, find_bucket(state, ask.bucket)), msgspec.structs.replace(ask))


def deposit(cloud: Cloud, at: RegionState, bucket: str, key: str, data: bytes, content_type: str) -> None:
    """The same of data at hand. Raises NoSuchBucket."""

    def pieces() -> Iterator[bytes]:
        return (data[start : start + _PIECE] for start in range(0, len(data), _PIECE))

    deposit_pieces(cloud, at, bucket, key, pieces, content_type)
