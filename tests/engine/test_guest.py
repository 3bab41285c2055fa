"""What a real instance's owner finds inside it."""

from __future__ import annotations

import subprocess
import threading
from pathlib import Path

import pytest

from openyun.engine.compute import WatchEngine
from openyun.engine.drivers import namespace, tool
from openyun.engine.network import Group
from tests.engine.cloud import SSH_FROM_ANYWHERE, Cloud, machine, network, port, public, speaks_ssh, wait_for

PUBLIC = public(10)
OPEN = Group(id="sg-1", rules=(SSH_FROM_ANYWHERE,))
TWO = network(port(10, "sg-1", public=PUBLIC), port(11, "sg-1"), groups=(OPEN,))


def ssh(key: Path, command: str, address: str = PUBLIC) -> subprocess.CompletedProcess[str]:
    options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR", "ConnectTimeout=2"]
    options += ["PasswordAuthentication=no"]
    argv = ["ssh", "-i", str(key), *(f"-o{option}" for option in options), f"root@{address}", command]
    return subprocess.run(argv, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


def wait_for_ssh(key: Path, address: str = PUBLIC) -> None:
    wait_for(lambda: ssh(key, "true", address).returncode == 0)


@pytest.fixture
def open_network(real: Cloud) -> Cloud:
    real.network.ensure(TWO)
    return real


def with_key(key: Path, **changes: object):  # type: ignore[no-untyped-def]
    return machine(authorized_keys=(key.with_suffix(".pub").read_text(),), **changes)


def test_ssh_with_the_key_on_the_public_address(open_network: Cloud, key: Path) -> None:
    open_network.compute.ensure(with_key(key))
    wait_for_ssh(key)
    assert ssh(key, "hostname; id -un").stdout.split() == ["host10", "root"]


def test_another_key_is_refused(open_network: Cloud, key: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(other)], check=True)
    open_network.compute.ensure(with_key(key))
    wait_for_ssh(key)
    refused = ssh(other, "true")
    assert refused.returncode != 0
    assert "Permission denied" in refused.stderr


def test_each_machine_has_its_own_host_key_and_keeps_it(open_network: Cloud) -> None:
    def host_key(machine_id: str) -> bytes:
        read = "until [ -s /etc/ssh/ssh_host_ed25519_key ]; do sleep 0.02; done; cat /etc/ssh/ssh_host_ed25519_key.pub"
        return open_network.run(machine_id, read).output

    open_network.compute.ensure(machine(10))
    open_network.compute.ensure(machine(11))
    first = host_key("i-10")
    assert first.startswith(b"ssh-ed25519 ")
    assert host_key("i-11") != first
    open_network.compute.ensure(machine(10, boots=2))
    assert host_key("i-10") == first


def test_user_data_runs_once_and_its_disk_outlives_reboots(open_network: Cloud) -> None:
    script = b"#!/bin/sh\nset -e\necho said\necho ran >>/root/user-data-ran\n"
    open_network.compute.ensure(machine(user_data=script))
    wait_for(lambda: b"user data ended with exit code 0" in open_network.compute.console("i-10"))  # type: ignore[attr-defined]
    open_network.compute.ensure(machine(user_data=script, boots=2))
    wait_for(lambda: open_network.run("i-10", "ls /run/sshd.pid").exit_code == 0)
    answer = open_network.run("i-10", "cat /root/user-data-ran /var/log/cloud-init-output.log")
    assert answer.output == b"ran\nsaid\n"


def test_user_data_without_an_interpreter_line_is_not_run(open_network: Cloud) -> None:
    open_network.compute.ensure(machine(user_data=b"touch /root/ran\n"))
    wait_for(lambda: open_network.run("i-10", "ls /run/sshd.pid").exit_code == 0)
    script = b"#!/bin/sh\ntouch /root/ran\n"
    open_network.compute.ensure(machine(user_data=script, boots=2))
    wait_for(lambda: open_network.run("i-10", "ls /run/sshd.pid").exit_code == 0)
    assert open_network.run("i-10", "ls /root/ran").exit_code != 0, "only the first boot runs any"


def test_a_grown_login_epoch_sets_up_login_again(open_network: Cloud, key: Path, tmp_path: Path) -> None:
    shadow = "grep ^root: /etc/shadow | cut -d: -f2"
    open_network.compute.ensure(with_key(key))
    wait_for_ssh(key)
    assert open_network.run("i-10", shadow).output == b"*\n"
    crypted = "$6$salt$IxDD3jeSOb5eB1CX5LBsqZFVkJdido3OUILO5Ifz5iwMuTS4XMS130MTSuDDl3aCI6WouIL9AjRbLCelDCy.g."
    changes = {"hostname": "renamed", "password_hash": crypted, "authorized_keys": (), "boots": 2}
    open_network.compute.ensure(machine(login_epoch=1, **changes))
    wait_for(lambda: open_network.run("i-10", "ls /run/sshd.pid").exit_code == 0)
    assert open_network.run("i-10", f"hostname; cat /etc/hostname; {shadow}").output.decode().split() == [
        "renamed",
        "renamed",
        crypted,
    ]
    assert "Permission denied (publickey,password)" in wait_for(lambda: ssh(key, "true").stderr)


def test_limits_are_those_of_the_instance_type(open_network: Cloud) -> None:
    open_network.compute.ensure(machine(vcpus=2, memory_mib=256))
    prefix = tool.instance_prefix(open_network.data)

    def limit(in_v1: str, in_v2: str) -> str:
        (found,) = Path("/sys/fs/cgroup").glob(f"**/{prefix}/i-10/{in_v1 if v1() else in_v2}")
        return found.read_text().strip()

    assert limit("memory.limit_in_bytes", "memory.max") == str(256 << 20)
    quota, period = (
        (limit("cpu.cfs_quota_us", ""), limit("cpu.cfs_period_us", "")) if v1() else limit("", "cpu.max").split()
    )
    assert int(quota) == 2 * int(period)
    assert int(limit("pids.max", "pids.max")) > 0


def v1() -> bool:
    return not Path("/sys/fs/cgroup/cgroup.controllers").exists()


def test_more_memory_than_the_limit_is_refused(open_network: Cloud) -> None:
    open_network.compute.ensure(machine(memory_mib=64))
    # `tail` keeps what it is given until a line ends, and none does
    greedy = open_network.run("i-10", "head -c 200M /dev/zero | tail | wc -c")
    assert greedy.output.strip() != str(200 << 20).encode()


def test_root_inside_is_not_root_of_the_host(open_network: Cloud) -> None:
    open_network.compute.ensure(machine())
    attempts = (
        "mount -t tmpfs none /mnt",
        "unshare --user --map-root-user true",
        "mknod /tmp/disk b 254 0 && head -c 1 /tmp/disk",
        "ip link set eth0 address 00:16:3e:00:00:0b",
        "echo 1 >/proc/sys/kernel/panic",
        "touch /run/openyun/init",
    )
    for attempt in attempts:
        assert open_network.run("i-10", attempt).exit_code, attempt


def test_the_console_shows_what_init_said(open_network: Cloud) -> None:
    open_network.compute.ensure(machine())
    wait_for(lambda: b"Server listening on" in open_network.compute.console("i-10"))  # type: ignore[attr-defined]


def test_a_guest_that_ignores_the_stop_is_ended(open_network: Cloud) -> None:
    open_network.compute.ensure(machine(stop_timeout=0.2))
    open_network.launch("i-10", "trap '' TERM HUP; touch /root/deaf; while :; do sleep 1; done")
    wait_for(lambda: open_network.run("i-10", "ls /root/deaf").exit_code == 0)
    open_network.compute.ensure(machine(stop_timeout=0.2, power="off"))
    found = open_network.seen("i-10")
    assert found
    assert found.power == "off"


def test_a_guest_gets_time_to_stop(open_network: Cloud) -> None:
    open_network.compute.ensure(machine())
    open_network.launch("i-10", "trap 'sleep 0.3; touch /root/stopped; exit' TERM; touch /root/waits; sleep 60 & wait")
    wait_for(lambda: open_network.run("i-10", "ls /root/waits").exit_code == 0)
    open_network.compute.ensure(machine(power="off"))
    open_network.compute.ensure(machine())
    assert open_network.run("i-10", "ls /root/stopped").exit_code == 0


@pytest.mark.parametrize(
    ("word", "powered_off"), [("poweroff", True), ("shutdown -h now", True), ("reboot", False), ("kill -9 -1", False)]
)
def test_the_host_learns_how_the_guest_ended(open_network: Cloud, word: str, powered_off: bool) -> None:
    spec = machine(10)
    open_network.compute.ensure(spec)
    wait_for(lambda: open_network.run("i-10", "test -e /run/openyun-init").exit_code == 0)
    open_network.launch("i-10", word)
    if not word.startswith("kill"):
        wait_for(lambda: (seen := open_network.seen("i-10")) is not None and seen.power == "off")
    else:
        open_network.compute.halt()
    seen = open_network.seen("i-10")
    assert seen is not None
    assert seen.powered_off == powered_off
    open_network.compute.ensure(spec)
    seen = open_network.seen("i-10")
    assert seen is not None
    assert (seen.power, seen.powered_off) == ("on", False)


def test_who_watches_hears_of_machines_that_end_by_themselves_and_of_no_others(open_network: Cloud) -> None:
    heard = threading.Semaphore(0)
    assert isinstance(open_network.compute, WatchEngine)
    open_network.compute.watch(heard.release)
    open_network.compute.ensure(machine(boots=2))
    wait_for(lambda: open_network.run("i-10", "test -e /run/openyun-init").exit_code == 0)
    open_network.launch("i-10", "poweroff")
    assert heard.acquire(timeout=20)
    found = open_network.seen("i-10")
    assert found
    assert (found.power, found.powered_off) == ("off", True)
    open_network.compute.ensure(machine(boots=3))
    open_network.compute.ensure(machine(boots=3, power="off", stop_timeout=0.0))
    open_network.compute.ensure(machine(boots=4))
    wait_for(lambda: open_network.run("i-10", "test -e /run/openyun-init").exit_code == 0)
    open_network.launch("i-10", "reboot")
    assert heard.acquire(timeout=20)
    assert not heard.acquire(blocking=False), "a stop that was asked for is no news"


def test_a_machine_without_its_network_is_seen_and_connected_again(open_network: Cloud) -> None:
    open_network.compute.ensure(machine())
    before = open_network.seen("i-10")
    assert before
    assert not before.severed
    (name,) = namespace.names(f"{open_network.prefix}-network-")
    subprocess.run(["ip", "netns", "del", name], check=True)
    wait_for(lambda: (seen := open_network.seen("i-10")) and seen.power == "on" and seen.severed)
    open_network.network.ensure(TWO)
    open_network.compute.ensure(machine())
    after = open_network.seen("i-10")
    assert after
    assert (after.severed, after.started_at) == (False, before.started_at)
    wait_for(lambda: speaks_ssh(PUBLIC))
