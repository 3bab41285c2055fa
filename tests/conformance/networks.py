"""A VPC, a vSwitch and a security group, made through the official clients, for tests that need a place to stand on."""

from __future__ import annotations

from alibabacloud_ecs20140526 import models as ecs_ask
from alibabacloud_ecs20140526.client import Client as Ecs
from alibabacloud_vpc20160428 import models as vpc_ask
from alibabacloud_vpc20160428.client import Client as Vpc

from tests.conformance.conftest import REGION, eventually

ZONE = "cn-hangzhou-b"


def make_vpc(vpc: Vpc, cidr_block: str = "192.168.0.0/16", name: str = "") -> str:
    """An available VPC's id."""
    ask = vpc_ask.CreateVpcRequest(region_id=REGION, cidr_block=cidr_block, vpc_name=name or None)
    vpc_id: str = vpc.create_vpc(ask).body.vpc_id
    look = vpc_ask.DescribeVpcAttributeRequest(region_id=REGION, vpc_id=vpc_id)
    eventually(lambda: vpc.describe_vpc_attribute(look).body.status, lambda status: status == "Available")
    return vpc_id


def make_v_switch(vpc: Vpc, vpc_id: str, cidr_block: str = "192.168.1.0/24", zone_id: str = ZONE) -> str:
    """An available vSwitch's id."""
    ask = vpc_ask.CreateVSwitchRequest(region_id=REGION, vpc_id=vpc_id, zone_id=zone_id, cidr_block=cidr_block)
    v_switch_id: str = vpc.create_vswitch(ask).body.v_switch_id
    look = vpc_ask.DescribeVSwitchAttributesRequest(region_id=REGION, v_switch_id=v_switch_id)
    eventually(lambda: vpc.describe_vswitch_attributes(look).body.status, lambda status: status == "Available")
    return v_switch_id


def make_group(ecs: Ecs, vpc_id: str, name: str = "", kind: str = "normal") -> str:
    ask = ecs_ask.CreateSecurityGroupRequest(
        region_id=REGION, vpc_id=vpc_id, security_group_name=name or None, security_group_type=kind
    )
    security_group_id: str = ecs.create_security_group(ask).body.security_group_id
    return security_group_id


def run_instance(ecs: Ecs, v_switch_id: str, security_group_id: str) -> str:
    """A running instance's id."""
    image = ecs.describe_images(ecs_ask.DescribeImagesRequest(region_id=REGION)).body.images.image[0]
    ask = ecs_ask.RunInstancesRequest(
        region_id=REGION,
        image_id=image.image_id,
        instance_type="ecs.g7.large",
        v_switch_id=v_switch_id,
        security_group_id=security_group_id,
    )
    instance_id: str = ecs.run_instances(ask).body.instance_id_sets.instance_id_set[0]
    wait_for_instance(ecs, instance_id, "Running")
    return instance_id


def wait_for_instance(ecs: Ecs, instance_id: str, status: str) -> None:
    look = ecs_ask.DescribeInstancesRequest(region_id=REGION, instance_ids=f'["{instance_id}"]')
    eventually(lambda: [one.status for one in ecs.describe_instances(look).body.instances.instance], [status].__eq__)


def delete_instance(ecs: Ecs, instance_id: str) -> None:
    """Until nothing is left of it."""
    ecs.delete_instance(ecs_ask.DeleteInstanceRequest(instance_id=instance_id, force=True))
    look = ecs_ask.DescribeInstancesRequest(region_id=REGION, instance_ids=f'["{instance_id}"]')
    eventually(lambda: not ecs.describe_instances(look).body.instances.instance)
