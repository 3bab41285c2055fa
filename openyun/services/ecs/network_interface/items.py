"""What is told of a network interface."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from openyun.operation import Call, Model
from openyun.services.ecs.instance.items import SecurityGroupIds
from openyun.services.ecs.records import Instance, NetworkInterface
from openyun.services.tags import TagFields, shown
from openyun.services.vpc import eips


class AssociatedPublicIp(Model, kw_only=True):
    allocation_id: str = ""
    public_ip_address: str = ""


class PrivateIpSet(Model, kw_only=True):
    private_ip_address: str
    primary: bool
    associated_public_ip: AssociatedPublicIp


class PrivateIpSets(Model):
    private_ip_set: list[PrivateIpSet]


class Ipv6SetItem(Model, kw_only=True):
    ipv6_address: str = ""


class Ipv6Sets(Model, kw_only=True):
    ipv6_set: list[Ipv6SetItem] = []


class Ipv4PrefixSetItem(Model, kw_only=True):
    ipv4_prefix: str = ""


class Ipv4PrefixSets(Model, kw_only=True):
    ipv4_prefix_set: list[Ipv4PrefixSetItem] = []


class Ipv6PrefixSetItem(Model, kw_only=True):
    ipv6_prefix: str = ""


class Ipv6PrefixSets(Model, kw_only=True):
    ipv6_prefix_set: list[Ipv6PrefixSetItem] = []


class InterfaceAttachment(Model, kw_only=True):
    instance_id: str = ""
    device_index: int = 0
    network_card_index: int = 0
    trunk_network_interface_id: str = ""


class InterfaceFields(Model, kw_only=True):
    """What both describing operations tell."""

    network_interface_id: str
    network_interface_name: str
    description: str
    type: str
    status: str
    mac_address: str
    private_ip_address: str
    private_ip_sets: PrivateIpSets
    associated_public_ip: AssociatedPublicIp
    ipv6_sets: Ipv6Sets
    ipv4_prefix_sets: Ipv4PrefixSets
    ipv6_prefix_sets: Ipv6PrefixSets
    security_group_ids: SecurityGroupIds
    instance_id: str
    attachment: InterfaceAttachment
    vpc_id: str
    v_switch_id: str
    zone_id: str
    owner_id: str
    resource_group_id: str
    creation_time: str
    delete_on_release: bool
    network_interface_traffic_mode: str = "Standard"
    queue_number: int
    service_managed: bool = False
    source_dest_check: bool
    tags: TagFields


class InterfaceItem(InterfaceFields, kw_only=True):
    pass


_NO_ADDRESS = AssociatedPublicIp()


def items(call: Call, found: Sequence[NetworkInterface]) -> list[InterfaceItem]:
    public = public_addresses(call, found)
    return [InterfaceItem(**fields(one, public)) for one in found]


def public_addresses(call: Call, found: Sequence[NetworkInterface]) -> dict[str, AssociatedPublicIp]:
    """By private address of a VPC, as `vpc-1 10.0.0.1`."""
    instances = call.state.find(Instance, id=[one.instance_id for one in found if one.type == "Primary"])
    public = {
        f"{one.vpc_id} {one.private_address}": AssociatedPublicIp(public_ip_address=one.public_address)
        for one in instances
        if one.public_address
    }
    primary = {one.id: f"{one.vpc_id} {one.private_address}" for one in instances}
    primary |= {one.id: f"{one.vpc_id} {one.address}" for one in found if one.type != "Primary"}
    for holder_id, held in eips.held_by(call.state, primary).items():
        for eip in held:
            place = f"{eip.vpc_id} {eip.private_address}" if eip.private_address else primary[holder_id]
            public[place] = AssociatedPublicIp(allocation_id=eip.id, public_ip_address=eip.address)
    return public


def fields(one: NetworkInterface, public: dict[str, AssociatedPublicIp]) -> dict[str, Any]:
    """The values of InterfaceFields."""

    def of(address: str) -> AssociatedPublicIp:
        return public.get(f"{one.vpc_id} {address}", _NO_ADDRESS)

    return {
        "network_interface_id": one.id,
        "network_interface_name": one.name,
        "description": one.description,
        "type": one.type,
        "status": one.status,
        "mac_address": one.mac,
        "private_ip_address": one.address,
        "private_ip_sets": private_ip_sets(one, of),
        "associated_public_ip": of(one.address),
        "ipv6_sets": Ipv6Sets(),
        "ipv4_prefix_sets": Ipv4PrefixSets(),
        "ipv6_prefix_sets": Ipv6PrefixSets(),
        "security_group_ids": SecurityGroupIds(one.security_group_ids),
        "instance_id": one.instance_id,
        "attachment": InterfaceAttachment(instance_id=one.instance_id, device_index=one.device_index),
        "vpc_id": one.vpc_id,
        "v_switch_id": one.v_switch_id,
        "zone_id": one.zone_id,
        "owner_id": one.account_id,
        "resource_group_id": one.resource_group_id,
        "creation_time": one.created_at,
        "delete_on_release": one.delete_on_release,
        "queue_number": one.queue_number,
        "source_dest_check": one.source_dest_check,
        "tags": shown(one.tags),
    }


def private_ip_sets(one: NetworkInterface, public: Callable[[str], AssociatedPublicIp]) -> PrivateIpSets:
    return PrivateIpSets(
        [
            PrivateIpSet(
                private_ip_address=address, primary=address == one.address, associated_public_ip=public(address)
            )
            for address in (one.address, *one.secondary_addresses)
        ]
    )
