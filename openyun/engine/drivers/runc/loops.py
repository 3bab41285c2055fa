"""Block devices of machines: loop devices of the host whose numbers belong to one machine as long as it is started.

The kernel lets a container use a device by its number, and that list is fixed when the container starts. So a machine
that starts reserves one number for each slot a data disk may be plugged into, and a disk that comes later takes the
number of its slot. Reservations are names in /run that all clouds of the host share, and so end with the host's uptime.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path

from openyun.engine.compute import EngineError
from openyun.engine.drivers import place

SLOTS = 16
MAJOR = 7
FIRST = 4096
"""far above the numbers that `losetup --find` hands out"""
BLOCKS = 32768


def _obstacle() -> str:
    if place.ROOTLESS:
        return "block devices belong to root, and this cloud runs as another user"
    return "" if Path("/dev/loop-control").exists() else "this host has no loop devices (modprobe loop)"


OBSTACLE = _obstacle()
"""why no disk can be plugged in; empty when it can"""

_RESERVED = Path("/run/openyun-loops")
_SET_FD, _CLEAR_FD, _SET_CAPACITY = 0x4C00, 0x4C01, 0x4C07
_ADD, _REMOVE = 0x4C80, 0x4C81


def reserve(owner: str) -> int:
    """The first of SLOTS numbers that are this owner's until `release`; 0 where there are no loop devices."""
    if OBSTACLE:
        return 0
    _RESERVED.mkdir(mode=0o755, exist_ok=True)
    start = zlib.crc32(owner.encode())
    for step in range(BLOCKS):
        block = (start + step) % BLOCKS
        name = _RESERVED / str(block)
        try:
            name.symlink_to(owner)
        except FileExistsError:
            if _owner(name) != owner:
                continue
        return FIRST + block * SLOTS
    raise EngineError("every loop device number is taken")


def release(owner: str) -> None:
    """Unplug all that is plugged in, and give the numbers back."""
    for name in _of(owner):
        first = FIRST + int(name.name) * SLOTS
        for number in range(first, first + SLOTS):
            unbind(number)
        name.unlink(missing_ok=True)


def bind(number: int, file: Path) -> None:
    """Make the device show this file, and as much of it as there is by now. Raises EngineError."""
    bound = bound_to(number)
    if bound is None:
        _add(number)
        with _device(number) as device, file.open("r+b") as backing:
            try:
                fcntl.ioctl(device, _SET_FD, backing.fileno())
            except OSError as problem:
                raise EngineError(f"loop device {number}: {problem}") from problem
    elif bound != file:
        raise EngineError(f"loop device {number} shows {bound}, not {file}")
    elif _size(number) != file.stat().st_size:
        with _device(number) as device:
            fcntl.ioctl(device, _SET_CAPACITY)


def unbind(number: int) -> None:
    """Raises EngineError while somebody still uses the device: it is gone when they let go."""
    if bound_to(number) is not None:
        with _device(number) as device, contextlib.suppress(OSError):
            fcntl.ioctl(device, _CLEAR_FD)
        if bound_to(number) is not None:
            raise EngineError(f"loop device {number} is in use inside the machine")
    if Path(f"/sys/block/loop{number}").exists():
        _control(_REMOVE, number)


def bound_to(number: int) -> Path | None:
    """The file that the device shows."""
    try:
        text = Path(f"/sys/block/loop{number}/loop/backing_file").read_text()
    except OSError:
        return None
    return Path(text.rstrip("\n").removesuffix(" (deleted)"))


def make_node(node: Path, number: int) -> None:
    """The device under this name, in a machine's /dev."""
    with contextlib.suppress(OSError):
        if node.lstat().st_rdev == os.makedev(MAJOR, number):
            return
        node.unlink()
    os.mknod(node, 0o660 | stat.S_IFBLK, os.makedev(MAJOR, number))


def _of(owner: str) -> list[Path]:
    if not _RESERVED.is_dir():
        return []
    return [name for name in _RESERVED.iterdir() if _owner(name) == owner]


def _owner(name: Path) -> str:
    try:
        return str(name.readlink())
    except OSError:
        return ""


def _size(number: int) -> int:
    return int(Path(f"/sys/block/loop{number}/size").read_text()) * 512


def _add(number: int) -> None:
    if not Path(f"/sys/block/loop{number}").exists():
        _control(_ADD, number)


def _control(request: int, number: int) -> None:
    control = os.open("/dev/loop-control", os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.ioctl(control, request, number)
    except OSError as problem:
        # EBUSY: whoever just let go of it is not through yet; its number stays ours, and `bind` uses it again.
        if problem.errno not in (errno.EEXIST, errno.ENODEV, errno.EBUSY):
            raise EngineError(f"loop device {number}: {problem}") from problem
    finally:
        os.close(control)


@contextlib.contextmanager
def _device(number: int) -> Iterator[int]:
    name = Path(f"/dev/loop{number}")
    if not name.exists():
        os.mknod(name, 0o660 | stat.S_IFBLK, os.makedev(MAJOR, number))
    device = os.open(name, os.O_RDWR | os.O_CLOEXEC)
    try:
        yield device
    finally:
        os.close(device)
