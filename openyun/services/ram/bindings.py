"""What hangs on a user, group or role: attached policies and memberships. The resources' own files build on this."""

from __future__ import annotations

from typing import Literal

import msgspec

from openyun.access.identity import Attachment, Membership, ScopedAttachment
from openyun.operation import Call
from openyun.services.ram.errors import HasPolicies

Party = Literal["user", "group", "role"]


def policies_of(call: Call, party: Party, name: str) -> list[Attachment]:
    return call.state.find(Attachment, account_id=call.account_id, party=party, party_name=name)


def scoped_of(call: Call, party: Party, name: str) -> list[ScopedAttachment]:
    """Those that count for one resource group only."""
    return call.state.find(ScopedAttachment, account_id=call.account_id, party=party, party_name=name)


def attachments_of(call: Call, policy_type: str, policy_name: str) -> list[Attachment | ScopedAttachment]:
    of_policy = {"account_id": call.account_id, "policy_type": policy_type, "policy_name": policy_name}
    return [*call.state.find(Attachment, **of_policy), *call.state.find(ScopedAttachment, **of_policy)]


def count_attachments(call: Call, policy_type: str, policy_name: str) -> int:
    of_policy = {"account_id": call.account_id, "policy_type": policy_type, "policy_name": policy_name}
    return call.state.count(Attachment, **of_policy) + call.state.count(ScopedAttachment, **of_policy)


def refuse_if_attached(call: Call, party: Party, name: str) -> None:
    """Raises HasPolicies: a party goes only when no policy is attached to it."""
    if policies_of(call, party, name) or scoped_of(call, party, name):
        raise HasPolicies(party)


def groups_of(call: Call, user_name: str) -> list[Membership]:
    return call.state.find(Membership, account_id=call.account_id, user_name=user_name)


def members_of(call: Call, group_name: str) -> list[Membership]:
    return call.state.find(Membership, account_id=call.account_id, group_name=group_name)


def rename(call: Call, party: Literal["user", "group"], old: str, new: str) -> None:
    """Names are keys, so what hangs on the old name is written anew under the new one."""
    for attachment in [*policies_of(call, party, old), *scoped_of(call, party, old)]:
        call.state.delete(attachment)
        call.state.insert(msgspec.structs.replace(attachment, party_name=new))
    memberships = groups_of(call, old) if party == "user" else members_of(call, old)
    for membership in memberships:
        call.state.delete(membership)
        changed = {"user_name": new} if party == "user" else {"group_name": new}
        call.state.insert(msgspec.structs.replace(membership, **changed))
