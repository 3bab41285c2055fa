"""One region at work without a server: a store, a clock that the test sets, and engines that the test gives."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from openyun.access.principal import Principal
from openyun.clock import FixedClock
from openyun.cloud import Cloud, Engines, RegionState
from openyun.config import Config
from openyun.engine.blob import BlobEngine
from openyun.engine.compute import Command, EngineError, Machine, Observed, Progress
from openyun.engine.drivers.files import Files
from openyun.engine.drivers.simulated import SimulatedDisks, SimulatedNetwork
from openyun.operation import Call
from openyun.region import HOME
from openyun.services.ecs.instance import user_data
from openyun.services.ecs.network_interface import interfaces
from openyun.services.ecs.records import Instance, InvocationTask
from openyun.services.vpc.records import Vpc, VSwitch
from openyun.state import Transaction

T = TypeVar("T")

START = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
ACCOUNT = "1000000000000001"


class FakeCompute:
    """A ComputeEngine and CommandEngine in memory, which can be told to fail."""

    name = "fake"
    simulated = False

    def __init__(self) -> None:
        self.machines: dict[str, Machine] = {}
        self.commands: dict[tuple[str, str], Command] = {}
        self.reports: dict[tuple[str, str], Progress] = {}
        self.cancelled: list[tuple[str, str]] = []
        self.broken = False
        self.before_ensure: Callable[[], None] = lambda: None

    def observe(self) -> Iterator[Observed]:
        return iter([Observed(id=one.id, power=one.power, boots=one.boots) for one in self.machines.values()])

    def ensure(self, machine: Machine) -> None:
        if self.broken:
            raise EngineError("out of order")
        self.before_ensure()
        self.machines[machine.id] = machine

    def destroy(self, machine_id: str) -> None:
        self.machines.pop(machine_id, None)

    def halt(self) -> None:
        self.machines.clear()

    def launch(self, command: Command) -> None:
        if self.broken:
            raise EngineError("out of order")
        self.commands.setdefault((command.machine_id, command.id), command)

    def progress(self, machine_id: str, command_id: str) -> Progress:
        key = (machine_id, command_id)
        if key not in self.commands:
            return Progress(state="absent")
        return self.reports.get(key, Progress(state="running", started_at=START.timestamp()))

    def cancel(self, machine_id: str, command_id: str) -> None:
        self.cancelled.append((machine_id, command_id))


class Place:
    """A region with a VPC and a vSwitch."""

    def __init__(self, data: Path, compute: Any = None) -> None:
        self.clock = FixedClock(START)
        self.compute: Any = compute or FakeCompute()
        blob: BlobEngine = Files(data / "blobs")
        network, disk = SimulatedNetwork(data), SimulatedDisks(data)
        engines = Engines(compute=self.compute, network=network, blob=blob, disk=disk)
        self.cloud = Cloud(Config(data=data, cache=data), lambda config, region: engines, self.clock)
        self.at: RegionState = self.cloud.region(HOME.id)
        self.write(self._make)

    def write(self, work: Callable[[Transaction], T]) -> T:
        return self.at.store.write(work)

    def call(self, state: Transaction, account_id: str = ACCOUNT) -> Call:
        principal = Principal(kind="root", account_id=account_id, id=account_id, name="root")
        return Call(cloud=self.cloud, at=self.at, principal=principal, request_id="R", state=state)

    def operate(self, operation: Callable[[Call, Any], T], ask: Any) -> T:
        return self.write(lambda state: operation(self.call(state), ask))

    def add(self, instance_id: str = "i-bp1", **more: Any) -> Instance:
        made = Instance(
            **{
                "id": instance_id,
                "account_id": ACCOUNT,
                "name": "one",
                "hostname": "one",
                "zone_id": "cn-hangzhou-b",
                "instance_type": "ecs.g7.large",
                "cpu": 2,
                "memory": 8192,
                "image_id": "debian_12_x64_20G_alibase_20261101.vhd",
                "serial_number": "serial",
                "vpc_id": "vpc-1",
                "v_switch_id": "vsw-1",
                "private_address": "10.1.0.1",
                "mac": "00:16:3e:01:00:01",
                "network_interface_id": instance_id.replace("i-", "eni-"),
                "security_group_ids": ["sg-1"],
                "system_disk_id": "d-1",
                "created_at": "2026-11-22T10:00:00Z",
                **more,
            }
        )

        def write(state: Transaction) -> None:
            state.put(made)
            state.put(interfaces.primary_of(made))

        self.write(write)
        return made

    def sealed(self, raw: bytes) -> str:
        """User data as a record keeps it."""
        return user_data.sealed(self.cloud.vault, base64.b64encode(raw).decode())

    def instance(self, instance_id: str = "i-bp1") -> Instance | None:
        return self.at.store.read(lambda state: state.get(Instance, instance_id))

    def task(self, invocation_id: str, instance_id: str = "i-bp1") -> InvocationTask:
        found = self.at.store.read(lambda state: state.get(InvocationTask, invocation_id, instance_id))
        assert found is not None
        return found

    def close(self) -> None:
        self.cloud.close()

    @staticmethod
    def _make(state: Transaction) -> None:
        state.insert(
            Vpc(
                id="vpc-1",
                account_id=ACCOUNT,
                cidr_block="10.0.0.0/8",
                status="Available",
                v_router_id="vrt-1",
                route_table_id="vtb-1",
                created_at="2026-11-22T10:00:00Z",
            )
        )
        state.insert(
            VSwitch(
                id="vsw-1",
                account_id=ACCOUNT,
                vpc_id="vpc-1",
                zone_id="cn-hangzhou-b",
                cidr_block="10.1.0.0/24",
                status="Available",
                route_table_id="vtb-1",
                created_at="2026-11-22T10:00:00Z",
            )
        )
