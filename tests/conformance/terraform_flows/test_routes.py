"""alicloud_route_table, alicloud_route_table_attachment, alicloud_route_entry, alicloud_network_acl,
alicloud_vpc_ipv4_cidr_block."""

from __future__ import annotations

import json
from typing import Any

from tests.conformance.terraform_flows.places import make_v_switch, make_vpc
from tests.conformance.terraform_flows.provider import Provider, gone, has, wait


def test_route_table_with_an_entry(provider: Provider) -> None:
    vpc_id = make_vpc(provider)
    v_switch_id = make_v_switch(provider, vpc_id)
    table = provider.rpc(
        "Vpc",
        "CreateRouteTable",
        RegionId=provider.region,
        ClientToken=provider.token("CreateRouteTable"),
        VpcId=vpc_id,
        RouteTableName="terraform",
        Description="made by it",
        AssociateType="VSwitch",
    )["RouteTableId"]

    def read() -> dict[str, Any]:
        found = provider.rpc("Vpc", "DescribeRouteTableList", RegionId=provider.region, RouteTableId=table)
        tables = found["RouterTableList"]["RouterTableListType"]
        return dict(tables[0]) if tables else {}

    first = wait(read, "Status", "Available")
    has(
        first,
        *("AssociateType", "CreationTime", "Description", "ResourceGroupId", "RoutePropagationEnable"),
        *("RouteTableName", "Status", "VpcId", "RouterId", "RouteTableType", "VSwitchIds", "Tags"),
    )
    provider.rpc("Vpc", "AssociateRouteTable", RegionId=provider.region, RouteTableId=table, VSwitchId=v_switch_id)
    assert read()["VSwitchIds"]["VSwitchId"] == [v_switch_id]
    gateway = provider.rpc(
        "Vpc",
        "CreateNatGateway",
        RegionId=provider.region,
        VpcId=vpc_id,
        VSwitchId=v_switch_id,
        NatType="Enhanced",
        ClientToken=provider.token("CreateNatGateway"),
    )["NatGatewayId"]
    entry = provider.rpc(
        "Vpc",
        "CreateRouteEntry",
        RegionId=provider.region,
        RouteTableId=table,
        DestinationCidrBlock="47.100.0.0/16",
        NextHopType="NatGateway",
        NextHopId=gateway,
        RouteEntryName="terraform",
        ClientToken=provider.token("CreateRouteEntry"),
    )["RouteEntryId"]

    def read_entry() -> dict[str, Any]:
        found = provider.rpc("Vpc", "DescribeRouteEntryList", RegionId=provider.region, RouteTableId=table)
        return next((one for one in found["RouteEntrys"]["RouteEntry"] if one["RouteEntryId"] == entry), {})

    shown = wait(read_entry, "Status", "Available")
    has(shown, "RouteEntryName", "DestinationCidrBlock", "NextHops", "Type", "Description", "RouteTableId")
    assert shown["NextHops"]["NextHop"][0]["NextHopType"] == "NatGateway"
    every = provider.rpc("Vpc", "DescribeRouteTables", RegionId=provider.region, RouteTableId=table)
    (whole,) = every["RouteTables"]["RouteTable"]
    assert {one["Status"] for one in whole["RouteEntrys"]["RouteEntry"]} == {"Available"}
    provider.rpc(
        "Vpc",
        "DeleteRouteEntry",
        RegionId=provider.region,
        RouteTableId=table,
        DestinationCidrBlock="47.100.0.0/16",
        NextHopId=gateway,
    )
    gone(read_entry, ["InvalidRouteEntry.NotFound"])
    provider.rpc("Vpc", "UnassociateRouteTable", RegionId=provider.region, RouteTableId=table, VSwitchId=v_switch_id)
    provider.rpc("Vpc", "DeleteRouteTable", RegionId=provider.region, RouteTableId=table)
    gone(read, ["InvalidRouteTableId.NotFound"])


def test_network_acl(provider: Provider) -> None:
    vpc_id = make_vpc(provider)
    v_switch_id = make_v_switch(provider, vpc_id)
    acl = provider.rpc(
        "Vpc",
        "CreateNetworkAcl",
        RegionId=provider.region,
        ClientToken=provider.token("CreateNetworkAcl"),
        VpcId=vpc_id,
        NetworkAclName="terraform",
        Description="made by it",
    )["NetworkAclAttribute"]["NetworkAclId"]

    def read() -> dict[str, Any]:
        found = provider.rpc("Vpc", "DescribeNetworkAclAttributes", RegionId=provider.region, NetworkAclId=acl)
        return dict(found["NetworkAclAttribute"])

    first = wait(read, "Status", "Available")
    has(first, "CreationTime", "Description", "NetworkAclName", "VpcId", "Resources", "Tags")
    rule = {"Policy": "accept", "Protocol": "tcp", "Port": "22/80", "NetworkAclEntryName": "in", "Description": "x"}
    provider.rpc(
        "Vpc",
        "UpdateNetworkAclEntries",
        RegionId=provider.region,
        ClientToken=provider.token("UpdateNetworkAclEntries"),
        NetworkAclId=acl,
        UpdateIngressAclEntries="true",
        IngressAclEntries=json.dumps([{**rule, "SourceCidrIp": "196.168.2.0/21"}]),
        UpdateEgressAclEntries="true",
        EgressAclEntries=json.dumps([{**rule, "DestinationCidrIp": "0.0.0.0/0"}]),
    )
    (entry,) = read()["EgressAclEntries"]["EgressAclEntry"]
    assert {name: entry[name] for name in rule} == rule
    provider.rpc(
        "Vpc",
        "AssociateNetworkAcl",
        RegionId=provider.region,
        ClientToken=provider.token("AssociateNetworkAcl"),
        NetworkAclId=acl,
        Resource__1__ResourceId=v_switch_id,
        Resource__1__ResourceType="VSwitch",
    )
    (bound,) = read()["Resources"]["Resource"]
    assert bound == {"ResourceId": v_switch_id, "ResourceType": "VSwitch", "Status": "BINDED"}
    provider.rpc(
        "Vpc",
        "UnassociateNetworkAcl",
        RegionId=provider.region,
        NetworkAclId=acl,
        Resource__1__ResourceId=v_switch_id,
        Resource__1__ResourceType="VSwitch",
    )
    provider.rpc("Vpc", "DeleteNetworkAcl", RegionId=provider.region, NetworkAclId=acl)
    gone(read, ["InvalidNetworkAcl.NotFound"])


def test_secondary_cidr_block(provider: Provider) -> None:
    vpc_id = make_vpc(provider)

    def read() -> dict[str, Any]:
        found = provider.rpc("Vpc", "DescribeVpcAttribute", RegionId=provider.region, VpcId=vpc_id)
        blocks = found["SecondaryCidrBlocks"]["SecondaryCidrBlock"]
        return {"Block": blocks[0]} if blocks else {}

    provider.rpc(
        "Vpc",
        "AssociateVpcCidrBlock",
        RegionId=provider.region,
        VpcId=vpc_id,
        SecondaryCidrBlock="192.168.0.0/16",
        IpVersion="ipv4",
    )
    assert read() == {"Block": "192.168.0.0/16"}
    provider.rpc(
        "Vpc",
        "UnassociateVpcCidrBlock",
        RegionId=provider.region,
        VpcId=vpc_id,
        SecondaryCidrBlock="192.168.0.0/16",
    )
    gone(read, [])
