"""Ways from this region's VPCs to others, of this region or another: what VPC peering and CEN mean for networks.

Peering connections and CENs are kept at home, for all regions. Each region has a copy of what concerns its own VPCs,
made by `Crossings` and by nobody else, so that networks stand as they are while home is out of reach.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from ipaddress import IPv4Network

import msgspec

from openyun.cloud import Cloud, RegionState
from openyun.engine import network
from openyun.errors import BadRequest
from openyun.operation import Call
from openyun.services.vpc import networks, vpcs
from openyun.services.vpc.networks import Draft
from openyun.services.vpc.records import Crossing, RouteEntry, RouteTable, Vpc, VSwitch
from openyun.services.vpc.route_table import entries, listing
from openyun.services.vpc.route_table.listing import Line
from openyun.services.vpc.route_table.tables import Table
from openyun.state import StateError, Transaction


class DependencyViolationCrossing(BadRequest):
    code = "DependencyViolation.{kind}"
    message = "Specified object has dependent resources: {id}."

    def __init__(self, kind: str, id: str) -> None:
        super().__init__(id=id)
        self.code = f"DependencyViolation.{kind}"


Source = Callable[[Cloud, RegionState], list[Crossing]]

sources: list[Source] = []
"""Each tells the crossings that this region's VPCs are to have. Raises StateError if it cannot know them now."""

reporters: list[Callable[[Cloud, RegionState], None]] = []
"""Each tells home what has become of them."""


def place(state: Transaction, vpc_id: str) -> tuple[list[str], list[str]] | None:
    """The CIDR blocks of a VPC, and those of its vSwitches; None if there is none of this id."""
    found = state.get(Vpc, vpc_id)
    if found is None:
        return None
    switches = [one.cidr_block for one in state.find(VSwitch, vpc_id=vpc_id)]
    return [found.cidr_block, *found.more_cidr_blocks], sorted(switches)


class Crossings:
    """Makes the region's copy what it should be, before networks are made of it."""

    def __init__(self, cloud: Cloud, at: RegionState) -> None:
        self._cloud = cloud
        self._at = at
        self._shown: dict[str, tuple[list[str], list[str]]] = {}
        """what of this region's VPCs other regions see"""

    def survey(self) -> None:
        pass

    def due(self) -> list[tuple[str, Callable[[], None]]]:
        shown = self._at.store.read(_shown)
        if shown != self._shown:
            self._shown = shown
            for other in self._cloud.regions_in_use():
                if other is not self._at:
                    other.woken.set()
        try:
            wanted = {(one.id, one.vpc_id): one for source in sources for one in source(self._cloud, self._at)}
        except StateError:
            return []  # home, or the other region, is out of reach: what there is stays
        if self._at.store.read(lambda state: _differences(state, wanted)):
            self._at.store.write(partial(_replace, wanted=wanted))
        return []


class CrossingReports:
    """Tells home, after networks were made."""

    def __init__(self, cloud: Cloud, at: RegionState) -> None:
        self._cloud = cloud
        self._at = at

    def survey(self) -> None:
        pass

    def due(self) -> list[tuple[str, Callable[[], None]]]:
        for report in reporters:
            try:
                report(self._cloud, self._at)
            except StateError:
                continue  # home is out of reach: it is told later
        return []


def _shown(state: Transaction) -> dict[str, tuple[list[str], list[str]]]:
    vpc_ids = {one.vpc_id for one in state.find(Crossing)}
    return {vpc_id: found for vpc_id in sorted(vpc_ids) if (found := place(state, vpc_id))}


def _differences(state: Transaction, wanted: dict[tuple[str, str], Crossing]) -> list[Crossing]:
    """Present ones that are not wanted so."""
    present = state.find(Crossing)
    gone = [one for one in present if _plain(one) != wanted.get((one.id, one.vpc_id))]
    known = {(one.id, one.vpc_id) for one in present}
    return gone + [one for key, one in wanted.items() if key not in known]


def _replace(state: Transaction, wanted: dict[tuple[str, str], Crossing]) -> None:
    for one in _differences(state, wanted):
        new = wanted.get((one.id, one.vpc_id))
        if new is None:
            state.delete(one)
        else:
            state.put(new)


def _plain(one: Crossing) -> Crossing:
    return msgspec.structs.replace(one, status="Pending")


# Its part of networks.


def _draft(state: Transaction, drafts: dict[str, Draft]) -> None:
    found = [one for one in state.find(Crossing) if one.vpc_id in drafts and one.peer_vpc_id]
    for one in found:
        drafts[one.vpc_id].peerings.append(
            network.Peering(
                id=one.id,
                network_id=one.peer_vpc_id,
                region_id=one.peer_region_id,
                cidrs=tuple(one.cidr_blocks),
                kbit=one.kbit,
            )
        )
    for vpc_id in sorted({one.vpc_id for one in found if one.destinations}):
        _lead(state, vpc_id, drafts[vpc_id], [one for one in found if one.vpc_id == vpc_id])


def _lead(state: Transaction, vpc_id: str, draft: Draft, several: list[Crossing]) -> None:
    """Routes that come with crossings count in every route table that takes them; an entry of its own goes before."""
    closed = {one.id for one in state.find(RouteTable, vpc_id=vpc_id) if not one.propagation}
    switches: dict[str, list[str]] = {}
    for switch in state.find(VSwitch, vpc_id=vpc_id):
        if switch.route_table_id not in closed:
            switches.setdefault(switch.route_table_id, []).append(switch.id)
    tables = {one.id: one for one in draft.route_tables}
    for table_id, switch_ids in switches.items():
        table = tables.get(table_id) or network.RouteTable(id=table_id, switch_ids=tuple(switch_ids))
        own = {one.cidr for one in table.routes}
        led = tuple(
            network.Route(cidr=cidr, hop=network.Hop(peering_id=one.id))
            for one in several
            for cidr in one.destinations
            if cidr not in own
        )
        tables[table_id] = msgspec.structs.replace(table, routes=(*table.routes, *led))
    draft.route_tables[:] = tables.values()


def _waiting(state: Transaction) -> set[str]:
    return {one.vpc_id for one in state.find(Crossing, status="Pending")}


def _settle(state: Transaction, vpc_id: str) -> None:
    for one in state.find(Crossing, vpc_id=vpc_id, status="Pending"):
        one.status = "Available"
        state.put(one)


def _hop(state: Transaction, within: Vpc, id: str) -> network.Hop | None:
    found = state.get(Crossing, id, within.id)
    return network.Hop(peering_id=id) if found is not None and found.kind == "VpcPeer" else None


def _lines(call: Call, table: Table) -> list[Line]:
    """Entries that a CEN brings, as they are listed."""
    taken = {one.cidr_block for one in call.state.find(RouteEntry, route_table_id=table.id)}
    return [
        Line(
            id=f"rte-{one.peer_vpc_id.partition('-')[2]}-{IPv4Network(cidr).network_address.packed.hex()}",
            kind="CEN",
            cidr_block=cidr,
            status=one.status,
            next_hop_type="VPC",
            next_hop_id=one.peer_vpc_id,
        )
        for one in call.state.find(Crossing, vpc_id=table.within.id)
        for cidr in one.destinations
        if cidr not in taken and table.propagation
    ]


def _none_is_left(state: Transaction, vpc_id: str) -> None:
    for one in state.find(Crossing, vpc_id=vpc_id):
        raise DependencyViolationCrossing(one.kind, one.id)


def leads_there(state: Transaction, next_hop_id: str) -> bool:
    return state.count(RouteEntry, next_hop_id=next_hop_id) > 0


def drop_routes(state: Transaction, next_hop_id: str) -> None:
    """Take away the entries of this region that lead there."""
    for one in state.find(RouteEntry, next_hop_id=next_hop_id):
        state.delete(one)


def route_table_ids(state: Transaction, vpc_id: str) -> list[str]:
    """Of a VPC, the system one first."""
    found = state.get(Vpc, vpc_id)
    custom = [one.id for one in state.find(RouteTable, vpc_id=vpc_id)]
    return [found.route_table_id, *custom] if found else []


networks.drafters.append(_draft)
networks.waiting.append(_waiting)
networks.settlers.append(_settle)
entries.next_hops["VpcPeer"] = _hop
listing.more_lines.append(_lines)
vpcs.dependencies.append(_none_is_left)
