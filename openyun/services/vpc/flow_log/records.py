"""What is kept of flow logs."""

from __future__ import annotations

from typing import ClassVar, Literal

from openyun.state import Indexes, Record


class FlowLog(Record, kw_only=True):
    TABLE: ClassVar[str] = "flow_log"
    INDEXES: ClassVar[Indexes] = (("account_id",), ("status",))

    id: str
    account_id: str
    name: str = ""
    description: str = ""
    resource_type: Literal["VPC", "VSwitch", "NetworkInterface"]
    resource_id: str
    vpc_id: str
    traffic_type: Literal["All", "Allow", "Drop"]
    project: str
    logstore: str
    interval: int = 10
    """minutes"""
    status: Literal["Activating", "Active", "Inactive"] = "Activating"
    """Active when the VPC's network counts"""
    problem: str = ""
    """why the last delivery failed"""
    resource_group_id: str = ""
    created_at: str
    tags: dict[str, str] = {}


class CountedVpc(Record, kw_only=True):
    """A VPC whose network was told to count, and not yet to cease."""

    TABLE: ClassVar[str] = "counted_vpc"

    id: str
