"""Where the drivers work: on the host itself as root; for everybody else in a place of their own.

The place is a user namespace, in which this user is root over a range of ids that /etc/subuid gives, and a mount
namespace. A keeper, which only sleeps, holds both open, so instances outlive the server as they do on the host. The
server keeps the host's network; what instances have of the host's is a network namespace in the place, `OUTSIDE`.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, NoReturn

from openyun.engine.compute import EngineError
from openyun.engine.drivers import system_calls, tool

VARIABLE = "OPENYUN_PLACE"
"""in the environment of what runs in a place: where its namespaces are kept"""

ROOTLESS = VARIABLE in os.environ
RUN = Path(os.environ.get(VARIABLE, "/run"))
"""for what a restart of the host ends"""
OUTSIDE = "outside" if ROOTLESS else ""
"""the network namespace that stands for the host's; empty: it is the host's"""
LIMITS = not ROOTLESS
"""whether machines get no more memory and CPU than their instance type has: control groups belong to root"""

NEEDED = {"unshare": "util-linux", "newuidmap": "uidmap", "newgidmap": "uidmap", "setpriv": "util-linux"}
"""programs, and Debian's packages of them"""
PATIENCE = 10.0


def missing() -> tuple[str, str]:
    """What this user lacks for a place of their own, and what brings it; both empty when one can be made."""
    for program, package in NEEDED.items():
        if not tool.find(program):
            return program, f"apt-get install --no-install-recommends -y {package}"
    try:
        tool.run(*_unshare(), "true", timeout=PATIENCE)
    except EngineError as problem:
        user = os.environ.get("USER") or str(os.geteuid())
        if "newuidmap" in str(problem) or "subuid" in str(problem) or "subordinate" in str(problem):
            return "subordinate user ids", f"usermod --add-subuids 100000-165535 --add-subgids 100000-165535 {user}"
        return "user namespaces", f"this kernel refuses them to ordinary users: {problem}"
    return "", ""


def enter(data: Path, cache: Path) -> NoReturn:
    """Run this program anew, from its beginning, in the place of this data directory."""
    run = _run_folder(data, cache)
    run.mkdir(mode=0o700, parents=True, exist_ok=True)
    pid = _keeper(run)
    here = Path.cwd()
    for kind in ("user", "mnt"):
        descriptor = os.open(f"/proc/{pid}/ns/{kind}", os.O_RDONLY | os.O_CLOEXEC)
        system_calls.enter(descriptor)
        os.close(descriptor)
    os.setgid(0)
    os.setuid(0)
    os.chdir(here)
    program = [sys.executable, "-m", "openyun", *sys.argv[1:]]
    os.execve(program[0], program, {**os.environ, VARIABLE: str(run)})  # noqa: S606  # this very program


def leave(data: Path, cache: Path) -> None:
    """Nothing is left of the place. To be called when no machine runs in it any more."""
    run = _run_folder(data, cache)
    with contextlib.suppress(FileNotFoundError), (run / "keeper").open() as lock:
        if _held(lock):
            os.kill(int(lock.read()), signal.SIGKILL)
    for line in reversed(Path("/proc/self/mountinfo").read_text().splitlines()):
        where = Path(line.split()[4].replace("\\040", " "))
        if where.is_relative_to(run):
            system_calls.unmount(where)
    shutil.rmtree(run, ignore_errors=True)


def _run_folder(data: Path, cache: Path) -> Path:
    return cache / "run" / hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:12]


def _unshare() -> list[str]:
    return ["unshare", "--user", "--map-auto", "--map-root-user", "--mount", "--propagation", "private"]


def _keeper(run: Path) -> int:
    """Its process id. It holds a lock on the file that tells it, which the kernel takes back however it ends."""
    deadline = time.monotonic() + PATIENCE
    while True:
        with (run / "keeper").open("a+") as lock:
            lock.seek(0)
            if not _held(lock):
                return _start(lock)
            if found := lock.read():
                return int(found)
        if time.monotonic() > deadline:
            raise EngineError(f"{run / 'keeper'} is held, and does not say by whom")
        time.sleep(0.01)


def _held(lock: IO[str]) -> bool:
    """Whether somebody else holds it; if not, we do now."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


def _start(lock: IO[str]) -> int:
    lock.truncate(0)
    ready, tells = os.pipe()
    try:
        # The shell says that it is in the new namespaces, and becomes the sleeper.
        command = [*_unshare(), "sh", "-c", f"echo >&{tells}; exec {tells}>&-; exec sleep infinity"]
        keeper = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={"PATH": tool.PATH},
            pass_fds=[lock.fileno(), tells],
            start_new_session=True,
        )
    finally:
        os.close(tells)
    with os.fdopen(ready) as answer:
        if not answer.read(1):
            raise EngineError("no user namespace could be made; `yun doctor` says why")
    lock.write(str(keeper.pid))
    lock.flush()
    return keeper.pid
