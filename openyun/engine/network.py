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


class Network(msgspec.Struct, frozen=True, kw_only=True):
    """What a VPC's network should be."""

    id: str
    cidr: str
    switches: tuple[Switch, ...] = ()
    groups: tuple[Group, ...] = ()
    ports: tuple[Port, ...] = ()


class NetworkEngine(Protocol):
    """Makes the networks. `ensure` of a network comes before `ensure` of a machine with a port in it."""

    name: str
    simulated: bool

    def observe(self) -> Iterator[str]:
        """Ids of all networks that anything is left of on this host."""
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
        """Give the named network namespace an interface with the NIC's address on its vSwitch, and a default route."""
        ...


@runtime_checkable
class ListenEngine(Protocol):
    """Lets this process answer inside a network (the metadata service)."""

    def listen(self, network_id: str, address: str, port: int) -> socket.socket:
        """A bound, listening, non-blocking TCP socket inside the network."""
        ...
