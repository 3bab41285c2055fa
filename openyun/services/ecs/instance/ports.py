"""What ECS puts into VPC networks: a port for each instance, and the security groups that filter there."""

from __future__ import annotations

import msgspec

from openyun.engine import network
from openyun.services.ecs.instance.settle import nic_of
from openyun.services.ecs.records import Instance, NetworkInterface, PrefixList, Rule, SecurityGroup
from openyun.services.vpc import networks
from openyun.services.vpc.records import VSwitch
from openyun.state import Transaction

_PROTOCOLS = {"tcp": "tcp", "udp": "udp", "icmp": "icmp", "gre": "gre", "all": "all"}
_ANYWHERE = "0.0.0.0/0"
# An enterprise security group refuses what no rule lets out; a basic one lets it go. Priorities of rules end at 100.
_NOTHING_LEAVES = (network.Rule(direction="egress", policy="drop", protocol="all", cidr=_ANYWHERE, priority=101),)


def ports(state: Transaction) -> dict[str, list[network.Port]]:
    """By VPC: one for each attached interface. An instance that is being deleted has none."""
    switches = {one.id: one for one in state.find(VSwitch)}
    instances = {one.id: one for one in state.find(Instance) if one.wanted != "Deleted"}
    found: dict[str, list[network.Port]] = {}
    for one in state.find(NetworkInterface):
        v_switch, instance = switches.get(one.v_switch_id), instances.get(one.instance_id)
        if one.status not in ("Attaching", "InUse") or instance is None or v_switch is None:
            continue
        port = network.Port(
            machine_id=instance.id,
            nic=nic_of(one, v_switch),
            group_ids=tuple(one.security_group_ids),
            public_address=instance.public_address if one.type == "Primary" else "",
            public_mbit=instance.internet_max_bandwidth_out if one.type == "Primary" else 0,
        )
        found.setdefault(one.vpc_id, []).append(port)
    return found


def groups(state: Transaction) -> dict[str, list[network.Group]]:
    """By VPC."""
    found: dict[str, list[network.Group]] = {}
    lists = {one.id: one for one in state.find(PrefixList)}
    for one in state.find(SecurityGroup):
        group = network.Group(
            id=one.id,
            members_talk=one.type == "normal" and one.inner_access_policy == "Accept",
            rules=(
                *(
                    rule
                    for written in one.rules
                    for each in _spread(written, lists)
                    if (rule := rule_of(each)) is not None
                ),
                *(_NOTHING_LEAVES if one.type == "enterprise" else ()),
            ),
        )
        found.setdefault(one.vpc_id, []).append(group)
    return found


def _spread(written: Rule, lists: dict[str, PrefixList]) -> list[Rule]:
    """A rule of a prefix list as one for each of its blocks."""
    if not written.prefix_list_id:
        return [written]
    listed = lists.get(written.prefix_list_id)
    if listed is None or listed.address_family != "IPv4":
        return []
    side = "source_cidr_ip" if written.direction == "ingress" else "dest_cidr_ip"
    return [msgspec.structs.replace(written, **{side: entry.cidr}) for entry in listed.entries]


def rule_of(written: Rule) -> network.Rule | None:
    """The rule as engines know it; None for one that has no meaning for IPv4 or must not be widened."""
    protocol = _PROTOCOLS.get(written.protocol.lower())
    if protocol is None:
        return None
    ingress = written.direction == "ingress"
    cidr = written.source_cidr_ip if ingress else written.dest_cidr_ip
    own_cidr = written.dest_cidr_ip if ingress else written.source_cidr_ip
    group_id = written.source_group_id if ingress else written.dest_group_id
    if not cidr and not group_id:
        return None
    # Engines do not tell a member's own addresses apart: an accept that is meant for some of them accepts nothing.
    if own_cidr not in ("", _ANYWHERE) and written.policy == "Accept":
        return None
    first, last = _ports(written.port_range)
    own_first, own_last = _ports(written.source_port_range)
    return network.Rule(
        direction=written.direction,
        policy="accept" if written.policy == "Accept" else "drop",
        protocol=protocol,  # type: ignore[arg-type]  # one of the literals, by the table
        first_port=first,
        last_port=last,
        cidr="" if group_id else cidr,
        group_id=group_id,
        priority=written.priority,
        own_first_port=own_first,
        own_last_port=own_last,
    )


def _ports(text: str) -> tuple[int, int]:
    """ "22/23" as 22, 23; nothing, and the -1/-1 of protocols without ports, as all."""
    first, _, last = text.partition("/")
    return (int(first), int(last)) if last else (-1, -1)


networks.port_sources.append(ports)
networks.group_sources.append(groups)
