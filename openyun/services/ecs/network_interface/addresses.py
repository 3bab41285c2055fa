"""Secondary private addresses: assigned to an interface and taken from it, also while its instance runs."""

from __future__ import annotations

from openyun.errors import MissingParameter
from openyun.operation import Call, Model, Request, Response
from openyun.services.ecs import errors
from openyun.services.ecs.instance import private_addresses
from openyun.services.ecs.instance_type.catalogue import find_instance_type
from openyun.services.ecs.network_interface import interfaces
from openyun.services.ecs.network_interface.errors import (
    AddressesAndCount,
    AddressNotAssigned,
    AddressRepeated,
    TooManyAddresses,
    WrongInstanceState,
    WrongInterfaceState,
)
from openyun.services.ecs.records import Instance, NetworkInterface
from openyun.services.ecs.service import ecs
from openyun.services.vpc.records import VSwitch


class PrivateIpAddresses(Model):
    private_ip_address: list[str]


class AssignedSet(Model, kw_only=True):
    network_interface_id: str
    private_ip_set: PrivateIpAddresses


class AssignPrivateIpAddressesRequest(Request, kw_only=True):
    region_id: str
    network_interface_id: str
    private_ip_address: list[str] = []
    secondary_private_ip_address_count: int | None = None
    ipv4_prefix: list[str] = []
    ipv4_prefix_count: int | None = None
    client_token: str = ""


class AssignPrivateIpAddressesResponse(Response, kw_only=True):
    assigned_private_ip_addresses_set: AssignedSet


@ecs.operation(resource="eni/{network_interface_id}")
def assign_private_ip_addresses(call: Call, ask: AssignPrivateIpAddressesRequest) -> AssignPrivateIpAddressesResponse:
    if ask.ipv4_prefix or ask.ipv4_prefix_count:
        raise errors.NotOffered(parameter="Ipv4Prefix")
    if not ask.private_ip_address and not ask.secondary_private_ip_address_count:
        raise MissingParameter(parameter="PrivateIpAddress")
    one = _settled(call, ask.network_interface_id)
    added = new_secondary_addresses(call, one, ask.private_ip_address, ask.secondary_private_ip_address_count)
    one.secondary_addresses += added
    _changed(call, one)
    return AssignPrivateIpAddressesResponse(
        assigned_private_ip_addresses_set=AssignedSet(
            network_interface_id=one.id, private_ip_set=PrivateIpAddresses(added)
        )
    )


class UnassignPrivateIpAddressesRequest(Request, kw_only=True):
    region_id: str
    network_interface_id: str
    private_ip_address: list[str] = []
    ipv4_prefix: list[str] = []


@ecs.operation(resource="eni/{network_interface_id}")
def unassign_private_ip_addresses(call: Call, ask: UnassignPrivateIpAddressesRequest) -> Response:
    if ask.ipv4_prefix:
        raise errors.NotOffered(parameter="Ipv4Prefix")
    if not ask.private_ip_address:
        raise MissingParameter(parameter="PrivateIpAddress")
    one = _settled(call, ask.network_interface_id)
    for address in ask.private_ip_address:
        if address not in one.secondary_addresses:
            raise AddressNotAssigned(address=address)
    one.secondary_addresses = [address for address in one.secondary_addresses if address not in ask.private_ip_address]
    _changed(call, one)
    return Response()


def new_secondary_addresses(call: Call, one: NetworkInterface, named: list[str], count: int | None) -> list[str]:
    """Free addresses of the interface's vSwitch: the named ones, or so many; none if neither is given.

    Raises TooManyAddresses and what `private_addresses.allocate` raises."""
    if named and count:
        raise AddressesAndCount
    if len(set(named)) < len(named):
        raise AddressRepeated(address=next(address for address in named if named.count(address) > 1))
    amount = len(named) or count or 0
    if amount < 0:
        raise errors.InvalidPrivateAddressCount
    if amount == 0:
        return []
    most = _most(call, one)
    if 1 + len(one.secondary_addresses) + amount > most:
        raise TooManyAddresses(most=most)
    v_switch = call.state.get(VSwitch, one.v_switch_id)
    if v_switch is None:
        raise errors.VSwitchNotFound(v_switch_id=one.v_switch_id)
    # The interface itself may not be written yet.
    taken = {one.address, *one.secondary_addresses}
    if not named:
        return private_addresses.allocate(call, v_switch, least=amount, most=amount, but=taken)
    return [
        private_addresses.allocate(call, v_switch, least=1, most=1, first=address, but=taken)[0] for address in named
    ]


def _most(call: Call, one: NetworkInterface) -> int:
    instance = call.state.get(Instance, one.instance_id) if one.instance_id else None
    kind = find_instance_type(instance.instance_type) if instance else None
    return (kind.addresses if kind else None) or interfaces.MOST_ADDRESSES


def _settled(call: Call, network_interface_id: str) -> NetworkInterface:
    one = interfaces.find(call, network_interface_id)
    if one.status not in ("Available", "InUse"):
        raise WrongInterfaceState(status=one.status)
    instance = call.state.get(Instance, one.instance_id) if one.instance_id else None
    if instance is not None and instance.status not in ("Running", "Stopped"):
        raise WrongInstanceState(status=instance.status)
    return one


def _changed(call: Call, one: NetworkInterface) -> None:
    call.state.put(one)
    if one.instance_id:
        interfaces.plug_again(call, one.instance_id)
