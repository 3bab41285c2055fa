"""Images that come and go: CopyImage, CancelCopyImage, ImportImage, ExportImage."""

from __future__ import annotations

import msgspec

from openyun.access import policy
from openyun.access.identity import Role
from openyun.access.principal import Principal
from openyun.clock import iso_seconds
from openyun.errors import InvalidRegionId
from openyun.operation import Call, Model, Request, Response, Tag
from openyun.region import HOME, find_region
from openyun.services.ecs import tags
from openyun.services.ecs.errors import NotOffered
from openyun.services.ecs.instance.ram_roles import trusts_instances
from openyun.services.ecs.service import ecs
from openyun.services.ecs.storage import create_image, disks, errors, images, storage_names, transfers
from openyun.services.ecs.storage.records import Image, ImageDisk, Origin, Snapshot, Task
from openyun.services.oss import exchange
from openyun.services.vpc.vpcs import default_resource_group
from openyun.state import Transaction

IMPORT_ROLE = "AliyunECSImageImportDefaultRole"
EXPORT_ROLE = "AliyunECSImageExportDefaultRole"
FORMATS = ("RAW", "VHD", "QCOW2")


# CopyImage, CancelCopyImage


class CopyImageRequest(Request, kw_only=True):
    region_id: str
    image_id: str
    destination_region_id: str = ""
    destination_image_name: str = ""
    destination_description: str = ""
    encrypted: bool = False
    kms_key_id: str = msgspec.field(name="KMSKeyId", default="")
    encrypt_algorithm: str = ""
    resource_group_id: str = ""
    tag: list[Tag] = []
    client_token: str = ""
    dry_run: bool = False


class CopyImageResponse(Response, kw_only=True):
    image_id: str


@ecs.operation(resource="image/{image_id}")
def copy_image(call: Call, ask: CopyImageRequest) -> CopyImageResponse:
    disks.refuse_encryption(ask.encrypted, ask.kms_key_id or ask.encrypt_algorithm)
    source = images.own(call, ask.image_id)
    if source.status != "Available":
        raise errors.IncorrectImageStatus
    region = find_region(ask.destination_region_id)
    if region is None:
        raise InvalidRegionId(region_id=ask.destination_region_id)
    if region == call.region:
        raise errors.SameRegion
    now = iso_seconds(call.now)
    image_id = transfers.id_in(call, region, "m")
    copies = [_copied(call, disk, transfers.id_in(call, region, "s"), now) for disk in source.disks]
    made = msgspec.structs.replace(
        source,
        id=image_id,
        name=storage_names.image_name(ask.destination_image_name) or image_id,
        description=storage_names.description(ask.destination_description),
        disks=[
            msgspec.structs.replace(disk, snapshot_id=copy.id) for disk, copy in zip(source.disks, copies, strict=True)
        ],
        status="Creating",
        due=False,
        copy_of=Origin(region_id=call.region.id, id=source.id),
        shared_with={},
        resource_group_id=ask.resource_group_id or default_resource_group(call),
        created_at=now,
        tags=tags.rules.checked(ask.tag),
    )
    transfers.send(call, region, copies, made)
    return CopyImageResponse(image_id=image_id)


def _copied(call: Call, disk: ImageDisk, snapshot_id: str, now: str) -> Snapshot:
    source = call.state.get(Snapshot, disk.snapshot_id)
    return Snapshot(
        id=snapshot_id,
        account_id=call.account_id,
        description="Created by CopyImage",
        disk_id=source.disk_id if source else "",
        disk_type=disk.type,
        disk_size=disk.size,
        due=False,
        content=disk.content,
        layers=list(disk.layers),
        base_image=disk.base_image,
        copy_of=Origin(region_id=call.region.id, id=disk.snapshot_id),
        resource_group_id=default_resource_group(call),
        created_at=now,
        modified_at=now,
    )


class CancelCopyImageRequest(Request, kw_only=True):
    region_id: str
    image_id: str


@ecs.operation(resource="image/{image_id}")
def cancel_copy_image(call: Call, ask: CancelCopyImageRequest) -> Response:
    """Asked where the copy is to be."""
    found = images.own(call, ask.image_id)
    if found.copy_of is None or found.status != "Creating":
        raise errors.IncorrectImageStatus
    for disk in found.disks:
        snapshot = call.state.get(Snapshot, disk.snapshot_id)
        if snapshot is not None:
            call.state.delete(snapshot)
    create_image.delete(call.state, found)
    return Response()


# ImportImage


class ImportMapping(Model, kw_only=True):
    device: str = ""
    format: str = ""
    oss_bucket: str = msgspec.field(name="OSSBucket", default="")
    oss_object: str = msgspec.field(name="OSSObject", default="")
    disk_image_size: int | None = None
    """GiB"""


class ImportImageRequest(Request, kw_only=True):
    region_id: str
    disk_device_mapping: list[ImportMapping]
    image_name: str = ""
    description: str = ""
    platform: str = ""
    architecture: str = "x86_64"
    os_type: str = msgspec.field(name="OSType", default="linux")
    boot_mode: str = ""
    license_type: str = ""
    role_name: str = IMPORT_ROLE
    detection_strategy: str = ""
    features: create_image.Features = msgspec.field(default_factory=create_image.Features)
    storage_location_arn: str = ""
    resource_group_id: str = ""
    tag: list[Tag] = []
    client_token: str = ""
    dry_run: bool = False


class TaskResponse(Response, kw_only=True):
    region_id: str
    task_id: str


class ImportImageResponse(Response, kw_only=True):
    region_id: str
    task_id: str
    image_id: str


@ecs.operation(resource="image/*")
def import_image(call: Call, ask: ImportImageRequest) -> ImportImageResponse:
    """The root file system of an OSS object. Which formats can be read is the driver's; others fail the task."""
    for parameter, given in (
        ("DiskDeviceMapping.2", len(ask.disk_device_mapping) != 1),
        ("OSType windows", ask.os_type.lower() != "linux"),
        ("LicenseType", ask.license_type not in ("", "Auto", "BYOL")),
        ("DetectionStrategy", ask.detection_strategy),
        ("StorageLocationArn", ask.storage_location_arn),
    ):
        if given:
            raise NotOffered(parameter=parameter)
    (mapping,) = ask.disk_device_mapping
    if mapping.format and mapping.format.upper() not in FORMATS:
        raise errors.InvalidImageFormat(format=mapping.format)
    _check_role(call, ask.role_name, "oss:GetObject", mapping.oss_bucket, mapping.oss_object)
    if exchange.owner_of(call.state, mapping.oss_bucket) != call.account_id:
        raise errors.InvalidOssBucket(bucket=mapping.oss_bucket)
    if not exchange.exists(call.cloud, call.at, call.state, mapping.oss_bucket, mapping.oss_object):
        raise errors.InvalidOssObject(key=mapping.oss_object)
    made = create_image.draft(call, ask.image_name, ask.description, ask.resource_group_id, ask.tag)
    made.architecture, made.imported = ask.architecture, True
    made.platform = ask.platform or made.platform
    made.boot_mode = ask.boot_mode or made.boot_mode
    made.imds_support = ask.features.imds_support or made.imds_support
    made.nvme_support = ask.features.nvme_support or made.nvme_support
    made.status, made.due = "Waiting", False
    content_id = call.new_id("s")
    made.disks.append(
        ImageDisk(
            type="system",
            device=disks.SYSTEM_DEVICE,
            size=mapping.disk_image_size or 0,
            snapshot_id=content_id,
            layers=[content_id],
            format=mapping.format.upper() or "RAW",
            oss_bucket=mapping.oss_bucket,
            oss_object=mapping.oss_object,
        )
    )
    call.state.insert(made)
    task = _task(call, "ImportImage", made.id, mapping.oss_bucket, mapping.oss_object)
    return ImportImageResponse(region_id=call.region.id, task_id=task.id, image_id=made.id)


def _task(call: Call, action: str, resource_id: str, bucket: str, key: str) -> Task:
    made = Task(
        id=call.new_id("t"),
        account_id=call.account_id,
        action=action,
        resource_id=resource_id,
        oss_bucket=bucket,
        oss_object=key,
        created_at=iso_seconds(call.now),
    )
    call.state.insert(made)
    call.wake()
    return made


def _check_role(call: Call, name: str, action: str, bucket: str, key: str) -> None:
    """The role must exist, trust ECS, and may do this to the object. Raises NoImportRole."""

    def work(state: Transaction) -> bool:
        role = state.get(Role, call.account_id, name)
        if role is None or not trusts_instances(role):
            return False
        assumed = Principal(kind="role", account_id=call.account_id, name=name)
        arn = f"acs:oss:{call.region.id}:{call.account_id}:{bucket}/{key}"
        return policy.decide(call.cloud.directory.policies(state, assumed), action, arn, {}).allowed

    if not (work(call.state) if call.region == HOME else call.cloud.identity(call.region.id, work)):
        raise errors.NoImportRole(role=name)


# ExportImage


class ExportImageRequest(Request, kw_only=True):
    region_id: str
    image_id: str
    oss_bucket: str = msgspec.field(name="OSSBucket")
    oss_prefix: str = msgspec.field(name="OSSPrefix", default="")
    image_format: str = "raw"
    role_name: str = EXPORT_ROLE
    dry_run: bool = False


@ecs.operation(resource="image/{image_id}")
def export_image(call: Call, ask: ExportImageRequest) -> TaskResponse:
    """PREFIX_system.raw.tar.gz: the files of the system disk as an ext4 file system without partitions or a boot
    loader, which this cloud can import again; data disks are not exported."""
    if ask.image_format.lower() != "raw":
        raise NotOffered(parameter=f"ImageFormat {ask.image_format}")
    found = images.own(call, ask.image_id)
    if found.status != "Available":
        raise errors.IncorrectImageStatus
    key = f"{ask.oss_prefix + '_' if ask.oss_prefix else ''}{found.id}_system.raw.tar.gz"
    _check_role(call, ask.role_name, "oss:PutObject", ask.oss_bucket, key)
    if exchange.owner_of(call.state, ask.oss_bucket) != call.account_id:
        raise errors.InvalidOssBucket(bucket=ask.oss_bucket)
    task = _task(call, "ExportImage", found.id, ask.oss_bucket, key)
    return TaskResponse(region_id=call.region.id, task_id=task.id)


def finish_import(state: Transaction, image: Image, size: int, os_name: str, stored: int) -> None:
    """The root file system is there: the image can be used, and a snapshot of it is shown."""
    system = image.disks[0]
    system.size = max(system.size, size)
    image.os_name = os_name or image.os_name
    image.status = "Available"
    state.put(image)
    state.put(
        Snapshot(
            id=system.snapshot_id,
            account_id=image.account_id,
            description=f"Created by ImportImage for {image.id}",
            disk_id="",
            disk_type="system",
            disk_size=system.size,
            status="accomplished",
            due=False,
            stored=stored,
            layers=list(system.layers),
            resource_group_id=image.resource_group_id,
            created_at=image.created_at,
            modified_at=image.created_at,
        )
    )
