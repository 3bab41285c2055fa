"""Runs the system's own tools: ip, nft, runc.

A tool outlives a server that is killed, by some milliseconds. So a verb that uses tools takes a lock which they
inherit: who repeats the verb waits until the last of them has ended.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from openyun.engine.compute import EngineError

# Login shells of ordinary users, and cron, leave out the folders where these tools are.
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

_held: ContextVar[tuple[int, ...]] = ContextVar("held", default=())


@contextmanager
def exclusively(lock: Path, patience: float = 60.0, *, inherited: bool = True) -> Iterator[None]:
    """Hold the lock, and let the tools that run meanwhile hold it too, unless it is not to be `inherited`.

    EngineError when others still hold it after `patience` seconds.
    """
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        deadline = time.monotonic() + patience
        while not _locked(descriptor):
            if time.monotonic() > deadline:
                raise EngineError(f"{lock} is still held")
            time.sleep(0.002)
        token = _held.set((*_held.get(), descriptor) if inherited else _held.get())
        try:
            yield
        finally:
            _held.reset(token)
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def find(name: str) -> str:
    """The path of a program, empty when it is not installed."""
    return shutil.which(name, path=PATH) or ""


def run(*argv: str, stdin: str = "", output: int = subprocess.PIPE, timeout: float = 60.0) -> str:
    """Its standard output. EngineError, with what it wrote to standard error, when it fails.

    With a file descriptor as `output`, both go there: a process that it leaves behind may then hold it open.
    """
    try:
        done = subprocess.run(
            argv,
            input=stdin,
            stdout=output,
            stderr=output,
            text=True,
            timeout=timeout,
            check=False,
            **surroundings(),
        )
    except FileNotFoundError:
        raise EngineError(f"{argv[0]} is not installed") from None
    except subprocess.TimeoutExpired:
        raise EngineError(f"{' '.join(argv)} did not end within {timeout:.0f} s") from None
    if done.returncode != 0:
        raise EngineError(f"{' '.join(argv)} failed: {(done.stderr or done.stdout or '').strip()[-2000:]}")
    return done.stdout or ""


def surroundings() -> dict[str, Any]:
    """What every tool is started with: where programs are, plain messages, and the locks that are held."""
    environment = {"PATH": PATH, "LC_ALL": "C", "HOME": os.environ.get("HOME", "/root")}
    return {"env": environment, "pass_fds": _held.get()}


def ip(lines: list[str]) -> None:
    """Run lines of `ip` in one process."""
    if lines:
        run("ip", "-batch", "-", stdin="\n".join(lines) + "\n")


def instance_prefix(data: Path) -> str:
    """What the names of this cloud's things on the host begin with, so that several clouds share a host."""
    return "oy" + short_hash(str(data.resolve()), 6)


def short_hash(text: str, length: int) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:length]
