"""vSwitches: the parts of a VPC, each in one zone."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Network
from typing import Any

import msgspec

from openyun.clock import iso_seconds
from openyun.errors import CloudError
from openyun.operation import Call, Model, Request, Response, Tag
from openyun.services.naming import is_name
from openyun.services.paging import Paged, page_of
from openyun.services.tags import carries
from openyun.services.vpc import records, vpcs
from openyun.services.vpc.errors import (
    CidrMaskLength,
    CidrNotInVpc,
    CidrOverlapped,
    DependencyViolation,
    DependencyViolationVSwitch,
    IncorrectVSwitchStatus,
    InvalidCidrBlock,
    InvalidVSwitchDescription,
    InvalidVSwitchName,
    QuotaExceededVSwitch,
    VpcIdNotFound,
    VSwitchIDNotFound,
    VSwitchNotFound,
    ZoneNotFound,
    refuse,
)
from openyun.services.vpc.records import Vpc, VSwitch
from openyun.services.vpc.service import vpc
from openyun.services.vpc.tag_rules import rules
from openyun.state import Transaction

MOST_V_SWITCHES = 150
"""in a VPC"""


# What other services may ask.


def find(call: Call, v_switch_id: str, missing: type[CloudError] = VSwitchNotFound) -> VSwitch:
    """The account's vSwitch; raises `missing`, of which the vendor has two spellings."""
    found = call.state.get(VSwitch, v_switch_id)
    if found is None or found.account_id != call.account_id:
        raise missing(v_switch_id=v_switch_id)
    return found


def assignable(cidr_block: str) -> range:
    """Addresses, as numbers, that interfaces may have: the first and the last three of a vSwitch are reserved."""
    network = IPv4Network(cidr_block)
    return range(int(network[1]), int(network[-3]))


users: list[Callable[[Transaction, str], int]] = []
"""Each counts the addresses that its service uses in a vSwitch. Whoever puts interfaces into vSwitches adds one."""


takers: list[Callable[[Transaction, str], set[str]]] = []
"""Each tells the addresses of a vSwitch that its resources have. Whoever gives addresses away asks `taken` first."""


def taken(state: Transaction, v_switch_id: str) -> set[str]:
    return {address for tell in takers for address in tell(state, v_switch_id)}


def used(state: Transaction, v_switch_id: str) -> int:
    """How many of a vSwitch's addresses are taken."""
    return sum(count(state, v_switch_id) for count in users)


dependencies: list[Callable[[Transaction, str], int]] = []
"""Each counts what, besides addresses, still needs a vSwitch."""


def _none_is_left(state: Transaction, vpc_id: str) -> None:
    left = state.find(VSwitch, vpc_id=vpc_id)
    if left:
        raise DependencyViolationVSwitch(v_switch_id=left[0].id)


vpcs.dependencies.append(_none_is_left)


# CreateVSwitch


class CreateVSwitchRequest(Request, kw_only=True):
    vpc_id: str
    zone_id: str
    cidr_block: str
    v_switch_name: str = ""
    description: str = ""
    tag: list[Tag] = []
    ipv6_cidr_block: int | None = None
    client_token: str = ""


class CreateVSwitchResponse(Response, kw_only=True):
    v_switch_id: str


@vpc.operation(resource=("vswitch/*", "vpc/{vpc_id}"))
def create_v_switch(call: Call, ask: CreateVSwitchRequest) -> CreateVSwitchResponse:
    refuse(Ipv6CidrBlock=ask.ipv6_cidr_block is not None)
    network = vpcs.find_available(call, ask.vpc_id, VpcIdNotFound)
    if call.region.zone(ask.zone_id) is None:
        raise ZoneNotFound(zone_id=ask.zone_id)
    tags = rules.checked(ask.tag)
    neighbours = call.state.find(VSwitch, vpc_id=network.id)
    if len(neighbours) >= MOST_V_SWITCHES:
        raise QuotaExceededVSwitch(most=MOST_V_SWITCHES)
    made = VSwitch(
        id=call.new_id("vsw"),
        account_id=call.account_id,
        vpc_id=network.id,
        zone_id=ask.zone_id,
        name=_name(ask.v_switch_name),
        description=_description(ask.description),
        cidr_block=_free_block(ask.cidr_block, network, neighbours),
        route_table_id=network.route_table_id,
        resource_group_id=network.resource_group_id,
        created_at=iso_seconds(call.now),
        tags=tags,
    )
    call.state.insert(made)
    call.wake()
    return CreateVSwitchResponse(v_switch_id=made.id)


# DescribeVSwitches, DescribeVSwitchAttributes


class RouteTable(Model, kw_only=True):
    route_table_id: str
    route_table_type: str


class Tags(Model, kw_only=True):
    tag: list[Tag]


class VSwitchFields(Model, kw_only=True):
    """What both describing operations tell of a vSwitch."""

    v_switch_id: str
    v_switch_name: str
    description: str
    vpc_id: str
    zone_id: str
    cidr_block: str
    available_ip_address_count: int
    status: str
    is_default: bool
    creation_time: str
    owner_id: int
    resource_group_id: str
    route_table: RouteTable
    network_acl_id: str
    share_type: str = ""
    enabled_ipv6: bool = False
    ipv6_cidr_block: str = ""
    tags: Tags


class VSwitches(Model, kw_only=True):
    v_switch: list[VSwitchFields]


class DescribeVSwitchesRequest(Paged, Request, kw_only=True):
    v_switch_id: list[str] = []
    v_switch_name: str = ""
    vpc_id: str = ""
    zone_id: str = ""
    is_default: bool | None = None
    resource_group_id: str = ""
    route_table_id: str = ""
    enable_ipv6: bool | None = None
    v_switch_owner_id: int = 0
    tag: list[Tag] = []
    dry_run: bool = False


class DescribeVSwitchesResponse(Response, kw_only=True):
    page_number: int
    page_size: int
    total_count: int
    v_switches: VSwitches


@vpc.operation(resource="vswitch/{v_switch_id}")
def describe_v_switches(call: Call, ask: DescribeVSwitchesRequest) -> DescribeVSwitchesResponse:
    equal: dict[str, Any] = {"account_id": call.account_id}
    if ask.v_switch_id:
        equal["id"] = ask.v_switch_id
    if ask.vpc_id:
        equal["vpc_id"] = ask.vpc_id
    found = [one for one in call.state.find(VSwitch, **equal) if _matches(one, ask)]
    found.sort(key=lambda one: one.created_at, reverse=True)
    return DescribeVSwitchesResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        v_switches=VSwitches(v_switch=[VSwitchFields(**_fields(call, one)) for one in page_of(ask, found)]),
    )


class DescribeVSwitchAttributesRequest(Request, kw_only=True):
    v_switch_id: str
    dry_run: bool = False


class DescribeVSwitchAttributesResponse(VSwitchFields, Response, kw_only=True):
    pass


@vpc.operation(resource="vswitch/{v_switch_id}")
def describe_v_switch_attributes(
    call: Call, ask: DescribeVSwitchAttributesRequest
) -> DescribeVSwitchAttributesResponse:
    found = find(call, ask.v_switch_id, VSwitchIDNotFound)
    return DescribeVSwitchAttributesResponse(**_fields(call, found))


# ModifyVSwitchAttribute, DeleteVSwitch


class ModifyVSwitchAttributeRequest(Request, kw_only=True):
    v_switch_id: str
    v_switch_name: str | None = None
    description: str | None = None
    enable_ipv6: bool = msgspec.field(default=False, name="EnableIPv6")
    ipv6_cidr_block: int | None = None


@vpc.operation(resource="vswitch/{v_switch_id}")
def modify_v_switch_attribute(call: Call, ask: ModifyVSwitchAttributeRequest) -> Response:
    refuse(EnableIPv6=ask.enable_ipv6, Ipv6CidrBlock=ask.ipv6_cidr_block is not None)
    found = find(call, ask.v_switch_id)
    if ask.v_switch_name is not None:
        found.name = _name(ask.v_switch_name)
    if ask.description is not None:
        found.description = _description(ask.description)
    call.state.put(found)
    return Response()


class DeleteVSwitchRequest(Request, kw_only=True):
    v_switch_id: str
    dry_run: bool = False


@vpc.operation(resource="vswitch/{v_switch_id}")
def delete_v_switch(call: Call, ask: DeleteVSwitchRequest) -> Response:
    found = find(call, ask.v_switch_id)
    if found.status != "Available":
        raise IncorrectVSwitchStatus
    if used(call.state, found.id) or any(count(call.state, found.id) for count in dependencies):
        raise DependencyViolation
    call.state.delete(found)
    call.wake()
    return Response()


# Rules


def _free_block(text: str, network: Vpc, neighbours: list[VSwitch]) -> str:
    try:
        block = IPv4Network(text)
    except ValueError:
        raise InvalidCidrBlock(cidr_block=text) from None
    if not 16 <= block.prefixlen <= 29:
        raise CidrMaskLength(cidr_block=text)
    if not any(block.subnet_of(IPv4Network(one)) for one in (network.cidr_block, *network.more_cidr_blocks)):
        raise CidrNotInVpc(cidr_block=text, vpc_cidr_block=network.cidr_block)
    for other in neighbours:
        if block.overlaps(IPv4Network(other.cidr_block)):
            raise CidrOverlapped(cidr_block=text, v_switch_id=other.id)
    return str(block)


def _name(text: str) -> str:
    if text and not is_name(text):
        raise InvalidVSwitchName
    return text


def _description(text: str) -> str:
    if text and not is_name(text, longest=256):
        raise InvalidVSwitchDescription
    return text


def _matches(one: VSwitch, ask: DescribeVSwitchesRequest) -> bool:
    return (
        ask.v_switch_name in ("", one.name)
        and ask.zone_id in ("", one.zone_id)
        and (ask.is_default is None or one.is_default == ask.is_default)
        and ask.resource_group_id in ("", one.resource_group_id)
        and ask.route_table_id in ("", one.route_table_id)
        and not ask.enable_ipv6
        and ask.v_switch_owner_id in (0, int(one.account_id))
        and carries(one.tags, ask.tag)
    )


def _fields(call: Call, one: VSwitch) -> dict[str, Any]:
    """The values of VSwitchFields."""
    acls = call.state.find(records.NetworkAcl, vpc_id=one.vpc_id)
    return {
        "v_switch_id": one.id,
        "v_switch_name": one.name,
        "description": one.description,
        "vpc_id": one.vpc_id,
        "zone_id": one.zone_id,
        "cidr_block": one.cidr_block,
        "available_ip_address_count": len(assignable(one.cidr_block)) - used(call.state, one.id),
        "status": one.status,
        "is_default": one.is_default,
        "creation_time": one.created_at,
        "owner_id": int(one.account_id),
        "resource_group_id": one.resource_group_id,
        "route_table": RouteTable(
            route_table_id=one.route_table_id,
            route_table_type="Custom" if call.state.get(records.RouteTable, one.route_table_id) else "System",
        ),
        "network_acl_id": next((it.id for it in acls if one.id in it.v_switch_ids), ""),
        "tags": Tags(tag=[Tag(key=key, value=value) for key, value in one.tags.items()]),
    }
