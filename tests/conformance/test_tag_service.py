"""The Tag product through its official SDK: tags of all products' resources, by ARN."""

from __future__ import annotations

import json

import oss2
import pytest
from alibabacloud_ecs20140526.client import Client as Ecs
from alibabacloud_ram20150501 import models as ram_ask
from alibabacloud_ram20150501.client import Client as Ram
from alibabacloud_tag20180828 import models as ask
from alibabacloud_tag20180828.client import Client as Tag
from alibabacloud_vpc20160428 import models as vpc_ask
from alibabacloud_vpc20160428.client import Client as Vpc

from openyun.region import REGIONS
from tests.conformance.conftest import REGION, Cloud, refused
from tests.conformance.networks import make_group, make_vpc

STATEMENT = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": ["ecs.aliyuncs.com"]}}
TRUST = json.dumps({"Version": "1", "Statement": [STATEMENT]})


@pytest.fixture
def tag(cloud: Cloud) -> Tag:
    return Tag(cloud.config())


def put(tag: Tag, *arns: str, **tags: str) -> list[tuple[str, str]]:
    """What failed, and why."""
    body = tag.tag_resources(
        ask.TagResourcesRequest(region_id=REGION, resource_arn=list(arns), tags=json.dumps(tags))
    ).body
    return [(one.resource_arn, one.result.code) for one in body.failed_resources.failed_resource]


def listed(tag: Tag, *arns: str, **tags: str) -> dict[str, dict[str, str]]:
    """All pages of two."""
    found: dict[str, dict[str, str]] = {}
    token = None
    while True:
        body = tag.list_tag_resources(
            ask.ListTagResourcesRequest(
                region_id=REGION,
                resource_arn=list(arns) or None,
                tags=json.dumps(tags) if tags else None,
                page_size=2,
                next_token=token,
            )
        ).body
        assert len(body.tag_resources) <= 2
        found |= {one.resource_arn: {each.key: each.value for each in one.tags} for one in body.tag_resources}
        token = body.next_token
        if not token:
            return found


def test_resources_of_all_products_are_tagged_by_their_arns(
    cloud: Cloud, tag: Tag, ecs: Ecs, vpc: Vpc, ram: Ram, name: str
) -> None:
    vpc_id = make_vpc(vpc)
    group_id = make_group(ecs, vpc_id)
    ram.create_role(ram_ask.CreateRoleRequest(role_name="worker", assume_role_policy_document=TRUST))
    bucket_name = f"tagged-{cloud.account_id}"
    auth = oss2.Auth(cloud.access_key_id, cloud.access_key_secret)
    bucket = oss2.Bucket(auth, f"http://{cloud.endpoint}", bucket_name, is_path_style=True)
    bucket.create_bucket()
    arns = [
        f"arn:acs:vpc:{REGION}:{cloud.account_id}:vpc/{vpc_id}",
        f"arn:acs:ecs:{REGION}:{cloud.account_id}:securitygroup/{group_id}",
        f"arn:acs:ram:*:{cloud.account_id}:role/worker",
        f"arn:acs:oss:{REGION}:{cloud.account_id}:bucket/{bucket_name}",
    ]
    gone = f"acs:ecs:{REGION}:{cloud.account_id}:instance/i-bp1nobody"
    strange = f"acs:vpc:{REGION}:1234567890123456:vpc/{vpc_id}"
    assert put(tag, *arns, gone, strange, team="blue", stage="test") == [
        (gone, "InvalidResourceId.NotFound"),
        (strange, "InvalidResourceId.NotFound"),
    ]
    assert put(tag, arns[0].removeprefix("arn:"), stage="live") == []
    both = {"team": "blue", "stage": "test"}
    assert listed(tag) == {arns[0]: both | {"stage": "live"}, **dict.fromkeys(arns[1:], both)}
    assert listed(tag, team="blue", stage="live") == {arns[0]: both | {"stage": "live"}}
    assert listed(tag, arns[1], gone) == {arns[1]: both}

    # It is the products' own tags that were put.
    (shown,) = vpc.describe_vpcs(vpc_ask.DescribeVpcsRequest(region_id=REGION, vpc_id=vpc_id)).body.vpcs.vpc
    assert {one.key: one.value for one in shown.tags.tag} == {"team": "blue", "stage": "live"}
    assert bucket.get_bucket_tagging().tag_set.tagging_rule == both
    roles = ram.list_tag_resources(ram_ask.ListTagResourcesRequest(resource_type="role")).body.tag_resources
    assert {(one.resource_name, one.tag_key) for one in roles} == {("worker", "team"), ("worker", "stage")}

    off = tag.untag_resources(ask.UntagResourcesRequest(region_id=REGION, resource_arn=arns, tag_key=["team", "none"]))
    assert off.body.failed_resources.failed_resource == []
    assert listed(tag) == {arns[0]: {"stage": "live"}, **{arn: {"stage": "test"} for arn in arns[1:]}}


def test_keys_and_values_and_what_carries_them(cloud: Cloud, tag: Tag, vpc: Vpc) -> None:
    first, second = make_vpc(vpc), make_vpc(vpc)
    arn = f"acs:vpc:{REGION}:{cloud.account_id}:vpc/"
    assert put(tag, arn + first, team="blue", stage="test") == []
    assert put(tag, arn + second, team="red") == []

    def keys(**more: object) -> list[str]:
        body = tag.list_tag_keys(ask.ListTagKeysRequest(region_id=REGION, **more)).body
        return [one.key for one in body.keys.key]

    assert keys() == ["stage", "team"]
    assert keys(tag_filter=ask.ListTagKeysRequestTagFilter(key="te"), fuzzy_type="PREFIX") == ["team"]
    assert keys(resource_type="ALIYUN::ECS::INSTANCE") == []
    assert keys(category="System") == []
    first_page = tag.list_tag_keys(ask.ListTagKeysRequest(region_id=REGION, page_size=1)).body
    assert [one.key for one in first_page.keys.key] == ["stage"]
    assert keys(next_token=first_page.next_token) == ["team"]
    values = tag.list_tag_values(ask.ListTagValuesRequest(region_id=REGION, key="team")).body.values
    assert values.value == ["blue", "red"]

    def carriers(**more: object) -> dict[str, list[str]]:
        look = ask.ListResourcesByTagRequest(region_id=REGION, resource_type="ALIYUN::VPC::VPC", **more)
        return {
            one.resource_id: [each.key for each in one.tags] for one in tag.list_resources_by_tag(look).body.resources
        }

    pair = ask.ListResourcesByTagRequestTagFilter
    assert carriers(tag_filter=pair(key="team")) == {first: ["team"], second: ["team"]}
    assert carriers(tag_filter=pair(key="team", value="blue"), include_all_tags=True) == {first: ["stage", "team"]}


def test_regions_and_types(tag: Tag) -> None:
    regions = tag.describe_regions(ask.DescribeRegionsRequest(region_id=REGION)).body.regions.region
    assert [one.region_id for one in regions] == [one.id for one in REGIONS]
    look = ask.ListSupportResourceTypesRequest(region_id=REGION, product_code="oss")
    (found,) = tag.list_support_resource_types(look).body.support_resource_types
    assert found.arn_template == "arn:acs:oss:${RegionId}:${AccountId}:bucket/${ResourceId}"


def test_what_is_refused(cloud: Cloud, tag: Tag, vpc: Vpc) -> None:
    arn = f"acs:vpc:{REGION}:{cloud.account_id}:vpc/{make_vpc(vpc)}"
    with refused("InvalidParameter.ResourceARN", 400):
        put(tag, "vpc-bp1", a="b")
    with refused("NumberExceed.ResourceARN", 400):
        put(tag, *(f"{arn}{number}" for number in range(51)), a="b")
    for wrong in ("{}", "[]", "team=blue"):
        with refused("InvalidParameter.Tags", 400):
            tag.tag_resources(ask.TagResourcesRequest(region_id=REGION, resource_arn=[arn], tags=wrong))
    with refused("MissingParameter", 400):
        tag.tag_resources(ask.TagResourcesRequest(region_id=REGION, resource_arn=[arn]))
    # What the product itself would refuse, it tells of the resource.
    assert put(tag, arn, **{"acs:team": "blue"}) == [(arn, "InvalidTagKey")]
    for number in range(2):
        assert put(tag, arn, **{f"key{number}{other}": "" for other in range(10)}) == []
    assert put(tag, arn, more="") == [(arn, "SizeLimitExceeded.TagNum")]
    with refused("InvalidParameter.Category", 400):
        tag.list_tag_resources(ask.ListTagResourcesRequest(region_id=REGION, category="Mine"))


def test_a_policy_allows_tagging_of_one_resource(cloud: Cloud, ram: Ram, vpc: Vpc, user: str) -> None:
    mine, other = make_vpc(vpc), make_vpc(vpc)
    arn = f"acs:vpc:{REGION}:{cloud.account_id}:vpc/"
    allowed = {"Effect": "Allow", "Action": "tag:*", "Resource": [arn + mine]}
    ram.create_policy(
        ram_ask.CreatePolicyRequest(
            policy_name="tagger", policy_document=json.dumps({"Version": "1", "Statement": [allowed]})
        )
    )
    ram.attach_policy_to_user(
        ram_ask.AttachPolicyToUserRequest(policy_name="tagger", policy_type="Custom", user_name=user)
    )
    key = ram.create_access_key(ram_ask.CreateAccessKeyRequest(user_name=user)).body.access_key
    tagger = Tag(cloud.with_key(key.access_key_id, key.access_key_secret).config())
    assert put(tagger, f"arn:{arn}{mine}", team="blue") == []
    with refused("Forbidden.RAM", 403):
        put(tagger, arn + mine, arn + other, team="blue")
    with refused("Forbidden.RAM", 403):
        listed(tagger)
