"""The VPC network driver: for each VPC a network namespace, with a bridge for each vSwitch."""

from __future__ import annotations

import contextlib
import hashlib
import ipaddress
import socket
from collections.abc import Iterator
from pathlib import Path

from openyun.engine.compute import EngineError, Nic
from openyun.engine.drivers import namespace, tool
from openyun.engine.drivers.vpc import ruleset
from openyun.engine.drivers.vpc.ruleset import METADATA_ADDRESS, UPLINK
from openyun.engine.network import Network

# The two ends of every uplink. Each link has only these two neighbours, so all VPCs can use the same pair.
HOST_ADDRESS = "169.254.77.1"
VPC_ADDRESS = "169.254.77.2"

# Of the VPC's namespace only. Unlimited ICMP errors: a guest should learn at once that nobody is there.
SETTINGS = {"ipv4/ip_forward": "1", "ipv4/icmp_ratelimit": "0", "bridge/bridge-nf-call-iptables": "1"}


class VpcNetwork:
    """Satisfies NetworkEngine, PlugEngine and ListenEngine on a Linux host, as root.

    What is loaded is remembered only in the kernel: the uplink's alias holds a digest of it, and goes with it. So
    a killed server, a restarted host or a deleted namespace can never leave a memory that is wrong.
    """

    name = "vpc"
    simulated = False

    def __init__(self, data: Path) -> None:
        self._prefix = tool.instance_prefix(data)
        self._namespaces = f"{self._prefix}-network-"
        self._locks = data / "networks"
        self._locks.mkdir(mode=0o700, parents=True, exist_ok=True)

    def observe(self) -> Iterator[str]:
        for name in namespace.names(self._namespaces):
            yield name.removeprefix(self._namespaces)

    def ensure(self, network: Network) -> None:
        rules = ruleset.render(network)
        public = {port.public_address for port in network.ports if port.public_address}
        digest = hashlib.sha256(repr((rules, network.switches, sorted(public))).encode()).hexdigest()
        if _alias(self._uplink(network.id)) == digest:
            return
        with tool.exclusively(self._locks / network.id):
            self._build(network, rules, public, digest)

    def destroy(self, network_id: str) -> None:
        uplink = self._uplink(network_id)
        with tool.exclusively(self._locks / network_id):
            # A socket of ours may keep the namespace for a while; what is on the host goes now.
            if _interface(uplink).exists():
                tool.ip([f"link del {uplink}"])
            namespace.remove(self._namespaces + network_id)
            (self._locks / network_id).unlink(missing_ok=True)

    def halt(self) -> None:
        for network_id in list(self.observe()):
            self.destroy(network_id)

    def plug(self, machine_id: str, nic: Nic, namespace: str) -> None:
        """See PlugEngine; `namespace` is a name in /run/netns."""
        home = self._namespaces + nic.network_id
        if not _plugged(home, nic, namespace):
            with tool.exclusively(self._locks / nic.network_id):
                _plug(home, nic, namespace)

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

    def _build(self, network: Network, rules: str, public: set[str], digest: str) -> None:
        uplink = self._uplink(network.id)
        home = self._namespaces + network.id
        namespace.create(home)
        if not _interface(uplink).exists():
            tool.ip([f"link add name {uplink} type veth peer name {UPLINK} netns {home}"])

        def furnish() -> None:
            # Before the first interface is up: no packet passes unfiltered.
            tool.run("nft", "-f", "-", stdin=rules)
            for name, value in SETTINGS.items():
                Path("/proc/sys/net", name).write_text(value)
            tool.ip(_furniture(network, namespace.interfaces()))

        tool.ip([f"link set {uplink} up", f"addr replace {HOST_ADDRESS}/32 dev {uplink}"])
        namespace.inside(home, furnish)
        tool.ip(
            [
                *(f"route del {address}/32 dev {uplink}" for address in _routed(uplink) - public - {HOST_ADDRESS}),
                *(f"route replace {address}/32 via {VPC_ADDRESS} dev {uplink} onlink" for address in sorted(public)),
                f"link set {uplink} alias {digest}",
            ]
        )

    def _uplink(self, network_id: str) -> str:
        return self._prefix + tool.short_hash(network_id, 7)


def _furniture(network: Network, present: set[str]) -> list[str]:
    wanted = {ruleset.switch_name(switch.id): switch for switch in network.switches}
    lines = [
        "link set lo up",
        f"addr replace {METADATA_ADDRESS}/32 dev lo",
        f"link set {UPLINK} up",
        f"addr replace {VPC_ADDRESS}/32 dev {UPLINK}",
        f"route replace {HOST_ADDRESS}/32 dev {UPLINK}",
        f"route replace default via {HOST_ADDRESS} dev {UPLINK}",
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
    return lines


def _plugged(home: str, nic: Nic, machine: str) -> bool:
    # The default route is the last thing that a plugged interface gets.
    present = namespace.inside(home, namespace.interfaces)
    return ruleset.port_name(nic.mac) in present and namespace.inside(machine, _has_default_route)


def _plug(home: str, nic: Nic, machine: str) -> None:
    port = ruleset.port_name(nic.mac)
    present = namespace.inside(home, namespace.interfaces)

    def attach() -> None:
        if port in present:
            # It belongs to a namespace of the machine that is going; the kernel may take it away at this moment.
            with contextlib.suppress(EngineError):
                tool.ip([f"link del {port}"])
        ours = f"{port} master {ruleset.switch_name(nic.v_switch_id)} up"
        theirs = f"{guest} address {nic.mac} netns {machine}"
        tool.ip([f"link add name {ours} type veth peer name {theirs}"])

    def configure() -> None:
        tool.ip(
            [
                "link set lo up",
                f"addr add {nic.address}/{nic.prefix} dev {guest}",
                f"link set {guest} up",
                f"route add default via {nic.gateway} dev {guest}" + ("" if guest == "eth0" else " metric 100"),
            ]
        )

    taken = namespace.inside(machine, namespace.interfaces)
    guest = "eth0" if port in present else next(name for name in map("eth{}".format, range(16)) if name not in taken)
    namespace.inside(home, attach)
    namespace.inside(machine, configure)


def _has_default_route() -> bool:
    routes = Path("/proc/thread-self/net/route").read_text().splitlines()[1:]
    return any(line.split()[1] == "00000000" for line in routes)


def _routed(interface: str) -> set[str]:
    """Destinations of the host's routes over this interface."""
    routes = (line.split() for line in Path("/proc/net/route").read_text().splitlines()[1:])
    little_endian = (route[1] for route in routes if route[0] == interface)
    return {socket.inet_ntoa(bytes.fromhex(address)[::-1]) for address in little_endian}


def _gateway_mac(v_switch_id: str) -> str:
    digits = tool.short_hash(v_switch_id, 8)
    return "ee:ff:" + ":".join(digits[at : at + 2] for at in range(0, 8, 2))


def _interface(name: str) -> Path:
    return Path("/sys/class/net", name)


def _alias(interface: str) -> str:
    try:
        return (_interface(interface) / "ifalias").read_text().strip()
    except OSError:
        return ""
