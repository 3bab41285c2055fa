from __future__ import annotations

from typing import Any

import pytest
from alibabacloud_ecs20140526 import models
from alibabacloud_ecs20140526.client import Client as Ecs
from alibabacloud_ram20150501.client import Client as Ram
from alibabacloud_vpc20160428.client import Client as Vpc

from tests.conformance import image_roles
from tests.conformance.conftest import REGION, Cloud, eventually, refused
from tests.conformance.disks import available, describe, image_of, images, snapshots, take, until_image
from tests.conformance.oss_clients import oss2_bucket
from tests.conformance.place import IMAGE, Place, make_place

ELSEWHERE = "cn-shanghai"


@pytest.fixture
def place(ecs: Ecs, vpc: Vpc) -> Place:
    return make_place(ecs, vpc)


def test_an_image_of_an_instance_with_a_data_disk(ecs: Ecs, place: Place) -> None:
    (instance_id,) = place.running(data_disk=[models.RunInstancesRequestDataDisk(size=30)])
    image_id = image_of(ecs, instance_id=instance_id, image_name="web", image_family="site", description="of web")
    (image,) = images(ecs, image_id)
    assert (image.image_name, image.image_family, image.image_owner_alias) == ("web", "site", "self")
    assert (image.size, image.status, image.progress, image.osname) == (40, "Available", "100%", "Debian 12 64-bit")
    parts = {it.type: it for it in image.disk_device_mappings.disk_device_mapping}
    assert (parts["system"].device, parts["data"].device, parts["data"].size) == ("/dev/xvda", "/dev/xvdb", "30")
    assert {it.usage for it in snapshots(ecs)} == {"image"}
    with refused("SnapshotCreatedImage", 403):
        ecs.delete_snapshot(models.DeleteSnapshotRequest(snapshot_id=parts["data"].snapshot_id, force=True))

    (made,) = place.running(image_id=None, image_family="site")
    several = sorted(describe(ecs, instance_id=made), key=lambda disk: disk.device)
    assert [(it.image_id, it.source_snapshot_id, it.size) for it in several] == [
        (image_id, "", 40),
        ("", parts["data"].snapshot_id, 30),
    ]
    assert images(ecs, usage="instance", image_owner_alias="self")[0].image_id == image_id
    with refused("ImageUsingByInstance", 403):
        ecs.delete_image(models.DeleteImageRequest(region_id=REGION, image_id=image_id))
    ecs.delete_image(models.DeleteImageRequest(region_id=REGION, image_id=image_id, force=True))
    assert images(ecs, image_id) == []
    with refused("InvalidImageId.NotFound", 404):
        place.run(image_id=image_id)


def test_an_image_of_snapshots_and_its_attributes(ecs: Ecs, place: Place) -> None:
    (instance_id,) = place.running()
    system = take(ecs, describe(ecs, instance_id=instance_id)[0].disk_id)
    data = take(ecs, available(ecs))
    with refused("InvalidSnapshotId.NotSystemDisk", 403):
        image_of(ecs, snapshot_id=data)
    mappings = [
        models.CreateImageRequestDiskDeviceMapping(snapshot_id=system, size=60),
        models.CreateImageRequestDiskDeviceMapping(snapshot_id=data, device="/dev/xvdc"),
    ]
    image_id = image_of(
        ecs, disk_device_mapping=mappings, image_name="two", tag=[models.CreateImageRequestTag("a", "b")]
    )
    assert images(ecs, image_id)[0].size == 60
    assert [it.image_id for it in images(ecs, snapshot_id=data)] == [image_id]
    assert [it.image_id for it in images(ecs, tag=[models.DescribeImagesRequestTag(key="a", value="b")])] == [image_id]
    assert [it.image_id for it in images(ecs, image_name="tw*")] == [image_id]
    with refused("InvalidImageName.Duplicated", 400):
        image_of(ecs, snapshot_id=system, image_name="two")
    with refused("InvalidSystemDiskSize.LessThanImageSize", 404):
        place.run(image_id=image_id, system_disk=models.RunInstancesRequestSystemDisk(size="50"))

    changed = models.ModifyImageAttributeRequest(
        region_id=REGION, image_id=image_id, image_name="new", image_family="fam", status="Deprecated"
    )
    ecs.modify_image_attribute(changed)
    assert images(ecs, image_owner_alias="self") == []
    (image,) = images(ecs, image_id)
    assert (image.image_name, image.status) == ("new", "Deprecated")
    with refused("IncorrectImageStatus", 403):
        place.run(image_id=image_id)
    changed.status = "Available"
    ecs.modify_image_attribute(changed)
    asked = models.DescribeImageFromFamilyRequest(region_id=REGION, image_family="fam")
    assert ecs.describe_image_from_family(asked).body.image.image_id == image_id
    with refused("InvalidImage.NotOwned", 403):
        ecs.delete_image(models.DeleteImageRequest(region_id=REGION, image_id=IMAGE))


def test_an_image_is_shared_with_another_account(ecs: Ecs, place: Place, cloud: Cloud, other_cloud: Cloud) -> None:
    (instance_id,) = place.running()
    image_id = image_of(ecs, instance_id=instance_id)
    other = Ecs(other_cloud.config())
    assert images(other, image_id) == []
    share = models.ModifyImageSharePermissionRequest(
        region_id=REGION, image_id=image_id, add_account=[other_cloud.account_id]
    )
    ecs.modify_image_share_permission(share)
    asked = models.DescribeImageSharePermissionRequest(region_id=REGION, image_id=image_id)
    told = ecs.describe_image_share_permission(asked).body
    assert [it.aliyun_id for it in told.accounts.account] == [other_cloud.account_id]
    (seen,) = images(other, image_owner_alias="others")
    assert (seen.image_id, seen.image_owner_id) == (image_id, int(cloud.account_id))
    theirs = make_place(other, Vpc(other_cloud.config()))
    (made,) = theirs.running(image_id=image_id)
    assert theirs.one(made).image_id == image_id
    for forbidden in (
        lambda: other.delete_image(models.DeleteImageRequest(region_id=REGION, image_id=image_id, force=True)),
        lambda: other.describe_image_share_permission(asked),
    ):
        with refused("InvalidImage.NotOwned", 403):
            forbidden()
    with refused("ImageIsShared", 403):
        ecs.delete_image(models.DeleteImageRequest(region_id=REGION, image_id=image_id))
    share.add_account, share.remove_account = None, [other_cloud.account_id]
    ecs.modify_image_share_permission(share)
    assert images(other, image_id) == []
    share.add_account, share.remove_account = ["1"], None
    with refused("InvalidAccount.NotFound", 404):
        ecs.modify_image_share_permission(share)


def test_a_copy_in_another_region(ecs: Ecs, place: Place, cloud: Cloud) -> None:
    (instance_id,) = place.running()
    image_id = image_of(ecs, instance_id=instance_id)
    asked = models.CopyImageRequest(
        region_id=REGION, image_id=image_id, destination_region_id=ELSEWHERE, destination_image_name="copy"
    )
    made = ecs.copy_image(asked).body.image_id
    there = Ecs(Cloud(**{**vars(cloud), "region": ELSEWHERE}).config())
    described = models.DescribeImagesRequest(region_id=ELSEWHERE, image_id=made, status="Creating,Available")
    (copy,) = eventually(
        lambda: there.describe_images(described).body.images.image,
        lambda found: bool(found) and found[0].status == "Available",
    )
    assert (copy.image_name, copy.is_copied, copy.size) == ("copy", True, 40)
    with refused("IncorrectImageStatus", 403):
        there.cancel_copy_image(models.CancelCopyImageRequest(region_id=ELSEWHERE, image_id=made))
    asked.destination_region_id = "moon-1"
    with refused("InvalidRegionId.NotFound", 404):
        ecs.copy_image(asked)


def task_of(ecs: Ecs, task_id: str) -> Any:
    asked = models.DescribeTaskAttributeRequest(region_id=REGION, task_id=task_id)
    return eventually(
        lambda: ecs.describe_task_attribute(asked).body, lambda task: task.task_status in ("Finished", "Failed")
    )


def test_images_come_from_objects_and_go_to_them(ecs: Ecs, ram: Ram, cloud: Cloud, place: Place) -> None:
    bucket = oss2_bucket(cloud)
    bucket.create_bucket()
    bucket.put_object("root.raw", b"a disk")
    mapping = models.ImportImageRequestDiskDeviceMapping(
        ossbucket=bucket.bucket_name, ossobject="root.raw", format="RAW"
    )
    asked = models.ImportImageRequest(region_id=REGION, image_name="mine", disk_device_mapping=[mapping])
    with refused("NoSetRoletoECSServiceAccount", 404):
        ecs.import_image(asked)
    image_roles.give(ram, "Import", policy=False)
    with refused("NoSetRoletoECSServiceAccount", 404):
        ecs.import_image(asked)
    image_roles.grant(ram, "Import")
    mapping.ossobject = "none"
    with refused("InvalidOSSObject.NotFound", 404):
        ecs.import_image(asked)
    mapping.ossobject, mapping.ossbucket = "root.raw", "nobody-has-this-bucket"
    with refused("InvalidOSSBucket.NotFound", 404):
        ecs.import_image(asked)
    mapping.ossbucket = bucket.bucket_name
    made = ecs.import_image(asked).body
    assert task_of(ecs, made.task_id).task_action == "ImportImage"
    image = until_image(ecs, made.image_id)
    (part,) = image.disk_device_mappings.disk_device_mapping
    assert (part.import_ossbucket, part.import_ossobject, part.format) == (bucket.bucket_name, "root.raw", "RAW")
    place.running(image_id=made.image_id)

    export = models.ExportImageRequest(
        region_id=REGION, image_id=made.image_id, ossbucket=bucket.bucket_name, ossprefix="out"
    )
    with refused("NoSetRoletoECSServiceAccount", 404):
        ecs.export_image(export)
    image_roles.give(ram, "Export")
    task_id = ecs.export_image(export).body.task_id
    assert task_of(ecs, task_id).task_status == "Finished"
    assert bucket.object_exists(f"out_{made.image_id}_system.raw.tar.gz")
    listed = ecs.describe_tasks(models.DescribeTasksRequest(region_id=REGION, task_status="Finished")).body
    assert {it.task_action for it in listed.task_set.task} == {"ImportImage", "ExportImage"}
    with refused("TaskNotSupportCancel", 403):
        ecs.cancel_task(models.CancelTaskRequest(region_id=REGION, task_id=task_id))
    export.image_format = "vmdk"
    with refused("UnsupportedParameter", 400):
        ecs.export_image(export)
