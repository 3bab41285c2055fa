"""Control policies: what the RAM users and roles of members may do at most."""

from __future__ import annotations

import re

from openyun.access import policy
from openyun.access.control_policies import FULL_ACCESS
from openyun.access.identity import ControlAttachment, ControlPolicy, ResourceDirectory, touch
from openyun.access.policy import MalformedPolicy
from openyun.clock import iso_seconds, random_text
from openyun.operation import UNSET, Call, Model, Request, Response, Unset
from openyun.services.paging import Paged, page_of
from openyun.services.resourcemanager.control_attachments import find_policy
from openyun.services.resourcemanager.directories import managed
from openyun.services.resourcemanager.errors import (
    ControlPolicyExists,
    ControlPolicyIsAttached,
    InvalidParameterOf,
    MalformedPolicyDocument,
    SystemPolicyStays,
    TooManyControlPolicies,
)
from openyun.services.resourcemanager.service import resourcemanager

MOST_POLICIES = 1500
_LONGEST_DOCUMENT = 4096
_NAME = re.compile(r"[A-Za-z0-9-]{1,128}")


class ControlPolicyModel(Model, kw_only=True):
    policy_id: str
    policy_name: str
    policy_type: str
    description: str
    effect_scope: str = "RAM"
    attachment_count: str
    create_date: str
    update_date: str
    policy_document: str | Unset = UNSET


class ListedControlPolicy(Model, kw_only=True):
    policy_id: str
    policy_name: str
    policy_type: str
    description: str
    effect_scope: str = "RAM"
    attachment_count: str
    create_date: str
    update_date: str


class ControlPolicyResponse(Response, kw_only=True):
    control_policy: ListedControlPolicy


class GetControlPolicyResponse(Response, kw_only=True):
    control_policy: ControlPolicyModel


class CreateControlPolicyRequest(Request, kw_only=True):
    policy_name: str
    policy_document: str
    effect_scope: str
    description: str = ""


@resourcemanager.operation()
def create_control_policy(call: Call, ask: CreateControlPolicyRequest) -> ControlPolicyResponse:
    directory = managed(call)
    if ask.effect_scope != "RAM":
        raise InvalidParameterOf("EffectScope")
    held = call.state.find(ControlPolicy, directory_id=directory.id)
    if len(held) >= MOST_POLICIES:
        raise TooManyControlPolicies
    now = iso_seconds(call.now)
    made = ControlPolicy(
        id=f"cp-{random_text(16)}",
        directory_id=directory.id,
        name=_name(ask.policy_name, "PolicyName", held),
        description=_description(ask.description, "Description"),
        document=_document(ask.policy_document),
        created_at=now,
        updated_at=now,
    )
    call.state.insert(made)
    touch(call.state)
    return ControlPolicyResponse(control_policy=_listed(call, directory, made))


class GetControlPolicyRequest(Request, kw_only=True):
    policy_id: str


@resourcemanager.operation()
def get_control_policy(call: Call, ask: GetControlPolicyRequest) -> GetControlPolicyResponse:
    directory = managed(call)
    found = find_policy(call, directory, ask.policy_id)
    listed = _listed(call, directory, found)
    fields = {name: getattr(listed, name) for name in listed.__struct_fields__}
    return GetControlPolicyResponse(control_policy=ControlPolicyModel(**fields, policy_document=found.document))


class ListControlPoliciesRequest(Paged, Request, kw_only=True):
    policy_type: str


class ControlPolicies(Model, kw_only=True):
    control_policy: list[ListedControlPolicy]


class ListControlPoliciesResponse(Response, kw_only=True):
    page_number: int
    page_size: int
    total_count: int
    control_policies: ControlPolicies


@resourcemanager.operation()
def list_control_policies(call: Call, ask: ListControlPoliciesRequest) -> ListControlPoliciesResponse:
    directory = managed(call)
    if ask.policy_type == "System":
        found = [FULL_ACCESS]
    elif ask.policy_type == "Custom":
        found = sorted(call.state.find(ControlPolicy, directory_id=directory.id), key=lambda one: one.created_at)
    else:
        raise InvalidParameterOf("PolicyType")
    return ListControlPoliciesResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        control_policies=ControlPolicies(
            control_policy=[_listed(call, directory, one) for one in page_of(ask, found, most=100)]
        ),
    )


class UpdateControlPolicyRequest(Request, kw_only=True):
    policy_id: str
    new_policy_name: str = ""
    new_description: str | None = None
    new_policy_document: str = ""


@resourcemanager.operation()
def update_control_policy(call: Call, ask: UpdateControlPolicyRequest) -> ControlPolicyResponse:
    directory = managed(call)
    found = _own(call, directory, ask.policy_id)
    if ask.new_policy_name and ask.new_policy_name != found.name:
        held = call.state.find(ControlPolicy, directory_id=directory.id)
        found.name = _name(ask.new_policy_name, "NewPolicyName", held)
    if ask.new_description is not None:
        found.description = _description(ask.new_description, "NewDescription")
    if ask.new_policy_document:
        found.document = _document(ask.new_policy_document)
    found.updated_at = iso_seconds(call.now)
    call.state.put(found)
    touch(call.state)
    return ControlPolicyResponse(control_policy=_listed(call, directory, found))


class DeleteControlPolicyRequest(Request, kw_only=True):
    policy_id: str


@resourcemanager.operation()
def delete_control_policy(call: Call, ask: DeleteControlPolicyRequest) -> Response:
    directory = managed(call)
    found = _own(call, directory, ask.policy_id)
    if _count(call, directory, found):
        raise ControlPolicyIsAttached
    call.state.delete(found)
    touch(call.state)
    return Response()


def _own(call: Call, directory: ResourceDirectory, policy_id: str) -> ControlPolicy:
    found = find_policy(call, directory, policy_id)
    if found is FULL_ACCESS:
        raise SystemPolicyStays
    return found


def _name(name: str, parameter: str, held: list[ControlPolicy]) -> str:
    if not _NAME.fullmatch(name):
        raise InvalidParameterOf(parameter)
    if any(one.name == name for one in (*held, FULL_ACCESS)):
        raise ControlPolicyExists
    return name


def _description(text: str, parameter: str) -> str:
    if len(text) > 1024:
        raise InvalidParameterOf(parameter)
    return text


def _document(text: str) -> str:
    if len(text) > _LONGEST_DOCUMENT:
        raise MalformedPolicyDocument(reason=f"it is longer than {_LONGEST_DOCUMENT} characters")
    try:
        policy.parse(text)
    except MalformedPolicy as malformed:
        raise MalformedPolicyDocument(reason=malformed.reason) from None
    return text


def _count(call: Call, directory: ResourceDirectory, one: ControlPolicy) -> int:
    return call.state.count(ControlAttachment, directory_id=directory.id, policy_id=one.id)


def _listed(call: Call, directory: ResourceDirectory, one: ControlPolicy) -> ListedControlPolicy:
    return ListedControlPolicy(
        policy_id=one.id,
        policy_name=one.name,
        policy_type="System" if one is FULL_ACCESS else "Custom",
        description=one.description,
        attachment_count=str(_count(call, directory, one)),
        create_date=one.created_at,
        update_date=one.updated_at,
    )
