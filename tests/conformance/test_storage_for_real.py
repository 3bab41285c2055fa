"""Disks, snapshots and images of instances that run: what is written is there again. Needs root and what runc needs."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alibabacloud_ecs20140526 import models
from alibabacloud_ecs20140526.client import Client as Ecs
from alibabacloud_ram20150501.client import Client as Ram
from alibabacloud_vpc20160428.client import Client as Vpc

from openyun.engine.drivers import doctor, guest_image, namespace, tool
from tests.conformance import image_roles
from tests.conformance.conftest import REGION, Cloud, cloud_of, eventually
from tests.conformance.disks import attach, available, describe, detach, image_of, start, stop, take, until, until_image
from tests.conformance.oss_clients import oss2_bucket
from tests.conformance.place import Place, make_place
from tests.conftest import Server


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    lacking = [finding for finding in doctor.check() if finding.needed and not finding.ok]
    if os.geteuid() != 0 or lacking:
        pytest.skip("; ".join(finding.what for finding in lacking) or "needs root")
    guest_image.build_image(guest_image.cache(), guest_image.DEBIAN_12)
    made = Server(tmp_path_factory.mktemp("real"), {"OPENYUN_COMPUTE": "runc"})
    made.start()
    yield made
    made.kill()
    settings = {**os.environ, "OPENYUN_DATA": str(made.data), "OPENYUN_COMPUTE": "runc"}
    subprocess.run([sys.executable, "-m", "openyun", "reset", "--yes"], env=settings, check=True, capture_output=True)


@pytest.fixture(scope="module")
def here(real: Server) -> Cloud:
    return cloud_of(real, real.new_account())


@pytest.fixture(scope="module")
def real_ecs(here: Cloud) -> Ecs:
    return Ecs(here.config())


@pytest.fixture(scope="module")
def place(here: Cloud, real_ecs: Ecs) -> Place:
    return make_place(real_ecs, Vpc(here.config()))


def run(ecs: Ecs, instance_id: str, script: str) -> str:
    """What the script says inside the instance, which must succeed."""
    asked = models.RunCommandRequest(
        region_id=REGION, type="RunShellScript", command_content=script, instance_id=[instance_id]
    )
    invoke_id = ecs.run_command(asked).body.invoke_id
    results = models.DescribeInvocationResultsRequest(region_id=REGION, invoke_id=invoke_id)
    (found,) = eventually(
        lambda: ecs.describe_invocation_results(results).body.invocation.invocation_results.invocation_result,
        lambda several: bool(several) and bool(several[0].finished_time),
    )
    said = base64.b64decode(found.output or "").decode()
    assert found.exit_code == 0, said
    return said


def test_a_data_disk_keeps_what_is_written(real_ecs: Ecs, place: Place) -> None:
    first, second = place.running(amount=2)
    disk_id = available(real_ecs)
    attach(real_ecs, first, disk_id)
    run(
        real_ecs,
        first,
        "mkfs.ext4 -q /dev/vdb && printf hello | dd of=/dev/vdb bs=1 seek=1073741824 conv=notrunc,fsync",
    )
    snapshot_id = take(real_ecs, disk_id)
    run(real_ecs, first, "printf other | dd of=/dev/vdb bs=1 seek=1073741824 conv=notrunc,fsync")
    real_ecs.resize_disk(models.ResizeDiskRequest(disk_id=disk_id, new_size=30, type="online"))
    eventually(
        lambda: run(real_ecs, first, "blockdev --getsize64 /dev/vdb").strip(), lambda size: size == str(30 << 30)
    )
    detach(real_ecs, first, disk_id)
    assert "gone" in run(real_ecs, first, "test -e /dev/vdb || echo gone")

    read = "dd if=/dev/vd{} bs=1 skip=1073741824 count=5 2>/dev/null; blkid -o value -s TYPE /dev/vd{}"
    attach(real_ecs, second, disk_id)
    assert run(real_ecs, second, read.format("b", "b")).split() == ["otherext4"]
    copy = available(real_ecs, size=None, snapshot_id=snapshot_id)
    attach(real_ecs, second, copy)
    assert run(real_ecs, second, read.format("c", "c")).split() == ["helloext4"]

    stop(real_ecs, second)
    real_ecs.reset_disk(models.ResetDiskRequest(disk_id=disk_id, snapshot_id=snapshot_id))
    until(real_ecs, disk_id, "In_use")
    real_ecs.re_init_disk(models.ReInitDiskRequest(disk_id=copy))
    until(real_ecs, copy, "In_use")
    start(real_ecs, second)
    assert run(real_ecs, second, read.format("b", "b")).split() == ["helloext4"]


def test_an_instance_boots_from_an_image_of_another(
    real: Server, real_ecs: Ecs, place: Place, here: Cloud, tmp_path: Path
) -> None:
    (instance_id,) = place.running(data_disk=[models.RunInstancesRequestDataDisk(size=20)])
    run(real_ecs, instance_id, "echo made before >/root/file; rm /usr/bin/curl; printf data >/dev/vdb; sync")
    image_id = image_of(real_ecs, instance_id=instance_id)
    run(real_ecs, instance_id, "echo changed >/root/file")

    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    public = key.with_suffix(".pub").read_text()
    real_ecs.import_key_pair(
        models.ImportKeyPairRequest(region_id=REGION, key_pair_name="login", public_key_body=public)
    )
    real_ecs.authorize_security_group(
        models.AuthorizeSecurityGroupRequest(
            region_id=REGION,
            security_group_id=place.group_id,
            ip_protocol="TCP",
            port_range="22/22",
            source_cidr_ip="0.0.0.0/0",
        )
    )
    (made,) = place.running(image_id=image_id, key_pair_name="login", internet_max_bandwidth_out=1, host_name="copied")
    address = place.one(made).public_ip_address.ip_address[0]

    def ssh(command: str) -> subprocess.CompletedProcess[str]:
        options = [f"-o{one}" for one in ("StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR")]
        argv = ["ssh", "-i", str(key), *options, "-oConnectTimeout=2", f"root@{address}", command]
        return subprocess.run(argv, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)

    told = eventually(
        lambda: ssh("cat /root/file; hostname; ls /usr/bin/curl; head -c 4 /dev/vdb"), lambda done: bool(done.stdout)
    )
    assert told.stdout.split("\n") == ["made before", "copied", "data"]
    keys = [run(real_ecs, one, "cat /etc/ssh/ssh_host_ed25519_key.pub") for one in (instance_id, made)]
    assert keys[0] != keys[1]

    # Back to the platform's image, and to the snapshot that the image was made of.
    real_ecs.delete_image(models.DeleteImageRequest(region_id=REGION, image_id=image_id, force=True))
    assert run(real_ecs, made, "cat /root/file").strip() == "made before"
    stop(real_ecs, instance_id)
    system = describe(real_ecs, instance_id=instance_id, disk_type="system")[0].disk_id
    real_ecs.re_init_disk(models.ReInitDiskRequest(disk_id=system))
    until(real_ecs, system, "In_use")
    start(real_ecs, instance_id)
    assert "fresh" in run(real_ecs, instance_id, "ls /usr/bin/curl && [ ! -e /root/file ] && echo fresh")


def test_an_image_travels_through_objects(real_ecs: Ecs, place: Place, here: Cloud) -> None:
    (instance_id,) = place.running()
    run(real_ecs, instance_id, "echo travelled >/root/file")
    image_id = image_of(real_ecs, instance_id=instance_id)
    bucket = oss2_bucket(here)
    bucket.create_bucket()
    ram = Ram(here.config())
    image_roles.give(ram, "Import")
    image_roles.give(ram, "Export")
    real_ecs.export_image(models.ExportImageRequest(region_id=REGION, image_id=image_id, ossbucket=bucket.bucket_name))
    key = f"{image_id}_system.raw.tar.gz"
    eventually(lambda: bucket.object_exists(key), patience=120)

    def imported(key: str) -> models.ImportImageResponseBody:
        mapping = models.ImportImageRequestDiskDeviceMapping(ossbucket=bucket.bucket_name, ossobject=key)
        asked = models.ImportImageRequest(region_id=REGION, disk_device_mapping=[mapping])
        return real_ecs.import_image(asked).body

    back = imported(key).image_id
    found = eventually(lambda: until_image(real_ecs, back), patience=120)
    assert found.osname.startswith("Debian GNU/Linux 12")
    (again,) = place.running(image_id=back)
    assert run(real_ecs, again, "cat /root/file").strip() == "travelled"

    bucket.put_object("noise", b"no image at all" * 1000)
    task_id = imported("noise").task_id
    asked = models.DescribeTaskAttributeRequest(region_id=REGION, task_id=task_id)
    task = eventually(lambda: real_ecs.describe_task_attribute(asked).body, lambda it: it.task_status == "Failed")
    (progress,) = task.operation_progress_set.operation_progress
    assert (progress.error_code, "ext4" in progress.error_msg) == ("InvalidImage.Unreadable", True)


def test_an_image_is_whole_though_its_instance_is_deleted_at_once(real_ecs: Ecs, place: Place) -> None:
    (instance_id,) = place.running()
    run(real_ecs, instance_id, "dd if=/dev/urandom of=/root/big bs=1M count=100 2>/dev/null; touch /root/last")
    made = real_ecs.create_image(models.CreateImageRequest(region_id=REGION, instance_id=instance_id)).body.image_id
    real_ecs.delete_instance(models.DeleteInstanceRequest(instance_id=instance_id, force=True))
    until_image(real_ecs, made)
    (again,) = place.running(image_id=made)
    assert run(real_ecs, again, "stat -c %s /root/big; ls /root/last").split() == [str(100 << 20), "/root/last"]


def test_nothing_is_left_of_deleted_instances_disks_and_images(real: Server, real_ecs: Ecs, place: Place) -> None:
    """Also when the server was killed in the middle."""
    (instance_id,) = place.running(data_disk=[models.RunInstancesRequestDataDisk(size=20)])
    run(real_ecs, instance_id, "dd if=/dev/urandom of=/root/big bs=1M count=50 2>/dev/null")
    made = real_ecs.create_image(models.CreateImageRequest(region_id=REGION, instance_id=instance_id)).body.image_id
    real.kill()
    real.start()
    until_image(real_ecs, made)
    assert run(real_ecs, instance_id, "echo awake").strip() == "awake"
    everything = models.DescribeInstancesRequest(region_id=REGION, page_size=100)
    for one in real_ecs.describe_instances(everything).body.instances.instance:
        real_ecs.delete_instance(models.DeleteInstanceRequest(instance_id=one.instance_id, force=True))
    for image in real_ecs.describe_images(
        models.DescribeImagesRequest(region_id=REGION, image_owner_alias="self")
    ).body.images.image:
        real_ecs.delete_image(models.DeleteImageRequest(region_id=REGION, image_id=image.image_id, force=True))
    real.kill()
    real.start()
    eventually(lambda: real_ecs.describe_instances(everything).body.total_count == 0)
    free = eventually(lambda: describe(real_ecs), lambda found: {disk.status for disk in found} <= {"Available"})
    for disk in free:
        real_ecs.delete_disk(models.DeleteDiskRequest(disk_id=disk.disk_id))
    for snapshot in real_ecs.describe_snapshots(
        models.DescribeSnapshotsRequest(region_id=REGION, page_size=100)
    ).body.snapshots.snapshot:
        real_ecs.delete_snapshot(models.DeleteSnapshotRequest(snapshot_id=snapshot.snapshot_id, force=True))
    data = real.data / "regions" / REGION
    left = [data / name for name in ("machines", "disks", "contents", "exports")]
    eventually(lambda: [path for folder in left if folder.exists() for path in folder.iterdir()], lambda it: it == [])
    prefix = tool.instance_prefix(data)
    assert list(namespace.names(f"{prefix}-machine")) == []
    assert [line for line in Path("/proc/self/mounts").read_text().splitlines() if str(real.data) in line] == []
    shown = [path.read_text() for path in Path("/sys/block").glob("loop*/loop/backing_file")]
    assert [file for file in shown if str(real.data) in file] == []
    numbers = Path("/run/openyun-loops")
    assert [path for path in numbers.glob("*") if str(path.readlink()).startswith(prefix)] == []
