"""CreateImage, ModifyImageAttribute, DeleteImage."""

from __future__ import annotations

import msgspec

from openyun.clock import iso_seconds
from openyun.operation import Call, Model, Request, Response, Tag
from openyun.services.ecs import tags
from openyun.services.ecs.errors import IncorrectInstanceStatus, NotOffered
from openyun.services.ecs.instance import instances
from openyun.services.ecs.records import Instance
from openyun.services.ecs.service import ecs
from openyun.services.ecs.storage import disks, errors, images, snapshots, storage_names
from openyun.services.ecs.storage.records import Disk, Image, ImageDisk, SharedImage, Snapshot
from openyun.services.vpc.vpcs import default_resource_group
from openyun.state import Transaction


class Mapping(Model, kw_only=True):
    device: str = ""
    disk_type: str = ""
    size: int | None = None
    snapshot_id: str = ""


class ImdsOnly(Model, kw_only=True):
    imds_support: str = ""


class Features(Model, kw_only=True):
    imds_support: str = ""
    nvme_support: str = ""


class CreateImageRequest(Request, kw_only=True):
    region_id: str
    instance_id: str = ""
    snapshot_id: str = ""
    disk_device_mapping: list[Mapping] = []
    image_name: str = ""
    image_family: str = ""
    image_version: str = ""
    description: str = ""
    platform: str = ""
    architecture: str = ""
    boot_mode: str = ""
    detection_strategy: str = ""
    features: ImdsOnly = msgspec.field(default_factory=ImdsOnly)
    resource_group_id: str = ""
    tag: list[Tag] = []
    client_token: str = ""
    dry_run: bool = False


class CreateImageResponse(Response, kw_only=True):
    image_id: str


@ecs.operation(resource="image/*", also=("instance/{instance_id}", "snapshot/{snapshot_id}"))
def create_image(call: Call, ask: CreateImageRequest) -> CreateImageResponse:
    if ask.detection_strategy:
        raise NotOffered(parameter="DetectionStrategy")
    made = draft(call, ask.image_name, ask.description, ask.resource_group_id, ask.tag)
    made.family = storage_names.image_family(ask.image_family)
    made.version = ask.image_version
    if ask.instance_id:
        _of_instance(call, made, instances.find(call, ask.instance_id))
    elif ask.snapshot_id:
        _of_snapshots(call, made, [Mapping(snapshot_id=ask.snapshot_id)])
    elif any(one.snapshot_id for one in ask.disk_device_mapping):
        _of_snapshots(call, made, ask.disk_device_mapping)
    else:
        raise errors.ImageSourceMissing
    made.platform = ask.platform or made.platform
    made.architecture = ask.architecture or made.architecture
    made.boot_mode = ask.boot_mode or made.boot_mode
    made.imds_support = ask.features.imds_support or made.imds_support
    call.state.insert(made)
    call.wake()
    return CreateImageResponse(image_id=made.id)


def draft(call: Call, name: str, description: str, resource_group_id: str, tag: list[Tag]) -> Image:
    """A new image of the account, without disks and not yet kept. Raises TooManyImages, ImageNameTaken."""
    own = call.state.find(Image, account_id=call.account_id)
    if len(own) >= images.MOST_IMAGES:
        raise errors.TooManyImages(most=images.MOST_IMAGES)
    image_id = call.new_id("m")
    name = storage_names.image_name(name)
    if name and any(one.name == name for one in own):
        raise errors.ImageNameTaken(name=name)
    return Image(
        id=image_id,
        account_id=call.account_id,
        name=name or image_id,
        description=storage_names.description(description),
        disks=[],
        resource_group_id=resource_group_id or default_resource_group(call),
        created_at=iso_seconds(call.now),
        tags=tags.rules.checked(tag),
    )


def _of_instance(call: Call, made: Image, instance: Instance) -> None:
    """Of all its disks at one moment."""
    if instance.status not in ("Running", "Stopped"):
        raise IncorrectInstanceStatus
    several = disks.of_instance(call.state, instance.id)
    for disk in several:
        snapshots.check_disk(call, disk)
    for disk in several:
        taken = snapshots.new(call.new_id("s"), call.account_id, disk, iso_seconds(call.now))
        taken.name = f"Created_from_{instance.id}"[:128]
        taken.description = f"Created by CreateImage for {made.id}"
        # One group has one moment; that it is no SnapshotGroup's id keeps it out of everybody's sight.
        taken.group_id, taken.resource_group_id = made.id, made.resource_group_id
        made.disks.append(image_disk(snapshots.take(call.state, disk, taken), disk.device))
    _describe(call, made, several[0].image_id)


def _of_snapshots(call: Call, made: Image, mappings: list[Mapping]) -> None:
    """Of one system disk's snapshot, and perhaps of data disks'."""
    found = [(one, snapshots.find(call, one.snapshot_id)) for one in mappings if one.snapshot_id]
    for _, snapshot in found:
        if snapshot.status != "accomplished":
            raise errors.SnapshotNotReady(snapshot_id=snapshot.id)
    system = [(one, snapshot) for one, snapshot in found if snapshot.disk_type == "system"]
    if len(system) != 1:
        raise errors.SnapshotOfDataDisk(snapshot_id=found[0][1].id)
    ((mapping, snapshot),) = system
    made.disks.append(image_disk(snapshot, disks.SYSTEM_DEVICE, mapping.size))
    free = [one for one in disks.DEVICES if one not in {each.device for each in mappings}]
    for mapping, snapshot in found:
        if snapshot.disk_type == "data":
            made.disks.append(image_disk(snapshot, mapping.device or free.pop(0), mapping.size))
    taken = [one.device for one in made.disks]
    if len(set(taken)) < len(taken) or any(one not in disks.DEVICES for one in taken[1:]):
        raise errors.InvalidDevice
    _describe(call, made, system[0][1].image_id)


def image_disk(snapshot: Snapshot, device: str, size: int | None = None) -> ImageDisk:
    if size is not None and size < snapshot.disk_size:
        raise errors.DiskSmallerThanSnapshot
    return ImageDisk(
        type=snapshot.disk_type,
        device=device,
        size=size or snapshot.disk_size,
        snapshot_id=snapshot.id,
        content=snapshot.content,
        layers=list(snapshot.layers),
        base_image=snapshot.base_image,
    )


def _describe(call: Call, made: Image, source_image_id: str) -> None:
    """As far as it is known of the image that the disk began as."""
    source = images.known(source_image_id) or call.state.get(Image, source_image_id)
    if source is not None:
        made.os_name, made.platform, made.architecture = source.os_name, source.platform, source.architecture


# ModifyImageAttribute


class ModifyImageAttributeRequest(Request, kw_only=True):
    region_id: str
    image_id: str
    image_name: str | None = None
    image_family: str | None = None
    description: str | None = None
    status: str = ""
    boot_mode: str = ""
    license_type: str = ""
    features: Features = msgspec.field(default_factory=Features)
    dry_run: bool = False


@ecs.operation(resource="image/{image_id}")
def modify_image_attribute(call: Call, ask: ModifyImageAttributeRequest) -> Response:
    found = images.own(call, ask.image_id)
    if ask.license_type:
        raise NotOffered(parameter="LicenseType")
    if ask.image_name is not None:
        found.name = storage_names.image_name(ask.image_name) or found.name
    if ask.image_family is not None:
        found.family = storage_names.image_family(ask.image_family)
    if ask.description is not None:
        found.description = storage_names.description(ask.description)
    if ask.status:
        if {found.status, ask.status} - {"Available", "Deprecated"}:
            raise errors.IncorrectImageStatus
        found.status = "Deprecated" if ask.status == "Deprecated" else "Available"
    found.boot_mode = ask.boot_mode or found.boot_mode
    found.imds_support = ask.features.imds_support or found.imds_support
    found.nvme_support = ask.features.nvme_support or found.nvme_support
    call.state.put(found)
    return Response()


# DeleteImage


class DeleteImageRequest(Request, kw_only=True):
    region_id: str
    image_id: str
    force: bool = False
    dry_run: bool = False


@ecs.operation(resource="image/{image_id}")
def delete_image(call: Call, ask: DeleteImageRequest) -> Response:
    """Instances that were made of it live on; their disks keep what they lie over."""
    found = images.own(call, ask.image_id)
    if found.shared_with and not ask.force:
        raise errors.ImageShared
    in_use = any(one.image_id == found.id and not one.deleted for one in call.state.find(Disk))
    if in_use and not ask.force:
        raise errors.ImageInUse
    delete(call.state, found)
    call.wake()
    return Response()


def delete(state: Transaction, image: Image) -> None:
    for account_id in image.shared_with:
        state.delete(SharedImage(account_id=account_id, image_id=image.id))
    state.delete(image)
