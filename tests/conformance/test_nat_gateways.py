"""NAT gateways, SNAT and DNAT entries through the official SDK."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from alibabacloud_vpc20160428 import models
from alibabacloud_vpc20160428.client import Client as Vpc

from tests.conformance.conftest import REGION, eventually, named, refused
from tests.conformance.networks import make_v_switch, make_vpc
from tests.conformance.test_eips import allocate, associate, one, unassociate


@dataclass(frozen=True)
class Gateway:
    vpc: Vpc
    id: str
    vpc_id: str
    v_switch_id: str
    snat_table_id: str
    forward_table_id: str

    def seen(self) -> Any:
        return gateways(self.vpc, nat_gateway_id=self.id)[0]

    def eip(self) -> tuple[str, str]:
        """Id and address of a new one that is bound to the gateway."""
        made = allocate(self.vpc)
        associate(self.vpc, made.allocation_id, self.id, "Nat")
        return made.allocation_id, made.eip_address

    def snat(self, address: str, **source: Any) -> str:
        ask = models.CreateSnatEntryRequest(
            region_id=REGION, snat_table_id=self.snat_table_id, snat_ip=address, **source
        )
        made: str = self.vpc.create_snat_entry(ask).body.snat_entry_id
        eventually(lambda: [it.status for it in self.snats(snat_entry_id=made)], ["Available"].__eq__)
        return made

    def snats(self, **filters: Any) -> list[Any]:
        ask = models.DescribeSnatTableEntriesRequest(region_id=REGION, snat_table_id=self.snat_table_id, **filters)
        return self.vpc.describe_snat_table_entries(ask).body.snat_table_entries.snat_table_entry

    def forward(self, address: str, **fields: Any) -> str:
        given = {
            "external_port": "80",
            "internal_ip": "192.168.1.9",
            "internal_port": "8080",
            "ip_protocol": "tcp",
            **fields,
        }
        ask = models.CreateForwardEntryRequest(
            region_id=REGION, forward_table_id=self.forward_table_id, external_ip=address, **given
        )
        made: str = self.vpc.create_forward_entry(ask).body.forward_entry_id
        eventually(lambda: [it.status for it in self.forwards(forward_entry_id=made)], ["Available"].__eq__)
        return made

    def forwards(self, **filters: Any) -> list[Any]:
        ask = models.DescribeForwardTableEntriesRequest(
            region_id=REGION, forward_table_id=self.forward_table_id, **filters
        )
        return self.vpc.describe_forward_table_entries(ask).body.forward_table_entries.forward_table_entry

    def delete(self, **fields: Any) -> None:
        ask = models.DeleteNatGatewayRequest(region_id=REGION, nat_gateway_id=self.id, **fields)
        self.vpc.delete_nat_gateway(ask)


def gateways(vpc: Vpc, **filters: Any) -> list[Any]:
    ask = models.DescribeNatGatewaysRequest(region_id=REGION, **filters)
    return vpc.describe_nat_gateways(ask).body.nat_gateways.nat_gateway


def create(vpc: Vpc, vpc_id: str, v_switch_id: str, **fields: Any) -> Gateway:
    given = {"nat_type": "Enhanced", **fields}
    ask = models.CreateNatGatewayRequest(region_id=REGION, vpc_id=vpc_id, v_switch_id=v_switch_id, **given)
    made = vpc.create_nat_gateway(ask).body
    eventually(lambda: gateways(vpc, nat_gateway_id=made.nat_gateway_id)[0].status, "Available".__eq__)
    snat, forward = made.snat_table_ids.snat_table_id[0], made.forward_table_ids.forward_table_id[0]
    return Gateway(vpc, made.nat_gateway_id, vpc_id, v_switch_id, snat, forward)


@pytest.fixture
def gateway(vpc: Vpc) -> Gateway:
    vpc_id = make_vpc(vpc)
    return create(vpc, vpc_id, make_v_switch(vpc, vpc_id), name="way-out")


def routes(vpc: Vpc, vpc_id: str) -> list[tuple[str, str, str]]:
    """Custom ones of the system route table."""
    tables = models.DescribeRouteTableListRequest(region_id=REGION, vpc_id=vpc_id, route_table_type="System")
    (table,) = vpc.describe_route_table_list(tables).body.router_table_list.router_table_list_type
    ask = models.DescribeRouteEntryListRequest(
        region_id=REGION, route_table_id=table.route_table_id, route_entry_type="Custom"
    )
    found = vpc.describe_route_entry_list(ask).body.route_entrys.route_entry
    return [
        (it.destination_cidr_block, it.next_hops.next_hop[0].next_hop_type, it.next_hops.next_hop[0].next_hop_id)
        for it in found
    ]


def test_a_gateway_comes_with_a_default_route_and_takes_it_along(gateway: Gateway, vpc: Vpc) -> None:
    found = gateway.seen()
    assert gateway.id.startswith("ngw-bp1")
    assert (found.name, found.vpc_id, found.nat_type, found.network_type) == (
        "way-out",
        gateway.vpc_id,
        "Enhanced",
        "internet",
    )
    assert (found.instance_charge_type, found.internet_charge_type) == ("PostPaid", "PayByLcu")
    private = found.nat_gateway_private_info
    assert (private.vswitch_id, private.private_ip_address) == (gateway.v_switch_id, "192.168.1.252")
    assert found.snat_table_ids.snat_table_id == [gateway.snat_table_id]
    assert routes(vpc, gateway.vpc_id) == [("0.0.0.0/0", "NatGateway", gateway.id)]
    attributes = vpc.get_nat_gateway_attribute(
        models.GetNatGatewayAttributeRequest(region_id=REGION, nat_gateway_id=gateway.id)
    ).body
    assert (attributes.name, attributes.snat_table.snat_entry_count) == ("way-out", 0)
    look = models.DescribeVSwitchAttributesRequest(region_id=REGION, v_switch_id=gateway.v_switch_id)
    assert vpc.describe_vswitch_attributes(look).body.available_ip_address_count == 251
    networks = vpc.describe_vpcs(models.DescribeVpcsRequest(region_id=REGION, vpc_id=gateway.vpc_id)).body.vpcs.vpc
    assert networks[0].nat_gateway_ids.nat_gateway_ids == [gateway.id]
    with refused("DependencyViolation", 400):
        vpc.delete_vswitch(models.DeleteVSwitchRequest(region_id=REGION, v_switch_id=gateway.v_switch_id))
    gateway.delete()
    assert gateways(vpc) == []
    assert routes(vpc, gateway.vpc_id) == []
    with refused("InvalidNatGatewayId.NotFound", 404):
        gateway.delete()
    vpc.delete_vswitch(models.DeleteVSwitchRequest(region_id=REGION, v_switch_id=gateway.v_switch_id))
    vpc.delete_vpc(models.DeleteVpcRequest(region_id=REGION, vpc_id=gateway.vpc_id))


@pytest.mark.parametrize(
    ("wrong", "code", "status"),
    [
        ({"vpc_id": "vpc-bp1aaaaaaaaaaaaaaaaa"}, "InvalidVpcId.NotFound", 404),
        ({"v_switch_id": "vsw-bp1aaaaaaaaaaaaaaaaa"}, "InvalidVSwitchId.NotFound", 404),
        ({"v_switch_id": None}, "InvalidParameter", 400),
        ({"nat_type": "Normal"}, "UnsupportedParameter", 400),
        ({"network_type": "intranet"}, "UnsupportedParameter", 400),
        ({"internet_charge_type": "PayBySun"}, "InvalidParameter", 400),
        ({"eip_bind_mode": "X"}, "InvalidParameter", 400),
        ({"name": "http://a"}, "InvalidName.Malformed", 400),
    ],
    ids=named,
)
def test_what_a_gateway_cannot_be(vpc: Vpc, wrong: dict[str, Any], code: str, status: int) -> None:
    vpc_id = make_vpc(vpc)
    given = {"vpc_id": vpc_id, "v_switch_id": make_v_switch(vpc, vpc_id), **wrong}
    with refused(code, status):
        create(vpc, **given)
    assert gateways(vpc) == []


def test_gateways_are_changed_protected_and_found(gateway: Gateway, vpc: Vpc) -> None:
    change = models.ModifyNatGatewayAttributeRequest(
        region_id=REGION, nat_gateway_id=gateway.id, name="renamed", description="of it", icmp_reply_enabled=False
    )
    vpc.modify_nat_gateway_attribute(change)
    found = gateway.seen()
    assert (found.name, found.description, found.icmp_reply_enabled) == ("renamed", "of it", False)
    other = create(
        vpc, gateway.vpc_id, gateway.v_switch_id, tag=[models.CreateNatGatewayRequestTag(key="a", value="b")]
    )
    assert routes(vpc, gateway.vpc_id) == [("0.0.0.0/0", "NatGateway", gateway.id)]
    for filters, expected in (
        ({"vpc_id": gateway.vpc_id}, {gateway.id, other.id}),
        ({"name": "renamed"}, {gateway.id}),
        ({"status": "Creating"}, set()),
        ({"nat_type": "Normal"}, set()),
        ({"network_type": "internet", "instance_charge_type": "PostPaid"}, {gateway.id, other.id}),
        ({"tag": [models.DescribeNatGatewaysRequestTag(key="a", value="b")]}, {other.id}),
        ({"page_size": 1, "page_number": 3}, set()),
    ):
        assert {it.nat_gateway_id for it in gateways(vpc, **filters)} == expected, filters
    protect = models.DeletionProtectionRequest(
        region_id=REGION, instance_id=gateway.id, type="NATGW", protection_enable=True
    )
    vpc.deletion_protection(protect)
    with refused("InvalidOperation.DeletionProtection", 400):
        gateway.delete(force=True)


def test_snat_entries(gateway: Gateway, vpc: Vpc) -> None:
    allocation_id, address = gateway.eip()
    assert [it.using_status for it in gateway.seen().ip_lists.ip_list] == ["Idle"]
    with refused("EIP_NOT_IN_GATEWAY", 400):
        gateway.snat("198.18.200.200", source_vswitch_id=gateway.v_switch_id)
    with refused("MissingParameter", 400):
        gateway.snat(address)
    with refused("InvalidSourceCIDR.Malformed", 400):
        gateway.snat(address, source_cidr="10.0.0.1/8")
    with refused("DryRunOperation", 400):
        gateway.snat(address, source_cidr="10.0.0.0/8", dry_run=True)
    made = gateway.snat(address, source_vswitch_id=gateway.v_switch_id, snat_entry_name="all-of-it")
    (found,) = gateway.snats()
    assert (found.snat_entry_id, found.snat_ip, found.snat_entry_name) == (made, address, "all-of-it")
    assert (found.source_vswitch_id, found.source_cidr) == (gateway.v_switch_id, "192.168.1.0/24")
    with refused("Forbidden.SourceVSwitchId.Duplicated", 400):
        gateway.snat(address, source_cidr="192.168.1.0/24")
    narrow = gateway.snat(address, source_cidr="192.168.1.9/32")
    assert {it.snat_entry_id for it in gateway.snats(snat_ip=address)} == {made, narrow}
    assert [it.snat_entry_id for it in gateway.snats(source_cidr="192.168.1.9/32")] == [narrow]
    _, second = gateway.eip()
    vpc.modify_snat_entry(
        models.ModifySnatEntryRequest(
            region_id=REGION,
            snat_table_id=gateway.snat_table_id,
            snat_entry_id=made,
            snat_ip=f"{address},{second}",
            snat_entry_name="both",
        )
    )
    eventually(lambda: gateway.snats(snat_entry_id=made)[0].status, "Available".__eq__)
    assert gateway.snats(snat_entry_id=made)[0].snat_ip == f"{address},{second}"
    assert {it.using_status for it in gateway.seen().ip_lists.ip_list} == {"UsedBySnatTable"}

    with refused("IncorrectStatus.EipInUse", 400):
        unassociate(vpc, allocation_id)
    with refused("DependencyViolation.SnatEntry", 400):
        gateway.delete()
    unassociate(vpc, allocation_id, force=True)
    assert [(it.snat_entry_id, it.snat_ip) for it in gateway.snats()] == [(made, second)]
    delete = models.DeleteSnatEntryRequest(region_id=REGION, snat_table_id=gateway.snat_table_id, snat_entry_id=made)
    vpc.delete_snat_entry(delete)
    with refused("InvalidSnatEntryId.NotFound", 404):
        vpc.delete_snat_entry(delete)
    with refused("DependencyViolation.EIPS", 400):
        gateway.delete()


def test_forward_entries(gateway: Gateway, vpc: Vpc) -> None:
    allocation_id, address = gateway.eip()
    for wrong, code in (
        ({"external_port": "0"}, "InvalidExternalPort.Malformed"),
        ({"external_port": "90/80"}, "InvalidExternalPort.Malformed"),
        ({"external_port": "any"}, "InvalidExternalPort.Malformed"),
        ({"internal_port": "80/81"}, "InvalidInternalPort.Malformed"),
        ({"internal_port": "65536"}, "InvalidInternalPort.Malformed"),
        ({"internal_ip": "10.0.0.1"}, "Forbidden.DestnationIpOutOfVpcCIDR"),
        ({"internal_ip": "x"}, "InvalidInternalIp.Malformed"),
        ({"ip_protocol": "icmp"}, "InvalidProtocal.ValueNotSupported"),
    ):
        with refused(code, 400):
            gateway.forward(address, **wrong)
    with refused("InvalidExternalIp.Malformed", 400):
        gateway.forward("x")
    with refused("EIP_NOT_IN_GATEWAY", 400):
        gateway.forward("198.18.200.200")
    web = gateway.forward(address, forward_entry_name="web")
    several = gateway.forward(address, external_port="8000/8010", internal_port="9000/9010", ip_protocol="udp")
    (found,) = gateway.forwards(forward_entry_id=web)
    assert (found.external_ip, found.external_port, found.internal_ip, found.internal_port) == (
        address,
        "80",
        "192.168.1.9",
        "8080",
    )
    assert (found.ip_protocol, found.forward_entry_name) == ("TCP", "web")
    gateway.forward(address, ip_protocol="udp")
    for taken in (
        {},
        {"external_port": "79/81", "internal_port": "79/81"},
        {"external_port": "any", "internal_port": "any", "ip_protocol": "any"},
        {"external_port": "8010", "internal_port": "1", "ip_protocol": "udp"},
    ):
        with refused("OperationUnsupported.ForwardEntry", 400):
            gateway.forward(address, **taken)
    assert {it.forward_entry_id for it in gateway.forwards(ip_protocol="udp", external_port="8000/8010")} == {several}
    change = models.ModifyForwardEntryRequest(
        region_id=REGION,
        forward_table_id=gateway.forward_table_id,
        forward_entry_id=web,
        external_port="443",
        internal_port="8443",
        forward_entry_name="safe",
    )
    vpc.modify_forward_entry(change)
    eventually(lambda: gateway.forwards(forward_entry_id=web)[0].status, "Available".__eq__)
    (found,) = gateway.forwards(forward_entry_id=web)
    assert (found.external_port, found.internal_port, found.forward_entry_name) == ("443", "8443", "safe")
    assert [it.using_status for it in gateway.seen().ip_lists.ip_list] == ["UsedByForwardTable"]
    with refused("IncorrectStatus.EipInUse", 400):
        unassociate(vpc, allocation_id)
    delete = models.DeleteForwardEntryRequest(
        region_id=REGION, forward_table_id=gateway.forward_table_id, forward_entry_id=several
    )
    vpc.delete_forward_entry(delete)
    with refused("InvalidForwardEntryId.NotFound", 404):
        vpc.delete_forward_entry(delete)
    with refused("DependencyViolation.ForwardEntry", 400):
        gateway.delete()
    gateway.delete(force=True)
    assert one(vpc, allocation_id).status == "Available"
    assert gateways(vpc) == []
