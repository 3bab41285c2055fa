"""alicloud_vpc, alicloud_vswitch, alicloud_security_group: made as the provider makes them."""

from __future__ import annotations

from typing import Any

from tests.conformance.terraform_flows.provider import Provider, wait

ZONE = "cn-hangzhou-b"


def read_vpc(provider: Provider, vpc_id: str) -> dict[str, Any]:
    return provider.rpc("Vpc", "DescribeVpcAttribute", VpcId=vpc_id, RegionId=provider.region)


def make_vpc(provider: Provider, **more: Any) -> str:
    made = provider.rpc(
        "Vpc",
        "CreateVpc",
        RegionId=provider.region,
        ClientToken=provider.token("CreateVpc"),
        CidrBlock="172.16.0.0/12",
        **more,
    )
    wait(lambda: read_vpc(provider, made["VpcId"]), "Status", "Available")
    return str(made["VpcId"])


def read_v_switch(provider: Provider, v_switch_id: str) -> dict[str, Any]:
    return provider.rpc("Vpc", "DescribeVSwitchAttributes", VSwitchId=v_switch_id, RegionId=provider.region)


def make_v_switch(provider: Provider, vpc_id: str, **more: Any) -> str:
    made = provider.rpc(
        "Vpc",
        "CreateVSwitch",
        RegionId=provider.region,
        ClientToken=provider.token("CreateVSwitch"),
        VpcId=vpc_id,
        ZoneId=ZONE,
        CidrBlock="172.16.1.0/24",
        **more,
    )
    wait(lambda: read_v_switch(provider, made["VSwitchId"]), "Status", "Available")
    return str(made["VSwitchId"])


def make_security_group(provider: Provider, vpc_id: str, **more: Any) -> str:
    made = provider.sdk(
        "Ecs",
        "CreateSecurityGroup",
        RegionId=provider.region,
        VpcId=vpc_id,
        SecurityGroupType="normal",
        ResourceGroupId="",
        ClientToken=provider.token("CreateSecurityGroup"),
        **more,
    )
    provider.sdk(
        "Ecs",
        "ModifySecurityGroupPolicy",
        RegionId=provider.region,
        SecurityGroupId=made["SecurityGroupId"],
        InnerAccessPolicy="Accept",
        ClientToken=provider.token("ModifySecurityGroupPolicy"),
    )
    return str(made["SecurityGroupId"])
