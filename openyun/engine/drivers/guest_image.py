"""Builds the Debian guest image: a plain folder that machines share as the lowest layer of their disks."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from openyun.engine.compute import EngineError
from openyun.engine.drivers import system_calls, tool

DEBIAN_12 = "debian_12_x64_20G_alibase_20261101.vhd"

PACKAGES = (
    "ca-certificates",
    "curl",
    "iproute2",
    "iputils-ping",
    "netcat-openbsd",
    "openssh-server",
    "procps",
    "tini",
)
LEFT_OUT = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/info/*", "/usr/share/locale/*")

SSHD = """\
# One kind of host key, made at the first boot: each machine has its own, and no boot waits for a slow kind.
HostKey /etc/ssh/ssh_host_ed25519_key
PermitRootLogin yes
UsePAM no
UseDNS no
"""

# What mmdebstrap says when a stage begins, and how much of the work is behind it then.
STAGES = (
    ("running apt-get update", "fetching the package lists", 0.05),
    ("downloading packages", "downloading packages", 0.15),
    ("extracting archives", "extracting packages", 0.35),
    ("installing essential packages", "installing the base system", 0.45),
    ("installing remaining packages", "installing the SSH server", 0.70),
    ("cleaning package lists", "cleaning up", 0.95),
)

ShowProgress = Callable[[str, float | None], None]


def cache() -> Path:
    """Where images are kept for all clouds of this user."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "openyun" / "images"


def build_image(images: Path, image_id: str, progress: ShowProgress = lambda text, fraction: None) -> None:
    """Make `images/image_id` unless it is there. Another process that builds it is waited for.

    `progress` gets a line to show and the fraction done. EngineError says what mmdebstrap complained of.
    """
    image = images / image_id
    if image.is_dir():
        return
    if not tool.find("mmdebstrap"):
        raise EngineError("mmdebstrap is not installed")
    images.mkdir(parents=True, exist_ok=True)
    progress("waiting for the image folder", None)
    with _only_one(images / ".lock"):
        if image.is_dir():
            return
        aside = images / f".{image_id}.new"
        _remove(aside)
        _build(aside, progress)
        aside.rename(image)
        progress("guest image ready", 1.0)


@contextmanager
def _only_one(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _remove(aside: Path) -> None:
    # A killed build may have left the host's /proc and /dev mounted inside; deleting through them would be a disaster.
    for line in reversed(Path("/proc/self/mountinfo").read_text().splitlines()):
        where = Path(line.split()[4].replace("\\040", " "))
        if where.is_relative_to(aside.resolve()):
            system_calls.unmount(where)
    if aside.exists():
        shutil.rmtree(aside)


def _build(aside: Path, progress: ShowProgress) -> None:
    command = [
        # its mounts and processes end with it, however it ends
        *("setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--fork", "--kill-child"),
        *("mmdebstrap", "--mode=root", "--variant=minbase", "--format=directory"),
        "--include=" + ",".join(PACKAGES),
        "--aptopt=APT::Install-Recommends false",
        '--aptopt=Acquire::Languages "none"',
        *(f"--dpkgopt=path-exclude={pattern}" for pattern in LEFT_OUT),
        "--dpkgopt=path-include=/usr/share/doc/*/copyright",
        "bookworm",
        str(aside),
    ]
    said: list[str] = []
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PATH": tool.PATH, "LC_ALL": "C"},
    ) as building:
        for line in building.stderr or ():
            said.append(line.rstrip())
            for begins, text, fraction in STAGES:
                if begins in line:
                    progress(text, fraction)
    if building.returncode != 0:
        complaints = [line for line in said if line.startswith("E:")] or said
        raise EngineError("mmdebstrap failed: " + "\n".join(complaints[-10:]))
    _prepare(aside)


def _prepare(root: Path) -> None:
    for key in (root / "etc/ssh").glob("ssh_host_*"):
        key.unlink()
    (root / "etc/ssh/sshd_config.d/openyun.conf").write_text(SSHD)
    # the build's own choices must not follow the machine
    for left in ("etc/apt/apt.conf.d/99mmdebstrap", "etc/dpkg/dpkg.cfg.d/99mmdebstrap"):
        (root / left).unlink(missing_ok=True)
    (root / "etc/resolv.conf").write_text("")
    (root / "etc/hostname").write_text("localhost\n")


if __name__ == "__main__":
    build_image(cache(), DEBIAN_12, lambda text, fraction: print(text, fraction, file=sys.stderr))
