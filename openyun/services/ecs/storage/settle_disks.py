"""The reconciler's part for disks that no instance has, and the end of what is stored for nobody."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from openyun.cloud import Cloud, RegionState
from openyun.services.ecs.storage import attaching
from openyun.services.ecs.storage.records import Disk, Image, Snapshot, Transfer
from openyun.state import Transaction


class Disks:
    """One region's."""

    def __init__(self, cloud: Cloud, at: RegionState) -> None:
        self._cloud = cloud
        self._at = at
        self._adopted = False

    def survey(self) -> None:
        if not self._adopted:
            self._at.store.write(attaching.adopt)
            self._adopted = True
        disk = self._at.engines.disk
        # What is stored first: it is made after the record that names it, and its record goes before it.
        volumes, contents = set(disk.volumes()), set(disk.contents())
        if volumes:
            for volume_id in volumes - self._at.store.read(_volumes):
                disk.destroy(volume_id)
        if contents:
            for content_id in contents - self._at.store.read(_contents):
                disk.forget(content_id)

    def due(self) -> list[tuple[str, Callable[[], None]]]:
        waiting = self._at.store.read(lambda state: state.find(Disk, due=True))
        return [(f"disk {one.id}", partial(self.settle, one)) for one in waiting]

    def settle(self, one: Disk) -> None:
        """May take minutes. Raises EngineError; then the disk stays due."""
        if one.deleted:
            self._at.engines.disk.destroy(one.id)
        elif one.type == "data":
            self._at.engines.disk.ensure(attaching.volume_of(one))
        self._at.store.write(partial(_finish, acted=one))


def _finish(state: Transaction, acted: Disk) -> None:
    current = state.get(Disk, acted.id)
    if current is None or (current.deleted, current.epoch, current.size) != (acted.deleted, acted.epoch, acted.size):
        return
    if current.deleted:
        state.delete(current)
        return
    current.due = False
    if current.status in ("Creating", "ReIniting"):
        current.status = "In_use" if current.instance_id else "Available"
    state.put(current)


def _volumes(state: Transaction) -> set[str]:
    return {one.id for one in state.find(Disk)}


def _contents(state: Transaction) -> set[str]:
    """Every content that some record names."""
    named: set[str] = set()
    for disk in state.find(Disk):
        named.update((disk.content, disk.first_content), disk.layers, disk.first_layers)
    on_their_way = [snapshot for transfer in state.find(Transfer) for snapshot in transfer.snapshots]
    for snapshot in [*state.find(Snapshot), *on_their_way]:
        named.update((snapshot.content,), snapshot.layers)
    for image in state.find(Image):
        for part in image.disks:
            named.update((part.content,), part.layers)
    return named
