"""The resource directory: opened by the account that is to manage it, described, closed."""

from __future__ import annotations

from typing import Any

from openyun.access.identity import ControlPolicy, Folder, Member, ResourceDirectory, touch
from openyun.clock import iso_seconds, random_text
from openyun.operation import UNSET, Call, Model, Request, Response, Unset
from openyun.services.resourcemanager.errors import (
    DirectoryExists,
    DirectoryNotEmpty,
    DirectoryNotEnabled,
    InvalidParameterOf,
    NotTheManagementAccount,
)
from openyun.services.resourcemanager.service import resourcemanager


def managed(call: Call) -> ResourceDirectory:
    """The caller's own directory. Raises NotTheManagementAccount, DirectoryNotEnabled."""
    found = call.state.get(ResourceDirectory, call.account_id)
    if found is None:
        raise NotTheManagementAccount if call.state.get(Member, call.account_id) else DirectoryNotEnabled
    return found


def of_account(call: Call, account_id: str) -> ResourceDirectory | None:
    """The directory that the account manages or belongs to."""
    own = call.state.get(ResourceDirectory, account_id)
    member = call.state.get(Member, account_id)
    if own is not None or member is None:
        return own
    return next((one for one in call.state.find(ResourceDirectory) if one.id == member.directory_id), None)


def account_name(directory: ResourceDirectory) -> str:
    """The management account's, which is its id: accounts of this cloud have no other name."""
    return directory.management_account_id


class DirectoryFields(Model, kw_only=True):
    resource_directory_id: str
    root_folder_id: str
    master_account_id: str
    master_account_name: str
    create_time: str


class DirectoryModel(DirectoryFields, kw_only=True):
    control_policy_status: str
    member_deletion_status: str | Unset = UNSET


class OpenedDirectoryResponse(Response, kw_only=True):
    resource_directory: DirectoryFields


class GetResourceDirectoryResponse(Response, kw_only=True):
    resource_directory: DirectoryModel


class InitResourceDirectoryRequest(Request, kw_only=True):
    pass


@resourcemanager.operation()
def init_resource_directory(call: Call, ask: InitResourceDirectoryRequest) -> OpenedDirectoryResponse:
    return _open(call)


class EnableResourceDirectoryRequest(Request, kw_only=True):
    enable_mode: str


@resourcemanager.operation()
def enable_resource_directory(call: Call, ask: EnableResourceDirectoryRequest) -> OpenedDirectoryResponse:
    """The caller becomes the management account; a new account for that would need a phone to prove it."""
    if ask.enable_mode != "CurrentAccount":
        raise InvalidParameterOf("EnableMode")
    return _open(call)


def _open(call: Call) -> OpenedDirectoryResponse:
    if of_account(call, call.account_id) is not None:
        raise DirectoryExists
    now = iso_seconds(call.now)
    directory = ResourceDirectory(
        management_account_id=call.account_id,
        id=f"rd-{random_text(6)}",
        root_folder_id=f"r-{random_text(6)}",
        created_at=now,
    )
    call.state.insert(directory)
    call.state.insert(
        Folder(id=directory.root_folder_id, directory_id=directory.id, parent_id="", name="root", created_at=now)
    )
    touch(call.state)
    return OpenedDirectoryResponse(resource_directory=DirectoryFields(**_fields(directory)))


class GetResourceDirectoryRequest(Request, kw_only=True):
    pass


@resourcemanager.operation()
def get_resource_directory(call: Call, ask: GetResourceDirectoryRequest) -> GetResourceDirectoryResponse:
    found = of_account(call, call.account_id)
    if found is None:
        raise DirectoryNotEnabled
    shown = DirectoryModel(
        **_fields(found),
        control_policy_status="Enabled" if found.control_policies else "Disabled",
        member_deletion_status="Enabled" if found.deletion_allowed else "Disabled",
    )
    return GetResourceDirectoryResponse(resource_directory=shown)


class DestroyResourceDirectoryRequest(Request, kw_only=True):
    pass


@resourcemanager.operation()
def destroy_resource_directory(call: Call, ask: DestroyResourceDirectoryRequest) -> Response:
    found = managed(call)
    folders = call.state.find(Folder, directory_id=found.id)
    if len(folders) > 1 or call.state.count(Member, directory_id=found.id):
        raise DirectoryNotEmpty
    if call.state.count(ControlPolicy, directory_id=found.id):
        raise DirectoryNotEmpty
    call.state.delete(found)
    for folder in folders:
        call.state.delete(folder)
    touch(call.state)
    return Response()


def _fields(one: ResourceDirectory) -> dict[str, Any]:
    """The values of DirectoryFields."""
    return {
        "resource_directory_id": one.id,
        "root_folder_id": one.root_folder_id,
        "master_account_id": one.management_account_id,
        "master_account_name": account_name(one),
        "create_time": one.created_at,
    }
