"""Members of a resource directory: accounts made in it, and accounts that were invited."""

from __future__ import annotations

import json
import re
import secrets
from typing import Any

from openyun.access.control_policies import path_to
from openyun.access.credentials import new_role_id
from openyun.access.identity import Account, Attachment, Member, ResourceDirectory, Role, touch
from openyun.clock import iso_seconds, random_text
from openyun.operation import UNSET, Call, Model, Request, Response, Tag, Unset
from openyun.services.paging import Paged, page_of
from openyun.services.resourcemanager import folders
from openyun.services.resourcemanager.control_attachments import attach_full_access, detach_all
from openyun.services.resourcemanager.directories import managed
from openyun.services.resourcemanager.errors import (
    AccountNameExists,
    AccountNotExists,
    CannotRemoveResourceAccount,
    InvalidParameterOf,
    ParentFolderNotExists,
    TooManyAccounts,
)
from openyun.services.resourcemanager.resource_groups import checked_tags
from openyun.services.resourcemanager.service import resourcemanager
from openyun.services.tags import carries

MOST_MEMBERS = 200
ACCESS_ROLE = "ResourceDirectoryAccountAccessRole"
"""what the management account assumes to work in a member: https://www.alibabacloud.com/help/en/resource-management"""

_DISPLAY_NAME = re.compile(r"[\w.-]{2,50}")
_PREFIX = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,35}[A-Za-z0-9]")


class Tags(Model, kw_only=True):
    tag: list[Tag]


class AccountFields(Model, kw_only=True):
    """What every operation tells of a member."""

    account_id: str
    display_name: str
    folder_id: str
    resource_directory_id: str
    type: str
    status: str
    join_method: str
    join_time: str
    modify_time: str


class AccountModel(AccountFields, kw_only=True):
    account_name: str


class AccountWithPath(AccountModel, kw_only=True):
    resource_directory_path: str
    tags: list[Tag] | Unset = UNSET


class ListedAccount(AccountFields, kw_only=True):
    tags: Tags | Unset = UNSET


class ListedWithPath(ListedAccount, kw_only=True):
    resource_directory_path: str


class AccountResponse(Response, kw_only=True):
    account: AccountModel


def find(call: Call, directory: ResourceDirectory, account_id: str) -> Member:
    """Raises AccountNotExists."""
    found = call.state.get(Member, account_id)
    if found is None or found.directory_id != directory.id:
        raise AccountNotExists
    return found


def enter(call: Call, directory: ResourceDirectory, member: Member) -> None:
    """The member, the role by which the management account works in it, and the policy that binds nobody yet."""
    if call.state.count(Member, directory_id=directory.id) >= MOST_MEMBERS:
        raise TooManyAccounts
    call.state.insert(member)
    if directory.control_policies:
        attach_full_access(call, directory, member.account_id)
    if call.state.get(Role, member.account_id, ACCESS_ROLE) is None:
        _make_access_role(call, directory, member.account_id)
    touch(call.state)


def leave(call: Call, member: Member) -> None:
    detach_all(call, member.account_id)
    role = call.state.get(Role, member.account_id, ACCESS_ROLE)
    if role is not None:
        for one in call.state.find(Attachment, account_id=member.account_id, party="role", party_name=role.name):
            call.state.delete(one)
        call.state.delete(role)
    call.state.delete(member)
    touch(call.state)


def _make_access_role(call: Call, directory: ResourceDirectory, account_id: str) -> None:
    now = iso_seconds(call.now)
    trust = {
        "Action": "sts:AssumeRole",
        "Effect": "Allow",
        "Principal": {"RAM": [f"acs:ram::{directory.management_account_id}:root"]},
    }
    role = Role(
        account_id=account_id,
        name=ACCESS_ROLE,
        id=new_role_id(),
        trust_policy=json.dumps({"Statement": [trust], "Version": "1"}),
        created_at=now,
        updated_at=now,
    )
    call.state.insert(role)
    call.state.insert(
        Attachment(
            account_id=account_id,
            party="role",
            party_name=role.name,
            policy_type="System",
            policy_name="AdministratorAccess",
            attached_at=now,
        )
    )


class CreateResourceAccountRequest(Request, kw_only=True):
    display_name: str
    parent_folder_id: str = ""
    account_name_prefix: str = ""
    payer_account_id: str = ""
    tag: list[Tag] = []


@resourcemanager.operation()
def create_resource_account(call: Call, ask: CreateResourceAccountRequest) -> AccountResponse:
    """An account without a root user: one works in it by its role."""
    directory = managed(call)
    folder = folders.find(
        call, directory, ask.parent_folder_id or directory.root_folder_id, missing=ParentFolderNotExists
    )
    if ask.account_name_prefix and not _PREFIX.fullmatch(ask.account_name_prefix):
        raise InvalidParameterOf("AccountNamePrefix")
    if ask.payer_account_id not in ("", directory.management_account_id):
        find(call, directory, ask.payer_account_id)
    now = iso_seconds(call.now)
    account_id = "".join(secrets.choice("123456789") for _ in range(16))
    prefix = ask.account_name_prefix or random_text(10)
    call.state.insert(Account(id=account_id, created_at=now))
    member = Member(
        account_id=account_id,
        directory_id=directory.id,
        folder_id=folder.id,
        name=f"{prefix}@{directory.id}.aliyunid.com",
        display_name=_display_name(call, directory, ask.display_name, "DisplayName"),
        joined_at=now,
        modified_at=now,
        tags=checked_tags(ask.tag),
    )
    enter(call, directory, member)
    return AccountResponse(account=_shown(member))


class GetAccountRequest(Request, kw_only=True):
    account_id: str
    include_tags: bool = False


class GetAccountResponse(Response, kw_only=True):
    account: AccountWithPath


@resourcemanager.operation()
def get_account(call: Call, ask: GetAccountRequest) -> GetAccountResponse:
    directory = managed(call)
    found = find(call, directory, ask.account_id)
    shown = AccountWithPath(
        **_fields(found),
        account_name=found.name,
        resource_directory_path=_path(call, found),
        tags=_tags(found).tag if ask.include_tags else UNSET,
    )
    return GetAccountResponse(account=shown)


class UpdateAccountRequest(Request, kw_only=True):
    account_id: str
    new_display_name: str


@resourcemanager.operation()
def update_account(call: Call, ask: UpdateAccountRequest) -> AccountResponse:
    directory = managed(call)
    found = find(call, directory, ask.account_id)
    if ask.new_display_name != found.display_name:
        found.display_name = _display_name(call, directory, ask.new_display_name, "NewDisplayName")
        found.modified_at = iso_seconds(call.now)
        call.state.put(found)
        touch(call.state)
    return AccountResponse(account=_shown(found))


class MoveAccountRequest(Request, kw_only=True):
    account_id: str
    destination_folder_id: str


@resourcemanager.operation()
def move_account(call: Call, ask: MoveAccountRequest) -> Response:
    directory = managed(call)
    found = find(call, directory, ask.account_id)
    found.folder_id = folders.find(call, directory, ask.destination_folder_id).id
    found.modified_at = iso_seconds(call.now)
    call.state.put(found)
    touch(call.state)
    return Response()


class RemoveCloudAccountRequest(Request, kw_only=True):
    account_id: str


@resourcemanager.operation()
def remove_cloud_account(call: Call, ask: RemoveCloudAccountRequest) -> Response:
    found = find(call, managed(call), ask.account_id)
    if found.type == "ResourceAccount":
        raise CannotRemoveResourceAccount
    leave(call, found)
    return Response()


class _Listing(Paged, Request, kw_only=True):
    tag: list[Tag] = []
    include_tags: bool = False


class ListAccountsRequest(_Listing, kw_only=True):
    pass


class AccountsWithPath(Model, kw_only=True):
    account: list[ListedWithPath]


class ListAccountsResponse(Response, kw_only=True):
    page_number: int
    page_size: int
    total_count: int
    accounts: AccountsWithPath


@resourcemanager.operation()
def list_accounts(call: Call, ask: ListAccountsRequest) -> ListAccountsResponse:
    directory = managed(call)
    found = _matching(call.state.find(Member, directory_id=directory.id), ask)
    return ListAccountsResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        accounts=AccountsWithPath(
            account=[
                ListedWithPath(
                    **_fields(one),
                    resource_directory_path=_path(call, one),
                    tags=_tags(one) if ask.include_tags else UNSET,
                )
                for one in page_of(ask, found, most=100)
            ]
        ),
    )


class ListAccountsForParentRequest(_Listing, kw_only=True):
    parent_folder_id: str = ""
    query_keyword: str = ""


class Accounts(Model, kw_only=True):
    account: list[ListedAccount]


class ListAccountsForParentResponse(Response, kw_only=True):
    page_number: int
    page_size: int
    total_count: int
    accounts: Accounts


@resourcemanager.operation()
def list_accounts_for_parent(call: Call, ask: ListAccountsForParentRequest) -> ListAccountsForParentResponse:
    directory = managed(call)
    folder = folders.find(
        call, directory, ask.parent_folder_id or directory.root_folder_id, missing=ParentFolderNotExists
    )
    members = call.state.find(Member, directory_id=directory.id, folder_id=folder.id)
    found = _matching([one for one in members if ask.query_keyword in one.display_name], ask)
    return ListAccountsForParentResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        accounts=Accounts(
            account=[
                ListedAccount(**_fields(one), tags=_tags(one) if ask.include_tags else UNSET)
                for one in page_of(ask, found, most=100)
            ]
        ),
    )


def _matching(members: list[Member], ask: _Listing) -> list[Member]:
    found = [one for one in members if carries(one.tags, ask.tag)]
    return sorted(found, key=lambda one: (one.joined_at, one.account_id))


def _display_name(call: Call, directory: ResourceDirectory, name: str, parameter: str) -> str:
    if not _DISPLAY_NAME.fullmatch(name):
        raise InvalidParameterOf(parameter)
    if any(one.display_name == name for one in call.state.find(Member, directory_id=directory.id)):
        raise AccountNameExists
    return name


def _path(call: Call, member: Member) -> str:
    ids = [one.id for one in path_to(call.state, member.folder_id)]
    return "/".join([member.directory_id, *ids, member.account_id])


def _fields(one: Member) -> dict[str, Any]:
    """The values of AccountFields."""
    return {
        "account_id": one.account_id,
        "display_name": one.display_name,
        "folder_id": one.folder_id,
        "resource_directory_id": one.directory_id,
        "type": one.type,
        "status": "CreateSuccess" if one.join_method == "created" else "InviteSuccess",
        "join_method": one.join_method,
        "join_time": one.joined_at,
        "modify_time": one.modified_at,
    }


def _shown(one: Member) -> AccountModel:
    return AccountModel(**_fields(one), account_name=one.name)


def _tags(one: Member) -> Tags:
    return Tags(tag=[Tag(key=key, value=value) for key, value in one.tags.items()])
