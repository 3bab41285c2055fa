"""Elastic IP addresses through the official SDK."""

from __future__ import annotations

from typing import Any

import pytest
from alibabacloud_ecs20140526 import models as ecs_ask
from alibabacloud_ecs20140526.client import Client as Ecs
from alibabacloud_vpc20160428 import models
from alibabacloud_vpc20160428.client import Client as Vpc

from tests.conformance.conftest import REGION, Cloud, eventually, named, refused
from tests.conformance.place import Place, make_place


def allocate(vpc: Vpc, **fields: Any) -> models.AllocateEipAddressResponseBody:
    return vpc.allocate_eip_address(models.AllocateEipAddressRequest(region_id=REGION, **fields)).body


def listed(vpc: Vpc, **filters: Any) -> list[Any]:
    ask = models.DescribeEipAddressesRequest(region_id=REGION, **filters)
    return vpc.describe_eip_addresses(ask).body.eip_addresses.eip_address


def ids(vpc: Vpc, **filters: Any) -> list[str]:
    return [one.allocation_id for one in listed(vpc, **filters)]


def one(vpc: Vpc, allocation_id: str) -> Any:
    return listed(vpc, allocation_id=allocation_id)[0]


def associate(vpc: Vpc, allocation_id: str, instance_id: str, kind: str = "EcsInstance", **fields: Any) -> None:
    vpc.associate_eip_address(
        models.AssociateEipAddressRequest(
            region_id=REGION, allocation_id=allocation_id, instance_id=instance_id, instance_type=kind, **fields
        )
    )
    eventually(lambda: one(vpc, allocation_id).status, "InUse".__eq__)


def unassociate(vpc: Vpc, allocation_id: str, **fields: Any) -> None:
    ask = models.UnassociateEipAddressRequest(region_id=REGION, allocation_id=allocation_id, **fields)
    vpc.unassociate_eip_address(ask)
    eventually(lambda: one(vpc, allocation_id).status, "Available".__eq__)


def release(vpc: Vpc, allocation_id: str) -> None:
    vpc.release_eip_address(models.ReleaseEipAddressRequest(region_id=REGION, allocation_id=allocation_id))


@pytest.fixture
def place(ecs: Ecs, vpc: Vpc) -> Place:
    return make_place(ecs, vpc)


def test_an_address_is_allocated_described_changed_and_released(vpc: Vpc) -> None:
    made = allocate(vpc, name="front", description="of the shop", bandwidth="10", internet_charge_type="PayByBandwidth")
    found = one(vpc, made.allocation_id)
    assert made.allocation_id.startswith("eip-bp1")
    assert made.eip_address.startswith("198.1")
    assert (found.ip_address, found.status, found.name) == (made.eip_address, "Available", "front")
    assert (found.bandwidth, found.eip_bandwidth) == ("10", "10")
    assert (found.internet_charge_type, found.charge_type, found.isp) == ("PayByBandwidth", "PostPaid", "BGP")
    assert (found.instance_id, found.instance_type, found.hdmonitor_status) == ("", "", "OFF")
    change = models.ModifyEipAddressAttributeRequest(
        region_id=REGION, allocation_id=made.allocation_id, bandwidth="20", name="back", description=""
    )
    vpc.modify_eip_address_attribute(change)
    found = one(vpc, made.allocation_id)
    assert (found.bandwidth, found.name, found.description) == ("20", "back", "")
    ask = models.DescribeHighDefinitionMonitorLogAttributeRequest(
        region_id=REGION, instance_id=made.allocation_id, instance_type="EIP"
    )
    assert vpc.describe_high_definition_monitor_log_attribute(ask).body.log_project == ""
    release(vpc, made.allocation_id)
    assert listed(vpc) == []
    with refused("InvalidAllocationId.NotFound", 404):
        release(vpc, made.allocation_id)
    # the same address can be had again by who asks for it
    again = vpc.allocate_eip_address_pro(
        models.AllocateEipAddressProRequest(region_id=REGION, ip_address=made.eip_address)
    ).body
    assert again.eip_address == made.eip_address
    with refused("InvalidEipAddress.NotAvailable", 400):
        allocate(vpc, ip_address=made.eip_address)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"bandwidth": "0"}, "InvalidParameter"),
        ({"bandwidth": "201"}, "InvalidParameter"),
        ({"bandwidth": "501", "internet_charge_type": "PayByBandwidth"}, "InvalidParameter"),
        ({"internet_charge_type": "PayBySun"}, "InvalidParameter"),
        ({"instance_charge_type": "Gift"}, "InvalidParameter"),
        ({"isp": "ChinaMobile"}, "UnsupportedParameter"),
        ({"public_ip_address_pool_id": "pippool-1"}, "UnsupportedParameter"),
        ({"name": "http://a"}, "InvalidName.Malformed"),
        ({"description": "http://a"}, "InvalidDescription.Malformed"),
        ({"ip_address": "8.8.8.8"}, "InvalidEipAddress.NotAvailable"),
    ],
    ids=named,
)
def test_what_an_address_cannot_be(vpc: Vpc, wrong: dict[str, Any], code: str) -> None:
    with refused(code, 400):
        allocate(vpc, **wrong)
    assert listed(vpc) == []


def test_an_account_has_twenty(vpc: Vpc) -> None:
    made = [allocate(vpc).allocation_id for _ in range(20)]
    with refused("QuotaExceeded.Eip", 400):
        allocate(vpc)
    assert len(listed(vpc, page_size=10)) == 10
    pages = [ids(vpc, page_size=8, page_number=number) for number in (1, 2, 3)]
    assert sorted(it for page in pages for it in page) == sorted(made)
    for allocation_id in made:
        release(vpc, allocation_id)


def test_the_same_client_token_allocates_one(vpc: Vpc) -> None:
    assert allocate(vpc, client_token="t").allocation_id == allocate(vpc, client_token="t").allocation_id
    with refused("IdempotentParameterMismatch", 400):
        allocate(vpc, client_token="t", bandwidth="9")


def test_protected_and_prepaid_addresses_are_not_released(vpc: Vpc) -> None:
    def protect(enable: bool) -> None:
        ask = models.DeletionProtectionRequest(
            region_id=REGION, instance_id=protected, type="EIP", protection_enable=enable
        )
        vpc.deletion_protection(ask)

    protected = allocate(vpc).allocation_id
    protect(True)
    assert one(vpc, protected).deletion_protection is True
    with refused("InvalidOperation.DeletionProtection", 400):
        release(vpc, protected)
    protect(False)
    release(vpc, protected)
    prepaid = allocate(vpc, instance_charge_type="PrePaid", period=1, pricing_cycle="Month", auto_pay=True)
    assert one(vpc, prepaid.allocation_id).expired_time > one(vpc, prepaid.allocation_id).allocation_time
    with refused("Forbidden.ChargeTypeIsPrepaid", 400):
        release(vpc, prepaid.allocation_id)


def test_an_address_is_bound_to_an_instance_and_shows_there(place: Place, vpc: Vpc, ecs: Ecs) -> None:
    (instance,) = place.running()
    made = allocate(vpc, bandwidth="7")
    associate(vpc, made.allocation_id, instance)
    found = one(vpc, made.allocation_id)
    assert (found.instance_id, found.instance_type, found.vpc_id) == (instance, "EcsInstance", place.vpc_id)
    shown = place.one(instance)
    assert (shown.eip_address.allocation_id, shown.eip_address.ip_address) == (made.allocation_id, made.eip_address)
    assert (shown.eip_address.bandwidth, shown.eip_address.internet_charge_type) == (7, "PayByTraffic")
    assert shown.public_ip_address.ip_address == []
    told = ecs.describe_instance_attribute(ecs_ask.DescribeInstanceAttributeRequest(instance_id=instance)).body
    assert (told.eip_address.allocation_id, told.eip_address.bandwidth) == (made.allocation_id, 7)
    look = ecs_ask.DescribeInstancesRequest(region_id=REGION, eip_addresses=f'["{made.eip_address}"]')
    assert [it.instance_id for it in ecs.describe_instances(look).body.instances.instance] == [instance]
    ask = ecs_ask.DescribeNetworkInterfacesRequest(region_id=REGION, instance_id=instance)
    (interface,) = ecs.describe_network_interfaces(ask).body.network_interface_sets.network_interface_set
    assert interface.associated_public_ip.public_ip_address == made.eip_address

    second = allocate(vpc).allocation_id
    with refused("InvalidAssociation.Duplicated", 400):
        associate(vpc, second, instance)
    with refused("IncorrectEipStatus", 400):
        associate(vpc, made.allocation_id, instance)
    with refused("IncorrectEipStatus", 400):
        release(vpc, made.allocation_id)
    with refused("AllocatedAlready", 403):
        ecs.allocate_public_ip_address(ecs_ask.AllocatePublicIpAddressRequest(instance_id=instance))
    with refused("InvalidAssociation.NotFound", 400):
        unassociate(vpc, made.allocation_id, instance_id="i-bp1aaaaaaaaaaaaaaaaa")
    unassociate(vpc, made.allocation_id, instance_id=instance, instance_type="EcsInstance")
    assert one(vpc, made.allocation_id).instance_id == ""
    assert place.one(instance).eip_address.ip_address == ""
    with refused("IncorrectEipStatus", 400):
        unassociate(vpc, made.allocation_id)


def test_what_an_address_is_not_bound_to(place: Place, vpc: Vpc) -> None:
    (with_public,) = place.running(internet_max_bandwidth_out=5)
    made = allocate(vpc).allocation_id
    with refused("InvalidStatus.InstanceHasBandWidth", 400):
        associate(vpc, made, with_public)
    with refused("InvalidInstanceId.NotFound", 404):
        associate(vpc, made, "i-bp1aaaaaaaaaaaaaaaaa")
    with refused("UnsupportedParameter", 400):
        associate(vpc, made, "lb-bp1aaaaaaaaaaaaaaaaa", "SlbInstance")
    with refused("InvalidInstanceType.ValueNotSupported", 400):
        associate(vpc, made, with_public, "Toaster")
    with refused("UnsupportedParameter", 400):
        associate(vpc, made, with_public, mode="BINDED")
    assert one(vpc, made).status == "Available"


def test_an_address_outlives_its_instance(place: Place, vpc: Vpc, ecs: Ecs) -> None:
    (instance,) = place.running()
    made = allocate(vpc).allocation_id
    associate(vpc, made, instance)
    with refused("DependencyViolation", 400):
        vpc.delete_vswitch(models.DeleteVSwitchRequest(region_id=REGION, v_switch_id=place.v_switch_id))
    ecs.delete_instance(ecs_ask.DeleteInstanceRequest(instance_id=instance, force=True))
    eventually(lambda: one(vpc, made).status, "Available".__eq__)
    release(vpc, made)


def test_an_address_for_each_private_address_of_an_interface(place: Place, vpc: Vpc, ecs: Ecs) -> None:
    ask = ecs_ask.CreateNetworkInterfaceRequest(
        region_id=REGION,
        v_switch_id=place.v_switch_id,
        security_group_id=place.group_id,
        secondary_private_ip_address_count=1,
    )
    interface = ecs.create_network_interface(ask).body
    addresses = [it.private_ip_address for it in interface.private_ip_sets.private_ip_set]
    eventually(
        lambda: (
            ecs.describe_network_interfaces(
                ecs_ask.DescribeNetworkInterfacesRequest(
                    region_id=REGION, network_interface_id=[interface.network_interface_id]
                )
            )
            .body.network_interface_sets.network_interface_set[0]
            .status
        ),
        "Available".__eq__,
    )
    first, second, third = (allocate(vpc).allocation_id for _ in range(3))
    associate(vpc, first, interface.network_interface_id, "NetworkInterface")
    associate(vpc, second, interface.network_interface_id, "NetworkInterface", private_ip_address=addresses[1])
    with refused("InvalidAssociation.Duplicated", 400):
        associate(vpc, third, interface.network_interface_id, "NetworkInterface")
    with refused("InvalidPrivateIpAddress.NotFound", 400):
        associate(vpc, third, interface.network_interface_id, "NetworkInterface", private_ip_address="10.1.0.77")
    assert [one(vpc, it).private_ip_address for it in (first, second)] == addresses
    ecs.delete_network_interface(
        ecs_ask.DeleteNetworkInterfaceRequest(region_id=REGION, network_interface_id=interface.network_interface_id)
    )
    assert {one(vpc, it).status for it in (first, second)} == {"Available"}


def test_addresses_are_found_by_what_they_are(place: Place, vpc: Vpc, cloud: Cloud) -> None:
    tag = models.AllocateEipAddressRequestTag
    (instance,) = place.running()
    first = allocate(vpc, name="one", tag=[tag(key="tier", value="web")])
    second = allocate(vpc, isp="BGP_PRO")
    associate(vpc, second.allocation_id, instance)
    a, b = first.allocation_id, second.allocation_id
    assert set(ids(vpc)) == {a, b}
    assert set(ids(vpc, allocation_id=f"{a},{b}")) == {a, b}
    for filters, expected in (
        ({"eip_address": first.eip_address}, [a]),
        ({"eip_name": "one"}, [a]),
        ({"status": "InUse"}, [b]),
        ({"associated_instance_id": instance, "associated_instance_type": "EcsInstance"}, [b]),
        ({"associated_instance_type": "Nat"}, []),
        ({"isp": "BGP_PRO"}, [b]),
        ({"charge_type": "PrePaid"}, []),
        ({"resource_group_id": first.resource_group_id, "status": "Available"}, [a]),
        ({"tag": [models.DescribeEipAddressesRequestTag(key="tier")]}, [a]),
        ({"lock_reason": "financial"}, []),
        (
            {"filter": [models.DescribeEipAddressesRequestFilter(key="CreationStartTime", value="2099-01-01T00:00Z")]},
            [],
        ),
    ):
        assert ids(vpc, **filters) == expected, filters
    ask = models.TagResourcesRequest(
        region_id=REGION, resource_type="EIP", resource_id=[b], tag=[models.TagResourcesRequestTag(key="x", value="y")]
    )
    vpc.tag_resources(ask)
    assert [(it.key, it.value) for it in one(vpc, b).tags.tag] == [("x", "y")]
    assert listed(Vpc(cloud.config()), allocation_id="eip-bp1aaaaaaaaaaaaaaaaa") == []
