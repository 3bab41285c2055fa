"""Cloud Assistant commands in a machine, each under a supervisor that outlives the server.

`commands/ID` in the machine's folder is the command's record. The folder itself marks that the command was started.
The supervisor holds `lock` as long as it lives, and writes `result.json` before it ends; a folder without either is a
command whose supervisor was cut off.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
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
        try:
            started_at = folder.stat().st_ctime if not (folder / "lock").exists() else (folder / "lock").stat().st_mtime
        except FileNotFoundError:
            return Progress(state="absent")
        # Asked before the result is looked for: a supervisor that ended in between has written it.
        lives = _supervisor(folder) is not None
        dropped, output = _output(folder)
        result = _result(folder)
        if result is None and lives:
            return Progress(state="running", output=output, dropped=dropped, started_at=started_at)
        if result is None:
            error = "the command was interrupted"
            result = _Result(state="finished", exit_code=None, finished_at=started_at, error=error)
        else:
            dropped, output = _output(folder)
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
        supervisor = _supervisor(self._folder(machine_id, command_id))
        if supervisor:
            with contextlib.suppress(ProcessLookupError):
                os.kill(supervisor, signal.SIGTERM)

    def end_all(self, machine_id: str) -> None:
        """Stop every command of the machine, and return when no supervisor of it runs."""
        commands = self._machines / machine_id / "commands"
        for name in os.listdir(commands) if commands.is_dir() else ():
            deadline = time.monotonic() + 5
            while supervisor := _supervisor(commands / name):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(supervisor, signal.SIGTERM if time.monotonic() < deadline else signal.SIGKILL)
                time.sleep(0.01)

    def _folder(self, machine_id: str, command_id: str) -> Path:
        return self._machines / machine_id / "commands" / command_id
