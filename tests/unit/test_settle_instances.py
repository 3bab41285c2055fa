from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from ipaddress import IPv4Network
from pathlib import Path

import msgspec
import pytest

from openyun.config import Config
from openyun.engine.compute import EngineError, Machine
from openyun.region import REGIONS
from openyun.services.ecs.instance.lifecycle import reboot, stop
from openyun.services.ecs.instance.public_addresses import allocate
from openyun.services.ecs.instance.settle import Instances
from openyun.services.ecs.records import Instance, NetworkInterface
from openyun.services.vpc import networks
from openyun.services.vpc.public_addresses import PublicAddress, block_of
from openyun.state import Transaction
from tests.unit.region import START, Place


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    yield made
    made.close()


def settle(place: Place) -> None:
    for _, deed in Instances(place.cloud, place.at).due():
        deed()


def test_an_instance_gets_the_machine_that_its_record_describes(place: Place) -> None:
    place.add(
        public_key="ssh-ed25519 AAAA",
        sealed_user_data=place.sealed(b"#!/bin/sh\n"),
        password_hash="$2b$08$x",
        login_epoch=3,
    )
    settle(place)
    machine = place.compute.machines["i-bp1"]
    assert (machine.power, machine.vcpus, machine.memory_mib, machine.hostname) == ("on", 2, 8192, "one")
    assert (machine.authorized_keys, machine.user_data) == (("ssh-ed25519 AAAA",), b"#!/bin/sh\n")
    assert (machine.password_hash, machine.login_epoch) == ("$2b$08$x", 3)
    (nic,) = machine.nics
    assert (nic.network_id, nic.address, nic.prefix, nic.gateway) == ("vpc-1", "10.1.0.1", 24, "10.1.0.253")
    one = place.instance()
    assert one is not None
    assert (one.status, one.due, one.started_at) == ("Running", False, "2026-11-22T10:00:00Z")


def test_an_instance_stays_due_while_its_engine_fails(place: Place) -> None:
    place.add()
    place.compute.broken = True
    with pytest.raises(EngineError):
        settle(place)
    one = place.instance()
    assert one is not None
    assert (one.status, one.due) == ("Pending", True)
    place.compute.broken = False
    settle(place)
    one = place.instance()
    assert one is not None
    assert (one.status, one.due) == ("Running", False)


def test_what_is_wanted_meanwhile_is_not_lost(place: Place) -> None:
    place.add()

    def reboot_now(state: Transaction) -> None:
        one = state.get(Instance, "i-bp1")
        assert one is not None
        one.status = "Running"
        reboot(one, force=False)
        state.put(one)

    place.compute.before_ensure = lambda: place.write(reboot_now) if not place.compute.machines else None
    settle(place)
    one = place.instance()
    assert one is not None
    assert (one.status, one.due, place.compute.machines["i-bp1"].boots) == ("Starting", True, 1)
    settle(place)
    one = place.instance()
    assert one is not None
    assert (one.status, one.due, place.compute.machines["i-bp1"].boots) == ("Running", False, 2)


@pytest.mark.parametrize(("force", "patience"), [(False, 10.0), (True, 0.0)])
def test_a_stop_by_force_gives_the_guest_no_time(place: Place, force: bool, patience: float) -> None:
    one = place.add(status="Running")
    stop(one, force=force, mode="")
    place.write(lambda state: state.put(one))
    settle(place)
    machine: Machine = place.compute.machines["i-bp1"]
    assert (machine.power, machine.stop_timeout) == ("off", patience)
    found = place.instance()
    assert found is not None
    assert (found.status, found.stopped_mode) == ("Stopped", "KeepCharging")


def test_a_deleted_instance_leaves_nothing(place: Place) -> None:
    (address,) = place.write(lambda state: allocate(place.call(state), ["i-bp1"]))
    place.add(public_address=address)
    settle(place)
    place.add(public_address=address, wanted="Deleted")
    settle(place)
    assert place.instance() is None
    assert place.compute.machines == {}
    assert place.at.store.read(lambda state: state.count(PublicAddress)) == 0


def test_a_machine_that_the_host_lost_is_made_again(place: Place) -> None:
    place.add()
    settle(place)
    place.compute.halt()
    Instances(place.cloud, place.at).survey()
    one = place.instance()
    assert one is not None
    assert (one.status, one.due) == ("Starting", True)
    settle(place)
    assert place.compute.machines["i-bp1"].power == "on"


def test_a_survey_of_a_host_as_it_should_be_changes_nothing(place: Place) -> None:
    place.add()
    place.add("i-bp2", wanted="Stopped", private_address="10.1.0.2")
    settle(place)
    before = place.instance(), place.instance("i-bp2")
    Instances(place.cloud, place.at).survey()
    assert (place.instance(), place.instance("i-bp2")) == before


def test_a_machine_that_lost_its_network_is_connected_again(place: Place) -> None:
    place.add()
    settle(place)
    (seen,) = place.compute.observe()
    place.compute.observe = lambda: iter([msgspec.structs.replace(seen, severed=True)])
    Instances(place.cloud, place.at).survey()
    one = place.instance()
    assert one is not None
    assert (one.status, one.due) == ("Running", True)


def test_a_machine_that_starts_while_its_network_is_made_anew_is_connected_again(place: Place) -> None:
    place.add()

    def make_anew(state: Transaction) -> None:
        for tell in networks.remade:
            tell(state, "vpc-1")

    place.compute.before_ensure = lambda: place.write(make_anew) if not place.compute.machines else None
    settle(place)
    one = place.instance()
    assert one is not None
    assert one.due, "it was plugged into the network that is no more"
    settle(place)
    one = place.instance()
    assert one is not None
    assert (one.status, one.due) == ("Running", False)


def test_a_machine_without_a_record_is_destroyed(place: Place) -> None:
    place.add()
    settle(place)
    place.compute.machines["i-orphan"] = place.compute.machines["i-bp1"].__class__(
        id="i-orphan", hostname="x", image_id="x", vcpus=1, memory_mib=1, power="on"
    )
    Instances(place.cloud, place.at).survey()
    assert list(place.compute.machines) == ["i-bp1"]


def test_an_instance_is_released_when_its_time_has_come(place: Place) -> None:
    place.add(auto_release_at="2026-11-22T11:00:00Z")
    worker = Instances(place.cloud, place.at)
    settle(place)
    worker.survey()
    assert place.instance() is not None
    place.clock.at = START + timedelta(hours=1)
    worker.survey()
    settle(place)
    assert place.instance() is None


def test_regions_have_public_addresses_of_their_own(tmp_path: Path) -> None:
    config = Config(data=tmp_path, cache=tmp_path)
    blocks = [block_of(config, region) for region in REGIONS]
    assert min(block.num_addresses for block in blocks) >= 2048
    assert all(block.subnet_of(IPv4Network(config.public_cidr)) for block in blocks)
    assert not any(one.overlaps(other) for one in blocks for other in blocks if one is not other)


def test_a_released_public_address_is_given_again_only_when_all_others_are_taken(place: Place) -> None:
    block = block_of(place.cloud.config, place.at.region)
    count = block.num_addresses - 16 - 1
    taken = place.write(lambda state: allocate(place.call(state), [f"i-{number}" for number in range(count)]))
    assert len(set(taken)) == count

    def free(state: Transaction) -> None:
        found = state.get(PublicAddress, taken[7])
        assert found is not None
        state.delete(found)

    place.write(free)
    assert place.write(lambda state: allocate(place.call(state), ["i-new"])) == [taken[7]]


def test_instances_from_before_interfaces_had_records_get_them(place: Place) -> None:
    place.add()

    def forget(state: Transaction) -> None:
        for one in state.find(NetworkInterface):
            state.delete(one)

    place.write(forget)
    worker = Instances(place.cloud, place.at)
    worker.survey()
    for _, deed in worker.due():
        deed()
    (nic,) = place.compute.machines["i-bp1"].nics
    assert (nic.address, nic.index) == ("10.1.0.1", 0)
    (found,) = place.at.store.read(lambda state: state.find(NetworkInterface))
    assert (found.id, found.type, found.instance_id) == ("eni-bp1", "Primary", "i-bp1")
