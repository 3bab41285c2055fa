"""A query's result as text, as the REST protocol has it: a head of names, then rows; NULL is `\\N`."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from openyun.engine.data_type import Type, parse
from openyun.services.maxcompute.tunnel.arrow_types import number_types

NULL = "\\N"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def csv_text(batches: Iterable[Any], columns: Sequence[tuple[str, str]], time_zone: str) -> str:
    types = [parse(one) for _, one in columns]
    steps = [number_types(one) for one in types]
    zone = ZoneInfo(time_zone)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
    plain = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
    writer.writerow([name for name, _ in columns])
    for batch in batches:
        values = [
            array.cast(first, safe=False).cast(second, safe=False).to_pylist()
            for array, (first, second) in zip(batch.columns, steps, strict=True)
        ]
        for row in zip(*values, strict=True):
            plain.writerow([text(value, type_, zone) for value, type_ in zip(row, types, strict=True)])
    return out.getvalue()


def text(value: Any, type_: Type, zone: tzinfo) -> str:
    """A value as MaxCompute writes it; times are numbers."""
    if value is None:
        return NULL
    match type_.name:
        case "boolean":
            return "true" if value else "false"
        case "datetime":
            at = (_EPOCH + timedelta(milliseconds=value)).astimezone(zone)
            return at.strftime("%Y-%m-%d %H:%M:%S") + (f".{at.microsecond // 1000:03d}" if at.microsecond else "")
        case "timestamp":
            at = (_EPOCH + timedelta(microseconds=value)).astimezone(zone)
            return at.strftime("%Y-%m-%d %H:%M:%S") + (f".{at.microsecond:06d}".rstrip("0") if at.microsecond else "")
        case "timestamp_ntz":
            at = _EPOCH + timedelta(microseconds=value // 1000)
            fraction = value % 1_000_000_000
            return at.strftime("%Y-%m-%d %H:%M:%S") + (f".{fraction:09d}".rstrip("0") if fraction else "")
        case "date":
            return (date(1970, 1, 1) + timedelta(days=value)).isoformat()
        case "binary":
            return "".join(chr(one) if 32 <= one < 127 else f"={one:02X}" for one in value)
        case "array":
            return f"[{', '.join(_inner(one, type_.of[0], zone) for one in value)}]"
        case "map":
            key, item = type_.of
            return f"{{{', '.join(f'{_inner(k, key, zone)}:{_inner(v, item, zone)}' for k, v in value)}}}"
        case "struct":
            pairs = zip(type_.fields, type_.of, strict=True)
            return f"{{{', '.join(f'{name}:{_inner(value[name], one, zone)}' for name, one in pairs)}}}"
        case _:
            return str(value)


def _inner(value: Any, type_: Type, zone: tzinfo) -> str:
    written = text(value, type_, zone)
    if value is not None and type_.name in ("string", "varchar", "char", "json"):
        escaped = written.replace('"', '\\"')
        return f'"{escaped}"'
    return written
