"""alicloud_resource_manager_resource_group."""

from __future__ import annotations

from typing import Any

import pytest

from openyun.region import REGIONS
from tests.conformance.terraform_flows.places import make_vpc
from tests.conformance.terraform_flows.provider import Provider, Refused, wait


def test_resource_group(provider: Provider) -> None:
    made = provider.rpc("ResourceManager", "CreateResourceGroup", Name="terraform", DisplayName="made by it")
    group_id = made["ResourceGroup"]["Id"]

    def read() -> dict[str, Any]:
        return dict(provider.rpc("ResourceManager", "GetResourceGroup", ResourceGroupId=group_id)["ResourceGroup"])

    first = wait(read, "Status", "OK")
    assert (first["Name"], first["DisplayName"], first["AccountId"]) == (
        "terraform",
        "made by it",
        provider.cloud.account_id,
    )
    statuses = first["RegionStatuses"]["RegionStatus"]
    assert {one["RegionId"]: one["Status"] for one in statuses} == {one.id: "OK" for one in REGIONS}
    assert read() == first
    provider.rpc("ResourceManager", "UpdateResourceGroup", ResourceGroupId=group_id, NewDisplayName="changed")
    assert read() == {**first, "DisplayName": "changed"}

    tagged = {"ResourceType": "resourcegroup", "ResourceId__1": group_id}
    provider.rpc("ResourceManager", "TagResources", **tagged, Tag__1__Key="team", Tag__1__Value="blue")
    provider.rpc("ResourceManager", "TagResources", **tagged, Tag__1__Key="stage", Tag__1__Value="test")
    provider.rpc("ResourceManager", "UntagResources", **tagged, TagKey__1="stage")
    found = provider.rpc("ResourceManager", "ListTagResources", **tagged)["TagResources"]
    assert [(one["TagKey"], one["TagValue"]) for one in found] == [("team", "blue")]
    shown = provider.rpc("ResourceManager", "GetResourceGroup", ResourceGroupId=group_id, IncludeTags=True)
    assert shown["ResourceGroup"]["Tags"]["Tag"] == [{"TagKey": "team", "TagValue": "blue"}]

    # `terraform destroy` of what is in it and of the group at once: the group waits by this code.
    vpc_id = make_vpc(provider, ResourceGroupId=group_id)
    with pytest.raises(Refused) as caught:
        provider.rpc("ResourceManager", "DeleteResourceGroup", ResourceGroupId=group_id)
    assert caught.value.code == "DeleteConflict.ResourceGroup.Resource"
    provider.rpc("Vpc", "DeleteVpc", RegionId=provider.region, VpcId=vpc_id)
    provider.rpc("ResourceManager", "DeleteResourceGroup", ResourceGroupId=group_id)
    with pytest.raises(Refused) as caught:
        provider.rpc("ResourceManager", "DeleteResourceGroup", ResourceGroupId=group_id)
    assert caught.value.code == "EntityNotExists.ResourceGroup"
