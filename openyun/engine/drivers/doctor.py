"""Finds out, by trying, what this host can run."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import msgspec

from openyun.engine.compute import EngineError
from openyun.engine.drivers import guest_image, namespace, place, system_calls, tool
from openyun.engine.drivers.vpc import ruleset
from openyun.engine.network import Network

PACKAGES = {"runc": "runc", "nft": "nftables", "ip": "iproute2", "mmdebstrap": "mmdebstrap"}


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that real instances need."""

    what: str
    ok: bool
    why: str
    """what it is needed for"""
    fix: str = ""
    """the command, or the step, that makes it ok"""
    detail: str = ""
    """what went wrong when it was tried"""
    needed: bool = True
    """false when the cloud provides it by itself"""


def check(images: Path | None = None, image_id: str = guest_image.DEBIAN_12) -> list[Finding]:
    """Everything that the runc and VPC drivers need, tried in well under a second. Leaves nothing behind."""
    image = ((images or guest_image.cache()) / image_id).is_dir()
    found = [
        _root(),
        _installed("runc", "runs instances"),
        _installed("nft", "filters by security group and translates public addresses"),
        _installed("ip", "makes vSwitches and interfaces"),
        _installed("mmdebstrap", "builds the guest image", needed=not image),
        Finding(
            what="guest image",
            ok=image,
            why="the system disk of every instance",
            fix="yun up builds it",
            needed=False,
        ),
    ]
    if all(finding.ok or not finding.needed for finding in found):
        found += [
            _tried("network", "VPCs that are isolated and filtered", "modprobe br_netfilter", _try_network),
            _tried("container", "overlayfs, cgroup limits and a process in a container", "", _try_container),
        ]
    return found


def best_compute(found: list[Finding] | None = None) -> Literal["runc", "none"]:
    """The compute driver that works here: instances are real, or they are refused. `found` is the answer of `check`.

    Simulated ones are never taken for want of better: who wants them asks for them."""
    return "none" if absence(found) else "runc"


def absence(found: list[Finding] | None = None) -> str:
    """Why no real instance can run here, and what to do about it; empty if one can."""
    found = check() if found is None else found
    lacking = next((finding for finding in found if finding.needed and not finding.ok), None)
    if lacking is None:
        return ""
    detail = f" ({lacking.detail})" if lacking.detail else ""
    fix = f"; to have it: {lacking.fix}" if lacking.fix else ""
    return (
        f"this host lacks {lacking.what}, for {lacking.why}{detail}{fix}. "
        "To have instances simulated instead: OPENYUN_COMPUTE=simulated"
    )


def missing_packages(found: list[Finding]) -> list[str]:
    """Debian packages that `apt-get install` should bring."""
    return [PACKAGES[finding.what] for finding in found if finding.what in PACKAGES and not finding.ok]


def _root() -> Finding:
    """Root, or what takes its place: see `place`."""
    why = "namespaces and mounts of instances"
    if sys.platform != "linux":
        return Finding(what="Linux", ok=False, why=why)
    if os.geteuid() == 0:
        return Finding(what="root", ok=True, why=why, detail="of a user namespace" if place.ROOTLESS else "")
    what, fix = place.missing()
    if what:
        return Finding(what=f"root, or {what}", ok=False, why=why, fix=f"{fix}, or be root")
    return Finding(what="root", ok=False, why=why, fix="run it by `yun`, which makes a user namespace")


def _installed(program: str, why: str, needed: bool = True) -> Finding:
    install = f"apt-get install --no-install-recommends -y {PACKAGES[program]}"
    return Finding(what=program, ok=bool(tool.find(program)), why=why, fix=install, needed=needed)


def _tried(what: str, why: str, fix: str, attempt: Callable[[], None]) -> Finding:
    try:
        attempt()
    except (EngineError, OSError) as failure:
        return Finding(what=what, ok=False, why=why, fix=fix, detail=str(failure))
    return Finding(what=what, ok=True, why=why)


def _try_network() -> None:
    def attempt() -> None:
        tool.ip(["link add probe type bridge", "link add one type veth peer name other", "link set one master probe"])
        tool.run("nft", "-f", "-", stdin=ruleset.render(Network(id="probe", cidr="192.168.0.0/16")))
        if not Path("/proc/sys/net/bridge/bridge-nf-call-iptables").exists():
            raise EngineError("br_netfilter is not loaded, so security groups cannot filter inside a vSwitch")

    namespace.inside_nameless(attempt)


def _try_container() -> None:
    name = f"oy-probe-{os.getpid()}"
    with _probe_folder() as folder:
        for part in ("lower", "disk", "work", "root"):
            (folder / part).mkdir()
        options = f"lowerdir={folder}/lower,upperdir={folder}/disk,workdir={folder}/work"
        system_calls.mount("overlay", folder / "root", "overlay", options=options)
        try:
            (folder / "config.json").write_bytes(msgspec.json.encode(_probe(folder / "root", name)))
            tool.run("runc", "--root", f"{folder}/runc", "run", "--bundle", str(folder), name, timeout=20)
        finally:
            system_calls.unmount(folder / "root")


@contextmanager
def _probe_folder() -> Iterator[Path]:
    # Overlayfs works on some file systems only, so this must not be a temporary folder in memory.
    base = guest_image.cache().parent
    base.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".probe-", dir=base))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _probe(root: Path, name: str) -> dict[str, Any]:
    """A container that borrows the host's programs, read-only, and runs `true` with limits."""
    mounts: list[dict[str, Any]] = [{"destination": "/proc", "type": "proc", "source": "proc"}]
    for top in ("usr", "bin", "lib", "lib64"):
        there = Path("/", top)
        if there.is_symlink():
            (root / top).symlink_to(there.readlink())
        elif there.is_dir():
            mounts.append({"destination": f"/{top}", "type": "bind", "source": str(there), "options": ["bind", "ro"]})
    limits = {
        "cgroupsPath": f"/{name}",
        "resources": {
            "memory": {"limit": 256 << 20},
            "cpu": {"quota": 100_000, "period": 100_000},
            "pids": {"limit": 64},
        },
    }
    return {
        "ociVersion": "1.0.2",
        "root": {"path": str(root)},
        "process": {"user": {"uid": 0, "gid": 0}, "cwd": "/", "args": ["true"], "env": [f"PATH={tool.PATH}"]},
        "mounts": mounts,
        "linux": {
            "namespaces": [{"type": kind} for kind in ("pid", "mount", "uts", "ipc", "network")],
            **(limits if place.LIMITS else {}),
        },
    }
