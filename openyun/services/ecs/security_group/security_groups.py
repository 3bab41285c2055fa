"""Security groups: create, describe, modify, delete. Their rules and members have files of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from openyun.clock import iso_seconds
from openyun.errors import InvalidParameter
from openyun.operation import UNSET, Call, Model, Request, Response, Tag, Unset
from openyun.services.ecs import tags
from openyun.services.ecs.errors import SecurityGroupNotFound
from openyun.services.ecs.records import Instance, NetworkInterface, SecurityGroup
from openyun.services.ecs.security_group.errors import (
    HasInstances,
    InvalidPolicy,
    InvalidSecurityGroupDescription,
    InvalidSecurityGroupName,
    IsReferenced,
    QuotaExceedSecurityGroup,
    VpcIdMissing,
    VpcNotFound,
)
from openyun.services.ecs.service import ecs
from openyun.services.naming import is_name
from openyun.services.paging import InvalidPageSize, Paged, after_token, page_of
from openyun.services.tags import TagFields, carries, shown
from openyun.services.vpc import vpcs
from openyun.services.vpc.errors import DependencyViolationSecurityGroup
from openyun.state import Transaction

MOST_GROUPS = 100
"""of an account in a region"""
MOST_MEMBERS = {"normal": 2000, "enterprise": 65536}
MOST_ASKED = 100
"""ids in one request, and groups on a page that a NextToken leads to"""


# What other parts of the cloud may ask.


def find(call: Call, security_group_id: str) -> SecurityGroup:
    """The account's security group; raises SecurityGroupNotFound."""
    found = call.state.get(SecurityGroup, security_group_id)
    if found is None or found.account_id != call.account_id:
        raise SecurityGroupNotFound(security_group_id=security_group_id)
    return found


def referring(state: Transaction, group: SecurityGroup) -> list[SecurityGroup]:
    """Other groups with a rule about this one."""
    return [
        other
        for other in state.find(SecurityGroup, vpc_id=group.vpc_id)
        if other.id != group.id and any(group.id in (rule.source_group_id, rule.dest_group_id) for rule in other.rules)
    ]


def _none_is_left(state: Transaction, vpc_id: str) -> None:
    left = state.find(SecurityGroup, vpc_id=vpc_id)
    if left:
        raise DependencyViolationSecurityGroup(security_group_id=left[0].id)


vpcs.dependencies.append(_none_is_left)


# CreateSecurityGroup


class CreateSecurityGroupRequest(Request, kw_only=True):
    vpc_id: str = ""
    security_group_name: str = ""
    description: str = ""
    security_group_type: str = "normal"
    resource_group_id: str = ""
    tag: list[Tag] = []
    client_token: str = ""


class CreateSecurityGroupResponse(Response, kw_only=True):
    security_group_id: str


@ecs.operation(resource="securitygroup/*")
def create_security_group(call: Call, ask: CreateSecurityGroupRequest) -> CreateSecurityGroupResponse:
    if not ask.vpc_id:
        raise VpcIdMissing
    vpc = vpcs.find_available(call, ask.vpc_id, VpcNotFound)
    checked = tags.rules.checked(ask.tag)
    if call.state.count(SecurityGroup, account_id=call.account_id) >= MOST_GROUPS:
        raise QuotaExceedSecurityGroup
    if ask.security_group_type not in MOST_MEMBERS:
        raise InvalidParameter(parameter="SecurityGroupType")
    enterprise = ask.security_group_type == "enterprise"
    made = SecurityGroup(
        id=call.new_id("sg"),
        account_id=call.account_id,
        vpc_id=vpc.id,
        name=_name(ask.security_group_name),
        description=_description(ask.description),
        type="enterprise" if enterprise else "normal",
        inner_access_policy="Drop" if enterprise else "Accept",
        resource_group_id=ask.resource_group_id,
        created_at=iso_seconds(call.now),
        tags=checked,
    )
    call.state.insert(made)
    call.wake()
    return CreateSecurityGroupResponse(security_group_id=made.id)


# DescribeSecurityGroups


class SecurityGroupFields(Model, kw_only=True):
    security_group_id: str
    security_group_name: str
    description: str
    security_group_type: str
    vpc_id: str
    resource_group_id: str
    creation_time: str
    rule_count: int
    group_to_group_rule_count: int
    ecs_count: int | Unset = UNSET
    available_instance_amount: int | Unset = UNSET
    service_managed: bool = False
    tags: TagFields


class SecurityGroups(Model, kw_only=True):
    security_group: list[SecurityGroupFields]


class DescribeSecurityGroupsRequest(Paged, Request, kw_only=True):
    security_group_id: str = ""
    security_group_ids: list[str] = []
    security_group_name: str = ""
    security_group_type: str = ""
    vpc_id: str = ""
    network_type: str = ""
    resource_group_id: str = ""
    service_managed: bool | None = None
    tag: list[Tag] = []
    fuzzy_query: bool = False
    """SecurityGroupName may be any part of the name"""
    is_query_ecs_count: bool = False
    next_token: str = ""
    max_results: int | None = None
    dry_run: bool = False


class DescribeSecurityGroupsResponse(Response, kw_only=True):
    region_id: str
    page_number: int
    page_size: int
    total_count: int
    next_token: str
    security_groups: SecurityGroups


@ecs.operation(resource="securitygroup/*")
def describe_security_groups(call: Call, ask: DescribeSecurityGroupsRequest) -> DescribeSecurityGroupsResponse:
    found = [one for one in call.state.find(SecurityGroup, account_id=call.account_id) if _matches(one, ask)]
    found.sort(key=lambda one: one.id)
    if ask.next_token or ask.max_results is not None:
        size = 10 if ask.max_results is None else ask.max_results
        if not 1 <= size <= MOST_ASKED:
            raise InvalidPageSize(most=MOST_ASKED)
        page, token = after_token(found, [one.id for one in found], ask.next_token, size)
    else:
        page, token, size = page_of(ask, found), "", ask.page_size
    members = _member_counts(call, page) if ask.is_query_ecs_count else None
    return DescribeSecurityGroupsResponse(
        region_id=call.region.id,
        page_number=ask.page_number,
        page_size=size,
        total_count=len(found),
        next_token=token,
        security_groups=SecurityGroups(security_group=[_fields(one, members) for one in page]),
    )


# ModifySecurityGroupAttribute, ModifySecurityGroupPolicy, DeleteSecurityGroup


class ModifySecurityGroupAttributeRequest(Request, kw_only=True):
    security_group_id: str
    security_group_name: str | None = None
    description: str | None = None


@ecs.operation(resource="securitygroup/{security_group_id}")
def modify_security_group_attribute(call: Call, ask: ModifySecurityGroupAttributeRequest) -> Response:
    found = find(call, ask.security_group_id)
    if ask.security_group_name is not None:
        found.name = _name(ask.security_group_name)
    if ask.description is not None:
        found.description = _description(ask.description)
    call.state.put(found)
    return Response()


class ModifySecurityGroupPolicyRequest(Request, kw_only=True):
    security_group_id: str
    inner_access_policy: str
    client_token: str = ""


@ecs.operation(resource="securitygroup/{security_group_id}")
def modify_security_group_policy(call: Call, ask: ModifySecurityGroupPolicyRequest) -> Response:
    found = find(call, ask.security_group_id)
    wanted = ask.inner_access_policy.lower()
    # The members of an enterprise group are always kept apart.
    if wanted == "accept" and found.type == "normal":
        found.inner_access_policy = "Accept"
    elif wanted == "drop":
        found.inner_access_policy = "Drop"
    else:
        raise InvalidPolicy
    call.state.put(found)
    call.wake()
    return Response()


class DeleteSecurityGroupRequest(Request, kw_only=True):
    security_group_id: str


@ecs.operation(resource="securitygroup/{security_group_id}")
def delete_security_group(call: Call, ask: DeleteSecurityGroupRequest) -> Response:
    found = find(call, ask.security_group_id)
    # That of an instance that is being deleted still counts: until it is gone, its port needs the group's rules.
    if any(found.id in one.security_group_ids for one in call.state.find(NetworkInterface, vpc_id=found.vpc_id)):
        raise HasInstances
    for other in referring(call.state, found):
        raise IsReferenced(security_group_id=other.id)
    call.state.delete(found)
    call.wake()
    return Response()


# DescribeSecurityGroupReferences


class ReferencingSecurityGroup(Model, kw_only=True):
    ali_uid: str
    security_group_id: str


class ReferencingSecurityGroups(Model, kw_only=True):
    referencing_security_group: list[ReferencingSecurityGroup]


class SecurityGroupReference(Model, kw_only=True):
    security_group_id: str
    referencing_security_groups: ReferencingSecurityGroups


class SecurityGroupReferences(Model, kw_only=True):
    security_group_reference: list[SecurityGroupReference]


class DescribeSecurityGroupReferencesRequest(Request, kw_only=True):
    security_group_id: list[str]


class DescribeSecurityGroupReferencesResponse(Response, kw_only=True):
    security_group_references: SecurityGroupReferences


@ecs.operation(resource="securitygroup/{security_group_id}")
def describe_security_group_references(
    call: Call, ask: DescribeSecurityGroupReferencesRequest
) -> DescribeSecurityGroupReferencesResponse:
    """Groups that nobody refers to are left out."""
    if len(ask.security_group_id) > MOST_ASKED:
        raise InvalidParameter(parameter="SecurityGroupId")
    references = []
    for group in [find(call, security_group_id) for security_group_id in dict.fromkeys(ask.security_group_id)]:
        others = [
            ReferencingSecurityGroup(ali_uid=other.account_id, security_group_id=other.id)
            for other in referring(call.state, group)
        ]
        if others:
            references.append(
                SecurityGroupReference(
                    security_group_id=group.id,
                    referencing_security_groups=ReferencingSecurityGroups(referencing_security_group=others),
                )
            )
    return DescribeSecurityGroupReferencesResponse(
        security_group_references=SecurityGroupReferences(security_group_reference=references)
    )


# Rules


def _name(text: str) -> str:
    if text and not (is_name(text, shortest=2) and text[0].isalpha()):
        raise InvalidSecurityGroupName
    return text


def _description(text: str) -> str:
    if text and not is_name(text, shortest=2, longest=256):
        raise InvalidSecurityGroupDescription
    return text


def _matches(one: SecurityGroup, ask: DescribeSecurityGroupsRequest) -> bool:
    return (
        ask.security_group_id in ("", one.id)
        and (not ask.security_group_ids or one.id in ask.security_group_ids)
        and (ask.security_group_name in ("", one.name) or (ask.fuzzy_query and ask.security_group_name in one.name))
        and ask.security_group_type in ("", one.type)
        and ask.vpc_id in ("", one.vpc_id)
        and ask.network_type in ("", "vpc")
        and ask.resource_group_id in ("", one.resource_group_id)
        and not ask.service_managed
        and carries(one.tags, ask.tag)
    )


def _member_counts(call: Call, groups: Sequence[SecurityGroup]) -> Counter[str]:
    """How many instances each of these groups has."""
    counts: Counter[str] = Counter()
    for one in call.state.find(Instance, vpc_id=list({group.vpc_id for group in groups})):
        counts.update(one.security_group_ids)
    return counts


def _fields(one: SecurityGroup, members: Counter[str] | None) -> SecurityGroupFields:
    return SecurityGroupFields(
        security_group_id=one.id,
        security_group_name=one.name,
        description=one.description,
        security_group_type=one.type,
        vpc_id=one.vpc_id,
        resource_group_id=one.resource_group_id,
        creation_time=one.created_at,
        rule_count=len(one.rules),
        group_to_group_rule_count=sum(bool(rule.source_group_id or rule.dest_group_id) for rule in one.rules),
        ecs_count=UNSET if members is None else members[one.id],
        available_instance_amount=UNSET if members is None else MOST_MEMBERS[one.type] - members[one.id],
        tags=shown(one.tags),
    )
