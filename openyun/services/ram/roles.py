"""RAM roles: identities without credentials, which those whom the trust policy names assume for a while."""

from __future__ import annotations

from typing import Any

import msgspec

from openyun.access.credentials import new_role_id
from openyun.access.identity import Role, touch
from openyun.clock import iso_seconds
from openyun.operation import UNSET, Call, Model, Request, Response, Tag, Unset
from openyun.services.ram import bindings, quotas, rules, tags
from openyun.services.ram.errors import InvalidRange, RoleExists, RoleNotExist, TooManyRoles
from openyun.services.ram.paging import PagedRequest, PagedResponse, page_of, page_of_records
from openyun.services.ram.service import ram

_SHORTEST_SESSION = 3600
_LONGEST_SESSION = 43200


class RoleFields(Model, kw_only=True):
    """What every operation tells of a role."""

    role_id: str
    role_name: str
    arn: str
    description: str
    max_session_duration: int
    create_date: str
    update_date: str | Unset = UNSET


class RoleModel(RoleFields, kw_only=True):
    assume_role_policy_document: str
    role_principal_name: str | Unset = UNSET
    is_service_linked_role: bool | Unset = UNSET


class ListedRole(RoleFields, kw_only=True):
    """A list leaves the trust policies out."""

    tags: tags.Tags


class RoleResponse(Response, kw_only=True):
    role: RoleModel


def find(call: Call, name: str) -> Role:
    """Raises RoleNotExist."""
    role = call.state.get(Role, call.account_id, name)
    if role is None:
        raise RoleNotExist
    return role


def _fields(role: Role) -> dict[str, Any]:
    """The values of RoleFields."""
    return {
        "role_id": role.id,
        "role_name": role.name,
        "arn": role.arn,
        "description": role.description,
        "max_session_duration": role.max_session_duration,
        "create_date": role.created_at,
        "update_date": role.updated_at,
    }


def _shown(role: Role) -> RoleModel:
    return RoleModel(**_fields(role), assume_role_policy_document=role.trust_policy)


def _check_duration(seconds: int, parameter: str) -> None:
    if not _SHORTEST_SESSION <= seconds <= _LONGEST_SESSION:
        raise InvalidRange(parameter, low=_SHORTEST_SESSION, high=_LONGEST_SESSION)


class CreateRoleRequest(Request, kw_only=True):
    role_name: str
    assume_role_policy_document: str
    description: str = ""
    max_session_duration: int = _SHORTEST_SESSION
    tag: list[Tag] = []


@ram.operation(resource="role/*")
def create_role(call: Call, ask: CreateRoleRequest) -> RoleResponse:
    rules.check_role_name(ask.role_name)
    rules.check_trust_policy(ask.assume_role_policy_document)
    rules.check_length(ask.description, "Description", 1024)
    _check_duration(ask.max_session_duration, "MaxSessionDuration")
    if call.state.get(Role, call.account_id, ask.role_name):
        raise RoleExists
    if call.state.count(Role, account_id=call.account_id) >= quotas.ROLES:
        raise TooManyRoles
    now = iso_seconds(call.now)
    role = Role(
        account_id=call.account_id,
        name=ask.role_name,
        id=new_role_id(),
        trust_policy=ask.assume_role_policy_document,
        description=ask.description,
        max_session_duration=ask.max_session_duration,
        created_at=now,
        updated_at=now,
        tags=tags.checked(ask.tag),
    )
    call.state.insert(role)
    touch(call.state)
    return RoleResponse(role=msgspec.structs.replace(_shown(role), update_date=UNSET))


class GetRoleRequest(Request, kw_only=True):
    role_name: str


@ram.operation(resource="role/{role_name}")
def get_role(call: Call, ask: GetRoleRequest) -> RoleResponse:
    role = find(call, ask.role_name)
    shown = msgspec.structs.replace(
        _shown(role),
        role_principal_name=f"{role.name}@role.{role.account_id}.onaliyunservice.com",
        is_service_linked_role=False,
    )
    return RoleResponse(role=shown)


class UpdateRoleRequest(Request, kw_only=True):
    role_name: str
    new_assume_role_policy_document: str = ""
    new_description: str | None = None
    new_max_session_duration: int | None = None


@ram.operation(resource="role/{role_name}")
def update_role(call: Call, ask: UpdateRoleRequest) -> RoleResponse:
    role = find(call, ask.role_name)
    if ask.new_assume_role_policy_document:
        rules.check_trust_policy(ask.new_assume_role_policy_document, "NewAssumeRolePolicyDocument")
        role.trust_policy = ask.new_assume_role_policy_document
    if ask.new_description is not None:
        rules.check_length(ask.new_description, "NewDescription", 1024)
        role.description = ask.new_description
    if ask.new_max_session_duration is not None:
        _check_duration(ask.new_max_session_duration, "NewMaxSessionDuration")
        role.max_session_duration = ask.new_max_session_duration
    role.updated_at = iso_seconds(call.now)
    call.state.put(role)
    touch(call.state)
    return RoleResponse(role=_shown(role))


class DeleteRoleRequest(Request, kw_only=True):
    role_name: str


@ram.operation(resource="role/{role_name}")
def delete_role(call: Call, ask: DeleteRoleRequest) -> Response:
    role = find(call, ask.role_name)
    bindings.refuse_if_attached(call, "role", role.name)
    call.state.delete(role)
    touch(call.state)
    return Response()


class ListRolesRequest(PagedRequest, kw_only=True):
    tag: list[Tag] = []


class _Roles(Model, kw_only=True):
    role: list[ListedRole]


class ListRolesResponse(PagedResponse, kw_only=True):
    roles: _Roles


@ram.operation(resource="role/*")
def list_roles(call: Call, ask: ListRolesRequest) -> ListRolesResponse:
    if ask.tag:
        every = call.state.find(Role, account_id=call.account_id)
        matching = [role for role in every if tags.carries(role.tags, ask.tag)]
        roles, marker = page_of(matching, ask, lambda role: role.name)
    else:
        roles, marker = page_of_records(call, Role, ask)
    listed = [ListedRole(**_fields(role), tags=tags.shown(role.tags)) for role in roles]
    return ListRolesResponse(roles=_Roles(role=listed), marker=marker)
