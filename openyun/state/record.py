"""A record type is declared once; its table, columns and indexes follow from the declaration.

A table has a column for every field named in KEY or INDEXES, and `body`, the whole record as JSON. So adding a field
with a default needs no migration, and adding an index is seen and filled in when the store is opened.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, ClassVar, Literal, get_args, get_origin, get_type_hints

import msgspec

Indexes = tuple[tuple[str, ...], ...]
"""Each index is the names of its fields, in order."""


class Record(msgspec.Struct, kw_only=True):
    TABLE: ClassVar[str] = ""
    KEY: ClassVar[tuple[str, ...]] = ("id",)
    INDEXES: ClassVar[Indexes] = ()
    CACHED: ClassVar[bool] = False
    """Read far more often than written, so a store may keep what it has read. Then all readers share one record, which
    nobody may change outside a write."""
    PACKED: ClassVar[bool] = False
    """Holds bytes, which JSON would have to spell: its body is MessagePack."""


class Shape:
    """How a record type lies in its table."""

    def __init__(self, kind: type[Record]) -> None:
        self.kind = kind
        self.table = kind.TABLE
        self.key = kind.KEY
        names = dict.fromkeys([*kind.KEY, *(name for index in kind.INDEXES for name in index)])
        hints = get_type_hints(kind)
        self.columns = tuple(names)
        self.types = tuple(_column_type(kind, name, hints[name]) for name in names)
        self.encode = msgspec.msgpack.Encoder().encode if kind.PACKED else msgspec.json.Encoder().encode
        self.decode = _any_decoder(kind) if kind.PACKED else msgspec.json.Decoder(kind).decode

    def row(self, record: Record) -> list[Any]:
        """Values of the columns, then the body."""
        values = [column_value(getattr(record, name)) for name in self.columns]
        values.append(self.encode(record))
        return values


def _any_decoder(kind: type[Record]) -> Callable[[bytes], Record]:
    """Of MessagePack, and of the JSON that was written before a kind was packed: that begins with a brace."""
    packed, spelt = msgspec.msgpack.Decoder(kind).decode, msgspec.json.Decoder(kind).decode
    return lambda body: spelt(body) if body[:1] == b"{" else packed(body)


def column_value(value: Any) -> Any:
    """PostgreSQL takes no truth for a BIGINT."""
    return int(value) if isinstance(value, bool) else value


def _column_type(kind: type[Record], name: str, hint: Any) -> str:
    """A column holds text or whole numbers, never NULL: what is absent is empty, so that it can be found."""
    if hint in (int, bool):
        return "BIGINT"
    if hint is str or (get_origin(hint) is Literal and all(isinstance(one, str) for one in get_args(hint))):
        return "TEXT"
    raise TypeError(f"{kind.__name__}.{name} is in KEY or INDEXES and so must be a str, an int or a bool")


@cache
def shape_of(kind: type[Record]) -> Shape:
    return Shape(kind)


def all_shapes() -> list[Shape]:
    """Every declared record type, in order of table name."""
    found: list[Shape] = []
    pending: list[type[Record]] = list(Record.__subclasses__())
    while pending:
        kind = pending.pop()
        pending.extend(kind.__subclasses__())
        if kind.TABLE:
            found.append(shape_of(kind))
    return sorted(found, key=lambda shape: shape.table)
