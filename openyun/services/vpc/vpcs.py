"""VPCs: create, describe, modify, delete."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Network
from typing import Any

import msgspec

from openyun.clock import iso_seconds
from openyun.errors import CloudError
from openyun.operation import Call, Model, Request, Response, Tag
from openyun.services import resource_groups
from openyun.services.naming import is_name
from openyun.services.paging import Paged, page_of
from openyun.services.tags import carries
from openyun.services.vpc.errors import (
    IncorrectVpcStatus,
    InvalidCidrBlock,
    InvalidUserCidr,
    InvalidUserCidrMalformed,
    InvalidUserCidrQuota,
    InvalidVpcCidrBlock,
    InvalidVpcDescription,
    InvalidVpcName,
    QuotaExceededVpc,
    VpcNotFound,
    refuse,
)
from openyun.services.vpc.records import Crossing, NatGateway, RouteTable, Vpc, VSwitch
from openyun.services.vpc.service import vpc
from openyun.services.vpc.tag_rules import rules
from openyun.state import Transaction

MOST_VPCS = 100
"""of an account in a region"""
MOST_USER_CIDRS = 3

RESERVED = tuple(IPv4Network(block) for block in ("100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4"))
"""What no network of a customer may touch: the cloud's own services, loopback, link-local, multicast."""
SERVICE_BLOCK = str(RESERVED[0])
"""where the cloud's own services answer; every route table leads there"""


# What other services may ask.


def find(call: Call, vpc_id: str, missing: type[CloudError] = VpcNotFound) -> Vpc:
    """The account's VPC; raises `missing`, of which the vendor has two spellings."""
    found = call.state.get(Vpc, vpc_id)
    if found is None or found.account_id != call.account_id:
        raise missing(vpc_id=vpc_id)
    return found


def find_available(call: Call, vpc_id: str, missing: type[CloudError] = VpcNotFound) -> Vpc:
    """The same for whoever puts something into it: raises IncorrectVpcStatus while it is still being made."""
    found = find(call, vpc_id, missing)
    if found.status != "Available":
        raise IncorrectVpcStatus
    return found


Dependency = Callable[[Transaction, str], None]

dependencies: list[Dependency] = []
"""Each raises a DependencyViolation if something still lives in the VPC. Whoever puts resources into a VPC adds one."""

goodbyes: list[Dependency] = []
"""Each takes away what goes with the VPC."""


# CreateVpc


class CreateVpcRequest(Request, kw_only=True):
    cidr_block: str = "172.16.0.0/12"
    vpc_name: str = ""
    description: str = ""
    user_cidr: str = ""
    resource_group_id: str = ""
    tag: list[Tag] = []
    enable_ipv6: bool = False
    ipv4_ipam_pool_id: str = ""
    enable_dns_hostname: bool = False
    client_token: str = ""
    dry_run: bool = False


class CreateVpcResponse(Response, kw_only=True):
    vpc_id: str
    v_router_id: str
    route_table_id: str
    resource_group_id: str


@vpc.operation(resource="vpc/*")
def create_vpc(call: Call, ask: CreateVpcRequest) -> CreateVpcResponse:
    refuse(EnableIpv6=ask.enable_ipv6, Ipv4IpamPoolId=ask.ipv4_ipam_pool_id, EnableDnsHostname=ask.enable_dns_hostname)
    network = _network(ask.cidr_block, InvalidVpcCidrBlock)
    tags = rules.checked(ask.tag)
    if call.state.count(Vpc, account_id=call.account_id) >= MOST_VPCS:
        raise QuotaExceededVpc(most=MOST_VPCS)
    made = Vpc(
        id=call.new_id("vpc"),
        account_id=call.account_id,
        name=_name(ask.vpc_name),
        description=_description(ask.description),
        cidr_block=str(network),
        user_cidrs=_user_cidrs(ask.user_cidr),
        v_router_id=call.new_id("vrt"),
        route_table_id=call.new_id("vtb"),
        resource_group_id=ask.resource_group_id or default_resource_group(call),
        created_at=iso_seconds(call.now),
        tags=tags,
    )
    call.state.insert(made)
    call.wake()
    return CreateVpcResponse(
        vpc_id=made.id,
        v_router_id=made.v_router_id,
        route_table_id=made.route_table_id,
        resource_group_id=made.resource_group_id,
    )


# DescribeVpcs, DescribeVpcAttribute


class VSwitchIds(Model):
    v_switch_id: list[str] = []


class UserCidrs(Model):
    user_cidr: list[str] = []


class SecondaryCidrBlocks(Model):
    secondary_cidr_block: list[str] = []


class RouterTableIds(Model):
    router_table_ids: list[str] = []


class NatGatewayIds(Model):
    nat_gateway_ids: list[str] = []


class Ipv6CidrBlock(Model, kw_only=True):
    ipv6_cidr_block: str
    ipv6_isp: str


class Ipv6CidrBlocks(Model):
    """Always empty: there is no IPv6 yet, but clients look here."""

    ipv6_cidr_block: list[Ipv6CidrBlock] = []


class Tags(Model):
    tag: list[Tag] = []


class VpcFields(Model, kw_only=True):
    """What both describing operations tell of a VPC."""

    vpc_id: str
    vpc_name: str
    description: str
    cidr_block: str
    status: str
    is_default: bool
    region_id: str
    creation_time: str
    owner_id: int
    resource_group_id: str
    v_router_id: str
    v_switch_ids: VSwitchIds
    user_cidrs: UserCidrs
    secondary_cidr_blocks: SecondaryCidrBlocks
    ipv6_cidr_block: str = ""
    ipv6_cidr_blocks: Ipv6CidrBlocks = msgspec.field(default_factory=Ipv6CidrBlocks)
    enabled_ipv6: bool = False
    dhcp_options_set_id: str
    dhcp_options_set_status: str
    dns_hostname_status: str = "DISABLED"
    tags: Tags


class VpcItem(VpcFields, kw_only=True):
    cen_status: str
    router_table_ids: RouterTableIds
    nat_gateway_ids: NatGatewayIds


class Vpcs(Model):
    vpc: list[VpcItem]


class DescribeVpcsRequest(Paged, Request, kw_only=True):
    vpc_id: list[str] = []
    vpc_name: str = ""
    is_default: bool | None = None
    resource_group_id: str = ""
    enable_ipv6: bool | None = None
    dhcp_options_set_id: str = ""
    vpc_owner_id: int = 0
    tag: list[Tag] = []
    dry_run: bool = False


class DescribeVpcsResponse(Response, kw_only=True):
    page_number: int
    page_size: int
    total_count: int
    vpcs: Vpcs


@vpc.operation(resource="vpc/{vpc_id}")
def describe_vpcs(call: Call, ask: DescribeVpcsRequest) -> DescribeVpcsResponse:
    by_id: dict[str, Any] = {"id": ask.vpc_id} if ask.vpc_id else {}
    found = [one for one in call.state.find(Vpc, account_id=call.account_id, **by_id) if _matches(one, ask)]
    found.sort(key=lambda one: one.created_at, reverse=True)
    return DescribeVpcsResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        vpcs=Vpcs(
            vpc=[
                VpcItem(
                    **_fields(call, one),
                    cen_status="Attached" if _memberships(call, one) else "Detached",
                    router_table_ids=RouterTableIds(router_table_ids=_route_table_ids(call, one)),
                    nat_gateway_ids=NatGatewayIds(
                        nat_gateway_ids=[it.id for it in call.state.find(NatGateway, vpc_id=one.id)]
                    ),
                )
                for one in page_of(ask, found)
            ]
        ),
    )


class CloudResource(Model, kw_only=True):
    resource_type: str
    resource_count: int


class CloudResources(Model):
    cloud_resource_set_type: list[CloudResource] = []


class AssociatedCen(Model, kw_only=True):
    cen_id: str
    cen_owner_id: int
    cen_status: str


class AssociatedCens(Model):
    associated_cen: list[AssociatedCen] = []


class DescribeVpcAttributeRequest(Request, kw_only=True):
    vpc_id: str
    is_default: bool | None = None
    dry_run: bool = False


class DescribeVpcAttributeResponse(VpcFields, Response, kw_only=True):
    cloud_resources: CloudResources
    associated_cens: AssociatedCens
    classic_link_enabled: bool = False
    ipv4_gateway_id: str = ""
    support_ipv4_gateway: bool = False


@vpc.operation(resource="vpc/{vpc_id}")
def describe_vpc_attribute(call: Call, ask: DescribeVpcAttributeRequest) -> DescribeVpcAttributeResponse:
    found = find(call, ask.vpc_id)
    fields = _fields(call, found)
    counts = [
        CloudResource(resource_type="VSwitch", resource_count=len(fields["v_switch_ids"].v_switch_id)),
        CloudResource(resource_type="VRouter", resource_count=1),
        CloudResource(resource_type="RouteTable", resource_count=len(_route_table_ids(call, found))),
        CloudResource(resource_type="NatGateway", resource_count=call.state.count(NatGateway, vpc_id=found.id)),
    ]
    cens = [
        AssociatedCen(cen_id=one.id, cen_owner_id=int(one.owner_id), cen_status="Active")
        for one in _memberships(call, found)
    ]
    return DescribeVpcAttributeResponse(
        **fields,
        cloud_resources=CloudResources(cloud_resource_set_type=counts),
        associated_cens=AssociatedCens(associated_cen=cens),
    )


def _memberships(call: Call, one: Vpc) -> list[Crossing]:
    """What says in which CEN the VPC is."""
    return [it for it in call.state.find(Crossing, vpc_id=one.id) if it.owner_id]


# ModifyVpcAttribute, DeleteVpc


class ModifyVpcAttributeRequest(Request, kw_only=True):
    vpc_id: str
    vpc_name: str | None = None
    description: str | None = None
    cidr_block: str = ""
    enable_ipv6: bool = msgspec.field(default=False, name="EnableIPv6")
    enable_dns_hostname: bool = False


@vpc.operation(resource="vpc/{vpc_id}")
def modify_vpc_attribute(call: Call, ask: ModifyVpcAttributeRequest) -> Response:
    refuse(EnableIPv6=ask.enable_ipv6, EnableDnsHostname=ask.enable_dns_hostname)
    found = find(call, ask.vpc_id)
    if ask.vpc_name is not None:
        found.name = _name(ask.vpc_name)
    if ask.description is not None:
        found.description = _description(ask.description)
    if ask.cidr_block:
        wider = _network(ask.cidr_block, InvalidCidrBlock)
        if not IPv4Network(found.cidr_block).subnet_of(wider):
            raise InvalidCidrBlock(cidr_block=ask.cidr_block)
        found.cidr_block = str(wider)
        call.wake()
    call.state.put(found)
    return Response()


class DeleteVpcRequest(Request, kw_only=True):
    vpc_id: str
    force_delete: bool = False
    client_token: str = ""
    dry_run: bool = False


@vpc.operation(resource="vpc/{vpc_id}")
def delete_vpc(call: Call, ask: DeleteVpcRequest) -> Response:
    found = find(call, ask.vpc_id)
    if found.status != "Available":
        raise IncorrectVpcStatus
    for check in dependencies:
        check(call.state, found.id)
    for take_along in goodbyes:
        take_along(call.state, found.id)
    call.state.delete(found)
    call.wake()
    return Response()


# Rules


def default_resource_group(call: Call) -> str:
    return resource_groups.default_group(call.account_id)


def _network(text: str, malformed: type[CloudError]) -> IPv4Network:
    try:
        network = IPv4Network(text)
    except ValueError:
        raise malformed(cidr_block=text) from None
    if not 8 <= network.prefixlen <= 28 or any(network.overlaps(block) for block in RESERVED):
        raise malformed(cidr_block=text)
    return network


def _user_cidrs(text: str) -> list[str]:
    blocks = [block.strip() for block in text.split(",") if block.strip()]
    if len(blocks) > MOST_USER_CIDRS:
        raise InvalidUserCidrQuota
    for block in blocks:
        try:
            network = IPv4Network(block)
        except ValueError:
            raise InvalidUserCidr from None
        if network.overlaps(RESERVED[0]):
            raise InvalidUserCidrMalformed
    return blocks


def _name(text: str) -> str:
    if text and not is_name(text):
        raise InvalidVpcName
    return text


def _description(text: str) -> str:
    if text and not is_name(text, longest=256):
        raise InvalidVpcDescription
    return text


def _matches(one: Vpc, ask: DescribeVpcsRequest) -> bool:
    return (
        (not ask.vpc_name or one.name == ask.vpc_name)
        and (ask.is_default is None or one.is_default == ask.is_default)
        and (not ask.resource_group_id or one.resource_group_id == ask.resource_group_id)
        and not ask.enable_ipv6
        and ask.dhcp_options_set_id in ("", one.dhcp_options_set_id)
        and ask.vpc_owner_id in (0, int(one.account_id))
        and carries(one.tags, ask.tag)
    )


def _fields(call: Call, one: Vpc) -> dict[str, Any]:
    """The values of VpcFields."""
    return {
        "vpc_id": one.id,
        "vpc_name": one.name,
        "description": one.description,
        "cidr_block": one.cidr_block,
        "status": one.status,
        "is_default": one.is_default,
        "region_id": call.region.id,
        "creation_time": one.created_at,
        "owner_id": int(one.account_id),
        "resource_group_id": one.resource_group_id,
        "v_router_id": one.v_router_id,
        "v_switch_ids": VSwitchIds(v_switch_id=[v.id for v in call.state.find(VSwitch, vpc_id=one.id)]),
        "secondary_cidr_blocks": SecondaryCidrBlocks(secondary_cidr_block=one.more_cidr_blocks),
        "dhcp_options_set_id": one.dhcp_options_set_id,
        "dhcp_options_set_status": "InUse" if one.dhcp_options_set_id else "",
        "user_cidrs": UserCidrs(user_cidr=one.user_cidrs),
        "tags": Tags(tag=[Tag(key=key, value=value) for key, value in one.tags.items()]),
    }


def _route_table_ids(call: Call, one: Vpc) -> list[str]:
    return [one.route_table_id, *(it.id for it in call.state.find(RouteTable, vpc_id=one.id))]
