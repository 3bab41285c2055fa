"""The VPC network driver with real machines: isolation, security groups, public addresses, metadata."""

from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, ClassVar

import msgspec
import pytest

from openyun.engine.compute import Nic
from openyun.engine.drivers import namespace, tool
from openyun.engine.network import Group, ListenEngine, Rule
from tests.engine.cloud import (
    SSH_FROM_ANYWHERE,
    Cloud,
    connect,
    machine,
    network,
    nic,
    port,
    public,
    speaks_ssh,
    wait_for,
)

PUBLIC = public(10)
CLOSED = Group(id="sg-closed", members_talk=False)


def rule(policy: str = "accept", **changes: Any) -> Rule:
    settings: dict[str, Any] = {
        "direction": "ingress",
        "policy": policy,
        "protocol": "tcp",
        "first_port": 22,
        "last_port": 22,
        "cidr": "0.0.0.0/0",
        **changes,
    }
    return Rule(**settings)


def group(group_id: str, *rules: Rule, members_talk: bool = False) -> Group:
    return Group(id=group_id, members_talk=members_talk, rules=rules)


@pytest.fixture
def pair(real: Cloud) -> Cloud:
    """i-10 and i-11 on one vSwitch, each in a group of its own that lets nothing in."""
    set_rules(real)
    for number in (10, 11):
        real.compute.ensure(machine(number))
        wait_for(lambda number=number: real.run(f"i-{number}", "ls /run/sshd.pid").exit_code == 0)
    return real


def set_rules(cloud: Cloud, *rules: Rule, sender: tuple[Rule, ...] = ()) -> None:
    groups = (group("sg-a", *sender), group("sg-b", *rules))
    cloud.network.ensure(network(port(10, "sg-a"), port(11, "sg-b"), groups=groups))


def expect(cloud: Cloud, allowed: bool, address: str = "192.168.0.11") -> None:
    """Whether i-10 reaches SSH there. On a busy host an answer may come late, so a success may take several tries."""
    if allowed:
        wait_for(lambda: cloud.reaches("i-10", address))
    else:
        assert not cloud.reaches("i-10", address)


def test_ingress_is_refused_until_a_rule_allows_it_and_again_when_it_is_revoked(pair: Cloud) -> None:
    expect(pair, False)
    set_rules(pair, SSH_FROM_ANYWHERE)
    expect(pair, True)
    set_rules(pair)
    expect(pair, False)


@pytest.mark.parametrize(
    ("rules", "allowed"),
    [
        ([rule(cidr="192.168.0.10/32")], True),
        ([rule(cidr="192.168.0.12/32")], False),
        ([rule(cidr="", group_id="sg-a")], True),
        ([rule(cidr="", group_id="sg-b")], False),
        ([rule(cidr="", group_id="sg-deleted")], False),
        ([rule(first_port=20, last_port=23)], True),
        ([rule(first_port=23, last_port=24)], False),
        ([rule(protocol="udp")], False),
        ([rule(protocol="all", first_port=-1, last_port=-1)], True),
        ([rule(own_first_port=1, own_last_port=1023)], False),
        ([rule(own_first_port=1024, own_last_port=65535)], True),
        ([rule(), rule("drop")], False),
        ([rule("drop", priority=2), rule(priority=1)], True),
        ([rule(priority=2), rule("drop", priority=1)], False),
    ],
)
def test_rules(pair: Cloud, rules: list[Rule], allowed: bool) -> None:
    set_rules(pair, *rules)
    expect(pair, allowed)


def test_egress_is_allowed_until_a_rule_refuses_it(pair: Cloud) -> None:
    set_rules(pair, rule(), sender=(rule("drop", direction="egress", cidr="192.168.0.11/32"),))
    expect(pair, False)
    set_rules(pair, rule(), sender=(rule("drop", direction="egress", cidr="192.168.0.12/32"),))
    expect(pair, True)


def test_members_of_a_group_talk_unless_they_may_not(pair: Cloud) -> None:
    for talk in (True, False):
        groups = (group("sg-a", members_talk=talk),)
        pair.network.ensure(network(port(10, "sg-a"), port(11, "sg-a"), groups=groups))
        expect(pair, talk)


def test_groups_of_an_instance_act_together(pair: Cloud) -> None:
    groups = (group("sg-a"), group("sg-b", rule()), group("sg-c"))
    pair.network.ensure(network(port(10, "sg-a"), port(11, "sg-c", "sg-b"), groups=groups))
    expect(pair, True)


def test_icmp_and_a_connection_that_stays_allowed_lives_on(pair: Cloud) -> None:
    set_rules(pair, rule(protocol="icmp"), rule(first_port=7000, last_port=7000))
    assert pair.run("i-10", "ping -c 1 -W 1 192.168.0.11").exit_code == 0
    server = pair.launch("i-11", "nc -l 7000")
    wait_for(lambda: pair.run("i-11", "ss -Hltn | grep :7000").exit_code == 0)
    client = pair.launch(
        "i-10", "{ echo one; until [ -e /root/go ]; do sleep 0.02; done; echo two; } | nc -N 192.168.0.11 7000"
    )
    wait_for(lambda: pair.progress(server).output == b"one\n")
    set_rules(pair, rule(first_port=7000, last_port=7000), rule(first_port=80, last_port=80))
    pair.run("i-10", "touch /root/go")
    assert pair.finish(server).output == b"one\ntwo\n"
    assert pair.finish(client).exit_code == 0


def test_an_instance_cannot_send_from_another_address(pair: Cloud) -> None:
    set_rules(pair, rule(protocol="icmp"))
    spoof = """
use Socket; socket(S, AF_INET, SOCK_RAW, 255) or die; setsockopt(S, 0, 3, 1);
sub sum { my $s = 0; $s += $_ for unpack("n*", shift); $s = ($s >> 16) + ($s & 0xffff) while $s >> 16; ~$s & 0xffff }
my $icmp = pack("CCnnn", 8, 0, 0, 1, 1); $icmp = pack("CCnnn", 8, 0, sum($icmp), 1, 1);
my $from = inet_aton($ENV{FROM}); my $to = inet_aton("192.168.0.11");
my $ip = pack("CCnnnCCna4a4", 0x45, 0, 28, 1, 0, 64, 1, 0, $from, $to);
send(S, $ip . $icmp, 0, pack_sockaddr_in(0, $to)) or die $!;
"""
    received = "awk '/^Icmp:/ && ++n == 2 {print $10}' /proc/net/snmp"  # InEchos

    def echoes_from(address: str) -> int:
        def count() -> int:
            return int(pair.run("i-11", received).output)

        before = count()
        sent = pair.run("i-10", spoof.replace("$ENV{FROM}", f'"{address}"'), interpreter=("/usr/bin/perl",))
        assert sent.exit_code == 0, sent.output
        return count() - before

    assert echoes_from("192.168.0.10") == 1
    assert echoes_from("192.168.0.12") == 0


def test_vswitches_of_a_vpc_route_to_each_other_and_are_filtered_too(real: Cloud) -> None:
    far = nic(11, v_switch_id="vsw-2", third=1)
    for rules, allowed in (((), False), ((rule(),), True)):
        groups = (group("sg-a"), group("sg-b", *rules))
        ports = (port(10, "sg-a"), port(11, "sg-b", interface=far))
        real.network.ensure(network(*ports, groups=groups, subnets=2))
        real.compute.ensure(machine(10))
        real.compute.ensure(machine(11, nics=(far,)))
        wait_for(lambda: real.run("i-11", "ls /run/sshd.pid").exit_code == 0)
        expect(real, allowed, "192.168.1.11")


def test_two_vpcs_with_the_same_addresses_are_isolated(real: Cloud) -> None:
    open_group = group("sg-a", rule(protocol="all", first_port=-1, last_port=-1), members_talk=True)
    for number, network_id, address in ((10, "vpc-1", public(1)), (20, "vpc-2", public(2))):
        same = nic(10, network_id=network_id)
        ports = (port(number, "sg-a", interface=same, public=address),)
        real.network.ensure(network(*ports, groups=(open_group,), network_id=network_id))
        real.compute.ensure(machine(number, nics=(same,)))
    # only vpc-2 has an instance at .11
    neighbour = nic(11, network_id="vpc-2")
    ports = (port(20, "sg-a", interface=nic(10, "vpc-2"), public=public(2)), port(21, "sg-a", interface=neighbour))
    real.network.ensure(network(*ports, groups=(open_group,), network_id="vpc-2"))
    real.compute.ensure(machine(21, nics=(neighbour,)))
    wait_for(lambda: real.reaches("i-20", "192.168.0.11"))
    assert not real.reaches("i-10", "192.168.0.11")

    def banner_host(address: str) -> str:
        with closing(wait_for(lambda: connect(address, 7000))) as connection:
            return connection.recv(100).decode().strip()

    for number in (10, 20):
        real.launch(f"i-{number}", "while :; do hostname | nc -N -l 7000; done")
    assert (banner_host(public(1)), banner_host(public(2))) == ("host10", "host20")


def test_a_public_address_is_filtered_and_can_be_taken_away(real: Cloud) -> None:
    def set_public(address: str, *rules: Rule) -> None:
        real.network.ensure(network(port(10, "sg-a", public=address), groups=(group("sg-a", *rules),)))

    real.network.ensure(network())
    real.compute.ensure(machine())
    wait_for(lambda: real.run("i-10", "ls /run/sshd.pid").exit_code == 0)
    set_public(PUBLIC)
    assert not speaks_ssh(PUBLIC)
    set_public(PUBLIC, rule())
    wait_for(lambda: speaks_ssh(PUBLIC))
    set_public(PUBLIC, rule(cidr="169.254.77.1/32"))
    wait_for(lambda: speaks_ssh(PUBLIC))
    set_public(PUBLIC, rule(cidr="198.51.100.0/24"))
    assert not speaks_ssh(PUBLIC)
    set_public(public(11), rule())
    wait_for(lambda: speaks_ssh(public(11)))
    assert not speaks_ssh(PUBLIC)


def test_a_guest_opens_no_connection_to_the_host(real: Cloud) -> None:
    real.network.ensure(network(port(10, "sg-a"), port(11, "sg-a", public=PUBLIC), groups=(group("sg-a", rule()),)))
    for number in (10, 11):
        real.compute.ensure(machine(number))
    wait_for(lambda: speaks_ssh(PUBLIC))
    with socket.socket() as listener:
        listener.bind(("169.254.77.1", 0))
        listener.listen()
        number = listener.getsockname()[1]
        assert not real.reaches("i-10", "169.254.77.1", number)
        assert not real.reaches("i-11", "169.254.77.1", number)


class _Answer(http.server.BaseHTTPRequestHandler):
    served: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.client_address[0].encode())
        self.served.append(self.client_address[0])

    def log_message(self, format: str, *args: Any) -> None:
        """Tests print enough."""


@contextmanager
def answering(listener: socket.socket) -> Iterator[None]:
    server = http.server.HTTPServer(("", 0), _Answer, bind_and_activate=False)
    server.socket.close()
    listener.setblocking(True)
    server.socket = listener
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield
    server.shutdown()
    thread.join()
    server.server_close()


def test_metadata_is_answered_inside_and_only_there(real: Cloud) -> None:
    # no rule of a security group can cut an instance off from its metadata
    mute = group("sg-a", rule("drop", direction="egress", protocol="all", first_port=-1, last_port=-1))
    real.network.ensure(network(port(10, "sg-a", public=PUBLIC), groups=(mute,)))
    real.compute.ensure(machine())
    assert isinstance(real.network, ListenEngine)
    with answering(real.network.listen("vpc-1", "100.100.100.200", 80)):
        assert real.run("i-10", "curl -s http://100.100.100.200/").output == b"192.168.0.10"
        (uplink,) = (name for name in namespace.interfaces() if name.startswith(tool.instance_prefix(real.data)))
        for address in ("100.100.100.200", "169.254.77.2", PUBLIC):
            with socket.socket() as outside:
                outside.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, uplink.encode())
                outside.settimeout(0.3)
                assert outside.connect_ex((address, 80)) != 0
    assert _Answer.served == ["192.168.0.10"]


def test_a_destroyed_network_is_gone_although_a_listener_is_open(real: Cloud) -> None:
    real.network.ensure(network())
    assert isinstance(real.network, ListenEngine)
    with real.network.listen("vpc-1", "100.100.100.200", 80):
        real.network.destroy("vpc-1")
        assert real.remains() == []


def test_further_interfaces_and_addresses_come_and_go_while_the_machine_runs(real: Cloud) -> None:
    second = msgspec.structs.replace(nic(20, third=1, v_switch_id="vsw-2"), index=1)
    first = msgspec.structs.replace(nic(10), secondary_addresses=("192.168.0.30", "192.168.0.31"))
    groups = (group("sg-a", SSH_FROM_ANYWHERE), group("sg-b"))

    def furnish(*nics: Nic, open_second: bool = True) -> None:
        of = {"sg-a": nics[:1], "sg-b": ()} if not open_second else {"sg-a": nics, "sg-b": ()}
        of["sg-b"] = () if open_second else nics[1:]
        ports = [port(10, group_id, interface=one) for group_id, some in of.items() for one in some]
        real.network.ensure(network(*ports, port(11, "sg-a"), groups=groups, subnets=2))
        real.compute.ensure(machine(10, nics=nics))

    furnish(nic(10))
    real.compute.ensure(machine(11))
    for number in (10, 11):
        wait_for(lambda number=number: real.run(f"i-{number}", "ls /run/sshd.pid").exit_code == 0)
    started = real.seen("i-10")
    furnish(first, second)
    for address in ("192.168.0.10", "192.168.0.30", "192.168.0.31", "192.168.1.20"):
        wait_for(lambda address=address: real.reaches("i-11", address))
    assert real.run("i-10", "cat /sys/class/net/eth1/address || ls /proc/net/dev").output.strip() != b""
    furnish(first, second, open_second=False)
    assert not real.reaches("i-11", "192.168.1.20")
    furnish(nic(10))
    assert real.reaches("i-11", "192.168.0.10")
    assert not real.reaches("i-11", "192.168.0.30")
    assert not real.reaches("i-11", "192.168.1.20")
    assert real.seen("i-10") == started, "it was never restarted"
