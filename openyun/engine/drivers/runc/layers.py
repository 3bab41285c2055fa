"""A system disk as overlayfs has it: the folder of what the machine changes, over folders that never change."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

from openyun.engine.drivers import system_calls


class Pile:
    """Folders that lie over each other, top first."""

    def __init__(self, folders: list[Path]) -> None:
        self.folders = folders

    def mount(self, upper: Path, work: Path, target: Path) -> None:
        parts = {
            "lowerdir": ":".join(map(_escaped, self.folders)),
            "upperdir": _escaped(upper),
            "workdir": _escaped(work),
        }
        system_calls.mount(
            "overlay", target, "overlay", options=",".join(f"{name}={path}" for name, path in parts.items())
        )

    def over(self, target: Path, script: str) -> str:
        """A shell command that runs the script in the merged files. The mount is private to it and ends with it."""
        if len(self.folders) == 1:
            return f"cd {shlex.quote(str(self.folders[0]))}; {script}"
        options = "ro,lowerdir=" + ":".join(map(_escaped, self.folders))
        inside = (
            f"mkdir -p {target}; mount -t overlay -o {shlex.quote(options)} overlay {target}; cd {target}; {script}"
        )
        return f"unshare --mount sh -ec {shlex.quote(inside)}"


def upper_of(machine: Path) -> Path | None:
    """What the machine in this folder changed of its image."""
    found = sorted(machine.glob("disk*"), key=_epoch)
    return found[-1] if found else None


def make_upper(machine: Path, epoch: int) -> Path:
    """The folder for what the machine changes, which is empty when the epoch is new. Older ones go."""
    wanted = machine / (f"disk.{epoch}" if epoch else "disk")
    wanted.mkdir(mode=0o755, exist_ok=True)
    for other in machine.glob("disk*"):
        if other != wanted:
            shutil.rmtree(other)
    return wanted


def _epoch(upper: Path) -> int:
    return int(upper.suffix[1:] or 0)


def _escaped(path: Path) -> str:
    """For overlayfs, whose options end at a comma and whose lower layers are separated by colons."""
    return str(path).replace("\\", "\\\\").replace(",", "\\,").replace(":", "\\:")
