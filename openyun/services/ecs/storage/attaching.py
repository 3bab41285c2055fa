"""AttachDisk and DetachDisk, and how a disk settles when its instance's reconciler has done its part."""

from __future__ import annotations

from openyun.clock import iso_seconds
from openyun.engine.compute import Plugged
from openyun.engine.disk import Volume
from openyun.operation import Call, Request, Response
from openyun.services.ecs.errors import (
    ChargeTypeViolation,
    DiskCategoryNotOfType,
    IncorrectInstanceStatus,
    NoHost,
    NotOffered,
)
from openyun.services.ecs.instance import instances
from openyun.services.ecs.instance_type.catalogue import find_instance_type
from openyun.services.ecs.records import Instance
from openyun.services.ecs.service import ecs
from openyun.services.ecs.storage import disks, errors
from openyun.services.ecs.storage.records import Disk, Snapshot
from openyun.state import Transaction


class AttachDiskRequest(Request, kw_only=True):
    instance_id: str
    disk_id: str
    device: str = ""
    delete_with_instance: bool = False
    bootable: bool = False
    password: str = ""
    key_pair_name: str = ""
    force: bool = False


@ecs.operation(resource=("instance/{instance_id}", "disk/{disk_id}"))
def attach_disk(call: Call, ask: AttachDiskRequest) -> Response:
    for parameter, given in (
        ("Bootable", ask.bootable),
        ("Password", ask.password),
        ("KeyPairName", ask.key_pair_name),
        ("Force", ask.force),
    ):
        if given:
            raise NotOffered(parameter=parameter)
    if obstacle := call.at.engines.disk.obstacle:
        raise NoHost(why=obstacle)
    instance = instances.find(call, ask.instance_id)
    disk = disks.find(call, ask.disk_id)
    if disk.status == "Creating":
        raise errors.DiskInitializing
    if disk.status != "Available":
        raise errors.IncorrectDiskStatus
    if disk.charge_type != "PostPaid":
        raise ChargeTypeViolation
    _check_place(instance, disk)
    disk.device = disks.free_device(call, instance.id, ask.device)
    disk.instance_id, disk.status = instance.id, "Attaching"
    disk.delete_with_instance = ask.delete_with_instance
    disk.attached_at, disk.detached_at = iso_seconds(call.now), ""
    call.state.put(disk)
    disks.plug(call, instance)
    return Response()


def _check_place(instance: Instance, disk: Disk) -> None:
    if instance.status not in ("Running", "Stopped"):
        raise IncorrectInstanceStatus
    if disk.zone_id != instance.zone_id:
        raise errors.OtherZone
    kind = find_instance_type(instance.instance_type)
    if kind is not None and disk.category not in kind.disks:
        raise DiskCategoryNotOfType(category=disk.category, instance_type=kind.id)


class DetachDiskRequest(Request, kw_only=True):
    instance_id: str
    disk_id: str
    delete_with_instance: bool = False


@ecs.operation(resource=("instance/{instance_id}", "disk/{disk_id}"))
def detach_disk(call: Call, ask: DetachDiskRequest) -> Response:
    instance = instances.find(call, ask.instance_id)
    disk = disks.find(call, ask.disk_id)
    if disk.instance_id != instance.id:
        raise errors.DiskNotOfInstance
    if disk.type == "system":
        raise errors.DiskIsSystemDisk(disk_id=disk.id)
    if not disk.portable:
        raise errors.DiskNotPortable
    if disk.status != "In_use":
        raise errors.IncorrectDiskStatus
    if instance.status not in ("Running", "Stopped"):
        raise IncorrectInstanceStatus
    disk.status = "Detaching"
    call.state.put(disk)
    disks.plug(call, instance)
    return Response()


# What the instance's reconciler asks.


def volumes(several: list[Disk]) -> list[Volume]:
    """What the disk engine must hold before a machine can have these disks."""
    return [volume_of(one) for one in _staying(several)]


def volume_of(one: Disk) -> Volume:
    return Volume(id=one.id, size=one.size, epoch=one.epoch, content=one.content)


def plugged(several: list[Disk]) -> tuple[Plugged, ...]:
    return tuple(Plugged(volume_id=one.id, slot=disks.DEVICES.index(one.device)) for one in _staying(several))


def _staying(several: list[Disk]) -> list[Disk]:
    return [one for one in several if one.type == "data" and one.status != "Detaching"]


def is_captured(state: Transaction, instance_id: str) -> bool:
    """Whether snapshots of its disks are under way, whose copies must be whole before the instance may go."""
    several = [one.id for one in disks.of_instance(state, instance_id)]
    found = state.find(Snapshot, disk_id=several) if several else []
    return any(one.status == "progressing" and one.due for one in found)


def settle(state: Transaction, instance: Instance, now: str) -> None:
    """Its machine has the disks that its record wanted."""
    for one in disks.of_instance(state, instance.id):
        if one.status == "Detaching":
            one.status, one.instance_id, one.device = "Available", "", ""
            one.delete_with_instance, one.detached_at = False, now
        elif one.status != "In_use":
            one.status = "In_use"
        else:
            continue
        state.put(one)


def release(state: Transaction, instance: Instance, now: str) -> None:
    """Its machine is gone: disks go with it, or are free."""
    for one in disks.of_instance(state, instance.id):
        if one.type == "system" or one.delete_with_instance:
            disks.delete(state, one)
        else:
            one.status, one.instance_id, one.device, one.detached_at = "Available", "", "", now
            state.put(one)


def adopt(state: Transaction) -> None:
    """System disks of instances that are older than disks' own records."""
    for instance in state.find(Instance):
        if state.get(Disk, instance.system_disk_id) is None:
            state.insert(system_disk(instance))


def system_disk(instance: Instance) -> Disk:
    """Of an instance whose image is the platform's."""
    return Disk(
        id=instance.system_disk_id,
        account_id=instance.account_id,
        type="system",
        zone_id=instance.zone_id,
        category=instance.system_disk_category,
        performance_level=disks.level_of(instance.system_disk_category, ""),
        size=instance.system_disk_size,
        status="In_use",
        instance_id=instance.id,
        device=disks.SYSTEM_DEVICE,
        base_image=instance.image_id,
        image_id=instance.image_id,
        portable=False,
        delete_with_instance=True,
        charge_type="PrePaid" if instance.charge_type == "PrePaid" else "PostPaid",
        expires_at=instance.expires_at,
        created_at=instance.created_at,
        attached_at=instance.created_at,
        resource_group_id=instance.resource_group_id,
        tags=dict(instance.tags),
    )
