"""Peering connections: create, modify, delete.

Within one account a connection is made at once; another account has to accept it first.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from openyun.clock import iso_seconds, random_text
from openyun.cloud import RegionState
from openyun.errors import CloudError
from openyun.operation import Call, Request, Response, Tag
from openyun.region import find_region
from openyun.services import resource_groups
from openyun.services.naming import is_name
from openyun.services.vpc import errors as vpc_errors
from openyun.services.vpc import records as vpc_records
from openyun.services.vpc import tag_rules
from openyun.services.vpcpeer.errors import (
    AccepterNotFound,
    ConnectionExists,
    ConnectionNotFound,
    IllegalParameter,
    IncorrectAccepter,
    IncorrectRequester,
    IncorrectStatus,
    QuotaExceededRegion,
    QuotaExceededVpc,
    RequesterNotFound,
)
from openyun.services.vpcpeer.records import PeerConnection, PeerSide
from openyun.services.vpcpeer.service import vpcpeer
from openyun.state import Transaction

MOST_OF_A_VPC = 10
MOST_OF_A_REGION = 20
"""of the account that asks for them"""
BETWEEN_REGIONS = 1024
"""Mbit/s, unless it is said"""
PATIENCE = timedelta(days=7)
"""how long a connection waits to be accepted"""


def find(call: Call, instance_id: str) -> PeerConnection:
    """The connection, at either end of which the account is. Raises ConnectionNotFound."""
    found = call.state.get(PeerConnection, instance_id)
    if found is None or not found.is_of(call.account_id):
        raise ConnectionNotFound(instance_id=instance_id)
    return found


def status_of(one: PeerConnection, now: datetime) -> str:
    """As it is told."""
    if one.status == "Accepting" and now > _expiry(one):
        return "Expired"
    return one.status


def expires_at(one: PeerConnection) -> str:
    """When its request expires; empty if it is answered."""
    return iso_seconds(_expiry(one)) if one.status == "Accepting" else ""


def _expiry(one: PeerConnection) -> datetime:
    return datetime.fromisoformat(one.created_at) + PATIENCE


def wake(call: Call, one: PeerConnection) -> None:
    for region_id in {one.region_id, one.accepting_region_id}:
        at = call.cloud.in_use(region_id)
        if at is not None:
            call.state.after_commit(at.woken.set)


class CreateVpcPeerConnectionRequest(Request, kw_only=True):
    region_id: str
    vpc_id: str
    accepting_region_id: str
    accepting_vpc_id: str
    accepting_ali_uid: int = 0
    """the caller's own account if it is 0"""
    name: str = ""
    description: str = ""
    bandwidth: int = 0
    link_type: str = ""
    resource_group_id: str = ""
    tag: list[Tag] = []
    client_token: str = ""
    dry_run: bool = False


class CreateVpcPeerConnectionResponse(Response, kw_only=True):
    instance_id: str


@vpcpeer.operation(resource="vpc:*", action="vpc:CreateVpcPeerConnection")
def create_vpc_peer_connection(call: Call, ask: CreateVpcPeerConnectionRequest) -> CreateVpcPeerConnectionResponse:
    accepter = str(ask.accepting_ali_uid) if ask.accepting_ali_uid else call.account_id
    here = _available(call, ask.region_id, ask.vpc_id, call.account_id, RequesterNotFound, IncorrectRequester)
    if find_region(ask.accepting_region_id) is None:
        raise IllegalParameter("AcceptingRegionId")
    _available(call, ask.accepting_region_id, ask.accepting_vpc_id, accepter, AccepterNotFound, IncorrectAccepter)
    if ask.vpc_id == ask.accepting_vpc_id:
        raise IllegalParameter("AcceptingVpcId")
    _check_counts(call, ask)
    now = iso_seconds(call.now)
    made = PeerConnection(
        id=f"pcc-{here.region.id_code}{random_text(17)}",
        account_id=call.account_id,
        region_id=ask.region_id,
        vpc_id=ask.vpc_id,
        accepting_account_id=accepter,
        accepting_region_id=ask.accepting_region_id,
        accepting_vpc_id=ask.accepting_vpc_id,
        name=checked_name(ask.name),
        description=checked_description(ask.description),
        bandwidth=_bandwidth(ask.bandwidth, between=ask.region_id != ask.accepting_region_id),
        status="Creating" if accepter == call.account_id else "Accepting",
        created_at=now,
        modified_at=now,
    )
    _check_link(ask.link_type)
    call.state.insert(made)
    take_side(call, made, ask.resource_group_id, ask.tag)
    wake(call, made)
    return CreateVpcPeerConnectionResponse(instance_id=made.id)


class ModifyVpcPeerConnectionRequest(Request, kw_only=True):
    instance_id: str
    name: str | None = None
    description: str | None = None
    bandwidth: int = 0
    link_type: str = ""
    client_token: str = ""
    dry_run: bool = False


@vpcpeer.operation(resource="vpc:*", action="vpc:ModifyVpcPeerConnection")
def modify_vpc_peer_connection(call: Call, ask: ModifyVpcPeerConnectionRequest) -> Response:
    found = find(call, ask.instance_id)
    _check_link(ask.link_type)
    if found.status == "Deleting":
        raise IncorrectStatus(instance_id=found.id)
    if ask.name is not None:
        found.name = checked_name(ask.name)
    if ask.description is not None:
        found.description = checked_description(ask.description)
    if ask.bandwidth:
        if found.region_id == found.accepting_region_id:
            raise IllegalParameter("Bandwidth")
        found.bandwidth = _bandwidth(ask.bandwidth, between=True)
        if found.status == "Activated":
            found.status, found.standing = "Updating", []
        wake(call, found)
    found.modified_at = iso_seconds(call.now)
    call.state.put(found)
    return Response()


class DeleteVpcPeerConnectionRequest(Request, kw_only=True):
    instance_id: str
    force: bool = False
    client_token: str = ""
    dry_run: bool = False


@vpcpeer.operation(resource="vpc:*", action="vpc:DeleteVpcPeerConnection")
def delete_vpc_peer_connection(call: Call, ask: DeleteVpcPeerConnectionRequest) -> Response:
    """By either side. Without Force, routes into it stay, and lead nowhere."""
    found = find(call, ask.instance_id)
    if found.status == "Deleting":
        raise IncorrectStatus(instance_id=found.id)
    if found.status in ("Accepting", "Rejected"):
        forget(call.state, found)
    else:
        found.status, found.force = "Deleting", ask.force
        call.state.put(found)
    wake(call, found)
    return Response()


# Rules


def take_side(call: Call, one: PeerConnection, group_id: str, tags: Sequence[Tag]) -> None:
    """Raises ResourceGroupNotFound, and what is wrong with the tags."""
    call.state.put(
        PeerSide(
            id=one.id,
            account_id=call.account_id,
            resource_group_id=resource_groups.check(call, group_id or resource_groups.default_group(call.account_id)),
            tags=tag_rules.rules.checked(tags),
            created_at=iso_seconds(call.now),
        )
    )


def forget(state: Transaction, one: PeerConnection) -> None:
    for side in state.find(PeerSide, id=one.id):
        state.delete(side)
    state.delete(one)


def checked_name(text: str) -> str:
    if text and not is_name(text):
        raise IllegalParameter("Name")
    return text


def checked_description(text: str) -> str:
    if text and not is_name(text, longest=256):
        raise IllegalParameter("Description")
    return text


def check_accepter(call: Call, one: PeerConnection) -> None:
    """Both VPCs are still there."""
    _available(call, one.region_id, one.vpc_id, one.account_id, RequesterNotFound, IncorrectRequester)
    _available(
        call,
        one.accepting_region_id,
        one.accepting_vpc_id,
        one.accepting_account_id,
        AccepterNotFound,
        IncorrectAccepter,
    )


def _available(
    call: Call,
    region_id: str,
    vpc_id: str,
    account_id: str,
    missing: type[CloudError],
    unready: type[CloudError],
) -> RegionState:
    """The region, if the account's VPC is there and ready. Raises `missing`, `unready`."""
    at = call.cloud.in_use(region_id)
    found = _read(call, at, vpc_id) if at is not None else None
    if at is None or found is None or found.account_id != account_id:
        raise missing(vpc_id=vpc_id)
    if found.status != "Available":
        raise unready(vpc_id=vpc_id)
    return at


def _read(call: Call, at: RegionState, vpc_id: str) -> vpc_records.Vpc | None:
    if at is call.at:
        return call.state.get(vpc_records.Vpc, vpc_id)
    return at.store.read(lambda state: state.get(vpc_records.Vpc, vpc_id))


def _check_counts(call: Call, ask: CreateVpcPeerConnectionRequest) -> None:
    live = [
        one
        for column in ("vpc_id", "accepting_vpc_id")
        for one in call.state.find(PeerConnection, **{column: [ask.vpc_id, ask.accepting_vpc_id]})
        if one.status != "Rejected" and status_of(one, call.now) != "Expired"
    ]
    for one in live:
        if {*one.vpc_ids} == {ask.vpc_id, ask.accepting_vpc_id}:
            raise ConnectionExists(instance_id=one.id)
    for vpc_id in (ask.vpc_id, ask.accepting_vpc_id):
        if len({one.id for one in live if vpc_id in one.vpc_ids}) >= MOST_OF_A_VPC:
            raise QuotaExceededVpc(most=MOST_OF_A_VPC)
    own = call.state.find(PeerConnection, account_id=call.account_id)
    if sum(one.region_id == ask.region_id for one in own) >= MOST_OF_A_REGION:
        raise QuotaExceededRegion(most=MOST_OF_A_REGION)


def _bandwidth(asked: int, *, between: bool) -> int:
    """Within a region there is no limit, and none can be set."""
    if asked < 0 or (asked and not between):
        raise IllegalParameter("Bandwidth")
    return asked or (BETWEEN_REGIONS if between else -1)


def _check_link(asked: str) -> None:
    """There is one quality of lines."""
    vpc_errors.refuse(LinkType=asked not in ("", "Gold") and asked)
