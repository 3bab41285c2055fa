"""Rules of security groups: authorize, revoke, modify, describe. The reconciler loads them into the network."""

from __future__ import annotations

from collections.abc import Sequence

from openyun.clock import iso_seconds
from openyun.errors import CloudError, InvalidParameter
from openyun.operation import Call, Model, Request, Response
from openyun.services.ecs.records import PrefixList, Rule, SecurityGroup
from openyun.services.ecs.security_group import security_groups
from openyun.services.ecs.security_group.errors import (
    AuthorizationLimitExceed,
    InvalidNicType,
    InvalidPortRange,
    InvalidPortRangeToRevoke,
    InvalidRuleDescription,
    RuleNotFound,
)
from openyun.services.ecs.security_group.permissions import (
    Direction,
    EgressPermission,
    IngressPermission,
    Permission,
    meaning,
    read,
)
from openyun.services.ecs.service import ecs
from openyun.services.naming import is_name
from openyun.services.paging import InvalidPageSize, after_token

MOST_RULES = 200
"""of both directions in a group"""
MOST_PERMISSIONS = 100
"""in one request"""
MOST_PEERS = 20
"""other groups that the rules of a group refer to"""
LISTED = 500
"""rules on a page of DescribeSecurityGroupAttribute"""


# AuthorizeSecurityGroup, AuthorizeSecurityGroupEgress


class AuthorizeSecurityGroupRequest(IngressPermission, Request, kw_only=True):
    """One rule in the request's own fields, or several in Permissions.N."""

    security_group_id: str
    permissions: list[IngressPermission] = []
    client_token: str = ""


@ecs.operation(resource="securitygroup/{security_group_id}")
def authorize_security_group(call: Call, ask: AuthorizeSecurityGroupRequest) -> Response:
    return _authorize(call, ask.security_group_id, ask.permissions or [ask])


class AuthorizeSecurityGroupEgressRequest(EgressPermission, Request, kw_only=True):
    security_group_id: str
    permissions: list[EgressPermission] = []
    client_token: str = ""


@ecs.operation(resource="securitygroup/{security_group_id}")
def authorize_security_group_egress(call: Call, ask: AuthorizeSecurityGroupEgressRequest) -> Response:
    return _authorize(call, ask.security_group_id, ask.permissions or [ask])


def _authorize(call: Call, security_group_id: str, permissions: Sequence[Permission]) -> Response:
    """A rule that is there already is no error, and not added again."""
    group = security_groups.find(call, security_group_id)
    known = {meaning(rule) for rule in group.rules}
    for rule in _read(call, group, permissions):
        if meaning(rule) in known:
            continue
        known.add(meaning(rule))
        rule.created_at = iso_seconds(call.now)
        group.rules.append(rule)
    return _keep(call, group)


# RevokeSecurityGroup, RevokeSecurityGroupEgress


class RevokeSecurityGroupRequest(IngressPermission, Request, kw_only=True):
    """Rules by their ids, or one in the request's own fields, or several in Permissions.N."""

    security_group_id: str
    security_group_rule_id: list[str] = []
    permissions: list[IngressPermission] = []
    client_token: str = ""


@ecs.operation(resource="securitygroup/{security_group_id}")
def revoke_security_group(call: Call, ask: RevokeSecurityGroupRequest) -> Response:
    group = security_groups.find(call, ask.security_group_id)
    return _revoke(call, group, "ingress", ask.security_group_rule_id, ask.permissions or [ask])


class RevokeSecurityGroupEgressRequest(EgressPermission, Request, kw_only=True):
    security_group_id: str
    security_group_rule_id: list[str] = []
    permissions: list[EgressPermission] = []
    client_token: str = ""


@ecs.operation(resource="securitygroup/{security_group_id}")
def revoke_security_group_egress(call: Call, ask: RevokeSecurityGroupEgressRequest) -> Response:
    group = security_groups.find(call, ask.security_group_id)
    return _revoke(call, group, "egress", ask.security_group_rule_id, ask.permissions or [ask])


def _revoke(
    call: Call, group: SecurityGroup, direction: Direction, rule_ids: list[str], permissions: Sequence[Permission]
) -> Response:
    """A rule that is not there is no error."""
    asked = [] if rule_ids else _read(call, group, permissions, InvalidPortRangeToRevoke)
    gone = {meaning(rule) for rule in asked}
    group.rules = [
        rule
        for rule in group.rules
        if not (rule.direction == direction and rule.id in rule_ids) and meaning(rule) not in gone
    ]
    return _keep(call, group)


# ModifySecurityGroupRule, ModifySecurityGroupEgressRule


class ModifySecurityGroupRuleRequest(IngressPermission, Request, kw_only=True):
    """With the rule's id, changes whatever else is given; without, finds the rule and changes its description."""

    security_group_id: str
    security_group_rule_id: str = ""
    client_token: str = ""


@ecs.operation(resource="securitygroup/{security_group_id}")
def modify_security_group_rule(call: Call, ask: ModifySecurityGroupRuleRequest) -> Response:
    group = security_groups.find(call, ask.security_group_id)
    if not ask.security_group_rule_id:
        return _describe_anew(call, group, ask)
    old = _rule(group, "ingress", ask.security_group_rule_id)
    source = ask.source_cidr_ip or ask.ipv6_source_cidr_ip or ask.source_group_id or ask.source_prefix_list_id
    asked = IngressPermission(
        **_merged(old, ask),
        dest_cidr_ip=ask.dest_cidr_ip or old.dest_cidr_ip,
        ipv6_dest_cidr_ip=ask.ipv6_dest_cidr_ip or old.ipv6_dest_cidr_ip,
        source_cidr_ip=ask.source_cidr_ip if source else old.source_cidr_ip,
        ipv6_source_cidr_ip=ask.ipv6_source_cidr_ip if source else old.ipv6_source_cidr_ip,
        source_group_id=ask.source_group_id if source else old.source_group_id,
        source_group_owner_id=ask.source_group_owner_id if source else old.source_group_owner,
        source_prefix_list_id=ask.source_prefix_list_id if source else old.prefix_list_id,
    )
    return _replace(call, group, old, asked)


class ModifySecurityGroupEgressRuleRequest(EgressPermission, Request, kw_only=True):
    security_group_id: str
    security_group_rule_id: str = ""
    client_token: str = ""


@ecs.operation(resource="securitygroup/{security_group_id}")
def modify_security_group_egress_rule(call: Call, ask: ModifySecurityGroupEgressRuleRequest) -> Response:
    group = security_groups.find(call, ask.security_group_id)
    if not ask.security_group_rule_id:
        return _describe_anew(call, group, ask)
    old = _rule(group, "egress", ask.security_group_rule_id)
    dest = ask.dest_cidr_ip or ask.ipv6_dest_cidr_ip or ask.dest_group_id or ask.dest_prefix_list_id
    asked = EgressPermission(
        **_merged(old, ask),
        source_cidr_ip=ask.source_cidr_ip or old.source_cidr_ip,
        ipv6_source_cidr_ip=ask.ipv6_source_cidr_ip or old.ipv6_source_cidr_ip,
        dest_cidr_ip=ask.dest_cidr_ip if dest else old.dest_cidr_ip,
        ipv6_dest_cidr_ip=ask.ipv6_dest_cidr_ip if dest else old.ipv6_dest_cidr_ip,
        dest_group_id=ask.dest_group_id if dest else old.dest_group_id,
        dest_group_owner_id=ask.dest_group_owner_id if dest else old.dest_group_owner,
        dest_prefix_list_id=ask.dest_prefix_list_id if dest else old.prefix_list_id,
    )
    return _replace(call, group, old, asked)


def _merged(old: Rule, ask: Permission) -> dict[str, str]:
    """The fields of both directions: as asked, else as they were."""
    same_protocol = ask.ip_protocol.lower() in ("", old.protocol.lower())
    return {
        "ip_protocol": ask.ip_protocol or old.protocol,
        "port_range": ask.port_range or (old.port_range if same_protocol else ""),
        "source_port_range": ask.source_port_range or (old.source_port_range if same_protocol else ""),
        "policy": ask.policy or old.policy,
        "priority": ask.priority or str(old.priority),
        "nic_type": ask.nic_type,
        "description": ask.description or old.description,
    }


def _replace(call: Call, group: SecurityGroup, old: Rule, asked: Permission) -> Response:
    new = read(call, group, asked)
    new.id, new.created_at = old.id, old.created_at
    group.rules[group.rules.index(old)] = new
    return _keep(call, group)


def _describe_anew(call: Call, group: SecurityGroup, ask: Permission) -> Response:
    wanted = read(call, group, ask)
    found = next((rule for rule in group.rules if meaning(rule) == meaning(wanted)), None)
    if found is None:
        raise RuleNotFound
    if not is_name(ask.description, longest=512):
        raise InvalidRuleDescription
    found.description = ask.description
    return _keep(call, group)


def _rule(group: SecurityGroup, direction: Direction, rule_id: str) -> Rule:
    for rule in group.rules:
        if rule.id == rule_id and rule.direction == direction:
            return rule
    raise RuleNotFound


# DescribeSecurityGroupAttribute


class PermissionFields(Model, kw_only=True):
    security_group_rule_id: str
    direction: str
    ip_protocol: str
    port_range: str
    port_range_list_id: str = ""
    port_range_list_name: str = ""
    source_port_range: str
    policy: str
    priority: str
    nic_type: str
    description: str
    create_time: str
    source_cidr_ip: str
    ipv6_source_cidr_ip: str
    source_group_id: str
    source_group_name: str
    source_group_owner_account: str
    source_prefix_list_id: str = ""
    source_prefix_list_name: str = ""
    dest_cidr_ip: str
    ipv6_dest_cidr_ip: str
    dest_group_id: str
    dest_group_name: str
    dest_group_owner_account: str
    dest_prefix_list_id: str = ""
    dest_prefix_list_name: str = ""


class Permissions(Model, kw_only=True):
    permission: list[PermissionFields]


class DescribeSecurityGroupAttributeRequest(Request, kw_only=True):
    security_group_id: str
    nic_type: str = ""
    direction: str = "all"
    next_token: str = ""
    max_results: int = LISTED


class DescribeSecurityGroupAttributeResponse(Response, kw_only=True):
    security_group_id: str
    security_group_name: str
    description: str
    vpc_id: str
    region_id: str
    inner_access_policy: str
    permissions: Permissions
    next_token: str


@ecs.operation(resource="securitygroup/{security_group_id}")
def describe_security_group_attribute(
    call: Call, ask: DescribeSecurityGroupAttributeRequest
) -> DescribeSecurityGroupAttributeResponse:
    group = security_groups.find(call, ask.security_group_id)
    if ask.nic_type.lower() not in ("", "intranet", "internet"):
        raise InvalidNicType
    if not 1 <= ask.max_results <= 1000:
        raise InvalidPageSize(most=1000)
    wanted = ask.direction.lower()
    rules = [rule for rule in group.rules if wanted in ("", "all", rule.direction)]
    rules.sort(key=_place)
    page, token = after_token(rules, [_place(rule) for rule in rules], ask.next_token, ask.max_results)
    names = _names_of_peers(call, page)
    return DescribeSecurityGroupAttributeResponse(
        security_group_id=group.id,
        security_group_name=group.name,
        description=group.description,
        vpc_id=group.vpc_id,
        region_id=call.region.id,
        inner_access_policy=group.inner_access_policy,
        permissions=Permissions(permission=[_fields(rule, names) for rule in page]),
        next_token=token,
    )


# Rules of rules


def _read(
    call: Call,
    group: SecurityGroup,
    permissions: Sequence[Permission],
    bad_ports: type[CloudError] = InvalidPortRange,
) -> list[Rule]:
    if len(permissions) > MOST_PERMISSIONS:
        raise InvalidParameter(parameter="Permissions")
    return [read(call, group, one, bad_ports=bad_ports) for one in permissions]


def _keep(call: Call, group: SecurityGroup) -> Response:
    peers = {rule.source_group_id or rule.dest_group_id for rule in group.rules} - {""}
    lists = call.state.find(PrefixList, id=[rule.prefix_list_id for rule in group.rules if rule.prefix_list_id])
    sizes = {one.id: one.max_entries for one in lists}
    # A prefix list counts as if it were full, so that it can grow.
    if sum(sizes.get(rule.prefix_list_id, 1) for rule in group.rules) > MOST_RULES:
        raise AuthorizationLimitExceed(most=MOST_RULES)
    if len(peers) > MOST_PEERS:
        raise AuthorizationLimitExceed(most=MOST_PEERS)
    call.state.put(group)
    call.wake()
    return Response()


def _place(rule: Rule) -> str:
    return f"{rule.created_at} {rule.id}"


def _names_of_peers(call: Call, rules: Sequence[Rule]) -> dict[str, str]:
    ids = {group_id for rule in rules for group_id in (rule.source_group_id, rule.dest_group_id) if group_id}
    lists = {rule.prefix_list_id for rule in rules if rule.prefix_list_id}
    names = {one.id: one.name for one in call.state.find(SecurityGroup, id=sorted(ids))} if ids else {}
    return names | ({one.id: one.name for one in call.state.find(PrefixList, id=sorted(lists))} if lists else {})


def _fields(rule: Rule, names: dict[str, str]) -> PermissionFields:
    return PermissionFields(
        security_group_rule_id=rule.id,
        direction=rule.direction,
        ip_protocol=rule.protocol,
        port_range=rule.port_range,
        source_port_range=rule.source_port_range,
        policy=rule.policy,
        priority=str(rule.priority),
        nic_type=rule.nic_type,
        description=rule.description,
        create_time=rule.created_at,
        source_cidr_ip=rule.source_cidr_ip,
        ipv6_source_cidr_ip=rule.ipv6_source_cidr_ip,
        source_group_id=rule.source_group_id,
        source_group_name=names.get(rule.source_group_id, ""),
        source_group_owner_account=rule.source_group_owner,
        source_prefix_list_id=rule.prefix_list_id if rule.direction == "ingress" else "",
        source_prefix_list_name=names.get(rule.prefix_list_id, "") if rule.direction == "ingress" else "",
        dest_cidr_ip=rule.dest_cidr_ip,
        ipv6_dest_cidr_ip=rule.ipv6_dest_cidr_ip,
        dest_group_id=rule.dest_group_id,
        dest_group_name=names.get(rule.dest_group_id, ""),
        dest_group_owner_account=rule.dest_group_owner,
        dest_prefix_list_id=rule.prefix_list_id if rule.direction == "egress" else "",
        dest_prefix_list_name=names.get(rule.prefix_list_id, "") if rule.direction == "egress" else "",
    )
