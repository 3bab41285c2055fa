"""What the VPC service keeps: the shape of its state at a glance."""

from __future__ import annotations

from typing import ClassVar

from openyun.state import Indexes, Record


class Vpc(Record, kw_only=True):
    TABLE: ClassVar[str] = "vpc"
    INDEXES: ClassVar[Indexes] = (("account_id",), ("status",))

    id: str
    account_id: str
    name: str = ""
    description: str = ""
    cidr_block: str
    user_cidrs: list[str] = []
    is_default: bool = False
    status: str = "Pending"
    """Pending until its network exists, then Available"""
    v_router_id: str
    route_table_id: str
    resource_group_id: str = ""
    created_at: str
    tags: dict[str, str] = {}


class VSwitch(Record, kw_only=True):
    TABLE: ClassVar[str] = "v_switch"
    INDEXES: ClassVar[Indexes] = (("account_id",), ("vpc_id",), ("status",))

    id: str
    account_id: str
    vpc_id: str
    zone_id: str
    name: str = ""
    description: str = ""
    cidr_block: str
    is_default: bool = False
    status: str = "Pending"
    route_table_id: str
    resource_group_id: str = ""
    created_at: str
    tags: dict[str, str] = {}
