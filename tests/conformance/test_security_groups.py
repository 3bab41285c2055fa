"""Security groups through the official SDK."""

from __future__ import annotations

import json

import pytest
from alibabacloud_ecs20140526 import models
from alibabacloud_ecs20140526.client import Client as Ecs
from alibabacloud_ram20150501 import models as ram_ask
from alibabacloud_ram20150501.client import Client as Ram
from alibabacloud_vpc20160428.client import Client as Vpc

from tests.conformance.conftest import REGION, Cloud, named, refused
from tests.conformance.networks import make_group, make_vpc
from tests.conformance.security_groups import allow, attribute, delete, listed, rules


@pytest.fixture
def vpc_id(vpc: Vpc) -> str:
    return make_vpc(vpc)


@pytest.fixture
def group(ecs: Ecs, vpc_id: str) -> str:
    return make_group(ecs, vpc_id, name="first")


def test_a_group_is_made_described_and_deleted(ecs: Ecs, vpc_id: str) -> None:
    ask = models.CreateSecurityGroupRequest(
        region_id=REGION,
        vpc_id=vpc_id,
        security_group_name="web",
        description="the front",
        tag=[models.CreateSecurityGroupRequestTag(key="tier", value="web")],
    )
    made = ecs.create_security_group(ask).body.security_group_id
    assert made.startswith("sg-bp1")
    body = ecs.describe_security_groups(models.DescribeSecurityGroupsRequest(region_id=REGION)).body
    one = body.security_groups.security_group[0]
    assert (body.total_count, body.page_number, body.page_size, body.region_id) == (1, 1, 10, REGION)
    assert (one.security_group_id, one.security_group_name, one.description) == (made, "web", "the front")
    assert (one.vpc_id, one.security_group_type, one.rule_count) == (vpc_id, "normal", 0)
    assert [(tag.tag_key, tag.tag_value) for tag in one.tags.tag] == [("tier", "web")]
    found = attribute(ecs, made)
    assert (found.inner_access_policy, found.vpc_id, found.permissions.permission) == ("Accept", vpc_id, [])
    delete(ecs, made)
    with refused("InvalidSecurityGroupId.NotFound", 404):
        attribute(ecs, made)
    with refused("InvalidSecurityGroupId.NotFound", 404):
        delete(ecs, made)


@pytest.mark.parametrize(
    ("wrong", "code", "status"),
    [
        ({"vpc_id": None}, "InvalidVpcId.NotFound", 403),
        ({"vpc_id": "vpc-bp1aaaaaaaaaaaaaaaaa"}, "InvalidVpcId.NotFound", 404),
        ({"security_group_name": "1st"}, "InvalidSecurityGroupName.Malformed", 400),
        ({"security_group_name": "http://x"}, "InvalidSecurityGroupName.Malformed", 400),
        ({"description": "d"}, "InvalidSecurityGroupDiscription.Malformed", 400),
        ({"security_group_type": "golden"}, "InvalidParameter", 400),
        ({"tag": [models.CreateSecurityGroupRequestTag(key="acs:k", value="")]}, "InvalidTagKey.Malformed", 400),
    ],
    ids=named,
)
def test_what_a_group_cannot_be(ecs: Ecs, vpc_id: str, wrong: dict[str, object], code: str, status: int) -> None:
    fields = {"vpc_id": vpc_id} | wrong
    with refused(code, status):
        ecs.create_security_group(models.CreateSecurityGroupRequest(region_id=REGION, **fields))
    assert listed(ecs) == []


def test_the_same_client_token_makes_one_group(ecs: Ecs, vpc_id: str) -> None:
    ask = models.CreateSecurityGroupRequest(region_id=REGION, vpc_id=vpc_id, client_token="t")
    made = {ecs.create_security_group(ask).body.security_group_id for _ in range(2)}
    assert {*listed(ecs)} == made
    assert len(made) == 1


def test_groups_are_found_by_what_they_are(ecs: Ecs, vpc: Vpc, vpc_id: str) -> None:
    web, db = make_group(ecs, vpc_id, "web-front"), make_group(ecs, vpc_id, "db", kind="enterprise")
    other_vpc = make_vpc(vpc)
    other = make_group(ecs, other_vpc)
    ecs.tag_resources(
        models.TagResourcesRequest(
            region_id=REGION,
            resource_type="securitygroup",
            resource_id=[db],
            tag=[models.TagResourcesRequestTag(key="tier", value="db")],
        )
    )
    tag = models.DescribeSecurityGroupsRequestTag
    assert set(listed(ecs)) == {web, db, other}
    assert listed(ecs, security_group_id=web) == [web]
    assert set(listed(ecs, security_group_ids=json.dumps([web, other]))) == {web, other}
    assert listed(ecs, security_group_name="web-front") == [web]
    assert listed(ecs, security_group_name="front") == []
    assert listed(ecs, security_group_name="front", fuzzy_query=True) == [web]
    assert listed(ecs, security_group_type="enterprise") == [db]
    assert set(listed(ecs, vpc_id=vpc_id)) == {web, db}
    assert listed(ecs, network_type="classic") == []
    assert listed(ecs, resource_group_id="rg-other") == []
    assert listed(ecs, tag=[tag(key="tier", value="db")]) == [db]
    assert listed(ecs, tag=[tag(key="tier", value="web")]) == []
    with refused("DryRunOperation", 400):
        listed(ecs, dry_run=True)


def test_groups_come_in_pages_of_both_kinds(ecs: Ecs, vpc_id: str) -> None:
    made = {make_group(ecs, vpc_id) for _ in range(5)}
    numbered = [listed(ecs, page_number=number, page_size=2) for number in (1, 2, 3)]
    assert [len(page) for page in numbered] == [2, 2, 1]
    assert {one for page in numbered for one in page} == made

    pages, token = [], None
    while True:
        ask = models.DescribeSecurityGroupsRequest(region_id=REGION, max_results=2, next_token=token)
        body = ecs.describe_security_groups(ask).body
        pages.append([one.security_group_id for one in body.security_groups.security_group])
        token = body.next_token
        if not token:
            break
        delete(ecs, pages[-1][-1])  # a page goes on where the last one ended, whatever was deleted
    assert [len(page) for page in pages] == [2, 2, 1]
    assert {one for page in pages for one in page} == made


def test_another_account_cannot_touch_a_group(ecs: Ecs, group: str, other_cloud: Cloud) -> None:
    stranger = Ecs(other_cloud.config())
    assert listed(stranger) == []
    with refused("InvalidSecurityGroupId.NotFound", 404):
        allow(stranger, group)
    with refused("InvalidSecurityGroupId.NotFound", 404):
        delete(stranger, group)


def test_a_group_is_renamed(ecs: Ecs, group: str) -> None:
    change = models.ModifySecurityGroupAttributeRequest
    ecs.modify_security_group_attribute(
        change(region_id=REGION, security_group_id=group, security_group_name="second", description="words")
    )
    found = attribute(ecs, group)
    assert (found.security_group_name, found.description) == ("second", "words")
    with refused("InvalidSecurityGroupName.Malformed", 400):
        ecs.modify_security_group_attribute(change(region_id=REGION, security_group_id=group, security_group_name="x"))


def test_the_policy_between_members(ecs: Ecs, group: str, vpc_id: str) -> None:
    def set_policy(group: str, policy: str) -> None:
        ecs.modify_security_group_policy(
            models.ModifySecurityGroupPolicyRequest(
                region_id=REGION, security_group_id=group, inner_access_policy=policy
            )
        )

    set_policy(group, "drop")
    assert attribute(ecs, group).inner_access_policy == "Drop"
    set_policy(group, "Accept")
    assert attribute(ecs, group).inner_access_policy == "Accept"
    with refused("InvalidPolicy.Malformed", 400):
        set_policy(group, "Perhaps")
    enterprise = make_group(ecs, vpc_id, kind="enterprise")
    assert attribute(ecs, enterprise).inner_access_policy == "Drop"
    with refused("InvalidPolicy.Malformed", 400):
        set_policy(enterprise, "Accept")


def test_a_policy_may_name_the_groups_that_a_user_changes(ecs: Ecs, ram: Ram, cloud: Cloud, vpc_id: str) -> None:
    mine, others = make_group(ecs, vpc_id), make_group(ecs, vpc_id)
    statement = {
        "Effect": "Allow",
        "Action": ["ecs:AuthorizeSecurityGroup", "ecs:TagResources"],
        "Resource": f"acs:ecs:*:{cloud.account_id}:securitygroup/{mine}",
    }
    ram.create_user(ram_ask.CreateUserRequest(user_name="bob"))
    ram.create_policy(
        ram_ask.CreatePolicyRequest(
            policy_name="mine", policy_document=json.dumps({"Version": "1", "Statement": [statement]})
        )
    )
    ram.attach_policy_to_user(
        ram_ask.AttachPolicyToUserRequest(policy_type="Custom", policy_name="mine", user_name="bob")
    )
    key = ram.create_access_key(ram_ask.CreateAccessKeyRequest(user_name="bob")).body.access_key
    bob = Ecs(cloud.with_key(key.access_key_id, key.access_key_secret).config())

    def tag(*ids: str) -> None:
        bob.tag_resources(
            models.TagResourcesRequest(
                region_id=REGION,
                resource_type="SecurityGroup",
                resource_id=list(ids),
                tag=[models.TagResourcesRequestTag(key="by", value="bob")],
            )
        )

    allow(bob, mine)
    tag(mine)
    with refused("Forbidden.RAM", 403):
        allow(bob, others)
    with refused("Forbidden.RAM", 403):
        tag(mine, others)
    with refused("Forbidden.RAM", 403):
        delete(bob, mine)
    assert (len(rules(ecs, mine)), rules(ecs, others)) == (1, [])
