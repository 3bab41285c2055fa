"""What holds disks, and the contents that are captured of them: snapshots, and the images made of snapshots.

A *volume* is a data disk: it changes, and a machine may have it plugged in (`Machine.disks`). A *content* never changes
once it is there: a data disk's is a copy of its bytes, a system disk's the layer of files that the machine laid over
its image. So a system disk is a pile of contents, over the files of one of the platform's images.

Every verb may be repeated: the second time it changes nothing. Every verb may be interrupted by SIGKILL at any point:
repeating it finishes the work, and what it left half-made is seen by `volumes` or `contents` and can be removed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import msgspec

from openyun.engine.compute import EngineError


class UnreadableImage(EngineError):
    """What was given as an image is none, or none that this driver can read. Trying again would not help."""


class Volume(msgspec.Struct, frozen=True, kw_only=True):
    """A data disk as it should be."""

    id: str
    size: int
    """GiB; a volume only grows"""
    epoch: int = 0
    """raised to begin again: a volume with a lower one is made anew from its content"""
    content: str = ""
    """what it begins as; empty: zeros"""


class Capture(msgspec.Struct, frozen=True, kw_only=True):
    """One disk to take the content of."""

    content_id: str
    volume_id: str = ""
    """a data disk; empty: the system disk of the machine"""
    over: tuple[str, ...] | None = None
    """these layers, top first, and `image_id` below them are to be part of a system disk's content, which is whole"""
    image_id: str = ""


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """What came of an image that was brought in."""

    size: int
    """GiB that a system disk needs for it"""
    os_name: str = ""


class DiskEngine(Protocol):
    """Stores disks."""

    name: str
    simulated: bool
    obstacle: str
    """why a machine cannot have data disks here; empty when it can"""

    def volumes(self) -> Iterator[str]:
        """Ids of all volumes that anything is left of."""
        ...

    def ensure(self, volume: Volume) -> None: ...

    def destroy(self, volume_id: str) -> None: ...

    def contents(self) -> Iterator[str]:
        """Ids of all contents that anything is left of."""
        ...

    def capture(self, machine_id: str, captures: tuple[Capture, ...]) -> None:
        """Copy these disks as they are at one moment; the machine that has them stands still meanwhile.

        `machine_id` is empty for a data disk that no machine has."""
        ...

    def size_of(self, content_id: str) -> int:
        """Bytes that it takes here; 0 when it is not there."""
        ...

    def forget(self, content_id: str) -> None: ...

    def pack(self, content_id: str) -> Iterator[bytes]:
        """The content as a stream, for `unpack` of another region's engine."""
        ...

    def unpack(self, content_id: str, packed: Iterator[bytes]) -> None: ...

    def receive(self, content_id: str, image: Iterator[bytes]) -> Received:
        """Make a whole root file system of an image in one of the formats that this driver reads.

        Raises UnreadableImage."""
        ...

    def export(self, layers: tuple[str, ...], image_id: str, size: int) -> Iterator[bytes]:
        """The files of this pile (top first) over the platform's image, as `disk.raw` of `size` GiB in a .tar.gz."""
        ...
