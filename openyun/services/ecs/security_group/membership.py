"""Which security groups an interface may be in together."""

from __future__ import annotations

from openyun.errors import MissingParameter
from openyun.operation import Call
from openyun.services.ecs import errors
from openyun.services.ecs.records import SecurityGroup

MOST_SECURITY_GROUPS = 10


def check_groups(call: Call, security_group_ids: list[str], vpc_id: str, v_switch_id: str) -> None:
    """All of this account, all of the interface's VPC, each once, and of one type."""
    if not security_group_ids:
        raise MissingParameter(parameter="SecurityGroupId")
    if len(security_group_ids) > MOST_SECURITY_GROUPS:
        raise errors.TooManySecurityGroups(most=MOST_SECURITY_GROUPS)
    types = set()
    seen = set()
    for group_id in security_group_ids:
        if group_id in seen:
            raise errors.SecurityGroupRepeated(security_group_id=group_id)
        seen.add(group_id)
        group = call.state.get(SecurityGroup, group_id)
        if group is None or group.account_id != call.account_id:
            raise errors.SecurityGroupNotFound(security_group_id=group_id)
        if group.vpc_id != vpc_id:
            raise errors.SecurityGroupInOtherVpc(security_group_id=group_id, v_switch_id=v_switch_id)
        types.add(group.type)
    if len(types) > 1:
        raise errors.SecurityGroupTypesMixed
