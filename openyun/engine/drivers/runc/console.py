"""A machine's console: a file that everything its guest says is appended to."""

from __future__ import annotations

import os
from pathlib import Path

SHOWN = 64 * 1024
KEPT = 1024 * 1024
POWER_DOWN = b"reboot: Power down\n"
"""a guest's last words when it was told from inside to power off, as a kernel says them"""


def tail(path: Path) -> bytes:
    """The last 64 KiB."""
    return _end(path, SHOWN)


def begin(path: Path, boots: int) -> None:
    """Before every start: what an earlier run said last is not the last word any more."""
    text = _end(path, KEPT)
    if len(text) == KEPT:
        path.write_bytes(text[-SHOWN:])
    with path.open("ab") as file:
        file.write(b"--- start %d ---\n" % boots)


def says_power_down(path: Path) -> bool:
    return _end(path, len(POWER_DOWN)) == POWER_DOWN


def _end(path: Path, most: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(-min(most, os.fstat(file.fileno()).st_size), os.SEEK_END)
            return file.read()
    except OSError:
        return b""
