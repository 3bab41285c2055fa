"""What runc itself keeps of the containers of one cloud, and what runs in them."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import msgspec

from openyun.engine.compute import EngineError
from openyun.engine.drivers import place, tool

KILL_TIMEOUT = 5.0
CGROUPS = Path("/sys/fs/cgroup")


class Process(msgspec.Struct, frozen=True):
    """The first process of a container."""

    pid: int = msgspec.field(name="init_process_pid")
    start: int = msgspec.field(name="init_process_start")
    """in clock ticks since the host started: tells a process from a later one of the same number"""


class Runtime:
    """Containers under one runc root."""

    def __init__(self, prefix: str) -> None:
        self._root = place.RUN / prefix
        self._cgroups = prefix
        self._state = msgspec.json.Decoder(Process)

    def ids(self) -> Iterator[str]:
        if self._root.is_dir():
            yield from (state.name for state in self._root.iterdir())

    def cgroup(self, machine_id: str) -> str:
        return f"/{self._cgroups}/{machine_id}"

    def process(self, machine_id: str) -> Process | None:
        """The container's first process, if the container was started and still runs."""
        process = self._recorded(machine_id)
        # runc waits at this pipe between making a container and starting it.
        if process is None or (self._root / machine_id / "exec.fifo").exists() or not lives(process):
            return None
        return process

    def _recorded(self, machine_id: str) -> Process | None:
        try:
            return self._state.decode((self._root / machine_id / "state.json").read_bytes())
        except (OSError, msgspec.DecodeError):
            return None

    def start(self, machine_id: str, bundle: Path) -> None:
        """Returns when the first process runs. Its output goes to `console` in the bundle."""
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        console = os.open(bundle / "console", os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            # runc ends with this process, so a killed server never races with what it began.
            tool.run(
                *("setpriv", "--pdeathsig", "KILL"),
                *("runc", "--root", str(self._root), "--log", str(bundle / "runc.log")),
                *("run", "--detach", "--bundle", str(bundle), machine_id),
                output=console,
            )
        except EngineError as failure:
            # The console holds what the customer's programs said, which is nothing for the operator's log.
            raise EngineError(f"{failure} {_tail(bundle / 'runc.log')}") from failure
        finally:
            os.close(console)

    def stop(self, machine_id: str, timeout: float) -> None:
        """Ask the machine to shut down, and wait that long for it. It may still run afterwards."""
        process = self.process(machine_id)
        if process and timeout > 0:
            _signal(process, signal.SIGTERM, timeout)

    def clear(self, machine_id: str) -> None:
        """End every process and leave nothing of the container, however far it came."""
        if (self._root / machine_id).exists():
            # runc would look only every 100 ms whether it has ended.
            if process := self.process(machine_id):
                _signal(process, signal.SIGKILL, KILL_TIMEOUT)
            with contextlib.suppress(EngineError):  # a half-made state; what it left is taken away below
                tool.run("runc", "--root", str(self._root), "delete", "--force", machine_id)
            shutil.rmtree(self._root / machine_id, ignore_errors=True)
        self.end_processes(machine_id)
        for folder in self._cgroup_folders(machine_id):
            _remove_cgroup(folder)

    def end_processes(self, machine_id: str) -> None:
        """End every process in the machine's control groups or, without those, the first of its container: the kernel
        ends the others with it."""
        if not place.LIMITS and (process := self._recorded(machine_id)) and lives(process):
            _signal(process, signal.SIGKILL, KILL_TIMEOUT)
        for folder in self._cgroup_folders(machine_id):
            _end_all(folder)

    def close(self) -> None:
        """Take away the folders that all machines share, when they are empty."""
        for folder in [self._root, *self._cgroup_folders("")]:
            with contextlib.suppress(OSError):
                folder.rmdir()

    def exec_command(self) -> list[str]:
        """The beginning of a command line that runs something in a machine."""
        # In a machine that stands still while its disks are captured, it begins when the machine goes on.
        return [*self.command(), "exec", "--ignore-paused"]

    def command(self) -> list[str]:
        return [tool.find("runc"), "--root", str(self._root)]

    def _cgroup_folders(self, machine_id: str) -> list[Path]:
        """The group in the one hierarchy of cgroup v2, or in each of v1."""
        hierarchies = [CGROUPS, *(CGROUPS.iterdir() if CGROUPS.is_dir() else ())]
        return [hierarchy / self._cgroups / machine_id for hierarchy in hierarchies]


def lives(process: Process) -> bool:
    try:
        fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return False
    return fields[0] not in "ZX" and int(fields[19]) == process.start


def _signal(process: Process, number: int, timeout: float) -> None:
    """Send it, and wait so long for the process to end."""
    with contextlib.suppress(ProcessLookupError):
        descriptor = os.pidfd_open(process.pid)
        try:
            # The descriptor cannot be reused; the number could have been, before it was opened.
            if lives(process):
                signal.pidfd_send_signal(descriptor, signal.Signals(number))
                _wait(descriptor, timeout)
        finally:
            os.close(descriptor)


def _wait(process: int, timeout: float) -> None:
    """Until the process of this pidfd ends."""
    poll = select.poll()  # select() refuses descriptors above 1023
    poll.register(process, select.POLLIN)
    poll.poll(timeout * 1000)


def _end_all(cgroup: Path) -> None:
    for _ in range(100):
        try:
            pids = [int(line) for line in (cgroup / "cgroup.procs").read_text().split()]
        except OSError:
            return
        if not pids:
            return
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                descriptor = os.pidfd_open(pid)
                signal.pidfd_send_signal(descriptor, signal.SIGKILL)
                _wait(descriptor, 0.1)
                os.close(descriptor)


def _remove_cgroup(folder: Path) -> None:
    for path, _, _ in os.walk(folder, topdown=False):
        with contextlib.suppress(OSError):  # a process that is just ending; `clear` is called again
            Path(path).rmdir()


def _tail(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip()[-1000:]
    except OSError:
        return ""
