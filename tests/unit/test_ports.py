from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from openyun.engine import network
from openyun.services.ecs.instance.ports import groups, ports, rule_of
from openyun.services.ecs.records import PrefixEntry, PrefixList, Rule, SecurityGroup
from tests.unit.region import ACCOUNT, Place


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    yield made
    made.close()


def written(**more: Any) -> Rule:
    return Rule(
        **{
            "id": "sgr-1",
            "direction": "ingress",
            "protocol": "TCP",
            "port_range": "22/22",
            "source_cidr_ip": "10.0.0.0/8",
            **more,
        }
    )


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (
            written(priority=7),
            network.Rule(
                direction="ingress",
                policy="accept",
                protocol="tcp",
                first_port=22,
                last_port=22,
                cidr="10.0.0.0/8",
                priority=7,
            ),
        ),
        (
            written(policy="Drop", protocol="UDP", port_range="1/65535", source_port_range="53/53"),
            network.Rule(
                direction="ingress",
                policy="drop",
                protocol="udp",
                first_port=1,
                last_port=65535,
                cidr="10.0.0.0/8",
                own_first_port=53,
                own_last_port=53,
            ),
        ),
        (
            written(protocol="ALL", port_range="-1/-1", source_cidr_ip="", source_group_id="sg-2"),
            network.Rule(direction="ingress", policy="accept", protocol="all", group_id="sg-2"),
        ),
        (
            written(
                direction="egress", protocol="ICMP", port_range="-1/-1", source_cidr_ip="", dest_cidr_ip="0.0.0.0/0"
            ),
            network.Rule(direction="egress", policy="accept", protocol="icmp", cidr="0.0.0.0/0"),
        ),
    ],
)
def test_rules_become_the_engines(rule: Rule, expected: network.Rule) -> None:
    assert rule_of(rule) == expected


@pytest.mark.parametrize(
    "rule",
    [
        written(source_cidr_ip="", ipv6_source_cidr_ip="::/0"),
        written(protocol="ICMPv6", port_range="-1/-1"),
        written(dest_cidr_ip="10.1.0.9/32"),
    ],
)
def test_rules_that_have_no_meaning_here_allow_nothing(rule: Rule) -> None:
    assert rule_of(rule) is None


def test_a_drop_for_some_of_a_members_addresses_drops_for_all() -> None:
    assert rule_of(written(policy="Drop", dest_cidr_ip="10.1.0.9/32")) is not None


def test_ports_of_instances_by_vpc(place: Place) -> None:
    place.add(public_address="198.18.0.20")
    place.add("i-bp2", private_address="10.1.0.2", wanted="Deleted")
    found = place.at.store.read(ports)
    (port,) = found["vpc-1"]
    assert (port.machine_id, port.public_address, port.group_ids) == ("i-bp1", "198.18.0.20", ("sg-1",))
    assert (port.nic.v_switch_id, port.nic.address, port.nic.mac) == ("vsw-1", "10.1.0.1", "00:16:3e:01:00:01")


@pytest.mark.parametrize(
    ("kind", "policy", "talk"), [("normal", "Accept", True), ("normal", "Drop", False), ("enterprise", "Accept", False)]
)
def test_who_may_talk_inside_a_group_and_out_of_it(place: Place, kind: Any, policy: Any, talk: bool) -> None:
    group = SecurityGroup(
        id="sg-1",
        account_id=ACCOUNT,
        vpc_id="vpc-1",
        type=kind,
        inner_access_policy=policy,
        rules=[written()],
        created_at="",
    )
    place.write(lambda state: state.put(group))
    (found,) = place.at.store.read(groups)["vpc-1"]
    assert (found.id, found.members_talk) == ("sg-1", talk)
    leaving = [rule for rule in found.rules if rule.direction == "egress"]
    assert [rule.policy for rule in leaving] == (["drop"] if kind == "enterprise" else [])


def test_a_rule_of_a_prefix_list_is_one_for_each_of_its_blocks(place: Place) -> None:
    listed = PrefixList(
        id="pl-1",
        account_id=ACCOUNT,
        name="offices",
        address_family="IPv4",
        max_entries=9,
        entries=[PrefixEntry(cidr="10.1.0.0/16"), PrefixEntry(cidr="10.2.0.0/16")],
        created_at="",
    )
    group = SecurityGroup(
        id="sg-1",
        account_id=ACCOUNT,
        vpc_id="vpc-1",
        rules=[written(source_cidr_ip="", prefix_list_id="pl-1")],
        created_at="",
    )
    place.write(lambda state: (state.put(listed), state.put(group)))
    (found,) = place.at.store.read(groups)["vpc-1"]
    assert [rule.cidr for rule in found.rules] == ["10.1.0.0/16", "10.2.0.0/16"]
