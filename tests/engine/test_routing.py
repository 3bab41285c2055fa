"""What leaves and enters a VPC, and what goes between its vSwitches: public addresses, NAT, routes, network ACLs."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from openyun.engine.drivers import guest_image, namespace, tool
from openyun.engine.drivers.runc import RuncCompute
from openyun.engine.drivers.vpc import Exchange, VpcNetwork
from openyun.engine.network import (
    Border,
    BorderRule,
    Forwarding,
    Group,
    Hop,
    Network,
    PublicAddress,
    Route,
    RouteTable,
    Rule,
    SourceTranslation,
)
from tests.engine.cloud import Cloud, connect, machine, network, nic, port, public, speaks_ssh, wait_for

OPEN = Group(id="sg-a", rules=(Rule(direction="ingress", policy="accept", protocol="all", cidr="0.0.0.0/0"),))
INTERNET = RouteTable(id="vtb-1", switch_ids=("vsw-1",), routes=(Route(cidr="0.0.0.0/0", hop=Hop(gateway_id="ngw-1")),))
PUBLIC, OTHER, NAT, SECOND_NAT = public(1), public(2), public(3), public(4)


def changed(network: Network, **changes: Any) -> Network:
    return msgspec.structs.replace(network, **changes)


@pytest.fixture
def two_vpcs(real: Cloud) -> Cloud:
    """i-10 and i-11 in vpc-1, and i-20 in vpc-2, where the same addresses are; i-20 answers at OTHER."""
    real.network.ensure(first())
    real.network.ensure(second())
    for number in (10, 11):
        real.compute.ensure(machine(number))
    real.compute.ensure(machine(20, nics=(nic(10, "vpc-2"),)))
    for number in (10, 11, 20):
        wait_for(lambda number=number: real.run(f"i-{number}", "ls /run/sshd.pid").exit_code == 0)
    return real


def first(**changes: Any) -> Network:
    return changed(network(port(10, "sg-a"), port(11, "sg-a"), groups=(OPEN,)), **changes)


def second(**changes: Any) -> Network:
    there = network(port(20, "sg-a", interface=nic(10, "vpc-2")), groups=(OPEN,), network_id="vpc-2")
    return changed(there, addresses=(PublicAddress(address=OTHER, private_address="192.168.0.10"),), **changes)


def callers(cloud: Cloud, sender: str, count: int = 1, address: str = OTHER) -> set[str]:
    """The addresses that i-20 sees when `sender` connects to it."""
    seen = set()
    for _ in range(count):
        server = cloud.launch("i-20", "nc -v -n -l 7000 2>&1 </dev/null")
        wait_for(lambda: cloud.run("i-20", "ss -Hltn | grep -q :7000").exit_code == 0)
        assert cloud.run(sender, f"echo hello | nc -N -w 2 {address} 7000").exit_code == 0
        seen |= set(re.findall(r"received on (\S+)", cloud.finish(server).output.decode()))
    return seen


def test_an_elastic_address_leads_both_ways_and_moves(two_vpcs: Cloud) -> None:
    eip = PublicAddress(address=PUBLIC, private_address="192.168.0.10")
    assert not two_vpcs.reaches("i-10", OTHER)
    two_vpcs.network.ensure(first(addresses=(eip,)))
    assert callers(two_vpcs, "i-10") == {PUBLIC}
    wait_for(lambda: speaks_ssh(PUBLIC))
    assert not two_vpcs.reaches("i-11", OTHER), "it has no public address"
    # also between two elastic addresses of one VPC
    more = PublicAddress(address=NAT, private_address="192.168.0.11")
    two_vpcs.network.ensure(first(addresses=(eip, more)))
    wait_for(lambda: two_vpcs.reaches("i-11", PUBLIC))
    two_vpcs.network.ensure(first(addresses=(changed_to(eip, "192.168.0.11"),)))
    assert callers(two_vpcs, "i-11") == {PUBLIC}
    assert not two_vpcs.reaches("i-10", OTHER)
    # to another VPC, whichever of the two is told first
    two_vpcs.network.ensure(second())
    two_vpcs.network.ensure(msgspec.structs.replace(second(), addresses=(eip,)))
    two_vpcs.network.ensure(first())
    wait_for(lambda: speaks_ssh(PUBLIC))
    assert not speaks_ssh(OTHER)


def changed_to(eip: PublicAddress, private_address: str) -> PublicAddress:
    return msgspec.structs.replace(eip, private_address=private_address)


def test_what_goes_out_reaches_neither_the_host_nor_what_is_behind_it(two_vpcs: Cloud) -> None:
    two_vpcs.network.ensure(
        first(addresses=(PublicAddress(address=PUBLIC, private_address="192.168.0.10"),), route_tables=(INTERNET,))
    )
    assert callers(two_vpcs, "i-10") == {PUBLIC}
    own = subprocess.run(["hostname", "-I"], capture_output=True, text=True, check=True).stdout.split()
    listeners = []
    for address in ["169.254.77.1", *(one for one in own if ":" not in one)]:
        listener = socket.socket()
        listener.bind((address, 0))
        listener.listen()
        listeners.append(listener)
    for listener in listeners:
        address, number = listener.getsockname()
        assert not two_vpcs.reaches("i-10", address, number), address
        listener.close()
    for elsewhere in (public(250), "192.0.2.1", "10.255.255.1", "169.254.77.3"):
        refused = two_vpcs.run("i-10", f"nc -v -n -z -w 1 {elsewhere} 22")
        assert refused.exit_code != 0, refused.output


def test_source_translation_needs_an_entry_and_a_route(two_vpcs: Cloud) -> None:
    nat = (PublicAddress(address=NAT), PublicAddress(address=SECOND_NAT))
    entry = SourceTranslation(cidr="192.168.0.0/24", gateway_id="ngw-1", addresses=(NAT,))
    two_vpcs.network.ensure(first(addresses=nat, source_translations=(entry,)))
    assert not two_vpcs.reaches("i-11", OTHER), "no route leads to the gateway"
    two_vpcs.network.ensure(first(addresses=nat, route_tables=(INTERNET,)))
    assert not two_vpcs.reaches("i-11", OTHER), "no entry"
    two_vpcs.network.ensure(first(addresses=nat, route_tables=(INTERNET,), source_translations=(entry,)))
    assert callers(two_vpcs, "i-11") == {NAT}
    # the more specific entry wins, several addresses share
    both = SourceTranslation(cidr="192.168.0.11/32", gateway_id="ngw-1", addresses=(NAT, SECOND_NAT))
    two_vpcs.network.ensure(first(addresses=nat, route_tables=(INTERNET,), source_translations=(entry, both)))
    wait_for(lambda: callers(two_vpcs, "i-11", 4) == {NAT, SECOND_NAT})
    assert callers(two_vpcs, "i-10") == {NAT}
    # who has an address of its own uses it; a narrow route lets only its own destinations out
    own = (*nat, PublicAddress(address=PUBLIC, private_address="192.168.0.10"))
    narrow = msgspec.structs.replace(INTERNET, routes=(Route(cidr=f"{OTHER}/32", hop=Hop(gateway_id="ngw-1")),))
    two_vpcs.network.ensure(first(addresses=own, route_tables=(narrow,), source_translations=(entry,)))
    assert callers(two_vpcs, "i-10") == {PUBLIC}
    assert callers(two_vpcs, "i-11") == {NAT}
    assert not two_vpcs.reaches("i-11", PUBLIC), "it is not in the route"


def test_forwardings_lead_ports_inside(two_vpcs: Cloud) -> None:
    def forward(**fields: Any) -> Forwarding:
        return Forwarding(**{"protocol": "tcp", "address": NAT, "private_address": "192.168.0.11", **fields})

    entries = (
        forward(first_port=2200, last_port=2200, private_first_port=22),
        forward(first_port=7001, last_port=7003, private_first_port=8001),
        forward(address=SECOND_NAT, protocol="any"),
    )
    addresses = (PublicAddress(address=NAT), PublicAddress(address=SECOND_NAT))
    two_vpcs.network.ensure(first(addresses=addresses, forwardings=entries))
    wait_for(lambda: connect(NAT, 2200))
    wait_for(lambda: speaks_ssh(SECOND_NAT))
    assert connect(NAT, 22) is None
    two_vpcs.launch("i-11", "while :; do echo eight-two | nc -N -l 8002; done")
    wait_for(lambda: (found := connect(NAT, 7002)) and found.recv(20) == b"eight-two\n")
    assert connect(NAT, 7001) is None
    # an address that forwards everything is also the one to go out with
    assert callers(two_vpcs, "i-11") == {SECOND_NAT}


def test_routes_lead_over_an_instance(real: Cloud) -> None:
    """i-11 in vsw-2 stands for a router: 10.9.0.5 is behind it, that is, one of its own addresses."""
    router = nic(11, v_switch_id="vsw-2", third=1)
    strict = Group(id="sg-b", members_talk=False)
    there = network(port(10, "sg-a"), port(11, "sg-b", interface=router), groups=(OPEN, strict), subnets=2)
    led = RouteTable(
        id="vtb-2", switch_ids=("vsw-1",), routes=(Route(cidr="10.9.0.0/16", hop=Hop(address="192.168.1.11")),)
    )
    real.network.ensure(there)
    real.compute.ensure(machine(10))
    real.compute.ensure(machine(11, nics=(router,)))
    prefix = tool.instance_prefix(real.data)
    namespace.inside(f"{prefix}-machine-i-11", lambda: tool.ip(["addr add 10.9.0.5/32 dev lo"]))
    for number in (10, 11):
        wait_for(lambda number=number: real.run(f"i-{number}", "ls /run/sshd.pid").exit_code == 0)
    assert not real.reaches("i-10", "10.9.0.5")
    real.network.ensure(changed(there, route_tables=(led,)))
    assert not real.reaches("i-10", "10.9.0.5"), "the router's own security group decides"
    opened = (OPEN, msgspec.structs.replace(strict, rules=OPEN.rules))
    real.network.ensure(changed(there, route_tables=(led,), groups=opened))
    wait_for(lambda: real.reaches("i-10", "10.9.0.5"))
    assert real.run("i-10", "ping -c 1 -W 1 10.9.0.5").exit_code == 0
    # a hole in the route, then no route at all
    hole = Route(cidr="10.9.0.0/24", hop=Hop())
    real.network.ensure(
        changed(there, route_tables=(msgspec.structs.replace(led, routes=(*led.routes, hole)),), groups=opened)
    )
    assert not real.reaches("i-10", "10.9.0.5")
    real.network.ensure(changed(there, groups=opened))
    assert not real.reaches("i-10", "10.9.0.5")
    assert real.reaches("i-10", "192.168.1.11"), "what is inside the VPC needs no route"


def test_acls_filter_at_the_border_of_a_v_switch_and_know_no_connections(real: Cloud) -> None:
    far = nic(11, v_switch_id="vsw-2", third=1)
    ports = (port(10, "sg-a"), port(12, "sg-a"), port(11, "sg-a", interface=far))
    there = network(*ports, groups=(OPEN,), subnets=2)
    real.network.ensure(there)
    for number in (10, 12):
        real.compute.ensure(machine(number))
    real.compute.ensure(machine(11, nics=(far,)))
    for number in (10, 11, 12):
        wait_for(lambda number=number: real.run(f"i-{number}", "ls /run/sshd.pid").exit_code == 0)

    def rule(policy: str = "accept", cidr: str = "0.0.0.0/0", protocol: str = "all", **ports: int) -> BorderRule:
        return BorderRule(policy=policy, protocol=protocol, cidr=cidr, **ports)  # type: ignore[arg-type]

    def passes(ingress: tuple[BorderRule, ...], egress: tuple[BorderRule, ...]) -> bool:
        border = Border(id="nacl-1", switch_ids=("vsw-1",), ingress=ingress, egress=egress)
        real.network.ensure(changed(there, borders=(border,)))
        assert real.reaches("i-10", "192.168.0.12"), "inside the vSwitch nothing is filtered"
        return real.reaches("i-11", "192.168.0.10")

    everything = rule()
    ssh = rule(protocol="tcp", first_port=22, last_port=22)
    answers = rule(protocol="tcp", first_port=1024, last_port=65535)
    assert passes((everything,), (everything,))
    assert not passes((), (everything,))
    assert not passes((everything,), ())
    assert passes((ssh,), (answers,))
    assert not passes((ssh,), (ssh,)), "answers need an entry, too"
    assert not passes((rule("drop", "192.168.1.0/24"), everything), (everything,))
    assert passes((everything, rule("drop", "192.168.1.0/24")), (everything,))
    assert passes((rule("drop", "192.168.2.0/24"), everything), (everything,))
    real.network.ensure(there)
    assert real.reaches("i-11", "192.168.0.10")


def test_bandwidth_is_limited_each_way(two_vpcs: Cloud) -> None:
    """What 1 MiB takes at 2 Mbit/s is at least some seconds; without a limit it is nothing."""

    def seconds(sender: str, receiver: str, address: str) -> float:
        server = two_vpcs.launch(receiver, "nc -l 7000 | wc -c")
        wait_for(lambda: two_vpcs.run(receiver, "ss -Hltn | grep -q :7000").exit_code == 0)
        sent = two_vpcs.run(
            sender, f"s=$(date +%s%N); head -c 1M /dev/zero | nc -N {address} 7000; echo $(($(date +%s%N) - s))"
        )
        assert two_vpcs.finish(server).output.strip() == str(1 << 20).encode()
        return int(sent.output) / 1e9

    eip = PublicAddress(address=PUBLIC, private_address="192.168.0.10", mbit=2)
    two_vpcs.network.ensure(first(addresses=(eip,)))
    assert seconds("i-10", "i-20", OTHER) > 2.0
    assert seconds("i-20", "i-10", PUBLIC) > 2.0
    two_vpcs.network.ensure(first(addresses=(msgspec.structs.replace(eip, mbit=0),)))
    assert seconds("i-10", "i-20", OTHER) < 2.0


def test_what_the_host_lost_is_seen_and_made_again(two_vpcs: Cloud) -> None:
    eip = PublicAddress(address=PUBLIC, private_address="192.168.0.10")
    led = first(addresses=(eip,))
    two_vpcs.network.ensure(led)
    assert two_vpcs.network.broken() == set()
    prefix = tool.instance_prefix(two_vpcs.data)

    namespace.remove(f"{prefix}-exchange")
    wait_for(lambda: two_vpcs.network.broken() == {"vpc-1", "vpc-2"})
    two_vpcs.network.ensure(led)
    two_vpcs.network.ensure(second())
    assert two_vpcs.network.broken() == set()
    assert callers(two_vpcs, "i-10") == {PUBLIC}

    namespace.on_host(lambda: tool.ip([f"link del {prefix}hub"]))
    assert two_vpcs.network.broken() == {"vpc-1", "vpc-2"}
    two_vpcs.network.ensure(led)
    two_vpcs.network.ensure(second())
    wait_for(lambda: speaks_ssh(PUBLIC))

    namespace.remove(f"{prefix}-network-vpc-1")
    assert "vpc-1" not in set(two_vpcs.network.observe())
    two_vpcs.network.ensure(led)
    for number in (10, 11):
        two_vpcs.compute.ensure(machine(number))
    assert callers(two_vpcs, "i-10") == {PUBLIC}
    wait_for(lambda: two_vpcs.reaches("i-10", "192.168.0.11"))


@pytest.fixture
def internet() -> Iterator[str]:
    """An address beyond the host, where somebody listens and tells who asked; the host is its only neighbour."""
    name = f"oy-test-{os.getpid()}"
    namespace.create(name)
    forwarding = Path("/proc/sys/net/ipv4/ip_forward").read_text()
    near, far = f"oyt{os.getpid()}", "eth0"
    lines = [f"addr add 203.0.113.2/24 dev {far}", f"link set {far} up"]
    tool.ip(
        [
            f"link add name {near} type veth peer name {far} netns {name}",
            f"addr add 203.0.113.1/24 dev {near}",
            f"link set {near} up",
        ]
    )
    namespace.inside(name, lambda: tool.ip(lines))
    listener = namespace.inside(name, lambda: socket.create_server(("203.0.113.2", 7000)))

    def answer() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, peer = listener.accept()
                with connection:
                    connection.sendall(peer[0].encode())

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    yield "203.0.113.2"
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()
    tool.ip([f"link del {near}"])
    namespace.remove(name)
    Path("/proc/sys/net/ipv4/ip_forward").write_text(forwarding)


def test_the_internet_is_reached_only_where_the_operator_opens_it(real: Cloud, internet: str) -> None:
    ask = f"nc -w 2 {internet} 7000"
    led = first(addresses=(PublicAddress(address=PUBLIC, private_address="192.168.0.10"),))
    real.network.ensure(led)
    real.compute.ensure(machine(10))
    wait_for(lambda: real.run("i-10", "ls /run/sshd.pid").exit_code == 0)
    assert real.run("i-10", ask).output == b""
    real.network.destroy("vpc-1")

    opened = VpcNetwork(real.data, Exchange(real.data, "198.18.0.0/15"))
    opened.ensure(led)
    RuncCompute(real.data, guest_image.cache(), opened).ensure(machine(10))
    wait_for(lambda: real.run("i-10", ask).output == b"203.0.113.1")
    own = subprocess.run(["hostname", "-I"], capture_output=True, text=True, check=True).stdout.split()
    for address in ["169.254.77.1", "203.0.113.1", *(one for one in own if ":" not in one)]:
        with socket.create_server((address, 0)) as listener:
            assert not real.reaches("i-10", address, listener.getsockname()[1]), address
    opened.destroy("vpc-1")
    rules = subprocess.run(["nft", "list", "tables"], capture_output=True, text=True, check=True).stdout
    assert tool.instance_prefix(real.data) not in rules
