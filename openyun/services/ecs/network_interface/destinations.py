"""What of ECS elastic IP addresses are bound to and routes lead to: instances and network interfaces."""

from __future__ import annotations

from openyun.engine import network
from openyun.services.ecs.network_interface import interfaces
from openyun.services.ecs.records import Instance, NetworkInterface
from openyun.services.vpc import eips, networks, route_entries
from openyun.services.vpc.records import Vpc
from openyun.state import Transaction


def _instance(state: Transaction, id: str) -> eips.Holder | None:
    one = state.get(Instance, id)
    if one is None or one.wanted == "Deleted":
        return None
    return eips.Holder(
        id=one.id,
        account_id=one.account_id,
        vpc_id=one.vpc_id,
        private_addresses=(one.private_address,),
        ready=one.status in ("Running", "Stopped"),
        public_address=one.public_address,
    )


def _interface(state: Transaction, id: str) -> eips.Holder | None:
    """An address for a primary interface is bound to its instance instead."""
    one = state.get(NetworkInterface, id)
    if one is None or not interfaces.lives(state, one):
        return None
    return eips.Holder(
        id=one.id,
        account_id=one.account_id,
        vpc_id=one.vpc_id,
        private_addresses=tuple(interfaces.addresses(one)),
        ready=one.type == "Secondary" and one.status in ("Available", "InUse"),
    )


def _over_instance(state: Transaction, within: Vpc, id: str) -> network.Hop | None:
    one = state.get(Instance, id)
    if one is None or one.wanted == "Deleted" or one.vpc_id != within.id:
        return None
    return network.Hop(address=one.private_address)


def _over_interface(state: Transaction, within: Vpc, id: str) -> network.Hop | None:
    one = state.get(NetworkInterface, id)
    if one is None or one.vpc_id != within.id or not interfaces.lives(state, one):
        return None
    return network.Hop(address=one.address)


def _connect_again(state: Transaction, vpc_id: str) -> None:
    """The network was made anew, and no instance is connected to it; nor is one that is being started just now."""
    for one in state.find(Instance, vpc_id=vpc_id):
        if one.wanted == "Running":
            one.plugs += 1
            one.due = True
            state.put(one)


eips.kinds["EcsInstance"] = _instance
eips.kinds["NetworkInterface"] = _interface
route_entries.next_hops["Instance"] = _over_instance
route_entries.next_hops["NetworkInterface"] = _over_interface
networks.remade.append(_connect_again)
