"""Engines that run nothing and say so: for hosts without a runtime, and for tests of everything above the engines.

A simulated machine is as real as its record. Records are lines appended to a file: a change costs one `write`, the
page cache keeps it through the server's SIGKILL, and the file is rewritten short when it is next opened.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from openyun.engine.compute import Machine, Observed
from openyun.engine.network import Network

R = TypeVar("R", bound=msgspec.Struct)


class SimulatedCompute:
    """Satisfies ComputeEngine; a simulated machine runs no commands and has no console."""

    name = "simulated"
    simulated = True

    def __init__(self, data: Path) -> None:
        self._machines = Journal(data / "simulated-machines.jsonl", Observed)

    def observe(self) -> Iterator[Observed]:
        return iter(self._machines.values())

    def ensure(self, machine: Machine) -> None:
        found = self._machines.get(machine.id)
        if found and found.power == machine.power and (machine.power == "off" or found.boots >= machine.boots):
            return
        started = time.time() if machine.power == "on" else 0.0
        self._machines.put(
            machine.id, Observed(id=machine.id, power=machine.power, boots=machine.boots, started_at=started)
        )

    def destroy(self, machine_id: str) -> None:
        self._machines.drop(machine_id)

    def halt(self) -> None:
        for found in self._machines.values():
            self._machines.put(found.id, msgspec.structs.replace(found, power="off", started_at=0.0))


class SimulatedNetwork:
    """Satisfies NetworkEngine and carries nothing."""

    name = "simulated"
    simulated = True

    def __init__(self, data: Path) -> None:
        self._networks = Journal(data / "simulated-networks.jsonl", _Made)

    def observe(self) -> Iterator[str]:
        return iter([made.id for made in self._networks.values()])

    def ensure(self, network: Network) -> None:
        if self._networks.get(network.id) is None:
            self._networks.put(network.id, _Made(id=network.id))

    def destroy(self, network_id: str) -> None:
        self._networks.drop(network_id)

    def halt(self) -> None:
        for made in self._networks.values():
            self._networks.drop(made.id)


class _Made(msgspec.Struct, frozen=True):
    id: str


class Journal(Generic[R]):
    """Records by key, in memory and as lines `[key, record or null]` of a file."""

    def __init__(self, path: Path, kind: type[R]) -> None:
        self._lock = threading.Lock()
        self._records: dict[str, R] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        decoder = msgspec.json.Decoder(tuple[str, kind | None])  # type: ignore[valid-type]  # kind is a value here
        for line in path.read_bytes().splitlines() if path.exists() else []:
            try:
                key, record = decoder.decode(line)
            except msgspec.DecodeError:
                continue  # the last line of a host that lost power
            if record is None:
                self._records.pop(key, None)
            else:
                self._records[key] = record
        shorter = path.with_suffix(".new")
        shorter.write_bytes(b"".join(_line(key, record) for key, record in self._records.items()))
        shorter.replace(path)
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)

    def __del__(self) -> None:
        if hasattr(self, "_file"):
            os.close(self._file)

    def get(self, key: str) -> R | None:
        return self._records.get(key)

    def values(self) -> list[R]:
        with self._lock:
            return list(self._records.values())

    def put(self, key: str, record: R) -> None:
        with self._lock:
            os.write(self._file, _line(key, record))
            self._records[key] = record

    def drop(self, key: str) -> None:
        with self._lock:
            if key in self._records:
                os.write(self._file, _line(key, None))
                del self._records[key]


def _line(key: str, record: msgspec.Struct | None) -> bytes:
    return msgspec.json.encode((key, record)) + b"\n"
