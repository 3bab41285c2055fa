"""What the clock does to instances: release, expiry, renewal, reclaim."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from openyun.engine.compute import Observed
from openyun.services.ecs.instance.settle import Instances
from openyun.services.ecs.instance.timeline import renew
from openyun.services.ecs.records import Instance, InstanceEvent, SpotPrice
from openyun.state import Transaction
from tests.unit.region import START, Place


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    yield made
    made.close()


def at(place: Place, later: timedelta) -> Instance | None:
    """The instance after so much time and a look at the host."""
    place.clock.at = START + later
    worker = Instances(place.cloud, place.at)
    worker.survey()
    for _, deed in worker.due():
        deed()
    return place.instance()


def events(place: Place) -> list[tuple[str, str]]:
    found = place.at.store.read(lambda state: state.find(InstanceEvent))
    return sorted((one.type, one.status) for one in found)


def price(place: Place, told: float) -> None:
    place.write(lambda state: state.put(SpotPrice(zone_id="cn-hangzhou-b", instance_type="ecs.g7.large", price=told)))


def test_a_subscription_that_nobody_renews_is_stopped_and_then_released(place: Place) -> None:
    place.add(charge_type="PrePaid", expires_at="2026-11-23T10:00:00Z")
    running = at(place, timedelta(hours=1))
    assert running is not None
    assert running.status == "Running"
    expired = at(place, timedelta(days=1, minutes=1))
    assert expired is not None
    assert (expired.status, expired.lock_reason) == ("Stopped", "financial")
    assert events(place) == [("InstanceExpiration.Delete", "Scheduled"), ("InstanceExpiration.Stop", "Executed")]
    assert at(place, timedelta(days=15)) is not None
    assert at(place, timedelta(days=16, minutes=1)) is None
    assert ("InstanceExpiration.Delete", "Executed") in events(place)


def test_one_that_is_renewed_in_time_may_start_again(place: Place) -> None:
    place.add(charge_type="PrePaid", expires_at="2026-11-23T10:00:00Z")
    at(place, timedelta(days=2))

    def pay(state: Transaction) -> None:
        one = state.get(Instance, "i-bp1")
        assert one is not None
        renew(state, one, place.cloud.clock.now(), 1, "Month")
        state.put(one)

    place.write(pay)
    one = place.instance()
    assert one is not None
    assert (one.expires_at, one.lock_reason) == ("2026-12-24T10:00:00Z", "")
    assert ("InstanceExpiration.Delete", "Avoided") in events(place)
    assert at(place, timedelta(days=20)) is not None


def test_automatic_renewal_goes_on_for_ever(place: Place) -> None:
    place.add(charge_type="PrePaid", expires_at="2026-11-23T10:00:00Z", renewal_status="AutoRenewal", renewal_period=1)
    one = at(place, timedelta(days=1))
    assert one is not None
    assert (one.expires_at, one.status) == ("2026-12-23T10:00:00Z", "Running")
    assert events(place) == []


def test_the_market_takes_a_spot_instance_after_a_notice(place: Place) -> None:
    place.add(spot_strategy="SpotWithPriceLimit", spot_price_limit=0.3)
    price(place, 0.2)
    assert at(place, timedelta(hours=2)) is not None
    price(place, 0.4)
    told = at(place, timedelta(hours=2, minutes=1))
    assert told is not None
    assert (told.status, told.reclaim_at) == ("Running", "2026-11-22T12:06:00Z")
    assert events(place) == [("InstancePreemption.Delete", "Scheduled")]
    assert at(place, timedelta(hours=2, minutes=5)) is not None
    assert at(place, timedelta(hours=2, minutes=6)) is None
    assert events(place) == [("InstancePreemption.Delete", "Executed")]


def test_the_first_hour_is_protected_unless_the_customer_did_not_wish_it(place: Place) -> None:
    price(place, 0.4)
    for instance_id, duration, reclaimed in (("i-bp1", 1, False), ("i-bp2", 0, True)):
        place.add(
            instance_id,
            spot_strategy="SpotWithPriceLimit",
            spot_price_limit=0.3,
            spot_duration=duration,
            private_address=f"10.1.0.{instance_id[-1]}",
        )
        at(place, timedelta(minutes=10))
        one = place.instance(instance_id)
        assert one is not None
        assert bool(one.reclaim_at) == reclaimed


def test_one_that_is_only_stopped_may_come_back_when_the_price_does(place: Place) -> None:
    place.add(spot_strategy="SpotWithPriceLimit", spot_price_limit=0.3, spot_interruption="Stop")
    price(place, 0.4)
    at(place, timedelta(hours=2))
    stopped = at(place, timedelta(hours=2, minutes=5))
    assert stopped is not None
    assert (stopped.status, stopped.lock_reason) == ("Stopped", "Recycling")
    price(place, 0.2)
    free = at(place, timedelta(hours=3))
    assert free is not None
    assert (free.lock_reason, free.reclaim_at) == ("", "")


@pytest.mark.parametrize(
    ("powered_off", "action", "wanted"),
    [(True, "AutoRecover", "Stopped"), (False, "AutoRecover", "Running"), (False, "Stop", "Stopped")],
)
def test_a_guest_that_powers_off_leaves_its_instance_stopped(
    place: Place, powered_off: bool, action: str, wanted: str
) -> None:
    place.add(maintenance_action=action)
    at(place, timedelta(minutes=1))
    seen = Observed(id="i-bp1", power="off", boots=1, powered_off=powered_off)
    place.compute.observe = lambda: iter([seen])
    one = at(place, timedelta(minutes=2))
    assert one is not None
    assert (one.wanted, one.status) == (wanted, wanted)
