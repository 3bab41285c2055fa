"""Regions and zones as the ECS and VPC SDKs see them."""

from __future__ import annotations

import pytest
from alibabacloud_ecs20140526 import models as ecs_ask
from alibabacloud_ecs20140526.client import Client as Ecs
from alibabacloud_vpc20160428 import models as vpc_ask
from alibabacloud_vpc20160428.client import Client as Vpc

from openyun.region import REGIONS, Region
from tests.conformance.conftest import Cloud, refused


def test_regions_are_named_in_the_language_asked_for(cloud: Cloud, ecs: Ecs, vpc: Vpc) -> None:
    chinese = ecs.describe_regions(ecs_ask.DescribeRegionsRequest()).body.regions.region
    assert [one.region_id for one in chinese] == [region.id for region in REGIONS]
    assert (chinese[0].local_name, chinese[0].region_endpoint, chinese[0].status) == (
        "华东1（杭州）",
        cloud.endpoint,
        "available",
    )
    english = ecs.describe_regions(ecs_ask.DescribeRegionsRequest(accept_language="en-US")).body.regions.region
    assert {one.region_id: one.local_name for one in english}["me-east-1"] == "UAE (Dubai)"
    of_vpc = vpc.describe_regions(vpc_ask.DescribeRegionsRequest(accept_language="en-US")).body.regions.region
    assert [one.local_name for one in of_vpc] == [one.local_name for one in english]


@pytest.mark.parametrize("region", REGIONS, ids=lambda region: region.id)
def test_zones_of_each_region(ecs: Ecs, vpc: Vpc, region: Region) -> None:
    asked = ecs_ask.DescribeZonesRequest(region_id=region.id, accept_language="en-US")
    zones = ecs.describe_zones(asked).body.zones.zone
    assert [(one.zone_id, one.local_name) for one in zones] == [(one.id, one.local_name) for one in region.zones]
    of_vpc = vpc.describe_zones(vpc_ask.DescribeZonesRequest(region_id=region.id)).body.zones.zone
    assert [(one.zone_id, one.local_name) for one in of_vpc] == [(one.id, one.chinese_name) for one in region.zones]


def test_a_zone_tells_what_it_offers(ecs: Ecs) -> None:
    zone = ecs.describe_zones(ecs_ask.DescribeZonesRequest(region_id="cn-hangzhou")).body.zones.zone[0]
    assert zone.zone_type == "AvailabilityZone"
    assert "VSwitch" in zone.available_resource_creation.resource_types
    assert "cloud_essd" in zone.available_disk_categories.disk_categories
    assert "ecs.g8y.large" in zone.available_instance_types.instance_types
    (offer,) = zone.available_resources.resources_info
    assert offer.io_optimized is True
    assert offer.network_types.supported_network_category == ["vpc"]
    assert "ecs.g7" in offer.instance_type_families.supported_instance_type_family
    assert "ecs-5" in offer.instance_generations.supported_instance_generation
    assert "cloud_essd" in offer.system_disk_categories.supported_system_disk_category
    brief = ecs.describe_zones(ecs_ask.DescribeZonesRequest(region_id="cn-hangzhou", verbose=False)).body.zones.zone[0]
    assert brief.available_resources.resources_info == []


def test_a_region_must_be_named_and_must_exist(ecs: Ecs) -> None:
    with refused("InvalidRegionId.NotFound", 404):
        ecs.describe_zones(ecs_ask.DescribeZonesRequest(region_id="cn-atlantis"))
    with refused("MissingParameter", 400) as caught:
        ecs.describe_zones(ecs_ask.DescribeZonesRequest())
    assert "RegionId" in caught.value.message
