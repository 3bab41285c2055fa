"""alicloud_eip_address, alicloud_eip_association, alicloud_nat_gateway, alicloud_snat_entry, alicloud_forward_entry."""

from __future__ import annotations

from typing import Any

from tests.conformance.terraform_flows.places import make_v_switch, make_vpc
from tests.conformance.terraform_flows.provider import Provider, gone, has, wait


def read_eip(provider: Provider, allocation_id: str) -> dict[str, Any]:
    found = provider.rpc("Vpc", "DescribeEipAddresses", RegionId=provider.region, AllocationId=allocation_id)
    addresses = found["EipAddresses"]["EipAddress"]
    return dict(addresses[0]) if addresses else {}


def make_eip(provider: Provider) -> str:
    made = provider.rpc(
        "Vpc",
        "AllocateEipAddress",
        RegionId=provider.region,
        ClientToken=provider.token("AllocateEipAddress"),
        Bandwidth="5",
        Name="terraform",
        Description="made by it",
        InternetChargeType="PayByTraffic",
        InstanceChargeType="PostPaid",
        ISP="BGP",
        Netmode="public",
    )
    wait(lambda: read_eip(provider, made["AllocationId"]), "Status", "Available")
    return str(made["AllocationId"])


def test_eip(provider: Provider) -> None:
    allocation_id = make_eip(provider)
    first = read_eip(provider, allocation_id)
    has(
        first,
        *("Name", "Bandwidth", "AllocationTime", "DeletionProtection", "Description", "HDMonitorStatus"),
        *("InternetChargeType", "IpAddress", "ISP", "Netmode", "ChargeType", "PublicIpAddressPoolId"),
        *("ResourceGroupId", "Status", "Zone", "SecurityProtectionTypes", "Tags", "InstanceId", "InstanceType"),
    )
    assert read_eip(provider, allocation_id) == first
    assert (first["Name"], first["Bandwidth"], first["ChargeType"]) == ("terraform", "5", "PostPaid")
    provider.rpc(
        "Vpc",
        "ModifyEipAddressAttribute",
        RegionId=provider.region,
        AllocationId=allocation_id,
        Bandwidth="10",
        Name="changed",
        Description="by it",
    )
    group = provider.rpc("ResourceManager", "CreateResourceGroup", Name="eips", DisplayName="eips")["ResourceGroup"]
    provider.rpc(
        "Vpc",
        "MoveResourceGroup",
        RegionId=provider.region,
        ResourceType="EIP",
        ResourceId=allocation_id,
        NewResourceGroupId=group["Id"],
    )
    provider.rpc(
        "Vpc",
        "TagResources",
        RegionId=provider.region,
        ResourceType="EIP",
        ResourceId__1=allocation_id,
        Tag__1__Key="team",
        Tag__1__Value="blue",
    )
    changed = read_eip(provider, allocation_id)
    assert (changed["Name"], changed["Bandwidth"], changed["Description"]) == ("changed", "10", "by it")
    assert (changed["ResourceGroupId"], changed["IpAddress"]) == (group["Id"], first["IpAddress"])
    assert changed["Tags"]["Tag"] == [{"Key": "team", "Value": "blue"}]
    provider.rpc("Vpc", "ReleaseEipAddress", RegionId=provider.region, AllocationId=allocation_id)
    gone(lambda: read_eip(provider, allocation_id), ["InvalidAllocationId.NotFound"])


def test_nat_gateway_with_its_entries(provider: Provider) -> None:
    vpc_id = make_vpc(provider)
    v_switch_id, allocation_id = make_v_switch(provider, vpc_id), make_eip(provider)
    made = provider.rpc(
        "Vpc",
        "CreateNatGateway",
        RegionId=provider.region,
        ClientToken=provider.token("CreateNatGateway"),
        VpcId=vpc_id,
        VSwitchId=v_switch_id,
        Name="terraform",
        Description="made by it",
        NatType="Enhanced",
        NetworkType="internet",
        InstanceChargeType="PostPaid",
        InternetChargeType="PayByLcu",
    )
    gateway_id = made["NatGatewayId"]

    def read() -> dict[str, Any]:
        found = provider.rpc("Vpc", "DescribeNatGateways", RegionId=provider.region, NatGatewayId=gateway_id)
        gateways = found["NatGateways"]["NatGateway"]
        return dict(gateways[0]) if gateways else {}

    first = wait(read, "Status", "Available")
    has(
        first,
        *("Name", "Description", "NatType", "NetworkType", "InstanceChargeType", "InternetChargeType", "Spec"),
        *("VpcId", "SnatTableIds", "ForwardTableIds", "NatGatewayPrivateInfo", "DeletionProtection", "IpLists"),
    )
    (snat_table,) = first["SnatTableIds"]["SnatTableId"]
    (forward_table,) = first["ForwardTableIds"]["ForwardTableId"]
    provider.rpc(
        "Vpc",
        "AssociateEipAddress",
        RegionId=provider.region,
        AllocationId=allocation_id,
        InstanceId=gateway_id,
        InstanceType="Nat",
        ClientToken=provider.token("AssociateEipAddress"),
    )
    address = wait(lambda: read_eip(provider, allocation_id), "Status", "InUse")["IpAddress"]
    snat = provider.rpc(
        "Vpc",
        "CreateSnatEntry",
        RegionId=provider.region,
        SnatTableId=snat_table,
        SnatIp=address,
        SourceVSwitchId=v_switch_id,
        SnatEntryName="terraform",
        ClientToken=provider.token("CreateSnatEntry"),
    )["SnatEntryId"]

    def snat_entry() -> dict[str, Any]:
        found = provider.rpc(
            "Vpc", "DescribeSnatTableEntries", RegionId=provider.region, SnatTableId=snat_table, SnatEntryId=snat
        )["SnatTableEntries"]["SnatTableEntry"]
        return dict(found[0]) if found else {}

    entry = wait(snat_entry, "Status", "Available")
    has(entry, "SnatIp", "SourceCIDR", "SourceVSwitchId", "SnatEntryName", "SnatTableId")
    forward = provider.rpc(
        "Vpc",
        "CreateForwardEntry",
        RegionId=provider.region,
        ForwardTableId=forward_table,
        ExternalIp=address,
        ExternalPort="80",
        InternalIp="172.16.1.9",
        InternalPort="8080",
        IpProtocol="tcp",
        ForwardEntryName="terraform",
        ClientToken=provider.token("CreateForwardEntry"),
    )["ForwardEntryId"]

    def forward_entry() -> dict[str, Any]:
        found = provider.rpc(
            "Vpc",
            "DescribeForwardTableEntries",
            RegionId=provider.region,
            ForwardTableId=forward_table,
            ForwardEntryId=forward,
        )["ForwardTableEntries"]["ForwardTableEntry"]
        return dict(found[0]) if found else {}

    entry = wait(forward_entry, "Status", "Available")
    has(entry, "ExternalIp", "ExternalPort", "InternalIp", "InternalPort", "IpProtocol", "ForwardEntryName")

    provider.rpc(
        "Vpc", "DeleteForwardEntry", RegionId=provider.region, ForwardTableId=forward_table, ForwardEntryId=forward
    )
    gone(forward_entry, ["InvalidForwardEntryId.NotFound", "InvalidForwardTableId.NotFound"])
    provider.rpc("Vpc", "DeleteSnatEntry", RegionId=provider.region, SnatTableId=snat_table, SnatEntryId=snat)
    gone(snat_entry, ["InvalidSnatEntryId.NotFound", "InvalidSnatTableId.NotFound"])
    provider.rpc(
        "Vpc",
        "UnassociateEipAddress",
        RegionId=provider.region,
        AllocationId=allocation_id,
        InstanceId=gateway_id,
        InstanceType="Nat",
        Force=True,
    )
    wait(lambda: read_eip(provider, allocation_id), "Status", "Available")
    provider.rpc("Vpc", "DeleteNatGateway", RegionId=provider.region, NatGatewayId=gateway_id, Force=True)
    gone(read, ["InvalidNatGatewayId.NotFound", "INSTANCE_NOT_EXISTS"])
    provider.rpc("Vpc", "ReleaseEipAddress", RegionId=provider.region, AllocationId=allocation_id)
