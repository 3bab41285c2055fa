"""Disks of machines: what every driver does, and what is real where machines run."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from openyun.engine.compute import EngineError, Machine, Plugged
from openyun.engine.disk import Capture, UnreadableImage, Volume
from openyun.engine.drivers import guest_image
from openyun.engine.drivers.runc import loops
from tests.engine.cloud import Cloud, machine, network, wait_for

FIRST = Plugged(volume_id="d-1", slot=0)
KEEP = "dd of=/dev/vdb bs=1 seek=4096 conv=notrunc,fsync 2>/dev/null"
READ = "dd if=/dev/vd{} bs=1 skip=4096 count=5 2>/dev/null"


@pytest.fixture
def running(real: Cloud) -> Cloud:
    real.network.ensure(network())
    real.disks.ensure(Volume(id="d-1", size=1))
    real.compute.ensure(machine(disks=(FIRST,)))
    return real


def said(cloud: Cloud, script: str, machine_id: str = "i-10") -> str:
    done = cloud.run(machine_id, script)
    assert done.exit_code == 0, done.output
    return done.output.decode().strip()


def test_volumes_and_contents_come_and_go(cloud: Cloud) -> None:
    for _ in range(2):
        cloud.disks.ensure(Volume(id="d-1", size=1))
        cloud.disks.capture("", (Capture(content_id="s-1", volume_id="d-1"),))
    cloud.disks.ensure(Volume(id="d-2", size=2, content="s-1"))
    cloud.disks.unpack("s-2", cloud.disks.pack("s-1"))
    assert (sorted(cloud.disks.volumes()), sorted(cloud.disks.contents())) == (["d-1", "d-2"], ["s-1", "s-2"])
    cloud.restart_server()
    assert (sorted(cloud.disks.volumes()), sorted(cloud.disks.contents())) == (["d-1", "d-2"], ["s-1", "s-2"])
    for _ in range(2):
        cloud.disks.destroy("d-1")
        cloud.disks.destroy("d-2")
        cloud.disks.forget("s-1")
        cloud.disks.forget("s-2")
    assert (list(cloud.disks.volumes()), list(cloud.disks.contents())) == ([], [])


def test_a_disk_is_plugged_into_a_running_machine_and_pulled_out(running: Cloud) -> None:
    said(running, f"test -b /dev/vdb && printf hello | {KEEP}")
    running.disks.ensure(Volume(id="d-2", size=2))
    running.compute.ensure(machine(disks=(FIRST, Plugged(volume_id="d-2", slot=3))))
    assert said(running, "blockdev --getsize64 /dev/vdb /dev/vde").split() == [str(1 << 30), str(2 << 30)]
    running.disks.ensure(Volume(id="d-1", size=5))
    running.compute.ensure(machine(disks=(FIRST,)))
    told = said(running, "blockdev --getsize64 /dev/vdb; test -e /dev/vde || echo gone")
    assert told.split() == [str(5 << 30), "gone"]
    running.compute.ensure(machine(11, disks=()))
    running.compute.ensure(machine())
    running.compute.ensure(machine(11, disks=(FIRST,)))
    assert said(running, READ.format("b"), "i-11") == "hello"


def test_a_machine_reaches_no_disk_of_another(running: Cloud) -> None:
    running.compute.ensure(machine(11))
    number = loops.reserve(f"{running.prefix}-machine-i-10")
    script = f"mknod /dev/stolen b {loops.MAJOR} {number} && dd if=/dev/stolen count=1 of=/dev/null"
    assert running.run("i-10", script).exit_code == 0
    stolen = running.run("i-11", script)
    assert stolen.exit_code != 0
    assert b"Operation not permitted" in stolen.output


def test_a_new_epoch_begins_again(running: Cloud) -> None:
    said(running, f"printf hello | {KEEP}; touch /root/file")
    running.disks.capture("i-10", (Capture(content_id="s-1", volume_id="d-1"),))
    said(running, f"printf other | {KEEP}")
    running.compute.ensure(machine(disks=(FIRST,), power="off"))
    running.disks.ensure(Volume(id="d-1", size=1, epoch=1, content="s-1"))
    running.compute.ensure(machine(disks=(FIRST,), boots=2, system_epoch=1))
    assert said(running, READ.format("b") + "; [ ! -e /root/file ]") == "hello"


def test_a_machine_lies_over_the_layers_of_another(running: Cloud) -> None:
    said(running, "echo one >/root/file; rm /usr/bin/curl; mv /srv /srv2; ln /root/file /root/link")
    running.disks.capture("i-10", (Capture(content_id="s-1"),))
    running.compute.ensure(machine(11, layers=("s-1",)))
    look = "cat /root/file /etc/hostname; ls -d /usr/bin/curl /srv /srv2 2>/dev/null || true"
    assert said(running, look, "i-11").split() == ["one", "host11", "/srv2"]
    said(running, "echo two >>/root/file", "i-11")
    running.disks.capture("i-11", (Capture(content_id="s-2"),))
    running.disks.capture("i-11", (Capture(content_id="s-3", over=("s-1",), image_id=guest_image.DEBIAN_12),))
    for number, settings in ((12, {"layers": ("s-2", "s-1")}), (13, {"layers": ("s-3",), "image_id": ""})):
        running.compute.ensure(machine(number, **settings))
        assert said(running, look, f"i-{number}").split() == ["one", "two", f"host{number}", "/srv2"]


def test_fstab_counts_at_the_next_start(running: Cloud) -> None:
    said(running, "mkfs.ext4 -q -L data /dev/vdb; echo 'LABEL=data /data ext4 defaults 0 2' >>/etc/fstab")
    assert running.run("i-10", "mkdir /data; mount /data").exit_code != 0, "only the runtime mounts"
    running.compute.ensure(machine(disks=(FIRST,), boots=2))
    assert said(running, "stat -f -c %T /data; echo kept >/data/file; sync") == "ext2/ext3"
    running.disks.capture("i-10", (Capture(content_id="s-1", volume_id="d-1"),))
    running.disks.ensure(Volume(id="d-2", size=1, content="s-1"))
    # Pulled out while it is mounted, and the other one, of the same label, is there at the next start.
    running.compute.ensure(machine(disks=(), boots=2))
    assert said(running, "test -e /dev/vdb || echo gone") == "gone"
    running.compute.ensure(machine(disks=(Plugged(volume_id="d-2", slot=1),), boots=3))
    assert said(running, "cat /data/file") == "kept"


def test_a_broken_file_system_keeps_no_machine_from_starting(running: Cloud) -> None:
    said(running, "mkfs.ext4 -q /dev/vdb; echo '/dev/vdb /data ext4 defaults 0 2' >>/etc/fstab")
    said(running, "dd if=/dev/urandom of=/dev/vdb bs=4096 seek=1 count=5000 conv=notrunc,fsync 2>/dev/null")
    running.compute.ensure(machine(disks=(FIRST,), boots=2))
    assert said(running, "echo up") == "up"


CAPTURER = """
import sys
from pathlib import Path
from openyun.engine.disk import Capture
from tests.engine.cloud import Cloud
cloud = Cloud("runc", Path(sys.argv[1]))
print("begins", flush=True)
cloud.disks.capture("i-10", (Capture(content_id="s-1"), Capture(content_id="s-2", volume_id="d-1")))
"""


@pytest.mark.parametrize("after", [0.0, 0.02, 0.1, 0.3])
def test_a_killed_capture_lets_the_machine_go_on_and_is_repeated(running: Cloud, after: float) -> None:
    said(running, f"printf hello | {KEEP}; dd if=/dev/urandom of=/root/big bs=1M count=100 2>/dev/null")
    server = subprocess.Popen([sys.executable, "-c", CAPTURER, str(running.data)], stdout=subprocess.PIPE)
    assert server.stdout
    server.stdout.readline()
    time.sleep(after)
    os.kill(server.pid, signal.SIGKILL)
    server.wait()
    server.stdout.close()
    running.restart_server()
    assert said(running, "echo awake") == "awake"
    running.disks.capture("i-10", (Capture(content_id="s-1"), Capture(content_id="s-2", volume_id="d-1")))
    assert running.disks.size_of("s-1") > 100 << 20
    running.disks.ensure(Volume(id="d-2", size=1, content="s-2"))
    running.compute.ensure(machine(disks=(FIRST, Plugged(volume_id="d-2", slot=1))))
    assert said(running, READ.format("c")) == "hello"


def test_disks_are_there_again_after_a_restart_of_the_host(running: Cloud) -> None:
    said(running, f"printf hello | {KEEP}")
    wanted: Machine = machine(disks=(FIRST,))
    running.restart_host()
    running.network.ensure(network())
    running.compute.ensure(wanted)
    assert said(running, READ.format("b")) == "hello"


def image(folder: Path, kind: str) -> bytes:
    """A root file system with /etc/os-release in one of the formats that are read."""
    root, file = folder / "root", folder / "image"
    for part in ("etc", "usr/bin", "dev"):
        (root / part).mkdir(parents=True)
    (root / "bin").symlink_to("usr/bin")
    (root / "usr/bin/sh").write_text("no shell")
    (root / "etc/os-release").write_text('ID=x\nPRETTY_NAME="Test Linux 1"\n')
    if kind == "tar":
        subprocess.run(["tar", "-C", str(root), "-czf", str(file), "."], check=True)
    elif kind == "squashfs":
        subprocess.run(["mksquashfs", str(root), str(file), "-quiet", "-no-progress"], check=True, capture_output=True)
    else:
        subprocess.run(["mkfs.ext4", "-q", "-d", str(root), str(file), "20M"], check=True)
    content = file.read_bytes()
    if kind == "partitioned":
        entry = bytes([0, 0, 0, 0, 0x83, 0, 0, 0]) + (2048).to_bytes(4, "little")
        entry += (len(content) // 512).to_bytes(4, "little")
        return bytes(446) + entry + bytes(48) + b"\x55\xaa" + bytes(2047 * 512) + content
    return content + b"conectix" + bytes(504) if kind == "vhd" else content


@pytest.mark.parametrize("kind", ["tar", "squashfs", "raw", "partitioned", "vhd"])
def test_a_foreign_image_becomes_a_root_file_system(real: Cloud, tmp_path: Path, kind: str) -> None:
    content = image(tmp_path, kind)
    for _ in range(2):
        received = real.disks.receive("s-1", iter([content[:1000], content[1000:]]))
        assert (received.os_name, received.size) == ("Test Linux 1", 5 if kind in ("tar", "squashfs") else 1)
    assert (real.data / "contents/s-1/tree/usr/bin/sh").read_text() == "no shell"


def test_what_is_no_image_is_told_so(real: Cloud, tmp_path: Path) -> None:
    for content in (b"", b"noise" * 1000, b"QFI\xfb" + bytes(5000)):
        with pytest.raises(UnreadableImage):
            real.disks.receive("s-1", iter([content]))


def test_an_export_is_read_again(running: Cloud) -> None:
    said(running, "echo exported >/root/file")
    running.disks.capture("i-10", (Capture(content_id="s-1"),))
    received = running.disks.receive("s-2", running.disks.export(("s-1",), guest_image.DEBIAN_12, 2))
    assert (received.size, received.os_name.startswith("Debian")) == (2, True)
    running.compute.ensure(machine(11, layers=("s-2",), image_id=""))
    assert said(running, "cat /root/file", "i-11") == "exported"
    wait_for(lambda: not list((running.data / "exports").iterdir()))


def test_an_image_reaches_no_file_of_the_host(real: Cloud, tmp_path: Path) -> None:
    """Two names in one directory become one: a link out of the image, and a file that would be written through it."""
    victim = tmp_path / "victim"
    victim.write_text("as it was")
    tree = tmp_path / "hostile"
    (tree / "bin").mkdir(parents=True)
    (tree / "etc").mkdir()
    (tree / "bin/sh").write_text("#!")
    (tree / "same-a").symlink_to(victim)
    (tree / "same-b").write_text("overwritten")
    raw = tmp_path / "hostile.raw"
    with raw.open("wb") as file:
        file.truncate(16 << 20)
    subprocess.run(["mkfs.ext4", "-q", "-O", "^metadata_csum,^dir_index", "-d", tree, raw], check=True)
    content = raw.read_bytes()
    for once in (content.replace(b"same-b", b"same-a"), content.replace(b"same-a", b"same-b")):
        with contextlib.suppress(EngineError):
            real.disks.receive("s-1", iter([once]))
        assert victim.read_text() == "as it was"
        real.disks.forget("s-1")


def test_a_link_is_no_disk(real: Cloud, tmp_path: Path) -> None:
    """It would show the disk of somebody else."""
    (tmp_path / "disk.raw").symlink_to("/etc/passwd")
    archive = tmp_path / "image.tar.gz"
    subprocess.run(["tar", "-C", tmp_path, "-czf", archive, "disk.raw"], check=True)
    with pytest.raises(UnreadableImage, match="no file"):
        real.disks.receive("s-1", iter([archive.read_bytes()]))


def test_what_a_kill_left_of_an_export_is_gone_with_the_next_server(running: Cloud) -> None:
    running.disks.capture("i-10", (Capture(content_id="s-1"),))
    exports = running.data / "exports"
    under_way = running.disks.export(("s-1",), guest_image.DEBIAN_12, 1)
    next(under_way)
    (left,) = (path for path in exports.iterdir() if not path.suffix)
    running.restart_server()
    assert left.exists(), "it is under way"
    under_way.close()
    left.mkdir()
    (left / "disk.raw").touch()
    running.restart_server()
    assert list(exports.iterdir()) == []
