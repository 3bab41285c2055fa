"""Network ACLs: create, describe, modify, delete."""

from __future__ import annotations

from typing import Any

from openyun.clock import iso_seconds
from openyun.operation import UNSET, Call, Model, Request, Response, Tag, Unset
from openyun.services.naming import is_name
from openyun.services.paging import Paged, page_of
from openyun.services.tags import carries
from openyun.services.vpc import vpcs
from openyun.services.vpc.errors import DependencyViolation, VpcIdNotFound
from openyun.services.vpc.network_acl.errors import (
    InvalidNetworkAclDescription,
    InvalidNetworkAclName,
    NetworkAclInUse,
    NetworkAclNotFound,
    QuotaExceededNetworkAcl,
)
from openyun.services.vpc.records import AclEntry, NetworkAcl
from openyun.services.vpc.service import vpc
from openyun.services.vpc.tag_rules import rules
from openyun.state import Transaction

MOST_ACLS = 20
"""of a VPC"""


def find(call: Call, network_acl_id: str) -> NetworkAcl:
    """The account's ACL; raises NetworkAclNotFound."""
    found = call.state.get(NetworkAcl, network_acl_id)
    if found is None or found.account_id != call.account_id:
        raise NetworkAclNotFound(network_acl_id=network_acl_id)
    return found


def of_v_switch(state: Transaction, vpc_id: str, v_switch_id: str) -> str:
    """The id of the ACL at the vSwitch's border; empty if there is none."""
    every = state.find(NetworkAcl, vpc_id=vpc_id)
    return next((one.id for one in every if v_switch_id in one.v_switch_ids), "")


class EntryItem(Model, kw_only=True):
    network_acl_entry_id: str
    network_acl_entry_name: str
    description: str
    policy: str
    protocol: str
    port: str
    entry_type: str | Unset = UNSET
    ip_version: str | Unset = UNSET


class IngressAclEntry(EntryItem, kw_only=True):
    source_cidr_ip: str


class EgressAclEntry(EntryItem, kw_only=True):
    destination_cidr_ip: str


class IngressAclEntries(Model, kw_only=True):
    ingress_acl_entry: list[IngressAclEntry]


class EgressAclEntries(Model, kw_only=True):
    egress_acl_entry: list[EgressAclEntry]


class BoundResource(Model, kw_only=True):
    resource_id: str
    resource_type: str = "VSwitch"
    status: str = "BINDED"


class BoundResources(Model, kw_only=True):
    resource: list[BoundResource]


class Tags(Model, kw_only=True):
    tag: list[Tag]


class AclFields(Model, kw_only=True):
    network_acl_id: str
    network_acl_name: str
    description: str
    vpc_id: str
    region_id: str
    status: str = "Available"
    creation_time: str
    ingress_acl_entries: IngressAclEntries
    egress_acl_entries: EgressAclEntries
    resources: BoundResources


class AclItem(AclFields, kw_only=True):
    tags: Tags


class CreateNetworkAclRequest(Request, kw_only=True):
    vpc_id: str
    network_acl_name: str = ""
    description: str = ""
    tag: list[Tag] = []
    client_token: str = ""
    dry_run: bool = False


class CreateNetworkAclResponse(Response, kw_only=True):
    network_acl_id: str
    network_acl_attribute: AclFields


@vpc.operation(resource=("networkacl/*", "vpc/{vpc_id}"))
def create_network_acl(call: Call, ask: CreateNetworkAclRequest) -> CreateNetworkAclResponse:
    """A new one accepts everything."""
    within = vpcs.find_available(call, ask.vpc_id, VpcIdNotFound)
    tags = rules.checked(ask.tag)
    if call.state.count(NetworkAcl, vpc_id=within.id) >= MOST_ACLS:
        raise QuotaExceededNetworkAcl(most=MOST_ACLS)
    made = NetworkAcl(
        id=call.new_id("nacl"),
        account_id=call.account_id,
        vpc_id=within.id,
        name=_name(ask.network_acl_name),
        description=_description(ask.description),
        ingress=[everything(call)],
        egress=[everything(call)],
        created_at=iso_seconds(call.now),
        tags=tags,
    )
    call.state.insert(made)
    return CreateNetworkAclResponse(network_acl_id=made.id, network_acl_attribute=AclFields(**_fields(call, made)))


def everything(call: Call) -> AclEntry:
    """The entry that a new ACL has in each direction."""
    return AclEntry(id=call.new_id("nae"), policy="accept", protocol="all", cidr_block="0.0.0.0/0", port="-1/-1")


class NetworkAcls(Model, kw_only=True):
    network_acl: list[AclItem]


class DescribeNetworkAclsRequest(Paged, Request, kw_only=True):
    vpc_id: str = ""
    network_acl_id: str = ""
    network_acl_name: str = ""
    resource_id: str = ""
    resource_type: str = ""
    tags: list[Tag] = []
    client_token: str = ""


class DescribeNetworkAclsResponse(Response, kw_only=True):
    page_number: str
    page_size: str
    total_count: str
    network_acls: NetworkAcls


@vpc.operation(resource="networkacl/{network_acl_id}")
def describe_network_acls(call: Call, ask: DescribeNetworkAclsRequest) -> DescribeNetworkAclsResponse:
    found = [one for one in call.state.find(NetworkAcl, account_id=call.account_id) if _matches(one, ask)]
    found.sort(key=lambda one: (one.created_at, one.id), reverse=True)
    return DescribeNetworkAclsResponse(
        page_number=str(ask.page_number),
        page_size=str(ask.page_size),
        total_count=str(len(found)),
        network_acls=NetworkAcls(network_acl=[_item(call, one) for one in page_of(ask, found)]),
    )


class DescribeNetworkAclAttributesRequest(Request, kw_only=True):
    network_acl_id: str
    client_token: str = ""


class DescribeNetworkAclAttributesResponse(Response, kw_only=True):
    network_acl_attribute: AclItem


@vpc.operation(resource="networkacl/{network_acl_id}")
def describe_network_acl_attributes(
    call: Call, ask: DescribeNetworkAclAttributesRequest
) -> DescribeNetworkAclAttributesResponse:
    return DescribeNetworkAclAttributesResponse(network_acl_attribute=_item(call, find(call, ask.network_acl_id)))


class ModifyNetworkAclAttributesRequest(Request, kw_only=True):
    network_acl_id: str
    network_acl_name: str | None = None
    description: str | None = None
    client_token: str = ""
    dry_run: bool = False


@vpc.operation(resource="networkacl/{network_acl_id}")
def modify_network_acl_attributes(call: Call, ask: ModifyNetworkAclAttributesRequest) -> Response:
    one = find(call, ask.network_acl_id)
    if ask.network_acl_name is not None:
        one.name = _name(ask.network_acl_name)
    if ask.description is not None:
        one.description = _description(ask.description)
    call.state.put(one)
    return Response()


class DeleteNetworkAclRequest(Request, kw_only=True):
    network_acl_id: str
    client_token: str = ""
    dry_run: bool = False


@vpc.operation(resource="networkacl/{network_acl_id}")
def delete_network_acl(call: Call, ask: DeleteNetworkAclRequest) -> Response:
    one = find(call, ask.network_acl_id)
    if one.v_switch_ids:
        raise NetworkAclInUse
    call.state.delete(one)
    return Response()


# Rules


def _matches(one: NetworkAcl, ask: DescribeNetworkAclsRequest) -> bool:
    return (
        ask.vpc_id in ("", one.vpc_id)
        and ask.network_acl_id in ("", one.id)
        and ask.network_acl_name in ("", one.name)
        and ask.resource_type.lower() in ("", "vswitch")
        and (not ask.resource_id or ask.resource_id in one.v_switch_ids)
        and carries(one.tags, ask.tags)
    )


def _name(text: str) -> str:
    if text and not is_name(text):
        raise InvalidNetworkAclName
    return text


def _description(text: str) -> str:
    if text and not is_name(text, longest=256):
        raise InvalidNetworkAclDescription
    return text


def _entry(one: AclEntry) -> dict[str, Any]:
    """The values of EntryItem."""
    return {
        "network_acl_entry_id": one.id,
        "network_acl_entry_name": one.name,
        "description": one.description,
        "policy": one.policy,
        "protocol": one.protocol,
        "port": one.port,
    }


def _fields(call: Call, one: NetworkAcl, **of_entries: str) -> dict[str, Any]:
    """The values of AclFields; `of_entries` are further fields of each entry."""
    return {
        "network_acl_id": one.id,
        "network_acl_name": one.name,
        "description": one.description,
        "vpc_id": one.vpc_id,
        "region_id": call.region.id,
        "creation_time": one.created_at,
        "ingress_acl_entries": IngressAclEntries(
            ingress_acl_entry=[
                IngressAclEntry(**_entry(it), **of_entries, source_cidr_ip=it.cidr_block) for it in one.ingress
            ]
        ),
        "egress_acl_entries": EgressAclEntries(
            egress_acl_entry=[
                EgressAclEntry(**_entry(it), **of_entries, destination_cidr_ip=it.cidr_block) for it in one.egress
            ]
        ),
        "resources": BoundResources(resource=[BoundResource(resource_id=id) for id in one.v_switch_ids]),
    }


def _item(call: Call, one: NetworkAcl) -> AclItem:
    tags = Tags(tag=[Tag(key=key, value=value) for key, value in one.tags.items()])
    return AclItem(**_fields(call, one, entry_type="custom", ip_version="IPV4"), tags=tags)


def _none_is_left(state: Transaction, vpc_id: str) -> None:
    if state.count(NetworkAcl, vpc_id=vpc_id):
        raise DependencyViolation


vpcs.dependencies.append(_none_is_left)
