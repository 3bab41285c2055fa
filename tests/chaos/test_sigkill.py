"""The server is killed under its customer's hands, again and again: all acknowledged is there, nothing is half-made."""

from __future__ import annotations

import random
import secrets
import threading
import time
from pathlib import Path

import oss2
import pytest

from openyun.cloud import Cloud
from openyun.config import Config
from openyun.main import make_engines
from openyun.services.ecs.records import Instance, InvocationTask
from openyun.services.oss.records import Object, Small
from openyun.services.oss.work import sweeping
from openyun.services.vpc.records import Vpc, VSwitch
from tests.chaos.ledger import Ledger
from tests.chaos.workload import REGION, Customer, Place, Worker, addresses, dump, look_around
from tests.conformance.conftest import cloud_of, eventually
from tests.conformance.oss_clients import oss2_bucket
from tests.conftest import Server
from tests.protocol.wire import wire_of

OPERATIONS = 200
WORKERS = 4
KILLS = 4


@pytest.mark.parametrize("state", ["sqlite", "postgresql"])
def test_sigkill_at_random_points(state: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    seed = secrets.randbits(32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    address = "sqlite" if state == "sqlite" else str(request.getfixturevalue("postgresql"))
    server = Server(tmp_path / "cloud", {"OPENYUN_STATE": address})
    server.start()
    try:
        customer = customer_of(server)
        place = Place(customer)
        ledger = Ledger()
        _work(server, customer, place, ledger, dice)
        found = eventually(lambda: look_around(customer, place), _settled)
        assert ledger.disagreements(found) == [], dump(found)
        used = addresses(customer)
        assert len(used) == len(set(used)), "an address was given twice"
        assert ledger.acknowledged > OPERATIONS / 3, "too little was done to prove anything"
        log = server.log.read_text()
        assert "Traceback" not in log, log[-5000:]
    finally:
        server.kill()
    _inspect(Config(data=server.data, cache=tmp_path, compute="simulated", state=address))


def customer_of(server: Server) -> Customer:
    account = server.account()
    bucket = oss2_bucket(cloud_of(server, account))
    # A client that repeated its requests by itself would hide what was lost.
    oss2.defaults.request_retries = 1
    bucket.create_bucket()
    return Customer(wire_of(server, account), bucket)


def _work(server: Server, customer: Customer, place: Place, ledger: Ledger, dice: random.Random) -> None:
    """Several workers at once, and the killer among them."""
    up = threading.Event()
    up.set()
    steps = iter(range(OPERATIONS))
    kill_at = sorted(dice.sample(range(10, OPERATIONS - 10), KILLS))
    lock, problems = threading.Lock(), []
    killing: list[threading.Thread] = []

    def kill(pause: float) -> None:
        time.sleep(pause)
        up.clear()
        server.kill()
        server.start()
        up.set()

    def work(worker: Worker) -> None:
        try:
            while not problems:
                with lock:
                    number = next(steps, None)
                    if number is None:
                        return
                    if number in kill_at:
                        for thread in killing:
                            thread.join()
                        pause = dice.uniform(0, 0.01)
                        killing.append(threading.Thread(target=kill, args=(pause,)))
                        killing[-1].start()
                worker.step()
                # Who finds the server gone comes again when it is back.
                up.wait(60)
        except BaseException as problem:
            problems.append(problem)

    names = [f"w{number}" for number in range(WORKERS)]
    workers = [Worker(name, customer, place, ledger, random.Random(dice.random())) for name in names]
    threads = [threading.Thread(target=work, args=(worker,)) for worker in workers]
    for thread in [*threads]:
        thread.start()
    for thread in [*threads]:
        thread.join()
    for thread in killing:
        thread.join()
    if problems:
        raise problems[0]
    print(f"{ledger.acknowledged} acknowledged, {ledger.refused} refused, {ledger.unanswered} unanswered")


def _settled(found: dict[tuple[str, str], str]) -> bool:
    some = (part for (kind, _), value in found.items() if kind == "instances" for part in value.split(", "))
    statuses = {part.split()[1] for part in some}
    return statuses <= {"Running", "Stopped"}


def _inspect(config: Config) -> None:
    """The state and the engines without a server between."""
    cloud = Cloud(config, make_engines)
    at = cloud.region(REGION)
    try:
        instances = at.store.read(lambda state: state.find(Instance))
        assert [one.id for one in instances if one.due] == [], "due for ever"
        assert at.store.read(lambda state: state.find(InvocationTask, due=True)) == []
        vpcs = at.store.read(lambda state: state.find(Vpc))
        switches = at.store.read(lambda state: state.find(VSwitch))
        assert {one.status for one in [*vpcs, *switches]} == {"Available"}
        assert {one.vpc_id for one in switches} <= {one.id for one in vpcs}
        assert {one.id for one in at.engines.compute.observe()} == {one.id for one in instances}
        powers = {one.id: one.power for one in at.engines.compute.observe()}
        assert all((powers[one.id] == "on") == (one.status == "Running") for one in instances)
        assert set(at.engines.network.observe()) == {one.id for one in vpcs}
        _inspect_blobs(cloud)
    finally:
        cloud.close()


def _inspect_blobs(cloud: Cloud) -> None:
    at = cloud.region(REGION)
    every = {one.blob_id for one in at.store.read(lambda state: state.find(Object))} - {""}
    small = {blob_id for blob_id in every if blob_id.startswith("=")}
    assert small == {one.blob_id for one in at.store.read(lambda state: state.find(Small))}, "small objects and bytes"
    named = every - small
    stored = set(at.engines.blob.stored(time.time() + 60))
    assert named <= stored, "objects without their bytes"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sweeping, "AGE", -60.0)
        sweeper = sweeping.BlobSweeper(at)
        for _ in range(2 + len(stored) // sweeping.AT_ONCE):
            sweeper.survey()
    assert set(at.engines.blob.stored(time.time() + 60)) == named, "orphans after the sweep"
