"""What the provider asks before it makes anything: who it is, alicloud_zones, alicloud_images, alicloud_instance_types,
alicloud_regions, alicloud_resource_manager_resource_groups; and where products answer."""

from __future__ import annotations

from openyun.region import REGIONS
from tests.conformance.terraform_flows.places import ZONE
from tests.conformance.terraform_flows.provider import Provider, has


def test_the_account_and_its_region(provider: Provider) -> None:
    caller = provider.rpc("Sts", "GetCallerIdentity")
    assert caller["AccountId"] == provider.cloud.account_id
    regions = provider.sdk("Ecs", "DescribeRegions", RegionId=provider.region)["Regions"]["Region"]
    assert provider.region in [one["RegionId"] for one in regions]
    assert len(regions) == len(REGIONS)


def test_endpoints_of_products(provider: Provider) -> None:
    """`loadEndpoint`, for a product that no setting names an endpoint of."""
    for code in ("ecs", "vpc", "ram", "sts", "oss", "resourcemanager", "tag"):
        found = provider.sdk("Location", "DescribeEndpoints", Id=provider.region, ServiceCode=code, Type="openAPI")
        (one,) = found["Endpoints"]["Endpoint"]
        assert one["Endpoint"] == provider.cloud.endpoint


def test_zones(provider: Provider) -> None:
    available = provider.sdk(
        "Ecs",
        "DescribeAvailableResource",
        RegionId=provider.region,
        DestinationResource="Zone",
        IoOptimized="optimized",
        InstanceChargeType="PostPaid",
        SpotStrategy="NoSpot",
    )["AvailableZones"]["AvailableZone"]
    usable = {one["ZoneId"] for one in available if one["Status"] == "Available"}
    zones = provider.sdk(
        "Ecs", "DescribeZones", RegionId=provider.region, InstanceChargeType="PostPaid", SpotStrategy="NoSpot"
    )["Zones"]["Zone"]
    suitable = [
        one["ZoneId"]
        for one in zones
        if one["ZoneId"] in usable
        and one["AvailableInstanceTypes"]["InstanceTypes"]
        and "cloud_essd" in one["AvailableDiskCategories"]["DiskCategories"]
        and "VSwitch" in one["AvailableResourceCreation"]["ResourceTypes"]
    ]
    assert ZONE in suitable
    has(zones[0], "LocalName", "ZoneType")


def test_images(provider: Provider) -> None:
    images = provider.sdk(
        "Ecs", "DescribeImages", RegionId=provider.region, ImageOwnerAlias="system", PageNumber=1, PageSize=50
    )["Images"]["Image"]
    debian = [one for one in images if one["ImageName"].startswith("debian") or one["ImageId"].startswith("debian")]
    assert debian
    has(
        debian[0],
        *("ImageId", "ImageName", "Architecture", "CreationTime", "Description", "ImageOwnerAlias", "OSName"),
        *("OSType", "Platform", "Status", "Size", "ImageVersion", "IsSubscribed", "IsCopied", "Progress", "Usage"),
        *("DiskDeviceMappings", "Tags", "ProductCode", "IsSupportIoOptimized", "IsSelfShared", "OSNameEn"),
    )


def test_instance_types(provider: Provider) -> None:
    available = provider.sdk(
        "Ecs",
        "DescribeAvailableResource",
        RegionId=provider.region,
        DestinationResource="InstanceType",
        IoOptimized="optimized",
        Cores=2,
        ZoneId=ZONE,
    )["AvailableZones"]["AvailableZone"]
    offered = {
        each["Value"]
        for zone in available
        for resource in zone["AvailableResources"]["AvailableResource"]
        if resource["Type"] == "InstanceType"
        for each in resource["SupportedResources"]["SupportedResource"]
    }
    types = provider.sdk("Ecs", "DescribeInstanceTypes", RegionId=provider.region)["InstanceTypes"]["InstanceType"]
    found = [one for one in types if one["InstanceTypeId"] in offered]
    assert "ecs.g7.large" in [one["InstanceTypeId"] for one in found]
    assert {one["CpuCoreCount"] for one in found} == {2}
    has(
        found[0],
        "MemorySize",
        "InstanceTypeFamily",
        "EniQuantity",
        "CpuArchitecture",
        "GPUAmount",
        "LocalStorageCategory",
    )


def test_resource_groups(provider: Provider) -> None:
    made = provider.rpc("ResourceManager", "CreateResourceGroup", Name="terraform", DisplayName="terraform")
    found = provider.rpc("ResourceManager", "ListResourceGroups", PageNumber=1, PageSize=50, Status="OK")
    groups = found["ResourceGroups"]["ResourceGroup"]
    assert [one["Name"] for one in groups] == ["default", "terraform"]
    assert groups[1]["Id"] == made["ResourceGroup"]["Id"]
    has(groups[1], "AccountId", "CreateDate", "DisplayName", "Status")
