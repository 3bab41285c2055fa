"""Records of the state suite's own."""

from __future__ import annotations

from typing import ClassVar

from openyun.state import Indexes, Record


class Book(Record, kw_only=True):
    TABLE: ClassVar[str] = "test_book"
    INDEXES: ClassVar[Indexes] = (("shelf", "title"), ("year",), ("lent",))

    id: str
    shelf: str = ""
    title: str = ""
    year: int = 0
    lent: bool = False
    notes: dict[str, str] = {}


class Leaf(Record, kw_only=True):
    """A key of two parts, as objects in buckets have."""

    TABLE: ClassVar[str] = "test_leaf"
    KEY: ClassVar[tuple[str, ...]] = ("tree", "path")

    tree: str
    path: str
    size: int = 0


class Setting(Record, kw_only=True):
    """What is read all the time and hardly ever written."""

    TABLE: ClassVar[str] = "test_setting"
    CACHED: ClassVar[bool] = True

    id: str
    value: int


class Block(Record, kw_only=True):
    """A range of numbers that may not overlap another of the same network, as a vSwitch's CIDR may not."""

    TABLE: ClassVar[str] = "test_block"
    INDEXES: ClassVar[Indexes] = (("network",),)

    id: str
    network: str
    first: int
    last: int
