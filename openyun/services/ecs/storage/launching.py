"""The disks that an instance is made with."""

from __future__ import annotations

import msgspec

from openyun.operation import Call, Model
from openyun.services.ecs import errors as ecs_errors
from openyun.services.ecs.instance_type.catalogue import InstanceType
from openyun.services.ecs.records import Instance
from openyun.services.ecs.storage import attaching, auto_snapshots, disks, errors, storage_names
from openyun.services.ecs.storage.disks import Wish
from openyun.services.ecs.storage.images import Found
from openyun.services.ecs.storage.records import Disk, ImageDisk


class DataDisk(Model, kw_only=True):
    """DataDisk.N of RunInstances and its kin."""

    size: int | None = None
    category: str = ""
    performance_level: str = ""
    snapshot_id: str = ""
    disk_name: str = ""
    description: str = ""
    device: str = ""
    delete_with_instance: bool = True
    encrypted: str = ""
    kms_key_id: str = msgspec.field(name="KMSKeyId", default="")
    provisioned_iops: int | None = None
    bursting_enabled: bool = False
    auto_snapshot_policy_id: str = ""


class SystemDisk(Model, kw_only=True):
    """SystemDisk of RunInstances and its kin."""

    category: str = ""
    size: int | None = None
    """GiB"""
    performance_level: str = ""
    disk_name: str = ""
    description: str = ""
    auto_snapshot_policy_id: str = ""
    encrypted: str = ""
    kms_key_id: str = msgspec.field(name="KMSKeyId", default="")
    provisioned_iops: int | None = None
    bursting_enabled: bool = False


def check(call: Call, system: SystemDisk, several: list[DataDisk], kind: InstanceType, image: Found) -> None:
    """Everything that may be wrong with the disks; nothing is kept."""
    disks.refuse_encryption(system.encrypted, system.kms_key_id)
    storage_names.disk_name(system.disk_name)
    storage_names.description(system.description)
    disks.level_of(system.category or next(iter(kind.disks)), system.performance_level)
    for policy_id in (system.auto_snapshot_policy_id, *(one.auto_snapshot_policy_id for one in several)):
        if policy_id:
            auto_snapshots.find(call, policy_id)
    _drawn(call, several, kind, image)


def insert(
    call: Call, instance: Instance, system: SystemDisk, several: list[DataDisk], kind: InstanceType, image: Found
) -> None:
    """The disks of a new instance, after `check`."""
    made = attaching.system_disk(instance)
    made.name, made.description = system.disk_name, system.description
    made.performance_level = disks.level_of(made.category, system.performance_level)
    made.image_id, made.base_image = image.id, image.base_image
    made.layers, made.first_layers = list(image.layers), list(image.layers)
    made.auto_snapshot_policy_id = system.auto_snapshot_policy_id
    made.provisioned_iops = system.provisioned_iops or 0
    made.bursting_enabled = system.bursting_enabled
    call.state.insert(made)
    prepaid = instance.charge_type == "PrePaid"
    for one in _drawn(call, several, kind, image):
        one.zone_id, one.instance_id = instance.zone_id, instance.id
        one.attached_at = one.created_at = instance.created_at
        one.resource_group_id, one.tags = instance.resource_group_id, dict(instance.tags)
        if prepaid:
            one.charge_type, one.expires_at, one.portable = "PrePaid", instance.expires_at, False
        # What a running instance has is made by its own reconciler.
        one.due = not instance.due
        call.state.insert(one)


def _drawn(call: Call, several: list[DataDisk], kind: InstanceType, image: Found) -> list[Disk]:
    """New data disks: those that are asked for, and those of the image, of which a request may change some."""
    wanted = list(several)
    of_image = {disk.device: disk for disk in image.data_disks}
    named = {one.device for one in several}
    wanted += [DataDisk(device=device) for device in of_image if device not in named]
    if len(wanted) > disks.MOST_DATA_DISKS:
        raise errors.TooManyDisksOfInstance
    made = []
    free = [one for one in disks.DEVICES if one not in {each.device for each in wanted}]
    for one in wanted:
        if one.device and one.device not in disks.DEVICES:
            raise errors.InvalidDevice
        disk = _one(call, one, kind, of_image.get(one.device))
        disk.device = one.device or free.pop(0)
        made.append(disk)
    if len({one.device for one in made}) < len(made):
        raise errors.DeviceInUse
    return made


def _one(call: Call, one: DataDisk, kind: InstanceType, of_image: ImageDisk | None) -> Disk:
    disks.refuse_encryption(one.encrypted, one.kms_key_id)
    category = one.category or next(iter(kind.disks))
    from_image = of_image is not None and not one.snapshot_id
    made = disks.made_of(
        call,
        Wish(
            category=category,
            size=one.size or (of_image.size if of_image else None),
            performance_level=one.performance_level,
            provisioned_iops=one.provisioned_iops,
            bursting_enabled=one.bursting_enabled,
            snapshot_id=one.snapshot_id,
            content=of_image.content if of_image and from_image else "",
            bad_category=errors.InvalidDataDiskCategory,
            bad_size=errors.InvalidDataDiskSize,
        ),
    )
    if category not in kind.disks:
        raise ecs_errors.DiskCategoryNotOfType(category=category, instance_type=kind.id)
    if of_image and from_image:
        if made.size < of_image.size:
            raise errors.DiskSmallerThanSnapshot
        made.source_snapshot_id = of_image.snapshot_id
    made.name = storage_names.disk_name(one.disk_name)
    made.description = storage_names.description(one.description)
    made.delete_with_instance = one.delete_with_instance
    made.auto_snapshot_policy_id = one.auto_snapshot_policy_id
    return made
