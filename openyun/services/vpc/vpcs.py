"""VPCs: create, describe, modify, delete."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Network
from typing import Any

import msgspec

from openyun.clock import iso_seconds
from openyun.operation import Call, Model, Request, Response, Tag
from openyun.services.paging import Paged, page_of
from openyun.services.vpc.errors import (
    IncorrectVpcStatus,
    InvalidCidrBlock,
    InvalidDescription,
    InvalidVpcName,
    QuotaExceededVpc,
    VpcNotFound,
)
from openyun.services.vpc.records import Vpc, VSwitch
from openyun.services.vpc.service import vpc
from openyun.state import Transaction

MOST_VPCS = 100
"""of an account in a region"""

_ALLOWED = tuple(IPv4Network(block) for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))


# What other services may ask.


def find(call: Call, vpc_id: str) -> Vpc:
    """The account's VPC; raises VpcNotFound."""
    found = call.state.get(Vpc, vpc_id)
    if found is None or found.account_id != call.account_id:
        raise VpcNotFound(vpc_id=vpc_id)
    return found


Dependency = Callable[[Transaction, str], None]

dependencies: list[Dependency] = []
"""Each raises a DependencyViolation if something still lives in the VPC. Whoever puts resources into a VPC adds one."""


# CreateVpc


class CreateVpcRequest(Request, kw_only=True):
    cidr_block: str = "172.16.0.0/12"
    vpc_name: str = ""
    description: str = ""
    user_cidr: str = ""
    resource_group_id: str = ""
    tag: list[Tag] = []
    client_token: str = ""
    dry_run: bool = False


class CreateVpcResponse(Response, kw_only=True):
    vpc_id: str
    v_router_id: str
    route_table_id: str
    resource_group_id: str


@vpc.operation(resource="vpc/*")
def create_vpc(call: Call, ask: CreateVpcRequest) -> CreateVpcResponse:
    network = _vpc_cidr(ask.cidr_block)
    if call.state.count(Vpc, account_id=call.account_id) >= MOST_VPCS:
        raise QuotaExceededVpc(most=MOST_VPCS)
    made = Vpc(
        id=call.new_id("vpc"),
        account_id=call.account_id,
        name=_name(ask.vpc_name),
        description=_description(ask.description),
        cidr_block=str(network),
        user_cidrs=[block for block in ask.user_cidr.split(",") if block],
        v_router_id=call.new_id("vrt"),
        route_table_id=call.new_id("vtb"),
        resource_group_id=ask.resource_group_id or default_resource_group(call),
        created_at=iso_seconds(call.now),
        tags={tag.key: tag.value for tag in ask.tag},
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


class Ipv6CidrBlocks(Model):
    ipv6_cidr_block: list[str] = []


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
    secondary_cidr_blocks: SecondaryCidrBlocks = msgspec.field(default_factory=SecondaryCidrBlocks)
    ipv6_cidr_block: str = ""
    ipv6_cidr_blocks: Ipv6CidrBlocks = msgspec.field(default_factory=Ipv6CidrBlocks)
    enabled_ipv6: bool = False
    dhcp_options_set_id: str = ""
    dhcp_options_set_status: str = ""
    dns_hostname_status: str = "DISABLED"
    tags: Tags


class VpcItem(VpcFields, kw_only=True):
    cen_status: str = "Detached"
    router_table_ids: RouterTableIds
    nat_gateway_ids: NatGatewayIds = msgspec.field(default_factory=NatGatewayIds)


class Vpcs(Model):
    vpc: list[VpcItem]


class DescribeVpcsRequest(Paged, Request, kw_only=True):
    vpc_id: str = ""
    vpc_name: str = ""
    is_default: bool | None = None
    resource_group_id: str = ""
    enable_ipv6: bool | None = None
    dhcp_options_set_id: str = ""
    tag: list[Tag] = []


class DescribeVpcsResponse(Response, kw_only=True):
    page_number: int
    page_size: int
    total_count: int
    vpcs: Vpcs


@vpc.operation(resource="vpc/{vpc_id}")
def describe_vpcs(call: Call, ask: DescribeVpcsRequest) -> DescribeVpcsResponse:
    asked_ids = [vpc_id for vpc_id in ask.vpc_id.split(",") if vpc_id]
    by_id = {"id": asked_ids} if asked_ids else {}
    found = [one for one in call.state.find(Vpc, account_id=call.account_id, **by_id) if _matches(one, ask)]
    found.sort(key=lambda one: one.created_at, reverse=True)
    return DescribeVpcsResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        vpcs=Vpcs(
            vpc=[
                VpcItem(**_fields(call, one), router_table_ids=RouterTableIds(router_table_ids=[one.route_table_id]))
                for one in page_of(ask, found)
            ]
        ),
    )


class CloudResource(Model, kw_only=True):
    resource_type: str
    resource_count: int


class CloudResources(Model):
    cloud_resource_set_type: list[CloudResource] = []


class AssociatedCens(Model):
    associated_cen: list[str] = []


class DescribeVpcAttributeRequest(Request, kw_only=True):
    vpc_id: str
    is_default: bool | None = None


class DescribeVpcAttributeResponse(VpcFields, Response, kw_only=True):
    cloud_resources: CloudResources
    associated_cens: AssociatedCens = msgspec.field(default_factory=AssociatedCens)
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
        CloudResource(resource_type="RouteTable", resource_count=1),
    ]
    return DescribeVpcAttributeResponse(**fields, cloud_resources=CloudResources(cloud_resource_set_type=counts))


# ModifyVpcAttribute, DeleteVpc


class ModifyVpcAttributeRequest(Request, kw_only=True):
    vpc_id: str
    vpc_name: str | None = None
    description: str | None = None
    cidr_block: str = ""


@vpc.operation(resource="vpc/{vpc_id}")
def modify_vpc_attribute(call: Call, ask: ModifyVpcAttributeRequest) -> Response:
    found = find(call, ask.vpc_id)
    if ask.vpc_name is not None:
        found.name = _name(ask.vpc_name)
    if ask.description is not None:
        found.description = _description(ask.description)
    if ask.cidr_block:
        wider = _vpc_cidr(ask.cidr_block)
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
    call.state.delete(found)
    call.wake()
    return Response()


# Rules


def default_resource_group(call: Call) -> str:
    """Every account has one from the start; it is named after the account."""
    return f"rg-acfm{call.account_id[-11:]}"


def _vpc_cidr(text: str) -> IPv4Network:
    try:
        network = IPv4Network(text)
    except ValueError:
        raise InvalidCidrBlock(cidr_block=text) from None
    if network.prefixlen > 28 or not any(network.subnet_of(block) for block in _ALLOWED):
        raise InvalidCidrBlock(cidr_block=text)
    return network


def _name(text: str) -> str:
    if text and (len(text) > 128 or text.startswith(("http://", "https://"))):
        raise InvalidVpcName
    return text


def _description(text: str) -> str:
    if text and (len(text) > 256 or text.startswith(("http://", "https://"))):
        raise InvalidDescription
    return text


def _matches(one: Vpc, ask: DescribeVpcsRequest) -> bool:
    return (
        (not ask.vpc_name or one.name == ask.vpc_name)
        and (ask.is_default is None or one.is_default == ask.is_default)
        and (not ask.resource_group_id or one.resource_group_id == ask.resource_group_id)
        and not ask.enable_ipv6
        and not ask.dhcp_options_set_id
        and all(tag.key in one.tags and tag.value in ("", one.tags[tag.key]) for tag in ask.tag)
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
        "user_cidrs": UserCidrs(user_cidr=one.user_cidrs),
        "tags": Tags(tag=[Tag(key=key, value=value) for key, value in one.tags.items()]),
    }
