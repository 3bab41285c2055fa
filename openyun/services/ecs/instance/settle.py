"""The reconciler's part: a machine for every instance, as its record wants it, and no machine without a record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from ipaddress import IPv4Network

import msgspec

from openyun.access.vault import Vault
from openyun.clock import iso_seconds, random_text
from openyun.cloud import Cloud, RegionState
from openyun.engine.compute import EngineError, Machine, Nic, Observed, WatchEngine
from openyun.services.ecs.instance import timeline, user_data
from openyun.services.ecs.network_interface import interfaces
from openyun.services.ecs.records import Instance, NetworkInterface
from openyun.services.ecs.storage import attaching
from openyun.services.ecs.storage import disks as storage
from openyun.services.ecs.storage.records import Disk
from openyun.services.vpc import dhcp_options_sets, eips, public_addresses
from openyun.services.vpc.networks import gateway_of
from openyun.services.vpc.records import VSwitch
from openyun.state import Transaction

SHUTDOWN = 10.0
"""seconds for a guest to shut down by itself"""


class Instances:
    """One region's. Several may be acted on at once, but one never twice at once."""

    def __init__(self, cloud: Cloud, at: RegionState) -> None:
        self._cloud = cloud
        self._at = at
        self._adopted = False
        if isinstance(at.engines.compute, WatchEngine):
            at.engines.compute.watch(at.look)

    def survey(self) -> None:
        """Make due what the host lost or should not run, and remove machines that no record names."""
        now = self._cloud.clock.now()
        if not self._adopted:
            self._at.store.write(interfaces.adopt)
            self._adopted = True
        # The host first: a machine is made after its record, and its record goes only after it.
        seen = self._seen()
        known, different, timed = self._at.store.read(partial(_compare, seen=seen, now=now))
        if different:
            # What was settled between the two looks differs from the first one only.
            again = self._seen()
            self._at.store.write(partial(_make_due, instance_ids=different, seen=again))
        if timed:
            new_id = partial(_new_id, self._at)
            self._at.store.write(partial(timeline.pass_by, instance_ids=timed, now=now, new_id=new_id))
        for machine_id in seen.keys() - known:
            self._at.engines.compute.destroy(machine_id)

    def _seen(self) -> dict[str, Observed]:
        return {one.id: one for one in self._at.engines.compute.observe()}

    def due(self) -> list[tuple[str, Callable[[], None]]]:
        waiting = self._at.store.read(lambda state: state.find(Instance, due=True))
        return [(one.id, partial(self.settle, one)) for one in waiting]

    def settle(self, one: Instance) -> None:
        """May take seconds. Raises EngineError; then the instance stays due."""
        try:
            act(self._at, one, self._cloud.vault)
        except EngineError:
            # The host may have lost what the machine needs, its VPC's network for one.
            self._at.look()
            raise
        self._at.store.write(partial(finish, acted=one, now=iso_seconds(self._cloud.clock.now())))


def act(at: RegionState, one: Instance, vault: Vault) -> None:
    """Make the machine what the record wants. Changes no state."""
    if one.wanted == "Deleted":
        if at.store.read(lambda state: attaching.is_captured(state, one.id)):
            raise EngineError(f"snapshots of {one.id} are being made")
        at.engines.compute.destroy(one.id)
        return
    nics = at.store.read(lambda state: nics_of(state, one))
    if not nics:
        raise EngineError(f"{one.id} has no vSwitch {one.v_switch_id}")
    disks = at.store.read(lambda state: storage.of_instance(state, one.id))
    for volume in attaching.volumes(disks):
        at.engines.disk.ensure(volume)
    machine = machine_of(one, nics, disks, vault)
    if options := at.store.read(lambda state: dhcp_options_sets.of_vpc(state, one.vpc_id)):
        named = {"nameservers": tuple(options.name_servers)} if options.name_servers else {}
        machine = msgspec.structs.replace(machine, search_domain=options.domain_name, **named)
    at.engines.compute.ensure(machine)


def finish(state: Transaction, acted: Instance, now: str) -> None:
    """Write the settled status, unless something else is wanted by now: then the instance stays due."""
    current = state.get(Instance, acted.id)
    if current is None or _asks(current) != _asks(acted):
        return
    if current.wanted == "Deleted":
        if current.public_address:
            public_addresses.release(state, current.public_address)
        eips.let_go(state, current.id)
        interfaces.release(state, current)
        attaching.release(state, current, now)
        state.delete(current)
        return
    interfaces.settle(state, current)
    attaching.settle(state, current, now)
    if current.wanted == "Running" and current.status != "Running":
        current.started_at = now
    current.status = current.wanted
    current.due = False
    state.put(current)


def _asks(one: Instance) -> tuple[str, int, int, int, int]:
    return one.wanted, one.boots, one.login_epoch, one.plugs, one.disk_changes


def differs(one: Instance, seen: Observed | None) -> bool:
    """Whether the host shows something else than a settled record says: its init was killed, the host restarted."""
    if one.due:
        return False
    if one.wanted == "Running":
        return seen is None or seen.power == "off" or seen.boots < one.boots or seen.severed
    return seen is not None and seen.power == "on"


def _compare(state: Transaction, seen: dict[str, Observed], now: datetime) -> tuple[set[str], list[str], list[str]]:
    """Ids of all instances, of those that differ from their machines, and of those whose time has come."""
    every = state.find(Instance)
    return (
        {one.id for one in every},
        [one.id for one in every if differs(one, seen.get(one.id))],
        [one.id for one in every if timeline.has_come(state, one, now)],
    )


def _new_id(at: RegionState, prefix: str) -> str:
    return f"{prefix}-{at.region.id_code}{random_text(17)}"


def _make_due(state: Transaction, instance_ids: list[str], seen: dict[str, Observed]) -> None:
    for one in state.find(Instance, id=instance_ids):
        found = seen.get(one.id)
        if not differs(one, found):
            continue
        if found is not None and found.severed:
            one.plugs += 1
        else:
            if one.wanted == "Running" and _stays_off(one, found):
                one.wanted, one.stopped_mode = "Stopped", "KeepCharging"
            one.status = "Starting" if one.wanted == "Running" else "Stopping"
        one.due = True
        state.put(one)


def _stays_off(one: Instance, found: Observed | None) -> bool:
    """Whether its guest shut down by itself, or its customer wants it stopped when it fails."""
    if found is None or found.boots < one.boots:
        return False
    return found.powered_off or one.maintenance_action == "Stop"


def machine_of(one: Instance, nics: tuple[Nic, ...], disks: list[Disk], vault: Vault) -> Machine:
    system = next((disk for disk in disks if disk.type == "system"), None) or attaching.system_disk(one)
    return Machine(
        id=one.id,
        hostname=one.hostname,
        image_id=system.base_image,
        layers=tuple(system.layers),
        system_epoch=system.epoch,
        disks=attaching.plugged(disks),
        vcpus=one.cpu,
        memory_mib=one.memory,
        power="on" if one.wanted == "Running" else "off",
        boots=one.boots,
        stop_timeout=0.0 if one.stop_at_once else SHUTDOWN,
        nics=nics,
        user_data=user_data.opened(vault, one),
        authorized_keys=(one.public_key,) if one.public_key else (),
        password_hash=one.password_hash,
        login_epoch=one.login_epoch,
    )


def nics_of(state: Transaction, one: Instance) -> tuple[Nic, ...]:
    """The primary one first; none while its vSwitch is missing."""
    found = interfaces.of_instance(state, one.id)
    switches = {switch.id: switch for switch in state.find(VSwitch, id=list({it.v_switch_id for it in found}))}
    return tuple(nic_of(it, switches[it.v_switch_id]) for it in found if it.v_switch_id in switches)


def nic_of(one: NetworkInterface, v_switch: VSwitch) -> Nic:
    return Nic(
        network_id=one.vpc_id,
        v_switch_id=v_switch.id,
        mac=one.mac,
        address=one.address,
        secondary_addresses=tuple(one.secondary_addresses),
        prefix=IPv4Network(v_switch.cidr_block).prefixlen,
        gateway=gateway_of(v_switch.cidr_block),
        index=one.device_index,
    )
