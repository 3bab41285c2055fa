"""Automatic snapshots, with a clock that the test sets: it is 10:00 in UTC, a Sunday, and 18:00 in Beijing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from openyun.services.ecs.storage.records import AutoSnapshotPolicy, Disk, Image, ImageDisk, Snapshot
from openyun.services.ecs.storage.settle_disks import Disks
from openyun.services.ecs.storage.settle_snapshots import Snapshots
from tests.unit.region import ACCOUNT, START, Place

DAY_BEFORE = "2026-11-21T10:00:00Z"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    yield made
    made.close()


def disk(place: Place, disk_id: str = "d-1", policy_id: str = "sp-1", **more: object) -> None:
    settings = {"zone_id": "z", "category": "cloud_essd", "size": 20, "status": "Available", "created_at": DAY_BEFORE}
    made = Disk(id=disk_id, account_id=ACCOUNT, auto_snapshot_policy_id=policy_id, **(settings | more))  # type: ignore[arg-type]
    place.write(lambda state: state.put(made))


def policy(place: Place, hours: list[int], days: list[int], retention: int = 3) -> None:
    made = AutoSnapshotPolicy(
        id="sp-1",
        account_id=ACCOUNT,
        time_points=hours,
        weekdays=days,
        retention_days=retention,
        created_at=DAY_BEFORE,
    )
    place.write(lambda state: state.put(made))


def snapshots(place: Place) -> list[Snapshot]:
    return place.at.store.read(lambda state: state.find(Snapshot))


def pass_by(place: Place) -> None:
    worker = Snapshots(place.cloud, place.at)
    worker.survey()
    for _, deed in worker.due():
        deed()


def test_a_policy_acts_once_in_its_hour(place: Place) -> None:
    policy(place, [18], [7])
    disk(place)
    disk(place, "d-2", enable_auto_snapshot=False)
    disk(place, "d-3", policy_id="")
    for _ in range(3):
        pass_by(place)
    (made,) = snapshots(place)
    assert (made.disk_id, made.policy_id, made.retention_days, made.status) == ("d-1", "sp-1", 3, "accomplished")
    place.clock.at = START + timedelta(hours=1)
    pass_by(place)
    assert len(snapshots(place)) == 1
    place.clock.at = START + timedelta(days=7)
    pass_by(place)
    assert len(snapshots(place)) == 1, "the first one is over, the second is there"
    assert snapshots(place)[0].id != made.id


@pytest.mark.parametrize(("hours", "days"), [([10], [7]), ([18], [6]), ([17, 19], [7])])
def test_at_other_hours_and_days_it_does_not(place: Place, hours: list[int], days: list[int]) -> None:
    policy(place, hours, days)
    disk(place)
    pass_by(place)
    assert snapshots(place) == []


def test_what_is_kept_too_long_goes_with_what_it_stored(place: Place) -> None:
    policy(place, [18], [7], retention=2)
    disk(place)
    pass_by(place)
    (made,) = snapshots(place)
    assert list(place.at.engines.disk.contents()) == [made.id]
    place.clock.at = START + timedelta(days=2)
    pass_by(place)
    Disks(place.cloud, place.at).survey()
    assert snapshots(place) == []
    assert list(place.at.engines.disk.contents()) == []


def test_what_an_image_was_made_of_stays(place: Place) -> None:
    policy(place, [18], [7], retention=2)
    disk(place)
    pass_by(place)
    (made,) = snapshots(place)
    part = ImageDisk(type="data", device="/dev/xvdb", size=20, snapshot_id=made.id, content=made.id)
    image = Image(id="m-1", account_id=ACCOUNT, name="m", disks=[part], created_at=DAY_BEFORE)
    place.write(lambda state: state.put(image))
    place.clock.at = START + timedelta(days=30)
    pass_by(place)
    Disks(place.cloud, place.at).survey()
    assert list(place.at.engines.disk.contents()) == [made.id]


def test_an_older_instance_gets_a_record_of_its_system_disk(place: Place) -> None:
    place.add(system_disk_id="d-9", system_disk_size=50)
    worker = Disks(place.cloud, place.at)
    worker.survey()
    worker.survey()
    (made,) = place.at.store.read(lambda state: state.find(Disk))
    assert (made.id, made.size, made.instance_id, made.status, made.device) == (
        *("d-9", 50, "i-bp1", "In_use", "/dev/xvda"),
    )
