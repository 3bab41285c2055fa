"""RAM's policies attached to users, groups and roles, for the whole account or for one resource group."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

import msgspec

from openyun.access.identity import Account, Attachment, ScopedAttachment, touch
from openyun.clock import iso_seconds
from openyun.operation import Call, Model, Request, Response
from openyun.services.paging import Paged, page_of
from openyun.services.ram import groups, policies, roles, users
from openyun.services.resourcemanager.errors import (
    InvalidParameterOf,
    PolicyAttachmentExists,
    PolicyAttachmentNotExists,
)
from openyun.services.resourcemanager.resource_groups import find
from openyun.services.resourcemanager.service import resourcemanager

PrincipalType = Literal["IMSUser", "IMSGroup", "ServiceRole"]
Party = Literal["user", "group", "role"]

_PARTIES: dict[PrincipalType, tuple[Party, str, Callable[[Call, str], object]]] = {
    "IMSUser": ("user", "{name}@{alias}.onaliyun.com", users.find),
    "IMSGroup": ("group", "{name}@group.{alias}.onaliyun.com", groups.find),
    "ServiceRole": ("role", "{name}@role.{alias}.onaliyunservice.com", roles.find),
}
_TYPES: dict[Party, PrincipalType] = {"user": "IMSUser", "group": "IMSGroup", "role": "ServiceRole"}


class _OfAttachment(Request, kw_only=True):
    resource_group_id: str
    """or the account's own id, for all of its resources"""
    policy_type: str
    policy_name: str
    principal_type: PrincipalType
    principal_name: str
    """alice@ALIAS.onaliyun.com, admins@group.ALIAS.onaliyun.com, worker@role.ALIAS.onaliyunservice.com"""


class AttachPolicyRequest(_OfAttachment, kw_only=True):
    pass


@resourcemanager.operation(resource="ram:resourcegroup/{resource_group_id}", action="ram:AttachPolicy")
def attach_policy(call: Call, ask: AttachPolicyRequest) -> Response:
    wanted = _wanted(call, ask)
    if _held(call, wanted) is not None:
        raise PolicyAttachmentExists
    call.state.insert(wanted)
    touch(call.state)
    return Response()


class DetachPolicyRequest(_OfAttachment, kw_only=True):
    pass


@resourcemanager.operation(resource="ram:resourcegroup/{resource_group_id}", action="ram:DetachPolicy")
def detach_policy(call: Call, ask: DetachPolicyRequest) -> Response:
    held = _held(call, _wanted(call, ask))
    if held is None:
        raise PolicyAttachmentNotExists
    call.state.delete(held)
    touch(call.state)
    return Response()


class PolicyAttachment(Model, kw_only=True):
    resource_group_id: str
    policy_type: str
    policy_name: str
    principal_type: str
    principal_name: str
    attach_date: str
    description: str = ""


class PolicyAttachments(Model, kw_only=True):
    policy_attachment: list[PolicyAttachment]


class ListPolicyAttachmentsRequest(Paged, Request, kw_only=True):
    resource_group_id: str = ""
    policy_type: str = ""
    policy_name: str = ""
    principal_type: str = ""
    principal_name: str = ""


class ListPolicyAttachmentsResponse(Response, kw_only=True):
    page_number: int
    page_size: int
    total_count: int
    policy_attachments: PolicyAttachments


@resourcemanager.operation(resource="ram:resourcegroup/{resource_group_id}", action="ram:ListPolicyAttachments")
def list_policy_attachments(call: Call, ask: ListPolicyAttachmentsRequest) -> ListPolicyAttachmentsResponse:
    alias = _alias(call)
    everywhere = call.state.find(Attachment, account_id=call.account_id)
    scoped = call.state.find(ScopedAttachment, account_id=call.account_id)
    shown = [_shown(call, one, call.account_id, alias) for one in everywhere]
    shown += [_shown(call, one, one.resource_group_id, alias) for one in scoped]
    found = [
        one
        for one in shown
        if ask.resource_group_id in ("", one.resource_group_id)
        and ask.policy_type in ("", one.policy_type)
        and ask.policy_name in ("", one.policy_name)
        and ask.principal_type in ("", one.principal_type)
        and ask.principal_name in ("", one.principal_name)
    ]
    return ListPolicyAttachmentsResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        policy_attachments=PolicyAttachments(policy_attachment=[*page_of(ask, found, most=100)]),
    )


def _wanted(call: Call, ask: _OfAttachment) -> Attachment | ScopedAttachment:
    """The attachment that a request is about. Raises what RAM says of parties and policies that are not there."""
    party, form, find_party = _PARTIES[ask.principal_type]
    names = "|".join(map(re.escape, (call.account_id, _alias(call))))
    pattern = re.escape(form).replace(re.escape("{name}"), r"([^@]+)").replace(re.escape("{alias}"), f"(?:{names})")
    match = re.fullmatch(pattern, ask.principal_name)
    if match is None:
        raise InvalidParameterOf("PrincipalName")
    find_party(call, match[1])
    policy = policies.find(call, ask.policy_type, ask.policy_name)
    account_wide = Attachment(
        account_id=call.account_id,
        party=party,
        party_name=match[1],
        policy_type=policy.type,
        policy_name=policy.name,
        attached_at=iso_seconds(call.now),
    )
    if ask.resource_group_id == call.account_id:
        return account_wide
    group_id = find(call, ask.resource_group_id).id
    return ScopedAttachment(**msgspec.structs.asdict(account_wide), resource_group_id=group_id)


def _held(call: Call, wanted: Attachment | ScopedAttachment) -> Attachment | ScopedAttachment | None:
    return call.state.get(type(wanted), *(getattr(wanted, name) for name in wanted.KEY))


def _alias(call: Call) -> str:
    """By which names of users are told apart; the account's id until it chooses one."""
    account = call.state.get(Account, call.account_id)
    return (account.alias if account else "") or call.account_id


def _shown(call: Call, one: Attachment | ScopedAttachment, scope: str, alias: str) -> PolicyAttachment:
    principal_type = _TYPES[one.party]
    return PolicyAttachment(
        resource_group_id=scope,
        policy_type=one.policy_type,
        policy_name=one.policy_name,
        principal_type=principal_type,
        principal_name=_PARTIES[principal_type][1].format(name=one.party_name, alias=alias),
        attach_date=one.attached_at,
        description=policies.find(call, one.policy_type, one.policy_name).description,
    )
