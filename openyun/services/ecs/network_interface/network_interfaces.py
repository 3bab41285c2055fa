"""Network interfaces that are made, changed and deleted by themselves."""

from __future__ import annotations

from collections.abc import Callable

from openyun.clock import iso_seconds
from openyun.errors import MissingParameter
from openyun.operation import Call, Model, Request, Response, Tag
from openyun.services.ecs import errors, names, tags
from openyun.services.ecs.instance import private_addresses
from openyun.services.ecs.instance.items import PrivateIpSet, PrivateIpSets, SecurityGroupIds
from openyun.services.ecs.network_interface import interfaces
from openyun.services.ecs.network_interface.addresses import new_secondary_addresses
from openyun.services.ecs.network_interface.errors import TooManyInterfaces, WrongInterfaceState, WrongInterfaceType
from openyun.services.ecs.network_interface.items import Ipv4PrefixSets, Ipv6PrefixSets, Ipv6Sets
from openyun.services.ecs.records import NetworkInterface
from openyun.services.ecs.security_group import membership
from openyun.services.ecs.service import ecs
from openyun.services.tags import TagFields, shown
from openyun.services.vpc import eips
from openyun.services.vpc.records import VSwitch
from openyun.services.vpc.vpcs import default_resource_group

MOST_INTERFACES = 50_000
"""of an account in a region, the primary ones not counted"""
_MOST_QUEUES = 8

users: list[Callable[[Call, NetworkInterface], None]] = []
"""Each raises its service's refusal if the interface is still needed: it has an EIP, a route points at it."""


class TrafficConfig(Model, kw_only=True):
    network_interface_traffic_mode: str = ""
    queue_number: int | None = None


class CreateNetworkInterfaceRequest(Request, kw_only=True):
    region_id: str
    v_switch_id: str
    security_group_id: str = ""
    security_group_ids: list[str] = []
    primary_ip_address: str = ""
    private_ip_address: list[str] = []
    secondary_private_ip_address_count: int | None = None
    network_interface_name: str = ""
    description: str = ""
    instance_type: str = "Secondary"
    network_interface_traffic_mode: str = "Standard"
    queue_number: int | None = None
    delete_on_release: bool = False
    source_dest_check: bool = False
    ipv6_address: list[str] = []
    ipv6_address_count: int | None = None
    ipv4_prefix: list[str] = []
    ipv4_prefix_count: int | None = None
    ipv6_prefix: list[str] = []
    ipv6_prefix_count: int | None = None
    business_type: str = ""
    resource_group_id: str = ""
    tag: list[Tag] = []
    client_token: str = ""

    @property
    def group_ids(self) -> list[str]:
        return [one for one in (self.security_group_id, *self.security_group_ids) if one]


class CreateNetworkInterfaceResponse(Response, kw_only=True):
    network_interface_id: str
    network_interface_name: str
    description: str
    type: str
    status: str
    mac_address: str
    private_ip_address: str
    private_ip_sets: PrivateIpSets
    ipv6_sets: Ipv6Sets
    ipv4_prefix_sets: Ipv4PrefixSets
    ipv6_prefix_sets: Ipv6PrefixSets
    security_group_ids: SecurityGroupIds
    vpc_id: str
    v_switch_id: str
    zone_id: str
    owner_id: str
    resource_group_id: str
    service_managed: bool = False
    source_dest_check: bool
    tags: TagFields


@ecs.operation(resource="eni/*", also=("vpc:vswitch/{v_switch_id}", "securitygroup/{group_ids}"))
def create_network_interface(call: Call, ask: CreateNetworkInterfaceRequest) -> CreateNetworkInterfaceResponse:
    _refuse_what_is_not_offered(ask)
    v_switch = available_v_switch(call, ask.v_switch_id)
    groups = named_groups(ask.security_group_id, ask.security_group_ids)
    membership.check_groups(call, groups, v_switch.vpc_id, v_switch.id)
    if call.state.count(NetworkInterface, account_id=call.account_id) >= MOST_INTERFACES:
        raise TooManyInterfaces(most=MOST_INTERFACES)
    put_on = tags.rules.checked(ask.tag)
    (address,) = private_addresses.allocate(call, v_switch, least=1, most=1, first=ask.primary_ip_address)
    made = NetworkInterface(
        id=call.new_id("eni"),
        account_id=call.account_id,
        name=interfaces.checked_name(ask.network_interface_name),
        description=names.check_description(ask.description),
        vpc_id=v_switch.vpc_id,
        v_switch_id=v_switch.id,
        zone_id=v_switch.zone_id,
        mac=interfaces.macs(call.state, v_switch.vpc_id, [address])[0],
        address=address,
        security_group_ids=groups,
        delete_on_release=ask.delete_on_release,
        source_dest_check=ask.source_dest_check,
        queue_number=_queues(ask.queue_number) or 1,
        resource_group_id=ask.resource_group_id or default_resource_group(call),
        created_at=iso_seconds(call.now),
        tags=put_on,
    )
    made.secondary_addresses = new_secondary_addresses(
        call, made, ask.private_ip_address, ask.secondary_private_ip_address_count
    )
    call.state.insert(made)
    return CreateNetworkInterfaceResponse(
        network_interface_id=made.id,
        network_interface_name=made.name,
        description=made.description,
        type=made.type,
        status=made.status,
        mac_address=made.mac,
        private_ip_address=made.address,
        private_ip_sets=PrivateIpSets(
            [
                PrivateIpSet(private_ip_address=address, primary=address == made.address)
                for address in interfaces.addresses(made)
            ]
        ),
        ipv6_sets=Ipv6Sets(),
        ipv4_prefix_sets=Ipv4PrefixSets(),
        ipv6_prefix_sets=Ipv6PrefixSets(),
        security_group_ids=SecurityGroupIds(made.security_group_ids),
        vpc_id=made.vpc_id,
        v_switch_id=made.v_switch_id,
        zone_id=made.zone_id,
        owner_id=made.account_id,
        resource_group_id=made.resource_group_id,
        source_dest_check=made.source_dest_check,
        tags=shown(made.tags),
    )


def available_v_switch(call: Call, v_switch_id: str) -> VSwitch:
    found = call.state.get(VSwitch, v_switch_id)
    if found is None or found.account_id != call.account_id:
        raise errors.VSwitchNotFound(v_switch_id=v_switch_id)
    if found.status != "Available":
        raise errors.IncorrectVSwitchStatus
    return found


def named_groups(security_group_id: str, security_group_ids: list[str]) -> list[str]:
    if security_group_id and security_group_ids:
        raise errors.SecurityGroupOneAndMany
    groups = security_group_ids or ([security_group_id] if security_group_id else [])
    if not groups:
        raise MissingParameter(parameter="SecurityGroupId")
    return groups


def _queues(number: int | None) -> int | None:
    """Kept and shown; how many queues there are is the host's."""
    if number is not None and not 1 <= number <= _MOST_QUEUES:
        raise errors.NotOffered(parameter=f"QueueNumber {number}")
    return number


def _refuse_what_is_not_offered(ask: CreateNetworkInterfaceRequest) -> None:
    given = {
        "Ipv6Address": ask.ipv6_address,
        "Ipv6AddressCount": ask.ipv6_address_count,
        "Ipv4Prefix": ask.ipv4_prefix,
        "Ipv4PrefixCount": ask.ipv4_prefix_count,
        "Ipv6Prefix": ask.ipv6_prefix,
        "Ipv6PrefixCount": ask.ipv6_prefix_count,
        "BusinessType": ask.business_type,
        f"InstanceType {ask.instance_type}": ask.instance_type not in ("", "Secondary"),
        f"NetworkInterfaceTrafficMode {ask.network_interface_traffic_mode}": (
            ask.network_interface_traffic_mode not in ("", "Standard")
        ),
        "SourceDestCheck": ask.source_dest_check,
    }
    for parameter, value in given.items():
        if value:
            raise errors.NotOffered(parameter=parameter)


class ModifyNetworkInterfaceAttributeRequest(Request, kw_only=True):
    """What is left out stays as it is."""

    region_id: str
    network_interface_id: str
    network_interface_name: str | None = None
    description: str | None = None
    security_group_id: list[str] = []
    delete_on_release: bool | None = None
    queue_number: int | None = None
    source_dest_check: bool | None = None


@ecs.operation(resource="eni/{network_interface_id}", also=("securitygroup/{security_group_id}",))
def modify_network_interface_attribute(call: Call, ask: ModifyNetworkInterfaceAttributeRequest) -> Response:
    one = interfaces.find(call, ask.network_interface_id)
    if one.status in ("Attaching", "Detaching"):
        raise WrongInterfaceState(status=one.status)
    if ask.source_dest_check:
        raise errors.NotOffered(parameter="SourceDestCheck")
    if ask.network_interface_name is not None:
        one.name = interfaces.checked_name(ask.network_interface_name)
    if ask.description is not None:
        one.description = names.check_description(ask.description)
    if ask.delete_on_release is not None:
        if one.type == "Primary" and not ask.delete_on_release:
            raise WrongInterfaceType(type=one.type)
        one.delete_on_release = ask.delete_on_release
    one.queue_number = _queues(ask.queue_number) or one.queue_number
    call.state.put(one)
    if ask.security_group_id:
        membership.check_groups(call, ask.security_group_id, one.vpc_id, one.v_switch_id)
        interfaces.put_into_groups(call.state, one, ask.security_group_id)
        call.wake()
    return Response()


class DeleteNetworkInterfaceRequest(Request, kw_only=True):
    region_id: str
    network_interface_id: str


@ecs.operation(resource="eni/{network_interface_id}")
def delete_network_interface(call: Call, ask: DeleteNetworkInterfaceRequest) -> Response:
    """Only one that is attached to nothing."""
    one = interfaces.find(call, ask.network_interface_id)
    if one.type == "Primary":
        raise WrongInterfaceType(type=one.type)
    if one.status != "Available":
        raise WrongInterfaceState(status=one.status)
    for using in users:
        using(call, one)
    eips.let_go(call.state, one.id)
    call.state.delete(one)
    return Response()
