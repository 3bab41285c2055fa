"""Disks: CreateDisk, DeleteDisk, and what the rest of the service may ask about them."""

from __future__ import annotations

from typing import Literal, cast

import msgspec

from openyun.clock import iso_seconds
from openyun.errors import BadRequest, MissingParameter
from openyun.operation import Call, Request, Response, Tag
from openyun.services.ecs import tags
from openyun.services.ecs.errors import ChargeTypeViolation, NoHost, NotOffered, ZoneNotFound
from openyun.services.ecs.instance import instances
from openyun.services.ecs.records import Instance
from openyun.services.ecs.service import ecs
from openyun.services.ecs.storage import errors, storage_names
from openyun.services.ecs.storage.categories import CATEGORIES, DEFAULT_LEVEL, LEVELS, category_of
from openyun.services.ecs.storage.records import Disk, Snapshot
from openyun.services.vpc.vpcs import default_resource_group
from openyun.state import Transaction

MOST_DISKS = 10_000
"""of an account in a region"""
MOST_DATA_DISKS = 16
"""of an instance"""
SYSTEM_DEVICE = "/dev/xvda"
DEVICES = tuple(f"/dev/xvd{letter}" for letter in "bcdefghijklmnopq")
"""for data disks, in the order in which they are given out"""


# What other parts of the service may ask.


def find(call: Call, disk_id: str) -> Disk:
    """The account's disk; raises DiskNotFound."""
    found = call.state.get(Disk, disk_id)
    if found is None or found.account_id != call.account_id or found.deleted:
        raise errors.DiskNotFound(disk_id=disk_id)
    return found


def of_instance(state: Transaction, instance_id: str) -> list[Disk]:
    """Its disks, the system disk first."""
    return sorted(state.find(Disk, instance_id=instance_id), key=lambda one: one.device)


def system_of(state: Transaction, instance: Instance) -> Disk | None:
    return state.get(Disk, instance.system_disk_id)


def check_no_snapshot_under_way(call: Call, disk: Disk) -> None:
    if any(one.status == "progressing" for one in call.state.find(Snapshot, disk_id=disk.id)):
        raise errors.DiskCreatingSnapshot


def plug(call: Call, instance: Instance) -> None:
    """Have the instance's reconciler look at its disks again."""
    instance.disk_changes += 1
    instance.due = True
    call.state.put(instance)
    call.wake()


def keep(call: Call, disk: Disk) -> None:
    """Have the disk's own reconciler look at it."""
    disk.due = True
    call.state.put(disk)
    call.wake()


def free_device(call: Call, instance_id: str, asked: str = "") -> str:
    """Raises InvalidDevice, DeviceInUse, TooManyDisksOfInstance."""
    taken = {one.device for one in of_instance(call.state, instance_id)}
    if asked and asked not in DEVICES:
        raise errors.InvalidDevice
    if asked in taken:
        raise errors.DeviceInUse
    free = [one for one in DEVICES if one not in taken]
    if not free:
        raise errors.TooManyDisksOfInstance
    return asked or free[0]


class Wish(msgspec.Struct, kw_only=True):
    """A data disk that somebody wants."""

    category: str
    size: int | None
    performance_level: str = ""
    provisioned_iops: int | None = None
    bursting_enabled: bool = False
    snapshot_id: str = ""
    content: str = ""
    """where no snapshot of the account is behind it: what a shared image's disk is made from"""
    bad_category: type[BadRequest] = errors.InvalidDiskCategory
    bad_size: type[BadRequest] = errors.InvalidDiskSize


def made_of(call: Call, wish: Wish) -> Disk:
    """A new data disk of the account, not yet kept anywhere. Raises what is wrong with the wish."""
    if obstacle := call.at.engines.disk.obstacle:
        raise NoHost(why=obstacle)
    if wish.category not in CATEGORIES:
        raise wish.bad_category
    level = level_of(wish.category, wish.performance_level)
    snapshot = _source(call, wish.snapshot_id) if wish.snapshot_id else None
    size = wish.size or (snapshot.disk_size if snapshot else None)
    if size is None:
        raise errors.NeitherSizeNorSnapshot
    limits = category_of(wish.category, level)
    if not limits.least <= size <= limits.most:
        raise wish.bad_size(least=limits.least, most=limits.most)
    if snapshot and size < snapshot.disk_size:
        raise errors.DiskSmallerThanSnapshot
    if call.state.count(Disk, account_id=call.account_id) >= MOST_DISKS:
        raise errors.TooManyDisks(most=MOST_DISKS)
    content = snapshot.content if snapshot else wish.content
    return Disk(
        id=call.new_id("d"),
        account_id=call.account_id,
        zone_id="",
        category=wish.category,
        performance_level=level,
        size=size,
        bursting_enabled=wish.bursting_enabled,
        provisioned_iops=wish.provisioned_iops or 0,
        content=content,
        first_content=content,
        source_snapshot_id=wish.snapshot_id,
        created_at=iso_seconds(call.now),
    )


def level_of(category: str, performance_level: str) -> str:
    """The level that a disk of this category has. Raises InvalidPerformanceLevel."""
    if category != "cloud_essd":
        if performance_level:
            raise errors.InvalidPerformanceLevel
        return ""
    if performance_level and performance_level not in LEVELS:
        raise errors.InvalidPerformanceLevel
    return performance_level or DEFAULT_LEVEL


def refuse_encryption(encrypted: str | bool, kms_key_id: str = "") -> None:
    """There is no KMS here, and what is not encrypted must not say that it is."""
    if str(encrypted).lower() == "true" or kms_key_id:
        raise NotOffered(parameter="Encrypted: it needs a KMS key")


def _source(call: Call, snapshot_id: str) -> Snapshot:
    found = call.state.get(Snapshot, snapshot_id)
    if found is None or found.account_id != call.account_id:
        raise errors.SnapshotNotFound(snapshot_id=snapshot_id)
    if found.status != "accomplished":
        raise errors.SnapshotNotReady(snapshot_id=snapshot_id)
    if found.disk_type == "system":
        raise errors.SnapshotOfSystemDisk(snapshot_id=snapshot_id)
    return found


# CreateDisk


class CreateDiskRequest(Request, kw_only=True):
    region_id: str
    zone_id: str = ""
    instance_id: str = ""
    """a subscription instance, which the disk is attached to and charged with"""
    disk_name: str = ""
    description: str = ""
    disk_category: str = "cloud"
    size: int | None = None
    performance_level: str = ""
    provisioned_iops: int | None = None
    bursting_enabled: bool = False
    snapshot_id: str = ""
    encrypted: bool = False
    kms_key_id: str = msgspec.field(name="KMSKeyId", default="")
    encrypt_algorithm: str = ""
    multi_attach: str = "Disabled"
    storage_set_id: str = ""
    storage_cluster_id: str = ""
    advanced_features: str = ""
    resource_group_id: str = ""
    tag: list[Tag] = []
    client_token: str = ""


class CreateDiskResponse(Response, kw_only=True):
    disk_id: str
    order_id: str = ""


@ecs.operation(resource="disk/*", also=("snapshot/{snapshot_id}", "instance/{instance_id}"))
def create_disk(call: Call, ask: CreateDiskRequest) -> CreateDiskResponse:
    refuse_encryption(ask.encrypted, ask.kms_key_id or ask.encrypt_algorithm)
    for parameter, given in (
        ("MultiAttach", ask.multi_attach not in ("", "Disabled")),
        ("StorageSetId", ask.storage_set_id),
        ("StorageClusterId", ask.storage_cluster_id),
        ("AdvancedFeatures", ask.advanced_features),
    ):
        if given:
            raise NotOffered(parameter=parameter)
    made = made_of(
        call,
        Wish(
            category=ask.disk_category,
            size=ask.size,
            performance_level=ask.performance_level,
            provisioned_iops=ask.provisioned_iops,
            bursting_enabled=ask.bursting_enabled,
            snapshot_id=ask.snapshot_id,
        ),
    )
    made.name = storage_names.disk_name(ask.disk_name)
    made.description = storage_names.description(ask.description)
    made.resource_group_id = ask.resource_group_id or default_resource_group(call)
    made.tags = tags.rules.checked(ask.tag)
    if ask.instance_id:
        _give(call, made, ask)
    else:
        if not ask.zone_id:
            raise MissingParameter(parameter="ZoneId")
        if call.region.zone(ask.zone_id) is None:
            raise ZoneNotFound(zone_id=ask.zone_id)
        made.zone_id = ask.zone_id
        keep(call, made)
    return CreateDiskResponse(disk_id=made.id)


def _give(call: Call, made: Disk, ask: CreateDiskRequest) -> None:
    instance = instances.find(call, ask.instance_id)
    if instance.charge_type != "PrePaid":
        raise errors.ChargeTypeNotForInstance
    if ask.zone_id not in ("", instance.zone_id):
        raise errors.OtherZone
    made.zone_id = instance.zone_id
    made.instance_id, made.device = instance.id, free_device(call, instance.id)
    made.charge_type, made.expires_at = "PrePaid", instance.expires_at
    made.portable, made.delete_with_instance = False, True
    made.attached_at = made.created_at
    call.state.put(made)
    plug(call, instance)


# DeleteDisk


class DeleteDiskRequest(Request, kw_only=True):
    disk_id: str


@ecs.operation(resource="disk/{disk_id}")
def delete_disk(call: Call, ask: DeleteDiskRequest) -> Response:
    disk = find(call, ask.disk_id)
    if disk.status == "Creating":
        raise errors.DiskInitializing
    if disk.status != "Available":
        raise errors.IncorrectDiskStatus
    if disk.charge_type == "PrePaid":
        raise ChargeTypeViolation
    check_no_snapshot_under_way(call, disk)
    delete(call.state, disk)
    call.wake()
    return Response()


def delete(state: Transaction, disk: Disk) -> None:
    """The disk ends; the reconciler takes away what is stored of it."""
    disk.deleted = disk.due = True
    disk.instance_id = disk.device = ""
    state.put(disk)
    for one in state.find(Snapshot, disk_id=disk.id) if disk.delete_auto_snapshot else ():
        if one.policy_id:
            state.delete(one)


ChargeType = Literal["PostPaid", "PrePaid"]


def charge_type(text: str) -> ChargeType:
    """Raises InvalidDiskChargeType."""
    if text not in ("PostPaid", "PrePaid"):
        raise errors.InvalidDiskChargeType
    return cast(ChargeType, text)
