"""What the rest of the cloud may ask about network interfaces: where they are, whose, and with which addresses."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from openyun.operation import Call
from openyun.services.ecs.network_interface.errors import InterfaceNotFound, InvalidName
from openyun.services.ecs.records import Instance, NetworkInterface
from openyun.services.vpc import eips, v_switches
from openyun.state import Transaction

_NAME = re.compile(r"[^\W\d_][\w:.-]{1,127}")
MOST_ADDRESSES = 50
"""of one interface that no instance type limits"""


def find(call: Call, network_interface_id: str) -> NetworkInterface:
    """The account's interface; raises InterfaceNotFound. That of an instance that is being deleted is not found."""
    found = call.state.get(NetworkInterface, network_interface_id)
    if found is None or found.account_id != call.account_id or not lives(call.state, found):
        raise InterfaceNotFound(network_interface_id=network_interface_id)
    return found


def lives(state: Transaction, one: NetworkInterface) -> bool:
    """A primary interface goes with its instance."""
    if one.type != "Primary":
        return True
    instance = state.get(Instance, one.instance_id)
    return instance is not None and instance.wanted != "Deleted"


def addresses(one: NetworkInterface) -> list[str]:
    """All private addresses, the primary one first."""
    return [one.address, *one.secondary_addresses]


def of_instance(state: Transaction, instance_id: str) -> list[NetworkInterface]:
    """Those that the instance has or will have in a moment, the primary one first."""
    found = [one for one in state.find(NetworkInterface, instance_id=instance_id) if one.status != "Detaching"]
    return sorted(found, key=lambda one: one.device_index)


def of_instances(state: Transaction, instance_ids: Iterable[str]) -> dict[str, list[NetworkInterface]]:
    """The same for several instances in one query."""
    found: dict[str, list[NetworkInterface]] = defaultdict(list)
    for one in state.find(NetworkInterface, instance_id=list(instance_ids)):
        if one.status != "Detaching":
            found[one.instance_id].append(one)
    for several in found.values():
        several.sort(key=lambda one: one.device_index)
    return found


def with_address(state: Transaction, vpc_id: str, address: str) -> NetworkInterface | None:
    """Who has this private address in the VPC."""
    for one in state.find(NetworkInterface, vpc_id=vpc_id):
        if address == one.address or address in one.secondary_addresses:
            return one if lives(state, one) else None
    return None


def used_addresses(state: Transaction, v_switch_id: str) -> set[str]:
    return {address for one in state.find(NetworkInterface, v_switch_id=v_switch_id) for address in addresses(one)}


def count_in_v_switch(state: Transaction, v_switch_id: str) -> int:
    """Addresses in use, also of what is being deleted: it holds them until it is gone."""
    return len(used_addresses(state, v_switch_id))


def macs(state: Transaction, vpc_id: str, of: Iterable[str]) -> list[str]:
    """A MAC for each of these private addresses, unlike every other of the VPC: the vendor's prefix and the address's
    last three bytes, which differ unless the VPC has blocks that end alike."""
    taken = {one.mac for one in state.find(NetworkInterface, vpc_id=vpc_id)}
    made = []
    for address in of:
        number = int.from_bytes(bytes(int(byte) for byte in address.split(".")[1:]), "big")
        while (mac := _mac(number)) in taken:
            number += 1
        taken.add(mac)
        made.append(mac)
    return made


def _mac(number: int) -> str:
    return "00:16:3e:" + ":".join(f"{byte:02x}" for byte in (number & 0xFFFFFF).to_bytes(3, "big"))


def put_into_groups(state: Transaction, one: NetworkInterface, security_group_ids: list[str]) -> None:
    """An instance is in the groups of its primary interface."""
    one.security_group_ids = security_group_ids
    state.put(one)
    if one.type == "Primary":
        instance = state.get(Instance, one.instance_id)
        if instance is not None:
            instance.security_group_ids = security_group_ids
            state.put(instance)


def primary_of(instance: Instance) -> NetworkInterface:
    """What the record of a new instance says of its primary interface."""
    return NetworkInterface(
        id=instance.network_interface_id,
        account_id=instance.account_id,
        type="Primary",
        vpc_id=instance.vpc_id,
        v_switch_id=instance.v_switch_id,
        zone_id=instance.zone_id,
        mac=instance.mac,
        address=instance.private_address,
        security_group_ids=instance.security_group_ids,
        status="InUse",
        instance_id=instance.id,
        delete_on_release=True,
        resource_group_id=instance.resource_group_id,
        created_at=instance.created_at,
        tags=instance.tags,
    )


def adopt(state: Transaction) -> None:
    """Instances that were made before network interfaces had records get them."""
    known = {one.id for one in state.find(NetworkInterface)}
    for instance in state.find(Instance):
        if instance.network_interface_id not in known:
            state.insert(primary_of(instance))


def plug_again(call: Call, instance_id: str) -> None:
    """Have the engine give the instance the interfaces and addresses that it should have."""
    instance = call.state.get(Instance, instance_id)
    if instance is not None:
        instance.plugs += 1
        instance.due = True
        call.state.put(instance)
        call.wake()


def settle(state: Transaction, instance: Instance) -> None:
    """What the engine did for the instance is done for its interfaces."""
    for one in state.find(NetworkInterface, instance_id=instance.id):
        if one.status == "Attaching":
            one.status = "InUse"
            state.put(one)
        elif one.status == "Detaching":
            _free(state, one)


def release(state: Transaction, instance: Instance) -> None:
    """The instance is gone: what does not go with it is free again."""
    for one in state.find(NetworkInterface, instance_id=instance.id):
        if one.type == "Primary" or one.delete_on_release:
            eips.let_go(state, one.id)
            state.delete(one)
        else:
            _free(state, one)


def _free(state: Transaction, one: NetworkInterface) -> None:
    one.status, one.instance_id, one.device_index = "Available", "", 0
    state.put(one)


def checked_name(name: str) -> str:
    if name and not _NAME.fullmatch(name):
        raise InvalidName
    return name


v_switches.takers.append(used_addresses)
v_switches.users.append(count_in_v_switch)
