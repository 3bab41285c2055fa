"""Control policies of a resource directory: which ones bind an account.

They bind RAM users and roles of member accounts, neither the members themselves nor anybody of the management account
(help.aliyun.com/en/ram/policy-evaluation-process).
"""

from __future__ import annotations

import json

from openyun.access.identity import ControlAttachment, ControlPolicy, Folder, Member, ResourceDirectory
from openyun.state import Transaction

FULL_ACCESS = ControlPolicy(
    id="cp-FullAliyunAccess",
    directory_id="",
    name="FullAliyunAccess",
    description="Allows access to all cloud resources",
    document=json.dumps({"Version": "1", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}, indent=2),
    created_at="2020-11-19T03:12:35Z",
    updated_at="2020-11-19T03:12:35Z",
)
"""The vendor's own, which every folder and member has from the start."""


def path_to(state: Transaction, folder_id: str) -> list[Folder]:
    """The folders from the root to this one."""
    path: list[Folder] = []
    while folder_id and (folder := state.get(Folder, folder_id)) is not None:
        path.insert(0, folder)
        folder_id = folder.parent_id
    return path


def documents(state: Transaction, account_id: str) -> list[list[str]]:
    """Of every level above the account's identities, from the root down; empty if nothing binds them."""
    member = state.get(Member, account_id)
    if member is None:
        return []
    path = path_to(state, member.folder_id)
    directories = state.find(ResourceDirectory)
    if not any(one.id == member.directory_id and one.control_policies for one in directories):
        return []
    return [attached(state, target) for target in (*(one.id for one in path), account_id)]


def attached(state: Transaction, target_id: str) -> list[str]:
    found = []
    for one in state.find(ControlAttachment, target_id=target_id):
        policy = FULL_ACCESS if one.policy_id == FULL_ACCESS.id else state.get(ControlPolicy, one.policy_id)
        if policy is not None:
            found.append(policy.document)
    return found
