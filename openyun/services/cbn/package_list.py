"""DescribeCenBandwidthPackages, and what of them is not given away yet."""

from __future__ import annotations

from openyun.operation import Call, Model, Request, Response, Tag
from openyun.services.cbn import areas, cens, packages
from openyun.services.cbn.cens import Filter, Tags, passes
from openyun.services.cbn.records import BandwidthPackage, InterRegionLimit
from openyun.services.cbn.service import cbn
from openyun.services.paging import Paged, page_of
from openyun.services.tags import carries


class CenIds(Model, kw_only=True):
    cen_id: list[str]


class Limit(Model, kw_only=True):
    local_region_id: str
    opposite_region_id: str
    bandwidth_limit: str
    geographic_span_id: str


class Limits(Model, kw_only=True):
    orgin_inter_region_bandwidth_limit: list[Limit]


class Package(Model, kw_only=True):
    cen_bandwidth_package_id: str
    name: str
    description: str
    bandwidth: int
    bandwidth_package_charge_type: str
    business_status: str
    status: str
    cen_ids: CenIds
    creation_time: str
    expired_time: str
    geographic_region_a_id: str
    geographic_region_b_id: str
    geographic_span_id: str
    is_cross_border: bool
    has_reservation_data: str = "false"
    orgin_inter_region_bandwidth_limits: Limits
    resource_group_id: str
    tags: Tags


class Packages(Model, kw_only=True):
    cen_bandwidth_package: list[Package]


class DescribeCenBandwidthPackagesRequest(Paged, Request, kw_only=True):
    filter: list[Filter] = []
    tag: list[Tag] = []
    resource_group_id: str = ""
    include_reservation_data: bool = False


class DescribeCenBandwidthPackagesResponse(Response, kw_only=True):
    page_number: int
    page_size: int
    total_count: int
    cen_bandwidth_packages: Packages


@cbn.operation(resource="cen:cenbandwidthpackage/*", action="cen:DescribeCenBandwidthPackages")
def describe_cen_bandwidth_packages(
    call: Call, ask: DescribeCenBandwidthPackagesRequest
) -> DescribeCenBandwidthPackagesResponse:
    found = [one for one in call.state.find(BandwidthPackage, account_id=call.account_id) if _is_asked_for(one, ask)]
    found.sort(key=lambda one: one.created_at, reverse=True)
    return DescribeCenBandwidthPackagesResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        cen_bandwidth_packages=Packages(cen_bandwidth_package=[_package(call, one) for one in page_of(ask, found)]),
    )


def _is_asked_for(one: BandwidthPackage, ask: DescribeCenBandwidthPackagesRequest) -> bool:
    values = {
        "CenId": one.cen_id,
        "CenBandwidthPackageId": one.id,
        "Name": one.name,
        "Status": "InUse" if one.cen_id else "Idle",
        "GeographicRegionAId": one.areas[0],
        "GeographicRegionBId": one.areas[1],
    }
    return (
        passes(ask.filter, values)
        and carries(one.tags, ask.tag)
        and ask.resource_group_id in ("", one.resource_group_id)
    )


def _package(call: Call, one: BandwidthPackage) -> Package:
    limits = call.state.find(InterRegionLimit, package_id=one.id)
    return Package(
        cen_bandwidth_package_id=one.id,
        name=one.name,
        description=one.description,
        bandwidth=one.bandwidth,
        bandwidth_package_charge_type=one.charge_type,
        business_status="Normal",
        status="InUse" if one.cen_id else "Idle",
        cen_ids=CenIds(cen_id=[one.cen_id] if one.cen_id else []),
        creation_time=one.created_at,
        expired_time=one.expires_at,
        geographic_region_a_id=one.areas[0],
        geographic_region_b_id=one.areas[1],
        geographic_span_id=areas.span(one.areas),
        is_cross_border="China" in one.areas and one.areas != ["China", "China"],
        orgin_inter_region_bandwidth_limits=Limits(
            orgin_inter_region_bandwidth_limit=[
                Limit(
                    local_region_id=it.region_id,
                    opposite_region_id=it.other_region_id,
                    bandwidth_limit=str(it.bandwidth),
                    geographic_span_id=areas.span(one.areas),
                )
                for it in limits
            ]
        ),
        resource_group_id=one.resource_group_id,
        tags=Tags(tag=[Tag(key=key, value=value) for key, value in one.tags.items()]),
    )


class DescribeCenGeographicSpanRemainingBandwidthRequest(Request, kw_only=True):
    cen_id: str
    geographic_region_a_id: str
    geographic_region_b_id: str


class DescribeCenGeographicSpanRemainingBandwidthResponse(Response, kw_only=True):
    remaining_bandwidth: int


@cbn.operation(resource="cen:ceninstance/{cen_id}", action="cen:DescribeCenGeographicSpanRemainingBandwidth")
def describe_cen_geographic_span_remaining_bandwidth(
    call: Call, ask: DescribeCenGeographicSpanRemainingBandwidthRequest
) -> DescribeCenGeographicSpanRemainingBandwidthResponse:
    cens.find(call, ask.cen_id)
    pair = [
        areas.check_area(ask.geographic_region_a_id, "GeographicRegionAId"),
        areas.check_area(ask.geographic_region_b_id, "GeographicRegionBId"),
    ]
    found = [
        one for one in call.state.find(BandwidthPackage, cen_id=ask.cen_id) if areas.span(one.areas) == areas.span(pair)
    ]
    return DescribeCenGeographicSpanRemainingBandwidthResponse(
        remaining_bandwidth=sum(one.bandwidth - packages.given(call, one) for one in found)
    )
