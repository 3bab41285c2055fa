"""GetVpcPeerConnectionAttribute, ListVpcPeerConnections: each side sees its own tags and resource group."""

from __future__ import annotations

from typing import Any

import msgspec

from openyun.operation import Call, Model, Request, Response, Tag
from openyun.services.paging import after_token
from openyun.services.tags import carries
from openyun.services.vpc import crossings
from openyun.services.vpcpeer import connections
from openyun.services.vpcpeer.errors import IllegalParameter
from openyun.services.vpcpeer.records import PeerConnection, PeerSide
from openyun.services.vpcpeer.service import vpcpeer


class End(Model, kw_only=True):
    vpc_id: str
    ipv4_cidrs: list[str] = msgspec.field(name="Ipv4Cidrs")
    ipv6_cidrs: list[str] = msgspec.field(name="Ipv6Cidrs", default_factory=list)


class ConnectionFields(Model, kw_only=True):
    """What both operations tell of a connection."""

    instance_id: str
    name: str
    description: str
    status: str
    biz_status: str = "Normal"
    bandwidth: int
    link_type: str
    owner_id: int
    region_id: str
    vpc: End
    accepting_owner_uid: int
    accepting_region_id: str
    accepting_vpc: End
    resource_group_id: str
    gmt_create: str
    gmt_modified: str
    gmt_expired: str
    tags: list[Tag]


class GetVpcPeerConnectionAttributeRequest(Request, kw_only=True):
    instance_id: str


class GetVpcPeerConnectionAttributeResponse(ConnectionFields, Response, kw_only=True):
    pass


@vpcpeer.operation(resource="vpc:*", action="vpc:GetVpcPeerConnectionAttribute")
def get_vpc_peer_connection_attribute(
    call: Call, ask: GetVpcPeerConnectionAttributeRequest
) -> GetVpcPeerConnectionAttributeResponse:
    return GetVpcPeerConnectionAttributeResponse(**_fields(call, connections.find(call, ask.instance_id)))


class ListVpcPeerConnectionsRequest(Request, kw_only=True):
    region_id: str = ""
    instance_id: str = ""
    vpc_id: list[str] = []
    name: str = ""
    resource_group_id: str = ""
    tags: list[Tag] = []
    next_token: str = ""
    max_results: int = 20


class ListVpcPeerConnectionsResponse(Response, kw_only=True):
    vpc_peer_connects: list[ConnectionFields]
    next_token: str
    max_results: int
    total_count: int


@vpcpeer.operation(resource="vpc:*", action="vpc:ListVpcPeerConnections")
def list_vpc_peer_connections(call: Call, ask: ListVpcPeerConnectionsRequest) -> ListVpcPeerConnectionsResponse:
    if not 1 <= ask.max_results <= 100:
        raise IllegalParameter("MaxResults")
    every = {
        one.id: one
        for column in ("account_id", "accepting_account_id")
        for one in call.state.find(PeerConnection, **{column: call.account_id})
    }
    found = [one for _, one in sorted(every.items()) if _is_asked_for(call, one, ask)]
    page, token = after_token(found, [one.id for one in found], ask.next_token, ask.max_results)
    return ListVpcPeerConnectionsResponse(
        vpc_peer_connects=[ConnectionFields(**_fields(call, one)) for one in page],
        next_token=token,
        max_results=ask.max_results,
        total_count=len(found),
    )


def _is_asked_for(call: Call, one: PeerConnection, ask: ListVpcPeerConnectionsRequest) -> bool:
    tags, group_id = _side(call, one)
    return (
        ask.region_id in ("", one.region_id, one.accepting_region_id)
        and ask.instance_id in ("", one.id)
        and ask.name in ("", one.name)
        and ask.resource_group_id in ("", group_id)
        and (not ask.vpc_id or any(vpc_id in ask.vpc_id for vpc_id in one.vpc_ids))
        and carries(tags, ask.tags)
    )


def _side(call: Call, one: PeerConnection) -> tuple[dict[str, str], str]:
    """The tags and the resource group that the caller's account has given it."""
    found = call.state.get(PeerSide, one.id, call.account_id)
    return (found.tags, found.resource_group_id) if found else ({}, "")


def _fields(call: Call, one: PeerConnection) -> dict[str, Any]:
    """The values of ConnectionFields."""
    tags, group_id = _side(call, one)
    between = one.region_id != one.accepting_region_id
    return {
        "instance_id": one.id,
        "name": one.name,
        "description": one.description,
        "status": connections.status_of(one, call.now),
        "bandwidth": one.bandwidth,
        "link_type": "Gold" if between else "",
        "owner_id": int(one.account_id),
        "region_id": one.region_id,
        "vpc": _end(call, one, one.region_id, one.vpc_id),
        "accepting_owner_uid": int(one.accepting_account_id),
        "accepting_region_id": one.accepting_region_id,
        "accepting_vpc": _end(call, one, one.accepting_region_id, one.accepting_vpc_id),
        "resource_group_id": group_id,
        "gmt_create": one.created_at,
        "gmt_modified": one.modified_at,
        "gmt_expired": connections.expires_at(one),
        "tags": [Tag(key=key, value=value) for key, value in tags.items()],
    }


def _end(call: Call, one: PeerConnection, region_id: str, vpc_id: str) -> End:
    """What addresses the other account's VPC has is told when it has accepted."""
    at = call.cloud.in_use(region_id)
    owner = one.account_id if vpc_id == one.vpc_id else one.accepting_account_id
    if at is None or (owner != call.account_id and one.status in ("Accepting", "Rejected")):
        return End(vpc_id=vpc_id, ipv4_cidrs=[])
    if at is call.at:
        found = crossings.place(call.state, vpc_id)
    else:
        found = at.store.read(lambda state: crossings.place(state, vpc_id))
    return End(vpc_id=vpc_id, ipv4_cidrs=found[0] if found else [])
