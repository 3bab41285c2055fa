"""Resource groups through the official SDKs: what is in one is so for every product."""

from __future__ import annotations

import json
from typing import Any

import oss2
import pytest
from alibabacloud_ecs20140526 import models as ecs_ask
from alibabacloud_ecs20140526.client import Client as Ecs
from alibabacloud_ram20150501 import models as ram_ask
from alibabacloud_ram20150501.client import Client as Ram
from alibabacloud_resourcemanager20200331 import models as ask
from alibabacloud_resourcemanager20200331.client import Client as Groups
from alibabacloud_vpc20160428 import models as vpc_ask
from alibabacloud_vpc20160428.client import Client as Vpc

from openyun.region import REGIONS
from tests.conformance.conftest import REGION, Cloud, eventually, refused
from tests.conformance.networks import make_group, make_vpc

ELSEWHERE = "cn-shanghai"


@pytest.fixture
def groups(cloud: Cloud) -> Groups:
    return Groups(cloud.config())


def create(groups: Groups, name: str = "web", **tags: str) -> str:
    asked = ask.CreateResourceGroupRequest(
        name=name,
        display_name=f"{name} servers",
        tag=[ask.CreateResourceGroupRequestTag(key=key, value=value) for key, value in tags.items()] or None,
    )
    made: str = groups.create_resource_group(asked).body.resource_group.id
    return made


def listed(groups: Groups, **filters: Any) -> list[str]:
    body = groups.list_resource_groups(ask.ListResourceGroupsRequest(**filters)).body
    return [one.name for one in body.resource_groups.resource_group]


def held(groups: Groups, group_id: str, **filters: Any) -> set[tuple[str, str, str, str]]:
    body = groups.list_resources(ask.ListResourcesRequest(resource_group_id=group_id, page_size=100, **filters)).body
    assert {one.resource_group_id for one in body.resources.resource} <= {group_id}
    assert body.total_count == len(body.resources.resource)
    return {(one.service, one.resource_type, one.resource_id, one.region_id) for one in body.resources.resource}


def test_groups_are_made_described_renamed_and_deleted(cloud: Cloud, groups: Groups) -> None:
    group_id = create(groups, team="blue")
    found = groups.get_resource_group(
        ask.GetResourceGroupRequest(resource_group_id=group_id, include_tags=True)
    ).body.resource_group
    assert (found.name, found.display_name, found.status, found.account_id) == (
        "web",
        "web servers",
        "OK",
        cloud.account_id,
    )
    assert {one.status for one in found.region_statuses.region_status} == {"OK"}
    assert len(found.region_statuses.region_status) == len(REGIONS)
    assert [(one.tag_key, one.tag_value) for one in found.tags.tag] == [("team", "blue")]
    groups.update_resource_group(ask.UpdateResourceGroupRequest(resource_group_id=group_id, new_display_name="the web"))
    assert listed(groups) == ["default", "web"]
    assert listed(groups, display_name="the web") == ["web"]
    assert listed(groups, tag=[ask.ListResourceGroupsRequestTag(key="team", value="red")]) == []
    assert listed(groups, resource_group_ids=[group_id]) == ["web"]
    body = groups.list_resource_groups(ask.ListResourceGroupsRequest(page_number=2, page_size=1)).body
    assert (body.total_count, [one.id for one in body.resource_groups.resource_group]) == (2, [group_id])
    gone = groups.delete_resource_group(ask.DeleteResourceGroupRequest(resource_group_id=group_id)).body
    assert gone.resource_group.status == "PendingDelete"
    with refused("EntityNotExists.ResourceGroup", 404):
        groups.get_resource_group(ask.GetResourceGroupRequest(resource_group_id=group_id))


def test_what_is_refused(groups: Groups) -> None:
    create(groups)
    with refused("EntityAlreadyExists.ResourceGroup", 409):
        create(groups)
    for name in ("x", "1st", "two words", "n" * 51):
        with refused("InvalidParameter.Name", 400):
            create(groups, name)
    (default,) = groups.list_resource_groups(
        ask.ListResourceGroupsRequest(name="default")
    ).body.resource_groups.resource_group
    with refused("DeleteConflict.ResourceGroup.Default", 409):
        groups.delete_resource_group(ask.DeleteResourceGroupRequest(resource_group_id=default.id))
    for number in range(29):
        create(groups, f"more-{number}")
    with refused("LimitExceeded.ResourceGroup", 409):
        create(groups, "too-many")


def test_a_group_holds_resources_of_all_products_and_regions(cloud: Cloud, groups: Groups, ecs: Ecs, vpc: Vpc) -> None:
    group_id = create(groups)
    vpc_id = make_vpc(vpc)
    security_group = make_group(ecs, vpc_id)
    made = vpc.create_vpc(vpc_ask.CreateVpcRequest(region_id=REGION, resource_group_id=group_id)).body
    assert made.resource_group_id == group_id
    assert held(groups, group_id) == {("vpc", "vpc", made.vpc_id, REGION)}
    with refused("DeleteConflict.ResourceGroup.Resource", 409):
        groups.delete_resource_group(ask.DeleteResourceGroupRequest(resource_group_id=group_id))

    ecs.join_resource_group(
        ecs_ask.JoinResourceGroupRequest(
            region_id=REGION, resource_group_id=group_id, resource_type="securitygroup", resource_id=security_group
        )
    )
    look = ecs_ask.DescribeSecurityGroupsRequest(region_id=REGION, resource_group_id=group_id)
    shown = ecs.describe_security_groups(look).body.security_groups.security_group
    assert [one.security_group_id for one in shown] == [security_group]
    bucket_name = f"grouped-{cloud.account_id}"
    auth = oss2.Auth(cloud.access_key_id, cloud.access_key_secret)
    oss2.Bucket(auth, f"http://{cloud.endpoint}", bucket_name, is_path_style=True).create_bucket()
    shanghai = Vpc(
        Cloud(cloud.endpoint, cloud.account_id, cloud.access_key_id, cloud.access_key_secret, "", ELSEWHERE).config()
    )
    far = shanghai.create_vpc(vpc_ask.CreateVpcRequest(region_id=ELSEWHERE)).body.vpc_id

    def one(service: str, kind: str, id: str, region: str) -> ask.MoveResourcesRequestResources:
        return ask.MoveResourcesRequestResources(service=service, resource_type=kind, resource_id=id, region_id=region)

    moved = groups.move_resources(
        ask.MoveResourcesRequest(
            resource_group_id=group_id,
            resources=[
                one("vpc", "vpc", vpc_id, REGION),
                one("oss", "bucket", bucket_name, REGION),
                one("vpc", "vpc", far, ELSEWHERE),
                one("vpc", "vpc", "vpc-bp1nobody", REGION),
                one("ram", "user", "alice", REGION),
            ],
        )
    ).body.responses
    assert [(each.status, each.error_code) for each in moved] == [
        ("Success", ""),
        ("Success", ""),
        ("Success", ""),
        ("Fail", "InvalidParameter.ResourceId"),
        ("Fail", "InvalidParameter.ResourceType"),
    ]
    eventually(lambda: len(held(groups, group_id)), lambda count: count == 5)
    assert held(groups, group_id, region=ELSEWHERE) == {("vpc", "vpc", far, ELSEWHERE)}
    assert held(groups, group_id, service="oss") == {("oss", "bucket", bucket_name, REGION)}
    assert held(
        groups,
        group_id,
        resource_types=[ask.ListResourcesRequestResourceTypes(service="ecs", resource_type="securitygroup")],
    ) == {("ecs", "securitygroup", security_group, REGION)}
    there = shanghai.describe_vpcs(vpc_ask.DescribeVpcsRequest(region_id=ELSEWHERE, resource_group_id=group_id)).body
    assert [each.vpc_id for each in there.vpcs.vpc] == [far]


def test_a_group_must_be_there(cloud: Cloud, other_cloud: Cloud, ecs: Ecs, vpc: Vpc) -> None:
    strange = create(Groups(other_cloud.config()))
    for group_id in ("rg-nobody", strange):
        with refused("InvalidResourceGroup.NotFound", 404):
            vpc.create_vpc(vpc_ask.CreateVpcRequest(region_id=REGION, resource_group_id=group_id))
    vpc_id = make_vpc(vpc)
    with refused("InvalidResourceGroup.NotFound", 404):
        vpc.move_resource_group(
            vpc_ask.MoveResourceGroupRequest(
                region_id=REGION, resource_type="VPC", resource_id=vpc_id, new_resource_group_id=strange
            )
        )
    mine = create(Groups(cloud.config()))
    vpc.move_resource_group(
        vpc_ask.MoveResourceGroupRequest(
            region_id=REGION, resource_type="VPC", resource_id=vpc_id, new_resource_group_id=mine
        )
    )
    found = vpc.describe_vpc_attribute(vpc_ask.DescribeVpcAttributeRequest(region_id=REGION, vpc_id=vpc_id)).body
    assert found.resource_group_id == mine


def document(*actions: str) -> str:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return json.dumps({"Version": "1", "Statement": [statement]})


def test_a_policy_counts_for_one_group(cloud: Cloud, groups: Groups, ram: Ram, vpc: Vpc, user: str) -> None:
    """Attached by ResourceManager for a group, it lets a user work with what is in it, and make things in it."""
    group_id = create(groups)
    inside = vpc.create_vpc(vpc_ask.CreateVpcRequest(region_id=REGION, resource_group_id=group_id)).body.vpc_id
    outside = make_vpc(vpc)
    attachment = {
        "resource_group_id": group_id,
        "policy_type": "System",
        "policy_name": "AliyunVPCFullAccess",
        "principal_type": "IMSUser",
        "principal_name": f"{user}@{cloud.account_id}.onaliyun.com",
    }
    groups.attach_policy(ask.AttachPolicyRequest(**attachment))
    with refused("EntityAlreadyExists.ResourceGroup.PolicyAttachment", 409):
        groups.attach_policy(ask.AttachPolicyRequest(**attachment))
    (listed_one,) = groups.list_policy_attachments(
        ask.ListPolicyAttachmentsRequest(resource_group_id=group_id)
    ).body.policy_attachments.policy_attachment
    assert (listed_one.principal_name, listed_one.policy_name) == (attachment["principal_name"], "AliyunVPCFullAccess")
    key = ram.create_access_key(ram_ask.CreateAccessKeyRequest(user_name=user)).body.access_key
    worker = Vpc(cloud.with_key(key.access_key_id, key.access_key_secret).config())

    def rename(vpc_id: str) -> None:
        worker.modify_vpc_attribute(
            vpc_ask.ModifyVpcAttributeRequest(region_id=REGION, vpc_id=vpc_id, description="by the worker")
        )

    eventually(lambda: vpc.describe_vpc_attribute(look(inside)).body.status == "Available")
    rename(inside)
    with refused("Forbidden.RAM", 403):
        rename(outside)
    worker.create_vpc(vpc_ask.CreateVpcRequest(region_id=REGION, resource_group_id=group_id))
    with refused("Forbidden.RAM", 403):
        worker.create_vpc(vpc_ask.CreateVpcRequest(region_id=REGION))
    # Moved out, it is out of reach; and so is everything once the policy is detached.
    default = groups.list_resource_groups(
        ask.ListResourceGroupsRequest(name="default")
    ).body.resource_groups.resource_group[0]
    vpc.move_resource_group(
        vpc_ask.MoveResourceGroupRequest(
            region_id=REGION, resource_type="VPC", resource_id=inside, new_resource_group_id=default.id
        )
    )
    with refused("Forbidden.RAM", 403):
        rename(inside)
    with refused("DeleteConflict.User.AccessKey", 409):
        ram.delete_user(ram_ask.DeleteUserRequest(user_name=user))
    groups.detach_policy(ask.DetachPolicyRequest(**attachment))
    with refused("EntityNotExists.ResourceGroup.PolicyAttachment", 404):
        groups.detach_policy(ask.DetachPolicyRequest(**attachment))
    with refused("Forbidden.RAM", 403):
        worker.create_vpc(vpc_ask.CreateVpcRequest(region_id=REGION, resource_group_id=group_id))


def look(vpc_id: str) -> vpc_ask.DescribeVpcAttributeRequest:
    return vpc_ask.DescribeVpcAttributeRequest(region_id=REGION, vpc_id=vpc_id)


def test_a_policy_for_the_account_is_rams_own(cloud: Cloud, groups: Groups, ram: Ram, user: str) -> None:
    ram.create_policy(ram_ask.CreatePolicyRequest(policy_name="own", policy_document=document("vpc:*")))
    attachment = {
        "policy_type": "Custom",
        "policy_name": "own",
        "principal_type": "IMSUser",
        "principal_name": f"{user}@{cloud.account_id}.onaliyun.com",
    }
    groups.attach_policy(ask.AttachPolicyRequest(resource_group_id=cloud.account_id, **attachment))
    found = ram.list_policies_for_user(ram_ask.ListPoliciesForUserRequest(user_name=user)).body.policies.policy
    assert [one.policy_name for one in found] == ["own"]
    group_id = create(groups)
    groups.attach_policy(ask.AttachPolicyRequest(resource_group_id=group_id, **attachment))
    with refused("DeleteConflict.Policy.User", 409):
        ram.delete_policy(ram_ask.DeletePolicyRequest(policy_name="own"))
    for name in ("alice", "alice@strange.onaliyun.com", f"alice@group.{cloud.account_id}.onaliyun.com"):
        with refused("InvalidParameter.PrincipalName", 400):
            wrong = {**attachment, "principal_name": name}
            groups.attach_policy(ask.AttachPolicyRequest(resource_group_id=group_id, **wrong))
    # A group that goes takes its attachments along.
    groups.delete_resource_group(ask.DeleteResourceGroupRequest(resource_group_id=group_id))
    groups.detach_policy(ask.DetachPolicyRequest(resource_group_id=cloud.account_id, **attachment))
    ram.delete_policy(ram_ask.DeletePolicyRequest(policy_name="own"))
    ram.delete_user(ram_ask.DeleteUserRequest(user_name=user))
