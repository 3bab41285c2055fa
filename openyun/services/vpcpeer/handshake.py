"""Two accounts: one asks for a connection, the other accepts or rejects it."""

from __future__ import annotations

from openyun.clock import iso_seconds
from openyun.operation import Call, Request, Response, Tag
from openyun.services.vpcpeer import connections
from openyun.services.vpcpeer.errors import ConnectionNotFound, IncorrectStatus
from openyun.services.vpcpeer.records import PeerConnection
from openyun.services.vpcpeer.service import vpcpeer


class AcceptVpcPeerConnectionRequest(Request, kw_only=True):
    instance_id: str
    resource_group_id: str = ""
    tag: list[Tag] = []
    client_token: str = ""
    dry_run: bool = False


@vpcpeer.operation(resource="vpc:*", action="vpc:AcceptVpcPeerConnection")
def accept_vpc_peer_connection(call: Call, ask: AcceptVpcPeerConnectionRequest) -> Response:
    found = _waiting(call, ask.instance_id)
    connections.check_accepter(call, found)
    found.status = "Updating"
    connections.take_side(call, found, ask.resource_group_id, ask.tag)
    found.modified_at = iso_seconds(call.now)
    call.state.put(found)
    connections.wake(call, found)
    return Response()


class RejectVpcPeerConnectionRequest(Request, kw_only=True):
    instance_id: str
    client_token: str = ""
    dry_run: bool = False


@vpcpeer.operation(resource="vpc:*", action="vpc:RejectVpcPeerConnection")
def reject_vpc_peer_connection(call: Call, ask: RejectVpcPeerConnectionRequest) -> Response:
    found = _waiting(call, ask.instance_id)
    found.status = "Rejected"
    found.modified_at = iso_seconds(call.now)
    call.state.put(found)
    return Response()


def _waiting(call: Call, instance_id: str) -> PeerConnection:
    """The connection, if the account is the one to accept it. Raises ConnectionNotFound, IncorrectStatus."""
    found = connections.find(call, instance_id)
    if found.accepting_account_id != call.account_id:
        raise ConnectionNotFound(instance_id=instance_id)
    if connections.status_of(found, call.now) != "Accepting":
        raise IncorrectStatus(instance_id=instance_id)
    return found
