"""alicloud_vpc and alicloud_vswitch."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance.terraform_flows.places import ZONE, make_v_switch, make_vpc, read_v_switch, read_vpc
from tests.conformance.terraform_flows.provider import Provider, Refused, gone, has

VPC_GONE = ("InvalidVpcID.NotFound", "Forbidden.VpcNotFound", "InvalidVpcId.NotFound")
V_SWITCH_GONE = ("InvalidVSwitchId.NotFound", "InvalidVswitchID.NotFound")


def plan_of_vpc(provider: Provider, vpc_id: str) -> dict[str, Any]:
    """Everything that a read puts into the state."""
    found = read_vpc(provider, vpc_id)
    has(
        found,
        *("CidrBlock", "CreationTime", "Description", "DhcpOptionsSetId", "DnsHostnameStatus", "EnabledIpv6"),
        *("Ipv6CidrBlock", "Ipv6CidrBlocks", "IsDefault", "RegionId", "ResourceGroupId", "SecondaryCidrBlocks"),
        *("Status", "UserCidrs", "VRouterId", "VpcName", "ClassicLinkEnabled", "Ipv4GatewayId"),
    )
    tables = provider.rpc(
        "Vpc",
        "DescribeRouteTableList",
        RegionId=provider.region,
        VpcId=vpc_id,
        PageNumber=1,
        PageSize=50,
        ResourceGroupId=found["ResourceGroupId"],
    )["RouterTableList"]["RouterTableListType"]
    older = provider.sdk(
        "Vpc",
        "DescribeRouteTables",
        RegionId=provider.region,
        VRouterId=found["VRouterId"],
        ResourceGroupId=found["ResourceGroupId"],
        PageNumber=1,
        PageSize=50,
    )["RouteTables"]["RouteTable"]
    system = [one["RouteTableId"] for one in tables if one["RouteTableType"] == "System"]
    assert system == [one["RouteTableId"] for one in older if one["RouteTableType"] == "System"]
    assert found["Status"] == "Available"
    return {
        "vpc_name": found["VpcName"],
        "cidr_block": found["CidrBlock"],
        "description": found["Description"],
        "user_cidrs": found["UserCidrs"]["UserCidr"],
        "router_id": found["VRouterId"],
        "route_table_id": system[0],
        "tags": provider.tags("Vpc", "VPC", vpc_id),
    }


def test_vpc(provider: Provider) -> None:
    vpc_id = make_vpc(provider, VpcName="terraform", Description="made by it", UserCidr="", DryRun=False)
    provider.rpc(
        "Vpc",
        "TagResources",
        RegionId=provider.region,
        ResourceType="VPC",
        ResourceId__1=vpc_id,
        Tag__1__Key="team",
        Tag__1__Value="blue",
    )
    first = plan_of_vpc(provider, vpc_id)
    assert plan_of_vpc(provider, vpc_id) == first
    assert first["tags"] == {"team": "blue"}
    provider.rpc(
        "Vpc", "ModifyVpcAttribute", RegionId=provider.region, VpcId=vpc_id, VpcName="changed", Description="by it"
    )
    provider.rpc(
        "Vpc",
        "UnTagResources",
        RegionId=provider.region,
        ResourceType="VPC",
        ResourceId__1=vpc_id,
        TagKey__1="team",
    )
    changed = {"vpc_name": "changed", "description": "by it", "tags": {}}
    assert plan_of_vpc(provider, vpc_id) == {**first, **changed}
    provider.rpc("Vpc", "DeleteVpc", RegionId=provider.region, VpcId=vpc_id)
    gone(lambda: read_vpc(provider, vpc_id), VPC_GONE)
    with pytest.raises(Refused) as caught:
        provider.rpc("Vpc", "DeleteVpc", RegionId=provider.region, VpcId=vpc_id)
    assert caught.value.code in VPC_GONE


def test_v_switch(provider: Provider) -> None:
    vpc_id = make_vpc(provider)
    v_switch_id = make_v_switch(provider, vpc_id, VSwitchName="terraform", Description="made by it")

    def plan() -> dict[str, Any]:
        found = read_v_switch(provider, v_switch_id)
        has(
            found,
            *("CidrBlock", "CreationTime", "Description", "EnabledIpv6", "Ipv6CidrBlock", "IsDefault"),
            *("Status", "VpcId", "VSwitchName", "ZoneId", "ResourceGroupId", "Tags"),
        )
        tags = provider.tags("Vpc", "VSWITCH", v_switch_id)
        return {name: found[name] for name in ("CidrBlock", "VpcId", "ZoneId", "VSwitchName", "Description")} | tags

    first = plan()
    assert first == plan()
    assert (first["ZoneId"], first["CidrBlock"]) == (ZONE, "172.16.1.0/24")
    provider.rpc(
        "Vpc",
        "ModifyVSwitchAttribute",
        RegionId=provider.region,
        VSwitchId=v_switch_id,
        VSwitchName="changed",
        Description="by it",
    )
    provider.rpc(
        "Vpc",
        "TagResources",
        RegionId=provider.region,
        ResourceType="VSWITCH",
        ResourceId__1=v_switch_id,
        Tag__1__Key="team",
        Tag__1__Value="blue",
    )
    assert plan() == {**first, "VSwitchName": "changed", "Description": "by it", "team": "blue"}
    # Destroying out of order is refused with a code that the provider waits on.
    with pytest.raises(Refused) as caught:
        provider.rpc("Vpc", "DeleteVpc", RegionId=provider.region, VpcId=vpc_id)
    assert caught.value.code.startswith("DependencyViolation")
    provider.rpc("Vpc", "DeleteVSwitch", RegionId=provider.region, VSwitchId=v_switch_id)
    gone(lambda: read_v_switch(provider, v_switch_id).get("VSwitchId"), V_SWITCH_GONE)
    provider.rpc("Vpc", "DeleteVpc", RegionId=provider.region, VpcId=vpc_id)
    gone(lambda: read_vpc(provider, vpc_id), VPC_GONE)
