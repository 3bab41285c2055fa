"""Members of security groups: instances join and leave."""

from __future__ import annotations

from openyun.errors import MissingParameter
from openyun.operation import Call, Request, Response
from openyun.services.ecs.errors import IncorrectInstanceStatus, SecurityGroupTypesMixed
from openyun.services.ecs.instance import instances
from openyun.services.ecs.records import Instance, SecurityGroup
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
    """an instance's primary network interface stands for the instance"""


@ecs.operation(resource=("securitygroup/{security_group_id}", "instance/{instance_id}"))
def join_security_group(call: Call, ask: JoinSecurityGroupRequest) -> Response:
    group = security_groups.find(call, ask.security_group_id)
    instance = _settled_instance(call, ask)
    if instance.vpc_id != group.vpc_id:
        raise InstanceInOtherVpc
    if group.id in instance.security_group_ids:
        raise AlreadyInGroup
    if len(instance.security_group_ids) >= MOST_GROUPS:
        raise InstanceInTooManyGroups(most=MOST_GROUPS)
    others = call.state.find(SecurityGroup, id=instance.security_group_ids)
    if any(other.type != group.type for other in others):
        raise SecurityGroupTypesMixed
    instance.security_group_ids.append(group.id)
    return _changed(call, instance)


class LeaveSecurityGroupRequest(JoinSecurityGroupRequest, kw_only=True):
    pass


@ecs.operation(resource=("securitygroup/{security_group_id}", "instance/{instance_id}"))
def leave_security_group(call: Call, ask: LeaveSecurityGroupRequest) -> Response:
    group = security_groups.find(call, ask.security_group_id)
    instance = _settled_instance(call, ask)
    if group.id not in instance.security_group_ids:
        raise NotInGroup
    if len(instance.security_group_ids) == 1:
        raise LastGroup
    instance.security_group_ids.remove(group.id)
    return _changed(call, instance)


def _settled_instance(call: Call, ask: JoinSecurityGroupRequest) -> Instance:
    if ask.instance_id and ask.network_interface_id:
        raise InstanceAndNetworkInterface
    if ask.instance_id:
        found = instances.find(call, ask.instance_id)
    elif ask.network_interface_id:
        found = _owner(call, ask.network_interface_id)
        call.demand([f"instance/{found.id}"])
    else:
        raise MissingParameter(parameter="InstanceId")
    if found.status not in ("Running", "Stopped"):
        raise IncorrectInstanceStatus
    return found


def _owner(call: Call, network_interface_id: str) -> Instance:
    for one in call.state.find(Instance, account_id=call.account_id):
        if one.network_interface_id == network_interface_id and one.wanted != "Deleted":
            return one
    raise NetworkInterfaceNotFound(network_interface_id=network_interface_id)


def _changed(call: Call, instance: Instance) -> Response:
    instance.due = True
    call.state.put(instance)
    call.wake()
    return Response()
