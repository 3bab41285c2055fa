"""What ResourceManager keeps beside identity, which has the groups and the account tree."""

from __future__ import annotations

from typing import ClassVar

from openyun.state import Indexes, Record


class GroupMove(Record, kw_only=True):
    """A resource of another region that is to be in another group."""

    TABLE: ClassVar[str] = "resource_group_move"
    KEY: ClassVar[tuple[str, ...]] = ("region_id", "account_id", "service", "type", "resource_id")
    INDEXES: ClassVar[Indexes] = (("region_id",), ("group_id",))

    region_id: str
    account_id: str
    service: str
    type: str
    resource_id: str
    group_id: str
