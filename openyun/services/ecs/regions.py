"""Regions and zones, and what a zone has to offer: here every zone offers all that the catalogue names."""

from __future__ import annotations

from functools import cache

import msgspec

from openyun.operation import Call, Model, Request, Response
from openyun.region import REGIONS
from openyun.services.addresses import address
from openyun.services.ecs.instance_type.catalogue import DISK_CATEGORIES, FAMILIES, INSTANCE_TYPES
from openyun.services.ecs.service import ecs


class Region(Model, kw_only=True):
    region_id: str
    region_endpoint: str
    local_name: str
    status: str = "available"


class Regions(Model, kw_only=True):
    region: list[Region]


class DescribeRegionsRequest(Request):
    accept_language: str = "zh-CN"


class DescribeRegionsResponse(Response, kw_only=True):
    regions: Regions


@ecs.operation()
def describe_regions(call: Call, ask: DescribeRegionsRequest) -> DescribeRegionsResponse:
    return DescribeRegionsResponse(
        regions=Regions(
            region=[
                Region(
                    region_id=one.id,
                    region_endpoint=address(call, "ecs", one.id),
                    local_name=one.name_in(ask.accept_language),
                )
                for one in REGIONS
            ]
        )
    )


class ResourceTypes(Model, kw_only=True):
    resource_types: list[str]


class DiskCategories(Model, kw_only=True):
    disk_categories: list[str]


class AvailableInstanceTypes(Model, kw_only=True):
    instance_types: list[str]


class VolumeCategories(Model, kw_only=True):
    volume_categories: list[str] = []


class DedicatedHostTypes(Model, kw_only=True):
    dedicated_host_type: list[str] = []


class DedicatedHostGenerations(Model, kw_only=True):
    dedicated_host_generation: list[str] = []


# The lists below ResourcesInfo begin with a small letter: supportedInstanceType.


class SystemDiskCategories(Model, kw_only=True, rename="camel"):
    supported_system_disk_category: list[str]


class DataDiskCategories(Model, kw_only=True, rename="camel"):
    supported_data_disk_category: list[str]


class NetworkTypes(Model, kw_only=True, rename="camel"):
    supported_network_category: list[str]


class InstanceTypes(Model, kw_only=True, rename="camel"):
    supported_instance_type: list[str]


class InstanceTypeFamilies(Model, kw_only=True, rename="camel"):
    supported_instance_type_family: list[str]


class InstanceGenerations(Model, kw_only=True, rename="camel"):
    supported_instance_generation: list[str]


class ResourcesInfo(Model, kw_only=True):
    io_optimized: bool
    system_disk_categories: SystemDiskCategories
    data_disk_categories: DataDiskCategories
    network_types: NetworkTypes
    instance_types: InstanceTypes
    instance_type_families: InstanceTypeFamilies
    instance_generations: InstanceGenerations


class AvailableResources(Model, kw_only=True):
    resources_info: list[ResourcesInfo]


class Zone(Model, kw_only=True):
    zone_id: str
    local_name: str
    zone_type: str = "AvailabilityZone"
    available_resource_creation: ResourceTypes
    available_disk_categories: DiskCategories
    available_instance_types: AvailableInstanceTypes
    available_resources: AvailableResources
    available_volume_categories: VolumeCategories = msgspec.field(default_factory=VolumeCategories)
    available_dedicated_host_types: DedicatedHostTypes = msgspec.field(default_factory=DedicatedHostTypes)
    dedicated_host_generations: DedicatedHostGenerations = msgspec.field(default_factory=DedicatedHostGenerations)


class Zones(Model, kw_only=True):
    zone: list[Zone]


class DescribeZonesRequest(Request, kw_only=True):
    region_id: str
    accept_language: str = "zh-CN"
    verbose: bool = True


class DescribeZonesResponse(Response, kw_only=True):
    zones: Zones


@ecs.operation()
def describe_zones(call: Call, ask: DescribeZonesRequest) -> DescribeZonesResponse:
    return DescribeZonesResponse(
        zones=Zones(
            zone=[
                Zone(
                    zone_id=zone.id,
                    local_name=zone.name_in(ask.accept_language),
                    available_resource_creation=ResourceTypes(
                        resource_types=["VSwitch", "IoOptimized", "Instance", "Disk"]
                    ),
                    available_disk_categories=DiskCategories(disk_categories=list(DISK_CATEGORIES)),
                    available_instance_types=AvailableInstanceTypes(instance_types=list(INSTANCE_TYPES)),
                    available_resources=AvailableResources(resources_info=[_offer()] if ask.verbose else []),
                )
                for zone in call.region.zones
            ]
        )
    )


@cache
def _offer() -> ResourcesInfo:
    disks = list(DISK_CATEGORIES)
    generations = sorted({family.generation for family in FAMILIES if family.generation})
    return ResourcesInfo(
        io_optimized=True,
        system_disk_categories=SystemDiskCategories(supported_system_disk_category=disks),
        data_disk_categories=DataDiskCategories(supported_data_disk_category=disks),
        network_types=NetworkTypes(supported_network_category=["vpc"]),
        instance_types=InstanceTypes(supported_instance_type=list(INSTANCE_TYPES)),
        instance_type_families=InstanceTypeFamilies(
            supported_instance_type_family=[f"ecs.{family.name}" for family in FAMILIES]
        ),
        instance_generations=InstanceGenerations(supported_instance_generation=generations),
    )
