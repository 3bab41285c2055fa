"""The VPC network driver: for each VPC a network namespace, with a bridge for each vSwitch."""

from __future__ import annotations

import contextlib
import hashlib
import ipaddress
import socket
from collections.abc import Iterator
from pathlib import Path

from openyun.engine.compute import EngineError, Nic
from openyun.engine.drivers import links, namespace, tool
from openyun.engine.drivers.vpc import flows, peering, plug, routing, ruleset, shaping
from openyun.engine.drivers.vpc.exchange import EXCHANGE_ADDRESS, Exchange, uplink_name
from openyun.engine.drivers.vpc.names import METADATA_ADDRESS, UPLINK, VPC_ADDRESS, switch_name
from openyun.engine.network import Flow, Network

# Of the VPC's namespace only. Unlimited ICMP errors: a guest should learn at once that nobody is there. Which sender
# may use which address, the rules of the bridge know better than the routes.
SETTINGS = {
    "ipv4/ip_forward": "1",
    "ipv4/icmp_ratelimit": "0",
    "bridge/bridge-nf-call-iptables": "1",
    **{f"ipv4/conf/{which}/{what}": "0" for which in ("all", "default") for what in ("rp_filter", "send_redirects")},
}


class VpcNetwork:
    """Satisfies NetworkEngine, PlugEngine, ListenEngine and FlowEngine on a Linux host, as root.

    What is loaded is remembered only in the kernel: the uplink's alias holds a digest of it, and goes with it. So
    a killed server, a restarted host or a deleted namespace can never leave a memory that is wrong.
    """

    name = "vpc"
    simulated = False

    def __init__(self, data: Path, exchange: Exchange | None = None) -> None:
        """`exchange` is where the cloud's other regions meet, too; without one, a region has its own."""
        self._prefix = tool.instance_prefix(data)
        self._namespaces = f"{self._prefix}-network-"
        self._locks = data / "networks"
        self._locks.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._exchange = exchange or Exchange(data)
        self._peerings = peering.Peerings(data, self._exchange.peerings_lock)

    def observe(self) -> Iterator[str]:
        for name in namespace.names(self._namespaces):
            yield name.removeprefix(self._namespaces)

    def broken(self) -> set[str]:
        connected = self._exchange.connected()
        present = set(self.observe())
        lonely = {network_id for network_id in present if uplink_name(network_id) not in connected}
        return lonely | self._peerings.broken(present - lonely)

    def ensure(self, network: Network) -> None:
        network = self._peerings.possible(network)
        rules = ruleset.render(network)
        public = {port.public_address for port in network.ports if port.public_address}
        public |= {one.address for one in network.addresses}
        limits = shaping.limits(network)
        routes = routing.rules(network), routing.routes(network, EXCHANGE_ADDRESS)
        what = (rules, network.switches, sorted(public), limits, routes, network.peerings)
        digest = hashlib.sha256(repr(what).encode()).hexdigest()
        home = self._namespaces + network.id
        loaded = namespace.inside(home, lambda: links.alias_of(UPLINK)) if namespace.exists(home) else ""
        stands = loaded == digest and uplink_name(network.id) in self._exchange.connected()
        if stands and self._peerings.are_led(network):
            return
        with tool.exclusively(self._locks / network.id):
            namespace.create(home)
            self._exchange.connect(network.id, home)
            self._peerings.connect(network)
            self._forget(network.id)  # what is half changed is not what it was
            namespace.inside(home, lambda: _furnish(network, rules))
            self._exchange.route(network.id, public, limits)
            namespace.inside(home, lambda: peering.limit(network))
            namespace.inside(home, lambda: links.set_alias(UPLINK, digest))

    def destroy(self, network_id: str) -> None:
        with tool.exclusively(self._locks / network_id):
            self._forget(network_id)
            # A socket of ours may keep the namespace for a while; what is on the host goes now.
            self._exchange.disconnect(network_id)
            self._peerings.forget(network_id)
            home = self._namespaces + network_id
            if namespace.exists(home):
                namespace.inside(home, lambda: tool.ip(peering.clear(namespace.interfaces())))
            namespace.remove(home)
            (self._locks / network_id).unlink(missing_ok=True)

    def _forget(self, network_id: str) -> None:
        """What is loaded, so that the next `ensure` loads all of it, should this be cut off."""
        home = self._namespaces + network_id
        if namespace.exists(home):
            with contextlib.suppress(OSError):  # there is no uplink that could remember
                namespace.inside(home, lambda: links.set_alias(UPLINK, "changing"))

    def halt(self) -> None:
        for network_id in list(self.observe()):
            self.destroy(network_id)

    def plug(self, machine_id: str, nic: Nic, namespace: str) -> None:
        """See PlugEngine; `namespace` is a name in /run/netns."""
        home = self._namespaces + nic.network_id
        if not plug.is_plugged(home, nic, namespace):
            with tool.exclusively(self._locks / nic.network_id):
                plug.plug(home, nic, namespace)

    def unplug(self, machine_id: str, kept: tuple[Nic, ...], namespace: str) -> None:
        """See PlugEngine."""
        plug.unplug(namespace, kept)

    def listen(self, network_id: str, address: str, port: int) -> socket.socket:
        """See ListenEngine. The socket keeps working for the namespace it was made in: listen again after `ensure`
        made a destroyed network anew."""

        def make() -> socket.socket:
            listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            try:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind((address, port))
                listener.listen(128)
                listener.setblocking(False)
            except OSError:
                listener.close()
                raise
            return listener

        return namespace.inside(self._namespaces + network_id, make)

    def count_flows(self, network_id: str, wanted: bool) -> None:
        """See FlowEngine."""
        home = self._namespaces + network_id
        if namespace.exists(home):
            with tool.exclusively(self._locks / network_id):
                namespace.inside(home, flows.start if wanted else flows.stop)
        elif wanted:
            raise EngineError(f"the network {network_id} does not stand")

    def flows(self, network_id: str) -> list[Flow]:
        """See FlowEngine."""
        if not namespace.exists(self._namespaces + network_id):
            return []
        with tool.exclusively(self._locks / network_id):
            return namespace.inside(self._namespaces + network_id, flows.read)


def _furnish(network: Network, rules: str) -> None:
    # Before the first interface is up: no packet passes unfiltered.
    tool.run("nft", "-f", "-", stdin=rules)
    for name, value in SETTINGS.items():
        Path("/proc/sys/net", name).write_text(value)
    tool.ip(_furniture(network, namespace.interfaces()))
    routing.apply(network, EXCHANGE_ADDRESS)
    shaping.apply(UPLINK, "src", shaping.limits(network))


def _furniture(network: Network, present: set[str]) -> list[str]:
    wanted = {switch_name(switch.id): switch for switch in network.switches}
    lines = [
        "link set lo up",
        f"addr replace {METADATA_ADDRESS}/32 dev lo",
        f"link set {UPLINK} up",
        f"addr replace {VPC_ADDRESS}/32 dev {UPLINK}",
        f"route replace {EXCHANGE_ADDRESS}/32 dev {UPLINK}",
        f"route replace default via {EXCHANGE_ADDRESS} dev {UPLINK}",
    ]
    for name, switch in wanted.items():
        if name not in present:
            # An address of its own: a bridge without one takes that of its lowest port, and changes it with its ports.
            lines.append(
                f"link add {name} address {_gateway_mac(switch.id)} type bridge forward_delay 0 mcast_snooping 0"
            )
        prefix = ipaddress.ip_network(switch.cidr).prefixlen
        lines += [f"addr replace {switch.gateway}/{prefix} dev {name}", f"link set {name} up"]
    lines += [f"link del {name}" for name in present if name.startswith("s") and name not in wanted]
    return lines + peering.furniture(network, present)


def _gateway_mac(v_switch_id: str) -> str:
    digits = tool.short_hash(v_switch_id, 8)
    return "ee:ff:" + ":".join(digits[at : at + 2] for at in range(0, 8, 2))
