"""Elastic network interfaces as the official SDK sees them."""

from __future__ import annotations

from typing import Any

import pytest
from alibabacloud_ecs20140526 import models
from alibabacloud_ecs20140526.client import Client as Ecs
from alibabacloud_vpc20160428 import models as vpc_models
from alibabacloud_vpc20160428.client import Client as Vpc

from tests.conformance.conftest import REGION, eventually, refused
from tests.conformance.networks import make_group, make_v_switch, make_vpc
from tests.conformance.place import Place, make_place


@pytest.fixture
def place(ecs: Ecs, vpc: Vpc) -> Place:
    return make_place(ecs, vpc)


def create(place: Place, **more: Any) -> Any:
    asked = {"region_id": REGION, "v_switch_id": place.v_switch_id, "security_group_id": place.group_id, **more}
    return place.ecs.create_network_interface(models.CreateNetworkInterfaceRequest(**asked)).body


def described(place: Place, **filters: Any) -> list[Any]:
    body = place.ecs.describe_network_interfaces(
        models.DescribeNetworkInterfacesRequest(region_id=REGION, **filters)
    ).body
    assert body.total_count == len(body.network_interface_sets.network_interface_set) or body.next_token
    return body.network_interface_sets.network_interface_set


def one(place: Place, network_interface_id: str) -> Any:
    return described(place, network_interface_id=[network_interface_id])[0]


def attach(place: Place, network_interface_id: str, instance_id: str) -> None:
    place.ecs.attach_network_interface(
        models.AttachNetworkInterfaceRequest(
            region_id=REGION, network_interface_id=network_interface_id, instance_id=instance_id
        )
    )


def detach(place: Place, network_interface_id: str, instance_id: str) -> None:
    place.ecs.detach_network_interface(
        models.DetachNetworkInterfaceRequest(
            region_id=REGION, network_interface_id=network_interface_id, instance_id=instance_id
        )
    )


def delete(place: Place, network_interface_id: str) -> None:
    place.ecs.delete_network_interface(
        models.DeleteNetworkInterfaceRequest(region_id=REGION, network_interface_id=network_interface_id)
    )


def until(place: Place, status: str, network_interface_id: str) -> Any:
    return eventually(lambda: one(place, network_interface_id), lambda found: found.status == status)


def test_the_life_of_a_secondary_interface(place: Place) -> None:
    made = create(
        place,
        network_interface_name="second",
        description="for the back office",
        primary_ip_address="10.1.0.77",
        secondary_private_ip_address_count=2,
        tag=[models.CreateNetworkInterfaceRequestTag(key="team", value="a")],
        client_token="once",
    )
    assert (made.status, made.type, made.private_ip_address) == ("Available", "Secondary", "10.1.0.77")
    assert create_again(place, made) == made.network_interface_id
    assert [it.primary for it in made.private_ip_sets.private_ip_set] == [True, False, False]
    found = one(place, made.network_interface_id)
    assert (found.network_interface_name, found.description) == ("second", "for the back office")
    assert (found.vpc_id, found.v_switch_id, found.mac_address) == (place.vpc_id, place.v_switch_id, made.mac_address)
    assert found.security_group_ids.security_group_id == [place.group_id]
    assert [(tag.tag_key, tag.tag_value) for tag in found.tags.tag] == [("team", "a")]
    assert found.ipv_6sets.ipv_6set == []

    (instance_id,) = place.running()
    attach(place, made.network_interface_id, instance_id)
    found = until(place, "InUse", made.network_interface_id)
    assert (found.instance_id, found.attachment.instance_id, found.attachment.device_index) == (
        instance_id,
        instance_id,
        1,
    )
    shown = place.one(instance_id).network_interfaces.network_interface
    assert [(it.type, it.primary_ip_address) for it in shown][1] == ("Secondary", "10.1.0.77")
    assert len(shown[1].private_ip_sets.private_ip_set) == 3
    with refused("InvalidOperation.InvalidEniState", 403):
        attach(place, made.network_interface_id, instance_id)
    with refused("InvalidOperation.InvalidEniState", 403):
        delete(place, made.network_interface_id)
    eventually(lambda: place.one(instance_id).status, lambda status: status == "Running")

    detach(place, made.network_interface_id, instance_id)
    found = until(place, "Available", made.network_interface_id)
    assert found.instance_id == ""
    assert len(place.one(instance_id).network_interfaces.network_interface) == 1
    delete(place, made.network_interface_id)
    assert described(place, network_interface_id=[made.network_interface_id]) == []
    with refused("InvalidEniId.NotFound", 404):
        delete(place, made.network_interface_id)


def create_again(place: Place, made: Any) -> str:
    again = create(
        place,
        network_interface_name="second",
        description="for the back office",
        primary_ip_address="10.1.0.77",
        secondary_private_ip_address_count=2,
        tag=[models.CreateNetworkInterfaceRequestTag(key="team", value="a")],
        client_token="once",
    )
    return str(again.network_interface_id)


def test_primary_interfaces_are_records_too(place: Place) -> None:
    (instance_id,) = place.running(tag=[models.RunInstancesRequestTag(key="team", value="b")])
    (primary,) = described(place, instance_id=instance_id)
    assert (primary.type, primary.status, primary.attachment.device_index) == ("Primary", "InUse", 0)
    instance = place.one(instance_id)
    (shown,) = instance.network_interfaces.network_interface
    assert (primary.network_interface_id, primary.mac_address) == (shown.network_interface_id, shown.mac_address)
    place.ecs.modify_network_interface_attribute(
        models.ModifyNetworkInterfaceAttributeRequest(
            region_id=REGION, network_interface_id=primary.network_interface_id, network_interface_name="front"
        )
    )
    attribute = place.ecs.describe_network_interface_attribute(
        models.DescribeNetworkInterfaceAttributeRequest(
            region_id=REGION, network_interface_id=primary.network_interface_id
        )
    ).body
    assert (attribute.network_interface_name, attribute.private_ip_address) == ("front", primary.private_ip_address)
    with refused("InvalidOperation.DetachPrimaryEniNotAllowed", 403):
        detach(place, primary.network_interface_id, instance_id)
    with refused("InvalidOperation.InvalidEniType", 403):
        delete(place, primary.network_interface_id)
    place.ecs.delete_instance(models.DeleteInstanceRequest(instance_id=instance_id, force=True))
    assert described(place, network_interface_id=[primary.network_interface_id]) == []


def test_groups_of_interfaces_and_instances_go_together(place: Place) -> None:
    other = make_group(place.ecs, place.vpc_id)
    (instance_id,) = place.running()
    (primary,) = described(place, instance_id=instance_id)
    place.ecs.modify_network_interface_attribute(
        models.ModifyNetworkInterfaceAttributeRequest(
            region_id=REGION, network_interface_id=primary.network_interface_id, security_group_id=[other]
        )
    )
    assert place.one(instance_id).security_group_ids.security_group_id == [other]
    place.ecs.modify_instance_attribute(
        models.ModifyInstanceAttributeRequest(instance_id=instance_id, security_group_ids=[place.group_id])
    )
    assert one(place, primary.network_interface_id).security_group_ids.security_group_id == [place.group_id]
    free = create(place)
    place.ecs.join_security_group(
        models.JoinSecurityGroupRequest(
            region_id=REGION, security_group_id=other, network_interface_id=free.network_interface_id
        )
    )
    assert one(place, free.network_interface_id).security_group_ids.security_group_id == [place.group_id, other]
    assert [it.network_interface_id for it in described(place, security_group_id=other)] == [free.network_interface_id]
    with refused("DependencyViolation"):
        place.ecs.delete_security_group(models.DeleteSecurityGroupRequest(region_id=REGION, security_group_id=other))
    delete(place, free.network_interface_id)
    place.ecs.delete_security_group(models.DeleteSecurityGroupRequest(region_id=REGION, security_group_id=other))


def test_secondary_private_addresses(place: Place) -> None:
    made = create(place)

    def assign(**more: Any) -> list[str]:
        body = place.ecs.assign_private_ip_addresses(
            models.AssignPrivateIpAddressesRequest(
                region_id=REGION, network_interface_id=made.network_interface_id, **more
            )
        ).body
        return list(body.assigned_private_ip_addresses_set.private_ip_set.private_ip_address)

    def unassign(*addresses: str) -> None:
        place.ecs.unassign_private_ip_addresses(
            models.UnassignPrivateIpAddressesRequest(
                region_id=REGION, network_interface_id=made.network_interface_id, private_ip_address=list(addresses)
            )
        )

    assert assign(private_ip_address=["10.1.0.50", "10.1.0.51"]) == ["10.1.0.50", "10.1.0.51"]
    counted = assign(secondary_private_ip_address_count=2)
    assert len(set(counted)) == 2
    with refused("InvalidPrivateIpAddress.Duplicated", 400):
        assign(private_ip_address=["10.1.0.50"])
    with refused("MaxEniIpCountExceeded", 403):
        assign(secondary_private_ip_address_count=50)
    with refused("MissingParameter", 400):
        assign()
    found = one(place, made.network_interface_id)
    assert len(found.private_ip_sets.private_ip_set) == 5
    assert [it.network_interface_id for it in described(place, private_ip_address=["10.1.0.51"])] == [
        made.network_interface_id
    ]
    unassign("10.1.0.50", *counted)
    with refused("InvalidIp.IpUnassigned", 403):
        unassign("10.1.0.50")
    with refused("InvalidIp.IpUnassigned", 403):
        unassign(made.private_ip_address)
    v_switch = place.vpc.describe_vswitches(vpc_models.DescribeVSwitchesRequest(v_switch_id=place.v_switch_id))
    assert v_switch.body.v_switches.v_switch[0].available_ip_address_count == 252 - 2
    delete(place, made.network_interface_id)


def test_what_does_not_fit_together(place: Place, ecs: Ecs, vpc: Vpc) -> None:
    far_switch = make_v_switch(vpc, place.vpc_id, "10.2.0.0/24", zone_id="cn-hangzhou-e")
    far = create(place, v_switch_id=far_switch)
    other_vpc = make_vpc(vpc)
    elsewhere = create(
        place,
        v_switch_id=make_v_switch(vpc, other_vpc, "192.168.0.0/24"),
        security_group_id=make_group(ecs, other_vpc),
    )
    (instance_id,) = place.running()
    with refused("InvalidOperation.AvailabilityZoneMismatch", 403):
        attach(place, far.network_interface_id, instance_id)
    with refused("InvalidOperation.VpcMismatch", 403):
        attach(place, elsewhere.network_interface_id, instance_id)
    with refused("OperationDenied.InconsistentNetwork", 403):
        create(place, security_group_id=make_group(ecs, other_vpc))
    with refused("InvalidVSwitchId.NotFound", 404):
        create(place, v_switch_id="vsw-none")
    with refused("UnsupportedParameter", 400):
        create(place, ipv_6address_count=1)
    # An ecs.g7.large takes three interfaces.
    several = [create(place).network_interface_id for _ in range(3)]
    for network_interface_id in several[:2]:
        attach(place, network_interface_id, instance_id)
        until(place, "InUse", network_interface_id)
        place.until("Running", instance_id)
    with refused("EniPerInstanceLimitExceeded", 403):
        attach(place, several[2], instance_id)
    with refused("DependencyViolation"):
        vpc.delete_vswitch(vpc_models.DeleteVSwitchRequest(region_id=REGION, v_switch_id=far_switch))
    place.ecs.delete_instance(models.DeleteInstanceRequest(instance_id=instance_id, force=True))
    for network_interface_id in several:
        until(place, "Available", network_interface_id)


def test_interfaces_that_come_with_instances(place: Place) -> None:
    def interface(**fields: Any) -> models.RunInstancesRequestNetworkInterface:
        return models.RunInstancesRequestNetworkInterface(**fields)

    primary = interface(
        instance_type="Primary",
        v_switch_id=place.v_switch_id,
        security_group_id=place.group_id,
        network_interface_name="front",
        secondary_private_ip_address_count=1,
    )
    secondary = interface(instance_type="Secondary", network_interface_name="back", delete_on_release=False)
    ids = place.run(v_switch_id=None, security_group_id=None, network_interface=[primary, secondary], amount=2)
    place.until("Running", *ids)
    for instance_id in ids:
        shown = described(place, instance_id=instance_id)
        assert sorted((it.type, it.network_interface_name, it.status) for it in shown) == [
            ("Primary", "front", "InUse"),
            ("Secondary", "back", "InUse"),
        ]
        assert sorted(len(it.private_ip_sets.private_ip_set) for it in shown) == [1, 2]
    free = create(place)
    existing = interface(instance_type="Secondary", network_interface_id=free.network_interface_id)
    with refused("InvalidParam.NetworkInterface", 400):
        place.run(network_interface=[existing], amount=2)
    (third,) = place.running(network_interface=[existing])
    assert one(place, free.network_interface_id).instance_id == third
    back = [it.network_interface_id for it in described(place, network_interface_name="back")]
    place.ecs.delete_instances(models.DeleteInstancesRequest(region_id=REGION, instance_id=ids, force=True))
    for network_interface_id in back:
        until(place, "Available", network_interface_id)


def test_filters_and_both_pagings(place: Place) -> None:
    names = [f"eni-{number}" for number in range(5)]
    made = {name: create(place, network_interface_name=name).network_interface_id for name in names}
    assert [it.network_interface_id for it in described(place, network_interface_name="eni-3")] == [made["eni-3"]]
    assert len(described(place, type="Secondary", status="Available", vpc_id=place.vpc_id)) == 5
    assert described(place, type="Primary") == []
    assert described(place, service_managed=True) == []
    seen: list[str] = []
    token = None
    while True:
        body = place.ecs.describe_network_interfaces(
            models.DescribeNetworkInterfacesRequest(region_id=REGION, max_results=2, next_token=token)
        ).body
        seen += [it.network_interface_id for it in body.network_interface_sets.network_interface_set]
        token = body.next_token
        if not token:
            break
    assert sorted(seen) == sorted(made.values())
    pages = [
        [it.network_interface_id for it in body.network_interface_sets.network_interface_set]
        for number in (1, 2, 3)
        for body in [
            place.ecs.describe_network_interfaces(
                models.DescribeNetworkInterfacesRequest(region_id=REGION, page_number=number, page_size=2)
            ).body
        ]
    ]
    assert [len(page) for page in pages] == [2, 2, 1]
    assert sorted(one for page in pages for one in page) == sorted(made.values())
    place.ecs.tag_resources(
        models.TagResourcesRequest(
            region_id=REGION,
            resource_type="eni",
            resource_id=[made["eni-0"]],
            tag=[models.TagResourcesRequestTag(key="k", value="v")],
        )
    )
    tag = [models.DescribeNetworkInterfacesRequestTag(key="k", value="v")]
    assert [it.network_interface_id for it in described(place, tag=tag)] == [made["eni-0"]]
