"""DNAT entries: which ports of elastic IP addresses lead to which ports inside."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from openyun.clock import iso_seconds
from openyun.engine import network
from openyun.errors import MissingParameter
from openyun.operation import Call, Model, Request, Response
from openyun.services.naming import is_name
from openyun.services.paging import Paged, page_of
from openyun.services.vpc import networks
from openyun.services.vpc.eip import eips
from openyun.services.vpc.eip.errors import UsedByEntries
from openyun.services.vpc.nat_gateway.errors import (
    ForwardEntryNotFound,
    ForwardTableNotFound,
    ForwardTaken,
    InternalIpOutside,
    MalformedEntryName,
    MalformedExternalIp,
    MalformedExternalPort,
    MalformedInternalIp,
    MalformedInternalPort,
    ProtocolNotSupported,
    QuotaExceededForward,
)
from openyun.services.vpc.nat_gateway.snat_entries import addresses_of
from openyun.services.vpc.networks import Draft
from openyun.services.vpc.records import Eip, ForwardEntry, NatGateway, Vpc
from openyun.services.vpc.service import vpc
from openyun.state import Transaction

MOST_ENTRIES = 100
"""of a NAT gateway"""
_PROTOCOLS = {"tcp": "TCP", "udp": "UDP", "any": "Any"}


class CreateForwardEntryRequest(Request, kw_only=True):
    forward_table_id: str
    external_ip: str
    external_port: str
    internal_ip: str
    internal_port: str
    ip_protocol: str
    forward_entry_name: str = ""
    port_break: bool = False
    client_token: str = ""
    dry_run: bool = False


class CreateForwardEntryResponse(Response, kw_only=True):
    forward_entry_id: str


@vpc.operation(resource="forwardtable/{forward_table_id}")
def create_forward_entry(call: Call, ask: CreateForwardEntryRequest) -> CreateForwardEntryResponse:
    gateway = _gateway(call, ask.forward_table_id)
    if call.state.count(ForwardEntry, gateway_id=gateway.id) >= MOST_ENTRIES:
        raise QuotaExceededForward(most=MOST_ENTRIES)
    made = ForwardEntry(
        id=call.new_id("fwd"),
        account_id=call.account_id,
        vpc_id=gateway.vpc_id,
        gateway_id=gateway.id,
        name=_name(ask.forward_entry_name),
        protocol=ask.ip_protocol,
        external_ip=ask.external_ip,
        external_port=ask.external_port,
        internal_ip=ask.internal_ip,
        internal_port=ask.internal_port,
        created_at=iso_seconds(call.now),
    )
    _check(call, gateway, made)
    call.state.insert(made)
    call.wake()
    return CreateForwardEntryResponse(forward_entry_id=made.id)


class ModifyForwardEntryRequest(Request, kw_only=True):
    forward_table_id: str
    forward_entry_id: str
    external_ip: str = ""
    external_port: str = ""
    internal_ip: str = ""
    internal_port: str = ""
    ip_protocol: str = ""
    forward_entry_name: str | None = None
    port_break: bool = False
    client_token: str = ""
    dry_run: bool = False


@vpc.operation(resource="forwardtable/{forward_table_id}")
def modify_forward_entry(call: Call, ask: ModifyForwardEntryRequest) -> Response:
    gateway = _gateway(call, ask.forward_table_id)
    one = _find(call, gateway, ask.forward_entry_id)
    if ask.forward_entry_name is not None:
        one.name = _name(ask.forward_entry_name)
    one.protocol = ask.ip_protocol or one.protocol
    one.external_ip = ask.external_ip or one.external_ip
    one.external_port = ask.external_port or one.external_port
    one.internal_ip = ask.internal_ip or one.internal_ip
    one.internal_port = ask.internal_port or one.internal_port
    _check(call, gateway, one)
    one.status = "Pending"
    call.state.put(one)
    call.wake()
    return Response()


class DeleteForwardEntryRequest(Request, kw_only=True):
    forward_table_id: str
    forward_entry_id: str
    client_token: str = ""


@vpc.operation(resource="forwardtable/{forward_table_id}")
def delete_forward_entry(call: Call, ask: DeleteForwardEntryRequest) -> Response:
    call.state.delete(_find(call, _gateway(call, ask.forward_table_id), ask.forward_entry_id))
    call.wake()
    return Response()


class ForwardTableEntry(Model, kw_only=True):
    forward_entry_id: str
    forward_entry_name: str
    forward_table_id: str
    nat_gateway_id: str
    external_ip: str
    external_port: str
    internal_ip: str
    internal_port: str
    ip_protocol: str
    status: str


class ForwardTableEntries(Model, kw_only=True):
    forward_table_entry: list[ForwardTableEntry]


class DescribeForwardTableEntriesRequest(Paged, Request, kw_only=True):
    forward_table_id: str = ""
    nat_gateway_id: str = ""
    forward_entry_id: str = ""
    forward_entry_name: str = ""
    external_ip: str = ""
    external_port: str = ""
    internal_ip: str = ""
    internal_port: str = ""
    ip_protocol: str = ""


class DescribeForwardTableEntriesResponse(Response, kw_only=True):
    page_number: int
    page_size: int
    total_count: int
    forward_table_entries: ForwardTableEntries


@vpc.operation(resource="forwardtable/{forward_table_id}")
def describe_forward_table_entries(
    call: Call, ask: DescribeForwardTableEntriesRequest
) -> DescribeForwardTableEntriesResponse:
    if not ask.forward_table_id and not ask.nat_gateway_id:
        raise MissingParameter(parameter="ForwardTableId")
    gateways = [
        one
        for one in call.state.find(NatGateway, account_id=call.account_id)
        if ask.forward_table_id in ("", one.forward_table_id) and ask.nat_gateway_id in ("", one.id)
    ]
    if not gateways and ask.forward_table_id:
        raise ForwardTableNotFound(table_id=ask.forward_table_id)
    tables = {one.id: one.forward_table_id for one in gateways}
    found = [one for one in call.state.find(ForwardEntry, gateway_id=list(tables)) if _matches(one, ask)]
    found.sort(key=lambda one: (one.created_at, one.id))
    return DescribeForwardTableEntriesResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        forward_table_entries=ForwardTableEntries(
            forward_table_entry=[
                ForwardTableEntry(
                    forward_entry_id=one.id,
                    forward_entry_name=one.name,
                    forward_table_id=tables[one.gateway_id],
                    nat_gateway_id=one.gateway_id,
                    external_ip=one.external_ip,
                    external_port=one.external_port,
                    internal_ip=one.internal_ip,
                    internal_port=one.internal_port,
                    ip_protocol=one.protocol,
                    status=one.status,
                )
                for one in page_of(ask, found)
            ]
        ),
    )


def _matches(one: ForwardEntry, ask: DescribeForwardTableEntriesRequest) -> bool:
    return (
        ask.forward_entry_id in ("", one.id)
        and ask.forward_entry_name in ("", one.name)
        and ask.external_ip in ("", one.external_ip)
        and ask.external_port.lower() in ("", one.external_port.lower())
        and ask.internal_ip in ("", one.internal_ip)
        and ask.internal_port.lower() in ("", one.internal_port.lower())
        and ask.ip_protocol.lower() in ("", one.protocol.lower())
    )


# Rules


def _gateway(call: Call, table_id: str) -> NatGateway:
    for one in call.state.find(NatGateway, account_id=call.account_id):
        if one.forward_table_id == table_id:
            return one
    raise ForwardTableNotFound(table_id=table_id)


def _find(call: Call, gateway: NatGateway, entry_id: str) -> ForwardEntry:
    found = call.state.get(ForwardEntry, entry_id)
    if found is None or found.gateway_id != gateway.id:
        raise ForwardEntryNotFound(entry_id=entry_id)
    return found


def _check(call: Call, gateway: NatGateway, one: ForwardEntry) -> None:
    """Whether the entry is sound by itself and beside the others. Puts its protocol into the usual spelling."""
    if one.protocol.lower() not in _PROTOCOLS:
        raise ProtocolNotSupported
    one.protocol = _PROTOCOLS[one.protocol.lower()]
    if not _is_address(one.external_ip):
        raise MalformedExternalIp
    if not _is_address(one.internal_ip):
        raise MalformedInternalIp
    outside, inside = _ports(one.external_port), _ports(one.internal_port)
    if outside is None or (outside == (0, 0)) != (one.protocol == "Any"):
        raise MalformedExternalPort
    if inside is None or inside[1] - inside[0] != outside[1] - outside[0] or (inside == (0, 0)) != (outside == (0, 0)):
        raise MalformedInternalPort
    addresses_of(call, gateway, [one.external_ip])
    around = call.state.get(Vpc, gateway.vpc_id)
    blocks = [around.cidr_block, *around.more_cidr_blocks] if around else []
    if not any(IPv4Address(one.internal_ip) in IPv4Network(block) for block in blocks):
        raise InternalIpOutside
    for other in call.state.find(ForwardEntry, gateway_id=gateway.id):
        if other.id != one.id and other.external_ip == one.external_ip and _collide(one, other):
            raise ForwardTaken


def _collide(one: ForwardEntry, other: ForwardEntry) -> bool:
    """Of one public address: an entry for everything leaves nothing to another."""
    if "Any" in (one.protocol, other.protocol):
        return True
    mine, theirs = _ports(one.external_port), _ports(other.external_port)
    return bool(one.protocol == other.protocol and mine and theirs and mine[0] <= theirs[1] and theirs[0] <= mine[1])


def _ports(text: str) -> tuple[int, int] | None:
    """ "80" as 80, 80; "80/90" as 80, 90; "Any" as 0, 0; None for what is no port."""
    if text.lower() == "any":
        return 0, 0
    first, _, last = text.partition("/")
    last = last or first
    if not (first.isdecimal() and last.isdecimal() and len(first) < 6 and len(last) < 6):
        return None
    return (int(first), int(last)) if 1 <= int(first) <= int(last) <= 65535 else None


def _is_address(text: str) -> bool:
    try:
        IPv4Address(text)
    except ValueError:
        return False
    return True


def _name(text: str) -> str:
    if text and not is_name(text, shortest=2):
        raise MalformedEntryName
    return text


def _draft(state: Transaction, drafts: dict[str, Draft]) -> None:
    for one in state.find(ForwardEntry):
        if one.vpc_id not in drafts:
            continue
        outside, inside = _ports(one.external_port) or (0, 0), _ports(one.internal_port) or (0, 0)
        drafts[one.vpc_id].forwardings.append(
            network.Forwarding(
                protocol=one.protocol.lower(),  # type: ignore[arg-type]  # one of the literals, by the check
                address=one.external_ip,
                first_port=outside[0],
                last_port=outside[1],
                private_address=one.internal_ip,
                private_first_port=inside[0],
            )
        )


def _waiting(state: Transaction) -> set[str]:
    return {one.vpc_id for one in state.find(ForwardEntry, status="Pending")}


def _settle(state: Transaction, vpc_id: str) -> None:
    for one in state.find(ForwardEntry, vpc_id=vpc_id):
        if one.status == "Pending":
            one.status = "Available"
            state.put(one)


def _veto(state: Transaction, eip: Eip) -> None:
    for one in state.find(ForwardEntry, gateway_id=eip.holder_id):
        if one.external_ip == eip.address:
            raise UsedByEntries(address=eip.address)


def _leaves(state: Transaction, eip: Eip) -> None:
    for one in state.find(ForwardEntry, gateway_id=eip.holder_id):
        if one.external_ip == eip.address:
            state.delete(one)


networks.drafters.append(_draft)
networks.waiting.append(_waiting)
networks.settlers.append(_settle)
eips.vetoes.append(_veto)
eips.leaving.append(_leaves)
