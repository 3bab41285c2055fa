"""Regions and zones as the VPC product tells of them."""

from __future__ import annotations

from openyun.operation import Call, Model, Request, Response
from openyun.services import told_regions
from openyun.services.told_regions import DescribeRegionsRequest, DescribeRegionsResponse
from openyun.services.vpc.service import vpc


@vpc.operation()
def describe_regions(call: Call, ask: DescribeRegionsRequest) -> DescribeRegionsResponse:
    return told_regions.answer(call, "vpc", ask.accept_language)


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
