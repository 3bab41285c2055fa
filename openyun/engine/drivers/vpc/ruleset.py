"""Writes the nftables rules of a VPC network: security groups, what may leave the VPC, anti-spoofing.

A packet between instances passes the sender's egress chain, then the receiver's ingress chain; also inside one vSwitch,
because bridged packets pass the forward hook too (`bridge-nf-call-iptables`). Out of the VPC go answers, and who has
a public address or an SNAT entry to go with; how far, the exchange beyond the uplink says. An instance's groups act as
one list of rules, so there is one pair of chains for each combination of groups in use.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from openyun.engine.drivers.tool import short_hash
from openyun.engine.drivers.vpc import borders, peering, routing, translation
from openyun.engine.drivers.vpc.names import METADATA_ADDRESS, PROVIDER_SERVICES, UPLINK, named, port_name, switch_name
from openyun.engine.network import Group, Network, Port, Rule

Direction = Literal["ingress", "egress"]


def render(network: Network) -> str:
    """Input for `nft -f -`. It replaces what was loaded before in one transaction; connections live on."""
    return "\n".join([*_inet(network), *_bridge(network)]) + "\n"


def _inet(network: Network) -> Iterator[str]:
    groups = {group.id: group for group in network.groups}
    combinations = sorted({port.group_ids for port in network.ports})
    yield from ("table inet cloud", "delete table inet cloud", "table inet cloud {")
    for group_id in sorted(_mentioned(network)):
        members = (one for port in network.ports if group_id in port.group_ids for one in port.nic.addresses)
        yield from named("set", _members(group_id), "ipv4_addr", members)
    for combination in combinations:
        own = [groups[group_id] for group_id in combination if group_id in groups]
        yield from _chain(_chain_name("ingress", combination), "ingress", own)
        yield from _chain(_chain_name("egress", combination), "egress", own)
    yield from named("map", "egress", "ipv4_addr : verdict", _jumps(network.ports, "egress", "jump"))
    yield from named("map", "ingress", "ipv4_addr : verdict", _jumps(network.ports, "ingress", "goto"))
    yield from named("set", "published", "ipv4_addr", translation.public_of(network))
    yield from borders.render(network)
    yield from translation.render(network)
    yield from peering.chain(network)
    inside = ", ".join((network.cidr, *network.more_cidrs))
    yield f"""\
  chain marks {{
    type filter hook prerouting priority mangle;
    ip saddr @published meta mark set {routing.PUBLISHED_MARK:#x}
  }}
  chain forward {{
    type filter hook forward priority filter; policy drop;
    ct state established,related accept
    ct state invalid drop
    iifname "{UPLINK}" ip saddr {{ {inside} }} drop
    iifname "k*" jump peers
    ip saddr vmap @egress"""
    for port, _, _ in routing.next_hops(network):
        known = f"ether saddr {port.nic.mac} ip saddr != {{ {', '.join(port.nic.addresses)} }}"
        yield f"    {known} jump {_chain_name('egress', port.group_ids)}"
    yield f"""\
    oifname "{UPLINK}" ip daddr {PROVIDER_SERVICES} reject with icmpx type admin-prohibited
    ip daddr vmap @ingress"""
    present = {switch.id for switch in network.switches}
    for port, route, switch_ids in routing.next_hops(network):
        sources = ", ".join(f'"{switch_name(one)}"' for one in switch_ids if one in present)
        if sources:
            through = f'iifname {{ {sources} }} oifname "{switch_name(port.nic.v_switch_id)}" ip daddr {route.cidr}'
            yield f"    {through} goto {_chain_name('ingress', port.group_ids)}"
    yield from peering.outward(network)
    yield f"""\
    oifname "{UPLINK}" ip daddr {{ {inside} }} reject with icmpx type admin-prohibited
    oifname "{UPLINK}" iifname != "{UPLINK}" ip saddr @published accept"""
    for way in translation.ways(network):
        yield f'    oifname "{UPLINK}" iifname != "{UPLINK}" {way.match} accept'
    yield f"""\
    oifname "{UPLINK}" reject with icmpx type admin-prohibited
  }}
  chain input {{
    type filter hook input priority filter; policy drop;
    ct state established,related accept
    iifname "{UPLINK}" ct original ip daddr @answering icmp type echo-request accept
    iifname {{ "{UPLINK}", "k*" }} drop
    ip daddr {METADATA_ADDRESS} accept
    meta l4proto icmp accept
  }}
}}"""


def _bridge(network: Network) -> Iterator[str]:
    """An interface may send only with its own MAC and address, unless a route leads others' packets to it; it may send
    nothing but IPv4 and ARP."""
    sources = [
        f'"{port_name(port.nic.mac)}" . {port.nic.mac} . {address}'
        for port in network.ports
        for address in port.nic.addresses
    ]
    yield from ("table bridge cloud", "delete table bridge cloud", "table bridge cloud {")
    yield from named("set", "sources", "ifname . ether_addr . ipv4_addr", sources)
    yield """\
  chain prerouting {
    type filter hook prerouting priority -300; policy drop;
    ether type ip iifname . ether saddr . ip saddr @sources accept"""
    for port in {port.nic.mac: port for port, _, _ in routing.next_hops(network)}.values():
        yield f'    ether type ip iifname "{port_name(port.nic.mac)}" ether saddr {port.nic.mac} accept'
    yield """\
    ether type arp iifname . arp saddr ether . arp saddr ip @sources accept
  }
}"""


def _chain(name: str, direction: Direction, groups: list[Group]) -> Iterator[str]:
    peer = "saddr" if direction == "ingress" else "daddr"
    # The ingress chain decides; the egress chain only lets the packet go on to the receiver's.
    accept = "accept" if direction == "ingress" else "return"
    yield f"  chain {name} {{"
    for group in groups:
        if group.members_talk:
            yield f"    ip {peer} @{_members(group.id)} {accept}"
    rules = [rule for group in groups for rule in group.rules if rule.direction == direction]
    for rule in sorted(rules, key=lambda rule: (rule.priority, rule.policy == "accept")):
        yield f"    {' '.join(_matches(rule, peer))} {accept if rule.policy == 'accept' else 'drop'}".replace("  ", " ")
    if direction == "ingress":
        yield "    drop"
    yield "  }"


def _matches(rule: Rule, peer: str) -> Iterator[str]:
    if rule.group_id:
        yield f"ip {peer} @{_members(rule.group_id)}"
    elif rule.cidr and not rule.cidr.endswith("/0"):
        yield f"ip {peer} {rule.cidr}"
    if rule.protocol != "all":
        yield f"meta l4proto {rule.protocol}"
    if rule.protocol in ("tcp", "udp"):
        if rule.first_port >= 0:
            yield f"th dport {rule.first_port}-{rule.last_port}"
        if rule.own_first_port >= 0:
            yield f"th sport {rule.own_first_port}-{rule.own_last_port}"


def _mentioned(network: Network) -> set[str]:
    """Groups that a chain may name, even one that was deleted or belongs elsewhere: its set is empty then."""
    named = {rule.group_id for group in network.groups for rule in group.rules if rule.group_id}
    return named | {group.id for group in network.groups}


def _jumps(ports: Iterable[Port], direction: Direction, verb: str) -> Iterator[str]:
    return (
        f"{address} : {verb} {_chain_name(direction, port.group_ids)}"
        for port in ports
        for address in port.nic.addresses
    )


def _chain_name(direction: Direction, group_ids: tuple[str, ...]) -> str:
    return f"{direction}_{short_hash(' '.join(group_ids), 12)}"


def _members(group_id: str) -> str:
    return "members_" + short_hash(group_id, 12)
