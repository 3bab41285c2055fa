"""Bandwidth between two regions of a CEN: out of a package, or else what is enough to try it out."""

from __future__ import annotations

from openyun.operation import Call, Model, Request, Response
from openyun.services.cbn import areas, attachments, cens, packages
from openyun.services.cbn.errors import IllegalParameter, NoPackage, NotEnoughBandwidth
from openyun.services.cbn.records import BandwidthPackage, InterRegionLimit
from openyun.services.cbn.service import cbn
from openyun.services.paging import Paged, page_of
from openyun.services.vpc import errors as vpc_errors
from openyun.state import Transaction

WITHOUT = 1
"""kbit/s between two regions that have no bandwidth: the vendor's, too, is for tests only"""


def kbit(state: Transaction, cen_id: str, region_id: str, other_region_id: str) -> int:
    """Between two VPCs of these regions; 0: no limit."""
    if region_id == other_region_id:
        return 0
    found = state.get(InterRegionLimit, cen_id, *sorted((region_id, other_region_id)))
    return found.bandwidth * 1000 if found else WITHOUT


class SetCenInterRegionBandwidthLimitRequest(Request, kw_only=True):
    cen_id: str
    local_region_id: str
    opposite_region_id: str
    bandwidth_limit: int
    bandwidth_type: str = "BandwidthPackage"


@cbn.operation(resource="cen:ceninstance/{cen_id}", action="cen:SetCenInterRegionBandwidthLimit")
def set_cen_inter_region_bandwidth_limit(call: Call, ask: SetCenInterRegionBandwidthLimitRequest) -> Response:
    """0 takes it away."""
    vpc_errors.refuse(BandwidthType=ask.bandwidth_type != "BandwidthPackage" and ask.bandwidth_type)
    network = cens.find(call, ask.cen_id)
    first, second = sorted(
        (
            areas.check_region(ask.local_region_id, "LocalRegionId"),
            areas.check_region(ask.opposite_region_id, "OppositeRegionId"),
        )
    )
    if first == second:
        raise IllegalParameter("OppositeRegionId")
    if ask.bandwidth_limit < 0:
        raise IllegalParameter("BandwidthLimit")
    present = call.state.get(InterRegionLimit, network.id, first, second)
    if ask.bandwidth_limit:
        wanted = areas.span([areas.area_of(first), areas.area_of(second)])
        fitting = [
            one for one in call.state.find(BandwidthPackage, cen_id=network.id) if areas.span(one.areas) == wanted
        ]
        if not fitting:
            raise NoPackage
        left = fitting[0].bandwidth - packages.given(call, fitting[0], besides=(first, second))
        if ask.bandwidth_limit > left:
            raise NotEnoughBandwidth(left=left)
        call.state.put(
            InterRegionLimit(
                cen_id=network.id,
                region_id=first,
                other_region_id=second,
                package_id=fitting[0].id,
                bandwidth=ask.bandwidth_limit,
            )
        )
    elif present is not None:
        call.state.delete(present)
    attachments.wake(call, network.id)
    return Response()


class Limit(Model, kw_only=True):
    cen_id: str
    local_region_id: str
    opposite_region_id: str
    geographic_span_id: str
    bandwidth_limit: int
    bandwidth_package_id: str
    bandwidth_type: str = "BandwidthPackage"
    status: str = "Active"


class Limits(Model, kw_only=True):
    cen_inter_region_bandwidth_limit: list[Limit]


class DescribeCenInterRegionBandwidthLimitsRequest(Paged, Request, kw_only=True):
    cen_id: str


class DescribeCenInterRegionBandwidthLimitsResponse(Response, kw_only=True):
    page_number: int
    page_size: int
    total_count: int
    cen_inter_region_bandwidth_limits: Limits


@cbn.operation(resource="cen:ceninstance/{cen_id}", action="cen:DescribeCenInterRegionBandwidthLimits")
def describe_cen_inter_region_bandwidth_limits(
    call: Call, ask: DescribeCenInterRegionBandwidthLimitsRequest
) -> DescribeCenInterRegionBandwidthLimitsResponse:
    cens.find(call, ask.cen_id)
    found = call.state.find(InterRegionLimit, cen_id=ask.cen_id)
    return DescribeCenInterRegionBandwidthLimitsResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        cen_inter_region_bandwidth_limits=Limits(
            cen_inter_region_bandwidth_limit=[
                Limit(
                    cen_id=one.cen_id,
                    local_region_id=one.region_id,
                    opposite_region_id=one.other_region_id,
                    geographic_span_id=areas.span([areas.area_of(one.region_id), areas.area_of(one.other_region_id)]),
                    bandwidth_limit=one.bandwidth,
                    bandwidth_package_id=one.package_id,
                )
                for one in page_of(ask, found)
            ]
        ),
    )
