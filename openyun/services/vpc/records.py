"""What the VPC service keeps: the shape of its state at a glance."""

from __future__ import annotations

from typing import ClassVar, Literal

import msgspec

from openyun.state import Indexes, Record


class Vpc(Record, kw_only=True):
    TABLE: ClassVar[str] = "vpc"
    INDEXES: ClassVar[Indexes] = (("account_id",), ("status",))

    id: str
    account_id: str
    name: str = ""
    description: str = ""
    cidr_block: str
    more_cidr_blocks: list[str] = []
    """secondary CIDR blocks"""
    user_cidrs: list[str] = []
    is_default: bool = False
    status: str = "Pending"
    """Pending until its network exists, then Available"""
    v_router_id: str
    route_table_id: str
    """the system route table"""
    route_table_name: str = ""
    route_table_description: str = ""
    dhcp_options_set_id: str = ""
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


class Eip(Record, kw_only=True):
    """An elastic IP address, and what it is bound to."""

    TABLE: ClassVar[str] = "eip"
    INDEXES: ClassVar[Indexes] = (("account_id",), ("holder_id",), ("vpc_id",), ("status",))

    id: str
    account_id: str
    address: str
    name: str = ""
    description: str = ""
    bandwidth: int = 5
    """Mbit/s"""
    internet_charge_type: str = "PayByTraffic"
    charge_type: str = "PostPaid"
    expires_at: str = ""
    isp: str = "BGP"
    status: Literal["Available", "Associating", "InUse", "Unassociating"] = "Available"
    holder_kind: str = ""
    """EcsInstance, NetworkInterface or Nat; empty while it is bound to nothing"""
    holder_id: str = ""
    private_address: str = ""
    """as it was asked for; empty for the holder's primary one"""
    vpc_id: str = ""
    deletion_protection: bool = False
    resource_group_id: str = ""
    created_at: str
    tags: dict[str, str] = {}


class NatGateway(Record, kw_only=True):
    TABLE: ClassVar[str] = "nat_gateway"
    INDEXES: ClassVar[Indexes] = (("account_id",), ("vpc_id",), ("v_switch_id",), ("status",))

    id: str
    account_id: str
    vpc_id: str
    v_switch_id: str
    zone_id: str
    private_address: str
    interface_id: str
    name: str = ""
    description: str = ""
    status: Literal["Creating", "Available"] = "Creating"
    snat_table_id: str
    forward_table_id: str
    charge_type: str = "PostPaid"
    internet_charge_type: str = "PayByLcu"
    spec: str = ""
    expires_at: str = ""
    eip_bind_mode: str = "MULTI_BINDED"
    icmp_reply: bool = True
    deletion_protection: bool = False
    resource_group_id: str = ""
    created_at: str
    tags: dict[str, str] = {}


class SnatEntry(Record, kw_only=True):
    TABLE: ClassVar[str] = "snat_entry"
    INDEXES: ClassVar[Indexes] = (("gateway_id",), ("v_switch_id",), ("vpc_id",), ("status",))

    id: str
    account_id: str
    vpc_id: str
    gateway_id: str
    name: str = ""
    status: Literal["Pending", "Available"] = "Pending"
    v_switch_id: str = ""
    cidr_block: str
    addresses: list[str]
    affinity: int = 0
    created_at: str


class ForwardEntry(Record, kw_only=True):
    """A DNAT entry."""

    TABLE: ClassVar[str] = "forward_entry"
    INDEXES: ClassVar[Indexes] = (("gateway_id",), ("vpc_id",), ("status",))

    id: str
    account_id: str
    vpc_id: str
    gateway_id: str
    name: str = ""
    status: Literal["Pending", "Available"] = "Pending"
    protocol: str
    """TCP, UDP or Any"""
    external_ip: str
    external_port: str
    """"80", "80/90" or "Any\""""
    internal_ip: str
    internal_port: str
    created_at: str


class RouteTable(Record, kw_only=True):
    """A custom route table. The system one lies in its VPC's record."""

    TABLE: ClassVar[str] = "route_table"
    INDEXES: ClassVar[Indexes] = (("account_id",), ("vpc_id",))

    id: str
    account_id: str
    vpc_id: str
    name: str = ""
    description: str = ""
    propagation: bool = True
    resource_group_id: str = ""
    created_at: str
    tags: dict[str, str] = {}


class RouteEntry(Record, kw_only=True):
    """A custom route entry, of a system or a custom route table."""

    TABLE: ClassVar[str] = "route_entry"
    INDEXES: ClassVar[Indexes] = (("route_table_id",), ("vpc_id",), ("next_hop_id",), ("status",))

    id: str
    account_id: str
    vpc_id: str
    route_table_id: str
    name: str = ""
    description: str = ""
    cidr_block: str
    next_hop_type: str
    next_hop_id: str
    status: Literal["Pending", "Available", "Modifying"] = "Pending"
    made_by: str = ""
    """the NAT gateway that came with it, and takes it away again"""
    created_at: str
    modified_at: str = ""


class AclEntry(msgspec.Struct, kw_only=True):
    id: str
    name: str = ""
    description: str = ""
    policy: str
    """accept or drop"""
    protocol: str
    """tcp, udp, icmp, gre or all"""
    cidr_block: str
    port: str
    """"80/90"; "-1/-1" for all, and for protocols without ports"""


class NetworkAcl(Record, kw_only=True):
    TABLE: ClassVar[str] = "network_acl"
    INDEXES: ClassVar[Indexes] = (("account_id",), ("vpc_id",))

    id: str
    account_id: str
    vpc_id: str
    name: str = ""
    description: str = ""
    ingress: list[AclEntry] = []
    egress: list[AclEntry] = []
    v_switch_ids: list[str] = []
    created_at: str
    tags: dict[str, str] = {}


class Crossing(Record, kw_only=True):
    """A way from a VPC of this region to another VPC: this region's copy of what is kept at home."""

    TABLE: ClassVar[str] = "crossing"
    KEY: ClassVar[tuple[str, ...]] = ("id", "vpc_id")
    INDEXES: ClassVar[Indexes] = (("vpc_id",), ("status",))

    id: str
    """the same at both ends"""
    vpc_id: str
    kind: Literal["VpcPeer", "Cen"]
    owner_id: str = ""
    """of a CEN, the account's that has it"""
    peer_vpc_id: str
    """empty for what only says that the VPC is in a CEN"""
    peer_region_id: str
    cidr_blocks: list[str]
    """the other VPC's"""
    kbit: int = 0
    """bandwidth in kbit/s; 0: no limit"""
    destinations: list[str] = []
    """what is routed there without entries of the customer's"""
    status: Literal["Pending", "Available"] = "Pending"
    """Available when this region's network has it"""


class CenGrant(Record, kw_only=True):
    """That another account's CEN may attach this VPC."""

    TABLE: ClassVar[str] = "cen_grant"
    KEY: ClassVar[tuple[str, ...]] = ("vpc_id", "cen_id")

    vpc_id: str
    cen_id: str
    cen_owner_id: str
    created_at: str


class DhcpOptionsSet(Record, kw_only=True):
    TABLE: ClassVar[str] = "dhcp_options_set"
    INDEXES: ClassVar[Indexes] = (("account_id",),)

    id: str
    account_id: str
    name: str = ""
    description: str = ""
    domain_name: str = ""
    name_servers: list[str] = []
    lease_time: str = "24"
    """hours"""
    resource_group_id: str = ""
    created_at: str
    tags: dict[str, str] = {}
