"""The few Linux system calls that the drivers need and Python 3.11 does not offer."""

from __future__ import annotations

import ctypes
import errno
import functools
import os
from pathlib import Path

READ_ONLY = 0x1
BIND = 0x1000
_DETACH = 0x2
_NEW_NETWORK = 0x40000000
_SET_CHILD_SUBREAPER = 36


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)


def mount(source: str, target: Path, kind: str = "", flags: int = 0, options: str = "") -> None:
    result = _libc().mount(source.encode(), bytes(target), kind.encode() or None, flags, options.encode() or None)
    _check(result, str(target))


def unmount(target: Path) -> None:
    """Take away every mount on this path, even a busy one. A path without a mount is left as it is."""
    while True:
        if _libc().umount2(bytes(target), _DETACH) != 0:
            if ctypes.get_errno() in (errno.EINVAL, errno.ENOENT):
                return
            _check(-1, str(target))


def unshare_network() -> None:
    """Move the calling thread, and only it, into a new network namespace."""
    _check(_libc().unshare(_NEW_NETWORK), "unshare")


def enter_network(descriptor: int) -> None:
    """Move the calling thread, and only it, into the network namespace that this file descriptor refers to."""
    _check(_libc().setns(descriptor, _NEW_NETWORK), "setns")


def enter(descriptor: int) -> None:
    """Move the calling thread into the namespace, of whatever kind, that this file descriptor refers to."""
    _check(_libc().setns(descriptor, 0), "setns")


def adopt_orphans() -> None:
    """Become the parent of grandchildren whose parent ends, so that their exit codes come here."""
    _check(_libc().prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "prctl")
