"""Regions, zones and instance types through Apache Libcloud, which signs V1 and reads XML."""

from __future__ import annotations

import pytest
from libcloud.compute.drivers.ecs import ECSDriver

from openyun.region import HOME, REGIONS
from tests.conformance.conftest import Cloud


@pytest.fixture
def driver(cloud: Cloud) -> ECSDriver:
    host, _, port = cloud.endpoint.partition(":")
    return ECSDriver(
        cloud.access_key_id, cloud.access_key_secret, secure=False, host=host, port=int(port), region=HOME.id
    )


def test_locations(driver: ECSDriver) -> None:
    assert {one.id: one.name for one in driver.list_locations()} == {one.id: one.chinese_name for one in REGIONS}


def test_zones(driver: ECSDriver) -> None:
    zones = driver.ex_list_zones()
    assert [zone.id for zone in zones] == [zone.id for zone in HOME.zones]
    assert "Instance" in zones[0].available_resource_types
    assert "ecs.g7.large" in zones[0].available_instance_types
    assert "cloud_ssd" in zones[0].available_disk_categories


def test_sizes(driver: ECSDriver) -> None:
    sizes = {size.id: size for size in driver.list_sizes()}
    assert sizes["ecs.t6-c4m1.large"].ram == 0.5
    assert sizes["ecs.g7.large"].ram == 8
    assert sizes["ecs.g7.large"].extra == {"cpu_core_count": 2, "instance_type_family": "ecs.g7"}
