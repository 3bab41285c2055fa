"""Routes of a VPC: a kernel routing table for each route table with entries, chosen by the vSwitch a packet comes from.

Each table begins with the VPC's own vSwitches, so that a wide route does not swallow them. Who has a public address of
its own goes out with it whatever the default route says, as the vendor has it: so default routes are looked at last.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from typing import Any

import msgspec

from openyun.engine.drivers import tool
from openyun.engine.drivers.vpc import peering
from openyun.engine.drivers.vpc.names import PROVIDER_SERVICES, UPLINK, switch_name
from openyun.engine.network import Network, Port, Route, Switch

PUBLISHED_MARK = 0x1
"""of packets whose sender has a public address"""
_FIRST_TABLE = 1000
_SPECIFIC, _PUBLISHED, _DEFAULT = 1000, 1001, 1002
"""priorities of the rules"""


def rules(network: Network) -> list[str]:
    """`ip rule` as it should be: "priority ...", in the words of `ip rule add`."""
    found = []
    for table in network.route_tables:
        if not table.routes:
            continue
        number = _number(table.id)
        present = {switch.id for switch in network.switches}
        for switch_id in table.switch_ids:
            if switch_id in present:
                chosen = f"iif {switch_name(switch_id)} lookup {number}"
                found.append(f"priority {_SPECIFIC} {chosen} suppress_prefixlength 0")
                found.append(f"priority {_DEFAULT} {chosen}")
    return [f"priority {_PUBLISHED} fwmark {PUBLISHED_MARK:#x} lookup main", *sorted(found)] if found else []


def routes(network: Network, outside: str) -> dict[int, dict[str, str]]:
    """By table and destination, the rest of the line of `ip route`. `outside` is the address beyond the uplink."""
    local = {str(IPv4Network(switch.cidr)): f"dev {switch_name(switch.id)} scope link" for switch in network.switches}
    found = {}
    for table in network.route_tables:
        if table.routes:
            own = {route.cidr: _way(route, network, outside) for route in table.routes}
            found[_number(table.id)] = {**own, PROVIDER_SERVICES: "throw", **local}
    return found


def next_hops(network: Network) -> list[tuple[Port, Route, tuple[str, ...]]]:
    """Ports that others' packets are led to: with the route, and the vSwitches it holds for. Most specific first."""
    by_address = {address: port for port in network.ports for address in port.nic.addresses}
    found = [
        (by_address[route.hop.address], route, table.switch_ids)
        for table in network.route_tables
        for route in table.routes
        if route.hop.address in by_address
    ]
    return sorted(found, key=lambda one: (-IPv4Network(one[1].cidr).prefixlen, one[1].cidr, one[2]))


def apply(network: Network, outside: str) -> None:
    """Inside the VPC's namespace. What is right already is left alone."""
    wanted_rules, wanted = rules(network), routes(network, outside)
    lines = [
        f"route replace {_line(cidr, way)} table {number}"
        for number, ways in wanted.items()
        for cidr, way in ways.items()
    ]
    shown = _shown("rule")
    present = {text: number for rule in shown if (text := _rule(rule)) for number in [_table(rule)]}
    lines += [f"rule add {rule}" for rule in wanted_rules if rule not in present]
    lines += [f"rule del {rule}" for rule in present if rule not in wanted_rules]
    for route in _shown("route", "table", "all"):
        number = _table(route)
        if number < _FIRST_TABLE or route.get("dst") is None:
            continue
        cidr = _cidr(str(route["dst"]))
        if cidr not in wanted.get(number, {}):
            kind = f"{route['type']} " if route.get("type", "unicast") != "unicast" else ""
            lines.append(f"route del {kind}{cidr} table {number}")
    tool.ip(lines)


def _number(table_id: str) -> int:
    return _FIRST_TABLE + int(tool.short_hash(table_id, 6), 16)


def _way(route: Route, network: Network, outside: str) -> str:
    if route.hop.gateway_id:
        return f"via {outside} dev {UPLINK} onlink"
    if route.hop.peering_id:
        return peering.way(route, network)
    switch = _switch_with(route.hop.address, network) if route.hop.address else None
    if switch is None:
        return "blackhole"
    return f"via {route.hop.address} dev {switch_name(switch.id)} onlink"


def _switch_with(address: str, network: Network) -> Switch | None:
    return next((one for one in network.switches if IPv4Address(address) in IPv4Network(one.cidr)), None)


def _line(cidr: str, way: str) -> str:
    return f"{way} {cidr}" if way in ("blackhole", "throw") else f"{cidr} {way}"


def _shown(*what: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = msgspec.json.decode(tool.run("ip", "-json", "-4", what[0], "show", *what[1:]) or "[]")
    return found


def _table(one: dict[str, Any]) -> int:
    text = str(one.get("table", ""))
    return int(text) if text.isdecimal() else 0


def _cidr(text: str) -> str:
    return "0.0.0.0/0" if text == "default" else text if "/" in text else f"{text}/32"


def _rule(shown: dict[str, Any]) -> str:
    """A rule of ours in the words of `rules`; empty for the kernel's own."""
    priority = int(shown.get("priority", 0))
    if priority == _PUBLISHED:
        return f"priority {priority} fwmark {PUBLISHED_MARK:#x} lookup main"
    if priority not in (_SPECIFIC, _DEFAULT):
        return ""
    suppressed = " suppress_prefixlength 0" if priority == _SPECIFIC else ""
    return f"priority {priority} iif {shown.get('iif', '')} lookup {shown['table']}{suppressed}"
