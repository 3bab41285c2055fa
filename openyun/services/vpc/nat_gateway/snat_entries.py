"""SNAT entries: which sources go out with which elastic IP addresses."""

from __future__ import annotations

from ipaddress import IPv4Network

import msgspec

from openyun.clock import iso_seconds
from openyun.engine import network
from openyun.errors import MissingParameter
from openyun.operation import Call, Model, Request, Response
from openyun.services.naming import is_name
from openyun.services.paging import Paged, page_of
from openyun.services.vpc import networks, v_switches
from openyun.services.vpc.eip import eips
from openyun.services.vpc.eip.errors import UsedByEntries
from openyun.services.vpc.errors import refuse
from openyun.services.vpc.nat_gateway.errors import (
    EipNotInGateway,
    MalformedEntryName,
    MalformedSourceCidr,
    QuotaExceededSnat,
    SnatEntryNotFound,
    SnatTableNotFound,
    SourceTaken,
    VSwitchElsewhere,
)
from openyun.services.vpc.networks import Draft
from openyun.services.vpc.records import Eip, NatGateway, SnatEntry
from openyun.services.vpc.service import vpc
from openyun.state import Transaction

MOST_ENTRIES = 40
"""of a NAT gateway"""


class CreateSnatEntryRequest(Request, kw_only=True):
    snat_table_id: str
    snat_ip: list[str]
    source_v_switch_id: str = ""
    source_cidr: str = msgspec.field(name="SourceCIDR", default="")
    snat_entry_name: str = ""
    eip_affinity: int = 0
    network_interface_id: str = ""
    client_token: str = ""
    dry_run: bool = False


class CreateSnatEntryResponse(Response, kw_only=True):
    snat_entry_id: str


@vpc.operation(resource="snattable/{snat_table_id}")
def create_snat_entry(call: Call, ask: CreateSnatEntryRequest) -> CreateSnatEntryResponse:
    refuse(NetworkInterfaceId=ask.network_interface_id, EipAffinity=ask.eip_affinity)
    gateway = _gateway(call, ask.snat_table_id)
    if not ask.source_v_switch_id and not ask.source_cidr:
        raise MissingParameter(parameter="SourceVSwitchId")
    if ask.source_v_switch_id:
        v_switch = v_switches.find(call, ask.source_v_switch_id)
        if v_switch.vpc_id != gateway.vpc_id:
            raise VSwitchElsewhere(v_switch_id=v_switch.id)
        cidr = v_switch.cidr_block
    else:
        cidr = _cidr(ask.source_cidr)
    present = call.state.find(SnatEntry, gateway_id=gateway.id)
    if len(present) >= MOST_ENTRIES:
        raise QuotaExceededSnat(most=MOST_ENTRIES)
    if any(one.cidr_block == cidr for one in present):
        raise SourceTaken(cidr=cidr)
    made = SnatEntry(
        id=call.new_id("snat"),
        account_id=call.account_id,
        vpc_id=gateway.vpc_id,
        gateway_id=gateway.id,
        name=_name(ask.snat_entry_name),
        v_switch_id=ask.source_v_switch_id,
        cidr_block=cidr,
        addresses=addresses_of(call, gateway, ask.snat_ip),
        created_at=iso_seconds(call.now),
    )
    call.state.insert(made)
    call.wake()
    return CreateSnatEntryResponse(snat_entry_id=made.id)


class ModifySnatEntryRequest(Request, kw_only=True):
    snat_table_id: str
    snat_entry_id: str
    snat_ip: list[str] = []
    snat_entry_name: str | None = None
    eip_affinity: int = 0
    network_interface_id: str = ""
    client_token: str = ""
    dry_run: bool = False


@vpc.operation(resource="snattable/{snat_table_id}")
def modify_snat_entry(call: Call, ask: ModifySnatEntryRequest) -> Response:
    refuse(NetworkInterfaceId=ask.network_interface_id, EipAffinity=ask.eip_affinity)
    gateway = _gateway(call, ask.snat_table_id)
    one = _find(call, gateway, ask.snat_entry_id)
    if ask.snat_entry_name is not None:
        one.name = _name(ask.snat_entry_name)
    if ask.snat_ip:
        one.addresses = addresses_of(call, gateway, ask.snat_ip)
        one.status = "Pending"
        call.wake()
    call.state.put(one)
    return Response()


class DeleteSnatEntryRequest(Request, kw_only=True):
    snat_table_id: str
    snat_entry_id: str
    client_token: str = ""


@vpc.operation(resource="snattable/{snat_table_id}")
def delete_snat_entry(call: Call, ask: DeleteSnatEntryRequest) -> Response:
    call.state.delete(_find(call, _gateway(call, ask.snat_table_id), ask.snat_entry_id))
    call.wake()
    return Response()


class SnatTableEntry(Model, kw_only=True):
    snat_entry_id: str
    snat_entry_name: str
    snat_table_id: str
    nat_gateway_id: str
    snat_ip: str
    source_v_switch_id: str
    source_cidr: str = msgspec.field(name="SourceCIDR")
    status: str
    eip_affinity: str
    network_interface_id: str = ""


class SnatTableEntries(Model, kw_only=True):
    snat_table_entry: list[SnatTableEntry]


class DescribeSnatTableEntriesRequest(Paged, Request, kw_only=True):
    snat_table_id: str = ""
    nat_gateway_id: str = ""
    snat_entry_id: str = ""
    snat_entry_name: str = ""
    snat_ip: str = ""
    source_v_switch_id: str = ""
    source_cidr: str = msgspec.field(name="SourceCIDR", default="")
    network_interface_ids: list[str] = []


class DescribeSnatTableEntriesResponse(Response, kw_only=True):
    page_number: int
    page_size: int
    total_count: int
    snat_table_entries: SnatTableEntries


@vpc.operation(resource="snattable/{snat_table_id}")
def describe_snat_table_entries(call: Call, ask: DescribeSnatTableEntriesRequest) -> DescribeSnatTableEntriesResponse:
    if not ask.snat_table_id and not ask.nat_gateway_id:
        raise MissingParameter(parameter="SnatTableId")
    gateways = [
        one
        for one in call.state.find(NatGateway, account_id=call.account_id)
        if ask.snat_table_id in ("", one.snat_table_id) and ask.nat_gateway_id in ("", one.id)
    ]
    if not gateways and ask.snat_table_id:
        raise SnatTableNotFound(table_id=ask.snat_table_id)
    tables = {one.id: one.snat_table_id for one in gateways}
    found = [one for one in call.state.find(SnatEntry, gateway_id=list(tables)) if _matches(one, ask)]
    found.sort(key=lambda one: (one.created_at, one.id))
    return DescribeSnatTableEntriesResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        snat_table_entries=SnatTableEntries(
            snat_table_entry=[
                SnatTableEntry(
                    snat_entry_id=one.id,
                    snat_entry_name=one.name,
                    snat_table_id=tables[one.gateway_id],
                    nat_gateway_id=one.gateway_id,
                    snat_ip=",".join(one.addresses),
                    source_v_switch_id=one.v_switch_id,
                    source_cidr=one.cidr_block,
                    status=one.status,
                    eip_affinity=str(one.affinity),
                )
                for one in page_of(ask, found)
            ]
        ),
    )


def _matches(one: SnatEntry, ask: DescribeSnatTableEntriesRequest) -> bool:
    return (
        ask.snat_entry_id in ("", one.id)
        and ask.snat_entry_name in ("", one.name)
        and (not ask.snat_ip or ask.snat_ip in one.addresses)
        and ask.source_v_switch_id in ("", one.v_switch_id)
        and ask.source_cidr in ("", one.cidr_block)
        and not ask.network_interface_ids
    )


# Rules


def addresses_of(call: Call, gateway: NatGateway, addresses: list[str]) -> list[str]:
    """These addresses, if they are all the gateway's. Raises EipNotInGateway."""
    bound = {one.address for one in call.state.find(Eip, holder_id=gateway.id) if one.status == "InUse"}
    for address in addresses:
        if address not in bound:
            raise EipNotInGateway(address=address)
    return list(dict.fromkeys(addresses))


def _gateway(call: Call, table_id: str) -> NatGateway:
    for one in call.state.find(NatGateway, account_id=call.account_id):
        if one.snat_table_id == table_id:
            return one
    raise SnatTableNotFound(table_id=table_id)


def _find(call: Call, gateway: NatGateway, entry_id: str) -> SnatEntry:
    found = call.state.get(SnatEntry, entry_id)
    if found is None or found.gateway_id != gateway.id:
        raise SnatEntryNotFound(entry_id=entry_id)
    return found


def _cidr(text: str) -> str:
    try:
        return str(IPv4Network(text))
    except ValueError:
        raise MalformedSourceCidr(cidr=text) from None


def _name(text: str) -> str:
    if text and not is_name(text, shortest=2):
        raise MalformedEntryName
    return text


def _draft(state: Transaction, drafts: dict[str, Draft]) -> None:
    for one in state.find(SnatEntry):
        if one.vpc_id in drafts:
            translation = network.SourceTranslation(
                cidr=one.cidr_block, gateway_id=one.gateway_id, addresses=tuple(one.addresses)
            )
            drafts[one.vpc_id].source_translations.append(translation)


def _waiting(state: Transaction) -> set[str]:
    return {one.vpc_id for one in state.find(SnatEntry, status="Pending")}


def _settle(state: Transaction, vpc_id: str) -> None:
    for one in state.find(SnatEntry, vpc_id=vpc_id):
        if one.status == "Pending":
            one.status = "Available"
            state.put(one)


def _veto(state: Transaction, eip: Eip) -> None:
    for one in state.find(SnatEntry, gateway_id=eip.holder_id):
        if eip.address in one.addresses:
            raise UsedByEntries(address=eip.address)


def _leaves(state: Transaction, eip: Eip) -> None:
    """An entry goes with its last address."""
    for one in state.find(SnatEntry, gateway_id=eip.holder_id):
        if eip.address in one.addresses:
            one.addresses = [address for address in one.addresses if address != eip.address]
            if one.addresses:
                state.put(one)
            else:
                state.delete(one)


def _in_v_switch(state: Transaction, v_switch_id: str) -> int:
    return state.count(SnatEntry, v_switch_id=v_switch_id)


networks.drafters.append(_draft)
networks.waiting.append(_waiting)
networks.settlers.append(_settle)
eips.vetoes.append(_veto)
eips.leaving.append(_leaves)
v_switches.dependencies.append(_in_v_switch)
