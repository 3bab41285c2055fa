"""What was acknowledged is there after SIGKILL, and a region with broken state fails alone."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path

import oss2
import pytest
import requests

from tests.conformance.conftest import Cloud, cloud_of
from tests.conformance.oss_clients import oss2_bucket
from tests.conftest import Server


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path / "cloud")
    made.start()
    yield made
    made.kill()


def body_of(name: str, edition: int) -> bytes:
    """Different for each name and edition; small and large ones."""
    seed = hashlib.sha256(f"{name} {edition}".encode()).digest()
    return seed * (1 if edition % 2 else 20_000)


def test_sigkill_loses_nothing_that_was_acknowledged(own_server: Server) -> None:
    cloud = cloud_of(own_server, own_server.account())
    bucket = oss2_bucket(cloud)
    bucket.create_bucket()
    acknowledged: dict[str, int] = {}
    enough = threading.Event()

    def write(worker: int) -> None:
        mine = oss2_bucket(cloud, bucket.bucket_name)
        try:
            for edition in range(1, 10_000):
                name = f"w{worker}/{edition % 7}"
                mine.put_object(name, body_of(name, edition))
                acknowledged[name] = edition
                if sum(acknowledged.values()) > 200:
                    enough.set()
        except oss2.exceptions.RequestError:
            return  # the server is gone

    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    assert enough.wait(60)
    own_server.kill()
    for writer in writers:
        writer.join()
    own_server.start()
    for name, edition in acknowledged.items():
        # The one after may have been committed without the client hearing of it; nothing older may be.
        assert bucket.get_object(name).read() in (body_of(name, edition), body_of(name, edition + 7))
    leftovers = list((own_server.data / "regions" / "cn-hangzhou" / "blobs" / "incoming").iterdir())
    assert leftovers == []


def test_a_bucket_half_made_or_half_deleted_is_finished_by_repeating(own_server: Server) -> None:
    """The name is in one state, the bucket in another: what a crash leaves between them."""
    cloud = cloud_of(own_server, own_server.account())
    beijing = oss2_bucket(cloud, region="cn-beijing")
    beijing.create_bucket()
    own_server.kill()
    for file in (own_server.data / "state").glob("cn-beijing.db*"):
        file.unlink()
    own_server.start()
    with pytest.raises(oss2.exceptions.NoSuchBucket):
        beijing.get_bucket_info()
    beijing.create_bucket()
    beijing.put_object("k", b"1")
    beijing.delete_object("k")
    own_server.kill()
    for file in (own_server.data / "state").glob("cn-beijing.db*"):
        file.unlink()
    own_server.start()
    with pytest.raises(oss2.exceptions.NoSuchBucket):
        beijing.delete_bucket()
    oss2_bucket(cloud, beijing.bucket_name).create_bucket()


def test_a_region_with_broken_state_fails_alone(own_server: Server) -> None:
    cloud = cloud_of(own_server, own_server.account())
    near, far = oss2_bucket(cloud), oss2_bucket(cloud, region="cn-beijing")
    for bucket in (near, far):
        bucket.create_bucket()
        bucket.put_object("k", b"1")
    own_server.kill()
    for file in (own_server.data / "state").glob("cn-beijing.db*"):
        file.unlink()
    (own_server.data / "state" / "cn-beijing.db").write_bytes(b"this is no database" * 1000)
    own_server.start()
    assert near.get_object("k").read() == b"1"
    assert {one.name for one in service_of(cloud).list_buckets().buckets} == {near.bucket_name, far.bucket_name}
    answer = requests.get(far.sign_url("GET", "k", 60), timeout=30)
    assert (answer.status_code, "<Code>ServiceUnavailable</Code>" in answer.text) == (503, True)


def service_of(cloud: Cloud) -> oss2.Service:
    return oss2.Service(oss2.make_auth(cloud.access_key_id, cloud.access_key_secret), f"http://{cloud.endpoint}")
