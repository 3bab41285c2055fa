"""`yun oss import`, from a second cloud, over S3 and over OSS."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import oss2
import pytest

from openyun.cli.importing.copying import Import, Tally
from openyun.cli.importing.journal import Journal
from openyun.cli.importing.sources import Found, OssSource, Place, open_source
from tests.conformance.conftest import Cloud, cloud_of
from tests.conformance.oss_clients import bucket_name, oss2_bucket
from tests.conformance.s3_clients import s3_client
from tests.conftest import Server

pytest.importorskip("minio", reason="minio is not installed")

SCHEMES = ["s3", "oss"]


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The cloud from which one moves."""
    made = Server(tmp_path_factory.mktemp("elsewhere"))
    made.start()
    yield made
    made.stop()


@pytest.fixture
def theirs(elsewhere: Server) -> tuple[Cloud, oss2.Bucket]:
    cloud = cloud_of(elsewhere, elsewhere.new_account())
    bucket = oss2_bucket(cloud)
    bucket.create_bucket()
    return cloud, bucket


def command(server: Server, scheme: str, cloud: Cloud, bucket: str, goal: str, *more: str) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "OPENYUN_DATA": str(server.data),
        "OPENYUN_IMPORT_ACCESS_KEY_ID": cloud.access_key_id,
        "OPENYUN_IMPORT_ACCESS_KEY_SECRET": cloud.access_key_secret,
    }
    words = ["oss", "import", "--from", f"{scheme}://{bucket}", "--endpoint", f"http://{cloud.endpoint}"]
    return subprocess.Popen(
        [sys.executable, "-m", "openyun", *words, "--to", f"oss://{goal}", *more],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> str:
    said, problems = process.communicate(timeout=120)
    assert process.returncode == 0, f"{said}\n{problems}"
    return said


@pytest.mark.parametrize("scheme", SCHEMES)
def test_everything_arrives(server: Server, theirs: tuple[Cloud, oss2.Bucket], scheme: str) -> None:
    cloud, bucket = theirs
    names = ["a", "dir/", "dir//double", "dir/ä b+c&d", "empty"]
    for name in names:
        bucket.put_object(name, b"" if name == "empty" else name.encode() * 1000)
    bucket.put_object(
        "told",
        b"1",
        headers={
            "x-oss-meta-colour": "blue",
            "Content-Type": "text/plain",
            "Cache-Control": "no-cache",
            "x-oss-storage-class": "IA",
        },
    )
    upload = bucket.init_multipart_upload("parts").upload_id
    part = bucket.upload_part("parts", upload, 1, b"in parts")
    bucket.complete_multipart_upload("parts", upload, [oss2.models.PartInfo(1, part.etag)])
    goal = bucket_name()
    said = finish(command(server, scheme, cloud, bucket.bucket_name, goal))
    assert "7 objects copied" in said
    account = server.account()
    ours = oss2_bucket(cloud_of(server, account), goal)
    for name in names:
        assert ours.get_object(name).read() == (b"" if name == "empty" else name.encode() * 1000)
    assert ours.get_object("parts").read() == b"in parts"
    headers = ours.head_object("told").headers
    assert (headers["x-oss-meta-colour"], headers["Content-Type"], headers["Cache-Control"]) == (
        "blue",
        "text/plain",
        "no-cache",
    )
    assert headers["x-oss-storage-class"] == "IA"
    bucket.put_object("a", b"changed")
    said = finish(command(server, scheme, cloud, bucket.bucket_name, goal))
    assert re.search(r"\b1 objects copied.*6 were there already", said), said
    assert ours.get_object("a").read() == b"changed"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_who_was_interrupted_goes_on(server: Server, theirs: tuple[Cloud, oss2.Bucket], scheme: str) -> None:
    cloud, bucket = theirs
    total = 150
    for number in range(total):
        bucket.put_object(f"{number:04}", b"%d" % number)
    goal = bucket_name()
    ours = oss2_bucket(cloud_of(server, server.account()), goal)
    ours.create_bucket()
    process = command(server, scheme, cloud, bucket.bucket_name, goal, "--jobs", "1")
    while len(ours.list_objects(max_keys=5).object_list) < 5:
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    there = len(ours.list_objects(max_keys=1000).object_list)
    said = finish(command(server, scheme, cloud, bucket.bucket_name, goal))
    copied = int(said.split()[0])
    assert 0 <= total - there - copied <= 1, f"{there} were there, and {said}"  # one may have been on its way
    assert len(ours.list_objects(max_keys=1000).object_list) == total
    assert ours.get_object("0149").read() == b"149"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_one_prefix_becomes_another(server: Server, theirs: tuple[Cloud, oss2.Bucket], scheme: str) -> None:
    cloud, bucket = theirs
    for name in ("in/a", "in/b", "out"):
        bucket.put_object(name, b"1")
    goal = bucket_name()
    assert "2 objects copied" in finish(command(server, scheme, cloud, f"{bucket.bucket_name}/in/", f"{goal}/new/"))
    ours = oss2_bucket(cloud_of(server, server.account()), goal)
    assert [one.key for one in ours.list_objects().object_list] == ["new/a", "new/b"]


def test_what_cannot_be_read_is_told(server: Server, theirs: tuple[Cloud, oss2.Bucket]) -> None:
    cloud, bucket = theirs
    process = command(server, "s3", cloud.with_key(cloud.access_key_id, "wrong"), bucket.bucket_name, bucket_name())
    _, problems = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "SignatureDoesNotMatch" in problems
    assert "Traceback" not in problems


class Failing:
    """A source whose connection breaks for good at one of its reads."""

    def __init__(self, source: Any, broken: int) -> None:
        self.source = source
        self.broken = broken
        self.starts: list[int] = []

    def list(self) -> Iterator[Found]:
        found: Iterator[Found] = self.source.list()
        return found

    @contextmanager
    def open(self, key: str, start: int = 0, length: int = 0) -> Iterator[Any]:
        if start >= self.broken:
            raise ConnectionResetError
        if length > 1:
            self.starts.append(start)
        with self.source.open(key, start, length) as opened:
            yield opened


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_large_object_goes_on_where_it_stopped(
    server: Server, theirs: tuple[Cloud, oss2.Bucket], scheme: str, tmp_path: Path
) -> None:
    cloud, bucket = theirs
    content = os.urandom(1_000_000)
    bucket.put_object("big", content, headers={"x-oss-meta-a": "b"})
    account = server.account()
    target = OssSource(place("oss", cloud_of(server, account), bucket_name()))
    target.bucket.create_bucket()
    runs: list[tuple[list[int], Tally]] = []
    for broken in (500_000, 10_000_000, 10_000_000):
        source = Failing(open_source(place(scheme, cloud, bucket.bucket_name)), broken)
        journal = Journal(tmp_path, "an import")
        tally = Import(source, target, journal, whole=100_000, part=200_000).run(2, lambda tally: None)
        journal.close()
        runs.append((source.starts, tally))
    assert sorted(set(runs[0][0])) == [0, 200_000, 400_000]
    assert runs[0][1].failures == 1
    assert runs[1][0] == [600_000, 800_000], "only what was missing"
    assert (runs[2][0], runs[2][1].same) == ([], 1), "its ETag is another here, and known"
    found = target.bucket.get_object("big")
    assert found.read() == content
    assert found.headers["x-oss-meta-a"] == "b"


def place(scheme: str, cloud: Cloud, bucket: str) -> Place:
    return Place(
        scheme=scheme,
        bucket=bucket,
        prefix="",
        endpoint=f"http://{cloud.endpoint}",
        access_key_id=cloud.access_key_id,
        access_key_secret=cloud.access_key_secret,
    )


def test_what_vanished_meanwhile_is_no_failure(
    server: Server, theirs: tuple[Cloud, oss2.Bucket], tmp_path: Path
) -> None:
    cloud, bucket = theirs
    bucket.put_object("a", b"1")
    source = open_source(place("s3", cloud, bucket.bucket_name))
    listed = list(source.list())
    bucket.delete_object("a")
    target = OssSource(place("oss", cloud_of(server, server.account()), bucket_name()))
    target.bucket.create_bucket()
    source.list = lambda: iter(listed)  # type: ignore[method-assign]
    tally = Import(source, target, Journal(tmp_path, "an import"), whole=100, part=100).run(1, lambda tally: None)
    assert (tally.gone, tally.copied, tally.failures) == (1, 0, 0)
    assert s3_client(cloud).list_objects_v2(Bucket=bucket.bucket_name)["KeyCount"] == 0
