"""alicloud_ecs_snapshot, alicloud_ecs_auto_snapshot_policy and alicloud_image."""

from __future__ import annotations

import json
from typing import Any

from tests.conformance.terraform_flows.places import ZONE, make_security_group, make_v_switch, make_vpc
from tests.conformance.terraform_flows.provider import Provider, gone, has, wait


def disk_of(provider: Provider) -> str:
    made = provider.rpc("Ecs", "CreateDisk", RegionId=provider.region, ZoneId=ZONE, DiskCategory="cloud_essd", Size=20)

    def read() -> dict[str, Any]:
        asked = provider.rpc("Ecs", "DescribeDisks", RegionId=provider.region, DiskIds=[made["DiskId"]])
        return dict(asked["Disks"]["Disk"][0])

    wait(read, "Status", "Available")
    return str(made["DiskId"])


def test_snapshot(provider: Provider) -> None:
    made = provider.rpc(
        "Ecs",
        "CreateSnapshot",
        ClientToken=provider.token("CreateSnapshot"),
        DiskId=disk_of(provider),
        SnapshotName="terraform",
        Description="made by it",
        RetentionDays=20,
        Category="standard",
        Tag__1__Key="team",
        Tag__1__Value="blue",
    )["SnapshotId"]

    def read() -> dict[str, Any]:
        asked = provider.rpc("Ecs", "DescribeSnapshots", RegionId=provider.region, SnapshotIds=[made])
        return dict(next(iter(asked["Snapshots"]["Snapshot"]), {}))

    first = wait(read, "Status", "accomplished")
    has(first, "Category", "CreationTime", "Description", "SourceDiskId", "RegionId", "ResourceGroupId")
    has(first, "RetentionDays", "SnapshotName", "Status", "Tags")
    assert (first["RetentionDays"], first["SnapshotName"], first["Category"]) == (20, "terraform", "standard")
    provider.rpc("Ecs", "ModifySnapshotAttribute", SnapshotId=made, SnapshotName="changed", RetentionDays=30)
    changed = wait(read, "Status", "accomplished")
    assert (changed["SnapshotName"], changed["RetentionDays"]) == ("changed", 30)
    tags = {"ResourceType": "snapshot", "ResourceId__1": made, "RegionId": provider.region}
    provider.rpc("Ecs", "TagResources", **tags, Tag__1__Key="team", Tag__1__Value="red")
    assert provider.tags("Ecs", "snapshot", made) == {"team": "red"}
    provider.rpc("Ecs", "DeleteSnapshot", SnapshotId=made, Force=False)
    gone(read, ["InvalidResource.NotFound", "InvalidSnapshotId.NotFound"])


def test_auto_snapshot_policy(provider: Provider) -> None:
    made = provider.rpc(
        "Ecs",
        "CreateAutoSnapshotPolicy",
        regionId=provider.region,
        autoSnapshotPolicyName="terraform",
        repeatWeekdays=["1", "2"],
        timePoints=["1", "22"],
        retentionDays=-1,
        Tag__1__Key="team",
        Tag__1__Value="blue",
    )["AutoSnapshotPolicyId"]

    def read() -> dict[str, Any]:
        asked = provider.rpc("Ecs", "DescribeAutoSnapshotPolicyEx", RegionId=provider.region, AutoSnapshotPolicyId=made)
        return dict(next(iter(asked["AutoSnapshotPolicies"]["AutoSnapshotPolicy"]), {}))

    first = wait(read, "Status", "Normal")
    has(
        first,
        "EnableCrossRegionCopy",
        "AutoSnapshotPolicyName",
        "RepeatWeekdays",
        "RetentionDays",
        "TimePoints",
        "Tags",
    )
    assert (json.loads(first["TimePoints"]), json.loads(first["RepeatWeekdays"])) == (["1", "22"], ["1", "2"])
    assert "TargetCopyRegions" not in first, "what is there must be a JSON list"
    # The change names the region otherwise than all else does.
    provider.rpc(
        "Ecs", "ModifyAutoSnapshotPolicyEx", autoSnapshotPolicyId=made, RegionId=provider.region, retentionDays=7
    )
    assert read()["RetentionDays"] == 7
    assert provider.tags("Ecs", "snapshotpolicy", made) == {"team": "blue"}
    provider.rpc("Ecs", "DeleteAutoSnapshotPolicy", autoSnapshotPolicyId=made, regionId=provider.region)
    gone(read, [])


def test_image(provider: Provider) -> None:
    vpc_id = make_vpc(provider)
    v_switch_id, group_id = make_v_switch(provider, vpc_id), make_security_group(provider, vpc_id)
    made = provider.sdk(
        "Ecs",
        "RunInstances",
        RegionId=provider.region,
        ImageId="debian_12_x64_20G_alibase_20261101.vhd",
        InstanceType="ecs.g7.large",
        VSwitchId=v_switch_id,
        SecurityGroupId=group_id,
    )
    (instance_id,) = made["InstanceIdSets"]["InstanceIdSet"]

    def status() -> dict[str, Any]:
        found = provider.sdk("Ecs", "DescribeInstances", RegionId=provider.region, InstanceIds=[instance_id])
        return dict(found["Instances"]["Instance"][0])

    wait(status, "Status", "Running")
    image_id = provider.sdk(
        "Ecs",
        "CreateImage",
        RegionId=provider.region,
        InstanceId=instance_id,
        ImageName="terraform",
        Description="made by it",
        Architecture="x86_64",
        Platform="",
        Tag__1__Key="team",
        Tag__1__Value="blue",
    )["ImageId"]

    def read() -> dict[str, Any]:
        asked = provider.sdk(
            "Ecs",
            "DescribeImages",
            RegionId=provider.region,
            ImageId=image_id,
            Status="Creating,Waiting,Available,UnAvailable,CreateFailed,Deprecated",
        )
        return dict(next(iter(asked["Images"]["Image"]), {}))

    first = wait(read, "Status", "Available")
    has(first, "ResourceGroupId", "Platform", "ImageName", "Description", "Architecture", "DiskDeviceMappings")
    (mapping,) = first["DiskDeviceMappings"]["DiskDeviceMapping"]
    assert (mapping["Device"], mapping["Size"], mapping["Type"]) == ("/dev/xvda", "40", "system")
    assert provider.tags("Ecs", "image", image_id) == {"team": "blue"}
    provider.sdk(
        "Ecs", "ModifyImageAttribute", RegionId=provider.region, ImageId=image_id, ImageName="new", Description="by it"
    )
    group = provider.rpc("ResourceManager", "CreateResourceGroup", Name="images", DisplayName="images")
    provider.rpc(
        "Ecs",
        "JoinResourceGroup",
        RegionId=provider.region,
        ResourceType="image",
        ResourceId=image_id,
        ResourceGroupId=group["ResourceGroup"]["Id"],
    )
    changed = read()
    assert (changed["ImageName"], changed["ResourceGroupId"]) == ("new", group["ResourceGroup"]["Id"])
    provider.sdk("Ecs", "DeleteImage", RegionId=provider.region, ImageId=image_id, Force=True)
    gone(read, ["InvalidImageId.NotFound"])
    provider.sdk("Ecs", "DeleteInstance", InstanceId=instance_id, Force=True)
