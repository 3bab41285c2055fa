"""Cloud Assistant commands in a machine, each under a supervisor that outlives the server.

`commands/ID` in the machine's folder is the command's record. The folder itself marks that the command was started.
The supervisor holds `lock` as long as it lives, and writes `result.json` before it ends; a folder without either is a
command whose supervisor was cut off.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Literal

import msgspec

from openyun.engine.compute import Command, EngineError, Progress
from openyun.engine.drivers import tool
from openyun.engine.drivers.runc.runtime import Runtime

SUPERVISOR = Path(__file__).with_name("supervisor.py")
PATIENCE = 5.0


class _Result(msgspec.Struct, frozen=True):
    state: Literal["finished", "timeout", "stopped"]
    exit_code: int | None
    finished_at: float
    error: str


class Commands:
    def __init__(self, machines: Path, runtime: Runtime) -> None:
        self._machines = machines
        self._runtime = runtime

    def launch(self, command: Command) -> None:
        process = self._runtime.process(command.machine_id)
        folder = self._folder(command.machine_id, command.id)
        if folder.exists():
            return
        if process is None:
            raise EngineError(f"{command.machine_id} does not run")
        folder.parent.mkdir(mode=0o700, exist_ok=True)
        folder.mkdir(mode=0o700)
        (folder / "script").write_bytes(command.content)
        request = {
            "exec": self._runtime.exec_command(),
            "machine": command.machine_id,
            "name": command.id,
            "interpreter": command.interpreter,
            "directory": command.working_directory,
            "username": command.username,
            "timeout": command.timeout,
        }
        (folder / "request.json").write_bytes(msgspec.json.encode(request))
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            # The lock belongs to the open file, so the supervisor inherits it and it ends with the last of the two.
            fcntl.flock(lock, fcntl.LOCK_EX)
            supervisor = subprocess.Popen(
                [sys.executable, "-I", "-S", str(SUPERVISOR), str(folder), str(lock)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={"PATH": tool.PATH},
                pass_fds=[lock],
                start_new_session=True,
            )
        finally:
            os.close(lock)
        # The supervisor forks away at once, so that it never becomes a zombie of ours.
        supervisor.wait()

    def progress(self, machine_id: str, command_id: str) -> Progress:
        folder = self._folder(machine_id, command_id)
        if not folder.exists():
            return Progress(state="absent")
        started_at = _made(folder / "request.json") or _made(folder)
        # In the order opposite to the supervisor's: it writes the output, then the result, then lets go of the lock.
        lives = _lives(folder)
        result = _result(folder)
        dropped, output = _output(folder)
        if result is None and lives:
            return Progress(state="running", output=output, dropped=dropped, started_at=started_at)
        if result is None:
            error = "The command was interrupted."
            result = _Result(state="finished", exit_code=None, finished_at=started_at, error=error)
        return Progress(
            state=result.state,
            exit_code=result.exit_code,
            output=output,
            dropped=dropped,
            started_at=started_at,
            finished_at=result.finished_at,
            error=result.error,
        )

    def cancel(self, machine_id: str, command_id: str) -> None:
        folder = self._folder(machine_id, command_id)
        if folder.exists():
            (folder / "cancel").touch()

    def cancel_all(self, machine_id: str) -> None:
        for folder in self._folders(machine_id):
            (folder / "cancel").touch()

    def await_all(self, machine_id: str) -> None:
        """Return when no supervisor of the machine's commands runs; one that does not end by itself is killed."""
        deadline = time.monotonic() + PATIENCE
        for folder in self._folders(machine_id):
            while _lives(folder):
                time.sleep(0.005)
                if time.monotonic() > deadline:
                    with contextlib.suppress(OSError, ValueError):
                        os.kill(int((folder / "lock").read_text()), signal.SIGKILL)

    def _folder(self, machine_id: str, command_id: str) -> Path:
        return self._machines / machine_id / "commands" / command_id

    def _folders(self, machine_id: str) -> list[Path]:
        commands = self._machines / machine_id / "commands"
        return list(commands.iterdir()) if commands.is_dir() else []


def _lives(folder: Path) -> bool:
    """Whether the supervisor holds its lock."""
    try:
        with (folder / "lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _result(folder: Path) -> _Result | None:
    try:
        return msgspec.json.decode((folder / "result.json").read_bytes(), type=_Result)
    except FileNotFoundError:
        return None


def _output(folder: Path) -> tuple[int, bytes]:
    try:
        dropped, _, output = (folder / "output").read_bytes().partition(b"\n")
    except FileNotFoundError:
        return 0, b""
    return int(dropped), output


def _made(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
