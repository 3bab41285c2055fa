"""The suite that every compute driver passes: simulated, and runc where the host can."""

from __future__ import annotations

import time

from tests.engine.cloud import Cloud, changed, machine, network


def test_a_machine_that_was_ensured_is_observed(cloud: Cloud) -> None:
    cloud.network.ensure(network())
    before = time.time()
    cloud.compute.ensure(machine())
    found = cloud.seen("i-10")
    assert found
    assert (found.power, found.boots) == ("on", 1)
    assert before <= found.started_at <= time.time()


def test_ensure_again_changes_nothing(cloud: Cloud) -> None:
    cloud.network.ensure(network())
    cloud.network.ensure(network())
    cloud.compute.ensure(machine())
    first = cloud.seen("i-10")
    cloud.compute.ensure(machine())
    assert cloud.seen("i-10") == first


def test_power_off_and_on(cloud: Cloud) -> None:
    cloud.network.ensure(network())
    cloud.compute.ensure(machine())
    for _ in range(2):
        cloud.compute.ensure(machine(power="off"))
        found = cloud.seen("i-10")
        assert found
        assert (found.power, found.started_at) == ("off", 0.0)
    cloud.compute.ensure(machine())
    found = cloud.seen("i-10")
    assert found
    assert found.power == "on"


def test_a_machine_can_be_made_powered_off(cloud: Cloud) -> None:
    cloud.network.ensure(network())
    cloud.compute.ensure(machine(power="off"))
    found = cloud.seen("i-10")
    assert found
    assert found.power == "off"


def test_a_higher_boot_count_restarts(cloud: Cloud) -> None:
    cloud.network.ensure(network())
    cloud.compute.ensure(machine())
    first = cloud.seen("i-10")
    cloud.compute.ensure(machine(boots=2))
    second = cloud.seen("i-10")
    assert first
    assert second
    assert second.boots == 2
    assert second.started_at > first.started_at
    cloud.compute.ensure(machine(boots=2))
    assert cloud.seen("i-10") == second


def test_destroy_leaves_nothing_and_may_be_repeated(cloud: Cloud) -> None:
    cloud.network.ensure(network())
    cloud.compute.ensure(machine())
    for _ in range(2):
        cloud.compute.destroy("i-10")
        assert cloud.seen("i-10") is None
        cloud.network.destroy("vpc-1")
        assert list(cloud.network.observe()) == []


def test_a_new_server_observes_what_the_old_one_made(cloud: Cloud) -> None:
    cloud.network.ensure(network())
    cloud.compute.ensure(machine(10))
    cloud.compute.ensure(machine(11, power="off"))
    cloud.compute.ensure(machine(12, boots=3))
    cloud.compute.destroy("i-12")
    before = sorted(cloud.compute.observe(), key=lambda found: found.id)
    cloud.restart_server()
    assert sorted(cloud.compute.observe(), key=lambda found: found.id) == before
    assert [found.id for found in before] == ["i-10", "i-11"]
    assert list(cloud.network.observe()) == ["vpc-1"]


def test_halt_stops_all_and_keeps_them(cloud: Cloud) -> None:
    cloud.network.ensure(network())
    for number in (10, 11):
        cloud.compute.ensure(machine(number))
    for _ in range(2):
        cloud.compute.halt()
        assert {(found.id, found.power) for found in cloud.compute.observe()} == {("i-10", "off"), ("i-11", "off")}
    cloud.network.halt()
    assert list(cloud.network.observe()) == []
    cloud.network.ensure(network())
    cloud.compute.ensure(changed(machine(), boots=2))
    found = cloud.seen("i-10")
    assert found
    assert (found.power, found.boots) == ("on", 2)
