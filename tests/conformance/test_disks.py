from __future__ import annotations

import json
from typing import Any

import pytest
from alibabacloud_ecs20140526 import models
from alibabacloud_ecs20140526.client import Client as Ecs
from alibabacloud_vpc20160428.client import Client as Vpc

from tests.conformance import disks
from tests.conformance.conftest import REGION, eventually, refused
from tests.conformance.disks import ZONE, attach, available, create, describe, detach, one, start, stop, take, until
from tests.conformance.place import IMAGE, Place, make_place


@pytest.fixture
def place(ecs: Ecs, vpc: Vpc) -> Place:
    return make_place(ecs, vpc)


def test_a_disk_from_its_beginning_to_its_end(ecs: Ecs, place: Place) -> None:
    (instance_id,) = place.running()
    disk_id = create(ecs, disk_name="data", description="of a test", tag=[models.CreateDiskRequestTag("a", "b")])
    disk = until(ecs, disk_id, "Available")
    assert (disk.disk_name, disk.description, disk.type, disk.category, disk.size) == (
        *("data", "of a test", "data", "cloud_essd", 20),
    )
    assert (disk.performance_level, disk.portable, disk.delete_with_instance) == ("PL1", True, False)
    assert (disk.instance_id, disk.device, disk.zone_id) == ("", "", ZONE)
    assert {tag.tag_key: tag.tag_value for tag in disk.tags.tag}["a"] == "b"

    attached = attach(ecs, instance_id, disk_id, delete_with_instance=True)
    assert (attached.instance_id, attached.device, attached.delete_with_instance) == (instance_id, "/dev/xvdb", True)
    assert [it.instance_id for it in attached.attachments.attachment] == [instance_id]
    for wrong in (
        lambda: attach(ecs, instance_id, disk_id),
        lambda: ecs.delete_disk(models.DeleteDiskRequest(disk_id=disk_id)),
    ):
        with refused("IncorrectDiskStatus", 403):
            wrong()

    ecs.resize_disk(models.ResizeDiskRequest(disk_id=disk_id, new_size=40, type="online"))
    assert until(ecs, disk_id, "In_use").size == 40
    with refused("InvalidDiskSize.TooSmall", 403):
        ecs.resize_disk(models.ResizeDiskRequest(disk_id=disk_id, new_size=30))

    free = detach(ecs, instance_id, disk_id)
    assert (free.instance_id, free.device, free.delete_with_instance) == ("", "", False)
    assert free.detached_time
    with refused("DependencyViolation", 403):
        detach(ecs, instance_id, disk_id)
    ecs.delete_disk(models.DeleteDiskRequest(disk_id=disk_id))
    assert describe(ecs, disk_id) == []
    with refused("InvalidDiskId.NotFound", 404):
        ecs.delete_disk(models.DeleteDiskRequest(disk_id=disk_id))


def test_the_system_disk_and_data_disks_of_a_new_instance(ecs: Ecs, place: Place) -> None:
    wanted = [
        models.RunInstancesRequestDataDisk(size=30, disk_name="one", category="cloud_essd", performance_level="PL0"),
        models.RunInstancesRequestDataDisk(size=50, device="/dev/xvdd", delete_with_instance=False),
    ]
    (instance_id,) = place.running(data_disk=wanted)
    several = sorted(describe(ecs, instance_id=instance_id), key=lambda disk: disk.device)
    assert [(it.device, it.type, it.size, it.delete_with_instance, it.performance_level) for it in several] == [
        ("/dev/xvda", "system", 40, True, "PL1"),
        ("/dev/xvdb", "data", 30, True, "PL0"),
        ("/dev/xvdd", "data", 50, False, "PL1"),
    ]
    assert {it.status for it in several} == {"In_use"}
    assert several[0].image_id == IMAGE
    with refused("InvalidDiskId.OperationNotSupported", 403):
        detach(ecs, instance_id, several[0].disk_id)
    with refused("DiskNotPortable", 403):
        ecs.modify_disk_attribute(
            models.ModifyDiskAttributeRequest(disk_id=several[0].disk_id, delete_with_instance=False)
        )
    ecs.delete_instance(models.DeleteInstanceRequest(instance_id=instance_id, force=True))
    left = eventually(lambda: describe(ecs), lambda found: len(found) == 1)
    assert (left[0].disk_id, left[0].status) == (several[2].disk_id, "Available")


def test_disks_of_an_instance_that_was_made_stopped(ecs: Ecs, place: Place) -> None:
    asked = models.CreateInstanceRequest(**place.usual(), data_disk=[models.CreateInstanceRequestDataDisk(size=20)])
    instance_id = ecs.create_instance(asked).body.instance_id
    eventually(
        lambda: [it.status for it in describe(ecs, instance_id=instance_id)], lambda found: found == ["In_use"] * 2
    )


def test_filters_and_both_pagings(ecs: Ecs, place: Place) -> None:
    first = available(ecs, disk_name="web-1", tag=[models.CreateDiskRequestTag("team", "blue")])
    second = available(ecs, disk_name="db", disk_category="cloud_auto", size=100)
    (instance_id,) = place.running()
    attach(ecs, instance_id, second)
    expected: list[tuple[dict[str, Any], set[str]]] = [
        ({"disk_type": "data"}, {first, second}),
        ({"disk_type": "data", "status": "Available"}, {first}),
        ({"category": "cloud_auto"}, {second}),
        ({"disk_name": "web*"}, {first}),
        ({"disk_name": "db"}, {second}),
        ({"instance_id": instance_id, "portable": True}, {second}),
        ({"tag": [models.DescribeDisksRequestTag(key="team")]}, {first}),
        ({"zone_id": "cn-hangzhou-h"}, set()),
        ({"encrypted": True}, set()),
        ({"performance_level": "PL1", "portable": True}, {first}),
        ({"enable_automated_snapshot_policy": True}, set()),
    ]
    for filters, ids in expected:
        assert {it.disk_id for it in describe(ecs, **filters)} == ids, filters
    asked = models.DescribeDisksRequest(region_id=REGION, page_size=2)
    pages = [
        ecs.describe_disks(models.DescribeDisksRequest(region_id=REGION, page_size=2, page_number=n)) for n in (1, 2)
    ]
    assert [len(page.body.disks.disk) for page in pages] == [2, 1]
    assert pages[0].body.total_count == 3
    seen: list[str] = []
    asked = models.DescribeDisksRequest(region_id=REGION, max_results=1)
    while True:
        body = ecs.describe_disks(asked).body
        seen += [it.disk_id for it in body.disks.disk]
        asked.next_token = body.next_token
        if not body.next_token:
            break
    assert len(seen) == len(set(seen)) == 3


@pytest.mark.parametrize(
    ("wrong", "code", "status"),
    [
        ({"disk_category": "floppy"}, "InvalidDiskCategory.ValueNotSupported", 400),
        ({"size": 19, "disk_category": "cloud_ssd"}, "InvalidDiskSize.NotSupported", 400),
        ({"size": 40000, "disk_category": "cloud_ssd"}, "InvalidDiskSize.NotSupported", 400),
        ({"size": 100, "performance_level": "PL2"}, "InvalidDiskSize.NotSupported", 400),
        ({"performance_level": "PL9"}, "InvalidPerformanceLevel.Malformed", 400),
        ({"disk_category": "cloud_ssd", "performance_level": "PL1"}, "InvalidPerformanceLevel.Malformed", 400),
        ({"size": None}, "MissingParamter", 400),
        ({"zone_id": "cn-nowhere-a"}, "InvalidZoneId.NotFound", 404),
        ({"snapshot_id": "s-none"}, "InvalidSnapshotId.NotFound", 404),
        ({"disk_name": "1"}, "InvalidDiskName.Malformed", 400),
        ({"encrypted": True}, "UnsupportedParameter", 400),
        ({"multi_attach": "Enabled"}, "UnsupportedParameter", 400),
    ],
)
def test_what_cannot_be_is_refused(ecs: Ecs, wrong: dict[str, object], code: str, status: int) -> None:
    with refused(code, status):
        create(ecs, **wrong)


def test_attaching_has_its_rules(ecs: Ecs, place: Place) -> None:
    (instance_id,) = place.running()
    elsewhere = available(ecs, zone_id="cn-hangzhou-h")
    with refused("ResourceNotInSameZone", 403):
        attach(ecs, instance_id, elsewhere)
    disk_id = available(ecs)
    with refused("InvalidDevice.Malformed", 400):
        attach(ecs, instance_id, disk_id, device="/dev/xvda")
    with refused("InvalidInstanceId.NotFound", 404):
        attach(ecs, "i-none", disk_id)
    assert attach(ecs, instance_id, disk_id, device="/dev/xvdf").device == "/dev/xvdf"
    other = available(ecs)
    with refused("InvalidDevice.InUse", 403):
        attach(ecs, instance_id, other, device="/dev/xvdf")


def test_attributes_category_and_charge_type(ecs: Ecs, place: Place) -> None:
    disk_id = available(ecs, disk_category="cloud_efficiency")
    ecs.modify_disk_attribute(
        models.ModifyDiskAttributeRequest(
            disk_ids=[disk_id], disk_name="renamed", delete_auto_snapshot=True, enable_auto_snapshot=False
        )
    )
    disk = one(ecs, disk_id)
    assert (disk.disk_name, disk.delete_auto_snapshot, disk.enable_auto_snapshot) == ("renamed", True, False)
    ecs.modify_disk_spec(models.ModifyDiskSpecRequest(disk_id=disk_id, disk_category="cloud_essd"))
    assert (one(ecs, disk_id).category, one(ecs, disk_id).performance_level) == ("cloud_essd", "PL1")
    with refused("InvalidOperation.NotSupportDiskCategory", 403):
        ecs.modify_disk_spec(models.ModifyDiskSpecRequest(disk_id=disk_id, disk_category="cloud_ssd"))
    (instance_id,) = place.running(instance_charge_type="PrePaid", period=1)
    attach(ecs, instance_id, disk_id)
    asked = models.ModifyDiskChargeTypeRequest(
        region_id=REGION, instance_id=instance_id, disk_ids=json.dumps([disk_id]), disk_charge_type="PrePaid"
    )
    ecs.modify_disk_charge_type(asked)
    assert (one(ecs, disk_id).disk_charge_type, one(ecs, disk_id).portable) == ("PrePaid", False)
    with refused("DiskNotPortable", 403):
        detach(ecs, instance_id, disk_id)


def test_disks_that_begin_again(ecs: Ecs, place: Place) -> None:
    (instance_id,) = place.running()
    disk_id = available(ecs)
    attach(ecs, instance_id, disk_id)
    snapshot_id = take(ecs, disk_id)
    system = describe(ecs, instance_id=instance_id, disk_type="system")[0]
    of_system = take(ecs, system.disk_id)
    with refused("IncorrectInstanceStatus", 403):
        ecs.re_init_disk(models.ReInitDiskRequest(disk_id=disk_id))
    stop(ecs, instance_id)
    with refused("InvalidParameter.Conflict", 403):
        ecs.reset_disk(models.ResetDiskRequest(disk_id=disk_id, snapshot_id=of_system))
    for again in (
        lambda: ecs.re_init_disk(models.ReInitDiskRequest(disk_id=disk_id)),
        lambda: ecs.reset_disk(models.ResetDiskRequest(disk_id=disk_id, snapshot_id=snapshot_id)),
    ):
        again()
        until(ecs, disk_id, "In_use")
    both = [
        models.ResetDisksRequestDisk(disk_id=system.disk_id, snapshot_id=of_system),
        models.ResetDisksRequestDisk(disk_id=disk_id, snapshot_id="s-none"),
    ]
    told = ecs.reset_disks(models.ResetDisksRequest(region_id=REGION, disk=both)).body.operation_progress_set
    assert [it.operation_status for it in told.operation_progress] == ["Success", "Failed"]
    until(ecs, system.disk_id, "In_use")
    made = ecs.replace_system_disk(
        models.ReplaceSystemDiskRequest(instance_id=instance_id, image_id=IMAGE)
    ).body.disk_id
    assert made != system.disk_id
    assert until(ecs, made, "In_use").instance_id == instance_id
    assert describe(ecs, system.disk_id) == []
    start(ecs, instance_id)
    with refused("IncorrectInstanceStatus", 403):
        ecs.replace_system_disk(models.ReplaceSystemDiskRequest(instance_id=instance_id, image_id=IMAGE))


def test_a_token_makes_one_disk(ecs: Ecs) -> None:
    assert create(ecs, client_token="once") == create(ecs, client_token="once")
    assert len(disks.describe(ecs)) == 1
