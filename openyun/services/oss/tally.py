"""How much a bucket holds, kept as it changes: asking costs the same for ten objects and for ten million."""

from __future__ import annotations

from zlib import crc32

from openyun.services.oss.records import Bucket, Object, Tally, Version
from openyun.state import Transaction

_SHARDS = 32
SMALLEST_CHARGED = 64 * 1024
"""bytes that an object is charged for at least, in all storage classes but Standard"""


def count(state: Transaction, one: Object, sign: int) -> None:
    """An object, a version or a delete marker came (1) or went (-1)."""
    tally = _shard(state, one.bucket, one.name)
    if isinstance(one, Version) and one.delete_marker:
        tally.delete_markers += sign
    else:
        _add(tally.objects, one.storage_class, sign)
        _add(tally.stored, one.storage_class, sign * one.size)
        _charge(tally, one.storage_class, sign, one.size)
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
    _charge(tally, old.storage_class, -1, old.size)
    _charge(tally, new.storage_class, 1, new.size)
    state.put(tally)


def grow(state: Transaction, one: Object, size: int) -> None:
    """Bytes are to be appended to what it holds until now."""
    tally = _shard(state, one.bucket, one.name)
    _add(tally.stored, one.storage_class, size)
    _charge(tally, one.storage_class, -1, one.size)
    _charge(tally, one.storage_class, 1, one.size + size)
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
        for storage_class, size in one.charged.items():
            _add(whole.charged, storage_class, size)
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


def _charge(tally: Tally, storage_class: str, sign: int, size: int) -> None:
    if storage_class != "Standard":
        _add(tally.charged, storage_class, sign * max(size, SMALLEST_CHARGED))


def _add(sums: dict[str, int], storage_class: str, number: int) -> None:
    sums[storage_class] = sums.get(storage_class, 0) + number
