"""Policies: the system's, which are the same for every account, and custom ones, which have versions."""

from __future__ import annotations

from typing import Literal

import msgspec

from openyun.access import system_policies
from openyun.access.identity import CustomPolicy, PolicyVersion, touch
from openyun.access.system_policies import SYSTEM_POLICIES
from openyun.clock import iso_seconds
from openyun.operation import UNSET, Call, Model, Request, Response, Tag, Unset
from openyun.services.ram import bindings, quotas, rules, tags
from openyun.services.ram.errors import (
    InvalidValue,
    PolicyExists,
    PolicyHasVersions,
    PolicyIsAttached,
    PolicyNotExist,
    TooManyPolicies,
)
from openyun.services.ram.paging import PagedRequest, PagedResponse, page_of
from openyun.services.ram.service import ram

PolicyType = Literal["System", "Custom"]


class Policy(msgspec.Struct, frozen=True):
    """A policy of either type, as it stands."""

    type: PolicyType
    name: str
    description: str
    document: str
    default_version: int
    created_at: str
    updated_at: str
    tags: dict[str, str]


class PolicyModel(Model, kw_only=True):
    policy_name: str
    policy_type: str
    description: str
    default_version: str
    create_date: str
    update_date: str | Unset = UNSET
    attachment_count: int | Unset = UNSET
    policy_document: str | Unset = UNSET
    tags: tags.Tags | Unset = UNSET


class VersionModel(Model, kw_only=True):
    version_id: str
    is_default_version: bool
    policy_document: str
    create_date: str


def type_of(text: str) -> PolicyType:
    """Raises InvalidValue."""
    if text == "System":
        return "System"
    if text == "Custom":
        return "Custom"
    raise InvalidValue("PolicyType")


def find_custom(call: Call, name: str) -> CustomPolicy:
    """Raises PolicyNotExist."""
    policy = call.state.get(CustomPolicy, call.account_id, name)
    if policy is None:
        raise PolicyNotExist
    return policy


def find(call: Call, policy_type: str, name: str) -> Policy:
    """Raises InvalidValue, PolicyNotExist."""
    if type_of(policy_type) == "Custom":
        return _of_custom(find_custom(call, name))
    if name not in SYSTEM_POLICIES:
        raise PolicyNotExist
    return _of_system(name)


def _of_custom(policy: CustomPolicy) -> Policy:
    return Policy(
        "Custom",
        policy.name,
        policy.description,
        policy.document,
        policy.default_version,
        policy.created_at,
        policy.updated_at,
        policy.tags,
    )


def _of_system(name: str) -> Policy:
    policy, made = SYSTEM_POLICIES[name], system_policies.CREATED_AT
    return Policy("System", name, policy.description, policy.document, 1, made, made, {})


def _shown(policy: Policy) -> PolicyModel:
    return PolicyModel(
        policy_name=policy.name,
        policy_type=policy.type,
        description=policy.description,
        default_version=f"v{policy.default_version}",
        create_date=policy.created_at,
    )


class CreatePolicyRequest(Request, kw_only=True):
    policy_name: str
    policy_document: str
    description: str = ""
    tag: list[Tag] = []


class CreatePolicyResponse(Response, kw_only=True):
    policy: PolicyModel


@ram.operation(resource="policy/*")
def create_policy(call: Call, ask: CreatePolicyRequest) -> CreatePolicyResponse:
    rules.check_policy_name(ask.policy_name)
    rules.check_policy_document(ask.policy_document)
    rules.check_length(ask.description, "Description", 1024)
    if ask.policy_name in SYSTEM_POLICIES or call.state.get(CustomPolicy, call.account_id, ask.policy_name):
        raise PolicyExists
    if call.state.count(CustomPolicy, account_id=call.account_id) >= quotas.POLICIES:
        raise TooManyPolicies
    now = iso_seconds(call.now)
    policy = CustomPolicy(
        account_id=call.account_id,
        name=ask.policy_name,
        description=ask.description,
        document=ask.policy_document,
        created_at=now,
        updated_at=now,
        tags=tags.checked(ask.tag),
    )
    call.state.insert(policy)
    call.state.insert(
        PolicyVersion(
            account_id=call.account_id,
            policy_name=policy.name,
            number=1,
            document=policy.document,
            created_at=now,
        )
    )
    touch(call.state)
    return CreatePolicyResponse(policy=_shown(_of_custom(policy)))


class GetPolicyRequest(Request, kw_only=True):
    policy_name: str
    policy_type: str


class GetPolicyResponse(Response, kw_only=True):
    policy: PolicyModel
    default_policy_version: VersionModel


@ram.operation(resource="policy/{policy_name}")
def get_policy(call: Call, ask: GetPolicyRequest) -> GetPolicyResponse:
    policy = find(call, ask.policy_type, ask.policy_name)
    made_at = policy.created_at
    if policy.type == "Custom":
        version = call.state.get(PolicyVersion, call.account_id, policy.name, policy.default_version)
        made_at = version.created_at if version else made_at
    return GetPolicyResponse(
        policy=msgspec.structs.replace(
            _shown(policy),
            update_date=policy.updated_at,
            attachment_count=bindings.count_attachments(call, policy.type, policy.name),
            policy_document=policy.document,
        ),
        default_policy_version=VersionModel(
            version_id=f"v{policy.default_version}",
            is_default_version=True,
            policy_document=policy.document,
            create_date=made_at,
        ),
    )


class UpdatePolicyDescriptionRequest(Request, kw_only=True):
    policy_name: str
    new_description: str


class UpdatePolicyDescriptionResponse(Response, kw_only=True):
    policy: PolicyModel


@ram.operation(resource="policy/{policy_name}")
def update_policy_description(call: Call, ask: UpdatePolicyDescriptionRequest) -> UpdatePolicyDescriptionResponse:
    policy = find_custom(call, ask.policy_name)
    rules.check_length(ask.new_description, "NewDescription", 1024)
    policy.description = ask.new_description
    policy.updated_at = iso_seconds(call.now)
    call.state.put(policy)
    touch(call.state)
    shown = msgspec.structs.replace(_shown(_of_custom(policy)), update_date=policy.updated_at)
    return UpdatePolicyDescriptionResponse(policy=shown)


class DeletePolicyRequest(Request, kw_only=True):
    policy_name: str
    cascading_delete: bool = False
    """its versions go with it"""


@ram.operation(resource="policy/{policy_name}")
def delete_policy(call: Call, ask: DeletePolicyRequest) -> Response:
    policy = find_custom(call, ask.policy_name)
    for attachment in bindings.attachments_of(call, "Custom", policy.name):
        raise PolicyIsAttached(attachment.party)
    versions = call.state.find(PolicyVersion, account_id=call.account_id, policy_name=policy.name)
    if len(versions) > 1 and not ask.cascading_delete:
        raise PolicyHasVersions
    for version in versions:
        call.state.delete(version)
    call.state.delete(policy)
    touch(call.state)
    return Response()


class ListPoliciesRequest(PagedRequest, kw_only=True):
    policy_type: str = ""
    tag: list[Tag] = []


class _Policies(Model, kw_only=True):
    policy: list[PolicyModel]


class ListPoliciesResponse(PagedResponse, kw_only=True):
    policies: _Policies


@ram.operation(resource="policy/*")
def list_policies(call: Call, ask: ListPoliciesRequest) -> ListPoliciesResponse:
    wanted = type_of(ask.policy_type) if ask.policy_type else ""
    found: list[Policy] = []
    if wanted != "Custom":
        found += map(_of_system, SYSTEM_POLICIES)
    if wanted != "System":
        found += map(_of_custom, call.state.find(CustomPolicy, account_id=call.account_id))
    matching = sorted((one for one in found if tags.carries(one.tags, ask.tag)), key=lambda one: one.name)
    page, marker = page_of(matching, ask, lambda one: one.name)
    return ListPoliciesResponse(policies=_Policies(policy=[_listed(call, one) for one in page]), marker=marker)


def _listed(call: Call, policy: Policy) -> PolicyModel:
    return msgspec.structs.replace(
        _shown(policy),
        update_date=policy.updated_at,
        attachment_count=bindings.count_attachments(call, policy.type, policy.name),
        tags=tags.shown(policy.tags),
    )
