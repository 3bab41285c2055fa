"""Elastic IP addresses: who has them, and what they are bound to.

What an address can be bound to belongs to several products, so each registers how its kind of thing is found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from openyun.engine import network
from openyun.operation import Call
from openyun.services.vpc import networks, public_addresses, vpcs
from openyun.services.vpc.eip.errors import EipNotFound
from openyun.services.vpc.errors import DependencyViolation
from openyun.services.vpc.networks import Draft
from openyun.services.vpc.records import Eip
from openyun.state import Transaction


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """What an elastic IP address is or could be bound to."""

    id: str
    account_id: str
    vpc_id: str
    private_addresses: tuple[str, ...] = ()
    """the primary one first; none for a NAT gateway, which translates by entries"""
    ready: bool = True
    """whether it is in a status to be bound to"""
    public_address: str = ""
    """one that it has already, that is no elastic one"""
    answers_ping: bool = False


kinds: dict[str, Callable[[Transaction, str], Holder | None]] = {}
"""By InstanceType. Who has things that elastic IP addresses can be bound to adds how they are found."""

vetoes: list[Callable[[Transaction, Eip], None]] = []
"""Each raises if the address is needed where it is bound."""

leaving: list[Callable[[Transaction, Eip], None]] = []
"""Each is told of an address that leaves its holder in spite of vetoes."""


def find(call: Call, allocation_id: str) -> Eip:
    """The account's address; raises EipNotFound."""
    found = call.state.get(Eip, allocation_id)
    if found is None or found.account_id != call.account_id:
        raise EipNotFound(allocation_id=allocation_id)
    return found


def held_by(state: Transaction, holder_ids: Iterable[str]) -> dict[str, list[Eip]]:
    """By holder: the addresses that are or are being bound to it."""
    found: dict[str, list[Eip]] = {}
    for one in state.find(Eip, holder_id=list(holder_ids)):
        if one.status in ("Associating", "InUse"):
            found.setdefault(one.holder_id, []).append(one)
    return found


def of_account(call: Call, kind: str) -> dict[str, list[Eip]]:
    """By holder of this kind: the addresses that are or are being bound to it."""
    found: dict[str, list[Eip]] = {}
    for one in call.state.find(Eip, account_id=call.account_id):
        if one.holder_kind == kind and one.status in ("Associating", "InUse"):
            found.setdefault(one.holder_id, []).append(one)
    return found


def let_go(state: Transaction, holder_id: str) -> None:
    """The holder ends: its addresses are free at once. Whoever deletes one calls this."""
    for one in state.find(Eip, holder_id=holder_id):
        free(state, one)


def free(state: Transaction, one: Eip) -> None:
    one.status, one.holder_kind, one.holder_id, one.private_address, one.vpc_id = "Available", "", "", "", ""
    state.put(one)


def release(state: Transaction, one: Eip) -> None:
    public_addresses.release(state, one.address)
    state.delete(one)


def holder_of(state: Transaction, one: Eip) -> Holder | None:
    seek = kinds.get(one.holder_kind)
    return seek(state, one.holder_id) if seek else None


# Its part of networks.


def _draft(state: Transaction, drafts: dict[str, Draft]) -> None:
    for one in state.find(Eip, status=["Associating", "InUse"]):
        holder = holder_of(state, one)
        draft = drafts.get(holder.vpc_id) if holder else None
        if draft is None or holder is None:
            continue
        private = one.private_address or next(iter(holder.private_addresses), "")
        draft.addresses.append(
            network.PublicAddress(
                address=one.address, private_address=private, mbit=one.bandwidth, answers_ping=holder.answers_ping
            )
        )


def _waiting(state: Transaction) -> set[str]:
    return {one.vpc_id for one in state.find(Eip, status=["Associating", "Unassociating"])}


def _settle(state: Transaction, vpc_id: str) -> None:
    for one in state.find(Eip, vpc_id=vpc_id):
        if one.status == "Associating":
            one.status = "InUse"
            state.put(one)
        elif one.status == "Unassociating":
            free(state, one)


def _none_is_bound(state: Transaction, vpc_id: str) -> None:
    if state.count(Eip, vpc_id=vpc_id):
        raise DependencyViolation


networks.drafters.append(_draft)
networks.waiting.append(_waiting)
networks.settlers.append(_settle)
vpcs.dependencies.append(_none_is_bound)
