"""Rows of Parquet files, a batch at a time, however many there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from openyun.engine.data_type import parse
from openyun.services.maxcompute.tunnel.arrow_types import stored_type

AT_ONCE = 4096
"""rows"""


def read_batches(
    paths: Sequence[str], columns: Sequence[tuple[str, str, str]], start: int, count: int
) -> Iterator[Any]:
    """Arrow batches of `count` rows from `start`, each column of its stored type. `columns` are name, type and name in
    the files; what a file lacks is NULL."""
    import pyarrow as pa  # type: ignore[import-untyped]  # it has no types
    import pyarrow.parquet as pq  # type: ignore[import-untyped]  # it has no types

    schema = pa.schema([pa.field(name, stored_type(parse(type_))) for name, type_, _ in columns])
    left = count
    for path in paths:
        if left <= 0:
            return
        with pq.ParquetFile(path) as file:
            rows = file.metadata.num_rows
            if start >= rows:
                start -= rows
                continue
            groups: list[int] = []
            for group in range(file.num_row_groups):
                size = file.metadata.row_group(group).num_rows
                if not groups and start >= size:
                    start -= size
                    continue
                groups.append(group)
            there = {name.lower(): name for name in file.schema_arrow.names}
            wanted = [there[stored.lower()] for _, _, stored in columns if stored.lower() in there]
            for batch in file.iter_batches(batch_size=AT_ONCE, row_groups=groups, columns=wanted):
                piece = batch.slice(start, left) if start else batch.slice(0, left)
                start = max(0, start - batch.num_rows)
                if piece.num_rows:
                    left -= piece.num_rows
                    yield _shaped(piece, columns, schema, there)
                if left <= 0:
                    return


def _shaped(batch: Any, columns: Sequence[tuple[str, str, str]], schema: Any, there: dict[str, str]) -> Any:
    import pyarrow as pa

    arrays = []
    for (_, _, stored), field in zip(columns, schema, strict=True):
        name = there.get(stored.lower())
        if name is None:
            arrays.append(pa.nulls(batch.num_rows, field.type))
        else:
            array = batch.column(name)
            arrays.append(array if array.type == field.type else array.cast(field.type, safe=False))
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
