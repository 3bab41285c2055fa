"""Writes the nftables rules of address translation: public addresses, SNAT and DNAT entries.

Who has a public address of its own goes out with it; everybody else needs an SNAT entry, and a route to its NAT
gateway. What comes to a port that a DNAT entry names goes there before the address as a whole is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import NamedTuple

from openyun.engine.drivers.vpc.names import UPLINK, VPC_ADDRESS, named
from openyun.engine.network import Forwarding, Network


class Way(NamedTuple):
    """A way out: from these sources to these destinations, with one of these addresses."""

    source: str
    destination: str
    addresses: tuple[str, ...]

    @property
    def match(self) -> str:
        whole = self.destination.endswith("/0")
        return f"ip saddr {self.source}" + ("" if whole else f" ip daddr {self.destination}")


def pairs(network: Network) -> dict[str, str]:
    """Private address by public address: those that are translated as a whole, both ways."""
    found = {port.public_address: port.nic.address for port in network.ports if port.public_address}
    found |= {one.address: one.private_address for one in network.addresses if one.private_address}
    for one in network.forwardings:
        if one.protocol == "any":
            found.setdefault(one.address, one.private_address)
    return found


def public_of(network: Network) -> dict[str, str]:
    """The public address that each private one goes out with."""
    found: dict[str, str] = {}
    for public, private in sorted(pairs(network).items()):
        found.setdefault(private, public)
    return found


def ways(network: Network) -> list[Way]:
    """Of all SNAT entries whose vSwitches have a route to their NAT gateway; the most specific first."""
    cidrs = {switch.id: IPv4Network(switch.cidr) for switch in network.switches}
    found = set()
    for table in network.route_tables:
        for route in table.routes:
            for entry in network.source_translations:
                if not entry.addresses or entry.gateway_id != route.hop.gateway_id:
                    continue
                for switch_id in table.switch_ids:
                    common = _common(IPv4Network(entry.cidr), cidrs.get(switch_id))
                    if common is not None:
                        found.add((str(common), route.cidr, entry.addresses, IPv4Network(entry.cidr).prefixlen))
    ordered = sorted(found, key=lambda one: (-IPv4Network(one[1]).prefixlen, -one[3], one))
    return [Way(source, destination, addresses) for source, destination, addresses, _ in ordered]


def render(network: Network) -> Iterator[str]:
    """Maps and chains, for the inside of the table."""
    inward = (f"{public} : {private}" for public, private in pairs(network).items())
    outward = (f"{private} : {public}" for private, public in public_of(network).items())
    ports = [element for one in network.forwardings if one.protocol != "any" for element in _ports(one)]
    yield from named("map", "inward", "ipv4_addr : ipv4_addr", inward)
    yield from named("map", "outward", "ipv4_addr : ipv4_addr", outward)
    yield from named("set", "answering", "ipv4_addr", (one.address for one in network.addresses if one.answers_ping))
    yield from named("map", "forwardings", "ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service", ports)
    yield f"""\
  chain prerouting {{
    type nat hook prerouting priority dstnat;
    iifname "{UPLINK}" meta l4proto {{ tcp, udp }} dnat ip to ip daddr . meta l4proto . th dport map @forwardings
    iifname "{UPLINK}" dnat ip to ip daddr map @inward
    iifname "{UPLINK}" ip daddr @answering icmp type echo-request dnat ip to {VPC_ADDRESS}
  }}
  chain postrouting {{
    type nat hook postrouting priority srcnat;
    oifname "{UPLINK}" snat ip to ip saddr map @outward"""
    for way in ways(network):
        yield f'    oifname "{UPLINK}" {way.match} snat ip to {_one_of(way.addresses)}'
    yield "  }"


def _ports(one: Forwarding) -> Iterator[str]:
    for at in range(one.last_port - one.first_port + 1):
        outside = f"{one.address} . {one.protocol} . {one.first_port + at}"
        yield f"{outside} : {one.private_address} . {one.private_first_port + at}"


def _one_of(addresses: tuple[str, ...]) -> str:
    """Several addresses share the connections at random."""
    if len(addresses) == 1:
        return addresses[0]
    choices = ", ".join(f"{number} : {address}" for number, address in enumerate(addresses))
    return f"numgen random mod {len(addresses)} map {{ {choices} }}"


def _common(one: IPv4Network, other: IPv4Network | None) -> IPv4Network | None:
    if other is None or not one.overlaps(other):
        return None
    return one if one.subnet_of(other) else other
