"""The reconciler's part for snapshots: copies bytes, keeps the hours of policies, and ends what is kept too long."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from openyun.clock import iso_seconds, random_text
from openyun.cloud import Cloud, RegionState
from openyun.engine.disk import Capture
from openyun.region import Region
from openyun.services.ecs.storage import snapshots
from openyun.services.ecs.storage.records import AutoSnapshotPolicy, Disk, Image, Snapshot
from openyun.state import Transaction

BEIJING = timedelta(hours=8)
"""ahead of UTC; policies tell hours there"""


class Snapshots:
    """One region's."""

    def __init__(self, cloud: Cloud, at: RegionState) -> None:
        self._cloud = cloud
        self._at = at

    def survey(self) -> None:
        now = self._cloud.clock.now()
        if self._at.store.read(partial(_is_time, now)) or self._at.store.read(partial(_too_old, now)):
            self._at.store.write(partial(_keep_hours, now, self._at.region))

    def due(self) -> list[tuple[str, Callable[[], None]]]:
        waiting = self._at.store.read(lambda state: state.find(Snapshot, due=True))
        together: dict[str, list[Snapshot]] = {}
        for one in waiting:
            together.setdefault(one.group_id or one.id, []).append(one)
        return [(f"snapshot {name}", partial(self.settle, several)) for name, several in together.items()]

    def settle(self, several: list[Snapshot]) -> None:
        """One, or all of a group. May take minutes. Raises EngineError; then they stay due."""
        disks = self._at.store.read(lambda state: state.find(Disk, id=[one.disk_id for one in several]))
        there = {disk.id: disk for disk in disks if not disk.deleted}
        captures = tuple(_capture(one, there[one.disk_id]) for one in several if one.disk_id in there)
        machine_id = next((disk.instance_id for disk in there.values()), "")
        self._at.engines.disk.capture(machine_id, captures)
        stored = {one.content_id: self._at.engines.disk.size_of(one.content_id) for one in captures}
        self._at.store.write(partial(_finish, several, stored))
        self._at.woken.set()


def _capture(one: Snapshot, disk: Disk) -> Capture:
    if one.disk_type == "data":
        return Capture(content_id=one.id, volume_id=disk.id)
    if len(one.layers) == 1 and not one.base_image:
        return Capture(content_id=one.id, over=tuple(disk.layers), image_id=disk.base_image)
    return Capture(content_id=one.id)


def _finish(several: list[Snapshot], stored: dict[str, int], state: Transaction) -> None:
    """A snapshot that was deleted meanwhile is not made again; what it stored is freed by the survey of disks."""
    for one in several:
        current = state.get(Snapshot, one.id)
        if current is not None and current.due:
            current.status = "accomplished" if one.id in stored else "failed"
            current.stored = stored.get(one.id, 0)
            current.due = False
            state.put(current)


def _slot(now: datetime) -> str:
    return f"{now + BEIJING:%Y-%m-%dT%H}"


def _acts(policy: AutoSnapshotPolicy, now: datetime) -> bool:
    there = now + BEIJING
    wanted = there.hour in policy.time_points and there.isoweekday() in policy.weekdays
    return wanted and policy.last_slot != _slot(now) and policy.created_at < _hour_began(now)


def _hour_began(now: datetime) -> str:
    """A policy that is made within its hour waits for the next."""
    return iso_seconds(now.replace(minute=0, second=0, microsecond=0))


def _is_time(now: datetime, state: Transaction) -> bool:
    return any(_acts(policy, now) for policy in state.find(AutoSnapshotPolicy))


def _too_old(now: datetime, state: Transaction) -> list[Snapshot]:
    """Whose retention is over, and of which no image was made."""
    used: set[str] = set()
    old = [one for one in state.find(Snapshot) if one.retention_days > 0 and _ends(one) <= iso_seconds(now)]
    if old:
        used = {disk.snapshot_id for image in state.find(Image) for disk in image.disks}
    return [one for one in old if one.id not in used and one.status != "progressing"]


def _ends(one: Snapshot) -> str:
    made = datetime.fromisoformat(one.created_at)
    return iso_seconds(made + timedelta(days=one.retention_days))


def _keep_hours(now: datetime, region: Region, state: Transaction) -> None:
    for one in _too_old(now, state):
        state.delete(one)
    for policy in state.find(AutoSnapshotPolicy):
        if not _acts(policy, now):
            continue
        policy.last_slot = _slot(now)
        state.put(policy)
        for disk in state.find(Disk, auto_snapshot_policy_id=policy.id):
            if not disk.deleted and disk.enable_auto_snapshot and disk.status in ("Available", "In_use"):
                _take(state, policy, disk, f"s-{region.id_code}{random_text(17)}", now)


def _take(state: Transaction, policy: AutoSnapshotPolicy, disk: Disk, snapshot_id: str, now: datetime) -> None:
    made = snapshots.new(snapshot_id, disk.account_id, disk, iso_seconds(now))
    made.name = f"auto2.0_{now + BEIJING:%Y%m%d}_{policy.id}"
    made.policy_id = policy.id
    made.retention_days = max(policy.retention_days, 0)
    made.resource_group_id, made.tags = disk.resource_group_id, dict(disk.tags)
    snapshots.take(state, disk, made)
