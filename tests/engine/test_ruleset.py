"""The VPC's rules as text: what must hold without root."""

from __future__ import annotations

import msgspec

from openyun.engine.drivers.vpc import ruleset
from openyun.engine.network import Group, Rule
from tests.engine.cloud import network, port


def accept(first_port: int, priority: int = 1, policy: str = "accept") -> Rule:
    settings = {"policy": policy, "priority": priority, "first_port": first_port, "last_port": first_port}
    return msgspec.convert({"direction": "ingress", "protocol": "tcp", "cidr": "10.0.0.0/8", **settings}, Rule)


def chain(text: str, direction: str) -> list[str]:
    (body,) = (part.partition("}")[0] for part in text.split("  chain ") if part.startswith(f"{direction}_"))
    return [line.strip() for line in body.splitlines()[1:] if line.strip()]


def test_rules_of_all_groups_are_sorted_by_priority_with_drop_first() -> None:
    groups = (
        Group(id="sg-a", members_talk=False, rules=(accept(3, priority=2), accept(2))),
        Group(id="sg-b", members_talk=False, rules=(accept(1, policy="drop"),)),
    )
    text = ruleset.render(network(port(10, "sg-a", "sg-b"), groups=groups))
    assert chain(text, "ingress") == [
        "ip saddr 10.0.0.0/8 meta l4proto tcp th dport 1-1 drop",
        "ip saddr 10.0.0.0/8 meta l4proto tcp th dport 2-2 accept",
        "ip saddr 10.0.0.0/8 meta l4proto tcp th dport 3-3 accept",
        "drop",
    ]
    assert chain(text, "egress") == []


def test_instances_with_the_same_groups_share_their_chains() -> None:
    ports = (port(number, "sg-a") for number in range(10, 60))
    text = ruleset.render(network(*ports, groups=(Group(id="sg-a"),)))
    assert text.count("chain ingress_") == 1


def test_the_text_does_not_depend_on_the_order_of_ports() -> None:
    ports = [port(number, "sg-a", public=f"203.0.113.{number}") for number in (10, 11, 12)]
    groups = (Group(id="sg-a"),)
    assert ruleset.render(network(*ports, groups=groups)) == ruleset.render(network(*reversed(ports), groups=groups))
