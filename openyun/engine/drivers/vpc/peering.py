"""Ways between VPCs: a veth pair for each peering, straight from the namespace of one VPC into the other's.

Either side makes the pair, as soon as both namespaces stand; each leads its own routes into it, and filters what comes
out of it. So the other VPC may be another region's, with a reconciler of its own. A pair that one side has just made
anew carries no alias at the other side, by which that one sees that its routes are to be led there again.

There are no addresses and no ARP on a pair: both hardware addresses follow from its name.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import msgspec

from openyun.engine.compute import EngineError
from openyun.engine.drivers import links, namespace, tool
from openyun.engine.network import Network, Peering, Route

BEYOND = "169.254.77.9"
"""nobody's address: what the hardware address at the other end is found by"""

_LEAST_BURST = 4 << 10
"""bytes; a packet as long as the MTU must fit"""
_QUEUE_SECONDS = 0.2
_LEAST_QUEUE = 16 << 10


class Peerings:
    """Of one region's VPCs, with those of all regions of the cloud."""

    def __init__(self, data: Path, lock: Path) -> None:
        """`data` is the region's folder, beside which those of other regions are; `lock` is the same for all."""
        self._data = data
        self._lock = lock
        self._wanted: dict[str, Network] = {}

    def possible(self, network: Network) -> Network:
        """The network with those peerings only whose other end stands."""
        self._wanted[network.id] = network
        there = tuple(one for one in network.peerings if namespace.exists(self._other(one)))
        return msgspec.structs.replace(network, peerings=there)

    def forget(self, network_id: str) -> None:
        self._wanted.pop(network_id, None)

    def broken(self, present: set[str]) -> set[str]:
        """Ids of those present networks with a peering that could be and is not."""
        wanted = [one for one in self._wanted.values() if one.peerings and one.id in present]
        look = cache(_ends)
        return {one.id for one in wanted if not self.are_led(self.possible(one), look)}

    def are_led(self, network: Network, look: Callable[[str], Mapping[str, str]] | None = None) -> bool:
        """Whether all peerings are what they should be. `look` is for who asks of many networks at once."""
        if not network.peerings:
            return True
        own = (look or _ends)(self._home(network.id))
        return all(
            own.get(end_name(one.id)) == _alias(one)
            and (self._is_there(one) if look is None else end_name(one.id) in look(self._other(one)))
            for one in network.peerings
        )

    def connect(self, network: Network) -> None:
        """Make the pairs that are missing."""
        home = self._home(network.id)
        for one in network.peerings:
            with tool.exclusively(self._lock):
                self._connect(home, network.id, one)

    def _connect(self, home: str, network_id: str, one: Peering) -> None:
        name, other = end_name(one.id), self._other(one)
        near, far = name in namespace.inside(home, namespace.interfaces), self._is_there(one)
        if near and far:
            return
        # One end alone: the other one's namespace has lost its name, but not ended yet.
        for there, at in ((near, home), (far, other)):
            if there:
                with contextlib.suppress(EngineError):
                    namespace.inside(at, lambda: tool.ip([f"link del {name}"]))
        ours = f"{name} address {_mac(one.id, network_id)}"
        theirs = f"{name} address {_mac(one.id, one.network_id)} netns {namespace.FOLDER / other}"
        namespace.inside(home, lambda: tool.ip([f"link add name {ours} type veth peer name {theirs}"]))

    def _is_there(self, one: Peering) -> bool:
        """Whether the other end is."""
        other = self._other(one)
        return namespace.exists(other) and end_name(one.id) in namespace.inside(other, namespace.interfaces)

    def _other(self, one: Peering) -> str:
        return self._home(one.network_id, one.region_id)

    def _home(self, network_id: str, region_id: str = "") -> str:
        data = self._data.parent / region_id if region_id else self._data
        return f"{tool.instance_prefix(data)}-network-{network_id}"


def _ends(home: str) -> Mapping[str, str]:
    """Aliases of the ends in a namespace, by their names."""
    if not namespace.exists(home):
        return {}

    def read() -> dict[str, str]:
        return {name: links.alias_of(name) for name in namespace.interfaces() if name.startswith("k")}

    return namespace.inside(home, read)


def end_name(peering_id: str) -> str:
    """Of both ends: they lie in different namespaces."""
    return "k" + tool.short_hash(peering_id, 13)


def furniture(network: Network, present: set[str]) -> list[str]:
    """Lines of `ip`, inside the VPC's namespace."""
    names = {end_name(one.id) for one in network.peerings}
    lines = [f"link del {name}" for name in sorted(present) if name.startswith("k") and name not in names]
    for one in network.peerings:
        name, mac = end_name(one.id), _mac(one.id, one.network_id)
        lines += [f"link set {name} up", f"neigh replace {BEYOND} lladdr {mac} dev {name} nud permanent"]
    return lines


def way(route: Route, network: Network) -> str:
    """The rest of the route's line of `ip route`."""
    if all(one.id != route.hop.peering_id for one in network.peerings):
        return "blackhole"
    return f"via {BEYOND} dev {end_name(route.hop.peering_id)} onlink"


def limit(network: Network) -> None:
    """Inside the namespace, when all else is done: bandwidth, and the alias that says that the peering is led."""
    for one in network.peerings:
        name, alias = end_name(one.id), links.alias_of(end_name(one.id))
        if alias == _alias(one):
            continue
        if one.kbit:
            rate = one.kbit * 1000 // 8
            burst, queue = max(_LEAST_BURST, rate // 100), max(_LEAST_QUEUE, int(rate * _QUEUE_SECONDS))
            shape = f"tbf rate {one.kbit}kbit burst {burst} limit {queue}"
            tool.run("tc", "qdisc", "replace", "dev", name, "root", *shape.split())
        elif alias:
            tool.run("tc", "qdisc", "del", "dev", name, "root")
        tool.ip([f"link set {name} alias {_alias(one)}"])


def clear(present: set[str]) -> list[str]:
    """Lines that take every end away: a namespace may live on for a while after its name is gone."""
    return [f"link del {name}" for name in sorted(present) if name.startswith("k")]


def chain(network: Network) -> Iterator[str]:
    """The nftables chain for what comes out of peerings: only from the other VPC, and only into a vSwitch."""
    yield '  chain peers {\n    oifname != "s*" drop'
    yield from _dropped([switch.cidr for switch in network.switches])
    for one in network.peerings:
        yield f'    iifname "{end_name(one.id)}" ip saddr {{ {", ".join(one.cidrs)} }} return'
    yield "    drop\n  }"


def outward(network: Network) -> Iterator[str]:
    """What may go into them: nothing that is meant for beyond the other VPC, or comes from beyond this one."""
    for one in network.peerings:
        yield f'    iifname "s*" oifname "{end_name(one.id)}" ip daddr {{ {", ".join(one.cidrs)} }} accept'
    yield '    oifname "k*" reject with icmpx type admin-prohibited'


def _dropped(cidrs: Sequence[str]) -> Iterator[str]:
    if cidrs:
        yield f"    ip saddr {{ {', '.join(sorted(cidrs))} }} drop"


def _alias(one: Peering) -> str:
    return f"led-{one.kbit}"


def _mac(peering_id: str, network_id: str) -> str:
    digits = tool.short_hash(f"{peering_id} {network_id}", 8)
    return "ee:fe:" + ":".join(digits[at : at + 2] for at in range(0, 8, 2))
