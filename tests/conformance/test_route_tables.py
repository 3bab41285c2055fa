"""Custom route tables, route entries and secondary CIDR blocks through the official SDK."""

from __future__ import annotations

from typing import Any

import pytest
from alibabacloud_ecs20140526 import models as ecs_ask
from alibabacloud_ecs20140526.client import Client as Ecs
from alibabacloud_vpc20160428 import models
from alibabacloud_vpc20160428.client import Client as Vpc

from tests.conformance.conftest import REGION, eventually, refused
from tests.conformance.networks import make_v_switch, make_vpc
from tests.conformance.place import Place, make_place


@pytest.fixture
def place(ecs: Ecs, vpc: Vpc) -> Place:
    return make_place(ecs, vpc)


def tables(vpc: Vpc, **filters: Any) -> list[Any]:
    ask = models.DescribeRouteTableListRequest(region_id=REGION, **filters)
    return vpc.describe_route_table_list(ask).body.router_table_list.router_table_list_type


def create_table(vpc: Vpc, vpc_id: str, **fields: Any) -> str:
    ask = models.CreateRouteTableRequest(region_id=REGION, vpc_id=vpc_id, **fields)
    made: str = vpc.create_route_table(ask).body.route_table_id
    return made


def associate(vpc: Vpc, table: str, v_switch_id: str) -> None:
    ask = models.AssociateRouteTableRequest(region_id=REGION, route_table_id=table, v_switch_id=v_switch_id)
    vpc.associate_route_table(ask)


def entries(vpc: Vpc, table: str, **filters: Any) -> list[Any]:
    ask = models.DescribeRouteEntryListRequest(region_id=REGION, route_table_id=table, **filters)
    return vpc.describe_route_entry_list(ask).body.route_entrys.route_entry


def create_entry(vpc: Vpc, table: str, cidr_block: str, hop: str, kind: str = "Instance", **fields: Any) -> str:
    ask = models.CreateRouteEntryRequest(
        region_id=REGION,
        route_table_id=table,
        destination_cidr_block=cidr_block,
        next_hop_type=kind,
        next_hop_id=hop,
        **fields,
    )
    made: str = vpc.create_route_entry(ask).body.route_entry_id
    eventually(lambda: [it.status for it in entries(vpc, table, route_entry_id=made)], ["Available"].__eq__)
    return made


def test_a_custom_table_is_associated_with_v_switches(place: Place, vpc: Vpc) -> None:
    (system,) = tables(vpc, vpc_id=place.vpc_id)
    custom = create_table(vpc, place.vpc_id, route_table_name="dmz", description="outside", client_token="t")
    assert create_table(vpc, place.vpc_id, route_table_name="dmz", description="outside", client_token="t") == custom
    (found,) = tables(vpc, route_table_id=custom)
    assert (found.route_table_name, found.description, found.route_table_type) == ("dmz", "outside", "Custom")
    assert (found.vpc_id, found.router_id, found.v_switch_ids.v_switch_id) == (place.vpc_id, system.router_id, [])
    assert [it.route_table_id for it in tables(vpc, vpc_id=place.vpc_id)] == [system.route_table_id, custom]
    assert [it.route_table_id for it in tables(vpc, vpc_id=place.vpc_id, route_table_type="Custom")] == [custom]
    routers = models.DescribeVRoutersRequest(region_id=REGION, vrouter_id=system.router_id)
    shown = vpc.describe_vrouters(routers).body.vrouters.vrouter[0]
    assert shown.route_table_ids.route_table_id == [system.route_table_id, custom]

    associate(vpc, custom, place.v_switch_id)
    look = models.DescribeVSwitchAttributesRequest(region_id=REGION, v_switch_id=place.v_switch_id)
    held = vpc.describe_vswitch_attributes(look).body.route_table
    assert (held.route_table_id, held.route_table_type) == (custom, "Custom")
    assert tables(vpc, route_table_id=custom)[0].v_switch_ids.v_switch_id == [place.v_switch_id]
    assert tables(vpc, route_table_id=system.route_table_id)[0].v_switch_ids.v_switch_id == []
    with refused("OperationDenied.RouteTableAssociated", 400):
        associate(vpc, custom, place.v_switch_id)
    with refused("DependencyViolation.VSwitch", 400):
        vpc.delete_route_table(models.DeleteRouteTableRequest(region_id=REGION, route_table_id=custom))
    part = models.UnassociateRouteTableRequest(region_id=REGION, route_table_id=custom, v_switch_id=place.v_switch_id)
    vpc.unassociate_route_table(part)
    with refused("OperationDenied.RouteTableNotAssociated", 400):
        vpc.unassociate_route_table(part)
    change = models.ModifyRouteTableAttributesRequest(region_id=REGION, route_table_id=custom, route_table_name="new")
    vpc.modify_route_table_attributes(change)
    assert tables(vpc, route_table_id=custom)[0].route_table_name == "new"
    with refused("OperationDenied.SystemRouteTable", 400):
        vpc.delete_route_table(models.DeleteRouteTableRequest(region_id=REGION, route_table_id=system.route_table_id))
    vpc.delete_route_table(models.DeleteRouteTableRequest(region_id=REGION, route_table_id=custom))
    assert tables(vpc, route_table_id=custom) == []
    with refused("InvalidRouteTableId.NotFound", 404):
        vpc.delete_route_table(models.DeleteRouteTableRequest(region_id=REGION, route_table_id=custom))


def test_a_table_needs_a_v_switch_of_its_vpc(place: Place, vpc: Vpc) -> None:
    other = make_vpc(vpc)
    custom = create_table(vpc, other)
    with refused("OperationUnsupported.VSwitchNotInVpc", 400):
        associate(vpc, custom, place.v_switch_id)
    with refused("DependencyViolation", 400):
        vpc.delete_vpc(models.DeleteVpcRequest(region_id=REGION, vpc_id=other))
    with refused("InvalidParameter", 400):
        create_table(vpc, other, associate_type="Gateway")


def test_entries_lead_to_instances_and_interfaces(place: Place, vpc: Vpc, ecs: Ecs) -> None:
    (instance,) = place.running()
    (system,) = tables(vpc, vpc_id=place.vpc_id)
    table = system.route_table_id
    made = create_entry(vpc, table, "172.16.0.0/16", instance, route_entry_name="lab", description="of it")
    (found,) = entries(vpc, table, route_entry_type="Custom")
    assert (found.route_entry_id, found.destination_cidr_block, found.type) == (made, "172.16.0.0/16", "Custom")
    assert (found.route_entry_name, found.description, found.ip_version) == ("lab", "of it", "ipv4")
    (hop,) = found.next_hops.next_hop
    assert (hop.next_hop_type, hop.next_hop_id) == ("Instance", instance)
    assert {it.destination_cidr_block for it in entries(vpc, table)} == {
        "10.1.0.0/24",
        "100.64.0.0/10",
        "172.16.0.0/16",
    }
    for wrong, code, status in (
        ({"cidr_block": "172.16.0.1/16"}, "InvalidCidrBlock.Malformed", 400),
        ({"cidr_block": "172.16.0.0/16"}, "RouterEntryConflict.Duplicated", 400),
        ({"cidr_block": "10.1.0.0/25"}, "InvalidCIDRBlock", 400),
        ({"cidr_block": "100.64.1.0/24"}, "InvalidCIDRBlock", 400),
        ({"hop": "i-bp1aaaaaaaaaaaaaaaaa"}, "InvalidNextHopId.NotFound", 404),
        ({"kind": "HaVip"}, "InvalidNextHopType.ValueNotSupported", 400),
        ({"dry_run": True}, "DryRunOperation", 400),
    ):
        with refused(code, status):
            create_entry(vpc, table, **{"cidr_block": "172.17.0.0/16", "hop": instance, **wrong})
    look = ecs_ask.DescribeNetworkInterfacesRequest(region_id=REGION, instance_id=instance)
    interface = ecs.describe_network_interfaces(look).body.network_interface_sets.network_interface_set[0]
    change = models.ModifyRouteEntryRequest(
        region_id=REGION,
        route_entry_id=made,
        route_entry_name="other",
        new_next_hop_type="NetworkInterface",
        new_next_hop_id=interface.network_interface_id,
    )
    vpc.modify_route_entry(change)
    eventually(lambda: entries(vpc, table, route_entry_id=made)[0].status, "Available".__eq__)
    (found,) = entries(vpc, table, next_hop_type="NetworkInterface")
    assert (found.route_entry_name, found.next_hops.next_hop[0].next_hop_id) == (
        "other",
        interface.network_interface_id,
    )
    with refused("OperationDenied", 400):
        vpc.delete_route_entry(
            models.DeleteRouteEntryRequest(
                region_id=REGION, route_table_id=table, destination_cidr_block="100.64.0.0/10"
            )
        )
    delete = models.DeleteRouteEntryRequest(
        region_id=REGION,
        route_table_id=table,
        destination_cidr_block="172.16.0.0/16",
        next_hop_id=interface.network_interface_id,
    )
    vpc.delete_route_entry(delete)
    with refused("InvalidRouteEntry.NotFound", 404):
        vpc.delete_route_entry(delete)


def test_several_entries_at_once_and_pages_of_them(place: Place, vpc: Vpc) -> None:
    (instance,) = place.running()
    custom = create_table(vpc, place.vpc_id)
    entry = models.CreateRouteEntriesRequestRouteEntries

    def asked(cidr_block: str) -> models.CreateRouteEntriesRequestRouteEntries:
        return entry(dst_cidr_block=cidr_block, next_hop=instance, next_hop_type="Instance", route_table_id=custom)

    blocks = [f"172.16.{number}.0/24" for number in range(5)]
    ask = models.CreateRouteEntriesRequest(
        region_id=REGION, route_entries=[*map(asked, blocks), asked("10.1.0.0/24"), asked("172.16.0.0/24")]
    )
    answer = vpc.create_route_entries(ask).body
    assert (answer.success_count, answer.failed_count, len(answer.route_entry_ids)) == (5, 2, 5)
    assert [(it.dst_cidr_block, it.failed_code) for it in answer.failed_route_entries] == [
        ("10.1.0.0/24", "InvalidCIDRBlock"),
        ("172.16.0.0/24", "RouterEntryConflict.Duplicated"),
    ]
    seen, token = [], None
    while True:
        page = models.DescribeRouteEntryListRequest(
            region_id=REGION, route_table_id=custom, route_entry_type="Custom", max_result=2, next_token=token
        )
        body = vpc.describe_route_entry_list(page).body
        seen += [it.destination_cidr_block for it in body.route_entrys.route_entry]
        token = body.next_token
        if not token:
            break
    assert sorted(seen) == blocks
    delete = models.DeleteRouteEntriesRequest(
        region_id=REGION,
        route_entries=[
            models.DeleteRouteEntriesRequestRouteEntries(route_entry_id=it) for it in answer.route_entry_ids[:4]
        ]
        + [models.DeleteRouteEntriesRequestRouteEntries(route_entry_id="rte-bp1aaaaaaaaaaaaaaaaa")],
    )
    gone = vpc.delete_route_entries(delete).body
    assert (gone.success_count, gone.failed_count) == (4, 1)
    assert len(entries(vpc, custom, route_entry_type="Custom")) == 1
    vpc.delete_route_table(models.DeleteRouteTableRequest(region_id=REGION, route_table_id=custom))


def test_a_vpc_gets_more_addresses(vpc: Vpc) -> None:
    vpc_id = make_vpc(vpc)

    def associate_block(cidr_block: str) -> None:
        ask = models.AssociateVpcCidrBlockRequest(region_id=REGION, vpc_id=vpc_id, secondary_cidr_block=cidr_block)
        vpc.associate_vpc_cidr_block(ask)

    def seen() -> list[str]:
        look = models.DescribeVpcAttributeRequest(region_id=REGION, vpc_id=vpc_id)
        return vpc.describe_vpc_attribute(look).body.secondary_cidr_blocks.secondary_cidr_block

    associate_block("10.9.0.0/16")
    assert seen() == ["10.9.0.0/16"]
    for wrong, code in (
        ("10.9.1.0/24", "OperationDenied.CidrConflictWithExistCidr"),
        ("192.168.7.0/24", "OperationDenied.CidrConflictWithExistCidr"),
        ("100.64.0.0/16", "InvalidCidrBlock.Malformed"),
        ("10.8.0.1/16", "InvalidCidrBlock.Malformed"),
    ):
        with refused(code, 400):
            associate_block(wrong)
    v_switch_id = make_v_switch(vpc, vpc_id, "10.9.1.0/24")
    part = models.UnassociateVpcCidrBlockRequest(region_id=REGION, vpc_id=vpc_id, secondary_cidr_block="10.9.0.0/16")
    with refused("DependencyViolation.VSwitch", 400):
        vpc.unassociate_vpc_cidr_block(part)
    vpc.delete_vswitch(models.DeleteVSwitchRequest(region_id=REGION, v_switch_id=v_switch_id))
    vpc.unassociate_vpc_cidr_block(part)
    assert seen() == []
    with refused("InvalidSecondaryCidrBlock.NotFound", 400):
        vpc.unassociate_vpc_cidr_block(part)
