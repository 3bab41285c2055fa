"""Writes the nftables rules of network ACLs: stateless filters where packets enter and leave a vSwitch.

A bridged packet comes from and goes to the same bridge, so what stays inside a vSwitch never meets them; nor does what
an instance says to its gateway or to the metadata service.
"""

from __future__ import annotations

from collections.abc import Iterator

from openyun.engine.drivers.tool import short_hash
from openyun.engine.drivers.vpc.names import switch_name
from openyun.engine.network import BorderRule, Network


def render(network: Network) -> Iterator[str]:
    """Chains, for the inside of the table."""
    present = {switch.id for switch in network.switches}
    jumps = []
    for border in network.borders:
        name = short_hash(border.id, 12)
        yield from _chain(f"border_out_{name}", "daddr", border.egress)
        yield from _chain(f"border_in_{name}", "saddr", border.ingress)
        for switch_id in border.switch_ids:
            if switch_id in present:
                bridge = switch_name(switch_id)
                jumps.append(f'    iifname "{bridge}" oifname != "{bridge}" jump border_out_{name}')
                jumps.append(f'    oifname "{bridge}" iifname != "{bridge}" jump border_in_{name}')
    # Before connections are looked at: an ACL does not know them.
    yield "  chain borders {\n    type filter hook forward priority filter - 10;"
    yield from sorted(jumps)
    yield "  }"


def _chain(name: str, peer: str, rules: tuple[BorderRule, ...]) -> Iterator[str]:
    yield f"  chain {name} {{"
    for rule in rules:
        matches = [] if rule.cidr.endswith("/0") else [f"ip {peer} {rule.cidr}"]
        if rule.protocol != "all":
            matches.append(f"meta l4proto {rule.protocol}")
        if rule.protocol in ("tcp", "udp") and rule.first_port >= 0:
            matches.append(f"th dport {rule.first_port}-{rule.last_port}")
        yield f"    {' '.join([*matches, 'return' if rule.policy == 'accept' else 'drop'])}"
    yield "    drop\n  }"
