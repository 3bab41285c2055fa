"""The reconciler's part of the VPC service: every VPC gets the network that its records describe."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from ipaddress import IPv4Network
from typing import Protocol

import msgspec

from openyun.cloud import RegionState
from openyun.engine.compute import EngineError
from openyun.engine.network import (
    Border,
    Forwarding,
    Group,
    Network,
    Peering,
    Port,
    PublicAddress,
    RouteTable,
    SourceTranslation,
    Switch,
)
from openyun.services.vpc.records import Vpc, VSwitch
from openyun.state import Transaction

log = logging.getLogger("openyun.network")

port_sources: list[Callable[[Transaction], dict[str, list[Port]]]] = []
group_sources: list[Callable[[Transaction], dict[str, list[Group]]]] = []
"""Whoever has ports or security groups in VPCs adds a function that tells them, by VPC."""


class Draft(msgspec.Struct, kw_only=True):
    """What a VPC's network is to have besides."""

    addresses: list[PublicAddress] = []
    source_translations: list[SourceTranslation] = []
    forwardings: list[Forwarding] = []
    route_tables: list[RouteTable] = []
    borders: list[Border] = []
    peerings: list[Peering] = []


drafters: list[Callable[[Transaction, dict[str, Draft]], None]] = []
"""Each adds what its resources mean to the drafts of their VPCs, which are all there, by id."""

waiting: list[Callable[[Transaction], Iterable[str]]] = []
"""Each tells the ids of VPCs where something waits to be told that its network has it."""

settlers: list[Callable[[Transaction, str], None]] = []
"""Each gives what waited in this VPC the status that it waited for."""

remade: list[Callable[[Transaction, str], None]] = []
"""Each is told of a VPC whose network was made anew: whatever was connected to it is connected no more."""


class Watcher(Protocol):
    """Told of networks, by the reconciler's thread."""

    def stands(self, at: RegionState, network_id: str) -> None:
        """The network was made, or was found after this process started."""
        ...

    def gone(self, at: RegionState, network_id: str) -> None:
        """The network is about to be removed."""
        ...


def gateway_of(cidr_block: str) -> str:
    """The third address from the end; the vendor reserves the last three."""
    return str(IPv4Network(cidr_block)[-3])


class Networks:
    """One region's. Remembers what it has ensured, so that a pass with nothing to do costs one comparison a VPC."""

    def __init__(self, at: RegionState, watchers: Sequence[Watcher] = ()) -> None:
        self._at = at
        self._watchers = watchers
        self._ensured: dict[str, Network | None] = {}
        """None for what was found on the host and not looked at yet"""
        self._broken: set[str] = set()

    def survey(self) -> None:
        """See what the host has: what it lost is made again, and what no record names is removed, by `due`."""
        engine = self._at.engines.network
        there = set(engine.observe())
        self._ensured = {network_id: self._ensured.get(network_id) for network_id in there}
        self._broken = engine.broken()

    def due(self) -> list[tuple[str, Callable[[], None]]]:
        """Networks are made at once: whatever else is due needs them."""
        engine = self._at.engines.network
        wanted, unsettled = self._at.store.read(_wanted)
        for network_id in [network_id for network_id in self._ensured if network_id not in wanted]:
            for watcher in self._watchers:
                watcher.gone(self._at, network_id)
            engine.destroy(network_id)
            del self._ensured[network_id]
        for network in wanted.values():
            if self._ensured.get(network.id) != network or network.id in self._broken:
                self._ensure(network)
            elif network.id in unsettled:
                self._at.store.write(partial(_settle, network=network))
        return []

    def _ensure(self, network: Network) -> None:
        anew = network.id not in self._ensured
        try:
            self._at.engines.network.ensure(network)
        except EngineError as problem:
            log.warning("network %s: %s", network.id, problem)
            self._broken.add(network.id)
            return
        self._broken.discard(network.id)
        if self._ensured.get(network.id) is None:
            for watcher in self._watchers:
                watcher.stands(self._at, network.id)
        self._ensured[network.id] = network
        self._at.store.write(partial(_settle, network=network, anew=anew))


def _wanted(state: Transaction) -> tuple[dict[str, Network], set[str]]:
    """The networks by id, and the ids of those where something waits for its status."""
    switches: dict[str, list[Switch]] = {}
    for one in state.find(VSwitch):
        switch = Switch(id=one.id, cidr=one.cidr_block, gateway=gateway_of(one.cidr_block))
        switches.setdefault(one.vpc_id, []).append(switch)
    ports: dict[str, list[Port]] = {}
    for source in port_sources:
        for vpc_id, found in source(state).items():
            ports.setdefault(vpc_id, []).extend(found)
    groups: dict[str, list[Group]] = {}
    for group_source in group_sources:
        for vpc_id, some in group_source(state).items():
            groups.setdefault(vpc_id, []).extend(some)
    vpcs = state.find(Vpc)
    drafts = {one.id: Draft() for one in vpcs}
    for drafter in drafters:
        drafter(state, drafts)
    wanted = {
        one.id: Network(
            id=one.id,
            cidr=one.cidr_block,
            more_cidrs=tuple(one.more_cidr_blocks),
            switches=tuple(switches.get(one.id, ())),
            groups=tuple(groups.get(one.id, ())),
            ports=tuple(ports.get(one.id, ())),
            **{name: tuple(getattr(drafts[one.id], name)) for name in Draft.__struct_fields__},
        )
        for one in vpcs
    }
    return wanted, {vpc_id for tell in waiting for vpc_id in tell(state)}


def _settle(state: Transaction, network: Network, anew: bool = False) -> None:
    _available(state, network)
    for settler in settlers:
        settler(state, network.id)
    for tell in remade if anew else ():
        tell(state, network.id)


def _available(state: Transaction, network: Network) -> None:
    vpc = state.get(Vpc, network.id)
    if vpc is None:
        return
    if vpc.status == "Pending":
        vpc.status = "Available"
        state.put(vpc)
    for switch in network.switches:
        record = state.get(VSwitch, switch.id)
        if record is not None and record.status == "Pending":
            record.status = "Available"
            state.put(record)
