"""Connects a machine's network namespace to its VPC: a veth pair for each interface, with its addresses and routes.

Guests have no right to configure interfaces, so all of it is done from here: also the rules by which an answer leaves
over the interface whose address was asked, as further interfaces need them.
"""

from __future__ import annotations

import contextlib
from ipaddress import IPv4Interface
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from openyun.engine.compute import EngineError, Nic
from openyun.engine.drivers import namespace, tool
from openyun.engine.drivers.vpc import names

_TABLES = 100
"""eth1 has the routing table 101, eth2 the table 102"""


class _Interface(NamedTuple):
    mac: str
    addresses: frozenset[str]


def guest_name(nic: Nic) -> str:
    return f"eth{nic.index}"


def is_plugged(home: str, nic: Nic, machine: str) -> bool:
    if names.port_name(nic.mac) not in namespace.inside(home, namespace.interfaces):
        return False
    # The default route is the last thing that a plugged interface gets.
    if not namespace.inside(machine, lambda: _has_default_route(guest_name(nic))):
        return False
    return namespace.inside(machine, _interfaces).get(guest_name(nic)) == _wanted(nic)


def plug(home: str, nic: Nic, machine: str) -> None:
    """Repeating it leaves connections alone. `home` and `machine` are names of network namespaces."""
    port, guest = names.port_name(nic.mac), guest_name(nic)
    present = port in namespace.inside(home, namespace.interfaces)
    taken = guest in namespace.inside(machine, namespace.interfaces)
    seen = namespace.inside(machine, _interfaces) if taken else {}

    def attach() -> None:
        if present:
            # It belongs to a namespace of the machine that is going; the kernel may take it away at this moment.
            with contextlib.suppress(EngineError):
                tool.ip([f"link del {port}"])
        ours = f"{port} master {names.switch_name(nic.v_switch_id)} up"
        theirs = f"{guest} address {nic.mac} netns {namespace.FOLDER / machine}"
        tool.ip([f"link add name {ours} type veth peer name {theirs}"])

    if not (present and taken and seen[guest].mac == nic.mac):
        if taken:
            namespace.inside(machine, lambda: tool.ip([f"link del {guest}"]))
        namespace.inside(home, attach)
        seen = {}
    held = seen[guest].addresses if guest in seen else frozenset()
    namespace.inside(machine, lambda: tool.ip(_configuration(nic, held)))


def unplug(machine: str, kept: tuple[Nic, ...]) -> None:
    """Take away every interface of the machine but these."""
    names = {guest_name(nic) for nic in kept}
    present = namespace.inside(machine, namespace.interfaces)
    gone = [f"link del {name}" for name in sorted(present) if name.startswith("eth") and name not in names]
    if gone:
        namespace.inside(machine, lambda: tool.ip([*gone, *_rules(frozenset(nic.index for nic in kept))]))


def _configuration(nic: Nic, held: frozenset[str]) -> list[str]:
    guest = guest_name(nic)
    lines = ["link set lo up"]
    # A secondary address goes with the one that was there first, so the primary one is added first.
    lines += [f"addr del {address}/{nic.prefix} dev {guest}" for address in sorted(held - set(nic.addresses))]
    lines += [f"addr add {address}/{nic.prefix} dev {guest}" for address in nic.addresses if address not in held]
    lines.append(f"link set {guest} up")
    if nic.index:
        table = _TABLES + nic.index
        subnet = IPv4Interface(f"{nic.address}/{nic.prefix}").network
        lines += [
            f"route replace {subnet} dev {guest} scope link src {nic.address} table {table}",
            f"route replace default via {nic.gateway} dev {guest} table {table}",
            *_rules(frozenset(), of=nic),
        ]
    metric = f" metric {_TABLES + nic.index}" if nic.index else ""
    return [*lines, f"route replace default via {nic.gateway} dev {guest}{metric}"]


def _rules(kept: frozenset[int], of: Nic | None = None) -> list[str]:
    """Rules as they should be: those of one interface anew, or none but those of the kept interfaces."""
    found: list[dict[str, Any]] = msgspec.json.decode(tool.run("ip", "-json", "rule", "show") or "[]")
    lines = []
    for rule in found:
        table = str(rule.get("table", ""))
        index = int(table) - _TABLES if table.isdecimal() else 0
        if index <= 0 or index in kept or (of is not None and index != of.index):
            continue
        lines.append(f"rule del from {rule['src']} lookup {table} priority {rule['priority']}")
    if of is not None:
        table = str(_TABLES + of.index)
        lines += [f"rule add from {address} lookup {table} priority {table}" for address in of.addresses]
    return lines


def _wanted(nic: Nic) -> _Interface:
    return _Interface(nic.mac.lower(), frozenset(nic.addresses))


def _interfaces() -> dict[str, _Interface]:
    """Those of the caller's namespace, by name."""
    found = msgspec.json.decode(tool.run("ip", "-json", "-4", "address", "show") or "[]")
    links = msgspec.json.decode(tool.run("ip", "-json", "link", "show") or "[]")
    macs = {link.get("ifname"): str(link.get("address", "")) for link in links}
    addresses = {one.get("ifname"): frozenset(str(part["local"]) for part in one.get("addr_info", ())) for one in found}
    return {name: _Interface(mac, addresses.get(name, frozenset())) for name, mac in macs.items() if name}


def _has_default_route(interface: str) -> bool:
    routes = (line.split() for line in Path("/proc/thread-self/net/route").read_text().splitlines()[1:])
    return any(route[0] == interface and route[1] == "00000000" for route in routes)
