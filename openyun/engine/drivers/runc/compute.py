"""Runs instances as containers of runc, the OCI reference runtime, over a shared guest image."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import msgspec

from openyun.engine.compute import Command, EngineError, Machine, Observed, Progress
from openyun.engine.drivers import namespace, system_calls, tool
from openyun.engine.drivers.runc import bundle, console, layers, loops
from openyun.engine.drivers.runc.commands import Commands
from openyun.engine.drivers.runc.disks import LONGEST_COPY, RuncDisks
from openyun.engine.drivers.runc.runtime import Process, Runtime
from openyun.engine.drivers.runc.watch import Watch
from openyun.engine.network import PlugEngine

ORPHAN_PATIENCE = 3.0
UNMOUNT = Path(__file__).with_name("unmount.py")


class _Started(msgspec.Struct, frozen=True):
    """What a machine was last started with; written before it starts."""

    boots: int
    stop_timeout: float
    at: float


class RuncCompute:
    """Satisfies ComputeEngine, CommandEngine, ConsoleEngine and WatchEngine on a Linux host, as root.

    `data/machines/ID` holds all that lasts of a machine: `disk` or `disk.EPOCH` (what it changed of its image),
    `started.json`, `console`, `commands`. It is made first and removed last, so a machine cut off half-made is still
    observed. Its data disks are RuncDisks' of the same data folder.
    """

    name = "runc"
    simulated = False
    absence = ""

    def __init__(self, data: Path, images: Path, network: PlugEngine) -> None:
        prefix = tool.instance_prefix(data)
        self._machines = data.resolve() / "machines"
        self._disks = RuncDisks(data, images)
        self._network = network
        self._namespaces = f"{prefix}-machine-"
        self._runtime = Runtime(prefix)
        self._commands = Commands(self._machines, self._runtime)
        self._machines.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._watch: Watch | None = None

    def watch(self, ended: Callable[[], None]) -> None:
        def tell(machine_id: str) -> None:
            folder = self._machines / machine_id
            if folder.exists() and not (folder / "ending").exists():
                ended()

        self._watch = Watch(tell)

    def observe(self) -> Iterator[Observed]:
        named = (name.removeprefix(self._namespaces) for name in namespace.names(self._namespaces))
        for machine_id in sorted({*_names(self._machines), *self._runtime.ids(), *named}):
            process = self._running(machine_id)
            running = process is not None
            if self._watch and process:
                self._watch.add(machine_id, process)
            started = self._started(machine_id)
            yield Observed(
                id=machine_id,
                power="on" if running else "off",
                boots=started.boots,
                started_at=started.at if running else 0.0,
                powered_off=not running and console.says_power_down(self._machines / machine_id / "console"),
                severed=running and self._is_severed(machine_id),
            )

    def ensure(self, machine: Machine) -> None:
        started = self._started(machine.id)
        if machine.power == "on" and started.boots >= machine.boots and self._running(machine.id):
            self._plug(machine)
            self._plug_disks(machine)
            return
        with self._alone(machine.id) as folder:
            self._runtime.stop(machine.id, machine.stop_timeout)
            # Also after a kill in the middle of a start: whatever is there of the last run goes before the next.
            self._clear(machine.id)
            layers.make_upper(folder, machine.system_epoch)
            for part in ("work", "root"):
                (folder / part).mkdir(mode=0o755, exist_ok=True)
            if machine.power == "on":
                self._start(machine, folder)

    def destroy(self, machine_id: str) -> None:
        with self._alone(machine_id) as folder:
            self._clear(machine_id)
            shutil.rmtree(folder)
        self._runtime.close()

    def halt(self) -> None:
        def stop(machine_id: str) -> None:
            with self._alone(machine_id):
                self._runtime.stop(machine_id, self._started(machine_id).stop_timeout)
                self._clear(machine_id)

        found = [machine.id for machine in self.observe()]
        with ThreadPoolExecutor(max_workers=32) as hands:
            for _ in hands.map(stop, found):
                pass
        self._runtime.close()

    def launch(self, command: Command) -> None:
        self._commands.launch(command)

    def progress(self, machine_id: str, command_id: str) -> Progress:
        return self._commands.progress(machine_id, command_id)

    def cancel(self, machine_id: str, command_id: str) -> None:
        self._commands.cancel(machine_id, command_id)

    def console(self, machine_id: str) -> bytes:
        return console.tail(self._machines / machine_id / "console")

    @contextmanager
    def _alone(self, machine_id: str) -> Iterator[Path]:
        """The machine's folder, for ending what runs of it, when no tool of a killed server works on it any more."""
        folder = self._machines / machine_id
        folder.mkdir(mode=0o755, exist_ok=True)
        # While its disks are captured the machine stands still and hears nothing.
        with tool.exclusively(folder / "capture", patience=LONGEST_COPY, inherited=False):
            try:
                with tool.exclusively(folder / "lock", patience=ORPHAN_PATIENCE):
                    pass
            except EngineError:
                # A container that was made and never started waits for ever.
                self._runtime.end_processes(machine_id)
            with self._ending(folder):
                yield folder

    @contextmanager
    def _ending(self, folder: Path) -> Iterator[None]:
        with tool.exclusively(folder / "lock"):
            # A kill from here on may leave a process that is told to end and does not know it yet.
            (folder / "ending").touch()
            yield

    def _start(self, machine: Machine, folder: Path) -> None:
        pile = self._disks.pile(machine.layers, machine.image_id)
        pile.mount(layers.make_upper(folder, machine.system_epoch), folder / "work", folder / "root")
        namespace.create(self._namespaces + machine.id)
        self._plug(machine)
        self._plug_disks(machine)
        places = bundle.Places(
            folder=folder,
            network_namespace=self._namespaces + machine.id,
            cgroup=self._runtime.cgroup(machine.id),
            first_device=loops.reserve(self._namespaces + machine.id),
        )
        bundle.write(machine, places)
        console.begin(folder / "console", machine.boots)
        started = _Started(boots=machine.boots, stop_timeout=machine.stop_timeout, at=time.time())
        record = folder / "started.new"
        record.write_bytes(msgspec.json.encode(started))
        record.replace(folder / "started.json")
        (folder / "ending").unlink()
        self._runtime.start(machine.id, folder)
        if self._watch and (process := self._runtime.process(machine.id)):
            self._watch.add(machine.id, process)

    def _running(self, machine_id: str) -> Process | None:
        if (self._machines / machine_id / "ending").exists():
            return None
        return self._runtime.process(machine_id)

    def _is_severed(self, machine_id: str) -> bool:
        """An interface goes with the network that it was plugged into."""
        try:
            return "eth0" not in namespace.inside(self._namespaces + machine_id, namespace.interfaces)
        except EngineError:
            # Others may end it at this moment; a machine does not outlive its namespace's name otherwise.
            return False

    def _plug(self, machine: Machine) -> None:
        self._network.unplug(machine.id, machine.nics, self._namespaces + machine.id)
        for nic in machine.nics:
            self._network.plug(machine.id, nic, self._namespaces + machine.id)

    def _plug_disks(self, machine: Machine) -> None:
        """Make the machine's block devices show its data disks, also while it runs."""
        if loops.OBSTACLE:
            if machine.disks:
                raise EngineError(loops.OBSTACLE)
            return
        first = loops.reserve(self._namespaces + machine.id)
        files = {disk.slot: self._disks.file_of(disk.volume_id) for disk in machine.disks}
        running = self._runtime.process(machine.id)
        for slot in range(loops.SLOTS):
            node = Path(f"/proc/{running.pid}/root/dev", bundle.device_name(slot)) if running else None
            if loops.bound_to(first + slot) not in (None, files.get(slot)):
                if running:
                    tool.run(sys.executable, "-I", str(UNMOUNT), str(running.pid), f"{loops.MAJOR}:{first + slot}")
                loops.unbind(first + slot)
            if slot in files:
                loops.bind(first + slot, files[slot])
                if node:
                    loops.make_node(node, first + slot)
            elif node:
                node.unlink(missing_ok=True)

    def _clear(self, machine_id: str) -> None:
        """Nothing of the machine is left but its folder."""
        self._commands.cancel_all(machine_id)
        self._runtime.clear(machine_id)
        self._commands.await_all(machine_id)
        system_calls.unmount(self._machines / machine_id / "root")
        loops.release(self._namespaces + machine_id)
        namespace.remove(self._namespaces + machine_id)

    def _started(self, machine_id: str) -> _Started:
        try:
            return msgspec.json.decode((self._machines / machine_id / "started.json").read_bytes(), type=_Started)
        except (OSError, msgspec.DecodeError):
            return _Started(boots=0, stop_timeout=0.0, at=0.0)


def _names(folder: Path) -> Iterator[str]:
    return (path.name for path in folder.iterdir())
