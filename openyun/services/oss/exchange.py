"""How other products read from and write into a customer's buckets, in the customer's name; for a worker's thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress

from openyun.cloud import Cloud, RegionState
from openyun.errors import CloudError
from openyun.services.oss.errors import NoSuchBucket
from openyun.services.oss.object.content import in_turn
from openyun.services.oss.object.depositing import call_for, deposit_pieces
from openyun.services.oss.object.objects import GetObjectRequest, get_object
from openyun.services.oss.records import Bucket, find_bucket
from openyun.services.oss.service import Slice
from openyun.state import Transaction


def owner_of(state: Transaction, bucket: str) -> str:
    """The account that has the bucket in this region; empty when there is none."""
    found = state.get(Bucket, bucket)
    return found.account_id if found else ""


def fetch(cloud: Cloud, at: RegionState, account_id: str, bucket: str, key: str) -> Iterator[bytes]:
    """The bytes of an object of the account's. Raises the CloudErrors of GetObject."""

    def work(state: Transaction) -> tuple[Slice, ...]:
        call = call_for(cloud, at, state, _bucket_of(state, account_id, bucket))
        return tuple(get_object(call, GetObjectRequest(bucket=bucket, key=key)).data)

    chunks = in_turn(at.engines.blob, at.store.write(work))
    with asyncio.Runner() as runner, suppress(StopAsyncIteration):
        while True:
            yield bytes(runner.run(anext(chunks)))  # type: ignore[arg-type]  # an async generator's step is a coroutine


def store(
    cloud: Cloud,
    at: RegionState,
    account_id: str,
    bucket: str,
    key: str,
    pieces: Callable[[], Iterator[bytes]],
    content_type: str,
) -> None:
    """Put an object into a bucket of the account's, encrypted if the bucket wants it: then the pieces are asked for
    twice. Raises NoSuchBucket."""

    def checked() -> Iterator[bytes]:
        yield from pieces()
        # It may have taken minutes.
        at.store.read(lambda state: _bucket_of(state, account_id, bucket))

    deposit_pieces(cloud, at, bucket, key, checked, content_type)


def _bucket_of(state: Transaction, account_id: str, name: str) -> Bucket:
    """By the time of the work the name may be another account's."""
    found = find_bucket(state, name)
    if found.account_id != account_id:
        raise NoSuchBucket(BucketName=name)
    return found


def exists(cloud: Cloud, at: RegionState, state: Transaction, bucket: str, key: str) -> bool:
    try:
        get_object(call_for(cloud, at, state, find_bucket(state, bucket)), GetObjectRequest(bucket=bucket, key=key))
    except CloudError:
        return False
    return True
