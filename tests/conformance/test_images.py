from __future__ import annotations

from typing import Any

import pytest
from alibabacloud_ecs20140526 import models
from alibabacloud_ecs20140526.client import Client as Ecs
from alibabacloud_vpc20160428.client import Client as Vpc

from tests.conformance.conftest import REGION, refused
from tests.conformance.place import IMAGE, make_place


def images(ecs: Ecs, **filters: Any) -> list[Any]:
    return ecs.describe_images(models.DescribeImagesRequest(region_id=REGION, **filters)).body.images.image


def test_the_debian_image(ecs: Ecs) -> None:
    (image,) = images(ecs, image_id=IMAGE)
    assert (image.image_name, image.platform, image.osname) == (IMAGE, "Debian", "Debian 12 64-bit")
    assert (image.architecture, image.size, image.status, image.usage) == ("x86_64", 20, "Available", "none")
    assert image.disk_device_mappings.disk_device_mapping[0].size == "20"


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({"image_owner_alias": "system", "ostype": "linux"}, 1),
        ({"image_family": "acs:debian_12_x64"}, 1),
        ({"instance_type": "ecs.g7.large"}, 1),
        ({"instance_type": "ecs.g8y.large"}, 0),
        ({"image_owner_alias": "self"}, 0),
        ({"architecture": "arm64"}, 0),
        ({"ostype": "windows"}, 0),
        ({"image_id": "none.vhd"}, 0),
        ({"status": "Creating"}, 0),
    ],
)
def test_filters(ecs: Ecs, filters: dict[str, str], count: int) -> None:
    assert len(images(ecs, **filters)) == count


def test_an_image_in_use_says_so(ecs: Ecs, vpc: Vpc) -> None:
    make_place(ecs, vpc).run(image_id=None, image_family="acs:debian_12_x64")
    assert [one.usage for one in images(ecs)] == ["instance"]
    assert images(ecs, usage="none") == []


def test_instance_types_that_run_an_image(ecs: Ecs) -> None:
    asked = models.DescribeImageSupportInstanceTypesRequest(region_id=REGION, image_id=IMAGE)
    found = ecs.describe_image_support_instance_types(asked).body.instance_types.instance_type
    ids = {one.instance_type_id for one in found}
    assert "ecs.g7.large" in ids
    assert "ecs.g8y.large" not in ids
    asked.image_id = "none.vhd"
    with refused("InvalidImageId.NotFound", 404):
        ecs.describe_image_support_instance_types(asked)
