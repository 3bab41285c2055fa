"""What of a disk can be changed: its attributes, size, category and charge type."""

from __future__ import annotations

from openyun.errors import MissingParameter
from openyun.operation import Call, Request, Response
from openyun.services.ecs.errors import IncorrectInstanceStatus, InvalidDiskIds, NotOffered
from openyun.services.ecs.instance import instances
from openyun.services.ecs.service import ecs
from openyun.services.ecs.storage import disks, errors, storage_names
from openyun.services.ecs.storage.categories import CATEGORIES, RANK, category_of
from openyun.services.ecs.storage.records import Disk

MOST_AT_ONCE = 100

# ModifyDiskAttribute


class ModifyDiskAttributeRequest(Request, kw_only=True):
    region_id: str = ""
    disk_id: str = ""
    disk_ids: list[str] = []
    disk_name: str | None = None
    description: str | None = None
    delete_with_instance: bool | None = None
    delete_auto_snapshot: bool | None = None
    enable_auto_snapshot: bool | None = None
    bursting_enabled: bool | None = None


@ecs.operation(resource="disk/*", also=("disk/{disk_id}", "disk/{disk_ids}"))
def modify_disk_attribute(call: Call, ask: ModifyDiskAttributeRequest) -> Response:
    ids = list(dict.fromkeys([*([ask.disk_id] if ask.disk_id else []), *ask.disk_ids]))
    if not ids:
        raise MissingParameter(parameter="DiskId")
    if len(ids) > MOST_AT_ONCE:
        raise InvalidDiskIds(most=MOST_AT_ONCE)
    for one in [disks.find(call, disk_id) for disk_id in ids]:
        if ask.disk_name is not None:
            one.name = storage_names.disk_name(ask.disk_name)
        if ask.description is not None:
            one.description = storage_names.description(ask.description)
        if ask.delete_with_instance is not None:
            if not one.portable and not ask.delete_with_instance:
                raise errors.DiskNotPortable
            one.delete_with_instance = ask.delete_with_instance
        if ask.bursting_enabled is not None:
            one.bursting_enabled = ask.bursting_enabled
        if ask.delete_auto_snapshot is not None:
            one.delete_auto_snapshot = ask.delete_auto_snapshot
        if ask.enable_auto_snapshot is not None:
            one.enable_auto_snapshot = ask.enable_auto_snapshot
        call.state.put(one)
    return Response()


# ResizeDisk


class ResizeDiskRequest(Request, kw_only=True):
    disk_id: str
    new_size: int
    """GiB"""
    type: str = "offline"
    """online: the running instance sees the new size at once; offline: when it has been restarted"""
    client_token: str = ""


class ResizeDiskResponse(Response, kw_only=True):
    order_id: str = ""


@ecs.operation(resource="disk/{disk_id}")
def resize_disk(call: Call, ask: ResizeDiskRequest) -> ResizeDiskResponse:
    """Here a running instance always sees it at once."""
    if ask.type not in ("online", "offline"):
        raise errors.InvalidResizeType
    disk = disks.find(call, ask.disk_id)
    if disk.status not in ("Available", "In_use"):
        raise errors.IncorrectDiskStatus
    disks.check_no_snapshot_under_way(call, disk)
    if ask.new_size < disk.size:
        raise errors.DiskShrinks
    limits = category_of(disk.category, disk.performance_level)
    if ask.new_size > limits.most:
        raise errors.InvalidDiskSize(least=limits.least, most=limits.most)
    disk.size = ask.new_size
    if disk.instance_id:
        instance = instances.find(call, disk.instance_id)
        if instance.status not in ("Running", "Stopped"):
            raise IncorrectInstanceStatus
        if disk.type == "system":
            instance.system_disk_size = disk.size
        call.state.put(disk)
        disks.plug(call, instance)
    else:
        disks.keep(call, disk)
    return ResizeDiskResponse()


# ModifyDiskSpec


class ModifyDiskSpecRequest(Request, kw_only=True):
    disk_id: str
    disk_category: str = ""
    performance_level: str = ""
    provisioned_iops: int | None = None
    destination_zone_id: str = ""
    dry_run: bool = False


class ModifyDiskSpecResponse(Response, kw_only=True):
    task_id: str = ""
    order_id: str = ""


@ecs.operation(resource="disk/{disk_id}")
def modify_disk_spec(call: Call, ask: ModifyDiskSpecRequest) -> ModifyDiskSpecResponse:
    if ask.destination_zone_id:
        raise NotOffered(parameter="DestinationZoneId")
    disk = disks.find(call, ask.disk_id)
    if disk.status not in ("Available", "In_use"):
        raise errors.IncorrectDiskStatus
    category = ask.disk_category or disk.category
    if category not in CATEGORIES:
        raise errors.InvalidDiskCategory
    if RANK.index(category) < RANK.index(disk.category):
        raise errors.SameSpec(category=category)
    kept = disk.performance_level if category == disk.category else ""
    level = disks.level_of(category, ask.performance_level or kept)
    limits = category_of(category, level)
    if not limits.least <= disk.size <= limits.most:
        raise errors.PerformanceLevelTooSmallADisk(
            least=limits.least, most=limits.most, performance_level=level or category
        )
    disk.category, disk.performance_level = category, level
    if ask.provisioned_iops is not None:
        disk.provisioned_iops = ask.provisioned_iops
    call.state.put(disk)
    if disk.type == "system" and disk.instance_id:
        instance = instances.find(call, disk.instance_id)
        instance.system_disk_category = category
        call.state.put(instance)
    return ModifyDiskSpecResponse()


# ModifyDiskChargeType


class ModifyDiskChargeTypeRequest(Request, kw_only=True):
    region_id: str
    instance_id: str
    disk_ids: list[str]
    disk_charge_type: str = "PrePaid"
    auto_pay: bool = True
    client_token: str = ""


class ModifyDiskChargeTypeResponse(Response, kw_only=True):
    order_id: str = ""


@ecs.operation(resource="instance/{instance_id}", also=("disk/{disk_ids}",))
def modify_disk_charge_type(call: Call, ask: ModifyDiskChargeTypeRequest) -> ModifyDiskChargeTypeResponse:
    charge_type = disks.charge_type(ask.disk_charge_type)
    instance = instances.find(call, ask.instance_id)
    if instance.charge_type != "PrePaid":
        raise errors.ChargeTypeNotForInstance
    several: list[Disk] = [disks.find(call, disk_id) for disk_id in dict.fromkeys(ask.disk_ids)]
    for one in several:
        if one.instance_id != instance.id:
            raise errors.DiskNotOfInstance
        if one.type == "system":
            raise errors.DiskIsSystemDisk(disk_id=one.id)
        one.charge_type = charge_type
        one.expires_at = instance.expires_at if charge_type == "PrePaid" else ""
        one.portable = charge_type == "PostPaid"
        call.state.put(one)
    return ModifyDiskChargeTypeResponse()
