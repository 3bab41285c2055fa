"""What carries packets between instances: one network a VPC, isolated from every other.

Every verb may be repeated and may be interrupted by SIGKILL at any point.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Literal, Protocol, runtime_checkable

import msgspec

from openyun.engine.compute import Nic


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One security group rule. Rules are tried by priority (1 first), a drop before an accept of the same priority."""

    direction: Literal["ingress", "egress"]
    policy: Literal["accept", "drop"]
    protocol: Literal["tcp", "udp", "icmp", "gre", "all"]
    first_port: int = -1
    last_port: int = -1
    """-1/-1: all ports"""
    cidr: str = ""
    """the peer: IPv4 CIDR (source of ingress, destination of egress) ..."""
    group_id: str = ""
    """... or all members of another security group"""
    priority: int = 1
    own_first_port: int = -1
    own_last_port: int = -1
    """the ports at the other end of the five-tuple (SourcePortRange); -1/-1: all"""


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """A security group: ingress is refused and egress allowed unless a rule says otherwise."""

    id: str
    members_talk: bool = True
    """InnerAccessPolicy Accept: members reach each other whatever the rules say"""
    rules: tuple[Rule, ...] = ()


class Switch(msgspec.Struct, frozen=True, kw_only=True):
    """A vSwitch: a layer 2 segment whose gateway is the third address from its end."""

    id: str
    cidr: str
    gateway: str


class Port(msgspec.Struct, frozen=True, kw_only=True):
    """Where an instance's interface meets its vSwitch."""

    machine_id: str
    nic: Nic
    group_ids: tuple[str, ...]
    public_address: str = ""
    """an address outside the VPC that is translated to and from nic.address"""
    public_mbit: int = 0
    """what may pass the public address in a second, each way; 0: no limit"""


class PublicAddress(msgspec.Struct, frozen=True, kw_only=True):
    """An elastic IP address that leads into the VPC."""

    address: str
    private_address: str = ""
    """translated one to one, both ways; empty: the address serves source translations and forwardings only"""
    mbit: int = 0
    """what may pass in a second, each way; 0: no limit"""
    answers_ping: bool = False
    """whether the NAT gateway that has it answers ICMP echo requests"""


class SourceTranslation(msgspec.Struct, frozen=True, kw_only=True):
    """An SNAT entry: who of these sources has no public address of its own goes out with one of these."""

    cidr: str
    gateway_id: str
    """the NAT gateway, to which a route must lead"""
    addresses: tuple[str, ...]


class Forwarding(msgspec.Struct, frozen=True, kw_only=True):
    """A DNAT entry: what comes to a port of a public address goes to a port inside. The ranges are of equal length."""

    protocol: Literal["tcp", "udp", "any"]
    address: str
    first_port: int = 0
    last_port: int = 0
    private_address: str
    private_first_port: int = 0


class Hop(msgspec.Struct, frozen=True, kw_only=True):
    """Where a route leads: to an interface of the VPC (its address), to a NAT gateway, or into a peering."""

    address: str = ""
    gateway_id: str = ""
    peering_id: str = ""


class Route(msgspec.Struct, frozen=True, kw_only=True):
    cidr: str
    hop: Hop


class RouteTable(msgspec.Struct, frozen=True, kw_only=True):
    """Routes for what comes from these vSwitches. The most specific decides; who has a public address of its own needs
    no route to anywhere."""

    id: str
    switch_ids: tuple[str, ...] = ()
    routes: tuple[Route, ...] = ()


class BorderRule(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a network ACL. Entries are tried in order, and none remembers a connection."""

    policy: Literal["accept", "drop"]
    protocol: Literal["tcp", "udp", "icmp", "gre", "all"]
    cidr: str
    """the peer: source of what comes in, destination of what goes out"""
    first_port: int = -1
    last_port: int = -1
    """destination ports; -1/-1: all"""


class Border(msgspec.Struct, frozen=True, kw_only=True):
    """A network ACL: filters what crosses the border of these vSwitches. What no entry accepts is dropped."""

    id: str
    switch_ids: tuple[str, ...] = ()
    ingress: tuple[BorderRule, ...] = ()
    egress: tuple[BorderRule, ...] = ()


class Peering(msgspec.Struct, frozen=True, kw_only=True):
    """A way to another network of this cloud, which must have one of the same id that leads back. What routes lead
    into it comes out there; it goes from network to network and never beyond."""

    id: str
    network_id: str
    """the other network's"""
    region_id: str = ""
    """the other network's; empty: this one's"""
    cidrs: tuple[str, ...]
    """the other network's addresses"""
    kbit: int = 0
    """what may go there in a second; 0: no limit"""


class Network(msgspec.Struct, frozen=True, kw_only=True):
    """What a VPC's network should be."""

    id: str
    cidr: str
    more_cidrs: tuple[str, ...] = ()
    switches: tuple[Switch, ...] = ()
    groups: tuple[Group, ...] = ()
    ports: tuple[Port, ...] = ()
    addresses: tuple[PublicAddress, ...] = ()
    source_translations: tuple[SourceTranslation, ...] = ()
    forwardings: tuple[Forwarding, ...] = ()
    route_tables: tuple[RouteTable, ...] = ()
    borders: tuple[Border, ...] = ()
    peerings: tuple[Peering, ...] = ()


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    """Packets with the same five-tuple that went the same way: on, or into nothing."""

    source: str
    destination: str
    protocol: int
    """as the Internet numbers them: 6 is TCP"""
    source_port: int = 0
    destination_port: int = 0
    packets: int
    size: int
    """bytes, from the IP header on"""
    accepted: bool


class NetworkEngine(Protocol):
    """Makes the networks. `ensure` of a network comes before `ensure` of a machine with a port in it."""

    name: str
    simulated: bool

    def observe(self) -> Iterator[str]:
        """Ids of all networks that anything is left of on this host."""
        ...

    def broken(self) -> set[str]:
        """Ids of networks that stand, and that the host has since taken something from: they need `ensure`."""
        ...

    def ensure(self, network: Network) -> None:
        """Make switches, filters and translations what they should be, without touching established traffic that
        stays allowed."""
        ...

    def destroy(self, network_id: str) -> None: ...

    def halt(self) -> None:
        """Remove all networks from the host, as a host that is shut down does."""
        ...


@runtime_checkable
class PlugEngine(Protocol):
    """Connects a machine's own network namespace; called by compute drivers whose machines have one."""

    def plug(self, machine_id: str, nic: Nic, namespace: str) -> None:
        """Give the named network namespace an interface with the NIC's addresses, on its vSwitch, and a default
        route."""
        ...

    def unplug(self, machine_id: str, kept: tuple[Nic, ...], namespace: str) -> None:
        """Take every interface from the named network namespace but these."""
        ...


@runtime_checkable
class ListenEngine(Protocol):
    """Lets this process answer inside a network (the metadata service)."""

    def listen(self, network_id: str, address: str, port: int) -> socket.socket:
        """A bound, listening, non-blocking TCP socket inside the network."""
        ...


@runtime_checkable
class FlowEngine(Protocol):
    """Counts what passes between the interfaces of a network, and what is dropped there."""

    def count_flows(self, network_id: str, wanted: bool) -> None:
        """Begin or cease. Only what is asked for costs anything. EngineError if it shall begin where no network
        stands."""
        ...

    def flows(self, network_id: str) -> list[Flow]:
        """What was counted since the last time; each packet is told once."""
        ...
