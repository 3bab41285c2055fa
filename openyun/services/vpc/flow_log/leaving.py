"""Whose rules dropped a flow: the network only tells that it was dropped, flow logs also tell at which end."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network

from openyun.engine.network import Border, BorderRule, Flow, Group, Port, Rule

_NUMBERS = {"icmp": 1, "tcp": 6, "udp": 17, "gre": 47}


def may_leave(flow: Flow, port: Port, groups: dict[str, Group], borders: Iterable[Border], members: set[str]) -> bool:
    """Whether the sender's security groups and network ACL let it go. `members` are the groups of its destination."""
    own = [groups[one] for one in port.group_ids if one in groups]
    rules = sorted(
        (rule for group in own for rule in group.rules if rule.direction == "egress"),
        key=lambda rule: (rule.priority, rule.policy == "accept"),
    )
    talks = any(group.members_talk and group.id in members for group in own)
    first = next((rule for rule in rules if _matches(rule, flow, members)), None)
    if not talks and first is not None and first.policy == "drop":
        return False
    border = next((one for one in borders if port.nic.v_switch_id in one.switch_ids), None)
    if border is None or IPv4Address(flow.destination) in _switch_of(port):
        return True
    entry = next((one for one in border.egress if _meets(one, flow)), None)
    return entry is not None and entry.policy == "accept"


def _switch_of(port: Port) -> IPv4Network:
    return IPv4Network(f"{port.nic.address}/{port.nic.prefix}", strict=False)


def _matches(rule: Rule, flow: Flow, members: set[str]) -> bool:
    if rule.group_id and rule.group_id not in members:
        return False
    if rule.cidr and IPv4Address(flow.destination) not in IPv4Network(rule.cidr, strict=False):
        return False
    if rule.own_first_port >= 0 and not rule.own_first_port <= flow.source_port <= rule.own_last_port:
        return False
    return _is_of(rule, flow)


def _meets(entry: BorderRule, flow: Flow) -> bool:
    return IPv4Address(flow.destination) in IPv4Network(entry.cidr, strict=False) and _is_of(entry, flow)


def _is_of(rule: Rule | BorderRule, flow: Flow) -> bool:
    if rule.protocol == "all":
        return True
    if _NUMBERS[rule.protocol] != flow.protocol:
        return False
    return (
        rule.first_port < 0
        or rule.protocol not in ("tcp", "udp")
        or (rule.first_port <= flow.destination_port <= rule.last_port)
    )
