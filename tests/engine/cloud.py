"""Two engines on one data folder, specifications for them, and what the host still holds of them."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from openyun.engine.compute import Command, CommandEngine, ComputeEngine, Machine, Nic, Observed, Progress
from openyun.engine.disk import DiskEngine
from openyun.engine.drivers import guest_image, namespace, tool
from openyun.engine.drivers.runc import RuncCompute, RuncDisks
from openyun.engine.drivers.simulated import SimulatedCompute, SimulatedDisks, SimulatedNetwork
from openyun.engine.drivers.vpc import VpcNetwork
from openyun.engine.network import Group, Network, NetworkEngine, Port, Rule, Switch

SSH_FROM_ANYWHERE = Rule(
    direction="ingress", policy="accept", protocol="tcp", first_port=22, last_port=22, cidr="0.0.0.0/0"
)
# Public addresses are the host's: tests at the same time need different ones, a test and its processes the same.
_RUN = int(os.environ.setdefault("OPENYUN_TEST_RUN", str(os.getpid())))
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_SUBNET = (_RUN + _WORKER) % 256
_numbers = itertools.count(1)


@dataclass
class Cloud:
    kind: str
    data: Path
    network: NetworkEngine = field(init=False)
    compute: ComputeEngine = field(init=False)

    def __post_init__(self) -> None:
        self.restart_server()

    def restart_server(self) -> None:
        """New engine objects, as after a kill of the server: nothing is known but what is on the host."""
        if self.kind == "simulated":
            self.network, self.compute = SimulatedNetwork(self.data), SimulatedCompute(self.data)
            self.disks: DiskEngine = SimulatedDisks(self.data)
        else:
            vpc = VpcNetwork(self.data)
            self.network, self.compute = vpc, RuncCompute(self.data, guest_image.cache(), vpc)
            self.disks = RuncDisks(self.data, guest_image.cache())

    @property
    def prefix(self) -> str:
        return tool.instance_prefix(self.data)

    def seen(self, machine_id: str) -> Observed | None:
        return next((found for found in self.compute.observe() if found.id == machine_id), None)

    def launch(self, machine_id: str, script: str, **settings: Any) -> Command:
        command = Command(id=f"t-{next(_numbers)}", machine_id=machine_id, content=script.encode(), **settings)
        assert isinstance(self.compute, CommandEngine)
        self.compute.launch(command)
        return command

    def progress(self, command: Command) -> Progress:
        assert isinstance(self.compute, CommandEngine)
        return self.compute.progress(command.machine_id, command.id)

    def finish(self, command: Command) -> Progress:
        return wait_for(lambda: (now := self.progress(command)).state != "running" and now)

    def run(self, machine_id: str, script: str, **settings: Any) -> Progress:
        return self.finish(self.launch(machine_id, script, **settings))

    def reaches(self, machine_id: str, address: str, port: int = 22) -> bool:
        return self.run(machine_id, f"nc -z -w 1 {address} {port}").exit_code == 0

    def clear(self) -> None:
        for found in list(self.compute.observe()):
            self.compute.destroy(found.id)
        for network_id in list(self.network.observe()):
            self.network.destroy(network_id)
        for volume_id in list(self.disks.volumes()):
            self.disks.destroy(volume_id)
        for content_id in list(self.disks.contents()):
            self.disks.forget(content_id)

    def remains(self) -> list[str]:
        """Everything of this cloud on the host that is not a file of its data folder."""
        prefix = tool.instance_prefix(self.data)
        mounts = Path("/proc/self/mounts").read_text().splitlines()
        return [
            *(f"namespace {name}" for name in namespace.names(prefix)),
            *(f"interface {name}" for name in namespace.interfaces() if name.startswith(prefix)),
            *(f"mount {line}" for line in mounts if str(self.data) in line),
            *(f"process {line}" for line in processes(self.data, prefix)),
            # Not deeper: other clouds on this host come and go there.
            *(f"cgroup {path}" for pattern in (prefix, f"*/{prefix}") for path in Path("/sys/fs/cgroup").glob(pattern)),
            *(f"state {path}" for path in Path("/run").glob(prefix)),
            *(f"disk {file}" for file in self.shown_files()),
            *(f"numbers {path}" for path in numbers(prefix)),
        ]

    def shown_files(self) -> list[tuple[str, str]]:
        """Loop devices that show files of this cloud, and these files."""
        found = Path("/sys/block").glob("loop*/loop/backing_file")
        shown = ((path.parts[3], path.read_text().strip()) for path in found)
        return [(device, file) for device, file in shown if str(self.data) in file]

    def restart_host(self) -> None:
        """What a host that loses power does to everything but its disks."""
        prefix = tool.instance_prefix(self.data)
        for line in processes(self.data, prefix):
            subprocess.run(["kill", "-9", line.split()[0]], check=False)
        wait_for(lambda: not processes(self.data, prefix))
        for path in sorted(Path("/sys/fs/cgroup").glob(f"**/{prefix}/**/"), reverse=True):
            path.rmdir()
        for line in Path("/proc/self/mounts").read_text().splitlines():
            if str(self.data) in line:
                subprocess.run(["umount", line.split()[1]], check=True)
        for name in namespace.interfaces():
            if name.startswith(prefix):
                subprocess.run(["ip", "link", "del", name], check=True)
        for name in list(namespace.names(prefix)):
            subprocess.run(["ip", "netns", "del", name], check=True)
        for device, _ in self.shown_files():
            subprocess.run(["losetup", "-d", f"/dev/{device}"], check=True)
        for path in numbers(prefix):
            path.unlink()
        shutil.rmtree(f"/run/{prefix}", ignore_errors=True)
        self.restart_server()


def numbers(prefix: str) -> list[Path]:
    """Numbers of loop devices that this cloud has reserved."""
    found = []
    for path in Path("/run/openyun-loops").glob("*"):
        with contextlib.suppress(FileNotFoundError):  # another cloud's, which let go of it at this moment
            if prefix in str(path.readlink()):
                found.append(path)
    return found


def processes(data: Path, prefix: str) -> list[str]:
    """`PID command line` of the guests' processes and of the supervisors of their commands."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            guest = f"/{prefix}/" in (folder / "cgroup").read_text()
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            zombie = (folder / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
        except OSError:
            continue
        if not zombie and (guest or f"{data}/machines" in line):
            found.append(f"{folder.name} {line}")
    return found


def wait_for(condition: Callable[[], Any], seconds: float = 20.0) -> Any:
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)
    return answer


def connect(address: str, number: int) -> socket.socket | None:
    try:
        return socket.create_connection((address, number), timeout=0.5)
    except OSError:
        return None


def speaks_ssh(address: str) -> bool:
    """Whether our instance answers; a mere connection may be a proxy's beyond the host's default route."""
    try:
        with closing(connect(address, 22) or socket.socket()) as connection:
            return connection.recv(8).startswith(b"SSH-2.0-")
    except OSError:
        return False


def public(number: int) -> str:
    """A public address of this test process."""
    return f"198.18.{_SUBNET}.{number}"


def nic(number: int, network_id: str = "vpc-1", v_switch_id: str = "vsw-1", third: int = 0) -> Nic:
    address = f"192.168.{third}.{number}"
    # In every VPC the same MAC for the same address: isolation must not rest on luck.
    mac = f"00:16:3e:00:{third:02x}:{number:02x}"
    gateway = f"192.168.{third}.253"
    return Nic(network_id=network_id, v_switch_id=v_switch_id, mac=mac, address=address, prefix=24, gateway=gateway)


def machine(number: int = 10, **changes: Any) -> Machine:
    settings: dict[str, Any] = {
        "id": f"i-{number}",
        "hostname": f"host{number}",
        "image_id": guest_image.DEBIAN_12,
        "vcpus": 1,
        "memory_mib": 512,
        "power": "on",
        "nics": (nic(number),),
        **changes,
    }
    return Machine(**settings)


def port(number: int, *group_ids: str, public: str = "", interface: Nic | None = None) -> Port:
    return Port(machine_id=f"i-{number}", nic=interface or nic(number), group_ids=group_ids, public_address=public)


def network(*ports: Port, groups: tuple[Group, ...] = (), network_id: str = "vpc-1", subnets: int = 1) -> Network:
    switches = (
        Switch(id=f"vsw-{third + 1}", cidr=f"192.168.{third}.0/24", gateway=f"192.168.{third}.253")
        for third in range(subnets)
    )
    return Network(id=network_id, cidr="192.168.0.0/16", switches=tuple(switches), groups=groups, ports=ports)


def changed(spec: Machine, **changes: Any) -> Machine:
    return msgspec.structs.replace(spec, **changes)
