"""Images: what the system disk of an instance begins as. The platform's, and those that customers make."""

from __future__ import annotations

from typing import Literal

import msgspec

from openyun.operation import Call
from openyun.services.ecs.errors import ImageAndFamily, ImageNotFound, NoImageOfFamily
from openyun.services.ecs.instance_type.catalogue import InstanceType
from openyun.services.ecs.storage import errors
from openyun.services.ecs.storage.records import Image, ImageDisk, SharedImage

MOST_IMAGES = 100
"""of an account in a region"""

Owner = Literal["self", "system", "others"]


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


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """An image that somebody may use, whoever's it is."""

    id: str
    owner: Owner
    size: int
    """GiB"""
    architecture: str
    os_name: str
    platform: str
    layers: tuple[str, ...] = ()
    base_image: str = ""
    data_disks: tuple[ImageDisk, ...] = ()


def find(call: Call, image_id: str, image_family: str = "") -> Found:
    """The image of this id, or the newest of the family. Raises ImageNotFound, ImageAndFamily, NoImageOfFamily."""
    if image_id and image_family:
        raise ImageAndFamily
    if image_family:
        return _newest(call, image_family)
    if image_id in _BY_ID:
        return _of_platform(_BY_ID[image_id])
    image = visible(call, image_id)
    if image.status != "Available":
        raise errors.IncorrectImageStatus
    return _of_customer(call, image)


def visible(call: Call, image_id: str) -> Image:
    """A customer's image that the caller may see. Raises ImageNotFound."""
    found = call.state.get(Image, image_id)
    if found is None or (found.account_id != call.account_id and call.account_id not in found.shared_with):
        raise ImageNotFound(image_id=image_id)
    return found


def own(call: Call, image_id: str) -> Image:
    """An image of the account. Raises ImageNotFound, ImageNotOwned."""
    if image_id in _BY_ID:
        raise errors.ImageNotOwned(image_id=image_id)
    found = visible(call, image_id)
    if found.account_id != call.account_id:
        raise errors.ImageNotOwned(image_id=image_id)
    return found


def all_visible(call: Call) -> list[Image]:
    """The account's, and those shared with it."""
    shared = [one.image_id for one in call.state.find(SharedImage, account_id=call.account_id)]
    found = call.state.find(Image, account_id=call.account_id)
    return [*found, *(call.state.find(Image, id=shared) if shared else ())]


def newest_of(call: Call, image_family: str) -> Image | SystemImage:
    """Raises NoImageOfFamily."""
    for system in IMAGES:
        if system.family == image_family:
            return system
    found = [one for one in all_visible(call) if one.family == image_family and one.status == "Available"]
    if not image_family or not found:
        raise NoImageOfFamily(image_family=image_family)
    return max(found, key=lambda one: (one.account_id == call.account_id, one.created_at, one.id))


def known(image_id: str) -> SystemImage | None:
    """An image of the platform."""
    return _BY_ID.get(image_id)


def supports(image: Found | SystemImage | Image, kind: InstanceType) -> bool:
    return (image.architecture == "arm64") == (kind.architecture == "ARM")


def _newest(call: Call, image_family: str) -> Found:
    found = newest_of(call, image_family)
    return _of_platform(found) if isinstance(found, SystemImage) else _of_customer(call, found)


def _of_platform(image: SystemImage) -> Found:
    return Found(
        id=image.id,
        owner="system",
        size=image.size,
        architecture=image.architecture,
        os_name=image.os_name,
        platform=image.platform,
        base_image=image.id,
    )


def _of_customer(call: Call, image: Image) -> Found:
    system = image.disks[0]
    return Found(
        id=image.id,
        owner="self" if image.account_id == call.account_id else "others",
        size=system.size,
        architecture=image.architecture,
        os_name=image.os_name,
        platform=image.platform,
        layers=tuple(system.layers),
        base_image=system.base_image,
        data_disks=tuple(image.disks[1:]),
    )
