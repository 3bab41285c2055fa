"""DHCP options sets: the domain and the name servers that instances of a VPC get when they start."""

from __future__ import annotations

import re
from ipaddress import IPv4Address

from openyun.clock import iso_seconds
from openyun.operation import Call, Model, Request, Response, Tag
from openyun.services.naming import is_name
from openyun.services.paging import InvalidPageSize, after_token
from openyun.services.tags import carries
from openyun.services.vpc import vpcs
from openyun.services.vpc.dhcp_options.errors import (
    AttachedAlready,
    DhcpOptionsSetInUse,
    DhcpOptionsSetNotFound,
    InvalidDhcpOption,
    NotAttached,
    QuotaExceededDhcpOptionsSet,
)
from openyun.services.vpc.errors import VpcIdNotFound, refuse
from openyun.services.vpc.records import DhcpOptionsSet, Vpc
from openyun.services.vpc.service import vpc
from openyun.services.vpc.tag_rules import rules
from openyun.services.vpc.vpcs import default_resource_group
from openyun.state import Transaction

MOST_SETS = 10
"""of an account in a region"""
MOST_SERVERS = 4
_DOMAIN = re.compile(r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*")
_LEASES = {str(hours) for hours in (*range(24, 1177), 87600)}


def of_vpc(state: Transaction, vpc_id: str) -> DhcpOptionsSet | None:
    """What instances of the VPC are told when they start; None for the cloud's own name servers and no domain."""
    network = state.get(Vpc, vpc_id)
    return state.get(DhcpOptionsSet, network.dhcp_options_set_id) if network and network.dhcp_options_set_id else None


class OptionsRequest(Request, kw_only=True):
    domain_name: str | None = None
    domain_name_servers: list[str] | None = None
    lease_time: str = ""
    ipv6_lease_time: str = ""
    dhcp_options_set_name: str | None = None
    dhcp_options_set_description: str | None = None
    client_token: str = ""
    dry_run: bool = False


class CreateDhcpOptionsSetRequest(OptionsRequest, kw_only=True):
    resource_group_id: str = ""
    tag: list[Tag] = []


class CreateDhcpOptionsSetResponse(Response, kw_only=True):
    dhcp_options_set_id: str
    resource_group_id: str


@vpc.operation(resource="dhcpoptionsset/*")
def create_dhcp_options_set(call: Call, ask: CreateDhcpOptionsSetRequest) -> CreateDhcpOptionsSetResponse:
    tags = rules.checked(ask.tag)
    if call.state.count(DhcpOptionsSet, account_id=call.account_id) >= MOST_SETS:
        raise QuotaExceededDhcpOptionsSet(most=MOST_SETS)
    made = DhcpOptionsSet(
        id=call.new_id("dopt"),
        account_id=call.account_id,
        resource_group_id=ask.resource_group_id or default_resource_group(call),
        created_at=iso_seconds(call.now),
        tags=tags,
    )
    _fill(made, ask)
    call.state.insert(made)
    return CreateDhcpOptionsSetResponse(dhcp_options_set_id=made.id, resource_group_id=made.resource_group_id)


class UpdateDhcpOptionsSetAttributeRequest(OptionsRequest, kw_only=True):
    dhcp_options_set_id: str


@vpc.operation(resource="dhcpoptionsset/{dhcp_options_set_id}")
def update_dhcp_options_set_attribute(call: Call, ask: UpdateDhcpOptionsSetAttributeRequest) -> Response:
    """Instances learn of it when they start the next time."""
    one = _find(call, ask.dhcp_options_set_id)
    _fill(one, ask)
    call.state.put(one)
    return Response()


class DeleteDhcpOptionsSetRequest(Request, kw_only=True):
    dhcp_options_set_id: str
    client_token: str = ""
    dry_run: bool = False


@vpc.operation(resource="dhcpoptionsset/{dhcp_options_set_id}")
def delete_dhcp_options_set(call: Call, ask: DeleteDhcpOptionsSetRequest) -> Response:
    one = _find(call, ask.dhcp_options_set_id)
    if _attached(call, one):
        raise DhcpOptionsSetInUse
    call.state.delete(one)
    return Response()


class AttachDhcpOptionsSetToVpcRequest(Request, kw_only=True):
    dhcp_options_set_id: str
    vpc_id: str
    client_token: str = ""
    dry_run: bool = False


@vpc.operation(resource=("dhcpoptionsset/{dhcp_options_set_id}", "vpc/{vpc_id}"))
def attach_dhcp_options_set_to_vpc(call: Call, ask: AttachDhcpOptionsSetToVpcRequest) -> Response:
    one = _find(call, ask.dhcp_options_set_id)
    network = vpcs.find_available(call, ask.vpc_id, VpcIdNotFound)
    if network.dhcp_options_set_id:
        raise AttachedAlready
    network.dhcp_options_set_id = one.id
    call.state.put(network)
    return Response()


class DetachDhcpOptionsSetFromVpcRequest(Request, kw_only=True):
    dhcp_options_set_id: str
    vpc_id: str
    client_token: str = ""
    dry_run: bool = False


@vpc.operation(resource=("dhcpoptionsset/{dhcp_options_set_id}", "vpc/{vpc_id}"))
def detach_dhcp_options_set_from_vpc(call: Call, ask: DetachDhcpOptionsSetFromVpcRequest) -> Response:
    one = _find(call, ask.dhcp_options_set_id)
    network = vpcs.find(call, ask.vpc_id, VpcIdNotFound)
    if network.dhcp_options_set_id != one.id:
        raise NotAttached
    network.dhcp_options_set_id = ""
    call.state.put(network)
    return Response()


class Options(Model, kw_only=True):
    domain_name: str
    domain_name_servers: str
    lease_time: str


class AssociatedVpc(Model, kw_only=True):
    vpc_id: str
    associate_status: str = "InUse"


class GetDhcpOptionsSetRequest(Request, kw_only=True):
    dhcp_options_set_id: str


class GetDhcpOptionsSetResponse(Response, kw_only=True):
    dhcp_options_set_id: str
    dhcp_options_set_name: str
    dhcp_options_set_description: str
    status: str
    dhcp_options: Options
    associate_vpcs: list[AssociatedVpc]
    resource_group_id: str
    creation_time: str
    tags: list[Tag]


@vpc.operation(resource="dhcpoptionsset/{dhcp_options_set_id}")
def get_dhcp_options_set(call: Call, ask: GetDhcpOptionsSetRequest) -> GetDhcpOptionsSetResponse:
    one = _find(call, ask.dhcp_options_set_id)
    attached = _attached(call, one)
    return GetDhcpOptionsSetResponse(
        dhcp_options_set_id=one.id,
        dhcp_options_set_name=one.name,
        dhcp_options_set_description=one.description,
        status="InUse" if attached else "Available",
        dhcp_options=_options(one),
        associate_vpcs=[AssociatedVpc(vpc_id=id) for id in attached],
        resource_group_id=one.resource_group_id,
        creation_time=one.created_at,
        tags=_tags(one),
    )


class DhcpOptionsSetItem(Model, kw_only=True):
    dhcp_options_set_id: str
    dhcp_options_set_name: str
    dhcp_options_set_description: str
    status: str
    dhcp_options: Options
    associate_vpc_count: int
    resource_group_id: str
    creation_time: str
    tags: list[Tag]


class ListDhcpOptionsSetsRequest(Request, kw_only=True):
    dhcp_options_set_id: list[str] = []
    dhcp_options_set_name: str = ""
    domain_name: str = ""
    resource_group_id: str = ""
    tags: list[Tag] = []
    next_token: str = ""
    max_results: int = 10


class ListDhcpOptionsSetsResponse(Response, kw_only=True):
    next_token: str
    total_count: str
    dhcp_options_sets: list[DhcpOptionsSetItem]


@vpc.operation(resource="dhcpoptionsset/{dhcp_options_set_id}")
def list_dhcp_options_sets(call: Call, ask: ListDhcpOptionsSetsRequest) -> ListDhcpOptionsSetsResponse:
    if not 1 <= ask.max_results <= 100:
        raise InvalidPageSize(most=100)
    found = [
        one
        for one in call.state.find(DhcpOptionsSet, account_id=call.account_id)
        if (not ask.dhcp_options_set_id or one.id in ask.dhcp_options_set_id)
        and ask.dhcp_options_set_name in ("", one.name)
        and ask.domain_name in ("", one.domain_name)
        and ask.resource_group_id in ("", one.resource_group_id)
        and carries(one.tags, ask.tags)
    ]
    page, token = after_token(found, [one.id for one in found], ask.next_token, ask.max_results)
    return ListDhcpOptionsSetsResponse(
        next_token=token,
        total_count=str(len(found)),
        dhcp_options_sets=[
            DhcpOptionsSetItem(
                dhcp_options_set_id=one.id,
                dhcp_options_set_name=one.name,
                dhcp_options_set_description=one.description,
                status="InUse" if (count := len(_attached(call, one))) else "Available",
                dhcp_options=_options(one),
                associate_vpc_count=count,
                resource_group_id=one.resource_group_id,
                creation_time=one.created_at,
                tags=_tags(one),
            )
            for one in page
        ],
    )


# Rules


def _find(call: Call, id: str) -> DhcpOptionsSet:
    found = call.state.get(DhcpOptionsSet, id)
    if found is None or found.account_id != call.account_id:
        raise DhcpOptionsSetNotFound(dhcp_options_set_id=id)
    return found


def _attached(call: Call, one: DhcpOptionsSet) -> list[str]:
    return [it.id for it in call.state.find(Vpc, account_id=one.account_id) if it.dhcp_options_set_id == one.id]


def _fill(one: DhcpOptionsSet, ask: OptionsRequest) -> None:
    refuse(Ipv6LeaseTime=ask.ipv6_lease_time)
    if ask.dhcp_options_set_name is not None:
        if ask.dhcp_options_set_name and not is_name(ask.dhcp_options_set_name):
            raise InvalidDhcpOption(parameter="DhcpOptionsSetName")
        one.name = ask.dhcp_options_set_name
    if ask.dhcp_options_set_description is not None:
        if ask.dhcp_options_set_description and not is_name(ask.dhcp_options_set_description, longest=256):
            raise InvalidDhcpOption(parameter="DhcpOptionsSetDescription")
        one.description = ask.dhcp_options_set_description
    if ask.domain_name is not None:
        if ask.domain_name and not _DOMAIN.fullmatch(ask.domain_name):
            raise InvalidDhcpOption(parameter="DomainName")
        one.domain_name = ask.domain_name
    if ask.domain_name_servers is not None:
        one.name_servers = _servers(ask.domain_name_servers)
    if ask.lease_time:
        if ask.lease_time not in _LEASES:
            raise InvalidDhcpOption(parameter="LeaseTime")
        one.lease_time = ask.lease_time


def _servers(addresses: list[str]) -> list[str]:
    try:
        found = [str(IPv4Address(address)) for address in addresses if address]
    except ValueError:
        raise InvalidDhcpOption(parameter="DomainNameServers") from None
    if len(found) > MOST_SERVERS:
        raise InvalidDhcpOption(parameter="DomainNameServers")
    return found


def _options(one: DhcpOptionsSet) -> Options:
    return Options(
        domain_name=one.domain_name, domain_name_servers=",".join(one.name_servers), lease_time=one.lease_time
    )


def _tags(one: DhcpOptionsSet) -> list[Tag]:
    return [Tag(key=key, value=value) for key, value in one.tags.items()]
