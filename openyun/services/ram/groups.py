"""Groups of RAM users: what is attached to a group binds all its members."""

from __future__ import annotations

import msgspec

from openyun.access.credentials import new_group_id
from openyun.access.identity import Group, touch
from openyun.clock import iso_seconds
from openyun.operation import UNSET, Call, Model, Request, Response, Unset
from openyun.services.ram import bindings, quotas, rules
from openyun.services.ram.errors import GroupExists, GroupHasUsers, GroupNotExist, TooManyGroups
from openyun.services.ram.paging import PagedRequest, PagedResponse, page_of_records
from openyun.services.ram.service import ram


class GroupModel(Model, kw_only=True):
    group_id: str
    group_name: str
    comments: str
    create_date: str
    update_date: str | Unset = UNSET


class GroupResponse(Response, kw_only=True):
    group: GroupModel


def find(call: Call, name: str) -> Group:
    """Raises GroupNotExist."""
    group = call.state.get(Group, call.account_id, name)
    if group is None:
        raise GroupNotExist
    return group


def _shown(group: Group) -> GroupModel:
    return GroupModel(
        group_id=group.id,
        group_name=group.name,
        comments=group.comments,
        create_date=group.created_at,
        update_date=group.updated_at,
    )


class CreateGroupRequest(Request, kw_only=True):
    group_name: str
    comments: str = ""


@ram.operation(resource="group/*")
def create_group(call: Call, ask: CreateGroupRequest) -> GroupResponse:
    rules.check_group_name(ask.group_name)
    rules.check_length(ask.comments, "Comments", 128)
    if call.state.get(Group, call.account_id, ask.group_name):
        raise GroupExists
    if call.state.count(Group, account_id=call.account_id) >= quotas.GROUPS:
        raise TooManyGroups
    now = iso_seconds(call.now)
    group = Group(
        account_id=call.account_id,
        name=ask.group_name,
        id=new_group_id(),
        comments=ask.comments,
        created_at=now,
        updated_at=now,
    )
    call.state.insert(group)
    touch(call.state)
    return GroupResponse(group=msgspec.structs.replace(_shown(group), update_date=UNSET))


class GetGroupRequest(Request, kw_only=True):
    group_name: str


@ram.operation(resource="group/{group_name}")
def get_group(call: Call, ask: GetGroupRequest) -> GroupResponse:
    return GroupResponse(group=_shown(find(call, ask.group_name)))


class UpdateGroupRequest(Request, kw_only=True):
    group_name: str
    new_group_name: str = ""
    new_comments: str | None = None


@ram.operation(resource="group/{group_name}")
def update_group(call: Call, ask: UpdateGroupRequest) -> GroupResponse:
    group = find(call, ask.group_name)
    new_name = ask.new_group_name or group.name
    rules.check_group_name(new_name, "NewGroupName")
    if ask.new_comments is not None:
        rules.check_length(ask.new_comments, "NewComments", 128)
        group.comments = ask.new_comments
    group.updated_at = iso_seconds(call.now)
    if new_name != group.name:
        if call.state.get(Group, call.account_id, new_name):
            raise GroupExists
        call.state.delete(group)
        bindings.rename(call, "group", group.name, new_name)
        group.name = new_name
    call.state.put(group)
    touch(call.state)
    return GroupResponse(group=_shown(group))


class DeleteGroupRequest(Request, kw_only=True):
    group_name: str


@ram.operation(resource="group/{group_name}")
def delete_group(call: Call, ask: DeleteGroupRequest) -> Response:
    group = find(call, ask.group_name)
    if bindings.members_of(call, group.name):
        raise GroupHasUsers
    bindings.refuse_if_attached(call, "group", group.name)
    call.state.delete(group)
    touch(call.state)
    return Response()


class ListGroupsRequest(PagedRequest, kw_only=True):
    pass


class _Groups(Model, kw_only=True):
    group: list[GroupModel]


class ListGroupsResponse(PagedResponse, kw_only=True):
    groups: _Groups


@ram.operation(resource="group/*")
def list_groups(call: Call, ask: ListGroupsRequest) -> ListGroupsResponse:
    groups, marker = page_of_records(call, Group, ask)
    return ListGroupsResponse(groups=_Groups(group=[_shown(group) for group in groups]), marker=marker)
