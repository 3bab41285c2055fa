"""Copies to other regions: noted where the source is, in the transaction of the request, and carried out from there."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from openyun.cloud import Cloud, RegionState
from openyun.operation import Call
from openyun.region import Region
from openyun.services.ecs.storage.records import Image, Snapshot, Transfer
from openyun.state import Record, Transaction


def id_in(call: Call, region: Region, prefix: str) -> str:
    """An id of another region."""
    return call.new_id(prefix).replace(call.region.id_code, region.id_code, 1)


def send(call: Call, region: Region, snapshots: list[Snapshot], image: Image | None = None) -> None:
    whole: Image | Snapshot = image or snapshots[0]
    call.state.insert(Transfer(id=whole.id, region_id=region.id, snapshots=snapshots, image=image))
    call.wake()


def contents(transfer: Transfer) -> list[str]:
    """Ids of what is to be copied."""
    named = [one for snapshot in transfer.snapshots for one in (snapshot.content, *snapshot.layers) if one]
    return list(dict.fromkeys(named))


class Transfers:
    """Those that leave one region."""

    def __init__(self, cloud: Cloud, at: RegionState) -> None:
        self._cloud = cloud
        self._at = at

    def survey(self) -> None:
        """Nothing is kept anywhere but in state."""

    def due(self) -> list[tuple[str, Callable[[], None]]]:
        waiting = self._at.store.read(lambda state: state.find(Transfer, due=True))
        return [(f"transfer {one.id}", partial(self.settle, one)) for one in waiting]

    def settle(self, one: Transfer) -> None:
        """May take minutes. Raises EngineError; then it stays due."""
        to = self._cloud.region(one.region_id)
        if not one.begun:
            to.store.write(partial(_announce, one))
            self._at.store.write(partial(_begun, one.id))
        for content_id in contents(one):
            if not to.store.read(partial(_wanted, one)):
                break
            to.engines.disk.unpack(content_id, self._at.engines.disk.pack(content_id))
        stored = {
            snapshot.id: to.engines.disk.size_of(snapshot.content or snapshot.layers[0]) for snapshot in one.snapshots
        }
        to.store.write(partial(_arrived, one, stored))
        self._at.store.write(partial(_forget, one.id))
        to.woken.set()


def _announce(one: Transfer, state: Transaction) -> None:
    everything: list[Record] = [*one.snapshots, *([one.image] if one.image else [])]
    for record in everything:
        kind = type(record)
        if state.get(kind, *(getattr(record, name) for name in kind.KEY)) is None:
            state.insert(record)


def _begun(id: str, state: Transaction) -> None:
    found = state.get(Transfer, id)
    if found is not None:
        found.begun = True
        state.put(found)


def _wanted(one: Transfer, state: Transaction) -> bool:
    """Not once it was cancelled or deleted there."""
    if one.image is not None:
        return state.get(Image, one.id) is not None
    return state.get(Snapshot, one.id) is not None


def _arrived(one: Transfer, stored: dict[str, int], state: Transaction) -> None:
    image = state.get(Image, one.id) if one.image else None
    cancelled = one.image is not None and image is None
    for snapshot in one.snapshots:
        there = state.get(Snapshot, snapshot.id)
        if there is not None and cancelled:
            state.delete(there)
        elif there is not None:
            there.status, there.stored = "accomplished", stored[snapshot.id]
            state.put(there)
    if image is not None and image.status == "Creating":
        image.status = "Available"
        state.put(image)


def _forget(id: str, state: Transaction) -> None:
    found = state.get(Transfer, id)
    if found is not None:
        state.delete(found)
