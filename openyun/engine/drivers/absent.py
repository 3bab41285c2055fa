"""For hosts where no instance can run: engines that hold nothing and refuse to make anything, saying why."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from openyun.engine.compute import EngineError, Machine, Observed
from openyun.engine.drivers.simulated import SimulatedDisks, SimulatedNetwork


class AbsentCompute:
    """Satisfies ComputeEngine."""

    name = "none"
    simulated = False

    def __init__(self, why: Callable[[], str]) -> None:
        self._why = why

    @property
    def absence(self) -> str:
        return self._why()

    def observe(self) -> Iterator[Observed]:
        return iter(())

    def ensure(self, machine: Machine) -> None:
        if machine.power == "on":
            raise EngineError(self.absence)

    def destroy(self, machine_id: str) -> None:
        """There is none."""

    def halt(self) -> None:
        """None runs."""


class AbsentNetwork(SimulatedNetwork):
    """A VPC without instances carries nothing anyway."""

    name = "none"


class AbsentDisks(SimulatedDisks):
    """A disk that no instance writes to holds nothing anyway."""
