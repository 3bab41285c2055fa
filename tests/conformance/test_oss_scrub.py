"""`yun oss scrub`: it finds every byte that rotted or went, whoever holds it, and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import oss2
import oss2.models
import pytest

from tests.conformance.conftest import cloud_of
from tests.conformance.oss_clients import oss2_bucket
from tests.conftest import Server


@pytest.fixture
def bucket(own_server: Server) -> oss2.Bucket:
    made = oss2_bucket(cloud_of(own_server, own_server.account()))
    made.create_bucket()
    return made


def scrub(server: Server) -> tuple[int, list[dict[str, Any]], dict[str, Any]]:
    """Exit status, findings and sums."""
    environment = {**os.environ, "OPENYUN_DATA": str(server.data), "OPENYUN_PORT": str(server.port)}
    command = [sys.executable, "-m", "openyun", "oss", "scrub", "--json"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    lines = [json.loads(line) for line in ended.stdout.splitlines()]
    (sums,) = (one["sums"] for one in lines if "sums" in one)
    return ended.returncode, [one for one in lines if "sums" not in one], sums


def files(server: Server) -> list[Path]:
    """Of blobs, the largest first."""
    found = [one for one in server.data.glob("regions/*/blobs/??/*") if one.is_file()]
    assert found, list(server.data.glob("regions/*/*"))
    return sorted(found, key=lambda one: -one.stat().st_size)


def test_a_sound_store_has_nothing_to_tell(own_server: Server, bucket: oss2.Bucket) -> None:
    bucket.put_bucket_versioning(oss2.models.BucketVersioningConfig("Enabled"))
    for key, size in (("small", 10), ("small", 11), ("large", 300_000), ("empty", 0), ("gone", 100_000)):
        bucket.put_object(key, os.urandom(size))
    bucket.put_object("sealed", os.urandom(70_000), headers={"x-oss-server-side-encryption": "AES256"})
    bucket.put_symlink("large", "link")
    bucket.copy_object(bucket.bucket_name, "large", "copied")
    bucket.delete_object("gone")
    upload_id = bucket.init_multipart_upload("parts").upload_id
    parts = [
        oss2.models.PartInfo(number, bucket.upload_part("parts", upload_id, number, os.urandom(size)).etag)
        for number, size in ((1, 150_000), (2, 50))
    ]
    bucket.complete_multipart_upload("parts", upload_id, parts)
    status, findings, sums = scrub(own_server)
    assert (status, findings) == (0, [])
    assert sums["objects"] == 9
    assert sums["bytes"] == 10 + 11 + 300_000 * 2 + 100_000 + 70_000 + 150_050


def test_what_rotted_and_what_is_gone_is_found(own_server: Server, bucket: oss2.Bucket) -> None:
    for key, size in (("rots", 500_000), ("shrinks", 400_000), ("goes", 300_000), ("stays", 200_000)):
        bucket.put_object(key, os.urandom(size))
    upload_id = bucket.init_multipart_upload("parts").upload_id
    bucket.upload_part("parts", upload_id, 1, os.urandom(150_000))
    rots, shrinks, goes, _, part = files(own_server)
    for one in (rots, part):
        one.chmod(0o600)
        with one.open("r+b") as file:
            file.seek(100_000)
            byte = file.read(1)[0]
            file.seek(100_000)
            file.write(bytes([byte ^ 1]))
    os.truncate(shrinks, 399_999)
    goes.unlink()
    orphan = rots.with_name(rots.name[:2] + "0" * 30)
    orphan.write_bytes(b"nobody's")
    os.utime(orphan, (time.time() - 7200,) * 2)
    status, findings, _ = scrub(own_server)
    told = {one.get("key") or one["blob_id"]: one["kind"] for one in findings}
    assert told == {
        "rots": "damaged",
        "shrinks": "unreadable",
        "goes": "missing",
        "parts": "damaged",
        orphan.name: "orphan",
    }
    assert {one.get("upload_id") for one in findings if one.get("key") == "parts"} == {upload_id}
    assert status == 1
