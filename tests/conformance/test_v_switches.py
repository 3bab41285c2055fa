"""vSwitches through the official SDK."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_vpc20160428 import models
from alibabacloud_vpc20160428.client import Client as Vpc

from tests.conformance.conftest import REGION, Cloud, eventually, named, refused
from tests.conformance.networks import ZONE, make_v_switch, make_vpc


@pytest.fixture
def vpc_id(vpc: Vpc) -> str:
    return make_vpc(vpc)


def create(vpc: Vpc, vpc_id: str, **fields: object) -> str:
    given = {"cidr_block": "192.168.1.0/24", "zone_id": ZONE} | fields
    made: str = vpc.create_vswitch(
        models.CreateVSwitchRequest(region_id=REGION, vpc_id=vpc_id, **given)
    ).body.v_switch_id
    return made


def attributes(vpc: Vpc, v_switch_id: str) -> models.DescribeVSwitchAttributesResponseBody:
    ask = models.DescribeVSwitchAttributesRequest(region_id=REGION, v_switch_id=v_switch_id)
    return vpc.describe_vswitch_attributes(ask).body


def listed(vpc: Vpc, **filters: object) -> list[str]:
    ask = models.DescribeVSwitchesRequest(region_id=REGION, **filters)
    return [one.v_switch_id for one in vpc.describe_vswitches(ask).body.v_switches.v_switch]


def test_a_v_switch_becomes_available_and_is_deleted(vpc: Vpc, vpc_id: str, cloud: Cloud) -> None:
    made = create(vpc, vpc_id, v_switch_name="web", description="front", cidr_block="192.168.4.0/22")
    assert made.startswith("vsw-bp1")
    found = eventually(lambda: attributes(vpc, made), lambda body: body.status == "Available")
    assert (found.v_switch_name, found.description, found.vpc_id) == ("web", "front", vpc_id)
    assert (found.zone_id, found.cidr_block) == (ZONE, "192.168.4.0/22")
    assert found.owner_id == int(cloud.account_id)
    assert found.route_table.route_table_type == "System"
    vpc.delete_vswitch(models.DeleteVSwitchRequest(region_id=REGION, v_switch_id=made))
    with refused("InvalidVswitchID.NotFound", 404):
        attributes(vpc, made)
    with refused("InvalidVSwitchId.NotFound", 404):
        vpc.delete_vswitch(models.DeleteVSwitchRequest(region_id=REGION, v_switch_id=made))
    assert listed(vpc) == []


@pytest.mark.parametrize(("cidr_block", "free"), [("192.168.1.0/24", 252), ("192.168.1.0/29", 4)])
def test_the_first_and_the_last_three_addresses_are_reserved(vpc: Vpc, vpc_id: str, cidr_block: str, free: int) -> None:
    assert attributes(vpc, create(vpc, vpc_id, cidr_block=cidr_block)).available_ip_address_count == free


def test_a_v_switch_may_be_as_large_as_its_vpc(vpc: Vpc, vpc_id: str) -> None:
    create(vpc, vpc_id, cidr_block="192.168.0.0/16")
    with refused("InvalidCidrBlock.Overlapped", 400):
        create(vpc, vpc_id, cidr_block="192.168.1.0/24")


@pytest.mark.parametrize(
    ("wrong", "code", "status"),
    [
        ({"cidr_block": "192.168.1.0/33"}, "InvalidCidrBlock.Malformed", 400),
        ({"cidr_block": "192.168.1.1/24"}, "InvalidCidrBlock.Malformed", 400),
        ({"cidr_block": "192.168.1.0/30"}, "InvalidCirdrBlock.MaskLength", 400),
        ({"cidr_block": "10.0.0.0/24"}, "InvalidParameter", 400),
        ({"cidr_block": "192.168.8.128/25"}, "InvalidCidrBlock.Overlapped", 400),
        ({"cidr_block": "192.168.0.0/18"}, "InvalidCidrBlock.Overlapped", 400),
        ({"zone_id": "cn-beijing-a"}, "InvalidZoneId.NotFound", 404),
        ({"v_switch_name": "http://a"}, "InvalidVSwitchName.Malformed", 400),
        ({"description": "https://a"}, "InvalidVSwitchDiscription.Malformed", 400),
        ({"cidr_block": None}, "MissingParameter", 400),
        ({"tag": [models.CreateVSwitchRequestTag(key="aliyun-x", value="")]}, "InvalidTagKey", 400),
    ],
    ids=named,
)
def test_what_a_v_switch_cannot_be(vpc: Vpc, vpc_id: str, wrong: dict[str, object], code: str, status: int) -> None:
    there = create(vpc, vpc_id, cidr_block="192.168.8.0/24")
    with refused(code, status):
        create(vpc, vpc_id, **wrong)
    assert listed(vpc) == [there]


def test_a_v_switch_needs_a_vpc_of_ones_own(vpc: Vpc, vpc_id: str, other_cloud: Cloud) -> None:
    with refused("InvalidVpcId.NotFound", 404):
        create(vpc, "vpc-bp1aaaaaaaaaaaaaaaaa")
    with refused("InvalidVpcId.NotFound", 404):
        create(Vpc(other_cloud.config()), vpc_id)


def test_two_vpcs_may_use_the_same_block(vpc: Vpc, vpc_id: str) -> None:
    assert len({create(vpc, vpc_id), create(vpc, make_vpc(vpc))}) == 2


def test_the_same_client_token_makes_one_v_switch(vpc: Vpc, vpc_id: str) -> None:
    assert create(vpc, vpc_id, client_token="t") == create(vpc, vpc_id, client_token="t")
    with refused("IdempotentParameterMismatch", 400):
        create(vpc, vpc_id, client_token="t", cidr_block="192.168.2.0/24")


def test_v_switches_are_found_by_what_they_are(vpc: Vpc, vpc_id: str) -> None:
    first = create(vpc, vpc_id, v_switch_name="one", tag=[models.CreateVSwitchRequestTag(key="tier", value="web")])
    second = create(vpc, vpc_id, cidr_block="192.168.2.0/24", zone_id="cn-hangzhou-e")
    other_vpc = make_vpc(vpc)
    third = create(vpc, other_vpc)
    tag = models.DescribeVSwitchesRequestTag
    assert set(listed(vpc)) == {first, second, third}
    assert set(listed(vpc, vpc_id=vpc_id)) == {first, second}
    assert listed(vpc, v_switch_id=third) == [third]
    assert set(listed(vpc, v_switch_id=f"{second},{third}")) == {second, third}
    assert listed(vpc, v_switch_name="one") == [first]
    assert listed(vpc, zone_id="cn-hangzhou-e") == [second]
    assert listed(vpc, is_default=True) == []
    assert listed(vpc, tag=[tag(key="tier", value="web")]) == [first]
    assert listed(vpc, tag=[tag(key="tier", value="db")]) == []
    table = attributes(vpc, third).route_table.route_table_id
    assert listed(vpc, route_table_id=table) == [third]


def test_v_switches_come_in_pages(vpc: Vpc, vpc_id: str) -> None:
    made = {create(vpc, vpc_id, cidr_block=f"192.168.{number}.0/24") for number in range(3)}
    pages = [
        vpc.describe_vswitches(
            models.DescribeVSwitchesRequest(region_id=REGION, vpc_id=vpc_id, page_number=number, page_size=2)
        ).body
        for number in (1, 2)
    ]
    assert [(page.total_count, page.page_size, len(page.v_switches.v_switch)) for page in pages] == [
        (3, 2, 2),
        (3, 2, 1),
    ]
    assert {one.v_switch_id for page in pages for one in page.v_switches.v_switch} == made


def test_a_v_switch_is_renamed(vpc: Vpc, vpc_id: str) -> None:
    made = create(vpc, vpc_id, v_switch_name="before", description="stays")
    change = models.ModifyVSwitchAttributeRequest
    vpc.modify_vswitch_attribute(change(region_id=REGION, v_switch_id=made, v_switch_name="after"))
    found = attributes(vpc, made)
    assert (found.v_switch_name, found.description) == ("after", "stays")
    with refused("InvalidVSwitchName.Malformed", 400):
        vpc.modify_vswitch_attribute(change(region_id=REGION, v_switch_id=made, v_switch_name="x" * 129))
    with refused("InvalidVSwitchId.NotFound", 404):
        vpc.modify_vswitch_attribute(change(region_id=REGION, v_switch_id="vsw-bp1nothing", v_switch_name="x"))


def test_a_dry_run_deletes_nothing(vpc: Vpc, vpc_id: str) -> None:
    made = make_v_switch(vpc, vpc_id)
    with refused("DryRunOperation", 400):
        vpc.delete_vswitch(models.DeleteVSwitchRequest(region_id=REGION, v_switch_id=made, dry_run=True))
    assert listed(vpc) == [made]


def test_of_eight_at_once_one_gets_the_block(vpc: Vpc, vpc_id: str) -> None:
    def attempt(_: int) -> str:
        try:
            return create(vpc, vpc_id, cidr_block="192.168.9.0/24")
        except AlibabaCloudException as problem:
            return str(problem.code)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(attempt, range(8)))
    assert [one for one in answers if one != "InvalidCidrBlock.Overlapped"] == listed(vpc)
    assert answers.count("InvalidCidrBlock.Overlapped") == 7


def test_what_is_not_offered_is_refused(vpc: Vpc, vpc_id: str) -> None:
    with refused("UnsupportedParameter", 400):
        create(vpc, vpc_id, ipv_6cidr_block=3)
    made = create(vpc, vpc_id)
    with refused("UnsupportedParameter", 400):
        vpc.modify_vswitch_attribute(
            models.ModifyVSwitchAttributeRequest(region_id=REGION, v_switch_id=made, enable_ipv_6=True)
        )
