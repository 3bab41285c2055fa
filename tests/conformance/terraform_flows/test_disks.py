"""alicloud_ecs_disk and alicloud_ecs_disk_attachment."""

from __future__ import annotations

from typing import Any

from tests.conformance.terraform_flows.places import ZONE, make_security_group, make_v_switch, make_vpc
from tests.conformance.terraform_flows.provider import Provider, gone, has, wait


def read(provider: Provider, disk_id: str) -> dict[str, Any]:
    found = provider.rpc("Ecs", "DescribeDisks", RegionId=provider.region, DiskIds=[disk_id])["Disks"]["Disk"]
    return dict(found[0]) if found else {}


def test_disk(provider: Provider) -> None:
    made = provider.rpc(
        "Ecs",
        "CreateDisk",
        RegionId=provider.region,
        ClientToken=provider.token("CreateDisk"),
        ZoneId=ZONE,
        DiskName="terraform",
        Description="made by it",
        DiskCategory="cloud_essd",
        Size=20,
        Encrypted=False,
        PerformanceLevel="PL1",
        Tag__1__Key="team",
        Tag__1__Value="blue",
    )
    disk_id = made["DiskId"]
    first = wait(lambda: read(provider, disk_id), "Status", "Available")
    has(
        first,
        *("Category", "CreationTime", "DeleteAutoSnapshot", "DeleteWithInstance", "Description", "DiskName"),
        *("EnableAutoSnapshot", "Encrypted", "InstanceId", "KMSKeyId", "MultiAttach", "DiskChargeType"),
        *("PerformanceLevel", "RegionId", "ResourceGroupId", "Size", "SourceSnapshotId", "Status", "ZoneId", "Tags"),
    )
    assert read(provider, disk_id) == first
    assert (first["Size"], first["Category"], first["InstanceId"]) == (20, "cloud_essd", "")
    provider.rpc(
        "Ecs",
        "ModifyDiskAttribute",
        RegionId=provider.region,
        DiskId=disk_id,
        DiskName="changed",
        Description="by it",
        DeleteWithInstance=False,
    )
    provider.rpc("Ecs", "ResizeDisk", DiskId=disk_id, NewSize=40, ClientToken=provider.token("ResizeDisk"))
    group = provider.rpc("ResourceManager", "CreateResourceGroup", Name="disks", DisplayName="disks")["ResourceGroup"]
    provider.rpc(
        "Ecs",
        "JoinResourceGroup",
        RegionId=provider.region,
        ResourceType="disk",
        ResourceId=disk_id,
        ResourceGroupId=group["Id"],
    )
    changed = wait(lambda: read(provider, disk_id), "Size", 40)  # type: ignore[arg-type]  # a number is told as one
    assert (changed["DiskName"], changed["Description"], changed["ResourceGroupId"]) == (
        "changed",
        "by it",
        group["Id"],
    )
    attached_and_detached(provider, disk_id)
    provider.rpc("Ecs", "DeleteDisk", DiskId=disk_id)
    gone(lambda: read(provider, disk_id), ["InvalidDiskId.NotFound"])


def attached_and_detached(provider: Provider, disk_id: str) -> None:
    vpc_id = make_vpc(provider)
    v_switch_id, group_id = make_v_switch(provider, vpc_id), make_security_group(provider, vpc_id)
    (image,) = provider.sdk(
        "Ecs", "DescribeImages", RegionId=provider.region, ImageOwnerAlias="system", PageSize=1, PageNumber=1
    )["Images"]["Image"]
    made = provider.sdk(
        "Ecs",
        "RunInstances",
        RegionId=provider.region,
        ImageId=image["ImageId"],
        InstanceType="ecs.g7.large",
        VSwitchId=v_switch_id,
        SecurityGroupId=group_id,
    )
    (instance_id,) = made["InstanceIdSets"]["InstanceIdSet"]

    def status() -> dict[str, Any]:
        found = provider.sdk("Ecs", "DescribeInstances", RegionId=provider.region, InstanceIds=[instance_id])
        return dict(found["Instances"]["Instance"][0])

    wait(status, "Status", "Running")
    provider.rpc("Ecs", "AttachDisk", InstanceId=instance_id, DiskId=disk_id, DeleteWithInstance=False)
    found = wait(lambda: read(provider, disk_id), "Status", "In_use")
    has(found, "Device")
    assert found["InstanceId"] == instance_id
    provider.rpc("Ecs", "DetachDisk", InstanceId=instance_id, DiskId=disk_id)
    wait(lambda: read(provider, disk_id), "Status", "Available")
    provider.sdk("Ecs", "DeleteInstance", InstanceId=instance_id, Force=True)
