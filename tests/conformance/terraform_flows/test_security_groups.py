"""alicloud_security_group, alicloud_security_group_rule and alicloud_ecs_key_pair."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance.terraform_flows.places import make_security_group, make_vpc
from tests.conformance.terraform_flows.provider import Provider, Refused, gone, has

GONE = ("InvalidSecurityGroupId.NotFound",)


def attribute(provider: Provider, group_id: str, direction: str = "all") -> dict[str, Any]:
    return provider.sdk(
        "Ecs",
        "DescribeSecurityGroupAttribute",
        RegionId=provider.region,
        SecurityGroupId=group_id,
        NicType="intranet",
        Direction=direction,
    )


def test_security_group(provider: Provider) -> None:
    vpc_id = make_vpc(provider)
    group_id = make_security_group(provider, vpc_id, SecurityGroupName="terraform", Description="made by it")

    def plan() -> dict[str, Any]:
        found = attribute(provider, group_id)
        has(found, "SecurityGroupName", "Description", "VpcId", "InnerAccessPolicy")
        (listed,) = provider.sdk("Ecs", "DescribeSecurityGroups", RegionId=provider.region, SecurityGroupId=group_id)[
            "SecurityGroups"
        ]["SecurityGroup"]
        tags = provider.sdk(
            "Ecs",
            "DescribeTags",
            RegionId=provider.region,
            ResourceType="securitygroup",
            ResourceId=group_id,
        )["Tags"]["Tag"]
        return {
            "name": found["SecurityGroupName"],
            "description": found["Description"],
            "vpc_id": found["VpcId"],
            "inner_access_policy": found["InnerAccessPolicy"],
            "security_group_type": listed["SecurityGroupType"],
            "resource_group_id": listed["ResourceGroupId"],
            "tags": {one["TagKey"]: one["TagValue"] for one in tags},
        }

    first = plan()
    assert first == plan()
    assert (first["inner_access_policy"], first["security_group_type"], first["resource_group_id"]) == (
        "Accept",
        "normal",
        "",
    )
    provider.sdk(
        "Ecs",
        "ModifySecurityGroupAttribute",
        RegionId=provider.region,
        SecurityGroupId=group_id,
        SecurityGroupName="changed",
        Description="by it",
    )
    provider.sdk(
        "Ecs",
        "ModifySecurityGroupPolicy",
        RegionId=provider.region,
        SecurityGroupId=group_id,
        InnerAccessPolicy="Drop",
        ClientToken=provider.token("ModifySecurityGroupPolicy"),
    )
    provider.sdk(
        "Ecs",
        "TagResources",
        RegionId=provider.region,
        ResourceType="securitygroup",
        ResourceId__1=group_id,
        Tag__1__Key="team",
        Tag__1__Value="blue",
    )
    assert plan() == {
        **first,
        "name": "changed",
        "description": "by it",
        "inner_access_policy": "Drop",
        "tags": {"team": "blue"},
    }
    provider.sdk("Ecs", "DeleteSecurityGroup", RegionId=provider.region, SecurityGroupId=group_id)
    gone(lambda: attribute(provider, group_id), GONE)


@pytest.mark.parametrize("direction", ["ingress", "egress"])
def test_security_group_rule(provider: Provider, direction: str) -> None:
    group_id = make_security_group(provider, make_vpc(provider))
    cidr = "SourceCidrIp" if direction == "ingress" else "DestCidrIp"
    operation = "SecurityGroup" if direction == "ingress" else "SecurityGroupEgress"
    rule = {
        "SecurityGroupId": group_id,
        "IpProtocol": "tcp",
        "PortRange": "22/22",
        "Policy": "accept",
        "Priority": "1",
        "NicType": "intranet",
        "Description": "made by it",
        cidr: "10.0.0.0/8",
    }

    def found() -> list[dict[str, Any]]:
        """As the provider looks for its rule: by all that makes it up."""
        has(attribute(provider, group_id), "VpcId")
        rules = attribute(provider, group_id, direction)["Permissions"]["Permission"]
        return [
            one
            for one in rules
            if one["IpProtocol"].lower() == "tcp"
            and one["PortRange"] == "22/22"
            and one["NicType"] == "intranet"
            and one["Policy"].lower() == "accept"
            and int(one["Priority"]) == 1
            and one[cidr] == "10.0.0.0/8"
        ]

    provider.sdk("Ecs", f"Authorize{operation}", **rule)
    (one,) = found()
    has(one, "Direction", "Description", "SourceGroupId", "SourceGroupOwnerAccount", "DestGroupId")
    has(one, "DestGroupOwnerAccount", "Ipv6SourceCidrIp", "Ipv6DestCidrIp", "SecurityGroupRuleId")
    assert (one["Direction"], one["Description"]) == (direction, "made by it")
    modify = "ModifySecurityGroupRule" if direction == "ingress" else "ModifySecurityGroupEgressRule"
    provider.sdk("Ecs", modify, **{**rule, "Description": "changed"})
    (changed,) = found()
    assert changed["Description"] == "changed"
    provider.sdk("Ecs", f"Revoke{operation}", **{**rule, "Description": "changed"})
    assert found() == []


def test_key_pair(provider: Provider) -> None:
    made = provider.rpc("Ecs", "CreateKeyPair", RegionId=provider.region, KeyPairName="terraform")
    assert "PRIVATE KEY" in made["PrivateKeyBody"]

    def pairs() -> list[dict[str, Any]]:
        found = provider.rpc(
            "Ecs", "DescribeKeyPairs", RegionId=provider.region, KeyPairName="terraform", PageNumber=1, PageSize=50
        )
        return list(found["KeyPairs"]["KeyPair"])

    (one,) = pairs()
    assert (one["KeyPairFingerPrint"], one["ResourceGroupId"]) == (made["KeyPairFingerPrint"], "")
    provider.rpc(
        "Ecs",
        "TagResources",
        RegionId=provider.region,
        ResourceType="keypair",
        ResourceId__1="terraform",
        Tag__1__Key="team",
        Tag__1__Value="blue",
    )
    assert provider.tags("Ecs", "keypair", "terraform") == {"team": "blue"}
    group = provider.rpc("ResourceManager", "CreateResourceGroup", Name="keys", DisplayName="keys")["ResourceGroup"]
    provider.rpc(
        "Ecs",
        "JoinResourceGroup",
        RegionId=provider.region,
        ResourceType="keypair",
        ResourceId="terraform",
        ResourceGroupId=group["Id"],
    )
    assert [each["ResourceGroupId"] for each in pairs()] == [group["Id"]]
    provider.rpc("Ecs", "DeleteKeyPairs", RegionId=provider.region, KeyPairNames=["terraform"])
    assert pairs() == []


def test_a_group_in_use_is_waited_for(provider: Provider) -> None:
    vpc_id = make_vpc(provider)
    first, second = make_security_group(provider, vpc_id), make_security_group(provider, vpc_id)
    provider.sdk(
        "Ecs",
        "AuthorizeSecurityGroup",
        SecurityGroupId=first,
        SourceGroupId=second,
        IpProtocol="all",
        PortRange="-1/-1",
        NicType="intranet",
    )
    with pytest.raises(Refused) as caught:
        provider.sdk("Ecs", "DeleteSecurityGroup", RegionId=provider.region, SecurityGroupId=second)
    assert caught.value.code == "DependencyViolation"
