"""The network interfaces whose traffic flow logs tell of, as the service that has them describes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from openyun.state import Transaction


class LoggedInterface(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    account_id: str
    vpc_id: str
    v_switch_id: str
    instance_id: str
    addresses: tuple[str, ...]


sources: list[Callable[[Transaction], Iterable[LoggedInterface]]] = []
"""Who has network interfaces in VPCs adds a function that tells them."""


def all_of(state: Transaction) -> list[LoggedInterface]:
    return [one for source in sources for one in source(state)]
