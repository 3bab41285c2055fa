"""Disks that begin again: ReInitDisk, ResetDisk, ResetDisks, ReplaceSystemDisk.

A system disk that begins again is empty over the layers it begins from; a data disk is copied anew."""

from __future__ import annotations

import msgspec

from openyun.clock import iso_seconds
from openyun.errors import CloudError
from openyun.operation import Call, Model, Request, Response
from openyun.services.ecs import errors as ecs_errors
from openyun.services.ecs.errors import IncorrectInstanceStatus, KeyPairNotFound, NotOffered
from openyun.services.ecs.instance import instances
from openyun.services.ecs.instance.passwords import hashed
from openyun.services.ecs.instance_type.catalogue import find_instance_type
from openyun.services.ecs.records import Instance, KeyPair
from openyun.services.ecs.service import ecs
from openyun.services.ecs.storage import disks, errors, images
from openyun.services.ecs.storage.records import Disk, Snapshot

LARGEST_SYSTEM_DISK = 2048
"""GiB"""


def _stopped(call: Call, disk: Disk) -> Instance:
    """The stopped instance that has the disk."""
    if disk.status != "In_use":
        raise errors.IncorrectDiskStatus
    instance = instances.find(call, disk.instance_id)
    if instance.status != "Stopped":
        raise IncorrectInstanceStatus
    disks.check_no_snapshot_under_way(call, disk)
    return instance


def _begin_again(call: Call, disk: Disk, instance: Instance | None) -> None:
    disk.epoch += 1
    disk.status = "ReIniting"
    call.state.put(disk)
    if instance is None:
        disks.keep(call, disk)
        return
    if disk.type == "system":
        instance.login_epoch += 1
    disks.plug(call, instance)


def _set_login(call: Call, instance: Instance, ask: ReInitDiskRequest | ReplaceSystemDiskRequest) -> None:
    if call.prepared:
        instance.password_hash, instance.key_pair_name, instance.public_key = call.prepared, "", ""
    if ask.key_pair_name:
        pair = call.state.get(KeyPair, call.account_id, ask.key_pair_name)
        if pair is None:
            raise KeyPairNotFound(key_pair_name=ask.key_pair_name)
        instance.key_pair_name, instance.public_key, instance.password_hash = pair.name, pair.public_key, ""


# ReInitDisk


class ReInitDiskRequest(Request, kw_only=True):
    disk_id: str
    password: str | None = None
    key_pair_name: str = ""
    auto_start_instance: bool = False


@ecs.operation(resource="disk/{disk_id}", before=hashed)
def re_init_disk(call: Call, ask: ReInitDiskRequest) -> Response:
    """As it was when it was made: a system disk as its image, a data disk as its snapshot or empty."""
    disk = disks.find(call, ask.disk_id)
    instance = _stopped(call, disk)
    disk.content, disk.layers = disk.first_content, list(disk.first_layers)
    if disk.type == "system":
        _set_login(call, instance, ask)
    if ask.auto_start_instance:
        instance.wanted, instance.status, instance.stopped_mode = "Running", "Starting", "Not-applicable"
    _begin_again(call, disk, instance)
    return Response()


# ResetDisk, ResetDisks


class ResetDiskRequest(Request, kw_only=True):
    disk_id: str
    snapshot_id: str
    dry_run: bool = False


@ecs.operation(resource=("disk/{disk_id}", "snapshot/{snapshot_id}"))
def reset_disk(call: Call, ask: ResetDiskRequest) -> Response:
    _reset(call, ask.disk_id, ask.snapshot_id)
    return Response()


def _reset(call: Call, disk_id: str, snapshot_id: str) -> None:
    """Back to what the snapshot holds."""
    disk = disks.find(call, disk_id)
    snapshot = call.state.get(Snapshot, snapshot_id)
    if snapshot is None or snapshot.account_id != call.account_id:
        raise errors.SnapshotNotFound(snapshot_id=snapshot_id)
    if snapshot.disk_id != disk.id:
        raise errors.SnapshotOfOtherDisk
    if snapshot.status != "accomplished":
        raise errors.SnapshotNotReady(snapshot_id=snapshot_id)
    instance = None if disk.status == "Available" else _stopped(call, disk)
    disk.content, disk.layers, disk.base_image = snapshot.content, list(snapshot.layers), snapshot.base_image
    _begin_again(call, disk, instance)


class DiskAndSnapshot(Model, kw_only=True):
    disk_id: str = ""
    snapshot_id: str = ""


class RelatedItem(Model, kw_only=True):
    name: str
    value: str


class RelatedItemSet(Model):
    related_item: list[RelatedItem]


class OperationProgress(Model, kw_only=True):
    operation_status: str
    error_code: str = ""
    error_msg: str = ""
    related_item_set: RelatedItemSet


class OperationProgressSet(Model):
    operation_progress: list[OperationProgress]


class ResetDisksRequest(Request, kw_only=True):
    region_id: str
    disk: list[DiskAndSnapshot]
    dry_run: bool = False

    @property
    def disk_ids(self) -> list[str]:
        return [one.disk_id for one in self.disk]


class ResetDisksResponse(Response, kw_only=True):
    operation_progress_set: OperationProgressSet


def progress_of(kind: str, id: str, problem: CloudError | None) -> OperationProgress:
    return OperationProgress(
        operation_status="Failed" if problem else "Success",
        error_code=problem.code if problem else "",
        error_msg=problem.text if problem else "",
        related_item_set=RelatedItemSet([RelatedItem(name=kind, value=id)]),
    )


@ecs.operation(resource="disk/{disk_ids}")
def reset_disks(call: Call, ask: ResetDisksRequest) -> ResetDisksResponse:
    """Each by itself: some may be reset and others not."""
    done = []
    for one in ask.disk:
        problem: CloudError | None = None
        try:
            _reset(call, one.disk_id, one.snapshot_id)
        except CloudError as refused:
            problem = refused
        done.append(progress_of("DiskId", one.disk_id, problem))
    return ResetDisksResponse(operation_progress_set=OperationProgressSet(done))


# ReplaceSystemDisk


class SystemDiskSize(Model, kw_only=True):
    size: int | None = None


class ReplaceSystemDiskRequest(Request, kw_only=True):
    instance_id: str
    image_id: str = ""
    disk_id: str = ""
    system_disk: SystemDiskSize = msgspec.field(default_factory=SystemDiskSize)
    password: str | None = None
    password_inherit: bool = False
    key_pair_name: str = ""
    encrypted: bool = False
    kms_key_id: str = msgspec.field(name="KMSKeyId", default="")
    client_token: str = ""


class ReplaceSystemDiskResponse(Response, kw_only=True):
    disk_id: str


@ecs.operation(resource="instance/{instance_id}", also=("image/{image_id}",), before=hashed)
def replace_system_disk(call: Call, ask: ReplaceSystemDiskRequest) -> ReplaceSystemDiskResponse:
    if ask.disk_id:
        raise NotOffered(parameter="DiskId")
    disks.refuse_encryption(ask.encrypted, ask.kms_key_id)
    instance = instances.find(call, ask.instance_id)
    if instance.status != "Stopped":
        raise IncorrectInstanceStatus
    old = disks.find(call, instance.system_disk_id)
    disks.check_no_snapshot_under_way(call, old)
    image = images.find(call, ask.image_id)
    kind = find_instance_type(instance.instance_type)
    if kind is not None and not images.supports(image, kind):
        raise ecs_errors.ImageNotSupportInstanceType(image_id=image.id, instance_type=kind.id)
    size = ask.system_disk.size or max(old.size, image.size)
    if size < image.size:
        raise ecs_errors.SystemDiskSmallerThanImage(least=image.size)
    if size > LARGEST_SYSTEM_DISK:
        raise ecs_errors.SystemDiskTooLarge(most=LARGEST_SYSTEM_DISK)
    _set_login(call, instance, ask)
    made = msgspec.structs.replace(
        old,
        id=call.new_id("d"),
        size=size,
        image_id=image.id,
        layers=list(image.layers),
        first_layers=list(image.layers),
        base_image=image.base_image,
        created_at=iso_seconds(call.now),
        attached_at=iso_seconds(call.now),
        due=False,
    )
    disks.delete(call.state, old)
    instance.image_id, instance.system_disk_id, instance.system_disk_size = image.id, made.id, size
    _begin_again(call, made, instance)
    return ReplaceSystemDiskResponse(disk_id=made.id)
