"""DescribeNetworkInterfaces and DescribeNetworkInterfaceAttribute."""

from __future__ import annotations

from typing import Any

from openyun.errors import InvalidParameter
from openyun.operation import UNSET, Call, Model, Request, Response, Tag, Unset
from openyun.services.ecs.network_interface import interfaces
from openyun.services.ecs.network_interface.items import (
    InterfaceFields,
    InterfaceItem,
    fields,
    items,
    public_addresses,
)
from openyun.services.ecs.records import Instance, NetworkInterface
from openyun.services.ecs.service import ecs
from openyun.services.paging import Paged, after_token, page_of
from openyun.services.tags import carries

MOST_IDS = 100


class InterfaceItems(Model):
    network_interface_set: list[InterfaceItem]


class DescribeNetworkInterfacesRequest(Paged, Request, kw_only=True):
    region_id: str
    network_interface_id: list[str] = []
    network_interface_name: str = ""
    instance_id: str = ""
    vpc_id: str = ""
    v_switch_id: str = ""
    security_group_id: str = ""
    primary_ip_address: str = ""
    private_ip_address: list[str] = []
    ipv6_address: list[str] = []
    type: str = ""
    status: str = ""
    resource_group_id: str = ""
    service_managed: bool | None = None
    tag: list[Tag] = []
    next_token: str = ""
    max_results: int | None = None


class DescribeNetworkInterfacesResponse(Response, kw_only=True):
    page_number: int | Unset = UNSET
    page_size: int | Unset = UNSET
    total_count: int
    next_token: str = ""
    network_interface_sets: InterfaceItems


@ecs.operation(resource="eni/{network_interface_id}")
def describe_network_interfaces(call: Call, ask: DescribeNetworkInterfacesRequest) -> DescribeNetworkInterfacesResponse:
    if len(ask.network_interface_id) > MOST_IDS:
        raise InvalidParameter(parameter="NetworkInterfaceId")
    found = _select(call, ask)
    if ask.next_token or ask.max_results is not None:
        found.sort(key=lambda one: one.id)
        limit = min(max(ask.max_results or 0, 1), 500)
        page, token = after_token(found, [one.id for one in found], ask.next_token, limit)
        return DescribeNetworkInterfacesResponse(
            total_count=len(found), next_token=token, network_interface_sets=InterfaceItems(items(call, page))
        )
    found.sort(key=lambda one: (one.created_at, one.id), reverse=True)
    return DescribeNetworkInterfacesResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        network_interface_sets=InterfaceItems(items(call, page_of(ask, found, most=500))),
    )


def _select(call: Call, ask: DescribeNetworkInterfacesRequest) -> list[NetworkInterface]:
    equal: dict[str, Any] = {"account_id": call.account_id}
    for field, value in (
        ("id", ask.network_interface_id),
        ("instance_id", ask.instance_id),
        ("v_switch_id", ask.v_switch_id),
        ("vpc_id", ask.vpc_id),
    ):
        if value:
            equal[field] = value
    found = [one for one in call.state.find(NetworkInterface, **equal) if _matches(one, ask)]
    owners = {one.instance_id for one in found if one.type == "Primary"}
    going = {one.id for one in call.state.find(Instance, id=list(owners)) if one.wanted == "Deleted"}
    return [one for one in found if one.type != "Primary" or one.instance_id not in going]


def _matches(one: NetworkInterface, ask: DescribeNetworkInterfacesRequest) -> bool:
    return (
        ask.network_interface_name in ("", one.name)
        and (not ask.security_group_id or ask.security_group_id in one.security_group_ids)
        and ask.primary_ip_address in ("", one.address)
        and (not ask.private_ip_address or not set(ask.private_ip_address).isdisjoint(interfaces.addresses(one)))
        and ask.type in ("", one.type)
        and ask.status in ("", one.status)
        and ask.resource_group_id in ("", one.resource_group_id)
        and not (ask.ipv6_address or ask.service_managed)
        and carries(one.tags, ask.tag)
    )


class DescribeNetworkInterfaceAttributeRequest(Request, kw_only=True):
    region_id: str
    network_interface_id: str
    attribute: str = ""
    tag: list[Tag] = []


class DescribeNetworkInterfaceAttributeResponse(InterfaceFields, Response, kw_only=True):
    pass


@ecs.operation(resource="eni/{network_interface_id}")
def describe_network_interface_attribute(
    call: Call, ask: DescribeNetworkInterfaceAttributeRequest
) -> DescribeNetworkInterfaceAttributeResponse:
    """Always the whole; Attribute only says what the caller means to read."""
    found = interfaces.find(call, ask.network_interface_id)
    told: dict[str, Any] = fields(found, public_addresses(call, [found]))
    return DescribeNetworkInterfaceAttributeResponse(**told)
