"""Bandwidth of public addresses: a class of the HTB queueing discipline for each that has a limit.

What leaves the VPC is shaped on its end of the uplink, what enters it on the other end.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from openyun.engine.compute import EngineError
from openyun.engine.drivers import tool
from openyun.engine.network import Network

log = logging.getLogger("openyun.network")

_LEAST_QUEUE = 128 << 10
"""bytes: two of the largest packets that a kernel hands over at once"""
_QUEUE_SECONDS = 0.1


def limits(network: Network) -> dict[str, int]:
    """Mbit/s by public address, for those that have a limit."""
    found = {port.public_address: port.public_mbit for port in network.ports if port.public_address}
    found |= {one.address: one.mbit for one in network.addresses}
    return {address: mbit for address, mbit in sorted(found.items()) if mbit}


def apply(interface: str, side: Literal["src", "dst"], limited: Mapping[str, int]) -> None:
    """In the interface's namespace. Queues are made anew only where a limit has changed: what waits in them is lost."""
    # The root's two numbers tell what stands below it; a default class that does not exist means no limit.
    digest = int(tool.short_hash(repr(sorted(limited.items())), 8), 16)
    handle, default = (digest & 0x7FFF) + 1, (digest >> 16) | 0x8000
    shown: list[dict[str, Any]] = msgspec.json.decode(
        tool.run("tc", "-json", "qdisc", "show", "dev", interface) or "[]"
    )
    present = next((one for one in shown if one.get("kind") == "htb" and one.get("root")), None)
    found = (present["handle"], int(str(present["options"]["default"]), 16)) if present else None
    if found == ((f"{handle:x}:", default) if limited else None):
        return
    lines = [f"qdisc del dev {interface} root"] if present else []
    if limited:
        lines.append(f"qdisc add dev {interface} root handle {handle:x}: htb default {default:x}")
    for number, (address, mbit) in enumerate(limited.items(), start=1):
        own = f"{handle:x}:{number:x}"
        queue = max(_LEAST_QUEUE, int(mbit * 1_000_000 / 8 * _QUEUE_SECONDS))
        lines += [
            f"class add dev {interface} parent {handle:x}: classid {own} htb rate {mbit}mbit ceil {mbit}mbit",
            f"qdisc add dev {interface} parent {own} bfifo limit {queue}",
            f"filter add dev {interface} parent {handle:x}: protocol ip prio 1 u32 match ip {side} {address}/32 "
            f"flowid {own}",
        ]
    try:
        tool.run("tc", "-batch", "-", stdin="\n".join(lines) + "\n")
    except EngineError as problem:
        # A kernel without HTB or u32: better a network without limits than none.
        log.warning("no bandwidth limits on %s: %s", interface, problem)
