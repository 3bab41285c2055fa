"""Network interfaces: each instance has its primary one, which lives and dies with it."""

from __future__ import annotations

from openyun.operation import UNSET, Call, Model, Request, Response, Tag, Unset
from openyun.services.ecs.instance.items import SecurityGroupIds
from openyun.services.ecs.records import Instance
from openyun.services.ecs.service import ecs
from openyun.services.paging import Paged, after_token, page_of
from openyun.services.tags import TagFields, carries, shown


class AssociatedPublicIp(Model, kw_only=True):
    allocation_id: str = ""
    public_ip_address: str = ""


class PrivateIpSet(Model, kw_only=True):
    private_ip_address: str
    primary: bool = True
    associated_public_ip: AssociatedPublicIp


class PrivateIpSets(Model):
    private_ip_set: list[PrivateIpSet]


class InterfaceAttachment(Model, kw_only=True):
    instance_id: str
    device_index: int = 0
    network_card_index: int = 0
    trunk_network_interface_id: str = ""


class InterfaceItem(Model, kw_only=True):
    network_interface_id: str
    network_interface_name: str = ""
    description: str = ""
    type: str = "Primary"
    status: str = "InUse"
    mac_address: str
    private_ip_address: str
    private_ip_sets: PrivateIpSets
    associated_public_ip: AssociatedPublicIp
    security_group_ids: SecurityGroupIds
    instance_id: str
    attachment: InterfaceAttachment
    vpc_id: str
    v_switch_id: str
    zone_id: str
    owner_id: str
    resource_group_id: str
    creation_time: str
    delete_on_release: bool = True
    network_interface_traffic_mode: str = "Standard"
    queue_number: int = 1
    service_managed: bool = False
    source_dest_check: bool = False
    tags: TagFields


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
    by_id = {"id": ask.instance_id} if ask.instance_id else {}
    found = [one for one in call.state.find(Instance, account_id=call.account_id, **by_id) if _matches(one, ask)]
    found.sort(key=lambda one: one.network_interface_id)
    if ask.next_token or ask.max_results is not None:
        limit = min(max(ask.max_results or 0, 1), 500)
        page, token = after_token(found, [one.network_interface_id for one in found], ask.next_token, limit)
        return DescribeNetworkInterfacesResponse(
            total_count=len(found),
            next_token=token,
            network_interface_sets=InterfaceItems([_item(one) for one in page]),
        )
    return DescribeNetworkInterfacesResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        network_interface_sets=InterfaceItems([_item(one) for one in page_of(ask, found, most=100)]),
    )


def _matches(one: Instance, ask: DescribeNetworkInterfacesRequest) -> bool:
    return (
        one.wanted != "Deleted"
        and (not ask.network_interface_id or one.network_interface_id in ask.network_interface_id)
        and ask.vpc_id in ("", one.vpc_id)
        and ask.v_switch_id in ("", one.v_switch_id)
        and (not ask.security_group_id or ask.security_group_id in one.security_group_ids)
        and ask.primary_ip_address in ("", one.private_address)
        and (not ask.private_ip_address or one.private_address in ask.private_ip_address)
        and ask.type in ("", "Primary")
        and ask.status in ("", "InUse")
        and ask.resource_group_id in ("", one.resource_group_id)
        and not (ask.network_interface_name or ask.ipv6_address or ask.service_managed)
        and carries(one.tags, ask.tag)
    )


def _item(one: Instance) -> InterfaceItem:
    public = AssociatedPublicIp(public_ip_address=one.public_address)
    return InterfaceItem(
        network_interface_id=one.network_interface_id,
        mac_address=one.mac,
        private_ip_address=one.private_address,
        private_ip_sets=PrivateIpSets(
            [PrivateIpSet(private_ip_address=one.private_address, associated_public_ip=public)]
        ),
        associated_public_ip=public,
        security_group_ids=SecurityGroupIds(one.security_group_ids),
        instance_id=one.id,
        attachment=InterfaceAttachment(instance_id=one.id),
        vpc_id=one.vpc_id,
        v_switch_id=one.v_switch_id,
        zone_id=one.zone_id,
        owner_id=one.account_id,
        resource_group_id=one.resource_group_id,
        creation_time=one.created_at,
        tags=shown(one.tags),
    )
