"""The OCI bundle of a machine: its `config.json`, and the seed folder that its init reads."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Any

import msgspec

from openyun.engine.compute import Machine
from openyun.engine.drivers import namespace, place, tool
from openyun.engine.drivers.runc import fstab, loops

GUEST_SEED = "/run/openyun"

# What Docker gives a container: root inside owns its files, processes and ports, and nothing of the host.
CAPABILITIES = [
    "CAP_" + name
    for name in (
        *("AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE"),
        *("NET_RAW", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"),
    )
]
MASKED = [
    *("/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug"),
    *("/proc/scsi", "/proc/timer_list", "/proc/timer_stats", "/sys/devices/virtual/powercap", "/sys/firmware"),
]
READ_ONLY = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]

# Without a capability these are refused already; a user namespace would hand out all of them, so none is allowed.
REFUSED = [
    *("add_key", "bpf", "fsconfig", "fsmount", "fsopen", "fspick", "io_uring_enter", "io_uring_register"),
    *("io_uring_setup", "kcmp", "kexec_file_load", "kexec_load", "keyctl", "mount_setattr", "move_mount"),
    *("open_by_handle_at", "open_tree", "perf_event_open", "pidfd_getfd", "process_madvise", "request_key", "setns"),
    *("userfaultfd", "vmsplice"),
]
NEW_USER_NAMESPACE = 0x10000000
PERMISSION_DENIED, NO_SUCH_CALL = 1, 38
ARCHITECTURES = {
    "x86_64": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
    "aarch64": ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"],
}

PROCESSES_PER_MACHINE = 4096
CPU_PERIOD = 100_000


class Places(msgspec.Struct, frozen=True, kw_only=True):
    """Where on the host the machine's parts are."""

    folder: Path
    """its root file system is `root` in it"""
    network_namespace: str
    cgroup: str
    first_device: int
    """the number of the loop device of slot 0"""


def device_name(slot: int) -> str:
    """Of a data disk, in /dev."""
    return "vd" + "bcdefghijklmnopqrstuvwxyz"[slot]


def write(machine: Machine, places: Places) -> None:
    """Write `config.json` and `seed/` into the machine's folder."""
    seed = places.folder / "seed"
    seed.mkdir(mode=0o700, exist_ok=True)
    for name, content in _seed(machine).items():
        (seed / name).write_bytes(content)
    (places.folder / "config.json").write_bytes(msgspec.json.encode(_config(machine, places)))


def _seed(machine: Machine) -> dict[str, bytes]:
    addresses = [f"{nic.address} {machine.hostname}" for nic in machine.nics[:1]]
    hosts = ["127.0.0.1 localhost", "::1 localhost ip6-localhost", *addresses]
    texts = {
        "hostname": machine.hostname + "\n",
        "hosts": "\n".join(hosts) + "\n",
        "resolv.conf": "".join(f"nameserver {address}\n" for address in machine.nameservers)
        + (f"search {machine.search_domain}\n" if machine.search_domain else "")
        + "options timeout:2 attempts:3 rotate single-request-reopen\n",
        "authorized_keys": "".join(key.strip() + "\n" for key in machine.authorized_keys),
        "password": f"root:{machine.password_hash or '*'}\n",
        "password_login": "yes\n" if machine.password_hash else "no\n",
        "login_epoch": f"{machine.login_epoch}\n",
        "machine_id": f"{machine.id}\n",
        "init": Path(__file__).with_name("guest_init.sh").read_text(),
    }
    runs = machine.user_data.startswith(b"#!")
    return {name: text.encode() for name, text in texts.items()} | {"user_data": machine.user_data if runs else b""}


def _config(machine: Machine, places: Places) -> dict[str, Any]:
    # An image that a customer brought may lack tini; then its shell takes in orphans.
    init = ["/usr/bin/tini", "--"] if (places.folder / "root/usr/bin/tini").exists() else []
    return {
        "ociVersion": "1.0.2",
        "hostname": machine.hostname,
        "root": {"path": str(places.folder / "root")},
        "process": {
            "user": {"uid": 0, "gid": 0},
            "cwd": "/",
            "args": [*init, "/bin/sh", f"{GUEST_SEED}/init"],
            "env": [f"PATH={tool.PATH}", "HOME=/root", "LANG=C.UTF-8"],
            "capabilities": dict.fromkeys(("bounding", "effective", "permitted"), CAPABILITIES),
            "noNewPrivileges": False,
        },
        "mounts": [*_mounts(places.folder), *fstab.mounts(places.folder / "root", _devices(machine, places))],
        "linux": {
            "namespaces": [
                *({"type": kind} for kind in ("pid", "mount", "uts", "ipc")),
                {"type": "network", "path": str(namespace.FOLDER / places.network_namespace)},
            ],
            "devices": [_device(f"/dev/{device_name(disk.slot)}", places, disk.slot) for disk in machine.disks],
            **(_limits(machine, places) if place.LIMITS else {}),
            "maskedPaths": MASKED,
            "readonlyPaths": READ_ONLY,
            "seccomp": _seccomp(),
        },
    }


def _limits(machine: Machine, places: Places) -> dict[str, Any]:
    disks = ({"allow": True, "access": "rwm", **_number(places, slot)} for slot in range(loops.SLOTS))
    return {
        "cgroupsPath": places.cgroup,
        "resources": {
            "devices": [{"allow": False, "access": "rwm"}, *disks],
            "memory": {"limit": machine.memory_mib << 20},
            "cpu": {"quota": machine.vcpus * CPU_PERIOD, "period": CPU_PERIOD},
            "pids": {"limit": PROCESSES_PER_MACHINE},
        },
    }


def _devices(machine: Machine, places: Places) -> dict[str, int]:
    return {f"/dev/{device_name(disk.slot)}": places.first_device + disk.slot for disk in machine.disks}


def _number(places: Places, slot: int) -> dict[str, Any]:
    return {"type": "b", "major": loops.MAJOR, "minor": places.first_device + slot}


def _device(path: str, places: Places, slot: int) -> dict[str, Any]:
    return {"path": path, "fileMode": 0o660, "uid": 0, "gid": 0, **_number(places, slot)}


def _mounts(folder: Path) -> list[dict[str, Any]]:
    def of(kind: str, where: str, *options: str, source: str = "") -> dict[str, Any]:
        return {"destination": where, "type": kind, "source": source or kind, "options": ["nosuid", *options]}

    return [
        of("proc", "/proc", "noexec", "nodev"),
        of("tmpfs", "/dev", "strictatime", "mode=755", "size=65536k"),
        of("devpts", "/dev/pts", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"),
        of("tmpfs", "/dev/shm", "noexec", "nodev", "mode=1777"),  # noqa: S108 (a mount point, not a file of ours)
        of("mqueue", "/dev/mqueue", "noexec", "nodev"),
        of("sysfs", "/sys", "noexec", "nodev", "ro"),
        of("tmpfs", "/run", "nodev", "mode=755"),
        of("bind", GUEST_SEED, "noexec", "nodev", "bind", "ro", source=str(folder / "seed")),
    ]


def _seccomp() -> dict[str, Any]:
    def refuse(names: list[str], errno: int, *args: dict[str, Any]) -> dict[str, Any]:
        return {"names": names, "action": "SCMP_ACT_ERRNO", "errnoRet": errno, "args": list(args)}

    asks_for_user_namespace = {
        "index": 0,
        "value": NEW_USER_NAMESPACE,
        "valueTwo": NEW_USER_NAMESPACE,
        "op": "SCMP_CMP_MASKED_EQ",
    }
    return {
        "defaultAction": "SCMP_ACT_ALLOW",
        "architectures": ARCHITECTURES.get(platform.machine(), []),
        "syscalls": [
            refuse(REFUSED, PERMISSION_DENIED),
            refuse(["clone", "unshare"], PERMISSION_DENIED, asks_for_user_namespace),
            # clone3 takes its flags from memory, where no filter can look; the C library then falls back to clone.
            refuse(["clone3"], NO_SUCH_CALL),
        ],
    }
