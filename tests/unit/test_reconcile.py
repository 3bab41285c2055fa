"""The reconciler: who is woken, what runs at once, and what a failure delays."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from openyun import reconcile
from openyun.cloud import Cloud, RegionState
from openyun.engine.compute import EngineError
from openyun.reconcile import Reconciler, Worker
from openyun.state import Transaction
from tests.unit.cloud import small_cloud

PATIENCE = 20.0


class Desk:
    """A worker whose work the test lays out."""

    def __init__(self) -> None:
        self.work: dict[str, Callable[[], None]] = {}
        self.surveys = 0
        self.looked = threading.Semaphore(0)
        """released at the end of every look at the desk"""

    def survey(self) -> None:
        self.surveys += 1

    def due(self) -> list[tuple[str, Callable[[], None]]]:
        self.looked.release()
        return list(self.work.items())


class Office:
    def __init__(self, cloud: Cloud, *workers: Worker) -> None:
        self.reconciler = Reconciler(cloud, lambda _cloud, _at: list(workers))
        self.at: RegionState = cloud.home

    def wake(self) -> None:
        self.at.woken.set()


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    with small_cloud(tmp_path) as made:
        yield made


@pytest.fixture
def office(cloud: Cloud, desk: Desk) -> Iterator[Office]:
    made = Office(cloud, desk)
    yield made
    made.reconciler.stop()


def once(desk: Desk, name: str, deed: Callable[[], None] = lambda: None) -> threading.Event:
    """Lay out work that is done when it has succeeded once."""
    done = threading.Event()

    def run() -> None:
        deed()
        desk.work.pop(name, None)
        done.set()

    desk.work[name] = run
    return done


def test_a_committed_wish_is_acted_upon_at_once(office: Office, desk: Desk) -> None:
    assert desk.looked.acquire(timeout=PATIENCE)
    done = once(desk, "a")

    def wish(state: Transaction) -> None:
        state.after_commit(office.at.woken.set)

    office.at.store.write(wish)
    assert done.wait(PATIENCE)
    assert desk.surveys == 1, "the host is looked at only every few seconds"


def test_one_name_is_never_under_way_twice_and_others_go_on(office: Office, desk: Desk) -> None:
    running, most = 0, 0
    lock, gate = threading.Lock(), threading.Event()

    def slow() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        gate.wait(PATIENCE)
        with lock:
            running -= 1

    slow_done = once(desk, "slow", slow)
    office.wake()
    for number in range(10):
        done = once(desk, f"quick {number}")
        office.wake()
        assert done.wait(PATIENCE)
    gate.set()
    assert slow_done.wait(PATIENCE)
    assert most == 1


def test_what_fails_is_tried_again_later_and_stops_nobody(
    office: Office, desk: Desk, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconcile, "SURVEY", 0.05)
    tries = 0

    def fails_twice() -> None:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise EngineError("not yet")

    begun = threading.Event()
    stubborn = once(desk, "stubborn", fails_twice)
    with caplog.at_level(logging.WARNING):
        office.wake()
        assert once(desk, "easy", begun.set).wait(PATIENCE)
        assert stubborn.wait(PATIENCE)
    assert tries == 3
    said = [record for record in caplog.records if "stubborn" in record.getMessage()]
    assert len(said) == 2
    assert all(record.exc_info is None for record in said), "a foreseen failure needs no stack"


def test_a_failure_that_nobody_foresaw_is_logged_with_its_place(
    office: Office, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    failed = threading.Event()

    def broken() -> None:
        desk.work.clear()
        failed.set()
        raise ZeroDivisionError

    desk.work["broken"] = broken
    with caplog.at_level(logging.WARNING):
        office.wake()
        assert failed.wait(PATIENCE)
        office.reconciler.stop()
    assert any(record.exc_info for record in caplog.records)


def test_a_worker_that_breaks_stops_no_other(cloud: Cloud, desk: Desk) -> None:
    class Broken(Desk):
        def survey(self) -> None:
            raise EngineError("the host is gone")

        def due(self) -> list[tuple[str, Callable[[], None]]]:
            raise ZeroDivisionError

    done = once(desk, "a")
    office = Office(cloud, Broken(), desk)
    office.wake()
    assert done.wait(PATIENCE)
    office.reconciler.stop()


def test_stopping_waits_for_what_is_under_way(cloud: Cloud, desk: Desk) -> None:
    office = Office(cloud, desk)
    begun, finished = threading.Event(), threading.Event()

    def deed() -> None:
        begun.set()
        finished.wait(0.2)
        finished.set()

    once(desk, "a", deed)
    office.wake()
    assert begun.wait(PATIENCE)
    office.reconciler.stop()
    assert finished.is_set()


def test_every_region_in_use_has_a_reconciler_of_its_own(cloud: Cloud) -> None:
    seen: list[str] = []

    def workers(_: Cloud, at: RegionState) -> list[Worker]:
        seen.append(at.region.id)
        return []

    reconciler = Reconciler(cloud, workers)
    for region_id in ("cn-hangzhou", "me-east-1", "cn-hangzhou"):
        cloud.region(region_id)
    assert seen == ["cn-hangzhou", "me-east-1"]
    reconciler.stop()


def test_a_shaken_host_is_looked_at_soon(office: Office, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconcile, "SURVEY", 3600.0)
    monkeypatch.setattr(reconcile, "SOONEST", 0.0)
    assert desk.looked.acquire(timeout=PATIENCE)
    before = desk.surveys
    office.wake()
    assert desk.looked.acquire(timeout=PATIENCE)
    assert desk.surveys == before, "a wish is no reason to look at the whole host"
    office.at.look()
    assert desk.looked.acquire(timeout=PATIENCE)
    assert desk.surveys == before + 1


def test_a_failure_is_tried_again_without_anybody_waking(
    office: Office, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconcile, "SURVEY", 3600.0)
    left = [2]

    def fail() -> None:
        left[0] -= 1
        if left[0] >= 0:
            raise EngineError("not now")

    done = once(desk, "work", fail)
    office.wake()
    assert done.wait(PATIENCE)
