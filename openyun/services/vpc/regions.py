"""Regions and zones as the VPC product tells of them."""

from __future__ import annotations

from openyun.operation import Call, Model, Request, Response
from openyun.region import REGIONS
from openyun.services.addresses import address
from openyun.services.vpc.service import vpc


class Region(Model, kw_only=True):
    region_id: str
    region_endpoint: str
    local_name: str


class Regions(Model, kw_only=True):
    region: list[Region]


class DescribeRegionsRequest(Request, kw_only=True):
    accept_language: str = "zh-CN"


class DescribeRegionsResponse(Response, kw_only=True):
    regions: Regions


@vpc.operation()
def describe_regions(call: Call, ask: DescribeRegionsRequest) -> DescribeRegionsResponse:
    return DescribeRegionsResponse(
        regions=Regions(
            region=[
                Region(
                    region_id=one.id,
                    region_endpoint=address(call, "vpc", one.id),
                    local_name=one.name_in(ask.accept_language),
                )
                for one in REGIONS
            ]
        )
    )


class Zone(Model, kw_only=True):
    zone_id: str
    local_name: str
    zone_type: str = "AvailabilityZone"


class Zones(Model, kw_only=True):
    zone: list[Zone]


class DescribeZonesRequest(Request, kw_only=True):
    region_id: str
    accept_language: str = "zh-CN"


class DescribeZonesResponse(Response, kw_only=True):
    zones: Zones


@vpc.operation()
def describe_zones(call: Call, ask: DescribeZonesRequest) -> DescribeZonesResponse:
    return DescribeZonesResponse(
        zones=Zones(
            zone=[Zone(zone_id=zone.id, local_name=zone.name_in(ask.accept_language)) for zone in call.region.zones]
        )
    )
