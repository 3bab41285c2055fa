"""Policies attached to users, groups and roles."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from openyun.access.identity import Attachment, Group, Role, User, touch
from openyun.clock import iso_seconds
from openyun.operation import Call, Model, Request, Response
from openyun.services.ram import bindings, groups, policies, quotas, roles, users
from openyun.services.ram.bindings import Party
from openyun.services.ram.errors import AlreadyAttached, NotAttached, TooManyAttachments
from openyun.services.ram.service import ram

_FIND: Mapping[Party, Callable[[Call, str], User | Group | Role]] = {
    "user": users.find,
    "group": groups.find,
    "role": roles.find,
}


class _PolicyRequest(Request, kw_only=True):
    policy_name: str
    policy_type: str

    @property
    def custom_policy_name(self) -> str:
        return self.policy_name if self.policy_type != "System" else ""

    @property
    def system_policy_arn(self) -> str:
        """The vendor's own policies belong to no account: who may hand out `policy/*` of an account hands out none."""
        return f"acs:ram:*:system:policy/{self.policy_name}" if self.policy_type == "System" else ""


_POLICY = ("policy/{custom_policy_name}", "{system_policy_arn}")


def _attach(call: Call, party: Party, name: str, ask: _PolicyRequest) -> Response:
    party_name = _FIND[party](call, name).name
    policy = policies.find(call, ask.policy_type, ask.policy_name)
    of_type = [
        one.policy_name for one in bindings.policies_of(call, party, party_name) if one.policy_type == policy.type
    ]
    if policy.name in of_type:
        raise AlreadyAttached(party)
    custom = policy.type == "Custom"
    if len(of_type) >= (quotas.CUSTOM_POLICIES_OF_A_PARTY[party] if custom else quotas.SYSTEM_POLICIES_OF_A_PARTY):
        raise TooManyAttachments(party)
    call.state.insert(
        Attachment(
            account_id=call.account_id,
            party=party,
            party_name=party_name,
            policy_type=policy.type,
            policy_name=policy.name,
            attached_at=iso_seconds(call.now),
        )
    )
    touch(call.state)
    return Response()


def _detach(call: Call, party: Party, name: str, ask: _PolicyRequest) -> Response:
    party_name = _FIND[party](call, name).name
    policy = policies.find(call, ask.policy_type, ask.policy_name)
    attachment = call.state.get(Attachment, call.account_id, party, party_name, policy.type, policy.name)
    if attachment is None:
        raise NotAttached(party)
    call.state.delete(attachment)
    touch(call.state)
    return Response()


class _UserRequest(_PolicyRequest, kw_only=True):
    user_name: str


class AttachPolicyToUserRequest(_UserRequest, kw_only=True):
    pass


@ram.operation(resource="user/{user_name}", also=_POLICY)
def attach_policy_to_user(call: Call, ask: AttachPolicyToUserRequest) -> Response:
    return _attach(call, "user", ask.user_name, ask)


class DetachPolicyFromUserRequest(_UserRequest, kw_only=True):
    pass


@ram.operation(resource="user/{user_name}", also=_POLICY)
def detach_policy_from_user(call: Call, ask: DetachPolicyFromUserRequest) -> Response:
    return _detach(call, "user", ask.user_name, ask)


class _GroupRequest(_PolicyRequest, kw_only=True):
    group_name: str


class AttachPolicyToGroupRequest(_GroupRequest, kw_only=True):
    pass


@ram.operation(resource="group/{group_name}", also=_POLICY)
def attach_policy_to_group(call: Call, ask: AttachPolicyToGroupRequest) -> Response:
    return _attach(call, "group", ask.group_name, ask)


class DetachPolicyFromGroupRequest(_GroupRequest, kw_only=True):
    pass


@ram.operation(resource="group/{group_name}", also=_POLICY)
def detach_policy_from_group(call: Call, ask: DetachPolicyFromGroupRequest) -> Response:
    return _detach(call, "group", ask.group_name, ask)


class _RoleRequest(_PolicyRequest, kw_only=True):
    role_name: str


class AttachPolicyToRoleRequest(_RoleRequest, kw_only=True):
    pass


@ram.operation(resource="role/{role_name}", also=_POLICY)
def attach_policy_to_role(call: Call, ask: AttachPolicyToRoleRequest) -> Response:
    return _attach(call, "role", ask.role_name, ask)


class DetachPolicyFromRoleRequest(_RoleRequest, kw_only=True):
    pass


@ram.operation(resource="role/{role_name}", also=_POLICY)
def detach_policy_from_role(call: Call, ask: DetachPolicyFromRoleRequest) -> Response:
    return _detach(call, "role", ask.role_name, ask)


class AttachedPolicy(Model, kw_only=True):
    policy_name: str
    policy_type: str
    description: str
    default_version: str
    attach_date: str


class _Policies(Model, kw_only=True):
    policy: list[AttachedPolicy]


class AttachedPoliciesResponse(Response, kw_only=True):
    policies: _Policies


def _list(call: Call, party: Party, name: str) -> AttachedPoliciesResponse:
    found = bindings.policies_of(call, party, _FIND[party](call, name).name)
    return AttachedPoliciesResponse(policies=_Policies(policy=[_shown(call, attachment) for attachment in found]))


def _shown(call: Call, attachment: Attachment) -> AttachedPolicy:
    policy = policies.find(call, attachment.policy_type, attachment.policy_name)
    return AttachedPolicy(
        policy_name=policy.name,
        policy_type=policy.type,
        description=policy.description,
        default_version=f"v{policy.default_version}",
        attach_date=attachment.attached_at,
    )


class ListPoliciesForUserRequest(Request, kw_only=True):
    user_name: str


@ram.operation(resource="user/{user_name}")
def list_policies_for_user(call: Call, ask: ListPoliciesForUserRequest) -> AttachedPoliciesResponse:
    """Those of the user's own, not of its groups."""
    return _list(call, "user", ask.user_name)


class ListPoliciesForGroupRequest(Request, kw_only=True):
    group_name: str


@ram.operation(resource="group/{group_name}")
def list_policies_for_group(call: Call, ask: ListPoliciesForGroupRequest) -> AttachedPoliciesResponse:
    return _list(call, "group", ask.group_name)


class ListPoliciesForRoleRequest(Request, kw_only=True):
    role_name: str


@ram.operation(resource="role/{role_name}")
def list_policies_for_role(call: Call, ask: ListPoliciesForRoleRequest) -> AttachedPoliciesResponse:
    return _list(call, "role", ask.role_name)


class ListEntitiesForPolicyRequest(_PolicyRequest, kw_only=True):
    pass


class AttachedUser(Model, kw_only=True):
    user_id: str
    user_name: str
    display_name: str
    attach_date: str


class AttachedGroup(Model, kw_only=True):
    group_name: str
    comments: str
    attach_date: str


class AttachedRole(Model, kw_only=True):
    role_id: str
    role_name: str
    arn: str
    description: str
    attach_date: str


class _Users(Model, kw_only=True):
    user: list[AttachedUser]


class _Groups(Model, kw_only=True):
    group: list[AttachedGroup]


class _Roles(Model, kw_only=True):
    role: list[AttachedRole]


class ListEntitiesForPolicyResponse(Response, kw_only=True):
    users: _Users
    groups: _Groups
    roles: _Roles


@ram.operation(resource=(), also=_POLICY)
def list_entities_for_policy(call: Call, ask: ListEntitiesForPolicyRequest) -> ListEntitiesForPolicyResponse:
    policy = policies.find(call, ask.policy_type, ask.policy_name)
    attached = bindings.attachments_of(call, policy.type, policy.name)

    def names(party: Party) -> Iterator[tuple[str, str]]:
        return ((one.party_name, one.attached_at) for one in attached if one.party == party)

    return ListEntitiesForPolicyResponse(
        users=_Users(user=[_user(users.find(call, name), at) for name, at in names("user")]),
        groups=_Groups(group=[_group(groups.find(call, name), at) for name, at in names("group")]),
        roles=_Roles(role=[_role(roles.find(call, name), at) for name, at in names("role")]),
    )


def _user(user: User, attached_at: str) -> AttachedUser:
    return AttachedUser(user_id=user.id, user_name=user.name, display_name=user.display_name, attach_date=attached_at)


def _group(group: Group, attached_at: str) -> AttachedGroup:
    return AttachedGroup(group_name=group.name, comments=group.comments, attach_date=attached_at)


def _role(role: Role, attached_at: str) -> AttachedRole:
    return AttachedRole(
        role_id=role.id,
        role_name=role.name,
        arn=role.arn,
        description=role.description,
        attach_date=attached_at,
    )
