"""Real instances on a host that is shaken: the server, guests and a VPC's network are killed under them."""

from __future__ import annotations

import os
import random
import secrets
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from openyun.engine.drivers import doctor, guest_image, namespace, tool
from tests.chaos.ledger import Ledger
from tests.chaos.test_sigkill import customer_of
from tests.chaos.workload import ECS, REGION, Customer, Place, Worker, look_around
from tests.conformance.conftest import eventually
from tests.conftest import Server
from tests.engine import cloud as host

WORKERS, STEPS = 2, 12
PATIENCE = 90.0

pytestmark = pytest.mark.xdist_group("host")


class Launcher(Worker):
    """Only what instances see of a customer."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._deeds = [(self.run_instances, 5), (self.stop_instance, 2), (self.delete_instances, 3)]


@pytest.fixture
def server(tmp_path: Path) -> Any:
    if absence := doctor.absence():
        pytest.skip(absence)
    guest_image.build_image(guest_image.cache(), guest_image.DEBIAN_12)
    # Public addresses are the host's: whatever else is tested on it at the same time hardly has the same.
    block = f"198.19.{2 * secrets.randbelow(128)}.0/23"
    made = Server(tmp_path / "cloud", {"OPENYUN_COMPUTE": "runc", "OPENYUN_PUBLIC_CIDR": block})
    try:
        made.start()
        yield made
    finally:
        if made.process is not None:
            made.kill()
        environment = {**os.environ, "OPENYUN_DATA": str(made.data)}
        subprocess.run(
            [sys.executable, "-m", "openyun", "reset", "--yes"], env=environment, check=True, stdout=subprocess.DEVNULL
        )


def test_a_shaken_host_comes_to_rest_and_nothing_leaks(server: Server) -> None:
    seed = secrets.randbits(32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    customer = customer_of(server)
    place = Place(customer)
    rule = {"SecurityGroupId": place.group_id, "IpProtocol": "icmp", "PortRange": "-1/-1", "SourceCidrIp": "10.0.0.0/8"}
    customer.ask(ECS, "AuthorizeSecurityGroup", rule)
    on_host = host.Cloud("runc", server.data / "regions" / REGION)
    at_first = on_host.remains()
    ledger = Ledger()
    _work(server, customer, place, ledger, dice)
    # A guest that was killed last may be found dead only after all others have come to rest.
    eventually(lambda: ledger.disagreements(look_around(customer, place)), lambda wrong: not wrong, PATIENCE)
    instances = eventually(lambda: _instances(customer), _all_settled, PATIENCE)
    running = [one for one in instances if one["Status"] == "Running"]
    assert running, "too little is left to prove anything"
    eventually(lambda: _silent(customer, running), lambda silent: not silent, PATIENCE)
    for one in instances:
        customer.ask(ECS, "DeleteInstance", {"InstanceId": one["InstanceId"], "Force": "true"})
    eventually(lambda: _instances(customer), lambda left: not left, PATIENCE)
    left = eventually(on_host.remains, lambda left: len(left) <= len(at_first))
    assert sorted(left) == sorted(at_first), "what instances needed is gone, and the VPC's network is as it was"
    log = server.log.read_text()
    assert "Traceback" not in log, log[-5000:]


def _work(server: Server, customer: Customer, place: Place, ledger: Ledger, dice: random.Random) -> None:
    """Customers at work, and somebody who pulls at the host meanwhile."""
    up = threading.Event()
    up.set()
    problems: list[BaseException] = []

    def work(worker: Launcher) -> None:
        try:
            for _ in range(STEPS):
                worker.step()
                # Who finds the server gone comes again when it is back.
                assert up.wait(60)
                time.sleep(0.1)
        except BaseException as problem:
            problems.append(problem)

    def restart_server() -> None:
        up.clear()
        server.kill()
        server.start()
        up.set()

    data = server.data / "regions" / REGION
    prefix = tool.instance_prefix(data)

    def kill_a_guest() -> None:
        inits = [line for line in host.processes(data, prefix) if "tini" in line]
        if inits:
            subprocess.run(["kill", "-9", dice.choice(inits).split()[0]], check=False)

    def take_the_network() -> None:
        for name in namespace.names(f"{prefix}-network-"):
            subprocess.run(["ip", "netns", "del", name], check=False)

    names = [f"w{number}" for number in range(WORKERS)]
    workers = [Launcher(name, customer, place, ledger, random.Random(dice.random())) for name in names]
    threads = [threading.Thread(target=work, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    deeds = [kill_a_guest, restart_server, take_the_network, kill_a_guest, restart_server, kill_a_guest]
    for deed in deeds:
        time.sleep(dice.uniform(0.2, 1.0))
        deed()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]
    print(f"{ledger.acknowledged} acknowledged, {ledger.refused} refused, {ledger.unanswered} unanswered")


def _instances(customer: Customer) -> list[dict[str, Any]]:
    return customer.all(ECS, "DescribeInstances", "Instances.Instance", {})


def _all_settled(instances: list[dict[str, Any]]) -> bool:
    return {one["Status"] for one in instances} <= {"Running", "Stopped"}


def _silent(customer: Customer, running: list[dict[str, Any]]) -> list[str]:
    """Instances in which a ping of all others fails."""
    addresses = [one["VpcAttributes"]["PrivateIpAddress"]["IpAddress"][0] for one in running]
    script = "".join(f"ping -c 1 -W 2 {address} || exit 1\n" for address in addresses)
    ids = {f"InstanceId.{number}": one["InstanceId"] for number, one in enumerate(running, 1)}
    given = {"Type": "RunShellScript", "CommandContent": script, "ContentEncoding": "PlainText", "Timeout": "60"}
    invocation = customer.ask(ECS, "RunCommand", {**given, **ids})["InvokeId"]

    def results() -> dict[str, str]:
        answer = customer.ask(ECS, "DescribeInvocationResults", {"InvokeId": invocation, "PageSize": "50"})
        found = answer["Invocation"]["InvocationResults"]["InvocationResult"]
        return {one["InstanceId"]: one["InvocationStatus"] for one in found}

    found = eventually(results, lambda found: not {"Pending", "Running"}.intersection(found.values()), PATIENCE)
    return [instance_id for instance_id, status in found.items() if status != "Success"]
