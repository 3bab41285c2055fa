"""Snapshots: made, changed, copied and deleted. The reconciler copies the bytes."""

from __future__ import annotations

import msgspec

from openyun.clock import iso_seconds
from openyun.errors import InvalidRegionId
from openyun.operation import Call, Request, Response, Tag
from openyun.region import find_region
from openyun.services.ecs import tags
from openyun.services.ecs.errors import IncorrectInstanceStatus, NotOffered
from openyun.services.ecs.records import Instance
from openyun.services.ecs.service import ecs
from openyun.services.ecs.storage import disks, errors, storage_names, transfers
from openyun.services.ecs.storage.records import Disk, Image, Origin, Snapshot
from openyun.services.vpc.vpcs import default_resource_group
from openyun.state import Transaction

MOST_OF_DISK = 256
DEEPEST = 16
"""layers of a system disk; a snapshot of one that has more is whole"""


def find(call: Call, snapshot_id: str) -> Snapshot:
    """The account's snapshot; raises SnapshotNotFound."""
    found = call.state.get(Snapshot, snapshot_id)
    if found is None or found.account_id != call.account_id:
        raise errors.SnapshotNotFound(snapshot_id=snapshot_id)
    return found


def take(state: Transaction, disk: Disk, made: Snapshot) -> Snapshot:
    """Keep a new snapshot of the disk, which the reconciler is to make."""
    made.disk_type, made.disk_size, made.disk_category = disk.type, disk.size, disk.category
    made.instance_id = disk.instance_id
    if disk.type == "system":
        whole = len(disk.layers) >= DEEPEST
        made.layers = [made.id, *([] if whole else disk.layers)]
        made.base_image, made.image_id = "" if whole else disk.base_image, disk.image_id
    else:
        made.content = made.id
    state.insert(made)
    return made


def new(snapshot_id: str, account_id: str, disk: Disk, created_at: str) -> Snapshot:
    return Snapshot(
        id=snapshot_id,
        account_id=account_id,
        disk_id=disk.id,
        disk_type=disk.type,
        disk_size=disk.size,
        created_at=created_at,
        modified_at=created_at,
    )


def check_disk(call: Call, disk: Disk) -> None:
    """Raises what keeps a snapshot of this disk from being made now."""
    if disk.status == "Creating":
        raise errors.DiskInitializing
    if disk.status not in ("Available", "In_use"):
        raise errors.IncorrectDiskStatus
    disks.check_no_snapshot_under_way(call, disk)
    if call.state.count(Snapshot, disk_id=disk.id) >= MOST_OF_DISK:
        raise errors.TooManySnapshots(most=MOST_OF_DISK)
    instance = call.state.get(Instance, disk.instance_id) if disk.instance_id else None
    if instance is not None and (instance.status not in ("Running", "Stopped") or instance.wanted == "Deleted"):
        raise IncorrectInstanceStatus


def check_retention(days: int | None) -> int:
    if days is not None and not 1 <= days <= 65536:
        raise errors.InvalidRetentionDays
    return days or 0


# CreateSnapshot


class CreateSnapshotRequest(Request, kw_only=True):
    disk_id: str
    snapshot_name: str = ""
    description: str = ""
    retention_days: int | None = None
    category: str = ""
    instant_access: bool = False
    instant_access_retention_days: int | None = None
    storage_location_arn: str = ""
    resource_group_id: str = ""
    tag: list[Tag] = []
    client_token: str = ""


class CreateSnapshotResponse(Response, kw_only=True):
    snapshot_id: str


@ecs.operation(resource=("snapshot/*", "disk/{disk_id}"))
def create_snapshot(call: Call, ask: CreateSnapshotRequest) -> CreateSnapshotResponse:
    if ask.storage_location_arn:
        raise NotOffered(parameter="StorageLocationArn")
    disk = disks.find(call, ask.disk_id)
    check_disk(call, disk)
    made = new(call.new_id("s"), call.account_id, disk, iso_seconds(call.now))
    made.name = storage_names.snapshot_name(ask.snapshot_name)
    made.description = storage_names.description(ask.description)
    made.retention_days = check_retention(ask.retention_days)
    made.instant_access = ask.instant_access
    made.resource_group_id = ask.resource_group_id or default_resource_group(call)
    made.tags = tags.rules.checked(ask.tag)
    take(call.state, disk, made)
    call.wake()
    return CreateSnapshotResponse(snapshot_id=made.id)


# ModifySnapshotAttribute


class ModifySnapshotAttributeRequest(Request, kw_only=True):
    snapshot_id: str
    snapshot_name: str | None = None
    description: str | None = None
    retention_days: int | None = None
    disable_instant_access: bool = False


@ecs.operation(resource="snapshot/{snapshot_id}")
def modify_snapshot_attribute(call: Call, ask: ModifySnapshotAttributeRequest) -> Response:
    found = find(call, ask.snapshot_id)
    if ask.snapshot_name is not None:
        found.name = storage_names.snapshot_name(ask.snapshot_name)
    if ask.description is not None:
        found.description = storage_names.description(ask.description)
    if ask.retention_days is not None:
        found.retention_days = check_retention(ask.retention_days)
    if ask.disable_instant_access:
        found.instant_access = False
    found.modified_at = iso_seconds(call.now)
    call.state.put(found)
    return Response()


# DeleteSnapshot


class DeleteSnapshotRequest(Request, kw_only=True):
    snapshot_id: str
    force: bool = False


@ecs.operation(resource="snapshot/{snapshot_id}")
def delete_snapshot(call: Call, ask: DeleteSnapshotRequest) -> Response:
    """What it stored stays as long as a disk or an image was made of it; the reconciler frees it then."""
    delete(call, find(call, ask.snapshot_id), force=ask.force)
    return Response()


def delete(call: Call, found: Snapshot, *, force: bool) -> None:
    """Raises SnapshotMadeImage, SnapshotMadeDisk."""
    for image in call.state.find(Image, account_id=call.account_id):
        if any(disk.snapshot_id == found.id for disk in image.disks):
            raise errors.SnapshotMadeImage
    if not force:
        own = call.state.find(Disk, account_id=call.account_id)
        if any(one.source_snapshot_id == found.id and not one.deleted for one in own):
            raise errors.SnapshotMadeDisk
    call.state.delete(found)
    call.wake()


# CopySnapshot


class CopySnapshotRequest(Request, kw_only=True):
    region_id: str
    snapshot_id: str
    destination_region_id: str
    destination_snapshot_name: str = ""
    destination_snapshot_description: str = ""
    retention_days: int | None = None
    encrypted: bool = False
    kms_key_id: str = msgspec.field(name="KMSKeyId", default="")
    destination_storage_location_arn: str = ""
    resource_group_id: str = ""
    tag: list[Tag] = []
    client_token: str = ""


class CopySnapshotResponse(Response, kw_only=True):
    snapshot_id: str


@ecs.operation(resource="snapshot/{snapshot_id}")
def copy_snapshot(call: Call, ask: CopySnapshotRequest) -> CopySnapshotResponse:
    """The copy is noted here, with the id it gets there; this region's reconciler begins it there."""
    disks.refuse_encryption(ask.encrypted, ask.kms_key_id)
    if ask.destination_storage_location_arn:
        raise NotOffered(parameter="DestinationStorageLocationArn")
    source = find(call, ask.snapshot_id)
    if source.status != "accomplished":
        raise errors.SnapshotNotReady(snapshot_id=source.id)
    region = find_region(ask.destination_region_id)
    if region is None:
        raise InvalidRegionId(region_id=ask.destination_region_id)
    if region == call.region:
        raise errors.SameRegion
    now = iso_seconds(call.now)
    made = msgspec.structs.replace(
        source,
        id=transfers.id_in(call, region, "s"),
        name=storage_names.snapshot_name(ask.destination_snapshot_name),
        description=storage_names.description(ask.destination_snapshot_description),
        retention_days=check_retention(ask.retention_days),
        status="progressing",
        due=False,
        group_id="",
        policy_id="",
        copy_of=Origin(region_id=call.region.id, id=source.id),
        resource_group_id=ask.resource_group_id or default_resource_group(call),
        created_at=now,
        modified_at=now,
        tags=tags.rules.checked(ask.tag),
    )
    transfers.send(call, region, [made])
    return CopySnapshotResponse(snapshot_id=made.id)
