"""DescribeImages, and what else is asked about images and their families."""

from __future__ import annotations

import msgspec

from openyun.operation import UNSET, Call, Model, Request, Response, Tag, Unset
from openyun.services.ecs.errors import NoImageOfFamily
from openyun.services.ecs.instance.instances import images_in_use
from openyun.services.ecs.instance.items import minutes
from openyun.services.ecs.instance_type.catalogue import INSTANCE_TYPES
from openyun.services.ecs.service import ecs
from openyun.services.ecs.storage import images
from openyun.services.ecs.storage.images import IMAGES, SystemImage
from openyun.services.ecs.storage.records import Image, ImageDisk
from openyun.services.paging import Paged, page_of
from openyun.services.tags import TagFields, carries, shown


class DiskDeviceMapping(Model, kw_only=True):
    device: str = "/dev/xvda"
    type: str = "system"
    size: str
    format: str = ""
    progress: str = ""
    snapshot_id: str = ""
    encrypted: bool = False
    import_oss_bucket: str = msgspec.field(name="ImportOSSBucket", default="")
    import_oss_object: str = msgspec.field(name="ImportOSSObject", default="")


class DiskDeviceMappings(Model):
    disk_device_mapping: list[DiskDeviceMapping] = []


class Features(Model, kw_only=True):
    nvme_support: str = "supported"
    imds_support: str = "v2"


class ImageItem(Model, kw_only=True):
    image_id: str
    image_name: str
    image_family: str
    image_version: str
    description: str
    creation_time: str
    architecture: str
    platform: str
    os_name: str = msgspec.field(name="OSName")
    os_name_en: str = msgspec.field(name="OSNameEn")
    os_type: str = msgspec.field(name="OSType", default="linux")
    size: int
    status: str = "Available"
    progress: str = "100%"
    usage: str
    usable: bool = True
    boot_mode: str = "BIOS"
    image_owner_alias: str = "system"
    image_owner_id: int = 0
    is_public: bool = True
    is_copied: bool = False
    is_self_shared: str = ""
    is_subscribed: bool = False
    is_support_cloudinit: bool = True
    is_support_io_optimized: bool = True
    login_as_non_root_supported: bool = False
    product_code: str = ""
    resource_group_id: str = ""
    disk_device_mappings: DiskDeviceMappings
    features: Features = msgspec.field(default_factory=Features)
    tags: TagFields


class Images(Model):
    image: list[ImageItem]


class Filter(Model, kw_only=True):
    key: str = ""
    value: str = ""


class DescribeImagesRequest(Paged, Request, kw_only=True):
    region_id: str
    image_id: list[str] = []
    image_name: str = ""
    image_family: str = ""
    image_owner_alias: str = ""
    image_owner_id: int | None = None
    architecture: str = ""
    os_type: str = msgspec.field(name="OSType", default="")
    status: list[str] = []
    usage: str = ""
    usable: bool | None = None
    instance_type: str = ""
    is_public: bool | None = None
    is_support_cloudinit: bool | None = None
    is_support_io_optimized: bool | None = None
    show_expired: bool | None = None
    snapshot_id: str = ""
    resource_group_id: str = ""
    action_type: str = ""
    filter: list[Filter] = []
    """CreationStartTime and CreationEndTime"""
    tag: list[Tag] = []
    dry_run: bool = False


class DescribeImagesResponse(Response, kw_only=True):
    region_id: str
    page_number: int
    page_size: int
    total_count: int
    images: Images


@ecs.operation(resource="image/{image_id}")
def describe_images(call: Call, ask: DescribeImagesRequest) -> DescribeImagesResponse:
    used = images_in_use(call)
    custom = sorted(images.all_visible(call), key=lambda one: (one.created_at, one.id), reverse=True)
    items = [_custom(call, one, used) for one in custom if _has_snapshot(one, ask.snapshot_id)]
    items += [] if ask.snapshot_id else [_system(one, used) for one in IMAGES]
    found = [one for one in items if _matches(one, ask)]
    return DescribeImagesResponse(
        region_id=call.region.id,
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        images=Images(image=[*page_of(ask, found, most=100)]),
    )


def _has_snapshot(one: Image, snapshot_id: str) -> bool:
    return not snapshot_id or any(disk.snapshot_id == snapshot_id for disk in one.disks)


def _matches(one: ImageItem, ask: DescribeImagesRequest) -> bool:
    kind = INSTANCE_TYPES.get(ask.instance_type)
    filters = {each.key: each.value for each in ask.filter if each.key}
    created = minutes(one.creation_time)
    return (
        (not ask.image_id or one.image_id in ask.image_id)
        and _named(ask.image_name, one.image_name)
        and ask.image_family in ("", one.image_family)
        and ask.image_owner_alias in ("", one.image_owner_alias)
        and ask.image_owner_id in (None, 0, one.image_owner_id)
        and ask.architecture in ("", one.architecture)
        and ask.os_type in ("", one.os_type)
        # Without a Status only what can be used is told.
        and one.status in (ask.status or ["Available"])
        and ask.usage in ("", one.usage)
        and ask.usable in (None, one.usable)
        and (
            not ask.instance_type
            or (kind is not None and (one.architecture == "arm64") == (kind.architecture == "ARM"))
        )
        and ask.is_public in (None, one.is_public)
        and ask.is_support_cloudinit is not False
        and ask.is_support_io_optimized is not False
        and ask.resource_group_id in ("", one.resource_group_id)
        and filters.get("CreationStartTime", "") <= created
        and created <= filters.get("CreationEndTime", "9")
        and carries({tag.tag_key: tag.tag_value for tag in one.tags.tag}, ask.tag)
    )


def _named(pattern: str, name: str) -> bool:
    """`web*` is every name that begins so, `*web*` every name that holds it; .vhd of the platform's may be left out."""
    if "*" in pattern:
        inner = pattern.strip("*")
        return inner in name if pattern.startswith("*") else name.startswith(inner)
    return pattern in ("", name, name.removesuffix(".vhd"))


def _system(one: SystemImage, used: set[str]) -> ImageItem:
    return ImageItem(
        image_id=one.id,
        image_name=one.name,
        image_family=one.family,
        image_version=one.version,
        description=one.description,
        creation_time=one.created_at,
        architecture=one.architecture,
        platform=one.platform,
        os_name=one.os_name,
        os_name_en=one.os_name,
        size=one.size,
        usage="instance" if one.id in used else "none",
        tags=shown({}),
        disk_device_mappings=DiskDeviceMappings(disk_device_mapping=[DiskDeviceMapping(size=str(one.size))]),
    )


def _custom(call: Call, one: Image, used: set[str]) -> ImageItem:
    own = one.account_id == call.account_id
    progress = "100%" if one.status in ("Available", "Deprecated") else "0%"
    return ImageItem(
        image_id=one.id,
        image_name=one.name,
        image_family=one.family,
        image_version=one.version,
        description=one.description,
        creation_time=one.created_at,
        architecture=one.architecture,
        platform=one.platform,
        os_name=one.os_name,
        os_name_en=one.os_name,
        size=one.disks[0].size,
        status=one.status,
        progress=progress,
        usage="instance" if one.id in used else "none",
        usable=one.status == "Available",
        boot_mode=one.boot_mode,
        image_owner_alias="self" if own else "others",
        image_owner_id=int(one.account_id),
        is_public=False,
        is_copied=one.copy_of is not None,
        is_self_shared="True" if own and one.shared_with else "False" if own else "",
        resource_group_id=one.resource_group_id if own else "",
        disk_device_mappings=DiskDeviceMappings([_mapping(disk, progress, own=own) for disk in one.disks]),
        features=Features(nvme_support=one.nvme_support, imds_support=one.imds_support),
        tags=shown(one.tags if own else {}),
    )


def _mapping(disk: ImageDisk, progress: str, *, own: bool) -> DiskDeviceMapping:
    return DiskDeviceMapping(
        device=disk.device,
        type=disk.type,
        size=str(disk.size),
        format=disk.format,
        progress=progress,
        snapshot_id=disk.snapshot_id if own else "",
        import_oss_bucket=disk.oss_bucket if own else "",
        import_oss_object=disk.oss_object if own else "",
    )


# DescribeImageFromFamily


class FamilyMapping(Model, kw_only=True):
    device: str
    type: str
    size: str
    format: str = ""
    snapshot_id: str = ""
    import_oss_bucket: str = msgspec.field(name="ImportOSSBucket", default="")
    import_oss_object: str = msgspec.field(name="ImportOSSObject", default="")


class FamilyMappings(Model):
    disk_device_mapping: list[FamilyMapping] = []


class FamilyImage(Model, kw_only=True):
    image_id: str
    image_name: str
    image_family: str
    image_version: str
    image_owner_alias: str
    description: str
    creation_time: str
    architecture: str
    platform: str
    os_name: str = msgspec.field(name="OSName")
    os_type: str = msgspec.field(name="OSType", default="linux")
    size: int
    status: str
    progress: str
    usage: str
    is_copied: bool
    is_self_shared: str
    is_subscribed: bool = False
    is_support_cloudinit: bool = True
    is_support_io_optimized: bool = True
    product_code: str = ""
    disk_device_mappings: FamilyMappings
    tags: TagFields


class DescribeImageFromFamilyRequest(Request, kw_only=True):
    region_id: str
    image_family: str


class DescribeImageFromFamilyResponse(Response, kw_only=True):
    image: FamilyImage | Unset = UNSET


@ecs.operation(resource="image/*")
def describe_image_from_family(call: Call, ask: DescribeImageFromFamilyRequest) -> DescribeImageFromFamilyResponse:
    """The newest of a family; no image where it has none."""
    try:
        newest = images.newest_of(call, ask.image_family)
    except NoImageOfFamily:
        return DescribeImageFromFamilyResponse()
    used = images_in_use(call)
    item = _system(newest, used) if isinstance(newest, SystemImage) else _custom(call, newest, used)
    mappings = [_convert(each, FamilyMapping) for each in item.disk_device_mappings.disk_device_mapping]
    fields = {name: getattr(item, name) for name in FamilyImage.__struct_fields__ if name != "disk_device_mappings"}
    return DescribeImageFromFamilyResponse(image=FamilyImage(**fields, disk_device_mappings=FamilyMappings(mappings)))


def _convert(mapping: DiskDeviceMapping, kind: type[FamilyMapping]) -> FamilyMapping:
    return kind(**{name: getattr(mapping, name) for name in kind.__struct_fields__})


# DescribeImageSupportInstanceTypes


class SupportedInstanceType(Model, kw_only=True):
    instance_type_id: str
    instance_type_family: str
    cpu_core_count: int
    memory_size: float


class SupportedInstanceTypes(Model):
    instance_type: list[SupportedInstanceType]


class DescribeImageSupportInstanceTypesRequest(Request, kw_only=True):
    region_id: str
    image_id: str
    action_type: str = ""


class DescribeImageSupportInstanceTypesResponse(Response, kw_only=True):
    region_id: str
    image_id: str | Unset = UNSET
    instance_types: SupportedInstanceTypes


@ecs.operation(resource="image/{image_id}")
def describe_image_support_instance_types(
    call: Call, ask: DescribeImageSupportInstanceTypesRequest
) -> DescribeImageSupportInstanceTypesResponse:
    image = images.find(call, ask.image_id)
    return DescribeImageSupportInstanceTypesResponse(
        region_id=call.region.id,
        image_id=image.id,
        instance_types=SupportedInstanceTypes(
            instance_type=[
                SupportedInstanceType(
                    instance_type_id=kind.id,
                    instance_type_family=kind.family,
                    cpu_core_count=kind.vcpus,
                    memory_size=kind.memory,
                )
                for kind in INSTANCE_TYPES.values()
                if images.supports(image, kind)
            ]
        ),
    )
