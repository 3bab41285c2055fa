from __future__ import annotations

from alibabacloud_vpc20160428 import models
from alibabacloud_vpc20160428.client import Client as Vpc

from tests.conformance.conftest import REGION, eventually, refused


def test_a_vpc_becomes_available_and_can_be_found_and_deleted(vpc: Vpc) -> None:
    made = vpc.create_vpc(
        models.CreateVpcRequest(region_id=REGION, cidr_block="192.168.0.0/16", vpc_name="first")
    ).body
    assert made.vpc_id.startswith("vpc-bp1")

    def describe() -> models.DescribeVpcAttributeResponseBody:
        return vpc.describe_vpc_attribute(models.DescribeVpcAttributeRequest(vpc_id=made.vpc_id)).body

    found = eventually(describe, lambda body: body.status == "Available")
    assert (found.vpc_name, found.cidr_block, found.vrouter_id) == ("first", "192.168.0.0/16", made.vrouter_id)
    vpc.delete_vpc(models.DeleteVpcRequest(region_id=REGION, vpc_id=made.vpc_id))
    with refused("InvalidVpcID.NotFound", 404):
        describe()
