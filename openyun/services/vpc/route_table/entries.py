"""Custom route entries: what they may be, where they lead, and what becomes of them in networks."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Network

from openyun.clock import iso_seconds
from openyun.engine import network
from openyun.operation import Call
from openyun.services.naming import is_name
from openyun.services.vpc import networks
from openyun.services.vpc.networks import Draft
from openyun.services.vpc.records import NatGateway, RouteEntry, RouteTable, Vpc, VSwitch
from openyun.services.vpc.route_table.errors import (
    CidrDuplicated,
    CidrNotAllowed,
    InvalidNextHopType,
    InvalidRouteEntryDescription,
    InvalidRouteEntryName,
    MalformedCidr,
    NextHopMissing,
    NextHopNotFound,
    QuotaExceededRouteEntry,
    RouteTableNotFound,
)
from openyun.services.vpc.vpcs import RESERVED
from openyun.state import Transaction

EVERYWHERE = "0.0.0.0/0"
MOST_ENTRIES = 200
"""custom ones of a route table"""

Finder = Callable[[Transaction, Vpc, str], network.Hop | None]

next_hops: dict[str, Finder] = {}
"""By NextHopType: finds what a route of the VPC can lead to, by id; None if the VPC does not have it. Who has something
that routes can lead to adds how it is found."""


def table_of(call: Call, route_table_id: str) -> Vpc:
    """The VPC of the account's route table, system or custom. Raises RouteTableNotFound."""
    table = call.state.get(RouteTable, route_table_id)
    if table is not None and table.account_id == call.account_id:
        found = call.state.get(Vpc, table.vpc_id)
        if found is not None:
            return found
    for one in call.state.find(Vpc, account_id=call.account_id):
        if one.route_table_id == route_table_id:
            return one
    raise RouteTableNotFound(route_table_id=route_table_id)


def make(
    call: Call,
    within: Vpc,
    route_table_id: str,
    *,
    cidr_block: str,
    next_hop_type: str,
    next_hop_id: str,
    name: str = "",
    description: str = "",
    made_by: str = "",
) -> RouteEntry:
    """A new entry. Raises what speaks against it."""
    cidr = _destination(call, within, cidr_block)
    check_next_hop(call, within, next_hop_type, next_hop_id)
    present = call.state.find(RouteEntry, route_table_id=route_table_id)
    if any(one.cidr_block == cidr for one in present):
        raise CidrDuplicated(cidr_block=cidr)
    if len(present) >= MOST_ENTRIES:
        raise QuotaExceededRouteEntry(most=MOST_ENTRIES)
    made = RouteEntry(
        id=call.new_id("rte"),
        account_id=call.account_id,
        vpc_id=within.id,
        route_table_id=route_table_id,
        name=checked_name(name),
        description=checked_description(description),
        cidr_block=cidr,
        next_hop_type=next_hop_type,
        next_hop_id=next_hop_id,
        made_by=made_by,
        created_at=iso_seconds(call.now),
    )
    call.state.insert(made)
    call.wake()
    return made


def lead_to_gateway(call: Call, within: Vpc, nat_gateway_id: str) -> None:
    """The default route that comes with a VPC's first NAT gateway, in its system route table."""
    make(
        call,
        within,
        within.route_table_id,
        cidr_block=EVERYWHERE,
        next_hop_type="NatGateway",
        next_hop_id=nat_gateway_id,
        made_by=nat_gateway_id,
    )


def check_next_hop(call: Call, within: Vpc, next_hop_type: str, next_hop_id: str) -> None:
    if next_hop_type not in next_hops:
        raise InvalidNextHopType(next_hop_type=next_hop_type)
    if not next_hop_id:
        raise NextHopMissing
    if next_hops[next_hop_type](call.state, within, next_hop_id) is None:
        raise NextHopNotFound(next_hop_id=next_hop_id)


def checked_name(text: str) -> str:
    if text and not is_name(text):
        raise InvalidRouteEntryName
    return text


def checked_description(text: str) -> str:
    if text and not is_name(text, longest=256):
        raise InvalidRouteEntryDescription
    return text


def _destination(call: Call, within: Vpc, text: str) -> str:
    try:
        block = IPv4Network(text)
    except ValueError:
        raise MalformedCidr(cidr_block=text) from None
    reserved = block.prefixlen and any(block.overlaps(one) for one in RESERVED)
    switches = (IPv4Network(one.cidr_block) for one in call.state.find(VSwitch, vpc_id=within.id))
    if reserved or any(block.subnet_of(one) for one in switches):
        raise CidrNotAllowed(cidr_block=text)
    return str(block)


# Its part of networks.


def _draft(state: Transaction, drafts: dict[str, Draft]) -> None:
    entries: dict[str, list[RouteEntry]] = {}
    for one in state.find(RouteEntry):
        entries.setdefault(one.route_table_id, []).append(one)
    if not entries:
        return
    switches: dict[str, list[str]] = {}
    for switch in state.find(VSwitch):
        switches.setdefault(switch.route_table_id, []).append(switch.id)
    for table_id, several in entries.items():
        within = state.get(Vpc, several[0].vpc_id)
        if within is None or within.id not in drafts:
            continue
        drafts[within.id].route_tables.append(
            network.RouteTable(
                id=table_id,
                switch_ids=tuple(switches.get(table_id, ())),
                routes=tuple(network.Route(cidr=one.cidr_block, hop=_hop(state, within, one)) for one in several),
            )
        )


def _hop(state: Transaction, within: Vpc, one: RouteEntry) -> network.Hop:
    """What led somewhere that is gone leads nowhere."""
    found = next_hops[one.next_hop_type](state, within, one.next_hop_id) if one.next_hop_type in next_hops else None
    return found or network.Hop()


def _gateway(state: Transaction, within: Vpc, id: str) -> network.Hop | None:
    found = state.get(NatGateway, id)
    return network.Hop(gateway_id=id) if found is not None and found.vpc_id == within.id else None


def _waiting(state: Transaction) -> set[str]:
    return {one.vpc_id for one in state.find(RouteEntry, status=["Pending", "Modifying"])}


def _settle(state: Transaction, vpc_id: str) -> None:
    for one in state.find(RouteEntry, vpc_id=vpc_id):
        if one.status != "Available":
            one.status = "Available"
            state.put(one)


next_hops["NatGateway"] = _gateway
networks.drafters.append(_draft)
networks.waiting.append(_waiting)
networks.settlers.append(_settle)
