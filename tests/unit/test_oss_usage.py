"""Counts become records: hours for bills, minutes for monitoring; none is lost while state cannot be written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from openyun import metrics, usage
from openyun.cloud import Cloud
from openyun.services.oss.records import Bucket
from openyun.services.oss.work.usage_writing import MINUTES, BucketMinute, UsageWriter, minutes_of, request_meter
from openyun.state import StateError, Transaction
from openyun.usage import Usage
from tests.unit.cloud import NOON, small_cloud

HOUR = int(NOON.timestamp())
GET = ("b", "1", "GetObject", "200", "internet", "Standard")
LOST = ("b", "1", "GetObject", "404", "internet", "")
INSIDE = ("b", "1", "PutObject", "200", "intranet", "")


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    with small_cloud(tmp_path) as made:
        made.home.store.write(lambda state: state.put(Bucket(name="b", account_id="1", created_at=0)))
        yield made


def rows(cloud: Cloud) -> dict[tuple[int, str], int]:
    found = cloud.home.store.read(lambda state: usage.between(state, 0, 2**40, service="oss"))
    return {(one.hour - HOUR, one.meter): one.quantity for one in found}


def test_hours_and_minutes(cloud: Cloud) -> None:
    clock: Any = cloud.clock
    writer = UsageWriter(cloud, cloud.home)
    for seconds in (0, 30, 61, 3600):
        clock.at = NOON + timedelta(seconds=seconds)
        cloud.home.traffic.note(GET, 0.002, 0, 100)
        cloud.home.traffic.note(LOST, 0.001, 0, 50)
        cloud.home.traffic.note(INSIDE, 0.003, 10, 0)
        writer.write_down()
    assert rows(cloud) == {
        (0, "GetRequest"): 3,
        (0, "PutRequest"): 3,
        (0, "NetworkOut"): 300,
        (0, "IntranetIn"): 30,
        (3600, "GetRequest"): 1,
        (3600, "PutRequest"): 1,
        (3600, "NetworkOut"): 100,
        (3600, "IntranetIn"): 10,
    }
    kept = cloud.home.store.read(lambda state: minutes_of(state, "b", HOUR, HOUR + 3600))
    assert [one.minute - HOUR for one in kept] == [0, 60]
    assert kept[0].kinds["GetObject 200 internet"].count == 2
    assert kept[0].kinds["GetObject 404 internet"].sent == 100
    assert kept[1].kinds["PutObject 200 intranet"].received == 10


def test_minutes_are_a_ring(cloud: Cloud) -> None:
    clock: Any = cloud.clock
    writer = UsageWriter(cloud, cloud.home)
    for day in range(2):
        clock.at = NOON + timedelta(days=day)
        cloud.home.traffic.note(GET, 0.1, 0, 1)
        writer.write_down()
    [kept] = cloud.home.store.read(lambda state: state.find(BucketMinute, bucket="b"))
    assert (kept.minute - HOUR, kept.kinds["GetObject 200 internet"].count) == (MINUTES * 60, 1)


def test_records_of_old_are_forgotten(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    clock: Any = cloud.clock
    monkeypatch.setattr(usage, "_AT_ONCE", 2)
    for hours in (0, 1, 2, 3):
        clock.at = NOON + timedelta(hours=hours)
        cloud.home.traffic.note(GET, 0.1, 0, 1)
        UsageWriter(cloud, cloud.home).survey()
    clock.at = NOON + timedelta(seconds=usage.KEPT, hours=3)
    UsageWriter(cloud, cloud.home).survey()
    assert rows(cloud) == {(3 * 3600, "GetRequest"): 1, (3 * 3600, "NetworkOut"): 1}


def test_what_cannot_be_written_waits(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = UsageWriter(cloud, cloud.home)
    cloud.home.traffic.note(GET, 0.1, 0, 1)

    def fails(work: Any) -> None:
        raise StateError("no room")

    with monkeypatch.context() as patch:
        patch.setattr(cloud.home.store, "write", fails)
        with pytest.raises(StateError):
            writer.write_down()
    cloud.home.traffic.note(GET, 0.1, 0, 1)
    writer.write_down()
    writer.write_down()
    assert rows(cloud)[0, "GetRequest"] == 2


def test_a_measurement_takes_the_place_of_the_last(cloud: Cloud) -> None:
    def used(quantity: int, resource: str = "d-1") -> Usage:
        return Usage(
            hour=HOUR,
            service="ecs",
            account_id="1",
            region_id="cn-hangzhou",
            resource=resource,
            meter="Storage",
            quantity=quantity,
        )

    def work(state: Transaction) -> list[int]:
        usage.measure(state, used(5))
        usage.measure(state, used(3))
        usage.measure(state, used(0, "d-2"))
        usage.add(state, used(0, "d-3"))
        found = usage.between(state, HOUR + 59, HOUR + 3600, account_id="1", service="ecs")
        assert usage.between(state, HOUR, HOUR + 3600, account_id="1", resource="d-2") == []
        assert usage.between(state, HOUR + 3600, HOUR + 7200) == []
        return [one.quantity for one in found]

    assert cloud.home.store.write(work) == [3]


@pytest.mark.parametrize(
    ("operation", "meter"),
    [
        ("PutObject", "PutRequest"),
        ("ListObjects", "PutRequest"),
        ("DeleteObject", "PutRequest"),
        ("CompleteMultipartUpload", "PutRequest"),
        ("GetObject", "GetRequest"),
        ("HeadObject", "GetRequest"),
        ("GetBucketAcl", "GetRequest"),
        ("SelectObject", "GetRequest"),
    ],
)
def test_classes_of_requests(operation: str, meter: str) -> None:
    assert request_meter(operation) == meter


def test_a_metric_has_only_so_many_series(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "MOST_SERIES", 2)
    counter = metrics.Counter("c", "Counts.", ("bucket",))
    for name in ("a", "b", "c", "d", "a", 'e"\\\n'):
        counter.add(name)
    assert list(counter.lines()) == ['c{bucket="a"} 2', 'c{bucket="b"} 1', 'c{bucket="other"} 3']


def test_a_histogram_is_cumulative() -> None:
    times = metrics.Latency("t", "Times.", ("x",))
    for seconds in (0.0004, 0.003, 0.003, 99):
        times.note(("1",), seconds)
    lines = list(times.lines())
    assert lines[0] == 't_bucket{x="1",le="0.0005"} 1'
    assert 't_bucket{x="1",le="0.005"} 3' in lines
    assert 't_bucket{x="1",le="10"} 3' in lines
    assert lines[-3:] == ['t_bucket{x="1",le="+Inf"} 4', 't_sum{x="1"} 99.0064', 't_count{x="1"} 4']
