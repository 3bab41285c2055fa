"""What the Cbn service keeps, at home."""

from __future__ import annotations

from typing import ClassVar, Literal

from openyun.state import Indexes, Record


class Cen(Record, kw_only=True):
    TABLE: ClassVar[str] = "cen"
    INDEXES: ClassVar[Indexes] = (("account_id",),)

    id: str
    account_id: str
    name: str = ""
    description: str = ""
    protection_level: str = "REDUCED"
    resource_group_id: str
    tags: dict[str, str] = {}
    created_at: str


class Attachment(Record, kw_only=True):
    """A VPC in a CEN. It is in no other."""

    TABLE: ClassVar[str] = "cen_attachment"
    KEY: ClassVar[tuple[str, ...]] = ("vpc_id",)
    INDEXES: ClassVar[Indexes] = (("cen_id",), ("region_id",))

    vpc_id: str
    cen_id: str
    region_id: str
    owner_id: str
    """the account's whose VPC it is"""
    name: str = ""
    status: Literal["Attaching", "Attached", "Detaching"] = "Attaching"
    withdrawn: list[str] = []
    """CIDR blocks of vSwitches that the others do not learn"""
    attached_at: str
    attached: int = 0
    """the same in microseconds since the epoch: of two in one second it tells the first"""


class BandwidthPackage(Record, kw_only=True):
    TABLE: ClassVar[str] = "cen_bandwidth_package"
    INDEXES: ClassVar[Indexes] = (("account_id",), ("cen_id",))

    id: str
    account_id: str
    name: str = ""
    description: str = ""
    bandwidth: int
    """Mbit/s"""
    areas: list[str]
    """the two that it joins, or one twice"""
    charge_type: str = "PREPAY"
    expires_at: str = ""
    cen_id: str = ""
    resource_group_id: str
    tags: dict[str, str] = {}
    created_at: str


class InterRegionLimit(Record, kw_only=True):
    """Of a package's bandwidth, what two regions of a CEN may use."""

    TABLE: ClassVar[str] = "cen_inter_region_limit"
    KEY: ClassVar[tuple[str, ...]] = ("cen_id", "region_id", "other_region_id")
    INDEXES: ClassVar[Indexes] = (("cen_id",), ("package_id",))

    cen_id: str
    region_id: str
    """the first of both in alphabetical order"""
    other_region_id: str
    package_id: str
    bandwidth: int
    """Mbit/s"""
