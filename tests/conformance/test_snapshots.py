from __future__ import annotations

import json
from typing import Any

import pytest
from alibabacloud_ecs20140526 import models
from alibabacloud_ecs20140526.client import Client as Ecs
from alibabacloud_vpc20160428.client import Client as Vpc

from tests.conformance.conftest import REGION, Cloud, eventually, refused
from tests.conformance.disks import available, create, describe, one, snapshots, take, until
from tests.conformance.place import Place, make_place


@pytest.fixture
def place(ecs: Ecs, vpc: Vpc) -> Place:
    return make_place(ecs, vpc)


def test_a_snapshot_and_a_disk_made_of_it(ecs: Ecs) -> None:
    disk_id = available(ecs, size=30)
    snapshot_id = take(ecs, disk_id, snapshot_name="before", description="a change", retention_days=3)
    (found,) = snapshots(ecs, snapshot_id)
    assert (found.snapshot_name, found.description, found.retention_days) == ("before", "a change", 3)
    assert (found.source_disk_id, found.source_disk_size, found.source_disk_type) == (disk_id, "30", "data")
    assert (found.progress, found.available, found.usage, found.snapshot_type) == ("100%", True, "none", "user")

    with refused("InvalidDiskSize.TooSmall", 403):
        create(ecs, size=20, snapshot_id=snapshot_id)
    copy = available(ecs, size=None, snapshot_id=snapshot_id)
    assert (one(ecs, copy).size, one(ecs, copy).source_snapshot_id) == (30, snapshot_id)
    assert snapshots(ecs, snapshot_id)[0].usage == "disk"
    assert [it.disk_id for it in describe(ecs, snapshot_id=snapshot_id)] == [copy]

    ecs.modify_snapshot_attribute(models.ModifySnapshotAttributeRequest(snapshot_id=snapshot_id, snapshot_name="after"))
    assert [it.snapshot_id for it in snapshots(ecs, snapshot_name="after")] == [snapshot_id]
    with refused("SnapshotCreatedDisk", 403):
        ecs.delete_snapshot(models.DeleteSnapshotRequest(snapshot_id=snapshot_id))
    ecs.delete_snapshot(models.DeleteSnapshotRequest(snapshot_id=snapshot_id, force=True))
    assert snapshots(ecs, snapshot_id) == []
    assert until(ecs, copy, "Available").source_snapshot_id == snapshot_id


def test_filters_links_and_usage(ecs: Ecs, place: Place) -> None:
    (instance_id,) = place.running()
    system = describe(ecs, instance_id=instance_id)[0].disk_id
    data = available(ecs)
    of_system, of_data, again = take(ecs, system), take(ecs, data, snapshot_name="data"), take(ecs, data)
    expected: list[tuple[dict[str, Any], set[str]]] = [
        ({"disk_id": data}, {of_data, again}),
        ({"instance_id": instance_id}, {of_system}),
        ({"source_disk_type": "System"}, {of_system}),
        ({"snapshot_name": "data"}, {of_data}),
        ({"status": "failed"}, set()),
        ({"usage": "image"}, set()),
        ({"snapshot_type": "auto"}, set()),
    ]
    for filters, ids in expected:
        assert {it.snapshot_id for it in snapshots(ecs, **filters)} == ids, filters
    page = ecs.describe_snapshots(models.DescribeSnapshotsRequest(region_id=REGION, max_results=2)).body
    assert len(page.snapshots.snapshot) == 2
    assert page.next_token
    asked = models.DescribeSnapshotLinksRequest(region_id=REGION, disk_ids=json.dumps([data]))
    (link,) = ecs.describe_snapshot_links(asked).body.snapshot_links.snapshot_link
    assert (link.source_disk_id, link.total_count) == (data, 2)
    usage = ecs.describe_snapshots_usage(models.DescribeSnapshotsUsageRequest(region_id=REGION)).body
    assert usage.snapshot_count == 3


def test_a_group_is_of_one_instance(ecs: Ecs, place: Place) -> None:
    (instance_id,) = place.running(data_disk=[models.RunInstancesRequestDataDisk(size=20)])
    loose = available(ecs)
    with refused("InvalidParameter.DiskId", 400):
        ecs.create_snapshot_group(models.CreateSnapshotGroupRequest(region_id=REGION, disk_id=[loose]))
    asked = models.CreateSnapshotGroupRequest(region_id=REGION, instance_id=instance_id, name="both")
    group_id = ecs.create_snapshot_group(asked).body.snapshot_group_id

    def groups() -> list[Any]:
        asked = models.DescribeSnapshotGroupsRequest(region_id=REGION, snapshot_group_id=[group_id])
        return ecs.describe_snapshot_groups(asked).body.snapshot_groups.snapshot_group

    (group,) = eventually(groups, lambda found: found[0].status == "accomplished")
    assert (group.name, group.instance_id, len(group.snapshots.snapshot)) == ("both", instance_id, 2)
    ecs.modify_snapshot_group(
        models.ModifySnapshotGroupRequest(region_id=REGION, snapshot_group_id=group_id, name="two")
    )
    assert groups()[0].name == "two"
    ecs.delete_snapshot_group(models.DeleteSnapshotGroupRequest(region_id=REGION, snapshot_group_id=group_id))
    assert groups() == []
    assert snapshots(ecs) == []


def test_a_copy_in_another_region(ecs: Ecs, cloud: Cloud) -> None:
    snapshot_id = take(ecs, available(ecs))
    asked = models.CopySnapshotRequest(
        region_id=REGION,
        snapshot_id=snapshot_id,
        destination_region_id="cn-shanghai",
        destination_snapshot_name="copy",
    )
    made = ecs.copy_snapshot(asked).body.snapshot_id
    there = Ecs(Cloud(**{**vars(cloud), "region": "cn-shanghai"}).config())

    def found() -> list[Any]:
        asked = models.DescribeSnapshotsRequest(region_id="cn-shanghai", snapshot_ids=json.dumps([made]))
        return there.describe_snapshots(asked).body.snapshots.snapshot

    (copy,) = eventually(found, lambda several: bool(several) and several[0].status == "accomplished")
    assert (copy.snapshot_name, copy.source_snapshot_id, copy.source_region_id) == ("copy", snapshot_id, REGION)
    asked.destination_region_id = REGION
    with refused("InvalidDestinationRegionId.Same", 400):
        ecs.copy_snapshot(asked)


def test_automatic_policies(ecs: Ecs) -> None:
    made = ecs.create_auto_snapshot_policy(
        models.CreateAutoSnapshotPolicyRequest(
            region_id=REGION,
            auto_snapshot_policy_name="nightly",
            time_points='["1","13"]',
            repeat_weekdays='["7","1"]',
            retention_days=-1,
        )
    ).body.auto_snapshot_policy_id

    def policy() -> Any:
        asked = models.DescribeAutoSnapshotPolicyExRequest(region_id=REGION, auto_snapshot_policy_id=made)
        (found,) = ecs.describe_auto_snapshot_policy_ex(asked).body.auto_snapshot_policies.auto_snapshot_policy
        return found

    assert (policy().time_points, policy().repeat_weekdays, policy().retention_days) == ('["1","13"]', '["1","7"]', -1)
    disk_id = available(ecs)
    apply = models.ApplyAutoSnapshotPolicyRequest(
        region_id=REGION, auto_snapshot_policy_id=made, disk_ids=json.dumps([disk_id])
    )
    ecs.apply_auto_snapshot_policy(apply)
    assert policy().disk_nums == 1
    assert [it.disk_id for it in describe(ecs, auto_snapshot_policy_id=made)] == [disk_id]
    assert one(ecs, disk_id).enable_automated_snapshot_policy
    ecs.modify_auto_snapshot_policy_ex(
        models.ModifyAutoSnapshotPolicyExRequest(region_id=REGION, auto_snapshot_policy_id=made, retention_days=5)
    )
    assert policy().retention_days == 5
    ecs.cancel_auto_snapshot_policy(
        models.CancelAutoSnapshotPolicyRequest(region_id=REGION, disk_ids=json.dumps([disk_id]))
    )
    assert not one(ecs, disk_id).auto_snapshot_policy_id
    ecs.apply_auto_snapshot_policy(apply)
    ecs.delete_auto_snapshot_policy(
        models.DeleteAutoSnapshotPolicyRequest(region_id=REGION, auto_snapshot_policy_id=made)
    )
    assert not one(ecs, disk_id).auto_snapshot_policy_id
    with refused("InvalidAutoSnapshotPolicyId.NotFound", 404):
        ecs.apply_auto_snapshot_policy(apply)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"time_points": '["24"]'}, "InvalidTimePoints.Malformed"),
        ({"repeat_weekdays": "Monday"}, "InvalidRepeatWeekdays.Malformed"),
        ({"retention_days": 0}, "InvalidRetentionDays"),
        ({"enable_cross_region_copy": True}, "UnsupportedParameter"),
    ],
)
def test_what_no_policy_can_be(ecs: Ecs, wrong: dict[str, Any], code: str) -> None:
    usual = {"region_id": REGION, "time_points": '["1"]', "repeat_weekdays": '["1"]', "retention_days": 1}
    with refused(code, 400):
        ecs.create_auto_snapshot_policy(models.CreateAutoSnapshotPolicyRequest(**{**usual, **wrong}))
