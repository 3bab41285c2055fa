"""RAM roles of instances: a program in the instance gets the role's credentials from the metadata service."""

from __future__ import annotations

from openyun.access import policy
from openyun.access.identity import Role
from openyun.access.policy import MalformedPolicy
from openyun.clock import iso_seconds
from openyun.errors import CloudError
from openyun.operation import Call, Model, Request, Response
from openyun.region import HOME
from openyun.services.ecs.errors import (
    InvalidInstanceIds,
    PassRoleForbidden,
    RamRoleNotEcsRole,
    RamRoleNotFound,
)
from openyun.services.ecs.instance import instances
from openyun.services.ecs.records import Instance
from openyun.services.ecs.service import ecs
from openyun.services.paging import Paged, page_of
from openyun.state import Transaction

SERVICE = "ecs.aliyuncs.com"
MOST_INSTANCES = 100


def passed(call: Call, ram_role_name: str) -> str:
    """The name, if the caller may give this role to an instance.

    Raises RamRoleNotFound, RamRoleNotEcsRole, PassRoleForbidden."""
    role, allowed = _identity(call, ram_role_name)
    if role is None:
        raise RamRoleNotFound(ram_role_name=ram_role_name)
    if not trusts_instances(role):
        raise RamRoleNotEcsRole(ram_role_name=ram_role_name)
    if not allowed:
        raise PassRoleForbidden(ram_role_name=ram_role_name)
    return ram_role_name


def trusts_instances(role: Role) -> bool:
    """Whether instances of the role's account may assume it."""
    try:
        trust = policy.parse_trust(role.trust_policy)
    except MalformedPolicy:
        return False
    party = {"Service": [SERVICE, f"{role.account_id}@{SERVICE}"]}
    return policy.trusts(trust, party, "sts:AssumeRole", {}).allowed


def _identity(call: Call, ram_role_name: str) -> tuple[Role | None, bool]:
    """The role, and whether the caller may pass it: else a user could lend itself any role through an instance."""

    def work(state: Transaction) -> tuple[Role | None, bool]:
        role = state.get(Role, call.account_id, ram_role_name)
        return role, role is not None and _may_pass(call, state, role)

    return work(call.state) if call.region.id == HOME.id else call.cloud.identity(call.region.id, work)


def _may_pass(call: Call, state: Transaction, role: Role) -> bool:
    principal = call.principal
    if principal.kind == "root":
        return True
    context = {
        "acs:SourceIp": call.source_ip,
        "acs:CurrentTime": iso_seconds(call.now),
        "acs:SecureTransport": "true" if call.secure else "false",
        "acs:MFAPresent": "true" if principal.mfa_present else "false",
        "acs:Service": SERVICE,
    }
    session = policy.parse(principal.session_policy) if principal.session_policy else None
    directory = call.cloud.directory
    policies, bounds = directory.policies(state, principal), directory.bounds(state, principal.account_id)
    return policy.decide(policies, "ram:PassRole", role.arn, context, session=session, bounds=bounds).allowed


# AttachInstanceRamRole, DetachInstanceRamRole


class AttachInstanceRamRoleResult(Model, kw_only=True):
    instance_id: str
    code: str = "200"
    message: str = "success"
    success: bool = True


class AttachInstanceRamRoleResults(Model):
    attach_instance_ram_role_result: list[AttachInstanceRamRoleResult]


class AttachInstanceRamRoleRequest(Request, kw_only=True):
    region_id: str
    instance_ids: list[str]
    ram_role_name: str


class AttachInstanceRamRoleResponse(Response, kw_only=True):
    ram_role_name: str
    total_count: int
    fail_count: int
    attach_instance_ram_role_results: AttachInstanceRamRoleResults


class OtherRoleAttached(CloudError):
    status = 403
    code = "InvalidInstance.RoleAlreadyExists"
    message = "The instance {instance_id} already has the RAM role {ram_role_name}."


class RoleNotAttached(CloudError):
    status = 403
    code = "InvalidInstance.RoleNotAttached"
    message = "The instance {instance_id} does not have the RAM role {ram_role_name}."


@ecs.operation(resource="instance/{instance_ids}")
def attach_instance_ram_role(call: Call, ask: AttachInstanceRamRoleRequest) -> AttachInstanceRamRoleResponse:
    _check_count(ask.instance_ids)
    passed(call, ask.ram_role_name)
    results = []
    for instance_id in ask.instance_ids:
        try:
            one = instances.find(call, instance_id)
            if one.ram_role_name not in ("", ask.ram_role_name):
                raise OtherRoleAttached(instance_id=instance_id, ram_role_name=one.ram_role_name)
        except CloudError as problem:
            results.append(
                AttachInstanceRamRoleResult(
                    instance_id=instance_id, code=problem.code, message=problem.text, success=False
                )
            )
            continue
        one.ram_role_name = ask.ram_role_name
        call.state.put(one)
        results.append(AttachInstanceRamRoleResult(instance_id=instance_id))
    return AttachInstanceRamRoleResponse(
        ram_role_name=ask.ram_role_name,
        total_count=len(results),
        fail_count=sum(not one.success for one in results),
        attach_instance_ram_role_results=AttachInstanceRamRoleResults(attach_instance_ram_role_result=results),
    )


class InstanceRamRole(Model, kw_only=True):
    instance_id: str
    ram_role_name: str


class InstanceRamRoleSets(Model):
    instance_ram_role_set: list[InstanceRamRole] = []


class DetachInstanceRamRoleResult(Model, kw_only=True):
    instance_id: str
    code: str = "200"
    message: str = "success"
    success: bool = True
    instance_ram_role_sets: InstanceRamRoleSets


class DetachInstanceRamRoleResults(Model):
    detach_instance_ram_role_result: list[DetachInstanceRamRoleResult]


class DetachInstanceRamRoleRequest(Request, kw_only=True):
    region_id: str
    instance_ids: list[str]
    ram_role_name: str = ""


class DetachInstanceRamRoleResponse(Response, kw_only=True):
    ram_role_name: str
    total_count: int
    fail_count: int
    detach_instance_ram_role_results: DetachInstanceRamRoleResults


@ecs.operation(resource="instance/{instance_ids}")
def detach_instance_ram_role(call: Call, ask: DetachInstanceRamRoleRequest) -> DetachInstanceRamRoleResponse:
    _check_count(ask.instance_ids)
    results = []
    for instance_id in ask.instance_ids:
        held = InstanceRamRoleSets()
        try:
            one = instances.find(call, instance_id)
            if one.ram_role_name:
                held = InstanceRamRoleSets([InstanceRamRole(instance_id=one.id, ram_role_name=one.ram_role_name)])
            if ask.ram_role_name not in ("", one.ram_role_name):
                raise RoleNotAttached(instance_id=instance_id, ram_role_name=ask.ram_role_name)
        except CloudError as problem:
            results.append(
                DetachInstanceRamRoleResult(
                    instance_id=instance_id,
                    code=problem.code,
                    message=problem.text,
                    success=False,
                    instance_ram_role_sets=held,
                )
            )
            continue
        one.ram_role_name = ""
        call.state.put(one)
        results.append(DetachInstanceRamRoleResult(instance_id=instance_id, instance_ram_role_sets=held))
    return DetachInstanceRamRoleResponse(
        ram_role_name=ask.ram_role_name,
        total_count=len(results),
        fail_count=sum(not one.success for one in results),
        detach_instance_ram_role_results=DetachInstanceRamRoleResults(detach_instance_ram_role_result=results),
    )


# DescribeInstanceRamRole


class DescribeInstanceRamRoleRequest(Paged, Request, kw_only=True):
    region_id: str
    instance_ids: list[str] = []
    ram_role_name: str = ""


class DescribeInstanceRamRoleResponse(Response, kw_only=True):
    region_id: str
    total_count: int
    instance_ram_role_sets: InstanceRamRoleSets


@ecs.operation(resource="instance/{instance_ids}")
def describe_instance_ram_role(call: Call, ask: DescribeInstanceRamRoleRequest) -> DescribeInstanceRamRoleResponse:
    """Of the named instances each, also without a role; else of those that have the role."""
    if ask.instance_ids:
        _check_count(ask.instance_ids)
        found = instances.find_all(call, ask.instance_ids)
    else:
        found = [one for one in call.state.find(Instance, account_id=call.account_id) if _shown(one)]
    if ask.ram_role_name:
        found = [one for one in found if one.ram_role_name == ask.ram_role_name]
    return DescribeInstanceRamRoleResponse(
        region_id=call.region.id,
        total_count=len(found),
        instance_ram_role_sets=InstanceRamRoleSets(
            [InstanceRamRole(instance_id=one.id, ram_role_name=one.ram_role_name) for one in page_of(ask, found)]
        ),
    )


def _shown(one: Instance) -> bool:
    return one.wanted != "Deleted" and bool(one.ram_role_name)


def _check_count(instance_ids: list[str]) -> None:
    if not 1 <= len(instance_ids) <= MOST_INSTANCES:
        raise InvalidInstanceIds(most=MOST_INSTANCES)
