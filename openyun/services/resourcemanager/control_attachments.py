"""Control policies attached to folders and members, and whether they bind at all."""

from __future__ import annotations

from openyun.access.control_policies import FULL_ACCESS
from openyun.access.identity import ControlAttachment, ControlPolicy, Folder, Member, ResourceDirectory, touch
from openyun.clock import iso_seconds
from openyun.operation import Call, Model, Request, Response
from openyun.services.paging import Paged, page_of
from openyun.services.resourcemanager.directories import managed
from openyun.services.resourcemanager.errors import (
    ControlPoliciesDisabled,
    ControlPolicyAttached,
    ControlPolicyNotAttached,
    ControlPolicyNotExists,
    LastPolicyStays,
    TargetNotExists,
    TooManyAttachedPolicies,
)
from openyun.services.resourcemanager.service import resourcemanager

MOST_ATTACHED = 10
"""custom policies of one target"""


def find_policy(call: Call, directory: ResourceDirectory, policy_id: str) -> ControlPolicy:
    """The directory's own, or the vendor's. Raises ControlPolicyNotExists."""
    if policy_id == FULL_ACCESS.id:
        return FULL_ACCESS
    found = call.state.get(ControlPolicy, policy_id)
    if found is None or found.directory_id != directory.id:
        raise ControlPolicyNotExists
    return found


def attach_full_access(call: Call, directory: ResourceDirectory, target_id: str) -> None:
    """What is new in the tree may do all, until its administrator says otherwise."""
    call.state.put(
        ControlAttachment(
            target_id=target_id,
            policy_id=FULL_ACCESS.id,
            directory_id=directory.id,
            attached_at=iso_seconds(call.now),
        )
    )


def detach_all(call: Call, target_id: str) -> None:
    for one in call.state.find(ControlAttachment, target_id=target_id):
        call.state.delete(one)


class EnablementResponse(Response, kw_only=True):
    enablement_status: str


class EnableControlPolicyRequest(Request, kw_only=True):
    pass


@resourcemanager.operation()
def enable_control_policy(call: Call, ask: EnableControlPolicyRequest) -> EnablementResponse:
    directory = managed(call)
    if not directory.control_policies:
        directory.control_policies = True
        call.state.put(directory)
        targets = [one.id for one in call.state.find(Folder, directory_id=directory.id)]
        targets += [one.account_id for one in call.state.find(Member, directory_id=directory.id)]
        for target in targets:
            attach_full_access(call, directory, target)
        touch(call.state)
    return EnablementResponse(enablement_status="Enabled")


class DisableControlPolicyRequest(Request, kw_only=True):
    pass


@resourcemanager.operation()
def disable_control_policy(call: Call, ask: DisableControlPolicyRequest) -> EnablementResponse:
    """All policies are detached, as the vendor does: enabled again, nothing is bound by what was forgotten."""
    directory = managed(call)
    directory.control_policies = False
    call.state.put(directory)
    for one in call.state.find(ControlAttachment, directory_id=directory.id):
        call.state.delete(one)
    touch(call.state)
    return EnablementResponse(enablement_status="Disabled")


class GetControlPolicyEnablementStatusRequest(Request, kw_only=True):
    pass


@resourcemanager.operation()
def get_control_policy_enablement_status(
    call: Call, ask: GetControlPolicyEnablementStatusRequest
) -> EnablementResponse:
    return EnablementResponse(enablement_status="Enabled" if managed(call).control_policies else "Disabled")


class _OfTarget(Request, kw_only=True):
    policy_id: str
    target_id: str


class AttachControlPolicyRequest(_OfTarget, kw_only=True):
    pass


@resourcemanager.operation()
def attach_control_policy(call: Call, ask: AttachControlPolicyRequest) -> Response:
    directory = managed(call)
    policy = find_policy(call, directory, ask.policy_id)
    _target(call, directory, ask.target_id)
    if not directory.control_policies:
        raise ControlPoliciesDisabled
    held = call.state.find(ControlAttachment, target_id=ask.target_id)
    if any(one.policy_id == policy.id for one in held):
        raise ControlPolicyAttached
    if policy is not FULL_ACCESS and sum(one.policy_id != FULL_ACCESS.id for one in held) >= MOST_ATTACHED:
        raise TooManyAttachedPolicies(most=MOST_ATTACHED)
    call.state.insert(
        ControlAttachment(
            target_id=ask.target_id,
            policy_id=policy.id,
            directory_id=directory.id,
            attached_at=iso_seconds(call.now),
        )
    )
    touch(call.state)
    return Response()


class DetachControlPolicyRequest(_OfTarget, kw_only=True):
    pass


@resourcemanager.operation()
def detach_control_policy(call: Call, ask: DetachControlPolicyRequest) -> Response:
    directory = managed(call)
    policy = find_policy(call, directory, ask.policy_id)
    _target(call, directory, ask.target_id)
    held = call.state.find(ControlAttachment, target_id=ask.target_id)
    found = next((one for one in held if one.policy_id == policy.id), None)
    if found is None:
        raise ControlPolicyNotAttached
    if len(held) == 1:
        raise LastPolicyStays
    call.state.delete(found)
    touch(call.state)
    return Response()


class AttachmentModel(Model, kw_only=True):
    policy_id: str
    policy_name: str
    policy_type: str
    description: str
    effect_scope: str = "RAM"
    attach_date: str


class Attachments(Model, kw_only=True):
    control_policy_attachment: list[AttachmentModel]


class ListControlPolicyAttachmentsForTargetRequest(Request, kw_only=True):
    target_id: str


class ListControlPolicyAttachmentsForTargetResponse(Response, kw_only=True):
    control_policy_attachments: Attachments


@resourcemanager.operation()
def list_control_policy_attachments_for_target(
    call: Call, ask: ListControlPolicyAttachmentsForTargetRequest
) -> ListControlPolicyAttachmentsForTargetResponse:
    directory = managed(call)
    _target(call, directory, ask.target_id)
    found = []
    for one in call.state.find(ControlAttachment, target_id=ask.target_id):
        policy = find_policy(call, directory, one.policy_id)
        found.append(
            AttachmentModel(
                policy_id=policy.id,
                policy_name=policy.name,
                policy_type="System" if policy is FULL_ACCESS else "Custom",
                description=policy.description,
                attach_date=one.attached_at,
            )
        )
    return ListControlPolicyAttachmentsForTargetResponse(
        control_policy_attachments=Attachments(control_policy_attachment=found)
    )


class TargetModel(Model, kw_only=True):
    target_id: str
    target_name: str
    target_type: str
    attach_date: str


class Targets(Model, kw_only=True):
    target_attachment: list[TargetModel]


class ListTargetAttachmentsForControlPolicyRequest(Paged, Request, kw_only=True):
    policy_id: str


class ListTargetAttachmentsForControlPolicyResponse(Response, kw_only=True):
    page_number: int
    page_size: int
    total_count: int
    target_attachments: Targets


@resourcemanager.operation()
def list_target_attachments_for_control_policy(
    call: Call, ask: ListTargetAttachmentsForControlPolicyRequest
) -> ListTargetAttachmentsForControlPolicyResponse:
    directory = managed(call)
    policy = find_policy(call, directory, ask.policy_id)
    found = []
    for one in call.state.find(ControlAttachment, directory_id=directory.id, policy_id=policy.id):
        kind, name = _target(call, directory, one.target_id)
        found.append(
            TargetModel(target_id=one.target_id, target_name=name, target_type=kind, attach_date=one.attached_at)
        )
    return ListTargetAttachmentsForControlPolicyResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        target_attachments=Targets(target_attachment=[*page_of(ask, found, most=100)]),
    )


def _target(call: Call, directory: ResourceDirectory, target_id: str) -> tuple[str, str]:
    """What it is and how it is called. Raises TargetNotExists."""
    folder = call.state.get(Folder, target_id)
    if folder is not None and folder.directory_id == directory.id:
        return ("Folder" if folder.parent_id else "Root"), folder.name
    member = call.state.get(Member, target_id)
    if member is not None and member.directory_id == directory.id:
        return "Account", member.display_name
    raise TargetNotExists
