"""Disks as files: a sparse file for each data disk, a folder for each content.

    disks/ID/EPOCH.img            a data disk; machines see it through a loop device
    contents/ID/disk.img          what was captured of a data disk, or
    contents/ID/tree              of a system disk: a layer of overlayfs
    .../new                       half-made, until it is renamed

Folders are made first and removed last, so that what a kill left half-made is still seen.
"""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from openyun.engine.compute import EngineError
from openyun.engine.disk import Capture, Received, Volume
from openyun.engine.drivers import place, tool
from openyun.engine.drivers.runc import foreign_images, layers, loops, streams
from openyun.engine.drivers.runc.runtime import Runtime

GIB = 1 << 30
LONGEST_COPY = 4 * 3600.0
"""seconds"""


class RuncDisks:
    """Satisfies DiskEngine beside RuncCompute on the same data folder."""

    name = "files"
    simulated = False
    obstacle = loops.OBSTACLE

    def __init__(self, data: Path, images: Path) -> None:
        self._data = data.resolve()
        self._images = images.resolve()
        self._volumes = self._data / "disks"
        self._contents = self._data / "contents"
        self._exports = self._data / "exports"
        self._runtime = Runtime(tool.instance_prefix(data))
        for folder in (self._volumes, self._contents):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._forget_exports()

    def volumes(self) -> Iterator[str]:
        return _names(self._volumes)

    def ensure(self, volume: Volume) -> None:
        with _alone(self._volumes / volume.id) as folder:
            file = folder / f"{volume.epoch}.img"
            if not file.exists():
                fresh = folder / "new"
                fresh.unlink(missing_ok=True)
                if volume.content:
                    _copy_file(self._image_file(volume.content), fresh)
                _grow(fresh, volume.size)
                fresh.rename(file)
            _grow(file, volume.size)
            for other in folder.glob("*.img"):
                if other != file:
                    other.unlink()

    def destroy(self, volume_id: str) -> None:
        _remove(self._volumes / volume_id)

    def contents(self) -> Iterator[str]:
        return _names(self._contents)

    def capture(self, machine_id: str, captures: tuple[Capture, ...]) -> None:
        wanted = [one for one in captures if not self._is_whole(one.content_id)]
        if not wanted:
            return
        machine = self._data / "machines" / machine_id if machine_id else None
        if machine is None or not machine.exists():
            self._copy(wanted, machine_id="", machine=None)
            return
        # Neither a start nor an end of the machine comes between; they wait for this lock.
        with tool.exclusively(machine / "capture", patience=60.0):
            self._copy(wanted, machine_id=machine_id, machine=machine)

    def size_of(self, content_id: str) -> int:
        folder = self._contents / content_id
        if not self._is_whole(content_id):
            return 0
        return sum(path.lstat().st_blocks * 512 for path in folder.rglob("*") if not path.is_dir())

    def forget(self, content_id: str) -> None:
        _remove(self._contents / content_id)

    def pack(self, content_id: str) -> Iterator[bytes]:
        folder = self._contents / content_id
        parts = [name for name in ("tree", "disk.img") if (folder / name).exists()]
        return streams.read("tar", "-C", str(folder), "-cS", *streams.FAITHFULLY, *parts)

    def unpack(self, content_id: str, packed: Iterator[bytes]) -> None:
        with self._making(content_id) as fresh:
            if fresh is not None:
                streams.write(packed, "tar", "-C", str(fresh), "-xS", *streams.FAITHFULLY)

    def receive(self, content_id: str, image: Iterator[bytes]) -> Received:
        with self._making(content_id) as fresh:
            if fresh is not None:
                found = foreign_images.extract(image, fresh)
                (fresh / "size").write_text(f"{found.size}\n{found.os_name}\n")
        size, os_name = (self._contents / content_id / "size").read_text().split("\n")[:2]
        return Received(size=int(size), os_name=os_name)

    def export(self, layers: tuple[str, ...], image_id: str, size: int) -> Iterator[bytes]:
        scratch = self._exports / tool.short_hash(" ".join((*layers, image_id)), 16)
        scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tool.exclusively(scratch.with_suffix(".lock"), patience=LONGEST_COPY):
            shutil.rmtree(scratch, ignore_errors=True)
            scratch.mkdir(mode=0o700)
            try:
                raw = scratch / "disk.raw"
                making = f"truncate -s {size}G {raw}; mkfs.ext4 -q -F -d . {raw}"
                tool.run("sh", "-ec", self.pile(layers, image_id).over(scratch / "root", making), timeout=LONGEST_COPY)
                yield from streams.read("tar", "-C", str(scratch), "-czS", "disk.raw")
            finally:
                shutil.rmtree(scratch, ignore_errors=True)
        scratch.with_suffix(".lock").unlink(missing_ok=True)

    def _forget_exports(self) -> None:
        """Those that a kill cut off. Their tasks begin anew, if they are still wanted."""
        for scratch in (path for path in self._exports.glob("*") if not path.suffix):
            # Whose lock is held is under way.
            with suppress(EngineError), tool.exclusively(scratch.with_suffix(".lock"), patience=0.0):
                shutil.rmtree(scratch, ignore_errors=True)
                scratch.with_suffix(".lock").unlink(missing_ok=True)

    # What RuncCompute asks.

    def pile(self, contents: tuple[str, ...], image_id: str, *above: Path) -> layers.Pile:
        """The folders of a system disk, top first. Raises EngineError when one is not here."""
        below = [self._contents / one / "tree" for one in contents]
        if image_id:
            below.append(self._images / image_id)
        for folder in below:
            if not folder.is_dir():
                raise EngineError(
                    f"the image {folder.parent.name if folder.name == 'tree' else folder.name} is not here"
                )
        return layers.Pile([*above, *below])

    def file_of(self, volume_id: str) -> Path:
        """Raises EngineError when the volume is not here."""
        for file in (self._volumes / volume_id).glob("*.img"):
            return file
        raise EngineError(f"the disk {volume_id} is not here")

    # The parts of the verbs.

    def _is_whole(self, content_id: str) -> bool:
        folder = self._contents / content_id
        return (folder / "tree").exists() or (folder / "disk.img").exists()

    @contextmanager
    def _making(self, content_id: str) -> Iterator[Path | None]:
        """An empty folder whose things become the content; None when it is there already."""
        with _alone(self._contents / content_id) as folder:
            if self._is_whole(content_id):
                yield None
                return
            fresh = folder / "new"
            shutil.rmtree(fresh, ignore_errors=True)
            fresh.mkdir(mode=0o700)
            yield fresh
            tool.run("sync", "-f", str(fresh), timeout=LONGEST_COPY)
            # `tree` or `disk.img` says that all is there, so it comes last.
            for part in sorted(fresh.iterdir(), key=lambda path: path.name in ("tree", "disk.img")):
                part.rename(folder / part.name)
            fresh.rmdir()

    def _image_file(self, content_id: str) -> Path:
        file = self._contents / content_id / "disk.img"
        if not file.exists():
            raise EngineError(f"the snapshot {content_id} is not here")
        return file

    def _copy(self, wanted: list[Capture], machine_id: str, machine: Path | None) -> None:
        """All copies come from one script, which lets the machine go on even when the server is killed meanwhile."""
        lines = ["set -e"]
        # Without control groups, which belong to root, a machine cannot be told to stand still.
        if place.LIMITS and machine_id and self._runtime.process(machine_id):
            runc = shlex.join(self._runtime.command())
            lines += [
                f"{runc} resume {machine_id} 2>/dev/null || true",
                f"trap '{runc} resume {machine_id}' EXIT",
                f"{runc} pause {machine_id}",
            ]
        for one in wanted:
            target = self._contents / one.content_id
            target.mkdir(mode=0o700, exist_ok=True)
            shutil.rmtree(target / "new", ignore_errors=True)
            (target / "new").mkdir(mode=0o700)
            lines += [*self._flush(one), self._copying(one, machine, target / "new")]
        tool.run("sh", "-c", "\n".join(lines), timeout=LONGEST_COPY)
        for one in wanted:
            self._finish(self._contents / one.content_id)

    def _flush(self, one: Capture) -> list[str]:
        """To the file, what the machine wrote to the device or to a file system on it, and the host still holds."""
        if not one.volume_id:
            return []
        file = self.file_of(one.volume_id)
        shown = Path("/sys/block").glob("loop*/loop/backing_file")
        return [f"blockdev --flushbufs /dev/{path.parts[3]}" for path in shown if path.read_text().strip() == str(file)]

    def _copying(self, one: Capture, machine: Path | None, fresh: Path) -> str:
        copy = "cp -a --reflink=auto --sparse=always"
        if one.over is None:
            return f"{copy} {self._source(one, machine)} {fresh}/"
        upper = layers.upper_of(machine) if machine else None
        pile = self.pile(one.over, one.image_id, *([upper] if upper else []))
        return pile.over(fresh / "root", f"{copy} . {fresh}/tree")

    def _source(self, one: Capture, machine: Path | None) -> str:
        if one.volume_id:
            return shlex.quote(str(self.file_of(one.volume_id)))
        if machine is None or (changed := layers.upper_of(machine)) is None:
            return "/dev/null"  # a machine that was never started has changed nothing
        return shlex.quote(str(changed))

    def _finish(self, target: Path) -> None:
        with suppress(FileNotFoundError):
            (target / "new/root").rmdir()  # where the layers were mounted
        (copied,) = (target / "new").iterdir()
        tool.run("sync", "-f", str(copied.parent), timeout=LONGEST_COPY)
        if copied.name == "null":
            copied.unlink()
            copied.mkdir(mode=0o755)
        copied.rename(target / ("tree" if copied.is_dir() else "disk.img"))
        (target / "new").rmdir()


@contextmanager
def _alone(folder: Path) -> Iterator[Path]:
    """The folder, when no tool of a killed server works in it any more."""
    folder.mkdir(mode=0o700, exist_ok=True)
    with tool.exclusively(folder / "lock", patience=LONGEST_COPY):
        yield folder


def _names(folder: Path) -> Iterator[str]:
    return iter(sorted(path.name for path in folder.iterdir()))


def _remove(folder: Path) -> None:
    if folder.exists():
        with _alone(folder):
            shutil.rmtree(folder)


def _copy_file(source: Path, target: Path) -> None:
    tool.run("cp", "--reflink=auto", "--sparse=always", str(source), str(target), timeout=LONGEST_COPY)


def _grow(file: Path, size: int) -> None:
    """To so many GiB, and onto the disk."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if os.fstat(descriptor).st_size < size * GIB:
            os.ftruncate(descriptor, size * GIB)
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
