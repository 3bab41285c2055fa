"""VPCs, their routers and route tables, through the official SDK."""

from __future__ import annotations

import pytest
from alibabacloud_ecs20140526.client import Client as Ecs
from alibabacloud_vpc20160428 import models
from alibabacloud_vpc20160428.client import Client as Vpc

from tests.conformance.conftest import REGION, Cloud, eventually, named, refused
from tests.conformance.networks import make_group, make_v_switch, make_vpc


def attribute(vpc: Vpc, vpc_id: str) -> models.DescribeVpcAttributeResponseBody:
    return vpc.describe_vpc_attribute(models.DescribeVpcAttributeRequest(region_id=REGION, vpc_id=vpc_id)).body


def listed(vpc: Vpc, **filters: object) -> list[str]:
    ask = models.DescribeVpcsRequest(region_id=REGION, **filters)
    return [one.vpc_id for one in vpc.describe_vpcs(ask).body.vpcs.vpc]


def test_a_vpc_becomes_available_and_can_be_found_and_deleted(vpc: Vpc) -> None:
    made = vpc.create_vpc(models.CreateVpcRequest(region_id=REGION, cidr_block="192.168.0.0/16", vpc_name="first")).body
    assert made.vpc_id.startswith("vpc-bp1")
    found = eventually(lambda: attribute(vpc, made.vpc_id), lambda body: body.status == "Available")
    assert (found.vpc_name, found.cidr_block, found.vrouter_id) == ("first", "192.168.0.0/16", made.vrouter_id)
    vpc.delete_vpc(models.DeleteVpcRequest(region_id=REGION, vpc_id=made.vpc_id))
    with refused("InvalidVpcID.NotFound", 404):
        attribute(vpc, made.vpc_id)
    with refused("InvalidVpcID.NotFound", 404):
        vpc.delete_vpc(models.DeleteVpcRequest(region_id=REGION, vpc_id=made.vpc_id))


def test_what_is_told_of_a_vpc(vpc: Vpc, cloud: Cloud) -> None:
    ask = models.CreateVpcRequest(
        region_id=REGION,
        description="for tests",
        user_cidr="11.0.0.0/8,12.0.0.0/8",
        tag=[models.CreateVpcRequestTag(key="team", value="blue")],
    )
    made = vpc.create_vpc(ask).body
    v_switch_id = ""
    eventually(lambda: attribute(vpc, made.vpc_id).status, lambda status: status == "Available")
    v_switch_id = make_v_switch(vpc, made.vpc_id, "172.16.0.0/24")
    one = vpc.describe_vpcs(models.DescribeVpcsRequest(region_id=REGION, vpc_id=made.vpc_id)).body.vpcs.vpc[0]
    assert (one.cidr_block, one.description, one.region_id) == ("172.16.0.0/12", "for tests", REGION)
    assert one.user_cidrs.user_cidr == ["11.0.0.0/8", "12.0.0.0/8"]
    assert one.router_table_ids.router_table_ids == [made.route_table_id]
    assert one.v_switch_ids.v_switch_id == [v_switch_id]
    assert (one.owner_id, one.is_default, one.resource_group_id) == (
        int(cloud.account_id),
        False,
        made.resource_group_id,
    )
    assert [(tag.key, tag.value) for tag in one.tags.tag] == [("team", "blue")]
    counts = attribute(vpc, made.vpc_id).cloud_resources.cloud_resource_set_type
    assert {count.resource_type: count.resource_count for count in counts}["VSwitch"] == 1


def test_vpcs_are_found_by_what_they_are(vpc: Vpc) -> None:
    first, second = make_vpc(vpc, name="alpha"), make_vpc(vpc, "10.0.0.0/8", name="beta")
    vpc.tag_resources(
        models.TagResourcesRequest(
            region_id=REGION,
            resource_type="VPC",
            resource_id=[second],
            tag=[models.TagResourcesRequestTag(key="stage", value="live")],
        )
    )
    tag = models.DescribeVpcsRequestTag
    assert set(listed(vpc)) == {first, second}
    assert listed(vpc, vpc_name="alpha") == [first]
    assert listed(vpc, vpc_id=second) == [second]
    assert set(listed(vpc, vpc_id=f"{first},{second}")) == {first, second}
    assert listed(vpc, is_default=True) == []
    assert listed(vpc, tag=[tag(key="stage")]) == [second]
    assert listed(vpc, tag=[tag(key="stage", value="test")]) == []
    assert listed(vpc, resource_group_id="rg-other") == []


def test_vpcs_come_in_pages(vpc: Vpc) -> None:
    made = {make_vpc(vpc) for _ in range(3)}
    pages = [
        vpc.describe_vpcs(models.DescribeVpcsRequest(region_id=REGION, page_number=number, page_size=2)).body
        for number in (1, 2, 3)
    ]
    assert [page.total_count for page in pages] == [3, 3, 3]
    assert [len(page.vpcs.vpc) for page in pages] == [2, 1, 0]
    assert {one.vpc_id for page in pages for one in page.vpcs.vpc} == made
    with refused("InvalidParameter.PageSize", 400):
        vpc.describe_vpcs(models.DescribeVpcsRequest(region_id=REGION, page_size=51))


def test_another_account_sees_nothing_of_it(vpc: Vpc, other_cloud: Cloud) -> None:
    vpc_id = make_vpc(vpc)
    stranger = Vpc(other_cloud.config())
    assert listed(stranger) == []
    with refused("InvalidVpcID.NotFound", 404):
        attribute(stranger, vpc_id)


def test_a_vpc_is_renamed_and_widened(vpc: Vpc) -> None:
    vpc_id = make_vpc(vpc, "10.1.0.0/16", name="before")
    change = models.ModifyVpcAttributeRequest
    vpc.modify_vpc_attribute(
        change(region_id=REGION, vpc_id=vpc_id, vpc_name="after", description="wide", cidr_block="10.0.0.0/8")
    )
    found = attribute(vpc, vpc_id)
    assert (found.vpc_name, found.description, found.cidr_block) == ("after", "wide", "10.0.0.0/8")
    with refused("InvalidCidrBlock.Malformed", 400):
        vpc.modify_vpc_attribute(change(region_id=REGION, vpc_id=vpc_id, cidr_block="192.168.0.0/16"))
    with refused("InvalidVpcName.Malformed", 400):
        vpc.modify_vpc_attribute(change(region_id=REGION, vpc_id=vpc_id, vpc_name="http://name"))


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"cidr_block": "192.168.0.0"}, "InvalidParameter"),
        ({"cidr_block": "192.168.0.1/16"}, "InvalidParameter"),
        ({"cidr_block": "192.168.0.0/29"}, "InvalidParameter"),
        ({"cidr_block": "100.64.0.0/16"}, "InvalidParameter"),
        ({"cidr_block": "127.0.0.0/16"}, "InvalidParameter"),
        ({"vpc_name": "https://x"}, "InvalidVpcName.Malformed"),
        ({"vpc_name": "n" * 129}, "InvalidVpcName.Malformed"),
        ({"description": "d" * 257}, "InvalidVpcDiscription.Malformed"),
        ({"user_cidr": "1.0.0.0/8,2.0.0.0/8,3.0.0.0/8,4.0.0.0/8"}, "InvalidUserCidr.Quota"),
        ({"user_cidr": "100.64.0.0/16"}, "InvalidUserCidr.Malformed"),
        ({"user_cidr": "eleven"}, "InvalidParameter"),
        ({"tag": [models.CreateVpcRequestTag(key="acs:x", value="")]}, "InvalidTagKey"),
        ({"enable_ipv_6": True}, "UnsupportedParameter"),
        ({"ipv_4ipam_pool_id": "ipam-pool-1"}, "UnsupportedParameter"),
    ],
    ids=named,
)
def test_what_a_vpc_cannot_be(vpc: Vpc, wrong: dict[str, object], code: str) -> None:
    with refused(code, 400):
        vpc.create_vpc(models.CreateVpcRequest(region_id=REGION, **wrong))
    assert listed(vpc) == []


def test_a_public_block_of_ones_own_is_allowed(vpc: Vpc) -> None:
    assert attribute(vpc, make_vpc(vpc, "30.0.0.0/16")).cidr_block == "30.0.0.0/16"


def test_the_same_client_token_makes_one_vpc(vpc: Vpc) -> None:
    ask = models.CreateVpcRequest(region_id=REGION, vpc_name="once", client_token="token-1")
    first, again = vpc.create_vpc(ask).body, vpc.create_vpc(ask).body
    assert first.vpc_id == again.vpc_id
    assert listed(vpc) == [first.vpc_id]
    with refused("IdempotentParameterMismatch", 400):
        vpc.create_vpc(models.CreateVpcRequest(region_id=REGION, vpc_name="twice", client_token="token-1"))


def test_a_dry_run_changes_nothing(vpc: Vpc) -> None:
    with refused("DryRunOperation", 400):
        vpc.create_vpc(models.CreateVpcRequest(region_id=REGION, dry_run=True))
    assert listed(vpc) == []
    with refused("InvalidParameter", 400):
        vpc.create_vpc(models.CreateVpcRequest(region_id=REGION, cidr_block="no", dry_run=True))
    vpc_id = make_vpc(vpc)
    with refused("DryRunOperation", 400):
        vpc.delete_vpc(models.DeleteVpcRequest(region_id=REGION, vpc_id=vpc_id, dry_run=True))
    assert listed(vpc) == [vpc_id]
    with refused("DryRunOperation", 400):
        vpc.describe_vpcs(models.DescribeVpcsRequest(region_id=REGION, dry_run=True))


def test_a_vpc_that_is_lived_in_cannot_be_deleted(vpc: Vpc, ecs: Ecs) -> None:
    with_switch, with_group = make_vpc(vpc), make_vpc(vpc)
    make_v_switch(vpc, with_switch)
    make_group(ecs, with_group)
    with refused("DependencyViolation.VSwitch", 400):
        vpc.delete_vpc(models.DeleteVpcRequest(region_id=REGION, vpc_id=with_switch))
    with refused("DependencyViolation.SecurityGroup", 400):
        vpc.delete_vpc(models.DeleteVpcRequest(region_id=REGION, vpc_id=with_group))
    assert set(listed(vpc)) == {with_switch, with_group}


def test_each_vpc_has_a_router_with_a_system_route_table(vpc: Vpc) -> None:
    vpc_id = make_vpc(vpc)
    make_vpc(vpc)
    v_switch_id = make_v_switch(vpc, vpc_id, "192.168.7.0/24")
    found = attribute(vpc, vpc_id)
    ask = models.DescribeRouteTableListRequest(region_id=REGION, vpc_id=vpc_id)
    body = vpc.describe_route_table_list(ask).body
    table = body.router_table_list.router_table_list_type[0]
    assert body.total_count == 1
    assert (table.route_table_type, table.router_type, table.router_id) == ("System", "VRouter", found.vrouter_id)
    assert (table.vpc_id, table.status, table.v_switch_ids.v_switch_id) == (vpc_id, "Available", [v_switch_id])

    routers = vpc.describe_vrouters(models.DescribeVRoutersRequest(region_id=REGION, vrouter_id=found.vrouter_id))
    router = routers.body.vrouters.vrouter[0]
    assert (router.vpc_id, router.route_table_ids.route_table_id) == (vpc_id, [table.route_table_id])
    assert vpc.describe_vrouters(models.DescribeVRoutersRequest(region_id=REGION)).body.total_count == 2


def test_the_routes_of_a_vpc_lead_to_its_v_switches(vpc: Vpc) -> None:
    vpc_id = make_vpc(vpc)
    make_v_switch(vpc, vpc_id, "192.168.7.0/24")
    table_id = (
        vpc.describe_route_table_list(models.DescribeRouteTableListRequest(region_id=REGION, vpc_id=vpc_id))
        .body.router_table_list.router_table_list_type[0]
        .route_table_id
    )

    def entries(**filters: str) -> dict[str, tuple[str, str, str]]:
        ask = models.DescribeRouteTablesRequest(region_id=REGION, route_table_id=table_id, **filters)
        table = vpc.describe_route_tables(ask).body.route_tables.route_table[0]
        found = table.route_entrys.route_entry
        assert len({one.route_entry_id for one in found}) == len(found)
        return {one.destination_cidr_block: (one.type, one.next_hop_type, one.status) for one in found}

    assert entries() == {
        "192.168.7.0/24": ("System", "local", "Available"),
        "100.64.0.0/10": ("System", "service", "Available"),
    }
    assert entries(type="Custom") == {}


def test_a_vpc_lives_in_one_region(vpc: Vpc) -> None:
    vpc_id = make_vpc(vpc)
    assert vpc.describe_vpcs(models.DescribeVpcsRequest(region_id="me-east-1")).body.total_count == 0
    elsewhere = models.CreateVpcRequest(region_id="me-east-1")
    assert vpc.create_vpc(elsewhere).body.vpc_id.startswith("vpc-eb3")
    assert listed(vpc) == [vpc_id]
