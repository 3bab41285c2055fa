"""Which files are a table's rows, now: the one place that adds and removes them, inside a transaction of the region.

So a change of a table happens or does not, whatever it adds and replaces, and who reads sees one state of it. Removed
files keep their rows of state for a day: for queries under way, and for who looks into the past.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from openyun.services.maxcompute.records import Block, DataFile, Job, Partition, Table
from openyun.state import Transaction

KEPT = 24 * 3600
"""seconds for which a removed file stays"""


class NewFile(msgspec.Struct, frozen=True, kw_only=True):
    """What was written, and is in the blob engine."""

    blob_id: str
    records: int
    size: int
    partition: str = ""


def current_files(state: Transaction, table: Table, partition: str | None = None) -> list[DataFile]:
    """Of the table, or one partition; in the order in which they came."""
    where = {} if partition is None else {"partition": partition}
    found = state.find(DataFile, table_id=table.id, removed_at=0, **where)
    return sorted(found, key=lambda one: (one.partition, one.added_in, one.blob_id))


def add_files(state: Transaction, table: Table, files: Iterable[NewFile], now: int) -> None:
    """The table gets these; partitions they name that are not there yet are made."""
    table.version += 1
    table.modified_at = now
    state.put(table)
    files = list(files)
    for partition in sorted({one.partition for one in files} - {""}):
        add_partition(state, table, partition, now, touch=True)
    for one in files:
        if one.records:
            state.put(
                DataFile(
                    blob_id=one.blob_id,
                    table_id=table.id,
                    partition=one.partition,
                    records=one.records,
                    size=one.size,
                    added_in=table.version,
                )
            )


def remove_files(state: Transaction, table: Table, partition: str | None, now: int) -> None:
    """All that the table, or a partition of it, holds."""
    for one in current_files(state, table, partition):
        one.removed_at = now
        one.removed_in = table.version + 1
        state.put(one)


def add_partition(state: Transaction, table: Table, spec: str, now: int, *, touch: bool = False) -> bool:
    """Whether it was made now; `touch` tells that its data changed."""
    found = state.get(Partition, table.id, spec)
    if found is not None:
        if touch:
            found.modified_at = now
            state.put(found)
        return False
    values = [part.partition("=")[2] for part in spec.split("/")]
    state.insert(
        Partition(table_id=table.id, spec=spec, values=values, created_at=now, altered_at=now, modified_at=now)
    )
    return True


def sizes(files: Iterable[DataFile]) -> tuple[int, int, int]:
    """Files, bytes and rows."""
    files = list(files)
    return len(files), sum(one.size for one in files), sum(one.records for one in files)


def named(state: Transaction, blob_ids: list[str]) -> set[str]:
    """Those of these blobs that belong to a table, a result or an upload."""
    found = {one.blob_id for one in state.find(DataFile, blob_id=blob_ids)}
    found |= {one.blob_id for one in state.find(Block, blob_id=blob_ids)}
    return found | {one.blob_id for one in state.find(Job, blob_id=blob_ids)}
