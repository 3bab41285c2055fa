"""Instances in security groups, vSwitches and VPCs: who is a member, and what cannot be deleted under it."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest
from alibabacloud_ecs20140526 import models
from alibabacloud_ecs20140526.client import Client as Ecs
from alibabacloud_vpc20160428 import models as vpc_ask
from alibabacloud_vpc20160428.client import Client as Vpc

from tests.conformance.conftest import REGION, eventually, refused
from tests.conformance.networks import delete_instance, make_group, make_v_switch, make_vpc, run_instance


@dataclass(frozen=True)
class Place:
    vpc_id: str
    v_switch_id: str
    group: str
    instance_id: str


@pytest.fixture
def place(ecs: Ecs, vpc: Vpc) -> Place:
    vpc_id = make_vpc(vpc)
    v_switch_id, group = make_v_switch(vpc, vpc_id), make_group(ecs, vpc_id)
    return Place(vpc_id, v_switch_id, group, run_instance(ecs, v_switch_id, group))


def described(ecs: Ecs, instance_id: str) -> models.DescribeInstancesResponseBodyInstancesInstance:
    ask = models.DescribeInstancesRequest(region_id=REGION, instance_ids=json.dumps([instance_id]))
    return ecs.describe_instances(ask).body.instances.instance[0]


def groups_of(ecs: Ecs, instance_id: str) -> list[str]:
    found: list[str] = described(ecs, instance_id).security_group_ids.security_group_id
    return found


def join(ecs: Ecs, group: str, **who: str) -> None:
    ecs.join_security_group(models.JoinSecurityGroupRequest(region_id=REGION, security_group_id=group, **who))


def leave(ecs: Ecs, group: str, **who: str) -> None:
    ecs.leave_security_group(models.LeaveSecurityGroupRequest(region_id=REGION, security_group_id=group, **who))


def test_an_instance_joins_and_leaves(ecs: Ecs, vpc: Vpc, place: Place) -> None:
    second = make_group(ecs, place.vpc_id)
    join(ecs, second, instance_id=place.instance_id)
    assert groups_of(ecs, place.instance_id) == [place.group, second]
    with refused("InvalidInstanceId.AlreadyExists", 403):
        join(ecs, second, instance_id=place.instance_id)
    leave(ecs, place.group, instance_id=place.instance_id)
    assert groups_of(ecs, place.instance_id) == [second]
    with refused("InstanceNotInSecurityGroup", 403):
        leave(ecs, place.group, instance_id=place.instance_id)
    with refused("InstanceLastSecurityGroup", 403):
        leave(ecs, second, instance_id=place.instance_id)
    elsewhere = make_group(ecs, make_vpc(vpc))
    with refused("InvalidInstanceId.Mismatch", 400):
        join(ecs, elsewhere, instance_id=place.instance_id)
    with refused("InvalidInstanceId.NotFound", 404):
        join(ecs, place.group, instance_id="i-bp1aaaaaaaaaaaaaaaaa")
    with refused("MissingParameter", 400):
        join(ecs, place.group)


def test_a_primary_network_interface_stands_for_its_instance(ecs: Ecs, place: Place) -> None:
    interface = described(ecs, place.instance_id).network_interfaces.network_interface[0].network_interface_id
    second = make_group(ecs, place.vpc_id)
    join(ecs, second, network_interface_id=interface)
    assert groups_of(ecs, place.instance_id) == [place.group, second]
    with refused("InvalidEniId.NotFound", 404):
        leave(ecs, second, network_interface_id="eni-bp1aaaaaaaaaaaaaaaaa")
    with refused("InvalidParam.EniIdAndInstanceId.Conflict", 403):
        leave(ecs, second, network_interface_id=interface, instance_id=place.instance_id)


def test_an_instance_is_in_at_most_five_groups(ecs: Ecs, place: Place) -> None:
    for _ in range(4):
        join(ecs, make_group(ecs, place.vpc_id), instance_id=place.instance_id)
    with refused("InstanceSecurityGroupLimitExceeded", 403):
        join(ecs, make_group(ecs, place.vpc_id), instance_id=place.instance_id)


def test_normal_and_enterprise_groups_do_not_mix(ecs: Ecs, place: Place) -> None:
    with refused("EnterpriseGroupLimited.MutliGroupType", 403):
        join(ecs, make_group(ecs, place.vpc_id, kind="enterprise"), instance_id=place.instance_id)


def test_members_are_counted(ecs: Ecs, place: Place) -> None:
    empty = make_group(ecs, place.vpc_id)
    ask = models.DescribeSecurityGroupsRequest(region_id=REGION, is_query_ecs_count=True)
    found = {
        one.security_group_id: one for one in ecs.describe_security_groups(ask).body.security_groups.security_group
    }
    assert (found[place.group].ecs_count, found[place.group].available_instance_amount) == (1, 1999)
    assert (found[empty].ecs_count, found[empty].available_instance_amount) == (0, 2000)


def test_nothing_is_deleted_under_an_instance(ecs: Ecs, vpc: Vpc, place: Place) -> None:
    with refused("DependencyViolation", 403):
        ecs.delete_security_group(models.DeleteSecurityGroupRequest(region_id=REGION, security_group_id=place.group))
    with refused("DependencyViolation", 400):
        vpc.delete_vswitch(vpc_ask.DeleteVSwitchRequest(region_id=REGION, v_switch_id=place.v_switch_id))
    look = vpc_ask.DescribeVSwitchAttributesRequest(region_id=REGION, v_switch_id=place.v_switch_id)
    assert vpc.describe_vswitch_attributes(look).body.available_ip_address_count == 251

    delete_instance(ecs, place.instance_id)
    eventually(lambda: vpc.describe_vswitch_attributes(look).body.available_ip_address_count, (252).__eq__)
    ecs.delete_security_group(models.DeleteSecurityGroupRequest(region_id=REGION, security_group_id=place.group))
    vpc.delete_vswitch(vpc_ask.DeleteVSwitchRequest(region_id=REGION, v_switch_id=place.v_switch_id))
    vpc.delete_vpc(vpc_ask.DeleteVpcRequest(region_id=REGION, vpc_id=place.vpc_id))
    with refused("InvalidVpcID.NotFound", 404):
        vpc.describe_vpc_attribute(vpc_ask.DescribeVpcAttributeRequest(region_id=REGION, vpc_id=place.vpc_id))
