"""Runs the system's own tools: ip, nft, runc."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from openyun.engine.compute import EngineError

# Login shells of ordinary users, and cron, leave out the folders where these tools are.
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def find(name: str) -> str:
    """The path of a program, empty when it is not installed."""
    return shutil.which(name, path=PATH) or ""


def run(*argv: str, stdin: str = "", output: int = subprocess.PIPE, timeout: float = 60.0) -> str:
    """Its standard output. EngineError, with what it wrote to standard error, when it fails.

    With a file descriptor as `output`, both go there: a process that it leaves behind may then hold it open.
    """
    environment = {"PATH": PATH, "LC_ALL": "C", "HOME": os.environ.get("HOME", "/root")}
    try:
        done = subprocess.run(
            argv, input=stdin, stdout=output, stderr=output, text=True, env=environment, timeout=timeout, check=False
        )
    except FileNotFoundError:
        raise EngineError(f"{argv[0]} is not installed") from None
    except subprocess.TimeoutExpired:
        raise EngineError(f"{' '.join(argv)} did not end within {timeout:.0f} s") from None
    if done.returncode != 0:
        raise EngineError(f"{' '.join(argv)} failed: {(done.stderr or done.stdout or '').strip()[-2000:]}")
    return done.stdout or ""


def ip(lines: list[str]) -> None:
    """Run lines of `ip` in one process."""
    if lines:
        run("ip", "-batch", "-", stdin="\n".join(lines) + "\n")


def instance_prefix(data: Path) -> str:
    """What the names of this cloud's things on the host begin with, so that several clouds share a host."""
    return "oy" + short_hash(str(data.resolve()), 6)


def short_hash(text: str, length: int) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:length]
