"""Folders of a resource directory: at most five levels below the root."""

from __future__ import annotations

import re
from typing import Any

from openyun.access.control_policies import path_to
from openyun.access.identity import Folder, Member, ResourceDirectory, touch
from openyun.clock import iso_seconds, random_text
from openyun.errors import CloudError
from openyun.operation import UNSET, Call, Model, Request, Response, Unset
from openyun.services.paging import Paged, page_of
from openyun.services.resourcemanager.control_attachments import attach_full_access, detach_all
from openyun.services.resourcemanager.directories import managed
from openyun.services.resourcemanager.errors import (
    AccountNotExists,
    FolderExists,
    FolderHasAccounts,
    FolderHasFolders,
    FolderNotExists,
    FolderTooDeep,
    InvalidParameterOf,
    ParentFolderNotExists,
    RootFolderStays,
    TooManyFolders,
)
from openyun.services.resourcemanager.service import resourcemanager

DEEPEST = 5
MOST_FOLDERS = 100

_ID = re.compile(r"r-[a-zA-Z0-9]{6}|fd-[a-zA-Z0-9]{10}")
_NAME = re.compile(r"[\w.-]{1,24}")


class ListedFolder(Model, kw_only=True):
    folder_id: str
    folder_name: str
    create_time: str


class FolderModel(ListedFolder, kw_only=True):
    parent_folder_id: str | Unset = UNSET


class FolderWithPath(FolderModel, kw_only=True):
    resource_directory_path: str


class FolderResponse(Response, kw_only=True):
    folder: FolderModel


class GetFolderResponse(Response, kw_only=True):
    folder: FolderWithPath


class Folders(Model, kw_only=True):
    folder: list[ListedFolder]


def find(
    call: Call, directory: ResourceDirectory, folder_id: str, missing: type[CloudError] = FolderNotExists
) -> Folder:
    """Raises InvalidParameter.FolderId, and `missing`."""
    if not _ID.fullmatch(folder_id):
        raise InvalidParameterOf("FolderId")
    found = call.state.get(Folder, folder_id)
    if found is None or found.directory_id != directory.id:
        raise missing
    return found


def directory_path(call: Call, directory: ResourceDirectory, folder_id: str, *more: str) -> str:
    """rd-1/r-1/fd-1, as policies name a place in the tree."""
    return "/".join([directory.id, *(one.id for one in path_to(call.state, folder_id)), *more])


class CreateFolderRequest(Request, kw_only=True):
    folder_name: str
    parent_folder_id: str = ""
    """the root folder if empty"""


@resourcemanager.operation()
def create_folder(call: Call, ask: CreateFolderRequest) -> FolderResponse:
    directory = managed(call)
    parent = find(call, directory, ask.parent_folder_id or directory.root_folder_id, ParentFolderNotExists)
    _check_name(call, directory, parent.id, ask.folder_name, "FolderName")
    if len(path_to(call.state, parent.id)) > DEEPEST:
        raise FolderTooDeep(most=DEEPEST)
    if call.state.count(Folder, directory_id=directory.id) > MOST_FOLDERS:
        raise TooManyFolders
    made = Folder(
        id=f"fd-{random_text(10)}",
        directory_id=directory.id,
        parent_id=parent.id,
        name=ask.folder_name,
        created_at=iso_seconds(call.now),
    )
    call.state.insert(made)
    attach_full_access(call, directory, made.id)
    touch(call.state)
    return FolderResponse(folder=FolderModel(**_fields(made)))


class GetFolderRequest(Request, kw_only=True):
    folder_id: str


@resourcemanager.operation()
def get_folder(call: Call, ask: GetFolderRequest) -> GetFolderResponse:
    directory = managed(call)
    found = find(call, directory, ask.folder_id)
    path = directory_path(call, directory, found.id)
    return GetFolderResponse(folder=FolderWithPath(**_fields(found), resource_directory_path=path))


class UpdateFolderRequest(Request, kw_only=True):
    folder_id: str
    new_folder_name: str


@resourcemanager.operation()
def update_folder(call: Call, ask: UpdateFolderRequest) -> FolderResponse:
    directory = managed(call)
    found = find(call, directory, ask.folder_id)
    if not found.parent_id:
        raise RootFolderStays
    if ask.new_folder_name != found.name:
        _check_name(call, directory, found.parent_id, ask.new_folder_name, "NewFolderName")
    found.name = ask.new_folder_name
    call.state.put(found)
    touch(call.state)
    return FolderResponse(folder=FolderModel(**_fields(found)))


class DeleteFolderRequest(Request, kw_only=True):
    folder_id: str


@resourcemanager.operation()
def delete_folder(call: Call, ask: DeleteFolderRequest) -> Response:
    directory = managed(call)
    found = find(call, directory, ask.folder_id)
    if not found.parent_id:
        raise RootFolderStays
    if call.state.count(Folder, directory_id=directory.id, parent_id=found.id):
        raise FolderHasFolders
    if call.state.count(Member, directory_id=directory.id, folder_id=found.id):
        raise FolderHasAccounts
    detach_all(call, found.id)
    call.state.delete(found)
    touch(call.state)
    return Response()


class ListFoldersForParentRequest(Paged, Request, kw_only=True):
    parent_folder_id: str = ""
    query_keyword: str = ""


class ListFoldersForParentResponse(Response, kw_only=True):
    page_number: int
    page_size: int
    total_count: int
    folders: Folders


@resourcemanager.operation()
def list_folders_for_parent(call: Call, ask: ListFoldersForParentRequest) -> ListFoldersForParentResponse:
    directory = managed(call)
    parent = find(call, directory, ask.parent_folder_id or directory.root_folder_id, ParentFolderNotExists)
    found = [
        one
        for one in call.state.find(Folder, directory_id=directory.id, parent_id=parent.id)
        if ask.query_keyword in one.name
    ]
    found.sort(key=lambda one: (one.created_at, one.id))
    return ListFoldersForParentResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        folders=Folders(folder=[_listed(one) for one in page_of(ask, found, most=100)]),
    )


class ListAncestorsRequest(Request, kw_only=True):
    child_id: str
    """of a folder or a member"""


class ListAncestorsResponse(Response, kw_only=True):
    folders: Folders


@resourcemanager.operation()
def list_ancestors(call: Call, ask: ListAncestorsRequest) -> ListAncestorsResponse:
    """From the root down, without the child itself."""
    directory = managed(call)
    if _ID.fullmatch(ask.child_id):
        path = path_to(call.state, find(call, directory, ask.child_id).id)[:-1]
    else:
        member = call.state.get(Member, ask.child_id)
        if member is None or member.directory_id != directory.id:
            raise AccountNotExists
        path = path_to(call.state, member.folder_id)
    return ListAncestorsResponse(folders=Folders(folder=[_listed(one) for one in path]))


def _check_name(call: Call, directory: ResourceDirectory, parent_id: str, name: str, parameter: str) -> None:
    if not _NAME.fullmatch(name):
        raise InvalidParameterOf(parameter)
    if any(one.name == name for one in call.state.find(Folder, directory_id=directory.id, parent_id=parent_id)):
        raise FolderExists


def _fields(one: Folder) -> dict[str, Any]:
    """The values of FolderModel."""
    return {
        "folder_id": one.id,
        "folder_name": one.name,
        "create_time": one.created_at,
        "parent_folder_id": one.parent_id or UNSET,
    }


def _listed(one: Folder) -> ListedFolder:
    return ListedFolder(folder_id=one.id, folder_name=one.name, create_time=one.created_at)
