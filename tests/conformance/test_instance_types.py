"""Instance types and what goes with them, through the official ECS SDK."""

from __future__ import annotations

from typing import Any

import pytest
from alibabacloud_ecs20140526 import models as ask
from alibabacloud_ecs20140526.client import Client as Ecs

from tests.conformance.conftest import refused


def types(ecs: Ecs, **filters: Any) -> list[Any]:
    body = ecs.describe_instance_types(ask.DescribeInstanceTypesRequest(**filters)).body
    assert body.next_token == ""
    return list(body.instance_types.instance_type)


def ids(ecs: Ecs, **filters: Any) -> set[str]:
    return {one.instance_type_id for one in types(ecs, **filters)}


def test_one_type_in_full(ecs: Ecs) -> None:
    (found,) = types(ecs, instance_types=["ecs.g7.xlarge"])
    told = found.to_map()
    expected = {
        "InstanceTypeId": "ecs.g7.xlarge",
        "InstanceTypeFamily": "ecs.g7",
        "InstanceCategory": "General-purpose",
        "InstanceFamilyLevel": "EnterpriseLevel",
        "CpuArchitecture": "X86",
        "CpuCoreCount": 4,
        "MemorySize": 16,
        "CpuSpeedFrequency": 2.7,
        "CpuTurboFrequency": 3.5,
        "PhysicalProcessorModel": "Intel Xeon (Ice Lake) Platinum 8369B",
        "InstanceBandwidthRx": 3072000,
        "InstanceBandwidthTx": 3072000,
        "InstancePpsRx": 1100000,
        "InstancePpsTx": 1100000,
        "EniQuantity": 4,
        "EniPrivateIpAddressQuantity": 15,
        "EniIpv6AddressQuantity": 15,
        "PrimaryEniQueueNumber": 4,
        "NvmeSupport": "unsupported",
        "GPUAmount": 0,
        "GPUSpec": "",
        "LocalStorageCategory": "",
    }
    assert {name: told.get(name) for name in expected} == expected
    assert set(told) == set(expected)


def test_local_disks(ecs: Ecs) -> None:
    found = {one.instance_type_id: one for one in types(ecs, local_storage_category="local_ssd_pro")}
    assert set(found) == ids(ecs, instance_type_family="ecs.i3")
    big = found["ecs.i3.26xlarge"]
    assert (big.local_storage_amount, big.local_storage_capacity) == (12, 1788)


@pytest.mark.parametrize(
    ("filters", "present", "absent"),
    [
        ({"cpu_architecture": "ARM"}, "ecs.g8y.large", "ecs.g8i.large"),
        ({"cpu_architectures": ["X86"]}, "ecs.g8i.large", "ecs.g8y.large"),
        ({"instance_type_family": "ecs.c7"}, "ecs.c7.large", "ecs.g7.large"),
        ({"instance_type_families": ["ecs.c7", "ecs.r7"]}, "ecs.r7.large", "ecs.g7.large"),
        ({"instance_category": "Memory-optimized"}, "ecs.r7.large", "ecs.g7.large"),
        ({"instance_family_level": "CreditEntryLevel"}, "ecs.t6-c1m1.large", "ecs.e-c1m1.large"),
        ({"minimum_cpu_core_count": 8, "maximum_cpu_core_count": 8}, "ecs.g7.2xlarge", "ecs.g7.xlarge"),
        ({"minimum_memory_size": 32, "maximum_memory_size": 32}, "ecs.r7.xlarge", "ecs.g7.xlarge"),
        ({"minimum_instance_pps_rx": 24000000}, "ecs.g7.32xlarge", "ecs.g8a.48xlarge"),
        ({"minimum_eni_quantity": 15}, "ecs.g7.32xlarge", "ecs.g7.16xlarge"),
        ({"minimum_initial_credit": 1}, "ecs.t5-c1m1.large", "ecs.g7.large"),
        ({"nvme_support": "required"}, "ecs.g8i.large", "ecs.g7.large"),
        ({"physical_processor_model": "yitian"}, "ecs.c8y.large", "ecs.c6r.large"),
        ({"minimum_cpu_speed_frequency": 3.3}, "ecs.hfc7.large", "ecs.c7.large"),
    ],
)
def test_filters(ecs: Ecs, filters: dict[str, Any], present: str, absent: str) -> None:
    found = ids(ecs, **filters)
    assert present in found
    assert absent not in found


def test_nothing_has_a_gpu(ecs: Ecs) -> None:
    assert ids(ecs, minimum_gpuamount=1) == set()
    assert ids(ecs, gpuspec="NVIDIA V100") == set()


def test_pages_join_to_the_whole_without_repetition(ecs: Ecs) -> None:
    whole = [one.instance_type_id for one in types(ecs)]
    assert len(whole) > 300
    joined: list[str] = []
    token = None
    while token != "":
        body = ecs.describe_instance_types(ask.DescribeInstanceTypesRequest(max_results=100, next_token=token)).body
        assert len(body.instance_types.instance_type) <= 100
        joined += [one.instance_type_id for one in body.instance_types.instance_type]
        token = body.next_token
    assert joined == whole


def test_a_made_up_page_is_refused(ecs: Ecs) -> None:
    with refused("InvalidParameter.NextToken", 400):
        ecs.describe_instance_types(ask.DescribeInstanceTypesRequest(next_token="tomorrow"))


def test_families_and_generations(ecs: Ecs) -> None:
    def families(**filters: Any) -> dict[str, str | None]:
        asked = ask.DescribeInstanceTypeFamiliesRequest(region_id="cn-hangzhou", **filters)
        found = ecs.describe_instance_type_families(asked).body.instance_type_families.instance_type_family
        return {one.instance_type_family_id: one.generation for one in found}

    everything = families()
    assert everything["ecs.g6"] == "ecs-5"
    assert everything["ecs.g8y"] is None
    assert set(families(generation="ecs-4")) == {"ecs.t5", "ecs.g5", "ecs.c5", "ecs.r5"}


def available(ecs: Ecs, destination: str, **choices: Any) -> Any:
    asked = ask.DescribeAvailableResourceRequest(region_id="eu-central-1", destination_resource=destination, **choices)
    return ecs.describe_available_resource(asked).body.available_zones.available_zone


def supported(zone: Any) -> dict[str, Any]:
    (resource,) = zone.available_resources.available_resource
    return {one.value: one for one in resource.supported_resources.supported_resource}


def test_zones_where_a_type_can_be_had(ecs: Ecs) -> None:
    zones = available(ecs, "Zone", instance_type="ecs.g7.large")
    assert [zone.zone_id for zone in zones] == ["eu-central-1a", "eu-central-1b", "eu-central-1c"]
    assert {(zone.region_id, zone.status, zone.status_category) for zone in zones} == {
        ("eu-central-1", "Available", "WithStock")
    }
    assert available(ecs, "Zone", instance_type="ecs.g99.large") == []


def test_types_that_fit(ecs: Ecs) -> None:
    (zone,) = available(ecs, "InstanceType", zone_id="eu-central-1b", cores=2, memory=16)
    found = supported(zone)
    assert {"ecs.r7.large", "ecs.r8y.large"} <= set(found)
    assert "ecs.g7.large" not in found
    assert available(ecs, "InstanceType", network_category="classic") == []


def test_disks_that_go_with_a_type(ecs: Ecs) -> None:
    (zone,) = available(ecs, "SystemDisk", zone_id="eu-central-1a", instance_type="ecs.g7.large")
    assert {value: (one.min, one.max, one.unit) for value, one in supported(zone).items()} == {
        "cloud_essd": (20, 2048, "GiB"),
        "cloud_auto": (20, 2048, "GiB"),
    }
    (zone,) = available(ecs, "DataDisk", zone_id="eu-central-1a", instance_type="ecs.t5-lc1m1.small")
    assert set(supported(zone)) == {"cloud_efficiency", "cloud_ssd"}
    (zone,) = available(ecs, "DataDisk", zone_id="eu-central-1a", resource_type="disk", data_disk_category="cloud_ssd")
    assert supported(zone)["cloud_ssd"].max == 32768


def test_networks(ecs: Ecs) -> None:
    zones = available(ecs, "Network")
    assert {value for zone in zones for value in supported(zone)} == {"vpc"}


@pytest.mark.parametrize(
    ("destination", "choices", "code", "status"),
    [
        ("Moon", {}, "Invalid.DestinationResource", 404),
        ("Zone", {"resource_type": "moon"}, "Invalid.ResourceType", 404),
        ("Zone", {"io_optimized": "maybe"}, "Invalid.IoOptimized", 404),
        ("Zone", {"network_category": "moon"}, "Invalid.NetworkType", 404),
        ("SystemDisk", {}, "MissingParameter", 400),
    ],
)
def test_choices_that_make_no_sense(
    ecs: Ecs, destination: str, choices: dict[str, Any], code: str, status: int
) -> None:
    with refused(code, status):
        available(ecs, destination, **choices)
