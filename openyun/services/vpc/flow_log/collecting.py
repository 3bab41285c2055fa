"""Reads what networks counted, and writes it into logstores, an entry for each flow at each interface that saw it.

Counting costs something, so a network counts only while a flow log wants it to. Between two deliveries, what was read
is kept in memory: with the server, the part of an interval is lost that it had read and not written.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial

import msgspec

from openyun.cloud import Cloud, RegionState
from openyun.engine.compute import EngineError
from openyun.engine.network import Border, Flow, FlowEngine, Group, Port
from openyun.services.sls import batches, log_group
from openyun.services.vpc import networks
from openyun.services.vpc.flow_log.leaving import may_leave
from openyun.services.vpc.flow_log.records import CountedVpc, FlowLog
from openyun.services.vpc.logged_interfaces import LoggedInterface, all_of
from openyun.services.vpc.records import Vpc
from openyun.state import Transaction

EVERY = 60.0
"""seconds between two readings of a network's counters"""
_MOST_PENDING = 20_000
"""flows of a flow log that wait for their interval's end"""
_AT_ONCE = 200
"""entries of a batch: few enough for state"""
_TOPIC = "flow_log"


class _Key(msgspec.Struct, frozen=True):
    """One entry: a flow as one interface saw it."""

    interface: LoggedInterface
    direction: str
    action: str
    source: str
    destination: str
    source_port: int
    destination_port: int
    protocol: int


class _Pending:
    def __init__(self, start: int) -> None:
        self.start = start
        self.counted: dict[_Key, tuple[int, int]] = {}


class _Rules(msgspec.Struct):
    """What one VPC lets pass."""

    interfaces: dict[str, LoggedInterface]
    """by address"""
    ports: dict[str, Port]
    groups: dict[str, Group]
    borders: list[Border]


class FlowLogCollector:
    """One region's."""

    def __init__(self, cloud: Cloud, at: RegionState) -> None:
        self._cloud = cloud
        self._at = at
        self._pending: dict[str, _Pending] = {}
        """by flow log"""
        self._vpc_of: dict[str, str] = {}
        """of the flow logs that are followed"""
        self._counting: set[str] = set()
        self._next = 0.0

    def survey(self) -> None:
        """A network that was made anew has to be told again to count."""
        self._counting.clear()

    def due(self) -> list[tuple[str, Callable[[], None]]]:
        found, counted = self._at.store.read(lambda state: (state.find(FlowLog), state.find(CountedVpc)))
        if not found and not counted and not self._vpc_of:
            return []
        logs = {one.id: one for one in found}
        wanted = {one.id: one for one in found if one.status != "Inactive"}
        ended = [one for one in self._vpc_of if one not in wanted]
        self._begin(wanted)
        if ended or time.monotonic() >= self._next:
            self._next = time.monotonic() + EVERY
            for vpc_id in {vpc_id for one, vpc_id in self._vpc_of.items() if one in logs}:
                self._read(vpc_id, [logs[one] for one, of in self._vpc_of.items() if of == vpc_id and one in logs])
            for one in [one for one in self._pending if one in logs]:
                if one in ended or self._is_full(logs[one]):
                    self._deliver(logs[one])
        for one in ended:
            del self._vpc_of[one], self._pending[one]
        needed = {one.vpc_id for one in wanted.values()}
        for vpc in counted:
            if vpc.id not in needed:
                self._cease(vpc)
        return []

    def _begin(self, wanted: dict[str, FlowLog]) -> None:
        engine = self._at.engines.network
        for one in wanted.values():
            if isinstance(engine, FlowEngine) and one.vpc_id not in self._counting:
                # Before it counts: so that a server that is killed in between finds what is to be ended.
                self._at.store.write(partial(_note, vpc_id=one.vpc_id))
                try:
                    engine.count_flows(one.vpc_id, True)
                except EngineError:
                    continue  # its network does not stand yet, or no longer
                self._counting.add(one.vpc_id)
            if one.id not in self._vpc_of:
                self._vpc_of[one.id] = one.vpc_id
                self._pending[one.id] = _Pending(self._now())
            if one.status == "Activating":
                self._at.store.write(partial(_active, flow_log_id=one.id))

    def _cease(self, vpc: CountedVpc) -> None:
        engine = self._at.engines.network
        if isinstance(engine, FlowEngine):
            engine.count_flows(vpc.id, False)
        self._counting.discard(vpc.id)
        self._at.store.write(lambda state: state.delete(vpc))

    def _read(self, vpc_id: str, logs: list[FlowLog]) -> None:
        engine = self._at.engines.network
        if not isinstance(engine, FlowEngine) or vpc_id not in self._counting:
            return
        try:
            flows = engine.flows(vpc_id)
        except EngineError:
            return  # the network is gone, and with it what it counted
        rules = self._at.store.read(partial(_rules, vpc_id=vpc_id))
        for key, packets, size in (each for flow in flows for each in _seen(flow, rules)):
            for one in logs:
                pending = self._pending.get(one.id)
                if pending is None or not _is_about(one, key):
                    continue
                before = pending.counted.get(key, (0, 0))
                pending.counted[key] = (before[0] + packets, before[1] + size)

    def _is_full(self, one: FlowLog) -> bool:
        pending = self._pending[one.id]
        return self._now() - pending.start >= one.interval * 60 or len(pending.counted) > _MOST_PENDING

    def _deliver(self, one: FlowLog) -> None:
        pending = self._pending[one.id]
        now = self._now()
        entries = [
            log_group.Log(time=now, contents=_entry(key, count, pending.start, now))
            for key, count in pending.counted.items()
        ]
        groups = [
            log_group.LogGroup(logs=entries[first : first + _AT_ONCE], topic=_TOPIC, source="log_service")
            for first in range(0, len(entries), _AT_ONCE)
        ]
        at = self._cloud.clock.now()

        def work(state: Transaction) -> None:
            there = batches.deliver(state, one.project, one.logstore, groups, at)
            problem = "" if there else f"logstore {one.logstore} of project {one.project} does not exist"
            found = state.get(FlowLog, one.id)
            if found is not None and found.problem != problem:
                found.problem = problem
                state.put(found)

        self._at.store.write(work)
        self._pending[one.id] = _Pending(now)

    def _now(self) -> int:
        return int(self._cloud.clock.now().timestamp())


def _note(state: Transaction, vpc_id: str) -> None:
    if state.get(CountedVpc, vpc_id) is None:
        state.insert(CountedVpc(id=vpc_id))


def _active(state: Transaction, flow_log_id: str) -> None:
    one = state.get(FlowLog, flow_log_id)
    if one is not None and one.status == "Activating":
        one.status = "Active"
        state.put(one)


def _rules(state: Transaction, vpc_id: str) -> _Rules:
    drafts = {one.id: networks.Draft() for one in state.find(Vpc)}
    for drafter in networks.drafters:
        drafter(state, drafts)
    return _Rules(
        interfaces={address: one for one in all_of(state) if one.vpc_id == vpc_id for address in one.addresses},
        ports={
            address: port
            for source in networks.port_sources
            for port in source(state).get(vpc_id, ())
            for address in port.nic.addresses
        },
        groups={one.id: one for source in networks.group_sources for one in source(state).get(vpc_id, ())},
        borders=drafts[vpc_id].borders if vpc_id in drafts else [],
    )


def _seen(flow: Flow, rules: _Rules) -> Iterator[tuple[_Key, int, int]]:
    """The entries of a flow: out of its sender, and into its receiver if it came so far."""
    sender, receiver = rules.interfaces.get(flow.source), rules.interfaces.get(flow.destination)
    left = flow.accepted
    port = rules.ports.get(flow.source)
    if not left and receiver is not None:
        there = rules.ports.get(flow.destination)
        members = set(there.group_ids) if there else set()
        left = port is None or may_leave(flow, port, rules.groups, rules.borders, members)
    for interface, direction, passed in ((sender, "out", left), (receiver, "in", flow.accepted)):
        if interface is not None and (direction == "out" or left):
            key = _Key(
                interface=interface,
                direction=direction,
                action="ACCEPT" if passed else "REJECT",
                source=flow.source,
                destination=flow.destination,
                source_port=flow.source_port,
                destination_port=flow.destination_port,
                protocol=flow.protocol,
            )
            yield key, flow.packets, flow.size


def _is_about(one: FlowLog, key: _Key) -> bool:
    watched = {
        "VPC": key.interface.vpc_id,
        "VSwitch": key.interface.v_switch_id,
        "NetworkInterface": key.interface.id,
    }[one.resource_type]
    actions = {"All": ("ACCEPT", "REJECT"), "Allow": ("ACCEPT",), "Drop": ("REJECT",)}[one.traffic_type]
    return watched == one.resource_id and key.action in actions


def _entry(key: _Key, count: tuple[int, int], start: int, end: int) -> list[tuple[str, str]]:
    """The fields of the vendor's format, version 1."""
    fields: Iterable[tuple[str, object]] = (
        ("version", 1),
        ("vswitch-id", key.interface.v_switch_id),
        ("vm-id", key.interface.instance_id or "-"),
        ("vpc-id", key.interface.vpc_id),
        ("account-id", key.interface.account_id),
        ("eni-id", key.interface.id),
        ("srcaddr", key.source),
        ("srcport", key.source_port),
        ("dstaddr", key.destination),
        ("dstport", key.destination_port),
        ("protocol", key.protocol),
        ("direction", key.direction),
        ("packets", count[0]),
        ("bytes", count[1]),
        ("start", start),
        ("end", end),
        ("log-status", "OK"),
        ("action", key.action),
    )
    return [(name, str(value)) for name, value in fields]
