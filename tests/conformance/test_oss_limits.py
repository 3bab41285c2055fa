"""What must stay small stays small, and a disk that is full loses nothing."""

from __future__ import annotations

import os
import resource
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import oss2
import pytest

from tests.conformance.conftest import cloud_of
from tests.conformance.oss_clients import oss2_bucket
from tests.conftest import Server

MB = 1024 * 1024


class Stream:
    """Zeros that are made as they are read."""

    def __init__(self, size: int) -> None:
        self._left = size
        self.len = size

    def __len__(self) -> int:
        return self._left

    def read(self, size: int = -1) -> bytes:
        size = self._left if size < 0 else min(size, self._left)
        self._left -= size
        return bytes(size)


def resident(server: Server) -> int:
    """Bytes of memory that are the process's own: what it maps of files is the system's."""
    assert server.process is not None
    lines = Path(f"/proc/{server.process.pid}/status").read_text().splitlines()
    (kilobytes,) = (int(line.split()[1]) for line in lines if line.startswith("RssAnon:"))
    return kilobytes * 1024


def test_memory_does_not_grow_with_objects_or_idle_clients(own_server: Server) -> None:
    bucket = oss2_bucket(cloud_of(own_server, own_server.account()))
    bucket.create_bucket()
    bucket.put_object("warm", bytes(4 * MB))
    before = resident(own_server)
    size = 300 * MB
    bucket.put_object("large", Stream(size))
    upload_id = bucket.init_multipart_upload("parts").upload_id
    bucket.upload_part("parts", upload_id, 1, Stream(size))
    got = 0
    for chunk in bucket.get_object("large"):
        got += len(chunk)
    assert got == size
    assert resident(own_server) - before < 40 * MB
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 1200:
        pytest.skip("this process may not open 1,000 sockets")
    before = resident(own_server)
    with ExitStack() as stack:
        for _ in range(1000):
            sock = stack.enter_context(socket.create_connection(("127.0.0.1", own_server.port), timeout=30))
            sock.sendall(b"GET /")
        assert bucket.get_object("warm").read() == bytes(4 * MB)
        assert resident(own_server) - before < 20 * MB


@pytest.fixture
def tight(tmp_path: Path) -> Iterator[Server]:
    """A cloud on a disk of 48 MB."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount")
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", place], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no mount here: {mounted.stderr.decode().strip()}")
    made = Server(place / "cloud")
    try:
        made.start()
        yield made
        made.stop()
    finally:
        if made.process is not None and made.process.poll() is None:
            made.kill()
        subprocess.run(["umount", place], check=True)


def test_a_full_disk_is_told_and_loses_nothing(tight: Server) -> None:
    bucket = oss2_bucket(cloud_of(tight, tight.account()))
    bucket.create_bucket()
    kept: dict[str, bytes] = {}
    refused: list[int] = []
    for number in range(40):
        key, body = f"o{number}", os.urandom(5 * MB if number % 2 else 8000)
        try:
            bucket.put_object(key, body)
            kept[key] = body
        except oss2.exceptions.ServerError as problem:
            refused.append(problem.status)
            if len(refused) == 3:
                break
    assert refused, "40 objects found room"
    assert set(refused) <= {500, 503, 507}
    assert {key: bucket.get_object(key).read() for key in kept} == kept
    # Where room is made, the next one is taken.
    large = [key for key, body in kept.items() if len(body) > MB]
    for key in large[:2]:
        bucket.delete_object(key)
        del kept[key]
    bucket.put_object("again", bytes(MB))
    tight.kill()
    tight.start()
    assert {key: bucket.get_object(key).read() for key in kept} == kept
    assert bucket.get_object("again").read() == bytes(MB)
