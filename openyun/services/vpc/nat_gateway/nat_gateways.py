"""NAT gateways: how instances without a public address reach others', and are reached, by entries."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import IPv4Address

from openyun.clock import iso_seconds
from openyun.operation import Call, Model, Request, Response, Tag
from openyun.services.naming import is_name
from openyun.services.vpc import networks, v_switches, vpcs
from openyun.services.vpc.eip import eips
from openyun.services.vpc.eip.eips import Holder
from openyun.services.vpc.errors import DependencyViolation, VpcIdNotFound, refuse
from openyun.services.vpc.nat_gateway.errors import (
    DeletionProtected,
    HasEips,
    HasForwardEntries,
    HasRouteEntries,
    HasSnatEntries,
    IncorrectNatGatewayStatus,
    InvalidNatGatewayDescription,
    InvalidNatGatewayName,
    InvalidNatType,
    NatGatewayNotFound,
    NoAddressLeft,
    QuotaExceededNat,
    VSwitchElsewhere,
)
from openyun.services.vpc.records import Eip, ForwardEntry, NatGateway, RouteEntry, SnatEntry, VSwitch
from openyun.services.vpc.route_table import entries as route_entries
from openyun.services.vpc.service import vpc
from openyun.services.vpc.tag_rules import rules
from openyun.state import Transaction

MOST_GATEWAYS = 5
"""of a VPC"""


def find(call: Call, nat_gateway_id: str) -> NatGateway:
    """The account's gateway; raises NatGatewayNotFound."""
    found = call.state.get(NatGateway, nat_gateway_id)
    if found is None or found.account_id != call.account_id:
        raise NatGatewayNotFound(nat_gateway_id=nat_gateway_id)
    return found


class SnatTableIds(Model, kw_only=True):
    snat_table_id: list[str]


class ForwardTableIds(Model, kw_only=True):
    forward_table_id: list[str]


class CreateNatGatewayRequest(Request, kw_only=True):
    vpc_id: str
    v_switch_id: str = ""
    name: str = ""
    description: str = ""
    nat_type: str = "Enhanced"
    network_type: str = "internet"
    instance_charge_type: str = "PostPaid"
    internet_charge_type: str = ""
    spec: str = ""
    duration: str = ""
    pricing_cycle: str = "Month"
    auto_pay: bool = False
    eip_bind_mode: str = "MULTI_BINDED"
    icmp_reply_enabled: bool = True
    private_link_enabled: bool = False
    security_protection_enabled: bool = False
    nat_ip: str = ""
    ipv4_prefix: str = ""
    availability_mode: str = ""
    tag: list[Tag] = []
    client_token: str = ""


class CreateNatGatewayResponse(Response, kw_only=True):
    nat_gateway_id: str
    snat_table_ids: SnatTableIds
    forward_table_ids: ForwardTableIds


@vpc.operation(resource=("natgateway/*", "vpc/{vpc_id}"))
def create_nat_gateway(call: Call, ask: CreateNatGatewayRequest) -> CreateNatGatewayResponse:
    _refuse(ask)
    if not ask.v_switch_id:
        raise InvalidNatType(parameter="VSwitchId")
    network = vpcs.find_available(call, ask.vpc_id, VpcIdNotFound)
    v_switch = v_switches.find(call, ask.v_switch_id)
    if v_switch.vpc_id != network.id:
        raise VSwitchElsewhere(v_switch_id=v_switch.id)
    tags = rules.checked(ask.tag)
    if call.state.count(NatGateway, vpc_id=network.id) >= MOST_GATEWAYS:
        raise QuotaExceededNat(most=MOST_GATEWAYS)
    prepaid = ask.instance_charge_type == "PrePaid"
    made = NatGateway(
        id=call.new_id("ngw"),
        account_id=call.account_id,
        vpc_id=network.id,
        v_switch_id=v_switch.id,
        zone_id=v_switch.zone_id,
        private_address=_free_address(call.state, v_switch),
        interface_id=call.new_id("eni"),
        name=_name(ask.name),
        description=_description(ask.description),
        snat_table_id=call.new_id("stb"),
        forward_table_id=call.new_id("ftb"),
        charge_type=ask.instance_charge_type,
        internet_charge_type=ask.internet_charge_type or ("PayBySpec" if prepaid else "PayByLcu"),
        spec=ask.spec,
        expires_at=_end(call, ask) if prepaid else "",
        eip_bind_mode=ask.eip_bind_mode,
        icmp_reply=ask.icmp_reply_enabled,
        resource_group_id=network.resource_group_id,
        created_at=iso_seconds(call.now),
        tags=tags,
    )
    call.state.insert(made)
    # As the vendor does: the first gateway of a VPC is what leads out of it.
    present = call.state.find(RouteEntry, route_table_id=network.route_table_id)
    if all(one.cidr_block != route_entries.EVERYWHERE for one in present):
        route_entries.lead_to_gateway(call, network, made.id)
    call.wake()
    return CreateNatGatewayResponse(
        nat_gateway_id=made.id,
        snat_table_ids=SnatTableIds(snat_table_id=[made.snat_table_id]),
        forward_table_ids=ForwardTableIds(forward_table_id=[made.forward_table_id]),
    )


class ModifyNatGatewayAttributeRequest(Request, kw_only=True):
    nat_gateway_id: str
    name: str | None = None
    description: str | None = None
    eip_bind_mode: str = ""
    icmp_reply_enabled: bool | None = None
    enable_session_log: bool = False


@vpc.operation(resource="natgateway/{nat_gateway_id}")
def modify_nat_gateway_attribute(call: Call, ask: ModifyNatGatewayAttributeRequest) -> Response:
    refuse(EnableSessionLog=ask.enable_session_log)
    one = find(call, ask.nat_gateway_id)
    if ask.name is not None:
        one.name = _name(ask.name)
    if ask.description is not None:
        one.description = _description(ask.description)
    if ask.eip_bind_mode:
        if ask.eip_bind_mode not in ("MULTI_BINDED", "NAT"):
            raise InvalidNatType(parameter="EipBindMode")
        one.eip_bind_mode = ask.eip_bind_mode
    if ask.icmp_reply_enabled is not None:
        one.icmp_reply = ask.icmp_reply_enabled
        call.wake()
    call.state.put(one)
    return Response()


class ModifyNatGatewaySpecRequest(Request, kw_only=True):
    nat_gateway_id: str
    spec: str
    auto_pay: bool = False
    client_token: str = ""


@vpc.operation(resource="natgateway/{nat_gateway_id}")
def modify_nat_gateway_spec(call: Call, ask: ModifyNatGatewaySpecRequest) -> Response:
    """Of a gateway that is paid by specification; a name without effect on what passes."""
    one = find(call, ask.nat_gateway_id)
    if ask.spec not in ("Small", "Middle", "Large", "XLarge.1"):
        raise InvalidNatType(parameter="Spec")
    one.spec = ask.spec
    call.state.put(one)
    return Response()


class DeleteNatGatewayRequest(Request, kw_only=True):
    nat_gateway_id: str
    force: bool = False
    """with its entries, and its addresses unbound"""


@vpc.operation(resource="natgateway/{nat_gateway_id}")
def delete_nat_gateway(call: Call, ask: DeleteNatGatewayRequest) -> Response:
    one = find(call, ask.nat_gateway_id)
    if one.status != "Available":
        raise IncorrectNatGatewayStatus
    if one.deletion_protection:
        raise DeletionProtected
    entries = [*call.state.find(SnatEntry, gateway_id=one.id), *call.state.find(ForwardEntry, gateway_id=one.id)]
    if not ask.force:
        if any(isinstance(it, SnatEntry) for it in entries):
            raise HasSnatEntries
        if entries:
            raise HasForwardEntries
        if call.state.count(Eip, holder_id=one.id):
            raise HasEips
    for route in call.state.find(RouteEntry, next_hop_id=one.id):
        if route.made_by != one.id and not ask.force:
            raise HasRouteEntries
        call.state.delete(route)
    for entry in entries:
        call.state.delete(entry)
    eips.let_go(call.state, one.id)
    call.state.delete(one)
    call.wake()
    return Response()


# Rules


def _refuse(ask: CreateNatGatewayRequest) -> None:
    refuse(
        NatType=ask.nat_type != "Enhanced" and ask.nat_type,
        NetworkType=ask.network_type != "internet" and ask.network_type,
        PrivateLinkEnabled=ask.private_link_enabled,
        SecurityProtectionEnabled=ask.security_protection_enabled,
        NatIp=ask.nat_ip,
        Ipv4Prefix=ask.ipv4_prefix,
        AvailabilityMode=ask.availability_mode,
    )
    for parameter, value, allowed in (
        ("InstanceChargeType", ask.instance_charge_type, ("PostPaid", "PrePaid")),
        ("InternetChargeType", ask.internet_charge_type, ("", "PayByLcu", "PayBySpec")),
        ("EipBindMode", ask.eip_bind_mode, ("MULTI_BINDED", "NAT")),
        ("Spec", ask.spec, ("", "Small", "Middle", "Large", "XLarge.1")),
        ("PricingCycle", ask.pricing_cycle, ("Month", "Year")),
        ("Duration", ask.duration, ("", *map(str, range(1, 10)))),
    ):
        if value not in allowed:
            raise InvalidNatType(parameter=parameter)


def _end(call: Call, ask: CreateNatGatewayRequest) -> str:
    days = 30 if ask.pricing_cycle == "Month" else 365
    return iso_seconds(call.now + timedelta(days=days * int(ask.duration or "1")))


def _free_address(state: Transaction, v_switch: VSwitch) -> str:
    """From the end of the vSwitch, since instances are given addresses from its beginning."""
    taken = v_switches.taken(state, v_switch.id)
    for number in reversed(v_switches.assignable(v_switch.cidr_block)):
        if (address := str(IPv4Address(number))) not in taken:
            return address
    raise NoAddressLeft(v_switch_id=v_switch.id)


def _name(text: str) -> str:
    if text and not is_name(text, shortest=2):
        raise InvalidNatGatewayName
    return text


def _description(text: str) -> str:
    if text and not is_name(text, shortest=2, longest=256):
        raise InvalidNatGatewayDescription
    return text


# What others may ask.


def _holder(state: Transaction, id: str) -> Holder | None:
    one = state.get(NatGateway, id)
    if one is None:
        return None
    return Holder(
        id=one.id,
        account_id=one.account_id,
        vpc_id=one.vpc_id,
        ready=one.status == "Available",
        answers_ping=one.icmp_reply,
    )


def _addresses(state: Transaction, v_switch_id: str) -> set[str]:
    return {one.private_address for one in state.find(NatGateway, v_switch_id=v_switch_id)}


def _none_is_left(state: Transaction, vpc_id: str) -> None:
    if state.count(NatGateway, vpc_id=vpc_id):
        raise DependencyViolation


def _waiting(state: Transaction) -> set[str]:
    return {one.vpc_id for one in state.find(NatGateway, status="Creating")}


def _settle(state: Transaction, vpc_id: str) -> None:
    for one in state.find(NatGateway, vpc_id=vpc_id):
        if one.status == "Creating":
            one.status = "Available"
            state.put(one)


eips.kinds["Nat"] = _holder
v_switches.takers.append(_addresses)
v_switches.users.append(lambda state, v_switch_id: state.count(NatGateway, v_switch_id=v_switch_id))
vpcs.dependencies.append(_none_is_left)
networks.waiting.append(_waiting)
networks.settlers.append(_settle)
