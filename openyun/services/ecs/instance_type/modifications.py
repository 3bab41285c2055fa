"""DescribeResourcesModification: which types, or system disks, an instance could be given."""

from __future__ import annotations

from openyun.operation import Call, Request, Response
from openyun.services.ecs.errors import InstanceTypeNotSupported
from openyun.services.ecs.instance import instances
from openyun.services.ecs.instance.modify_spec import why_not
from openyun.services.ecs.instance_type.available_resources import (
    LARGEST_SYSTEM_DISK,
    AvailableResource,
    AvailableResources,
    AvailableZone,
    AvailableZones,
    InvalidDestinationResource,
    SupportedResource,
    SupportedResources,
)
from openyun.services.ecs.instance_type.catalogue import INSTANCE_TYPES, find_instance_type
from openyun.services.ecs.service import ecs


class DescribeResourcesModificationRequest(Request, kw_only=True):
    region_id: str
    resource_id: str
    destination_resource: str
    instance_type: str = ""
    zone_id: str = ""
    operation_type: str = ""
    migrate_across_zone: bool = False
    cores: int | None = None
    memory: float | None = None


class DescribeResourcesModificationResponse(Response, kw_only=True):
    available_zones: AvailableZones


@ecs.operation(resource="instance/{resource_id}")
def describe_resources_modification(
    call: Call, ask: DescribeResourcesModificationRequest
) -> DescribeResourcesModificationResponse:
    one = instances.find(call, ask.resource_id)
    if ask.destination_resource == "InstanceType":
        supported = [
            SupportedResource(value=kind.id)
            for kind in INSTANCE_TYPES.values()
            if kind.id != one.instance_type
            and (ask.cores is None or kind.vcpus == ask.cores)
            and (ask.memory is None or kind.memory == ask.memory)
            and (ask.operation_type.lower() != "upgrade" or kind.vcpus >= one.cpu)
            and (ask.operation_type.lower() != "downgrade" or kind.vcpus <= one.cpu)
            and why_not(call, one, kind) is None
        ]
    elif ask.destination_resource == "SystemDisk":
        kind = find_instance_type(ask.instance_type or one.instance_type)
        if kind is None:
            raise InstanceTypeNotSupported(instance_type=ask.instance_type)
        supported = [
            SupportedResource(value=category, min=one.system_disk_size, max=LARGEST_SYSTEM_DISK, unit="GiB")
            for category in kind.disks
        ]
    else:
        raise InvalidDestinationResource
    resource = AvailableResource(
        type=ask.destination_resource, supported_resources=SupportedResources(supported_resource=supported)
    )
    zone = AvailableZone(
        region_id=call.region.id,
        zone_id=one.zone_id,
        available_resources=AvailableResources(available_resource=[resource]),
    )
    return DescribeResourcesModificationResponse(available_zones=AvailableZones(available_zone=[zone]))
