"""Kills of the server at any moment, and restarts of the host."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time

import pytest

from openyun.engine.network import Group
from tests.engine.cloud import SSH_FROM_ANYWHERE, Cloud, machine, network, port, public, speaks_ssh, wait_for

PUBLIC = public(10)
OPEN = network(port(10, "sg-1", public=PUBLIC), groups=(Group(id="sg-1", rules=(SSH_FROM_ANYWHERE,)),))

SERVER = """
import sys
from pathlib import Path
from tests.engine.cloud import Cloud, machine
from tests.engine.test_crash import OPEN
cloud = Cloud("runc", Path(sys.argv[1]))
for line in sys.stdin:
    print("begins", flush=True)
    if line == "ensure\\n":
        cloud.network.ensure(OPEN)
        cloud.compute.ensure(machine())
    elif line == "reboot\\n":
        cloud.compute.ensure(machine(boots=2))
    elif line == "destroy\\n":
        cloud.compute.destroy("i-10")
        cloud.network.destroy("vpc-1")
    print("ends", flush=True)
"""


class Victim:
    """A server process that does one thing at a time and can be killed in the middle of it."""

    def __init__(self, cloud: Cloud) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVER, str(cloud.data)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def begin(self, what: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(what + "\n")
        self.process.stdin.flush()
        self._expect("begins")

    def do(self, what: str) -> None:
        self.begin(what)
        self._expect("ends")

    def kill(self) -> None:
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def _expect(self, line: str) -> None:
        assert self.process.stdout
        assert self.process.stdout.readline() == line + "\n"


def is_whole(cloud: Cloud, boots: int) -> None:
    found = cloud.seen("i-10")
    assert found
    assert (found.power, found.boots) == ("on", boots)
    wait_for(lambda: cloud.run("i-10", "ls /run/sshd.pid").exit_code == 0)
    assert b"default via 192.168.0.253" in cloud.run("i-10", "ip route").output
    wait_for(lambda: speaks_ssh(PUBLIC))


@pytest.mark.parametrize("round_", range(8))
@pytest.mark.parametrize(("prepare", "interrupt"), [([], "ensure"), (["ensure"], "reboot"), (["ensure"], "destroy")])
def test_a_kill_in_the_middle_is_finished_by_repeating(
    real: Cloud, prepare: list[str], interrupt: str, round_: int
) -> None:
    victim = Victim(real)
    for what in prepare:
        victim.do(what)
    moment = random.Random(f"{interrupt}{round_}").uniform(0, 0.12)
    victim.begin(interrupt)
    time.sleep(moment)  # the random moment, not a wait for something
    victim.kill()

    found = real.seen("i-10")
    assert found is None or found.boots <= 2
    if interrupt == "destroy" and round_ % 2:
        real.compute.destroy("i-10")
        real.network.destroy("vpc-1")
        assert real.remains() == []
    else:
        real.network.ensure(OPEN)
        boots = 2 if interrupt == "reboot" else 1
        real.compute.ensure(machine(boots=boots))
        is_whole(real, boots)


def test_a_killed_half_made_machine_can_be_destroyed(real: Cloud) -> None:
    for milliseconds in range(0, 100, 12):
        victim = Victim(real)
        victim.begin("ensure")
        time.sleep(milliseconds / 1000)  # the moment, not a wait for something
        victim.kill()
        real.clear()
        assert real.remains() == []


def test_a_restarted_host_gets_its_machines_back_with_their_disks(real: Cloud) -> None:
    real.network.ensure(OPEN)
    real.compute.ensure(machine())
    real.run("i-10", "echo kept >/root/file; sync")
    running = real.launch("i-10", "echo begun; sleep 600")
    wait_for(lambda: real.progress(running).output)

    real.restart_host()

    assert real.remains() == []
    found = real.seen("i-10")
    assert found
    assert (found.power, found.boots) == ("off", 1)
    assert real.progress(running).state == "finished"
    real.network.ensure(OPEN)
    real.compute.ensure(machine())
    is_whole(real, 1)
    assert real.run("i-10", "cat /root/file").output == b"kept\n"


def test_a_machine_that_died_is_seen_off_and_comes_back(real: Cloud) -> None:
    real.network.ensure(OPEN)
    real.compute.ensure(machine())
    real.launch("i-10", "kill -TERM 1")
    wait_for(lambda: (found := real.seen("i-10")) and found.power == "off")
    real.compute.ensure(machine())
    is_whole(real, 1)


def test_clouds_on_one_host_do_not_touch_each_other(real: Cloud) -> None:
    other = Cloud("runc", real.data.parent / "other")
    try:
        for cloud in (real, other):
            cloud.network.ensure(network())
            cloud.compute.ensure(machine())
        real.clear()
        assert real.remains() == []
        found = other.seen("i-10")
        assert found
        assert found.power == "on"
    finally:
        other.clear()
    assert other.remains() == []
