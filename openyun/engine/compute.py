"""What runs instances. A driver satisfies `ComputeEngine`, and whichever smaller protocols it can.

Every verb may be repeated: the second time it changes nothing. Every verb may be interrupted by SIGKILL at any
point: repeating it finishes the work. Calls for one machine never overlap; calls for different machines may.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, Protocol, runtime_checkable

import msgspec

Power = Literal["on", "off"]


class EngineError(Exception):
    """The engine could not do it now; the reconciler will try again and shows the text to the operator."""


class Nic(msgspec.Struct, frozen=True, kw_only=True):
    """One network interface of a machine, plugged into a vSwitch of a VPC network."""

    network_id: str
    v_switch_id: str
    mac: str
    address: str
    """private IPv4 address, without prefix"""
    secondary_addresses: tuple[str, ...] = ()
    """further private IPv4 addresses of the same vSwitch"""
    prefix: int
    gateway: str
    index: int = 0
    """inside the machine it is eth0, eth1, ...; the default route goes over eth0"""

    @property
    def addresses(self) -> tuple[str, ...]:
        return self.address, *self.secondary_addresses


class Plugged(msgspec.Struct, frozen=True, kw_only=True):
    """A data disk that a machine has."""

    volume_id: str
    slot: int
    """0 to 15: inside the machine the device is /dev/vdb, /dev/vdc, ..."""


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """What an instance should be. The driver makes it so."""

    id: str
    hostname: str
    image_id: str
    """the platform's image that the system disk lies over; empty: the lowest layer is a whole root file system"""
    layers: tuple[str, ...] = ()
    """contents (see `engine.disk`) between the image and what the machine itself changes, top first"""
    system_epoch: int = 0
    """raised to begin again: a machine whose system disk has a lower one gets an empty one when it next starts"""
    disks: tuple[Plugged, ...] = ()
    """data disks; they come and go while it runs"""
    vcpus: int
    memory_mib: int
    power: Power
    boots: int = 1
    """raised by a reboot: a machine that runs with a lower count is restarted"""
    stop_timeout: float = 10.0
    """seconds a guest may take to shut down before it is ended; 0 ends it at once"""
    nics: tuple[Nic, ...] = ()
    nameservers: tuple[str, ...] = ("100.100.2.136", "100.100.2.138")
    search_domain: str = ""
    """where names without a dot are looked for"""
    user_data: bytes = b""
    """run once, at first boot, if it begins with #!"""
    authorized_keys: tuple[str, ...] = ()
    password_hash: str = ""
    """crypt(3) hash for root; empty locks password login"""
    login_epoch: int = 0
    """raised when hostname, keys or password change: a machine set up with a lower number is set up again on start"""


class Observed(msgspec.Struct, frozen=True, kw_only=True):
    """A machine as the driver finds it on the host."""

    id: str
    power: Power
    boots: int
    started_at: float = 0.0
    """seconds since the epoch; 0 when it does not run"""
    powered_off: bool = False
    """it is off because its own guest said so, and not by an accident or a reboot from inside"""
    severed: bool = False
    """it runs without its interfaces: its network was taken away; `ensure` connects it again"""


class ComputeEngine(Protocol):
    """Runs instances."""

    name: str
    simulated: bool

    @property
    def absence(self) -> str:
        """Why no machine can run here, in a sentence for who asks for one; empty if one can."""
        ...

    def observe(self) -> Iterator[Observed]:
        """Every machine this engine holds anything of, running or not."""
        ...

    def ensure(self, machine: Machine) -> None:
        """Make the machine exist with this power and boot count. Returns when it runs (or has stopped)."""
        ...

    def destroy(self, machine_id: str) -> None:
        """Leave nothing of the machine: process, mounts, disk, interfaces."""
        ...

    def halt(self) -> None:
        """Stop all machines and keep their disks, as a host that is shut down does."""
        ...


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """A Cloud Assistant command to run inside a machine."""

    id: str
    machine_id: str
    content: bytes
    interpreter: tuple[str, ...] = ("/bin/sh",)
    """the script's path is appended"""
    working_directory: str = ""
    username: str = "root"
    timeout: float = 60.0


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a command has come."""

    state: Literal["absent", "running", "finished", "timeout", "stopped"]
    exit_code: int | None = None
    output: bytes = b""
    """standard output and standard error as they came; at most the last 24 KiB"""
    dropped: int = 0
    """bytes before `output` that were cut off"""
    started_at: float = 0.0
    finished_at: float = 0.0
    error: str = ""


@runtime_checkable
class CommandEngine(Protocol):
    """Runs commands inside machines. A command outlives the server: `progress` finds it after a restart."""

    def launch(self, command: Command) -> None:
        """Start it, unless a command of this id was ever started on the machine. Does not wait."""
        ...

    def progress(self, machine_id: str, command_id: str) -> Progress: ...

    def cancel(self, machine_id: str, command_id: str) -> None: ...


@runtime_checkable
class WatchEngine(Protocol):
    """Notices when machines end."""

    def watch(self, ended: Callable[[], None]) -> None:
        """Call `ended`, in a thread of the engine's, whenever a machine ended that nobody asked to."""
        ...


@runtime_checkable
class ConsoleEngine(Protocol):
    """Shows what a machine wrote to its console."""

    def console(self, machine_id: str) -> bytes:
        """The last 64 KiB."""
        ...
