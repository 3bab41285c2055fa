"""What CENs mean for regions, and what regions tell of them: every two VPCs of a CEN have a way to each other."""

from __future__ import annotations

from functools import partial

from openyun.cloud import Cloud, RegionState
from openyun.services.cbn import limits, routes
from openyun.services.cbn.records import Attachment, Cen
from openyun.services.vpc import crossings
from openyun.services.vpc import records as vpc_records
from openyun.state import StateError, Transaction

Several = list[tuple[Attachment, list[str], list[str]]]
"""attached VPCs, with their CIDR blocks and those of their vSwitches"""


def _wanted(cloud: Cloud, at: RegionState) -> list[vpc_records.Crossing]:
    networks = cloud.home.store.read(partial(_of_region, region_id=at.region.id))
    found: list[vpc_records.Crossing] = []
    for cen, attached, kbits in networks:
        several = [(one, *place) for one in attached if (place := _place(cloud, one))]
        offered = routes.offers([(one, switches) for one, _, switches in several])
        for one, _, own in several:
            if one.region_id == at.region.id:
                found.append(_membership(cen, one))
                found += _ways(one, several, routes.learned(offered, one.vpc_id, own), kbits)
    return found


def _of_region(state: Transaction, region_id: str) -> list[tuple[Cen, list[Attachment], dict[str, int]]]:
    """CENs that have VPCs here, with all their VPCs, and the bandwidth to each region in kbit/s."""
    found = []
    for cen_id in sorted({one.cen_id for one in state.find(Attachment, region_id=region_id)}):
        cen = state.get(Cen, cen_id)
        attached = [one for one in state.find(Attachment, cen_id=cen_id) if one.status != "Detaching"]
        if cen is not None:
            there = {one.region_id for one in attached}
            found.append((cen, attached, {it: limits.kbit(state, cen_id, region_id, it) for it in there}))
    return found


def _place(cloud: Cloud, one: Attachment) -> tuple[list[str], list[str]] | None:
    at = cloud.in_use(one.region_id)
    if at is None:
        raise StateError(f"region {one.region_id} does not work")
    return at.store.read(lambda state: crossings.place(state, one.vpc_id))


def _membership(cen: Cen, one: Attachment) -> vpc_records.Crossing:
    """Leads nowhere, but keeps the VPC from being deleted, and tells of the CEN."""
    return vpc_records.Crossing(
        id=cen.id,
        vpc_id=one.vpc_id,
        kind="Cen",
        owner_id=cen.account_id,
        peer_vpc_id="",
        peer_region_id="",
        cidr_blocks=[],
    )


def _ways(
    one: Attachment, several: Several, learned: dict[str, list[str]], kbits: dict[str, int]
) -> list[vpc_records.Crossing]:
    return [
        vpc_records.Crossing(
            id="/".join([one.cen_id, *sorted((one.vpc_id, other.vpc_id))]),
            vpc_id=one.vpc_id,
            kind="Cen",
            peer_vpc_id=other.vpc_id,
            peer_region_id=other.region_id,
            cidr_blocks=blocks,
            kbit=kbits[other.region_id],
            destinations=learned.get(other.vpc_id, []),
        )
        for other, blocks, _ in several
        if other.vpc_id != one.vpc_id
    ]


def _report(cloud: Cloud, at: RegionState) -> None:
    """Which VPCs are attached or detached by now."""
    waiting = cloud.home.store.read(
        lambda state: [one for one in state.find(Attachment, region_id=at.region.id) if one.status != "Attached"]
    )
    for one in waiting:
        own = at.store.read(partial(_own, vpc_id=one.vpc_id))
        stands = bool(own) and all(it.status == "Available" for it in own)
        if stands if one.status == "Attaching" else not own:
            cloud.home.store.write(partial(_settle, seen=one))


def _own(state: Transaction, vpc_id: str) -> list[vpc_records.Crossing]:
    return [one for one in state.find(vpc_records.Crossing, vpc_id=vpc_id) if one.kind == "Cen"]


def _settle(state: Transaction, seen: Attachment) -> None:
    one = state.get(Attachment, seen.vpc_id)
    if one is None or one.cen_id != seen.cen_id or one.status != seen.status:
        return
    if one.status == "Detaching":
        state.delete(one)
    else:
        one.status = "Attached"
        state.put(one)


crossings.sources.append(_wanted)
crossings.reporters.append(_report)
