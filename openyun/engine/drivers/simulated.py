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
from openyun.engine.disk import Capture, Received, Volume
from openyun.engine.network import Network

R = TypeVar("R", bound=msgspec.Struct)


class SimulatedCompute:
    """Satisfies ComputeEngine; a simulated machine runs no commands and has no console."""

    name = "simulated"
    simulated = True
    absence = ""

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

    def broken(self) -> set[str]:
        return set()

    def ensure(self, network: Network) -> None:
        if self._networks.get(network.id) is None:
            self._networks.put(network.id, _Made(id=network.id))

    def destroy(self, network_id: str) -> None:
        self._networks.drop(network_id)

    def halt(self) -> None:
        for made in self._networks.values():
            self._networks.drop(made.id)


class SimulatedDisks:
    """Satisfies DiskEngine and holds nothing: a disk is as real as its record."""

    name = "simulated"
    simulated = True
    obstacle = ""

    def __init__(self, data: Path) -> None:
        self._volumes = Journal(data / "simulated-disks.jsonl", _Made)
        self._contents = Journal(data / "simulated-contents.jsonl", _Content)

    def volumes(self) -> Iterator[str]:
        return iter([made.id for made in self._volumes.values()])

    def ensure(self, volume: Volume) -> None:
        if self._volumes.get(volume.id) is None:
            self._volumes.put(volume.id, _Made(id=volume.id))

    def destroy(self, volume_id: str) -> None:
        self._volumes.drop(volume_id)

    def contents(self) -> Iterator[str]:
        return iter([made.id for made in self._contents.values()])

    def capture(self, machine_id: str, captures: tuple[Capture, ...]) -> None:
        for one in captures:
            self._keep(one.content_id)

    def size_of(self, content_id: str) -> int:
        found = self._contents.get(content_id)
        return found.size if found else 0

    def forget(self, content_id: str) -> None:
        self._contents.drop(content_id)

    def pack(self, content_id: str) -> Iterator[bytes]:
        yield b"nothing"

    def unpack(self, content_id: str, packed: Iterator[bytes]) -> None:
        self._keep(content_id, sum(map(len, packed)))

    def receive(self, content_id: str, image: Iterator[bytes]) -> Received:
        size = sum(map(len, image))
        self._keep(content_id, size)
        return Received(size=max(1, -(-size // (1 << 30))), os_name="Linux")

    def export(self, layers: tuple[str, ...], image_id: str, size: int) -> Iterator[bytes]:
        yield f"A simulated image of {size} GiB: {' '.join((*layers, image_id))}\n".encode()

    def _keep(self, content_id: str, size: int = 0) -> None:
        if self._contents.get(content_id) is None:
            self._contents.put(content_id, _Content(id=content_id, size=size))


class _Made(msgspec.Struct, frozen=True):
    id: str


class _Content(msgspec.Struct, frozen=True):
    id: str
    size: int


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
