"""RAM users: people and programs of an account, with credentials of their own."""

from __future__ import annotations

import msgspec

from openyun.access.credentials import new_user_id
from openyun.access.identity import AccessKey, User, touch
from openyun.clock import iso_seconds
from openyun.operation import UNSET, Call, Model, Request, Response, Unset
from openyun.services.ram import bindings, quotas, rules
from openyun.services.ram.errors import TooManyUsers, UserExists, UserHasAccessKeys, UserHasGroups, UserNotExist
from openyun.services.ram.paging import PagedRequest, PagedResponse, page_of_records
from openyun.services.ram.service import ram


class UserModel(Model, kw_only=True):
    user_id: str
    user_name: str
    display_name: str
    mobile_phone: str
    email: str
    comments: str
    create_date: str
    update_date: str | Unset = UNSET


class UserResponse(Response, kw_only=True):
    user: UserModel


def find(call: Call, name: str) -> User:
    """Raises UserNotExist."""
    user = call.state.get(User, call.account_id, name)
    if user is None:
        raise UserNotExist
    return user


def _shown(user: User) -> UserModel:
    return UserModel(
        user_id=user.id,
        user_name=user.name,
        display_name=user.display_name,
        mobile_phone=user.mobile_phone,
        email=user.email,
        comments=user.comments,
        create_date=user.created_at,
        update_date=user.updated_at,
    )


class CreateUserRequest(Request, kw_only=True):
    user_name: str
    display_name: str = ""
    mobile_phone: str = ""
    email: str = ""
    comments: str = ""


@ram.operation(resource="user/*")
def create_user(call: Call, ask: CreateUserRequest) -> UserResponse:
    rules.check_user_name(ask.user_name)
    rules.check_display_name(ask.display_name)
    rules.check_mobile_phone(ask.mobile_phone)
    rules.check_email(ask.email)
    rules.check_length(ask.comments, "Comments", 128)
    if call.state.get(User, call.account_id, ask.user_name):
        raise UserExists
    if call.state.count(User, account_id=call.account_id) >= quotas.USERS:
        raise TooManyUsers
    now = iso_seconds(call.now)
    user = User(
        account_id=call.account_id,
        name=ask.user_name,
        id=new_user_id(),
        display_name=ask.display_name or ask.user_name,
        mobile_phone=ask.mobile_phone,
        email=ask.email,
        comments=ask.comments,
        created_at=now,
        updated_at=now,
    )
    call.state.insert(user)
    touch(call.state)
    return UserResponse(user=msgspec.structs.replace(_shown(user), update_date=UNSET))


class GetUserRequest(Request, kw_only=True):
    user_name: str


@ram.operation(resource="user/{user_name}")
def get_user(call: Call, ask: GetUserRequest) -> UserResponse:
    return UserResponse(user=_shown(find(call, ask.user_name)))


class UpdateUserRequest(Request, kw_only=True):
    user_name: str
    new_user_name: str = ""
    new_display_name: str | None = None
    new_mobile_phone: str | None = None
    new_email: str | None = None
    new_comments: str | None = None


@ram.operation(resource="user/{user_name}")
def update_user(call: Call, ask: UpdateUserRequest) -> UserResponse:
    user = find(call, ask.user_name)
    new_name = ask.new_user_name or user.name
    rules.check_user_name(new_name, "NewUserName")
    if ask.new_display_name is not None:
        rules.check_display_name(ask.new_display_name, "NewDisplayName")
        user.display_name = ask.new_display_name
    if ask.new_mobile_phone is not None:
        rules.check_mobile_phone(ask.new_mobile_phone, "NewMobilePhone")
        user.mobile_phone = ask.new_mobile_phone
    if ask.new_email is not None:
        rules.check_email(ask.new_email, "NewEmail")
        user.email = ask.new_email
    if ask.new_comments is not None:
        rules.check_length(ask.new_comments, "NewComments", 128)
        user.comments = ask.new_comments
    user.updated_at = iso_seconds(call.now)
    if new_name != user.name:
        _rename(call, user, new_name)
    call.state.put(user)
    touch(call.state)
    return UserResponse(user=_shown(user))


def _rename(call: Call, user: User, new_name: str) -> None:
    if call.state.get(User, call.account_id, new_name):
        raise UserExists
    call.state.delete(user)
    bindings.rename(call, "user", user.name, new_name)
    for key in call.state.find(AccessKey, account_id=call.account_id, user_name=user.name):
        key.user_name = new_name
        call.state.put(key)
    user.name = new_name


class DeleteUserRequest(Request, kw_only=True):
    user_name: str


@ram.operation(resource="user/{user_name}")
def delete_user(call: Call, ask: DeleteUserRequest) -> Response:
    user = find(call, ask.user_name)
    if call.state.find(AccessKey, account_id=call.account_id, user_name=user.name):
        raise UserHasAccessKeys
    if bindings.groups_of(call, user.name):
        raise UserHasGroups
    bindings.refuse_if_attached(call, "user", user.name)
    call.state.delete(user)
    touch(call.state)
    return Response()


class ListUsersRequest(PagedRequest, kw_only=True):
    pass


class _Users(Model, kw_only=True):
    user: list[UserModel]


class ListUsersResponse(PagedResponse, kw_only=True):
    users: _Users


@ram.operation(resource="user/*")
def list_users(call: Call, ask: ListUsersRequest) -> ListUsersResponse:
    users, marker = page_of_records(call, User, ask)
    return ListUsersResponse(users=_Users(user=[_shown(user) for user in users]), marker=marker)
