"""alicloud_instance."""

from __future__ import annotations

import base64
from typing import Any

from tests.conformance.terraform_flows.places import ZONE, make_security_group, make_v_switch, make_vpc
from tests.conformance.terraform_flows.provider import Provider, gone, has, wait


def read(provider: Provider, instance_id: str) -> dict[str, Any]:
    found = provider.sdk("Ecs", "DescribeInstances", RegionId=provider.region, InstanceIds=[instance_id])
    instances = found["Instances"]["Instance"]
    return dict(instances[0]) if instances else {}


def own(tags: list[dict[str, str]]) -> dict[str, str]:
    """`tagsToMap`: what the vendor itself puts on a resource is no part of a plan."""
    return {one["TagKey"]: one["TagValue"] for one in tags if not one["TagKey"].startswith(("acs:", "aliyun"))}


def plan(provider: Provider, instance_id: str) -> dict[str, Any]:
    """What a read puts into the state, asked for in the order in which the provider asks."""
    found = read(provider, instance_id)
    has(
        found,
        *("InstanceName", "Description", "Status", "ZoneId", "HostName", "ImageId", "InstanceType", "KeyPairName"),
        *("InstanceChargeType", "InternetChargeType", "InternetMaxBandwidthIn", "InternetMaxBandwidthOut"),
        *("SpotStrategy", "SpotPriceLimit", "DeletionProtection", "CreditSpecification", "AutoReleaseTime", "Tags"),
        *("DeploymentSetId", "PublicIpAddress", "VpcAttributes", "InnerIpAddress", "SecurityGroupIds"),
        *("ResourceGroupId", "NetworkInterfaces", "StoppedMode", "MetadataOptions", "Cpu", "Memory", "OSType"),
        *("ExpiredTime", "CreationTime", "StartTime", "EipAddress", "OSName"),
    )
    has(found["VpcAttributes"], "VSwitchId", "VpcId", "PrivateIpAddress", "NatIpAddress")
    disks = provider.sdk("Ecs", "DescribeDisks", RegionId=provider.region, InstanceId=instance_id, DiskType="system")
    (disk,) = disks["Disks"]["Disk"]
    has(disk, "Category", "Size", "DiskName", "Description", "AutoSnapshotPolicyId", "PerformanceLevel", "Encrypted")
    data = provider.sdk("Ecs", "DescribeUserData", RegionId=provider.region, InstanceId=instance_id)["UserData"]
    roles = provider.sdk("Ecs", "DescribeInstanceRamRole", RegionId=provider.region, InstanceIds=[instance_id])
    (primary,) = [one for one in found["NetworkInterfaces"]["NetworkInterface"] if one["Type"] == "Primary"]
    (interface,) = provider.rpc(
        "Ecs",
        "DescribeNetworkInterfaces",
        RegionId=provider.region,
        NetworkInterfaceId__1=primary["NetworkInterfaceId"],
        PageNumber=1,
        PageSize=50,
    )["NetworkInterfaceSets"]["NetworkInterfaceSet"]
    secondary = [one for one in interface["PrivateIpSets"]["PrivateIpSet"] if not one["Primary"]]
    attributes = provider.sdk("Ecs", "DescribeInstanceAttribute", InstanceId=instance_id)
    has(attributes, "SecurityGroupIds", "VpcAttributes", "InstanceName")
    maintenance = provider.sdk(
        "Ecs", "DescribeInstanceMaintenanceAttributes", RegionId=provider.region, InstanceId__1=instance_id
    )["MaintenanceAttributes"]["MaintenanceAttribute"]
    return {
        "instance_name": found["InstanceName"],
        "description": found["Description"],
        "status": found["Status"],
        "host_name": found["HostName"],
        "instance_type": found["InstanceType"],
        "availability_zone": found["ZoneId"],
        "deletion_protection": found["DeletionProtection"],
        "vswitch_id": found["VpcAttributes"]["VSwitchId"],
        "private_ip": found["VpcAttributes"]["PrivateIpAddress"]["IpAddress"],
        "security_groups": found["SecurityGroupIds"]["SecurityGroupId"],
        "tags": own(found["Tags"]["Tag"]),
        "resource_group_id": found["ResourceGroupId"],
        "system_disk": (disk["Category"], disk["Size"]),
        "user_data": base64.b64decode(data).decode(),
        "role_name": [one["RamRoleName"] for one in roles["InstanceRamRoleSets"]["InstanceRamRoleSet"]],
        "secondary_private_ips": secondary,
        "maintenance_action": [one.get("ActionOnMaintenance", {}).get("Value") for one in maintenance],
    }


def test_instance(provider: Provider) -> None:
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
        ZoneId=ZONE,
        VSwitchId=v_switch_id,
        SecurityGroupIds__1=group_id,
        InstanceName="terraform",
        Description="made by it",
        HostName="made-by-it",
        InternetMaxBandwidthOut=0,
        InternetChargeType="PayByTraffic",
        InstanceChargeType="PostPaid",
        SpotStrategy="NoSpot",
        SystemDisk__Category="cloud_essd",
        SystemDisk__Size="40",
        SystemDisk__PerformanceLevel="PL1",
        UserData=base64.b64encode(b"#!/bin/sh\n").decode(),
        DeletionProtection=False,
        DryRun=False,
        Tag__1__Key="team",
        Tag__1__Value="blue",
        ClientToken=provider.token("RunInstances"),
    )
    (instance_id,) = made["InstanceIdSets"]["InstanceIdSet"]
    wait(lambda: read(provider, instance_id), "Status", "Running")
    first = plan(provider, instance_id)
    assert plan(provider, instance_id) == first
    assert first["system_disk"] == ("cloud_essd", 40)
    assert (first["user_data"], first["role_name"], first["tags"]) == ("#!/bin/sh\n", [""], {"team": "blue"})

    # An update: name and tags at once, another group, another type while it is stopped.
    provider.sdk(
        "Ecs",
        "ModifyInstanceAttribute",
        InstanceId=instance_id,
        InstanceName="changed",
        Description="by it",
        RegionId=provider.region,
    )
    provider.sdk(
        "Ecs",
        "UntagResources",
        RegionId=provider.region,
        ResourceType="instance",
        ResourceId__1=instance_id,
        TagKey__1="team",
    )
    other = make_security_group(provider, vpc_id)
    provider.sdk("Ecs", "JoinSecurityGroup", InstanceId=instance_id, SecurityGroupId=other)
    provider.sdk("Ecs", "LeaveSecurityGroup", InstanceId=instance_id, SecurityGroupId=group_id)
    provider.sdk("Ecs", "StopInstance", RegionId=provider.region, InstanceId=instance_id, ForceStop=False)
    wait(lambda: read(provider, instance_id), "Status", "Stopped")
    provider.sdk("Ecs", "StartInstance", InstanceId=instance_id)
    wait(lambda: read(provider, instance_id), "Status", "Running")
    group = provider.rpc("ResourceManager", "CreateResourceGroup", Name="web", DisplayName="web")["ResourceGroup"]["Id"]
    provider.rpc(
        "Ecs",
        "JoinResourceGroup",
        RegionId=provider.region,
        ResourceType="instance",
        ResourceId=instance_id,
        ResourceGroupId=group,
    )
    assert plan(provider, instance_id) == {
        **first,
        "instance_name": "changed",
        "description": "by it",
        "tags": {},
        "security_groups": [other],
        "resource_group_id": group,
    }

    provider.sdk("Ecs", "DeleteInstance", InstanceId=instance_id, Force=True)
    gone(lambda: read(provider, instance_id), ("InvalidInstanceId.NotFound",))
