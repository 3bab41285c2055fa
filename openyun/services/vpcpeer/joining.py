"""What peering connections mean for regions, and what regions tell of them."""

from __future__ import annotations

from functools import partial

from openyun.cloud import Cloud, RegionState
from openyun.services.vpc import crossings
from openyun.services.vpc import records as vpc_records
from openyun.services.vpcpeer import connections
from openyun.services.vpcpeer.records import PeerConnection
from openyun.state import StateError, Transaction


def _of_region(state: Transaction, region_id: str) -> list[PeerConnection]:
    found = {
        one.id: one
        for column in ("region_id", "accepting_region_id")
        for one in state.find(PeerConnection, **{column: region_id})
    }
    return list(found.values())


def ends(one: PeerConnection) -> list[tuple[str, str, str, str]]:
    """Region and VPC of each end, with those of the other."""
    here, there = (one.region_id, one.vpc_id), (one.accepting_region_id, one.accepting_vpc_id)
    return [(*here, *there), (*there, *here)]


def _wanted(cloud: Cloud, at: RegionState) -> list[vpc_records.Crossing]:
    found = cloud.home.store.read(lambda state: _of_region(state, at.region.id))
    return [
        crossing
        for one in found
        if one.status in ("Creating", "Updating", "Activated")
        for region_id, vpc_id, peer_region_id, peer_vpc_id in ends(one)
        if region_id == at.region.id and (crossing := _crossing(cloud, at, one, vpc_id, peer_region_id, peer_vpc_id))
    ]


def _crossing(
    cloud: Cloud, at: RegionState, one: PeerConnection, vpc_id: str, peer_region_id: str, peer_vpc_id: str
) -> vpc_records.Crossing | None:
    there = cloud.in_use(peer_region_id)
    if there is None:
        raise StateError(f"region {peer_region_id} does not work")
    place = there.store.read(lambda state: crossings.place(state, peer_vpc_id))
    if place is None or at.store.read(lambda state: crossings.place(state, vpc_id)) is None:
        return None
    return vpc_records.Crossing(
        id=one.id,
        vpc_id=vpc_id,
        kind="VpcPeer",
        peer_vpc_id=peer_vpc_id,
        peer_region_id=peer_region_id,
        cidr_blocks=place[0],
        kbit=one.bandwidth * 1000 if one.bandwidth > 0 else 0,
    )


def _report(cloud: Cloud, at: RegionState) -> None:
    """Which of this region's VPCs have it, and which no longer."""
    found = cloud.home.store.read(lambda state: _of_region(state, at.region.id))
    for one in found:
        forced = one.status == "Deleting" and one.force
        if forced and at.store.read(partial(crossings.leads_there, next_hop_id=one.id)):
            at.store.write(partial(crossings.drop_routes, next_hop_id=one.id))
            at.woken.set()
        own = [vpc_id for region_id, vpc_id, _, _ in ends(one) if region_id == at.region.id]
        standing = at.store.read(partial(_standing, id=one.id, vpc_ids=own))
        told = [vpc_id for vpc_id in own if vpc_id in one.standing]
        if one.status in ("Creating", "Updating", "Deleting") and (standing != told or one.status == "Deleting"):
            cloud.home.store.write(partial(_settle, id=one.id, own=own, standing=standing))


def _standing(state: Transaction, id: str, vpc_ids: list[str]) -> list[str]:
    found = [(vpc_id, state.get(vpc_records.Crossing, id, vpc_id)) for vpc_id in vpc_ids]
    return [vpc_id for vpc_id, one in found if one is not None and one.status == "Available"]


def _settle(state: Transaction, id: str, own: list[str], standing: list[str]) -> None:
    one = state.get(PeerConnection, id)
    if one is None or one.status not in ("Creating", "Updating", "Deleting"):
        return
    one.standing = sorted({*one.standing} - {*own} | {*standing})
    if one.status == "Deleting" and not one.standing:
        connections.forget(state, one)
        return
    if one.status != "Deleting" and {*one.standing} == {*one.vpc_ids}:
        one.status = "Activated"
    state.put(one)


crossings.sources.append(_wanted)
crossings.reporters.append(_report)
