"""What the VpcPeer service keeps, at home."""

from __future__ import annotations

from typing import ClassVar, Literal

from openyun.state import Indexes, Record


class PeerConnection(Record, kw_only=True):
    TABLE: ClassVar[str] = "peer_connection"
    INDEXES: ClassVar[Indexes] = (
        *(("account_id",), ("accepting_account_id",), ("vpc_id",), ("accepting_vpc_id",)),
        *(("region_id",), ("accepting_region_id",), ("status",)),
    )

    id: str
    account_id: str
    region_id: str
    vpc_id: str
    accepting_account_id: str
    accepting_region_id: str
    accepting_vpc_id: str
    name: str = ""
    description: str = ""
    bandwidth: int = -1
    """Mbit/s; -1: no limit"""
    status: Literal["Creating", "Accepting", "Updating", "Activated", "Rejected", "Deleting"] = "Creating"
    """as stored; what waits for too long to be accepted is Expired"""
    standing: list[str] = []
    """ids of those VPCs whose networks have it"""
    force: bool = False
    """when it is deleted: the routes into it go, too"""
    created_at: str
    modified_at: str

    @property
    def vpc_ids(self) -> tuple[str, str]:
        return self.vpc_id, self.accepting_vpc_id

    def is_of(self, account_id: str) -> bool:
        return account_id in (self.account_id, self.accepting_account_id)


class PeerSide(Record, kw_only=True):
    """What an account has put on a connection, to which it is a side, and the other side does not see."""

    TABLE: ClassVar[str] = "peer_side"
    KEY: ClassVar[tuple[str, ...]] = ("id", "account_id")
    INDEXES: ClassVar[Indexes] = (("account_id",),)

    id: str
    """the connection's"""
    account_id: str
    resource_group_id: str
    tags: dict[str, str] = {}
    created_at: str
