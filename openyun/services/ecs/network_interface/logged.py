"""What of ECS flow logs tell of: attached network interfaces."""

from __future__ import annotations

from collections.abc import Iterator

from openyun.services.ecs.network_interface import interfaces
from openyun.services.ecs.records import NetworkInterface
from openyun.services.vpc import logged_interfaces
from openyun.state import Transaction


def _interfaces(state: Transaction) -> Iterator[logged_interfaces.LoggedInterface]:
    for one in state.find(NetworkInterface):
        if interfaces.lives(state, one):
            yield logged_interfaces.LoggedInterface(
                id=one.id,
                account_id=one.account_id,
                vpc_id=one.vpc_id,
                v_switch_id=one.v_switch_id,
                instance_id=one.instance_id,
                addresses=tuple(interfaces.addresses(one)),
            )


logged_interfaces.sources.append(_interfaces)
