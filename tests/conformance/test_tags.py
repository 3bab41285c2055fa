"""Tags of ECS and VPC resources through the official SDKs."""

from __future__ import annotations

import pytest
from alibabacloud_ecs20140526 import models as ecs_ask
from alibabacloud_ecs20140526.client import Client as Ecs
from alibabacloud_vpc20160428 import models as vpc_ask
from alibabacloud_vpc20160428.client import Client as Vpc

from tests.conformance.conftest import REGION, Cloud, refused
from tests.conformance.networks import make_group, make_v_switch, make_vpc, run_instance

Found = set[tuple[str, str, str]]


@pytest.fixture
def vpc_id(vpc: Vpc) -> str:
    return make_vpc(vpc)


def tag_vpc(vpc: Vpc, kind: str, ids: list[str], **tags: str) -> None:
    ask = vpc_ask.TagResourcesRequest(
        region_id=REGION,
        resource_type=kind,
        resource_id=ids,
        tag=[vpc_ask.TagResourcesRequestTag(key=key, value=value) for key, value in tags.items()],
    )
    vpc.tag_resources(ask)


def vpc_tags(vpc: Vpc, kind: str, ids: list[str] | None = None, **tags: str) -> Found:
    ask = vpc_ask.ListTagResourcesRequest(
        region_id=REGION,
        resource_type=kind,
        resource_id=ids,
        tag=[vpc_ask.ListTagResourcesRequestTag(key=key, value=value) for key, value in tags.items()] or None,
    )
    found = vpc.list_tag_resources(ask).body.tag_resources.tag_resource
    assert {one.resource_type for one in found} <= {kind}
    return {(one.resource_id, one.tag_key, one.tag_value) for one in found}


def tag_ecs(ecs: Ecs, kind: str, ids: list[str], **tags: str) -> None:
    ask = ecs_ask.TagResourcesRequest(
        region_id=REGION,
        resource_type=kind,
        resource_id=ids,
        tag=[ecs_ask.TagResourcesRequestTag(key=key, value=value) for key, value in tags.items()],
    )
    ecs.tag_resources(ask)


def ecs_tags(ecs: Ecs, kind: str, ids: list[str] | None = None, **tags: str) -> Found:
    ask = ecs_ask.ListTagResourcesRequest(
        region_id=REGION,
        resource_type=kind,
        resource_id=ids,
        tag=[ecs_ask.ListTagResourcesRequestTag(key=key, value=value) for key, value in tags.items()] or None,
    )
    found = ecs.list_tag_resources(ask).body.tag_resources.tag_resource
    return {(one.resource_id, one.tag_key, one.tag_value) for one in found}


# VPC


def test_vpcs_and_v_switches_are_tagged_and_untagged(vpc: Vpc, vpc_id: str) -> None:
    other = make_vpc(vpc)
    v_switch_id = make_v_switch(vpc, vpc_id)
    tag_vpc(vpc, "VPC", [vpc_id, other], team="blue", stage="test")
    tag_vpc(vpc, "VPC", [other], team="red")
    tag_vpc(vpc, "VSWITCH", [v_switch_id], team="")
    assert vpc_tags(vpc, "VPC", [other]) == {(other, "team", "red"), (other, "stage", "test")}
    assert vpc_tags(vpc, "VPC", team="blue") == {(vpc_id, "team", "blue"), (vpc_id, "stage", "test")}
    assert vpc_tags(vpc, "VPC", [other], team="blue") == set()
    assert vpc_tags(vpc, "VSWITCH", team="") == {(v_switch_id, "team", "")}

    untag = vpc_ask.UnTagResourcesRequest
    vpc.un_tag_resources(untag(region_id=REGION, resource_type="vpc", resource_id=[other], tag_key=["team", "none"]))
    assert vpc_tags(vpc, "VPC", [other]) == {(other, "stage", "test")}
    vpc.un_tag_resources(untag(region_id=REGION, resource_type="VPC", resource_id=[vpc_id, other], all=True))
    assert vpc_tags(vpc, "VPC", [vpc_id, other]) == set()


def test_what_vpc_refuses(vpc: Vpc, vpc_id: str, other_cloud: Cloud) -> None:
    with refused("InvalidInstanceType.NotFound", 400):
        tag_vpc(vpc, "CLOUD", [vpc_id], team="blue")
    with refused("InvalidInstanceIds.NotFound", 400):
        tag_vpc(vpc, "VPC", [vpc_id, "vpc-bp1nobody"], team="blue")
    with refused("InvalidInstanceIds.NotFound", 400):
        tag_vpc(Vpc(other_cloud.config()), "VPC", [vpc_id], team="blue")
    for key in ("acs:team", "aliyun.team", "see http://team", "k" * 129):
        with refused("InvalidTagKey", 400):
            tag_vpc(vpc, "VPC", [vpc_id], **{key: "blue"})
    for value in ("acs:blue", "https://blue", "v" * 129):
        with refused("InvalidTagValue", 400):
            tag_vpc(vpc, "VPC", [vpc_id], team=value)
    with refused("SizeLimitExceeded.ResourceId", 400):
        tag_vpc(vpc, "VPC", [f"vpc-{number}" for number in range(51)], team="blue")
    with refused("SizeLimitExceeded.TagNum", 400):
        tag_vpc(vpc, "VPC", [vpc_id], **{f"key{number}": "" for number in range(21)})
    with refused("BothEmpty.TagsAndResources", 403):
        vpc_tags(vpc, "VPC")
    assert vpc_tags(vpc, "VPC", [vpc_id]) == set()


def test_a_resource_carries_at_most_20_tags(vpc: Vpc, vpc_id: str) -> None:
    tag_vpc(vpc, "VPC", [vpc_id], **{f"key{number}": "" for number in range(20)})
    tag_vpc(vpc, "VPC", [vpc_id], key0="changed")
    with refused("QuotaExceeded.TagNum", 400):
        tag_vpc(vpc, "VPC", [vpc_id], one_more="")
    assert len(vpc_tags(vpc, "VPC", [vpc_id])) == 20


def test_tags_come_in_pages(vpc: Vpc, vpc_id: str) -> None:
    tag_vpc(vpc, "VPC", [vpc_id], **{f"key{number}": "" for number in range(5)})
    pages, token = [], None
    while not pages or token:
        ask = vpc_ask.ListTagResourcesRequest(
            region_id=REGION, resource_type="VPC", resource_id=[vpc_id], max_results=2, next_token=token
        )
        body = vpc.list_tag_resources(ask).body
        pages.append([one.tag_key for one in body.tag_resources.tag_resource])
        token = body.next_token
    assert pages == [["key0", "key1"], ["key2", "key3"], ["key4"]]


# ECS


def test_ecs_resources_are_tagged_and_untagged(ecs: Ecs, vpc: Vpc, vpc_id: str) -> None:
    group = make_group(ecs, vpc_id)
    instance_id = run_instance(ecs, make_v_switch(vpc, vpc_id), group)
    ecs.create_key_pair(ecs_ask.CreateKeyPairRequest(region_id=REGION, key_pair_name="mine"))
    for kind, id in (("instance", instance_id), ("securitygroup", group), ("keypair", "mine")):
        tag_ecs(ecs, kind, [id], team="blue", stage="test")
        assert ecs_tags(ecs, kind, [id]) == {(id, "team", "blue"), (id, "stage", "test")}
        assert ecs_tags(ecs, kind, team="blue") == {(id, "team", "blue"), (id, "stage", "test")}
        assert ecs_tags(ecs, kind, team="red") == set()
        ecs.untag_resources(
            ecs_ask.UntagResourcesRequest(region_id=REGION, resource_type=kind, resource_id=[id], tag_key=["stage"])
        )
        assert ecs_tags(ecs, kind) == {(id, "team", "blue")}
    look = ecs_ask.DescribeInstancesRequest(
        region_id=REGION, tag=[ecs_ask.DescribeInstancesRequestTag(key="team", value="blue")]
    )
    (instance,) = ecs.describe_instances(look).body.instances.instance
    assert ("team", "blue") in [(tag.tag_key, tag.tag_value) for tag in instance.tags.tag]


def test_tags_are_counted_by_resource(ecs: Ecs, vpc_id: str) -> None:
    first, second = make_group(ecs, vpc_id), make_group(ecs, vpc_id)
    ecs.create_key_pair(
        ecs_ask.CreateKeyPairRequest(
            region_id=REGION, key_pair_name="mine", tag=[ecs_ask.CreateKeyPairRequestTag(key="team", value="blue")]
        )
    )
    tag_ecs(ecs, "securitygroup", [first, second], team="blue")
    tag_ecs(ecs, "securitygroup", [second], stage="test")

    def counts(**filters: object) -> dict[tuple[str, str], tuple[int, int, int]]:
        found = ecs.describe_tags(ecs_ask.DescribeTagsRequest(region_id=REGION, **filters)).body.tags.tag
        return {
            (one.tag_key, one.tag_value): (
                one.resource_type_count.instance,
                one.resource_type_count.securitygroup,
                one.resource_type_count.key_pair,
            )
            for one in found
        }

    assert counts() == {("team", "blue"): (0, 2, 1), ("stage", "test"): (0, 1, 0)}
    assert counts(resource_type="keypair") == {("team", "blue"): (0, 0, 1)}
    assert counts(resource_id=first) == {("team", "blue"): (0, 1, 0)}
    assert counts(tag=[ecs_ask.DescribeTagsRequestTag(key="stage")]) == {("stage", "test"): (0, 1, 0)}
    body = ecs.describe_tags(ecs_ask.DescribeTagsRequest(region_id=REGION, page_number=2, page_size=1)).body
    assert (body.total_count, [one.tag_key for one in body.tags.tag]) == (2, ["team"])


def test_what_ecs_refuses(ecs: Ecs, vpc_id: str) -> None:
    group = make_group(ecs, vpc_id)
    with refused("InvalidResourceType.NotFound", 404):
        tag_ecs(ecs, "cloud", [group], team="blue")
    with refused("InvalidResourceId.NotFound", 404):
        tag_ecs(ecs, "securitygroup", ["sg-nobody"], team="blue")
    with refused("InvalidTagKey.Malformed", 400):
        tag_ecs(ecs, "securitygroup", [group], aliyun="blue")
    with refused("InvalidTagValue.Malformed", 400):
        tag_ecs(ecs, "securitygroup", [group], team="see https://blue")
    with refused("NumberExceed.Tags", 400):
        tag_ecs(ecs, "securitygroup", [group], **{f"key{number}": "" for number in range(21)})
    with refused("NumberExceed.ResourceIds", 400):
        tag_ecs(ecs, "securitygroup", [f"sg-{number}" for number in range(51)], team="blue")
    with refused("Duplicate.TagKey", 400):
        ecs.tag_resources(
            ecs_ask.TagResourcesRequest(
                region_id=REGION,
                resource_type="securitygroup",
                resource_id=[group],
                tag=[ecs_ask.TagResourcesRequestTag(key="team", value=value) for value in ("blue", "red")],
            )
        )
    tag_ecs(ecs, "securitygroup", [group], **{f"key{number}": "" for number in range(20)})
    with refused("OperationDenied.QuotaExceed", 400):
        tag_ecs(ecs, "securitygroup", [group], one_more="")
    with refused("MissingParameter", 400):
        ecs.tag_resources(ecs_ask.TagResourcesRequest(region_id=REGION, resource_type="securitygroup"))
