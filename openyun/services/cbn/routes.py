"""Routes of a CEN: each VPC offers its vSwitches, and learns those of all others.

Of equal offers that of the VPC that was attached first counts. What overlaps a VPC's own vSwitches it does not learn.
"""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Literal, NamedTuple

from openyun.cloud import RegionState
from openyun.operation import Call, Model, Request, Response
from openyun.services.cbn import areas, attachments, cens
from openyun.services.cbn.errors import IllegalParameter, RouteNotFound
from openyun.services.cbn.records import Attachment
from openyun.services.cbn.service import cbn
from openyun.services.paging import Paged, page_of
from openyun.services.vpc import crossings
from openyun.services.vpc import errors as vpc_errors
from openyun.services.vpc import records as vpc_records
from openyun.state import Transaction


class Offer(NamedTuple):
    cidr_block: str
    by: Attachment
    status: Literal["Active", "Candidate"]


def offers(several: list[tuple[Attachment, list[str]]]) -> list[Offer]:
    """Of attached VPCs and their vSwitches' CIDR blocks."""
    found: list[Offer] = []
    taken: set[str] = set()
    for one, switches in sorted(several, key=lambda pair: (pair[0].attached, pair[0].vpc_id)):
        for cidr in switches:
            if cidr not in one.withdrawn and one.status != "Detaching":
                found.append(Offer(cidr, one, "Candidate" if cidr in taken else "Active"))
                taken.add(cidr)
    return found


def learned(offered: list[Offer], vpc_id: str, own: list[str]) -> dict[str, list[str]]:
    """What a VPC with these vSwitches learns, by the VPC that offers it."""
    switches = [IPv4Network(one) for one in own]
    found: dict[str, list[str]] = {}
    for one in offered:
        block = IPv4Network(one.cidr_block)
        if one.status == "Active" and one.by.vpc_id != vpc_id and not any(block.overlaps(it) for it in switches):
            found.setdefault(one.by.vpc_id, []).append(one.cidr_block)
    return found


# DescribeCenRegionDomainRouteEntries


class CenRouteEntry(Model, kw_only=True):
    destination_cidr_block: str
    type: str = "CEN"
    status: str
    next_hop_type: str = "VPC"
    next_hop_instance_id: str
    next_hop_region_id: str


class CenRouteEntries(Model, kw_only=True):
    cen_route_entry: list[CenRouteEntry]


class DescribeCenRegionDomainRouteEntriesRequest(Paged, Request, kw_only=True):
    cen_id: str
    cen_region_id: str
    status: str = ""


class DescribeCenRegionDomainRouteEntriesResponse(Response, kw_only=True):
    page_number: int
    page_size: int
    total_count: int
    cen_route_entries: CenRouteEntries


@cbn.operation(resource="cen:ceninstance/{cen_id}", action="cen:DescribeCenRegionDomainRouteEntries")
def describe_cen_region_domain_route_entries(
    call: Call, ask: DescribeCenRegionDomainRouteEntriesRequest
) -> DescribeCenRegionDomainRouteEntriesResponse:
    cens.find(call, ask.cen_id)
    areas.check_region(ask.cen_region_id, "CenRegionId")
    every = call.state.find(Attachment, cen_id=ask.cen_id)
    found = []
    if any(one.region_id == ask.cen_region_id for one in every):
        offered = offers([(one, attachments.blocks(call, one)[1]) for one in every])
        found = [one for one in offered if ask.status in ("", one.status)]
    return DescribeCenRegionDomainRouteEntriesResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        cen_route_entries=CenRouteEntries(
            cen_route_entry=[
                CenRouteEntry(
                    destination_cidr_block=one.cidr_block,
                    status=one.status,
                    next_hop_instance_id=one.by.vpc_id,
                    next_hop_region_id=one.by.region_id,
                )
                for one in page_of(ask, found)
            ]
        ),
    )


# PublishRouteEntries, WithdrawPublishedRouteEntries, DescribePublishedRouteEntries


class RouteOfChild(Request, kw_only=True):
    cen_id: str
    child_instance_id: str
    child_instance_type: str
    child_instance_region_id: str
    child_instance_route_table_id: str


class PublishRouteEntriesRequest(RouteOfChild, kw_only=True):
    destination_cidr_block: str


@cbn.operation(resource="cen:ceninstance/{cen_id}", action="cen:PublishRouteEntries")
def publish_route_entries(call: Call, ask: PublishRouteEntriesRequest) -> Response:
    found = _with_route(call, ask, ask.destination_cidr_block)
    found.withdrawn = [one for one in found.withdrawn if one != ask.destination_cidr_block]
    call.state.put(found)
    attachments.wake(call, found.cen_id)
    return Response()


class WithdrawPublishedRouteEntriesRequest(RouteOfChild, kw_only=True):
    destination_cidr_block: str


@cbn.operation(resource="cen:ceninstance/{cen_id}", action="cen:WithdrawPublishedRouteEntries")
def withdraw_published_route_entries(call: Call, ask: WithdrawPublishedRouteEntriesRequest) -> Response:
    found = _with_route(call, ask, ask.destination_cidr_block)
    found.withdrawn = sorted({*found.withdrawn, ask.destination_cidr_block})
    call.state.put(found)
    attachments.wake(call, found.cen_id)
    return Response()


class PublishedRouteEntry(Model, kw_only=True):
    child_instance_route_table_id: str
    destination_cidr_block: str
    next_hop_id: str = ""
    next_hop_type: str
    route_type: str
    publish_status: str
    operational_mode: bool


class PublishedRouteEntries(Model, kw_only=True):
    published_route_entry: list[PublishedRouteEntry]


class DescribePublishedRouteEntriesRequest(RouteOfChild, kw_only=True):
    child_instance_route_table_id: str = ""
    destination_cidr_block: str = ""
    page_number: int = 1
    page_size: int = 10


class DescribePublishedRouteEntriesResponse(Response, kw_only=True):
    page_number: int
    page_size: int
    total_count: int
    published_route_entries: PublishedRouteEntries


@cbn.operation(resource="cen:ceninstance/{cen_id}", action="cen:DescribePublishedRouteEntries")
def describe_published_route_entries(
    call: Call, ask: DescribePublishedRouteEntriesRequest
) -> DescribePublishedRouteEntriesResponse:
    """System entries, which can be published and withdrawn, and custom ones, which are the VPC's own."""
    attachments.check_type(ask.child_instance_type)
    child = attachments.find(call, ask.cen_id, ask.child_instance_id)
    table_ids, switches, custom = _routes(call, child)
    if ask.child_instance_route_table_id and ask.child_instance_route_table_id not in table_ids:
        raise IllegalParameter("ChildInstanceRouteTableId")
    found = [
        PublishedRouteEntry(
            child_instance_route_table_id=table_id,
            destination_cidr_block=cidr,
            next_hop_type="local",
            route_type="System",
            publish_status="NonPublished" if cidr in child.withdrawn else "Published",
            operational_mode=True,
        )
        for table_id in table_ids
        for cidr in switches
    ]
    found += [
        PublishedRouteEntry(
            child_instance_route_table_id=one.route_table_id,
            destination_cidr_block=one.cidr_block,
            next_hop_type=one.next_hop_type,
            next_hop_id=one.next_hop_id,
            route_type="Custom",
            publish_status="NonPublished",
            operational_mode=False,
        )
        for one in custom
    ]
    found = [
        one
        for one in found
        if ask.child_instance_route_table_id in ("", one.child_instance_route_table_id)
        and ask.destination_cidr_block in ("", one.destination_cidr_block)
    ]
    page = Paged(page_number=ask.page_number, page_size=ask.page_size)
    return DescribePublishedRouteEntriesResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        published_route_entries=PublishedRouteEntries(published_route_entry=[*page_of(page, found)]),
    )


def _with_route(call: Call, ask: RouteOfChild, cidr_block: str) -> Attachment:
    """The VPC, if a system entry of its leads there. No custom one is published: nothing would route behind it."""
    attachments.check_type(ask.child_instance_type)
    child = attachments.find(call, ask.cen_id, ask.child_instance_id)
    table_ids, switches, custom = _routes(call, child)
    if ask.child_instance_route_table_id not in table_ids:
        raise IllegalParameter("ChildInstanceRouteTableId")
    if cidr_block not in switches:
        vpc_errors.refuse(DestinationCidrBlock=any(one.cidr_block == cidr_block for one in custom))
        raise RouteNotFound(cidr_block=cidr_block)
    return child


def _routes(call: Call, child: Attachment) -> tuple[list[str], list[str], list[vpc_records.RouteEntry]]:
    """The VPC's route tables, the CIDR blocks of its vSwitches, and its custom entries."""
    at: RegionState | None = call.cloud.in_use(child.region_id)

    def read(state: Transaction) -> tuple[list[str], list[str], list[vpc_records.RouteEntry]]:
        _, switches = crossings.place(state, child.vpc_id) or ([], [])
        custom = state.find(vpc_records.RouteEntry, vpc_id=child.vpc_id)
        return crossings.route_table_ids(state, child.vpc_id), switches, custom

    if at is None:
        return [], [], []
    return read(call.state) if at is call.at else at.store.read(read)
