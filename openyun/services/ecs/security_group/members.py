"""Members of security groups: instances and network interfaces join and leave."""

from __future__ import annotations

from openyun.errors import MissingParameter
from openyun.operation import Call, Request, Response
from openyun.services.ecs.errors import IncorrectInstanceStatus, SecurityGroupTypesMixed
from openyun.services.ecs.instance import instances
from openyun.services.ecs.network_interface import interfaces
from openyun.services.ecs.records import Instance, NetworkInterface, SecurityGroup
from openyun.services.ecs.security_group import security_groups
from openyun.services.ecs.security_group.errors import (
    AlreadyInGroup,
    InstanceAndNetworkInterface,
    InstanceInOtherVpc,
    InstanceInTooManyGroups,
    LastGroup,
    NetworkInterfaceNotFound,
    NotInGroup,
)
from openyun.services.ecs.service import ecs

MOST_GROUPS = 5
"""that one instance is in"""


class JoinSecurityGroupRequest(Request, kw_only=True):
    security_group_id: str
    instance_id: str = ""
    network_interface_id: str = ""
    """one interface, where InstanceId means the instance's primary one"""


@ecs.operation(resource=("securitygroup/{security_group_id}", "instance/{instance_id}"))
def join_security_group(call: Call, ask: JoinSecurityGroupRequest) -> Response:
    group = security_groups.find(call, ask.security_group_id)
    member = _settled_member(call, ask)
    if member.vpc_id != group.vpc_id:
        raise InstanceInOtherVpc
    if group.id in member.security_group_ids:
        raise AlreadyInGroup
    if len(member.security_group_ids) >= MOST_GROUPS:
        raise InstanceInTooManyGroups(most=MOST_GROUPS)
    others = call.state.find(SecurityGroup, id=member.security_group_ids)
    if any(other.type != group.type for other in others):
        raise SecurityGroupTypesMixed
    return _changed(call, member, [*member.security_group_ids, group.id])


class LeaveSecurityGroupRequest(JoinSecurityGroupRequest, kw_only=True):
    pass


@ecs.operation(resource=("securitygroup/{security_group_id}", "instance/{instance_id}"))
def leave_security_group(call: Call, ask: LeaveSecurityGroupRequest) -> Response:
    group = security_groups.find(call, ask.security_group_id)
    member = _settled_member(call, ask)
    if group.id not in member.security_group_ids:
        raise NotInGroup
    if len(member.security_group_ids) == 1:
        raise LastGroup
    return _changed(call, member, [one for one in member.security_group_ids if one != group.id])


def _settled_member(call: Call, ask: JoinSecurityGroupRequest) -> NetworkInterface:
    """The interface that is named, or the primary one of the instance."""
    if ask.instance_id and ask.network_interface_id:
        raise InstanceAndNetworkInterface
    if ask.instance_id:
        instance = instances.find(call, ask.instance_id)
        found = interfaces.find(call, instance.network_interface_id)
    elif ask.network_interface_id:
        found = _interface(call, ask.network_interface_id)
        owner = call.state.get(Instance, found.instance_id) if found.instance_id else None
        call.demand([f"instance/{owner.id}" if owner else f"eni/{found.id}"])
        if owner is None:
            return found
        instance = owner
    else:
        raise MissingParameter(parameter="InstanceId")
    if instance.status not in ("Running", "Stopped"):
        raise IncorrectInstanceStatus
    return found


def _interface(call: Call, network_interface_id: str) -> NetworkInterface:
    found = call.state.get(NetworkInterface, network_interface_id)
    if found is None or found.account_id != call.account_id or not interfaces.lives(call.state, found):
        raise NetworkInterfaceNotFound(network_interface_id=network_interface_id)
    return found


def _changed(call: Call, member: NetworkInterface, security_group_ids: list[str]) -> Response:
    interfaces.put_into_groups(call.state, member, security_group_ids)
    call.wake()
    return Response()
