"""Peerings: packets from one VPC into another, also one of another region, and no further."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from openyun.engine.compute import Nic
from openyun.engine.drivers import guest_image, namespace, tool
from openyun.engine.drivers.runc import RuncCompute
from openyun.engine.drivers.vpc import Exchange, VpcNetwork, peering
from openyun.engine.network import Group, Hop, Network, Peering, Port, Route, RouteTable, Rule, Switch
from tests.engine.cloud import Cloud, machine, wait_for

OPEN = Group(id="sg-a", rules=(Rule(direction="ingress", policy="accept", protocol="all", cidr="0.0.0.0/0"),))


def side(
    third: int, peerings: tuple[Peering, ...] = (), routes: tuple[Route, ...] = (), group: Group = OPEN
) -> Network:
    """vpc-N with 10.N.0.0/16, and i-N0 at 10.N.0.10."""
    home = f"vpc-{third}"
    nic = Nic(
        network_id=home,
        v_switch_id=f"vsw-{third}",
        mac=f"00:16:3e:01:{third:02x}:0a",
        address=f"10.{third}.0.10",
        prefix=24,
        gateway=f"10.{third}.0.253",
    )
    return Network(
        id=home,
        cidr=f"10.{third}.0.0/16",
        switches=(Switch(id=nic.v_switch_id, cidr=f"10.{third}.0.0/24", gateway=nic.gateway),),
        groups=(group,),
        ports=(Port(machine_id=f"i-{third}0", nic=nic, group_ids=(group.id,)),),
        peerings=peerings,
        route_tables=(RouteTable(id=f"vtb-{third}", switch_ids=(nic.v_switch_id,), routes=routes),) if routes else (),
    )


def to(third: int, peering_id: str = "", **changes: Any) -> Peering:
    return Peering(id=peering_id or "pcc-1", network_id=f"vpc-{third}", cidrs=(f"10.{third}.0.0/16",), **changes)


def led(third: int, peering_id: str = "pcc-1") -> Route:
    return Route(cidr=f"10.{third}.0.0/16", hop=Hop(peering_id=peering_id))


def start(cloud: Cloud, *networks: Network) -> None:
    for network in networks:
        cloud.network.ensure(network)
    for network in networks:
        [port] = network.ports
        cloud.compute.ensure(machine(int(port.machine_id[2:]), nics=(port.nic,)))
    for network in networks:
        [port] = network.ports
        wait_for(lambda one=port.machine_id: cloud.run(one, "ls /run/sshd.pid").exit_code == 0)


def ends(cloud: Cloud, network_id: str) -> set[str]:
    inside = namespace.inside(f"{cloud.prefix}-network-{network_id}", namespace.interfaces)
    return {name for name in inside if name.startswith("k")}


def test_packets_pass_where_routes_and_groups_let_them_and_go_no_further(real: Cloud) -> None:
    one, two, three = side(1), side(2), side(3)
    start(real, one, two, three)
    real.network.ensure(side(1, (to(2),)))
    real.network.ensure(side(2, (to(1),)))
    assert not real.reaches("i-10", "10.2.0.10"), "no route"
    real.network.ensure(side(1, (to(2),), (led(2),)))
    assert not real.reaches("i-10", "10.2.0.10"), "no route back"
    real.network.ensure(side(2, (to(1),), (led(1),)))
    wait_for(lambda: real.reaches("i-10", "10.2.0.10"))
    assert real.reaches("i-20", "10.1.0.10")
    assert real.run("i-10", "ping -c 1 -W 1 10.2.0.10").exit_code == 0
    assert real.network.broken() == set()

    # the receiver's security group decides
    shut = Group(id="sg-b", rules=(msgspec.structs.replace(OPEN.rules[0], cidr="10.3.0.0/16"),))
    real.network.ensure(side(2, (to(1),), (led(1),), shut))
    assert not real.reaches("i-10", "10.2.0.10")
    assert real.reaches("i-20", "10.1.0.10"), "answers come through"
    real.network.ensure(side(2, (to(1),), (led(1),)))
    assert real.reaches("i-10", "10.2.0.10")

    # 1 - 2 - 3 is not 1 - 3, even where every route leads there
    real.network.ensure(side(1, (to(2),), (led(2), led(3))))
    real.network.ensure(side(2, (to(1), to(3, "pcc-2")), (led(1), led(3, "pcc-2"))))
    real.network.ensure(side(3, (to(2, "pcc-2"),), (led(2, "pcc-2"), led(1, "pcc-2"))))
    wait_for(lambda: real.reaches("i-20", "10.3.0.10"))
    assert not real.reaches("i-10", "10.3.0.10")
    # nor to the other VPC's gateway or metadata service
    assert not real.reaches("i-10", "10.2.0.253", 53)
    assert real.run("i-10", "ping -c 1 -W 1 10.2.0.253").exit_code != 0

    # no way without the peering, whatever routes say
    real.network.ensure(side(1, (), (led(2),)))
    assert not real.reaches("i-10", "10.2.0.10")
    assert ends(real, "vpc-1") == set()
    real.network.ensure(side(2, (to(3, "pcc-2"),), (led(3, "pcc-2"),)))
    assert ends(real, "vpc-2") == {peering.end_name("pcc-2")}
    assert real.reaches("i-20", "10.3.0.10")


def test_a_lost_side_is_made_again_and_the_other_one_notices(real: Cloud) -> None:
    one, two = side(1, (to(2),), (led(2),)), side(2, (to(1),), (led(1),))
    start(real, one, two)
    # The first could not know the second one yet, and is told apart by that.
    assert real.network.broken() == {"vpc-1"}
    real.network.ensure(one)
    wait_for(lambda: real.reaches("i-10", "10.2.0.10"))

    namespace.remove(f"{real.prefix}-network-vpc-2")
    real.network.ensure(two)
    real.compute.ensure(machine(20, nics=(two.ports[0].nic,)))
    assert real.network.broken() == {"vpc-1"}
    real.network.ensure(one)
    assert real.network.broken() == set()
    wait_for(lambda: real.reaches("i-10", "10.2.0.10"))
    wait_for(lambda: real.reaches("i-20", "10.1.0.10"))

    # a new process knows nothing and breaks nothing
    real.restart_server()
    real.network.ensure(one)
    real.network.ensure(two)
    assert real.network.broken() == set()
    name = peering.end_name("pcc-1")
    namespace.inside(f"{real.prefix}-network-vpc-1", lambda: tool.ip([f"link del {name}"]))
    assert real.network.broken() == {"vpc-1", "vpc-2"}
    real.network.ensure(two)
    real.network.ensure(one)
    assert real.network.broken() == set()
    wait_for(lambda: real.reaches("i-10", "10.2.0.10"))

    # when a VPC goes, its end goes, and the other VPC lives on
    real.network.destroy("vpc-2")
    assert ends(real, "vpc-1") == set()
    assert real.network.broken() == set()
    assert not real.reaches("i-10", "10.2.0.10")


def test_bandwidth_is_limited_and_freed(real: Cloud) -> None:
    def seconds(kbit: int) -> float:
        for network in (side(1, (to(2, kbit=kbit),), (led(2),)), side(2, (to(1, kbit=kbit),), (led(1),))):
            real.network.ensure(network)
        server = real.launch("i-20", "nc -l 7000 | wc -c")
        wait_for(lambda: real.run("i-20", "ss -Hltn | grep -q :7000").exit_code == 0)
        script = "s=$(date +%s%N); head -c 1M /dev/zero | nc -N 10.2.0.10 7000; echo $(($(date +%s%N) - s))"
        sent = real.run("i-10", script)
        assert real.finish(server).output.strip() == str(1 << 20).encode()
        return int(sent.output) / 1e9

    start(real, side(1), side(2))
    assert seconds(2000) > 2.0
    assert seconds(0) < 2.0


@pytest.fixture
def two_regions(runc_host: None, tmp_path: Any) -> Iterator[tuple[Cloud, Cloud]]:
    """They share an exchange, and nothing else."""
    exchange = Exchange(tmp_path)
    clouds = [Cloud("runc", tmp_path / "regions" / name) for name in ("a", "b")]
    for cloud in clouds:
        network = VpcNetwork(cloud.data, exchange)
        cloud.network, cloud.compute = network, RuncCompute(cloud.data, guest_image.cache(), network)
    yield clouds[0], clouds[1]
    for cloud in clouds:
        cloud.clear()
        assert cloud.remains() == []


def test_regions_are_joined(two_regions: tuple[Cloud, Cloud]) -> None:
    here, there = two_regions
    one = side(1, (to(2, region_id="b"),), (led(2),))
    two = side(2, (to(1, region_id="a"),), (led(1),))
    start(here, one)
    start(there, two)
    assert here.network.broken() == {"vpc-1"}
    here.network.ensure(one)
    wait_for(lambda: here.reaches("i-10", "10.2.0.10"))
    assert there.reaches("i-20", "10.1.0.10")
