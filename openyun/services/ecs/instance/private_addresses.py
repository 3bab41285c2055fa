"""Private addresses of a vSwitch. The first and the last three are reserved."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address
from itertools import islice

from openyun.operation import Call
from openyun.services.ecs.errors import (
    NoPrivateAddressLeft,
    PrivateAddressInUse,
    PrivateAddressMalformed,
    PrivateAddressOutside,
)
from openyun.services.vpc import v_switches
from openyun.services.vpc.records import VSwitch
from openyun.services.vpc.v_switches import assignable


def allocate(
    call: Call, v_switch: VSwitch, *, least: int, most: int, first: str = "", but: Iterable[str] = ()
) -> list[str]:
    """The lowest free addresses, at least `least` and at most `most`; or exactly the `most` that begin with `first`.
    `but` are taken although no record says so yet.

    Raises NoPrivateAddressLeft, PrivateAddressMalformed, PrivateAddressOutside, PrivateAddressInUse."""
    numbers = assignable(v_switch.cidr_block)
    used = v_switches.taken(call.state, v_switch.id).union(but)
    if first:
        return _from(first, most, numbers, used)
    free = (address for number in numbers if (address := str(IPv4Address(number))) not in used)
    found = list(islice(free, most))
    if len(found) < least:
        raise NoPrivateAddressLeft(v_switch_id=v_switch.id)
    return found


def _from(first: str, count: int, numbers: range, used: set[str]) -> list[str]:
    try:
        start = int(IPv4Address(first))
    except ValueError:
        raise PrivateAddressMalformed(address=first) from None
    if start not in numbers or start + count - 1 not in numbers:
        raise PrivateAddressOutside(address=first)
    addresses = [str(IPv4Address(number)) for number in range(start, start + count)]
    for address in addresses:
        if address in used:
            raise PrivateAddressInUse(address=address)
    return addresses
