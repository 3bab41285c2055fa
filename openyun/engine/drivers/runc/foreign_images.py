"""Images that customers bring: the root file system is taken out of them, since a container has no use for the rest.

Read are: archives (tar, also compressed), squashfs, and disk images (raw, VHD of fixed size, and with `qemu-img` on
the host also QCOW2, VMDK and VHD of any kind) whose root file system is ext2, ext3 or ext4. Files of an ext file system
come without their extended attributes, such as file capabilities.

Nobody vouches for an image: every tool that reads one is confined.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from openyun.engine.compute import EngineError
from openyun.engine.disk import Received, UnreadableImage
from openyun.engine.drivers import tool
from openyun.engine.drivers.runc import confined, streams

GIB = 1 << 30
LONGEST = 4 * 3600.0
SMALLEST = 5
"""GiB of a system disk for files that came without one"""

_CONVERTED = {b"QFI\xfb": "QCOW2", b"KDMV": "VMDK", b"conectix": "VHD"}
_COMPRESSED = (b"\x1f\x8b", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd", b"BZh")
_SQUASHFS = b"hsqs"
_EXT_MAGIC, _EXT_MAGIC_AT = b"\x53\xef", 1080
_SECTOR = 512


def extract(image: Iterator[bytes], folder: Path) -> Received:
    """`folder/tree` from the image. Raises UnreadableImage."""
    file = folder / "image"
    with file.open("wb") as target:
        for piece in image:
            target.write(piece)
    tree = folder / "tree"
    tree.mkdir(mode=0o755)
    size = _extract(file, tree)
    for left in (file, folder / "disk.raw", folder / "member"):
        left.unlink(missing_ok=True)
    if not any(os.path.lexists(tree / place) for place in ("bin/sh", "usr/bin/sh")):
        raise UnreadableImage("there is no /bin/sh in it, so it is no Linux root file system")
    return Received(size=max(1, -(-size // GIB)), os_name=_os_name(tree))


def _extract(file: Path, tree: Path) -> int:
    """The bytes that a disk needs for it."""
    with file.open("rb") as opened:
        head = opened.read(4096)
    if head.startswith(_SQUASHFS):
        _read(file, "unsquashfs", "-quiet", "-no-progress", "-force", "-dest", _seen(tree), _seen(file))
        return SMALLEST * GIB
    if head.startswith(_COMPRESSED) or head[257:262] == b"ustar":
        return _archive(file, tree)
    for magic, kind in _CONVERTED.items():
        if head.startswith(magic):
            return _disk(_converted(file, kind), tree)
    with file.open("r+b") as opened:
        opened.seek(-min(_SECTOR, file.stat().st_size), os.SEEK_END)
        if opened.read(8) == b"conectix":  # a VHD of fixed size is the disk, and this footer
            opened.truncate(file.stat().st_size - _SECTOR)
    return _disk(file, tree)


def _archive(file: Path, tree: Path) -> int:
    try:
        listed = _read(file, "tar", "-tf", _seen(file)).splitlines()
    except EngineError as problem:
        raise UnreadableImage(f"it is no archive: {problem}") from problem
    if len(listed) == 1 and listed[0].endswith((".raw", ".img", ".vhd", ".qcow2")):
        member = file.with_name("member")
        # Holes stay holes: most of a disk is empty.
        argv = ("tar", "-C", confined.HERE, "-xSf", _seen(file), "--no-same-owner", "--transform", "s|.*|member|")
        _read(file, *argv)
        file.unlink()
        if member.is_symlink() or not member.is_file():
            raise UnreadableImage("the disk in the archive is no file")
        return _extract(member, tree)
    _read(file, "tar", "-C", _seen(tree), "-xSf", _seen(file), *streams.FAITHFULLY, "--exclude=./dev/*")
    return SMALLEST * GIB


def _converted(file: Path, kind: str) -> Path:
    if not tool.find("qemu-img"):
        raise UnreadableImage(f"a {kind} image is read only where qemu-img is installed")
    raw = file.with_name("disk.raw")
    _read(file, "qemu-img", "convert", "-O", "raw", _seen(file), _seen(raw))
    file.unlink()
    return raw


def _disk(file: Path, tree: Path) -> int:
    for offset in [0, *_partitions(file)]:
        with file.open("rb") as opened:
            opened.seek(offset + _EXT_MAGIC_AT)
            if opened.read(2) != _EXT_MAGIC:
                continue
        _read(file, "debugfs", "-R", f"rdump / {_seen(tree)}", f"{_seen(file)}?offset={offset}")
        if (tree / "etc").is_dir():
            return file.stat().st_size
        tool.run("sh", "-c", f"rm -rf {tree} && mkdir {tree}")
    raise UnreadableImage("no ext2, ext3 or ext4 root file system was found in it")


def _read(file: Path, *argv: str) -> str:
    return confined.run(file.parent, *argv, timeout=LONGEST)


def _seen(path: Path) -> str:
    """As a confined tool sees it."""
    return f"{confined.HERE}/{path.name}"


def _partitions(file: Path) -> list[int]:
    """Where they begin, in bytes."""
    try:
        found = tool.run("partx", "--raw", "--noheadings", "--output", "START", str(file))
    except EngineError:
        return []  # a disk without partitions
    return [int(line) * _SECTOR for line in found.split() if line.isdecimal()]


def _os_name(tree: Path) -> str:
    for place in ("etc/os-release", "usr/lib/os-release"):
        path = tree / place
        if path.is_symlink() or not path.is_file():
            continue  # a link of a foreign image could lead anywhere
        for line in path.read_text(errors="replace").splitlines():
            if line.startswith("PRETTY_NAME="):
                return line.partition("=")[2].strip("\"'")[:128]
    return "Linux"
