"""What several tests do with disks, snapshots and images."""

from __future__ import annotations

import json
from typing import Any

from alibabacloud_ecs20140526 import models
from alibabacloud_ecs20140526.client import Client as Ecs

from tests.conformance.conftest import REGION, eventually

ZONE = "cn-hangzhou-b"


def describe(ecs: Ecs, *disk_ids: str, **filters: Any) -> list[Any]:
    asked = models.DescribeDisksRequest(region_id=REGION, page_size=100, **filters)
    if disk_ids:
        asked.disk_ids = json.dumps(disk_ids)
    return ecs.describe_disks(asked).body.disks.disk


def one(ecs: Ecs, disk_id: str) -> Any:
    (found,) = describe(ecs, disk_id)
    return found


def until(ecs: Ecs, disk_id: str, status: str) -> Any:
    return eventually(lambda: one(ecs, disk_id), lambda disk: disk.status == status)


def create(ecs: Ecs, **more: Any) -> str:
    asked = {"region_id": REGION, "zone_id": ZONE, "disk_category": "cloud_essd", "size": 20, **more}
    disk_id: str = ecs.create_disk(models.CreateDiskRequest(**asked)).body.disk_id
    return disk_id


def available(ecs: Ecs, **more: Any) -> str:
    disk_id = create(ecs, **more)
    until(ecs, disk_id, "Available")
    return disk_id


def attach(ecs: Ecs, instance_id: str, disk_id: str, **more: Any) -> Any:
    ecs.attach_disk(models.AttachDiskRequest(instance_id=instance_id, disk_id=disk_id, **more))
    return until(ecs, disk_id, "In_use")


def detach(ecs: Ecs, instance_id: str, disk_id: str) -> Any:
    ecs.detach_disk(models.DetachDiskRequest(instance_id=instance_id, disk_id=disk_id))
    return until(ecs, disk_id, "Available")


def stop(ecs: Ecs, instance_id: str) -> None:
    ecs.stop_instance(models.StopInstanceRequest(instance_id=instance_id, force_stop=True))
    _until_instance(ecs, instance_id, "Stopped")


def start(ecs: Ecs, instance_id: str) -> None:
    ecs.start_instance(models.StartInstanceRequest(instance_id=instance_id))
    _until_instance(ecs, instance_id, "Running")


def _until_instance(ecs: Ecs, instance_id: str, status: str) -> None:
    asked = models.DescribeInstancesRequest(region_id=REGION, instance_ids=json.dumps([instance_id]))
    eventually(
        lambda: [it.status for it in ecs.describe_instances(asked).body.instances.instance],
        lambda found: found == [status],
    )


def snapshots(ecs: Ecs, *snapshot_ids: str, **filters: Any) -> list[Any]:
    asked = models.DescribeSnapshotsRequest(region_id=REGION, page_size=100, **filters)
    if snapshot_ids:
        asked.snapshot_ids = json.dumps(snapshot_ids)
    return ecs.describe_snapshots(asked).body.snapshots.snapshot


def take(ecs: Ecs, disk_id: str, **more: Any) -> str:
    """The id of an accomplished snapshot."""
    made: str = ecs.create_snapshot(models.CreateSnapshotRequest(disk_id=disk_id, **more)).body.snapshot_id
    eventually(lambda: snapshots(ecs, made)[0].status, lambda status: status == "accomplished")
    return made


def images(ecs: Ecs, *image_ids: str, **filters: Any) -> list[Any]:
    asked = models.DescribeImagesRequest(region_id=REGION, page_size=100, **filters)
    if image_ids:
        asked.image_id = ",".join(image_ids)
        asked.status = filters.get("status", "Creating,Waiting,Available,UnAvailable,CreateFailed,Deprecated")
    return ecs.describe_images(asked).body.images.image


def until_image(ecs: Ecs, image_id: str, status: str = "Available") -> Any:
    (found,) = eventually(lambda: images(ecs, image_id), lambda several: bool(several) and several[0].status == status)
    return found


def image_of(ecs: Ecs, **more: Any) -> str:
    image_id: str = ecs.create_image(models.CreateImageRequest(region_id=REGION, **more)).body.image_id
    until_image(ecs, image_id)
    return image_id
