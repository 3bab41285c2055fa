"""The account's alias: a name that people remember better than the account's number."""

from __future__ import annotations

import re

from openyun.access.identity import Account, touch
from openyun.operation import Call, Request, Response
from openyun.services.ram.errors import AccountAliasExists, AccountAliasLength, InvalidFormat
from openyun.services.ram.service import ram

_ALIAS = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def _account(call: Call) -> Account:
    return call.state.get(Account, call.account_id) or Account(id=call.account_id)


class GetAccountAliasRequest(Request, kw_only=True):
    pass


class GetAccountAliasResponse(Response, kw_only=True):
    account_alias: str


@ram.operation()
def get_account_alias(call: Call, ask: GetAccountAliasRequest) -> GetAccountAliasResponse:
    return GetAccountAliasResponse(account_alias=_account(call).alias)


class SetAccountAliasRequest(Request, kw_only=True):
    account_alias: str


@ram.operation()
def set_account_alias(call: Call, ask: SetAccountAliasRequest) -> Response:
    alias = ask.account_alias
    if not 3 <= len(alias) <= 63:
        raise AccountAliasLength("AccountAlias")
    if not _ALIAS.fullmatch(alias):
        raise InvalidFormat("AccountAlias")
    account = _account(call)
    if any(other.id != account.id for other in call.state.find(Account, alias=alias)):
        raise AccountAliasExists
    account.alias = alias
    call.state.put(account)
    touch(call.state)
    return Response()


class ClearAccountAliasRequest(Request, kw_only=True):
    pass


@ram.operation()
def clear_account_alias(call: Call, ask: ClearAccountAliasRequest) -> Response:
    account = _account(call)
    account.alias = ""
    call.state.put(account)
    touch(call.state)
    return Response()
