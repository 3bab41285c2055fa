"""Images: what the system disk of an instance begins as."""

from __future__ import annotations

import msgspec

from openyun.operation import UNSET, Call, Model, Request, Response, Tag, Unset
from openyun.services.ecs.errors import ImageAndFamily, ImageNotFound, NoImageOfFamily
from openyun.services.ecs.instance.instances import images_in_use
from openyun.services.ecs.instance_type.catalogue import INSTANCE_TYPES, InstanceType
from openyun.services.ecs.service import ecs
from openyun.services.paging import Paged, page_of
from openyun.services.tags import TagFields, shown


class SystemImage(msgspec.Struct, frozen=True, kw_only=True):
    """An image that the cloud provides to everybody."""

    id: str
    family: str
    version: str
    name: str
    os_name: str
    platform: str
    architecture: str
    """"x86_64" or "arm64\""""
    size: int
    """GiB"""
    created_at: str
    description: str = ""


IMAGES: tuple[SystemImage, ...] = (
    SystemImage(
        id="debian_12_x64_20G_alibase_20261101.vhd",
        family="acs:debian_12_x64",
        version="v2026.11.1",
        name="debian_12_x64_20G_alibase_20261101.vhd",
        os_name="Debian 12 64-bit",
        platform="Debian",
        architecture="x86_64",
        size=20,
        created_at="2026-11-01T00:00:00Z",
        description="Debian 12 (bookworm) with an SSH server",
    ),
)
"""newest first"""

_BY_ID = {one.id: one for one in IMAGES}


# What other parts of the service may ask.


def find(image_id: str, image_family: str = "") -> SystemImage:
    """The image of this id, or the newest of the family. Raises ImageNotFound, ImageAndFamily, NoImageOfFamily."""
    if image_id and image_family:
        raise ImageAndFamily
    if image_family:
        newest = next((one for one in IMAGES if one.family == image_family), None)
        if newest is None:
            raise NoImageOfFamily(image_family=image_family)
        return newest
    found = _BY_ID.get(image_id)
    if found is None:
        raise ImageNotFound(image_id=image_id)
    return found


def known(image_id: str) -> SystemImage | None:
    return _BY_ID.get(image_id)


def supports(image: SystemImage, kind: InstanceType) -> bool:
    return (image.architecture == "arm64") == (kind.architecture == "ARM")


# DescribeImages


class DiskDeviceMapping(Model, kw_only=True):
    device: str = "/dev/xvda"
    type: str = "system"
    size: str
    format: str = ""
    progress: str = ""
    snapshot_id: str = ""


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
    instance_type: str = ""
    is_public: bool | None = None
    is_support_cloudinit: bool | None = None
    is_support_io_optimized: bool | None = None
    snapshot_id: str = ""
    resource_group_id: str = ""
    action_type: str = ""
    filter: list[Filter] = []
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
    found = [one for one in IMAGES if _matches(one, ask)]
    used = images_in_use(call)
    if ask.usage:
        found = [one for one in found if (one.id in used) == (ask.usage == "instance")]
    return DescribeImagesResponse(
        region_id=call.region.id,
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        images=Images(image=[_item(one, used) for one in page_of(ask, found, most=100)]),
    )


def _matches(one: SystemImage, ask: DescribeImagesRequest) -> bool:
    kind = INSTANCE_TYPES.get(ask.instance_type)
    return (
        (not ask.image_id or one.id in ask.image_id)
        and (not ask.image_name or ask.image_name in (one.name, one.name.removesuffix(".vhd")))
        and (not ask.image_family or one.family == ask.image_family)
        and ask.image_owner_alias in ("", "system")
        and not ask.image_owner_id
        and ask.architecture in ("", one.architecture)
        and ask.os_type in ("", "linux")
        and (not ask.status or "Available" in ask.status)
        and (not ask.instance_type or (kind is not None and supports(one, kind)))
        and ask.is_public is not False
        and ask.is_support_cloudinit is not False
        and ask.is_support_io_optimized is not False
        # Custom images, which have snapshots, groups and tags, do not exist here yet.
        and not (ask.snapshot_id or ask.resource_group_id or ask.tag or ask.filter)
    )


def _item(one: SystemImage, used: set[str]) -> ImageItem:
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
    image = find(ask.image_id)
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
                if supports(image, kind)
            ]
        ),
    )
