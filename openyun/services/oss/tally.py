"""How much a bucket holds, kept as it changes: asking costs the same for ten objects and for ten million."""

from __future__ import annotations

from zlib import crc32

from openyun.services.oss.records import Bucket, Object, Tally, Version
from openyun.state import Transaction

_SHARDS = 32


def count(state: Transaction, one: Object, sign: int) -> None:
    """An object, a version or a delete marker came (1) or went (-1)."""
    tally = _shard(state, one.bucket, one.name)
    if isinstance(one, Version) and one.delete_marker:
        tally.delete_markers += sign
    else:
        _add(tally.objects, one.storage_class, sign)
        _add(tally.stored, one.storage_class, sign * one.size)
    state.put(tally)


def exchange(state: Transaction, old: Object, new: Object) -> None:
    """One took the place of another of the same name."""
    if (old.storage_class, old.size) == (new.storage_class, new.size):
        return
    tally = _shard(state, new.bucket, new.name)
    _add(tally.objects, old.storage_class, -1)
    _add(tally.stored, old.storage_class, -old.size)
    _add(tally.objects, new.storage_class, 1)
    _add(tally.stored, new.storage_class, new.size)
    state.put(tally)


def grow(state: Transaction, one: Object, size: int) -> None:
    """Bytes were appended."""
    tally = _shard(state, one.bucket, one.name)
    _add(tally.stored, one.storage_class, size)
    state.put(tally)


def count_parts(state: Transaction, bucket: str, upload_id: str, parts: int, size: int) -> None:
    """Parts of an upload came, or went with it."""
    tally = _shard(state, bucket, upload_id)
    tally.parts += parts
    tally.part_bytes += size
    state.put(tally)


def total(state: Transaction, bucket: Bucket) -> Tally:
    """All of it, in one."""
    whole = Tally(bucket=bucket.name, shard=-1)
    for one in state.find(Tally, bucket=bucket.name):
        for storage_class, number in one.objects.items():
            _add(whole.objects, storage_class, number)
        for storage_class, size in one.stored.items():
            _add(whole.stored, storage_class, size)
        whole.delete_markers += one.delete_markers
        whole.parts += one.parts
        whole.part_bytes += one.part_bytes
    return whole


def forget(state: Transaction, bucket: str) -> None:
    """With the bucket."""
    for one in state.find(Tally, bucket=bucket):
        state.delete(one)


def _shard(state: Transaction, bucket: str, name: str) -> Tally:
    shard = crc32(name.encode()) % _SHARDS
    return state.get(Tally, bucket, shard) or Tally(bucket=bucket, shard=shard)


def _add(sums: dict[str, int], storage_class: str, number: int) -> None:
    sums[storage_class] = sums.get(storage_class, 0) + number
