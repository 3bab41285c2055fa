"""What can be bought in which zone. Nothing is ever sold out here, so this tells which choices go together."""

from __future__ import annotations

from openyun.errors import MissingParameter, NotFound
from openyun.operation import UNSET, Call, Model, Request, Response, Unset
from openyun.services.ecs.instance_type.catalogue import (
    DISK_CATEGORIES,
    INSTANCE_TYPES,
    InstanceType,
    find_instance_type,
)
from openyun.services.ecs.service import ecs

SMALLEST_SYSTEM_DISK = 20
LARGEST_SYSTEM_DISK = 2048
LARGEST_DATA_DISK = 65536
SMALLEST_DATA_DISK = {"cloud_essd": 1, "cloud_auto": 1, "cloud_essd_entry": 10, "cloud_ssd": 20, "cloud_efficiency": 20}
"""GiB"""
LARGER_DATA_DISK = {"cloud_ssd": 32768, "cloud_efficiency": 32768, "cloud_essd_entry": 32768}
"""GiB, for the categories that stay below the largest"""


class InvalidDestinationResource(NotFound):
    code = "Invalid.DestinationResource"
    message = "The specified DestinationResource is not valid."


class InvalidResourceType(NotFound):
    code = "Invalid.ResourceType"
    message = "The ResourceType provided does not exist in our records."


class InvalidIoOptimized(NotFound):
    code = "Invalid.IoOptimized"
    message = "The specified IoOptimized is not valid."


class InvalidNetworkType(NotFound):
    code = "Invalid.NetworkType"
    message = "The specified NetworkType is not valid."


class SupportedResource(Model, kw_only=True):
    value: str
    status: str = "Available"
    status_category: str = "WithStock"
    min: int | Unset = UNSET
    max: int | Unset = UNSET
    unit: str | Unset = UNSET


class SupportedResources(Model, kw_only=True):
    supported_resource: list[SupportedResource]


class AvailableResource(Model, kw_only=True):
    type: str
    supported_resources: SupportedResources


class AvailableResources(Model, kw_only=True):
    available_resource: list[AvailableResource]


class AvailableZone(Model, kw_only=True):
    region_id: str
    zone_id: str
    status: str = "Available"
    status_category: str = "WithStock"
    available_resources: AvailableResources


class AvailableZones(Model, kw_only=True):
    available_zone: list[AvailableZone]


class DescribeAvailableResourceRequest(Request, kw_only=True):
    region_id: str
    destination_resource: str
    resource_type: str = "instance"
    zone_id: str = ""
    instance_type: str = ""
    cores: int | None = None
    memory: float | None = None
    io_optimized: str = "optimized"
    network_category: str = "vpc"
    system_disk_category: str = ""
    data_disk_category: str = ""


class DescribeAvailableResourceResponse(Response, kw_only=True):
    available_zones: AvailableZones


@ecs.operation()
def describe_available_resource(call: Call, ask: DescribeAvailableResourceRequest) -> DescribeAvailableResourceResponse:
    _check(ask)
    offered = _offered(ask)
    zones = [zone.id for zone in call.region.zones if not ask.zone_id or zone.id == ask.zone_id] if offered else []
    resources = AvailableResources(
        available_resource=[
            AvailableResource(
                type=ask.destination_resource, supported_resources=SupportedResources(supported_resource=offered)
            )
        ]
    )
    return DescribeAvailableResourceResponse(
        available_zones=AvailableZones(
            available_zone=[
                AvailableZone(
                    region_id=call.region.id,
                    zone_id=zone,
                    available_resources=_only_zone(zone) if ask.destination_resource == "Zone" else resources,
                )
                for zone in zones
            ]
        )
    )


def _check(ask: DescribeAvailableResourceRequest) -> None:
    if ask.destination_resource not in ("Zone", "IoOptimized", "InstanceType", "Network", "SystemDisk", "DataDisk"):
        raise InvalidDestinationResource
    if ask.resource_type not in ("instance", "disk"):
        raise InvalidResourceType
    if ask.io_optimized not in ("optimized", "none"):
        raise InvalidIoOptimized
    if ask.network_category not in ("vpc", "classic"):
        raise InvalidNetworkType
    # Which disks may be attached depends on the type; a disk on its own may be of any category.
    if ask.destination_resource == "SystemDisk" and ask.resource_type == "instance" and not ask.instance_type:
        raise MissingParameter(parameter="InstanceType")


def _only_zone(zone_id: str) -> AvailableResources:
    return AvailableResources(
        available_resource=[
            AvailableResource(
                type="Zone",
                supported_resources=SupportedResources(supported_resource=[SupportedResource(value=zone_id)]),
            )
        ]
    )


def _offered(ask: DescribeAvailableResourceRequest) -> list[SupportedResource]:
    """What every zone offers of the kind that is asked for; nothing if the other choices leave nothing."""
    kinds = [kind for kind in _candidates(ask) if _fits(kind, ask)]
    if not kinds or ask.io_optimized == "none" or ask.network_category == "classic":
        return []
    match ask.destination_resource:
        case "InstanceType":
            return [SupportedResource(value=kind.id) for kind in kinds]
        case "SystemDisk":
            return [
                SupportedResource(value=category, min=SMALLEST_SYSTEM_DISK, max=LARGEST_SYSTEM_DISK, unit="GiB")
                for category in _disks(kinds, ask.system_disk_category)
            ]
        case "DataDisk":
            return [
                SupportedResource(
                    value=category,
                    min=SMALLEST_DATA_DISK[category],
                    max=LARGER_DATA_DISK.get(category, LARGEST_DATA_DISK),
                    unit="GiB",
                )
                for category in _disks(kinds, ask.data_disk_category)
            ]
        case "Network":
            return [SupportedResource(value="vpc")]
        case _:
            return [SupportedResource(value="optimized")]


def _candidates(ask: DescribeAvailableResourceRequest) -> list[InstanceType]:
    if not ask.instance_type:
        return list(INSTANCE_TYPES.values())
    kind = find_instance_type(ask.instance_type)
    return [kind] if kind else []


def _fits(kind: InstanceType, ask: DescribeAvailableResourceRequest) -> bool:
    return (
        (ask.cores is None or kind.vcpus == ask.cores)
        and (ask.memory is None or kind.memory == ask.memory)
        and (not ask.system_disk_category or ask.system_disk_category in kind.disks)
        and (not ask.data_disk_category or ask.data_disk_category in kind.disks)
    )


def _disks(kinds: list[InstanceType], only: str) -> list[str]:
    return [
        category
        for category in DISK_CATEGORIES
        if (not only or category == only) and any(category in kind.disks for kind in kinds)
    ]
