"""File systems of data disks, mounted when a machine starts, as its /etc/fstab says.

A container may not mount a block device itself: that takes a right over the whole host. So its runtime does what an
init system would do at boot. What cannot be mounted is left out, as with the option nofail: a machine starts anyway.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from openyun.engine.compute import EngineError
from openyun.engine.drivers import tool

KINDS = {"ext2", "ext3", "ext4", "xfs", "btrfs"}
OPTIONS = {"ro", "noatime", "nodiratime", "relatime", "strictatime", "sync", "dirsync", "noexec"}
"""that are passed on; a device or a set-user-id program of the disk never counts"""
LONGEST = 64 * 1024


def mounts(root: Path, devices: dict[str, int]) -> list[dict[str, Any]]:
    """Entries for the bundle, of the root file system's /etc/fstab and the machine's devices: `/dev/vdb` and the number
    of the loop device."""
    found = []
    lines = _lines(root) if devices else []
    known = {name: _tags(number) for name, number in devices.items()} if lines else {}
    for line in lines:
        source, target, kind, *rest = line.split()
        name = next((one for one, tags in known.items() if source == one or source.replace('"', "") in tags), "")
        if not name or kind not in KINDS | {"auto"} or not target.startswith("/"):
            continue
        given = set(rest[0].split(",")) if rest else set()
        kind = next((tag.removeprefix("TYPE=") for tag in known[name] if tag.startswith("TYPE=")), "")
        options = ["nosuid", "nodev", *sorted(given & OPTIONS)]
        if "noauto" in given or kind not in KINDS or not _works(devices[name], kind, options):
            continue
        device = f"/dev/loop{devices[name]}"
        found.append({"destination": target, "type": kind, "source": device, "options": options})
    return sorted(found, key=lambda one: one["destination"])


def _lines(root: Path) -> list[str]:
    path = root / "etc/fstab"
    # A link that a guest has made must not lead out of its own files.
    if not path.is_file() or not path.resolve().is_relative_to(root.resolve()) or path.stat().st_size > LONGEST:
        return []
    lines = (line.strip() for line in path.read_text(errors="replace").splitlines())
    return [line for line in lines if line and not line.startswith("#") and len(line.split()) >= 3]


def _tags(number: int) -> set[str]:
    """TYPE=ext4, UUID=..., LABEL=..., as far as the device says."""
    try:
        return set(tool.run("blkid", "--probe", "--output", "export", f"/dev/loop{number}").splitlines())
    except EngineError:
        return set()  # nothing is on it yet


def _works(number: int, kind: str, options: list[str]) -> bool:
    """Tried where nobody sees it: a mount that fails would keep the machine from starting."""
    with tempfile.TemporaryDirectory(prefix="openyun-") as place:
        command = f"mount -t {kind} -o {','.join(options)} /dev/loop{number} {place}"
        try:
            tool.run("unshare", "--mount", "sh", "-ec", command)
        except EngineError:
            return False
    return True
