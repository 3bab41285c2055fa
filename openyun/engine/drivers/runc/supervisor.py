"""Runs one command in a machine and records how it went. A program of its own, so that it outlives the server.

Usage: python -I -S supervisor.py FOLDER LOCK. FOLDER holds `request.json` and `script`; LOCK is the descriptor of the
locked file `FOLDER/lock`. Written to FOLDER: `output` (bytes dropped, a newline, the last 24 KiB) while the command
runs; `result.json` at its end. A file `cancel` in FOLDER ends the command.
"""

# It imports little, so not pathlib: it should start in a few milliseconds, and hundreds may run.
# ruff: noqa: PTH105, PTH108, PTH110, PTH123

from __future__ import annotations

import ctypes
import json
import os
import select
import signal
import sys
import time
from typing import Any

KEPT = 24 * 1024
LOOK_EVERY = 0.1  # seconds between looks for `cancel` and between writes of new output
SET_CHILD_SUBREAPER = 36

# Runs in the machine as root, with the script as its input; descriptor 3 says whether the command could begin.
WRAPPER = """
folder=/run/openyun-commands script=$folder/$1 user=$2 directory=$3
shift 3
refuse() { printf '%s' "$1" >&3; exit 1; }
group=$(id -g -- "$user" 2>/dev/null) || refuse "AccountNotExists: there is no user $user."
[ -n "$directory" ] || directory=$(getent passwd "$user" | cut -d: -f6)
cd -- "$directory" 2>/dev/null || refuse "DirectoryNotExists: there is no directory $directory."
mkdir -p -m 711 $folder
(umask 077 && cat >"$script") && chmod 700 "$script" && chown "$user" "$script" || refuse "The script was not stored."
exec 3>&-
setpriv --reuid "$user" --regid "$group" --init-groups --reset-env -- "$@" "$script" </dev/null
code=$?
rm -f -- "$script"
exit $code
"""


class Supervisor:
    def __init__(self, folder: str) -> None:
        self._folder = folder
        with open(f"{folder}/request.json", encoding="utf-8") as request:
            self._request: dict[str, Any] = json.load(request)
        self._kept = bytearray()
        self._dropped = 0
        self._changed = False

    def run(self) -> None:
        output, write_output = os.pipe()
        refusal, write_refusal = os.pipe()
        os.set_blocking(output, False)
        script = os.open(f"{self._folder}/script", os.O_RDONLY)
        request = self._request
        wrapper = ["/bin/sh", "-c", WRAPPER, "command", request["name"], request["username"], request["directory"]]
        process = self._exec([*wrapper, *request["interpreter"]], (script, write_output, write_output, write_refusal))
        for descriptor in (script, write_output, write_refusal):
            os.close(descriptor)
        os.unlink(f"{self._folder}/script")
        if process is None:
            self._read(output)
            self._end("finished", None, "The machine refused it: " + self._kept.decode(errors="replace").strip())
            return
        state = self._watch(process, output)
        _, status = os.waitpid(process, 0)
        self._read(output)
        if state != "finished":
            cleaner = self._exec(["/bin/rm", "-f", f"/run/openyun-commands/{request['name']}"], ())
            if cleaner:
                # A process of the machine that nobody waits for would hold up the machine's end.
                os.waitpid(cleaner, 0)
            self._end(state, None, "")
        elif os.WIFSIGNALED(status):
            self._end("finished", 128 + os.WTERMSIG(status), "The command was ended from outside.")
        else:
            error = os.read(refusal, 4096).decode(errors="replace")
            self._end("finished", None if error else os.WEXITSTATUS(status), error)

    def _exec(self, argv: list[str], descriptors: tuple[int, ...]) -> int | None:
        """Start it in the machine. Its process number, or None when that failed."""
        pid_file = f"{self._folder}/pid"
        preserved = ["--preserve-fds", "1"] if len(descriptors) > 3 else []
        runc = [*self._request["exec"], "--detach", "--pid-file", pid_file, *preserved, self._request["machine"], *argv]
        actions = [(os.POSIX_SPAWN_DUP2, descriptor, at) for at, descriptor in enumerate(descriptors)]
        environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
        starter = os.posix_spawn(runc[0], runc, environment, file_actions=actions)
        _, status = os.waitpid(starter, 0)
        if status != 0:
            return None
        with open(pid_file, encoding="ascii") as pid:
            return int(pid.read())

    def _watch(self, process: int, output: int) -> str:
        """Follow the output until the process ends; end it when the time is up or somebody cancels."""
        ended = os.pidfd_open(process)
        poll = select.poll()
        poll.register(output, select.POLLIN)
        poll.register(ended, select.POLLIN)
        deadline = time.monotonic() + self._request["timeout"]
        state = "finished"
        shown = 0.0
        while True:
            ready = dict(poll.poll(LOOK_EVERY * 1000))
            if ended in ready:
                return state
            if output in ready and not self._read(output):
                poll.unregister(output)
            now = time.monotonic()
            if now - shown >= LOOK_EVERY:
                self._show()
                shown = now
            if state == "finished":
                if now > deadline:
                    state = "timeout"
                elif os.path.exists(f"{self._folder}/cancel"):
                    state = "stopped"
                if state != "finished":
                    os.killpg(process, signal.SIGKILL)

    def _read(self, output: int) -> bool:
        """Take what there is now, a pipe full at most. False when nothing more can come."""
        for _ in range(16):
            try:
                chunk = os.read(output, 65536)
            except BlockingIOError:
                return True
            if not chunk:
                return False
            self._kept += chunk
            self._changed = True
            if len(self._kept) > 4 * KEPT:
                self._trim()
        return True

    def _trim(self) -> None:
        excess = max(0, len(self._kept) - KEPT)
        self._dropped += excess
        del self._kept[:excess]

    def _show(self) -> None:
        if self._changed:
            self._trim()
            self._store("output", b"%d\n" % self._dropped + self._kept)
            self._changed = False

    def _end(self, state: str, exit_code: int | None, error: str) -> None:
        self._show()
        result = {"state": state, "exit_code": exit_code, "finished_at": time.time(), "error": error}
        self._store("result.json", json.dumps(result).encode())

    def _store(self, name: str, content: bytes) -> None:
        with open(f"{self._folder}/{name}.new", "wb") as file:
            file.write(content)
        os.replace(f"{self._folder}/{name}.new", f"{self._folder}/{name}")


def main(folder: str, lock: int) -> None:
    # The server reaps the first process at once; this second one has no parent to wait for it.
    if os.fork():
        os._exit(0)
    os.set_inheritable(lock, False)
    os.write(lock, b"%d\n" % os.getpid())
    # runc leaves the command behind; adopting it brings its exit code here.
    ctypes.CDLL(None).prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    Supervisor(folder).run()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
