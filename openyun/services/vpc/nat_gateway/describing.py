"""DescribeNatGateways and GetNatGatewayAttribute."""

from __future__ import annotations

from typing import Any

import msgspec

from openyun.operation import Call, Model, Request, Response, Tag
from openyun.services.paging import Paged, page_of
from openyun.services.tags import TagFields, carries, shown
from openyun.services.vpc.nat_gateway import nat_gateways
from openyun.services.vpc.nat_gateway.nat_gateways import ForwardTableIds, SnatTableIds
from openyun.services.vpc.records import Eip, ForwardEntry, NatGateway, SnatEntry
from openyun.services.vpc.service import vpc

MAX_BANDWIDTH = 5120
"""Mbit/s; the vendor's figure: here the addresses' own limits count"""


class IpListItem(Model, kw_only=True):
    allocation_id: str
    ip_address: str
    private_ip_address: str = ""
    snat_entry_enabled: bool
    using_status: str


class IpLists(Model, kw_only=True):
    ip_list: list[IpListItem]


class FullNatTableIds(Model, kw_only=True):
    full_nat_table_id: list[str] = []


class NatGatewayPrivateInfo(Model, kw_only=True):
    eni_instance_id: str
    eni_type: str = "indirect"
    iz_no: str
    private_ip_address: str
    vswitch_id: str
    max_bandwidth: int = MAX_BANDWIDTH


class GatewayFields(Model, kw_only=True):
    nat_gateway_id: str
    name: str
    description: str
    vpc_id: str
    status: str
    business_status: str = "Normal"
    nat_type: str = "Enhanced"
    network_type: str = "internet"
    creation_time: str
    expired_time: str
    resource_group_id: str
    ecs_metric_enabled: bool = True
    private_link_enabled: bool = False


class NatGatewayItem(GatewayFields, kw_only=True):
    region_id: str
    instance_charge_type: str
    internet_charge_type: str
    spec: str
    auto_pay: bool = False
    deletion_protection: bool
    eip_bind_mode: str
    icmp_reply_enabled: bool
    enable_session_log: str = "false"
    security_protection_enabled: bool = False
    snat_table_ids: SnatTableIds
    forward_table_ids: ForwardTableIds
    full_nat_table_ids: FullNatTableIds = msgspec.field(default_factory=FullNatTableIds)
    ip_lists: IpLists
    nat_gateway_private_info: NatGatewayPrivateInfo
    tags: TagFields


class NatGatewayItems(Model, kw_only=True):
    nat_gateway: list[NatGatewayItem]


class DescribeNatGatewaysRequest(Paged, Request, kw_only=True):
    nat_gateway_id: str = ""
    vpc_id: str = ""
    name: str = ""
    status: str = ""
    nat_type: str = ""
    network_type: str = ""
    instance_charge_type: str = ""
    spec: str = ""
    zone_id: str = ""
    availability_mode: str = ""
    resource_group_id: str = ""
    tag: list[Tag] = []
    dry_run: bool = False


class DescribeNatGatewaysResponse(Response, kw_only=True):
    page_number: int
    page_size: int
    total_count: int
    nat_gateways: NatGatewayItems


@vpc.operation(resource="natgateway/{nat_gateway_id}")
def describe_nat_gateways(call: Call, ask: DescribeNatGatewaysRequest) -> DescribeNatGatewaysResponse:
    equal: dict[str, Any] = {"account_id": call.account_id}
    if ask.nat_gateway_id:
        equal["id"] = ask.nat_gateway_id
    if ask.vpc_id:
        equal["vpc_id"] = ask.vpc_id
    found = [one for one in call.state.find(NatGateway, **equal) if _matches(one, ask)]
    found.sort(key=lambda one: (one.created_at, one.id), reverse=True)
    return DescribeNatGatewaysResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        nat_gateways=NatGatewayItems(nat_gateway=[_item(call, one) for one in page_of(ask, found)]),
    )


class BillingConfig(Model, kw_only=True):
    auto_pay: str = "false"
    instance_charge_type: str
    internet_charge_type: str
    spec: str


class DeletionProtectionInfo(Model, kw_only=True):
    enabled: bool


class SnatTable(Model, kw_only=True):
    snat_table_id: str
    snat_entry_count: int


class ForwardTable(Model, kw_only=True):
    forward_table_id: str
    forward_entry_count: int


class GatewayIp(Model, kw_only=True):
    allocation_id: str
    ip_address: str
    using_status: str


class PrivateInfo(Model, kw_only=True):
    eni_instance_id: str
    iz_no: str
    private_ip_address: str
    vswitch_id: str
    max_bandwidth: int = MAX_BANDWIDTH


class GetNatGatewayAttributeRequest(Request, kw_only=True):
    nat_gateway_id: str


class GetNatGatewayAttributeResponse(GatewayFields, Response, kw_only=True):
    enable_session_log: bool = False
    billing_config: BillingConfig
    deletion_protection_info: DeletionProtectionInfo
    snat_table: SnatTable
    forward_table: ForwardTable
    ip_list: list[GatewayIp]
    private_info: PrivateInfo


@vpc.operation(resource="natgateway/{nat_gateway_id}")
def get_nat_gateway_attribute(call: Call, ask: GetNatGatewayAttributeRequest) -> GetNatGatewayAttributeResponse:
    one = nat_gateways.find(call, ask.nat_gateway_id)
    return GetNatGatewayAttributeResponse(
        **_fields(one),
        billing_config=BillingConfig(
            instance_charge_type=one.charge_type, internet_charge_type=one.internet_charge_type, spec=one.spec
        ),
        deletion_protection_info=DeletionProtectionInfo(enabled=one.deletion_protection),
        snat_table=SnatTable(
            snat_table_id=one.snat_table_id, snat_entry_count=call.state.count(SnatEntry, gateway_id=one.id)
        ),
        forward_table=ForwardTable(
            forward_table_id=one.forward_table_id, forward_entry_count=call.state.count(ForwardEntry, gateway_id=one.id)
        ),
        ip_list=[
            GatewayIp(allocation_id=it.allocation_id, ip_address=it.ip_address, using_status=it.using_status)
            for it in _ips(call, one)
        ],
        private_info=PrivateInfo(
            eni_instance_id=one.interface_id,
            iz_no=one.zone_id,
            private_ip_address=one.private_address,
            vswitch_id=one.v_switch_id,
        ),
    )


def _matches(one: NatGateway, ask: DescribeNatGatewaysRequest) -> bool:
    return (
        ask.name in ("", one.name)
        and ask.status in ("", one.status)
        and ask.nat_type in ("", "Enhanced")
        and ask.network_type in ("", "internet")
        and ask.instance_charge_type in ("", one.charge_type)
        and ask.spec in ("", one.spec)
        and ask.zone_id in ("", one.zone_id)
        and ask.resource_group_id in ("", one.resource_group_id)
        and not ask.availability_mode
        and carries(one.tags, ask.tag)
    )


def _ips(call: Call, one: NatGateway) -> list[IpListItem]:
    translated = {address for it in call.state.find(SnatEntry, gateway_id=one.id) for address in it.addresses}
    forwarded = {it.external_ip for it in call.state.find(ForwardEntry, gateway_id=one.id)}
    found = [it for it in call.state.find(Eip, holder_id=one.id) if it.status != "Unassociating"]
    return [
        IpListItem(
            allocation_id=it.id,
            ip_address=it.address,
            snat_entry_enabled=it.address in translated,
            using_status=_using(it.address in translated, it.address in forwarded),
        )
        for it in found
    ]


def _using(snat: bool, forward: bool) -> str:
    if snat and forward:
        return "UsedBySnatAndForward"
    return "UsedBySnatTable" if snat else "UsedByForwardTable" if forward else "Idle"


def _fields(one: NatGateway) -> dict[str, Any]:
    """The values of GatewayFields."""
    return {
        "nat_gateway_id": one.id,
        "name": one.name,
        "description": one.description,
        "vpc_id": one.vpc_id,
        "status": one.status,
        "creation_time": one.created_at,
        "expired_time": one.expires_at,
        "resource_group_id": one.resource_group_id,
    }


def _item(call: Call, one: NatGateway) -> NatGatewayItem:
    return NatGatewayItem(
        **_fields(one),
        region_id=call.region.id,
        instance_charge_type=one.charge_type,
        internet_charge_type=one.internet_charge_type,
        spec=one.spec,
        deletion_protection=one.deletion_protection,
        eip_bind_mode=one.eip_bind_mode,
        icmp_reply_enabled=one.icmp_reply,
        snat_table_ids=SnatTableIds(snat_table_id=[one.snat_table_id]),
        forward_table_ids=ForwardTableIds(forward_table_id=[one.forward_table_id]),
        ip_lists=IpLists(ip_list=_ips(call, one)),
        nat_gateway_private_info=NatGatewayPrivateInfo(
            eni_instance_id=one.interface_id,
            iz_no=one.zone_id,
            private_ip_address=one.private_address,
            vswitch_id=one.v_switch_id,
        ),
        tags=shown(one.tags),
    )
