"""Invitations of accounts into a resource directory."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar, Literal

from openyun.access.identity import Account, Member
from openyun.clock import iso_seconds, random_text
from openyun.operation import Call, Model, Request, Response, Tag
from openyun.services.paging import Paged, page_of
from openyun.services.resourcemanager.accounts import enter
from openyun.services.resourcemanager.directories import managed, of_account
from openyun.services.resourcemanager.errors import (
    AccountNotExists,
    DirectoryNotEnabled,
    HandshakeExists,
    HandshakeIsOver,
    HandshakeNotExists,
    InvalidParameterOf,
)
from openyun.services.resourcemanager.resource_groups import checked_tags
from openyun.services.resourcemanager.service import resourcemanager
from openyun.state import Indexes, Record

LIFE = timedelta(days=14)


class Handshake(Record, kw_only=True):
    TABLE: ClassVar[str] = "directory_handshake"
    INDEXES: ClassVar[Indexes] = (("management_account_id",), ("target_account_id",))

    id: str
    directory_id: str
    management_account_id: str
    target_account_id: str
    note: str = ""
    status: Literal["Pending", "Accepted", "Declined", "Cancelled"] = "Pending"
    """an old one that is Pending has expired"""
    created_at: str
    modified_at: str
    expires_at: str
    tags: dict[str, str] = {}
    """for the member to be"""

    def status_at(self, now: datetime) -> str:
        return "Expired" if self.status == "Pending" and iso_seconds(now) >= self.expires_at else self.status


class HandshakeModel(Model, kw_only=True):
    handshake_id: str
    resource_directory_id: str
    master_account_id: str
    master_account_name: str
    target_entity: str
    target_type: str = "Account"
    note: str
    status: str
    create_time: str
    modify_time: str
    expire_time: str


class Handshakes(Model, kw_only=True):
    handshake: list[HandshakeModel]


class HandshakeResponse(Response, kw_only=True):
    handshake: HandshakeModel


class InviteAccountToResourceDirectoryRequest(Request, kw_only=True):
    target_entity: str
    """an account's id"""
    target_type: str
    note: str = ""
    tag: list[Tag] = []


@resourcemanager.operation()
def invite_account_to_resource_directory(call: Call, ask: InviteAccountToResourceDirectoryRequest) -> HandshakeResponse:
    """Accounts of this cloud have no e-mail address, so one is invited by its id."""
    directory = managed(call)
    if ask.target_type != "Account":
        raise InvalidParameterOf("TargetType")
    if call.state.get(Account, ask.target_entity) is None:
        raise AccountNotExists
    pending = [
        one
        for one in call.state.find(Handshake, target_account_id=ask.target_entity)
        if one.directory_id == directory.id and one.status_at(call.now) == "Pending"
    ]
    if pending or of_account(call, ask.target_entity) is not None:
        raise HandshakeExists
    now = iso_seconds(call.now)
    made = Handshake(
        id=f"h-{random_text(16)}",
        directory_id=directory.id,
        management_account_id=call.account_id,
        target_account_id=ask.target_entity,
        note=ask.note,
        created_at=now,
        modified_at=now,
        expires_at=iso_seconds(call.now + LIFE),
        tags=checked_tags(ask.tag),
    )
    call.state.insert(made)
    return HandshakeResponse(handshake=_shown(call, made))


class _OfHandshake(Request, kw_only=True):
    handshake_id: str


class GetHandshakeRequest(_OfHandshake, kw_only=True):
    pass


@resourcemanager.operation(resource="handshake/{handshake_id}")
def get_handshake(call: Call, ask: GetHandshakeRequest) -> HandshakeResponse:
    found = call.state.get(Handshake, ask.handshake_id)
    if found is None or call.account_id not in (found.management_account_id, found.target_account_id):
        raise HandshakeNotExists
    return HandshakeResponse(handshake=_shown(call, found))


class AcceptHandshakeRequest(_OfHandshake, kw_only=True):
    pass


@resourcemanager.operation(resource="handshake/{handshake_id}")
def accept_handshake(call: Call, ask: AcceptHandshakeRequest) -> HandshakeResponse:
    found = _pending(call, ask.handshake_id, invited=True)
    directory = of_account(call, found.management_account_id)
    if directory is None or directory.id != found.directory_id:
        raise DirectoryNotEnabled
    if of_account(call, call.account_id) is not None:
        raise HandshakeExists
    now = iso_seconds(call.now)
    member = Member(
        account_id=call.account_id,
        directory_id=directory.id,
        folder_id=directory.root_folder_id,
        name=call.account_id,
        display_name=call.account_id,
        type="CloudAccount",
        join_method="invited",
        joined_at=now,
        modified_at=now,
        tags=found.tags,
    )
    enter(call, directory, member)
    return _ended(call, found, "Accepted")


class DeclineHandshakeRequest(_OfHandshake, kw_only=True):
    pass


@resourcemanager.operation(resource="handshake/{handshake_id}")
def decline_handshake(call: Call, ask: DeclineHandshakeRequest) -> HandshakeResponse:
    return _ended(call, _pending(call, ask.handshake_id, invited=True), "Declined")


class CancelHandshakeRequest(_OfHandshake, kw_only=True):
    pass


@resourcemanager.operation(resource="handshake/{handshake_id}")
def cancel_handshake(call: Call, ask: CancelHandshakeRequest) -> HandshakeResponse:
    return _ended(call, _pending(call, ask.handshake_id, invited=False), "Cancelled")


class ListHandshakesForAccountRequest(Paged, Request, kw_only=True):
    pass


class HandshakesResponse(Response, kw_only=True):
    page_number: int
    page_size: int
    total_count: int
    handshakes: Handshakes


@resourcemanager.operation()
def list_handshakes_for_account(call: Call, ask: ListHandshakesForAccountRequest) -> HandshakesResponse:
    return _listed(call, ask, call.state.find(Handshake, target_account_id=call.account_id))


class ListHandshakesForResourceDirectoryRequest(Paged, Request, kw_only=True):
    pass


@resourcemanager.operation()
def list_handshakes_for_resource_directory(
    call: Call, ask: ListHandshakesForResourceDirectoryRequest
) -> HandshakesResponse:
    managed(call)
    return _listed(call, ask, call.state.find(Handshake, management_account_id=call.account_id))


def _listed(call: Call, ask: Paged, found: list[Handshake]) -> HandshakesResponse:
    found = sorted(found, key=lambda one: one.created_at, reverse=True)
    return HandshakesResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        handshakes=Handshakes(handshake=[_shown(call, one) for one in page_of(ask, found, most=100)]),
    )


def _pending(call: Call, handshake_id: str, *, invited: bool) -> Handshake:
    """One that the caller may end. Raises HandshakeNotExists, HandshakeIsOver."""
    found = call.state.get(Handshake, handshake_id)
    if found is None or call.account_id != (found.target_account_id if invited else found.management_account_id):
        raise HandshakeNotExists
    status = found.status_at(call.now)
    if status != "Pending":
        raise HandshakeIsOver(status=status.lower())
    return found


def _ended(call: Call, one: Handshake, status: Literal["Accepted", "Declined", "Cancelled"]) -> HandshakeResponse:
    one.status = status
    one.modified_at = iso_seconds(call.now)
    call.state.put(one)
    return HandshakeResponse(handshake=_shown(call, one))


def _shown(call: Call, one: Handshake) -> HandshakeModel:
    return HandshakeModel(
        handshake_id=one.id,
        resource_directory_id=one.directory_id,
        master_account_id=one.management_account_id,
        master_account_name=one.management_account_id,
        target_entity=one.target_account_id,
        note=one.note,
        status=one.status_at(call.now),
        create_time=one.created_at,
        modify_time=one.modified_at,
        expire_time=one.expires_at,
    )
