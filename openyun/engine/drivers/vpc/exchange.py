"""The exchange: a network namespace of the cloud's own, where the uplinks of all its VPCs meet, and the host.

Public addresses are routed here, each to its VPC's uplink; the host routes them all to the exchange. So instances reach
each other's public addresses, and the host reaches them, while nothing that an instance sends arrives at the host or
goes on beyond it, unless the operator has opened the way to the internet.

The exchange is made with the first uplink and removed with the last. All verbs may be repeated.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Mapping
from pathlib import Path

from openyun.engine.compute import EngineError
from openyun.engine.drivers import namespace, tool
from openyun.engine.drivers.vpc import shaping
from openyun.engine.drivers.vpc.names import UPLINK, VPC_ADDRESS

EXCHANGE_ADDRESS = "169.254.77.3"
HOST_ADDRESS = "169.254.77.1"

_HOST_LINK = "host"
_SETTINGS = {
    "ip_forward": "1",
    "icmp_ratelimit": "0",
    **{f"conf/{which}/rp_filter": "0" for which in ("all", "default")},
    **{f"conf/{which}/send_redirects": "0" for which in ("all", "default")},
}
_NOT_INTERNET = (
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
    *("192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/3"),
)
"""what is not beyond the host, or not everybody's: the operator's own networks stay out of reach"""


class Exchange:
    def __init__(self, data: Path, internet: str = "") -> None:
        """`data` is the cloud's own folder; `internet` the block of public addresses that may go out to the internet,
        empty for none."""
        prefix = tool.instance_prefix(data)
        self.name = f"{prefix}-exchange"
        self._link = f"{prefix}hub"
        self._egress = f"{prefix}-egress"
        self._internet = internet
        self._lock = data / "exchange.lock"
        self.peerings_lock = data / "peerings.lock"

    def connected(self) -> set[str]:
        """Names of the uplinks that are there and lead somewhere: none if the host's link is gone."""
        if not namespace.exists(self.name) or not (namespace.interfaces_of_host() / self._link).exists():
            return set()
        return {name for name in namespace.inside(self.name, namespace.interfaces) if name.startswith("u")}

    def connect(self, network_id: str, home: str) -> None:
        """Give the VPC's namespace an uplink, unless it has one."""
        with tool.exclusively(self._lock):
            self._make()
            uplink = uplink_name(network_id)
            near = UPLINK in namespace.inside(home, namespace.interfaces)
            far = uplink in namespace.inside(self.name, namespace.interfaces)
            if near and far:
                return
            # One end alone is on its way out: the other one's namespace has lost its name, but not ended yet.
            for there, at, name in ((near, home, UPLINK), (far, self.name, uplink)):
                if there:
                    _delete(at, name)
            peer = f"{UPLINK} netns {namespace.FOLDER / home}"
            line = f"link add name {uplink} type veth peer name {peer}"
            namespace.inside(self.name, lambda: tool.ip([line]))

    def route(self, network_id: str, public: set[str], limits: Mapping[str, int]) -> None:
        """Lead exactly these public addresses to the VPC; `limits` in Mbit/s for some of them."""
        uplink = uplink_name(network_id)

        with tool.exclusively(self._lock):
            gone = namespace.inside(self.name, lambda: _routed(uplink)) - public
            # The host's route goes first and comes last: whatever is routed there has somewhere to go here.
            self._forget(gone)
            lines = [
                f"link set {uplink} up",
                f"addr replace {EXCHANGE_ADDRESS}/32 dev {uplink}",
                *(f"route del {address}/32 dev {uplink}" for address in sorted(gone)),
                *(f"route replace {one}/32 via {VPC_ADDRESS} dev {uplink} onlink" for one in sorted(public)),
            ]

            def lead() -> None:
                tool.ip(lines)
                shaping.apply(uplink, "dst", limits)

            namespace.inside(self.name, lead)
            way = f"via {EXCHANGE_ADDRESS} dev {self._link} onlink"
            namespace.on_host(lambda: tool.ip([f"route replace {one}/32 {way}" for one in sorted(public)]))

    def disconnect(self, network_id: str) -> None:
        """Take the VPC's uplink away, and with the last one all there is of the exchange."""
        uplink = uplink_name(network_id)

        with tool.exclusively(self._lock):
            present = namespace.inside(self.name, namespace.interfaces) if namespace.exists(self.name) else set()
            if uplink in present:
                self._forget(namespace.inside(self.name, lambda: _routed(uplink)))
                namespace.inside(self.name, lambda: tool.ip([f"link del {uplink}"]))
            if not any(name.startswith("u") and name != uplink for name in present):
                self._remove()

    def _make(self) -> None:
        namespace.create(self.name)
        far = _HOST_LINK in namespace.inside(self.name, namespace.interfaces)
        near = (namespace.interfaces_of_host() / self._link).exists()
        if near and far and namespace.inside(self.name, self._is_furnished):
            return
        if not (near and far):
            if near:
                with contextlib.suppress(EngineError):
                    namespace.on_host(lambda: tool.ip([f"link del {self._link}"]))
            if far:
                _delete(self.name, _HOST_LINK)
            peer = f"{_HOST_LINK} netns {namespace.FOLDER / self.name}"
            namespace.on_host(lambda: tool.ip([f"link add name {self._link} type veth peer name {peer}"]))

        def furnish() -> None:
            for name, value in _SETTINGS.items():
                Path("/proc/sys/net/ipv4", name).write_text(value)
            tool.run("nft", "-f", "-", stdin=self._rules())
            tool.ip(
                [
                    "link set lo up",
                    f"link set {_HOST_LINK} up",
                    f"addr replace {EXCHANGE_ADDRESS}/32 dev {_HOST_LINK}",
                    f"route replace {HOST_ADDRESS}/32 dev {_HOST_LINK}",
                    # The last step, by which a finished exchange is known. Answers to whoever asks through the host.
                    f"route replace default via {HOST_ADDRESS} dev {_HOST_LINK}",
                ]
            )

        up = [f"link set {self._link} up", f"addr replace {HOST_ADDRESS}/32 dev {self._link}"]
        namespace.on_host(lambda: tool.ip([*up, f"route replace {EXCHANGE_ADDRESS}/32 dev {self._link}"]))
        if self._internet:
            namespace.on_host(self._open_internet)
        namespace.inside(self.name, furnish)

    def _is_furnished(self) -> bool:
        return "0.0.0.0" in _routed(_HOST_LINK)  # noqa: S104  # the default route's destination

    def _rules(self) -> str:
        # A sender whose address is not routed to the uplink it came over is an impostor. (The kernel's own filter for
        # that would also refuse to resolve the addresses that all uplinks share.)
        outward = ""
        if self._internet:
            outward = f"""
    oifname "{_HOST_LINK}" ip daddr {{ {", ".join(_NOT_INTERNET)} }} reject with icmpx type admin-prohibited
    oifname "{_HOST_LINK}" accept"""
        return f"""table inet exchange
delete table inet exchange
table inet exchange {{
  chain forward {{
    type filter hook forward priority filter; policy drop;
    ct state established,related accept
    ct state invalid drop
    iifname "{_HOST_LINK}" accept
    iifname "u*" fib saddr . iif oif missing drop
    iifname "u*" oifname "u*" accept{outward}
    reject with icmpx type admin-prohibited
  }}
  chain input {{
    type filter hook input priority filter; policy drop;
    ct state established,related accept
  }}
}}
"""

    def _open_internet(self) -> None:
        """On the host: forward what comes from the exchange under the host's own address, and serve it nothing."""
        rules = f"""table inet {self._egress}
delete table inet {self._egress}
table inet {self._egress} {{
  chain input {{
    type filter hook input priority filter;
    iifname "{self._link}" ct state new drop
  }}
  chain postrouting {{
    type nat hook postrouting priority srcnat;
    oifname != "{self._link}" ip saddr {self._internet} masquerade
  }}
}}
"""
        tool.run("nft", "-f", "-", stdin=rules)
        Path("/proc/sys/net/ipv4/ip_forward").write_text("1")

    def _remove(self) -> None:
        def clear() -> None:
            if self._internet:
                tool.run("nft", "-f", "-", stdin=f"table inet {self._egress}\ndelete table inet {self._egress}\n")
            if (namespace.interfaces_of_host() / self._link).exists():
                tool.ip([f"link del {self._link}"])

        namespace.on_host(clear)
        namespace.remove(self.name)

    def _forget(self, addresses: set[str]) -> None:
        """Take the host's routes to these away, as far as there are any."""

        def forget() -> None:
            there = addresses & _routed(self._link)
            tool.ip([f"route del {address}/32 dev {self._link}" for address in sorted(there)])

        namespace.on_host(forget)


def _delete(at: str, interface: str) -> None:
    """The kernel may take it away at this moment."""
    with contextlib.suppress(EngineError):
        namespace.inside(at, lambda: tool.ip([f"link del {interface}"]))


def uplink_name(network_id: str) -> str:
    """The exchange's end of a VPC's uplink."""
    return "u" + tool.short_hash(network_id, 13)


def _routed(interface: str) -> set[str]:
    """Destinations of the routes over this interface, in the caller's namespace."""
    routes = (line.split() for line in Path("/proc/thread-self/net/route").read_text().splitlines()[1:])
    little_endian = (route[1] for route in routes if route[0] == interface)
    return {socket.inet_ntoa(bytes.fromhex(address)[::-1]) for address in little_endian}
