"""AccessKey pairs of users and of the account itself. The secret is told once, when the pair is made."""

from __future__ import annotations

from typing import Literal

from openyun.access.credentials import new_access_key_id, new_secret
from openyun.access.identity import AccessKey, touch
from openyun.access.key_use import KeyUse
from openyun.clock import iso_seconds
from openyun.operation import Call, Model, Request, Response
from openyun.services.ram import quotas, users
from openyun.services.ram.errors import AccessKeyNotExist, InvalidValue, TooManyAccessKeys, UserNotExist
from openyun.services.ram.service import ram


def _owner(call: Call, user_name: str) -> str:
    """Whose keys are meant: the user named, else the caller's own; "" is the account itself. Raises UserNotExist."""
    if user_name:
        return users.find(call, user_name).name
    if call.principal.kind == "role":
        raise UserNotExist
    return call.principal.name if call.principal.kind == "user" else ""


def _keys_of(call: Call, owner: str) -> list[AccessKey]:
    return call.state.find(AccessKey, account_id=call.account_id, user_name=owner)


def _find(call: Call, owner: str, key_id: str) -> AccessKey:
    key = call.state.get(AccessKey, key_id)
    if key is None or (key.account_id, key.user_name) != (call.account_id, owner):
        raise AccessKeyNotExist
    return key


class AccessKeyModel(Model, kw_only=True):
    access_key_id: str
    status: str
    create_date: str


class NewAccessKeyModel(AccessKeyModel, kw_only=True):
    access_key_secret: str


class CreateAccessKeyRequest(Request, kw_only=True):
    user_name: str = ""


class CreateAccessKeyResponse(Response, kw_only=True):
    access_key: NewAccessKeyModel


@ram.operation(resource="user/{user_name or caller}")
def create_access_key(call: Call, ask: CreateAccessKeyRequest) -> CreateAccessKeyResponse:
    owner = _owner(call, ask.user_name)
    if len(_keys_of(call, owner)) >= quotas.ACCESS_KEYS_OF_A_USER:
        raise TooManyAccessKeys
    key_id, secret = new_access_key_id(), new_secret()
    key = AccessKey(
        id=key_id,
        account_id=call.account_id,
        user_name=owner,
        sealed_secret=call.cloud.vault.seal(secret, f"secret of {key_id}"),
        created_at=iso_seconds(call.now),
    )
    call.state.insert(key)
    touch(call.state)
    return CreateAccessKeyResponse(
        access_key=NewAccessKeyModel(
            access_key_id=key_id, access_key_secret=secret, status=key.status, create_date=key.created_at
        )
    )


class UpdateAccessKeyRequest(Request, kw_only=True):
    user_access_key_id: str
    status: str
    user_name: str = ""


@ram.operation(resource="user/{user_name or caller}")
def update_access_key(call: Call, ask: UpdateAccessKeyRequest) -> Response:
    key = _find(call, _owner(call, ask.user_name), ask.user_access_key_id)
    key.status = _status(ask.status)
    call.state.put(key)
    touch(call.state)
    return Response()


def _status(text: str) -> Literal["Active", "Inactive"]:
    if text == "Active":
        return "Active"
    if text == "Inactive":
        return "Inactive"
    raise InvalidValue("Status")


class DeleteAccessKeyRequest(Request, kw_only=True):
    user_access_key_id: str
    user_name: str = ""


@ram.operation(resource="user/{user_name or caller}")
def delete_access_key(call: Call, ask: DeleteAccessKeyRequest) -> Response:
    key = _find(call, _owner(call, ask.user_name), ask.user_access_key_id)
    call.state.delete(key)
    if use := call.state.get(KeyUse, key.id):
        call.state.delete(use)
    touch(call.state)
    return Response()


class ListAccessKeysRequest(Request, kw_only=True):
    user_name: str = ""


class _AccessKeys(Model, kw_only=True):
    access_key: list[AccessKeyModel]


class ListAccessKeysResponse(Response, kw_only=True):
    access_keys: _AccessKeys


@ram.operation(resource="user/{user_name or caller}")
def list_access_keys(call: Call, ask: ListAccessKeysRequest) -> ListAccessKeysResponse:
    keys = sorted(_keys_of(call, _owner(call, ask.user_name)), key=lambda key: key.created_at)
    shown = [AccessKeyModel(access_key_id=key.id, status=key.status, create_date=key.created_at) for key in keys]
    return ListAccessKeysResponse(access_keys=_AccessKeys(access_key=shown))


class GetAccessKeyLastUsedRequest(Request, kw_only=True):
    user_access_key_id: str
    user_name: str = ""


class AccessKeyLastUsed(Model, kw_only=True):
    last_used_date: str
    """empty for a key that was never used"""


class GetAccessKeyLastUsedResponse(Response, kw_only=True):
    access_key_last_used: AccessKeyLastUsed


@ram.operation(resource="user/{user_name or caller}")
def get_access_key_last_used(call: Call, ask: GetAccessKeyLastUsedRequest) -> GetAccessKeyLastUsedResponse:
    key = _find(call, _owner(call, ask.user_name), ask.user_access_key_id)
    use = call.state.get(KeyUse, key.id)
    used_at = use.used_at if use else ""
    return GetAccessKeyLastUsedResponse(access_key_last_used=AccessKeyLastUsed(last_used_date=used_at))
