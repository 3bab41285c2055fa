"""What only the simulated drivers promise: many machines, and a record that survives being cut off."""

from __future__ import annotations

from pathlib import Path

from openyun.engine.compute import CommandEngine, ConsoleEngine
from openyun.engine.drivers.simulated import SimulatedCompute
from openyun.engine.network import ListenEngine, PlugEngine
from tests.engine.cloud import Cloud, machine


def test_it_says_so_and_offers_only_what_it_can(tmp_path: Path) -> None:
    cloud = Cloud("simulated", tmp_path)
    assert cloud.compute.simulated
    assert cloud.network.simulated
    assert not isinstance(cloud.compute, CommandEngine | ConsoleEngine)
    assert not isinstance(cloud.network, PlugEngine | ListenEngine)


def test_a_thousand_machines_survive_a_kill(tmp_path: Path) -> None:
    compute = SimulatedCompute(tmp_path)
    for number in range(1000):
        compute.ensure(machine(number))
    for number in range(0, 1000, 2):
        compute.destroy(f"i-{number}")
    # the first is not closed: a kill closes nothing
    found = {machine.id for machine in SimulatedCompute(tmp_path).observe()}
    assert found == {f"i-{number}" for number in range(1, 1000, 2)}


def test_a_torn_last_line_loses_only_itself(tmp_path: Path) -> None:
    compute = SimulatedCompute(tmp_path)
    compute.ensure(machine(10))
    compute.ensure(machine(11))
    path = tmp_path / "simulated-machines.jsonl"
    path.write_bytes(path.read_bytes()[:-20])
    assert [found.id for found in SimulatedCompute(tmp_path).observe()] == ["i-10"]


def test_the_record_does_not_grow_for_ever(tmp_path: Path) -> None:
    compute = SimulatedCompute(tmp_path)
    for boots in range(1, 100):
        compute.ensure(machine(10, boots=boots))
    SimulatedCompute(tmp_path)
    assert len((tmp_path / "simulated-machines.jsonl").read_bytes().splitlines()) == 1
