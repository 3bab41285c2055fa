"""Which users are in which groups."""

from __future__ import annotations

from openyun.access.identity import Membership, touch
from openyun.clock import iso_seconds
from openyun.operation import Call, Model, Request, Response
from openyun.services.ram import bindings, groups, quotas, users
from openyun.services.ram.errors import TooManyGroupsOfUser, UserInGroup, UserNotInGroup
from openyun.services.ram.paging import PagedRequest, PagedResponse, page_of
from openyun.services.ram.service import ram

_BOTH = ("user/{user_name}", "group/{group_name}")


class AddUserToGroupRequest(Request, kw_only=True):
    user_name: str
    group_name: str


@ram.operation(resource=_BOTH)
def add_user_to_group(call: Call, ask: AddUserToGroupRequest) -> Response:
    user, group = users.find(call, ask.user_name), groups.find(call, ask.group_name)
    if call.state.get(Membership, call.account_id, user.name, group.name):
        raise UserInGroup
    if len(bindings.groups_of(call, user.name)) >= quotas.GROUPS_OF_A_USER:
        raise TooManyGroupsOfUser
    joined_at = iso_seconds(call.now)
    call.state.insert(
        Membership(account_id=call.account_id, user_name=user.name, group_name=group.name, joined_at=joined_at)
    )
    touch(call.state)
    return Response()


class RemoveUserFromGroupRequest(Request, kw_only=True):
    user_name: str
    group_name: str


@ram.operation(resource=_BOTH)
def remove_user_from_group(call: Call, ask: RemoveUserFromGroupRequest) -> Response:
    user, group = users.find(call, ask.user_name), groups.find(call, ask.group_name)
    membership = call.state.get(Membership, call.account_id, user.name, group.name)
    if membership is None:
        raise UserNotInGroup
    call.state.delete(membership)
    touch(call.state)
    return Response()


class ListGroupsForUserRequest(Request, kw_only=True):
    user_name: str


class GroupOfUser(Model, kw_only=True):
    group_id: str
    group_name: str
    comments: str
    join_date: str


class _GroupsOfUser(Model, kw_only=True):
    group: list[GroupOfUser]


class ListGroupsForUserResponse(Response, kw_only=True):
    groups: _GroupsOfUser


@ram.operation(resource="user/{user_name}")
def list_groups_for_user(call: Call, ask: ListGroupsForUserRequest) -> ListGroupsForUserResponse:
    shown = []
    for membership in bindings.groups_of(call, users.find(call, ask.user_name).name):
        group = groups.find(call, membership.group_name)
        shown.append(
            GroupOfUser(
                group_id=group.id,
                group_name=group.name,
                comments=group.comments,
                join_date=membership.joined_at,
            )
        )
    return ListGroupsForUserResponse(groups=_GroupsOfUser(group=shown))


class ListUsersForGroupRequest(PagedRequest, kw_only=True):
    group_name: str


class UserOfGroup(Model, kw_only=True):
    user_name: str
    display_name: str
    join_date: str


class _UsersOfGroup(Model, kw_only=True):
    user: list[UserOfGroup]


class ListUsersForGroupResponse(PagedResponse, kw_only=True):
    users: _UsersOfGroup


@ram.operation(resource="group/{group_name}")
def list_users_for_group(call: Call, ask: ListUsersForGroupRequest) -> ListUsersForGroupResponse:
    members = bindings.members_of(call, groups.find(call, ask.group_name).name)
    page, marker = page_of(members, ask, lambda member: member.user_name)
    shown = [
        UserOfGroup(
            user_name=member.user_name,
            display_name=users.find(call, member.user_name).display_name,
            join_date=member.joined_at,
        )
        for member in page
    ]
    return ListUsersForGroupResponse(users=_UsersOfGroup(user=shown), marker=marker)
