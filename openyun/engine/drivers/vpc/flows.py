"""Counts the flows of a VPC network, for flow logs: in the kernel, in sets of nftables with a counter an element.

A table of its own looks at packets before the rules of the VPC and after them: what was seen and did not pass was
dropped. There are two pairs of sets; to read one, packets are first turned to the other in one transaction, so that
each packet is told once. The functions are for the VPC's namespace.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from openyun.engine.compute import EngineError
from openyun.engine.drivers import tool
from openyun.engine.network import Flow

_TABLE = "inet flowlog"
_MOST = 65536
"""flows between two readings; further ones are not counted"""
_FORGET = "2h"
"""a flow that nobody read, as when the server is down"""
_PROTOCOLS = {"icmp": 1, "igmp": 2, "tcp": 6, "udp": 17, "gre": 47, "esp": 50, "ah": 51, "sctp": 132, "ipv6-icmp": 58}

_Key = tuple[str, str, int, int, int]


def start() -> None:
    """Repeating it changes nothing."""
    if _current():
        return
    sets = "".join(_set(f"{kind}_{turn}") for turn in "ab" for kind in ("seen", "passed"))
    chains = "".join(
        f"  chain {name} {{ type filter hook forward priority {priority}; policy accept; }}\n"
        for name, priority in (("early", "filter - 20"), ("late", "filter + 20"))
    )
    # What is half there, from a start that was cut off, is made anew.
    script = f"table {_TABLE}\ndelete table {_TABLE}\ntable {_TABLE} {{\n{sets}{chains}}}\n{_rules('a')}"
    tool.run("nft", "-f", "-", stdin=script)


def stop() -> None:
    tool.run("nft", "-f", "-", stdin=f"table {_TABLE}\ndelete table {_TABLE}\n")


def read() -> list[Flow]:
    """What was counted since the last time; nothing where nobody counts."""
    turn = _current()
    if not turn:
        return []
    other = "b" if turn == "a" else "a"
    tool.run(
        "nft", "-f", "-", stdin=f"{_flush(other)}flush chain {_TABLE} early\nflush chain {_TABLE} late\n{_rules(other)}"
    )
    seen, passed = _counted(f"seen_{turn}"), _counted(f"passed_{turn}")
    tool.run("nft", "-f", "-", stdin=_flush(turn))
    return list(_flows(seen, passed))


def _flows(seen: dict[_Key, tuple[int, int]], passed: dict[_Key, tuple[int, int]]) -> Iterator[Flow]:
    for key, (packets, octets) in seen.items():
        ok_packets, ok_octets = passed.get(key, (0, 0))
        for accepted, count, size in ((True, ok_packets, ok_octets), (False, packets - ok_packets, octets - ok_octets)):
            if count > 0:
                yield Flow(
                    source=key[0],
                    destination=key[1],
                    protocol=key[2],
                    source_port=key[3],
                    destination_port=key[4],
                    packets=count,
                    size=max(0, size),
                    accepted=accepted,
                )


def _set(name: str) -> str:
    kind = "ipv4_addr . ipv4_addr . inet_proto . inet_service . inet_service"
    return f"  set {name} {{ type {kind}; size {_MOST}; flags dynamic,timeout; timeout {_FORGET}; counter; }}\n"


def _rules(turn: str) -> str:
    lines = []
    for chain, name in (("early", f"seen_{turn}"), ("late", f"passed_{turn}")):
        pair = "ip saddr . ip daddr . meta l4proto"
        lines.append(
            f"add rule {_TABLE} {chain} meta l4proto {{ tcp, udp }} update @{name} {{ {pair} . th sport . th dport }}"
        )
        lines.append(f"add rule {_TABLE} {chain} meta l4proto != {{ tcp, udp }} update @{name} {{ {pair} . 0 . 0 }}")
    return "\n".join(lines) + "\n"


def _flush(turn: str) -> str:
    return f"flush set {_TABLE} seen_{turn}\nflush set {_TABLE} passed_{turn}\n"


def _current() -> str:
    """Which pair is counted into; empty: none."""
    try:
        chain = tool.run("nft", "list", "chain", *_TABLE.split(), "early")
    except EngineError:
        return ""
    return next((turn for turn in "ab" if f"@seen_{turn} " in chain), "")


def _counted(name: str) -> dict[_Key, tuple[int, int]]:
    """Packets and bytes."""
    found: dict[str, Any] = msgspec.json.decode(tool.run("nft", "-j", "-n", "list", "set", *_TABLE.split(), name))
    counted = {}
    for part in found["nftables"]:
        for element in part.get("set", {}).get("elem", ()):
            one = element["elem"]
            source, destination, protocol, source_port, destination_port = one["val"]["concat"]
            number = _PROTOCOLS.get(protocol, 0) if isinstance(protocol, str) else protocol
            key = (source, destination, number, int(source_port), int(destination_port))
            counted[key] = (one["counter"]["packets"], one["counter"]["bytes"])
    return counted
