"""What interfaces are called inside a VPC's namespace, and how nftables sets are written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from openyun.engine.drivers.tool import short_hash

UPLINK = "up0"
VPC_ADDRESS = "169.254.77.2"
"""the VPC's end of its uplink; every uplink has only two neighbours, so all use the same pair"""
METADATA_ADDRESS = "100.100.100.200"
PROVIDER_SERVICES = "100.64.0.0/10"


def port_name(mac: str) -> str:
    """The VPC's end of an instance's interface."""
    return "p" + short_hash(mac.lower(), 12)


def switch_name(v_switch_id: str) -> str:
    """The bridge of a vSwitch."""
    return "s" + short_hash(v_switch_id, 12)


def named(kind: str, name: str, type_: str, elements: Iterable[str]) -> Iterator[str]:
    """A set or a map of an nftables table."""
    yield f"  {kind} {name} {{"
    yield f"    type {type_}"
    listed = ", ".join(sorted(set(elements)))
    if listed:
        yield f"    elements = {{ {listed} }}"
    yield "  }"
