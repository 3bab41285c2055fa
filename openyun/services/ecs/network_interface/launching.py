"""The network interfaces that RunInstances makes or attaches together with its instances."""

from __future__ import annotations

from collections.abc import Sequence

from openyun.operation import Call, Model
from openyun.services.ecs import errors, names
from openyun.services.ecs.instance import private_addresses
from openyun.services.ecs.instance_type.catalogue import InstanceType
from openyun.services.ecs.network_interface import interfaces
from openyun.services.ecs.network_interface.addresses import new_secondary_addresses
from openyun.services.ecs.network_interface.attachments import attach
from openyun.services.ecs.network_interface.errors import TooManyOnInstance, WrongInterfaceState
from openyun.services.ecs.network_interface.network_interfaces import available_v_switch
from openyun.services.ecs.records import Instance, NetworkInterface
from openyun.services.ecs.security_group import membership


class TemplateInterface(Model, kw_only=True):
    """NetworkInterface.N of launch templates."""

    instance_type: str = "Secondary"
    v_switch_id: str = ""
    primary_ip_address: str = ""
    security_group_id: str = ""
    security_group_ids: list[str] = []
    network_interface_name: str = ""
    description: str = ""
    delete_on_release: bool | None = None
    network_interface_traffic_mode: str = ""

    @property
    def group_ids(self) -> list[str]:
        return [one for one in (self.security_group_id, *self.security_group_ids) if one]


class NewInterface(TemplateInterface, kw_only=True):
    """NetworkInterface.N of RunInstances."""

    network_interface_id: str = ""
    secondary_private_ip_address_count: int | None = None
    network_card_index: int = 0
    source_dest_check: bool = False
    ipv6_address: list[str] = []
    ipv6_address_count: int | None = None


def parted(wishes: Sequence[NewInterface]) -> tuple[NewInterface | None, list[NewInterface]]:
    """The primary interface and the others, checked as far as one request can be. Raises InvalidNetworkInterface."""
    for one in wishes:
        if one.instance_type not in ("Primary", "Secondary"):
            raise errors.InvalidNetworkInterface(reason="InstanceType is Primary or Secondary.")
        if one.security_group_id and one.security_group_ids:
            raise errors.SecurityGroupOneAndMany
        given = {
            "Ipv6Address": one.ipv6_address,
            "Ipv6AddressCount": one.ipv6_address_count,
            "NetworkCardIndex": one.network_card_index,
            "SourceDestCheck": one.source_dest_check,
            "NetworkInterfaceTrafficMode": one.network_interface_traffic_mode not in ("", "Standard"),
        }
        for parameter, value in given.items():
            if value:
                raise errors.NotOffered(parameter=f"NetworkInterface.N.{parameter}")
    primary = [one for one in wishes if one.instance_type == "Primary"]
    if len(primary) > 1:
        raise errors.InvalidNetworkInterface(reason="An instance has one primary network interface.")
    if primary and primary[0].network_interface_id:
        raise errors.NotOffered(parameter="NetworkInterface.N.NetworkInterfaceId of the primary interface")
    return primary[0] if primary else None, [one for one in wishes if one.instance_type == "Secondary"]


def furnish(
    call: Call,
    made: Sequence[Instance],
    kind: InstanceType,
    primary: NewInterface | None,
    others: Sequence[NewInterface],
) -> None:
    """Finish the new instances' primary interfaces, and give them the others."""
    if 1 + len(others) > kind.enis:
        raise TooManyOnInstance(instance_type=kind.id, most=kind.enis)
    if len(made) > 1 and any(one.network_interface_id or one.primary_ip_address for one in others):
        raise errors.InvalidNetworkInterface(reason="One network interface or address is for one instance only.")
    for instance in made:
        if primary is not None:
            _finish_primary(call, instance, primary)
        for wish in others:
            one = _existing(call, wish) if wish.network_interface_id else _new(call, instance, wish)
            attach(call, one, instance)
        if others or (primary is not None and primary.secondary_private_ip_address_count):
            instance.plugs = 1
            call.state.put(instance)


def _finish_primary(call: Call, instance: Instance, wish: NewInterface) -> None:
    if wish.delete_on_release is False:
        raise errors.InvalidNetworkInterface(reason="The primary network interface goes with its instance.")
    one = interfaces.find(call, instance.network_interface_id)
    one.name = interfaces.checked_name(wish.network_interface_name)
    one.description = names.check_description(wish.description)
    one.secondary_addresses = new_secondary_addresses(call, one, [], wish.secondary_private_ip_address_count)
    call.state.put(one)


def _existing(call: Call, wish: NewInterface) -> NetworkInterface:
    one = interfaces.find(call, wish.network_interface_id)
    call.demand([f"eni/{one.id}"])
    if one.status != "Available":
        raise WrongInterfaceState(status=one.status)
    if wish.delete_on_release is not None:
        one.delete_on_release = wish.delete_on_release
    return one


def _new(call: Call, instance: Instance, wish: NewInterface) -> NetworkInterface:
    v_switch = available_v_switch(call, wish.v_switch_id or instance.v_switch_id)
    groups = wish.group_ids or instance.security_group_ids
    membership.check_groups(call, groups, v_switch.vpc_id, v_switch.id)
    (address,) = private_addresses.allocate(call, v_switch, least=1, most=1, first=wish.primary_ip_address)
    one = NetworkInterface(
        id=call.new_id("eni"),
        account_id=call.account_id,
        name=interfaces.checked_name(wish.network_interface_name),
        description=names.check_description(wish.description),
        vpc_id=v_switch.vpc_id,
        v_switch_id=v_switch.id,
        zone_id=v_switch.zone_id,
        mac=interfaces.macs(call.state, v_switch.vpc_id, [address])[0],
        address=address,
        security_group_ids=groups,
        delete_on_release=wish.delete_on_release is not False,
        resource_group_id=instance.resource_group_id,
        created_at=instance.created_at,
        tags=instance.tags,
    )
    one.secondary_addresses = new_secondary_addresses(call, one, [], wish.secondary_private_ip_address_count)
    call.state.insert(one)
    return one
