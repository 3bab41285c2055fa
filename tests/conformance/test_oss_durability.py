"""What was acknowledged is there after SIGKILL, and a region with broken state fails alone."""

from __future__ import annotations

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import oss2
import pytest
import requests

from tests.conformance.conftest import Cloud, cloud_of, eventually
from tests.conformance.oss_clients import bucket_name, oss2_bucket
from tests.conftest import Server


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


def test_who_overwrites_and_who_reads_never_see_a_mixture(cloud: Cloud) -> None:
    bucket = oss2_bucket(cloud)
    bucket.create_bucket()
    bodies = [bytes([65 + number]) * (400_000 + number) for number in range(8)]
    bucket.put_object("k", bodies[0])

    def write(number: int) -> None:
        mine = oss2_bucket(cloud, bucket.bucket_name)
        for turn in range(10):
            mine.put_object("k", bodies[(number + turn) % 8])

    def read(_: int) -> bool:
        mine = oss2_bucket(cloud, bucket.bucket_name)
        return all(mine.get_object("k").read() in bodies for _ in range(20))

    with ThreadPoolExecutor(8) as pool:
        writers = [pool.submit(write, number) for number in range(4)]
        readers = [pool.submit(read, number) for number in range(4)]
        assert all(reader.result() for reader in readers)
        for writer in writers:
            writer.result()


def test_appends_at_once_follow_one_another(cloud: Cloud) -> None:
    bucket = oss2_bucket(cloud)
    bucket.create_bucket()

    def append(number: int) -> int:
        mine = oss2_bucket(cloud, bucket.bucket_name)
        position = done = 0
        while done < 5:
            try:
                position = mine.append_object("log", position, bytes([number]) * 100).next_position
                done += 1
            except oss2.exceptions.PositionNotEqualToLength as behind:
                position = behind.next_position
        return done

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(append, range(4))) == 20
    log = bucket.get_object("log").read()
    records = [log[start : start + 100] for start in range(0, len(log), 100)]
    assert sorted(records) == sorted(bytes([number]) * 100 for number in range(4) for _ in range(5))


def test_one_of_two_accounts_gets_a_name(cloud: Cloud, other_cloud: Cloud) -> None:
    name = bucket_name()

    def make(maker: Cloud) -> str:
        try:
            oss2_bucket(maker, name).create_bucket()
        except oss2.exceptions.ServerError as refused:
            return str(refused.code)
        return "made"

    with ThreadPoolExecutor(4) as pool:
        outcomes = set(zip([cloud, other_cloud] * 4, pool.map(make, [cloud, other_cloud] * 4), strict=True))
    assert {outcome for _, outcome in outcomes} == {"made", "BucketAlreadyExists"}
    assert len(outcomes) == 2, "each account got one answer, again and again"


def service_of(cloud: Cloud) -> oss2.Service:
    return oss2.Service(oss2.make_auth(cloud.access_key_id, cloud.access_key_secret), f"http://{cloud.endpoint}")


def test_sigkill_during_completions_leaves_the_upload_or_the_object(own_server: Server) -> None:
    cloud = cloud_of(own_server, own_server.account())
    bucket = oss2_bucket(cloud)
    bucket.create_bucket()
    parts = [b"a" * 102_400, b"b" * 102_401, b"c"]
    uploads = {}
    for number in range(40):
        name = f"k{number:02}"
        upload_id = bucket.init_multipart_upload(name).upload_id
        etags = [bucket.upload_part(name, upload_id, place, data).etag for place, data in enumerate(parts, 1)]
        uploads[name] = upload_id, [oss2.models.PartInfo(place, etag) for place, etag in enumerate(etags, 1)]
    acknowledged = set()
    enough = threading.Event()

    def complete(name: str) -> None:
        try:
            oss2_bucket(cloud, bucket.bucket_name).complete_multipart_upload(name, *uploads[name])
        except oss2.exceptions.RequestError:
            return  # the server is gone
        acknowledged.add(name)
        if len(acknowledged) >= 10:
            enough.set()

    with ThreadPoolExecutor(4) as pool:
        for name in uploads:
            pool.submit(complete, name)
        assert enough.wait(60)
        own_server.kill()
    own_server.start()
    for name, (upload_id, listed) in uploads.items():
        if bucket.object_exists(name):
            with pytest.raises(oss2.exceptions.NoSuchUpload):
                bucket.list_parts(name, upload_id)
        else:
            assert name not in acknowledged
            bucket.complete_multipart_upload(name, upload_id, listed)
        assert bucket.get_object(name).read() == b"".join(parts)
    stat = bucket.get_bucket_stat()
    assert (stat.object_count, stat.multi_part_upload_count) == (40, 0)
    assert stat.storage_size_in_bytes == 40 * len(b"".join(parts))


def test_sigkill_during_replication_and_lifecycle_is_made_good(own_server: Server) -> None:
    """Each object is old or new, at its source and its destination; and what was begun is finished."""
    cloud = cloud_of(own_server, own_server.account())
    source, far = oss2_bucket(cloud), oss2_bucket(cloud, region="cn-beijing")
    source.create_bucket()
    far.create_bucket()
    kept = {f"kept/{number:02}": body_of(str(number), number) for number in range(40)}
    for name, body in kept.items():
        source.put_object(name, body)
        source.put_object(f"old/{name}", b"1" * 20_000)
    where = oss2.models.ReplicationRule(
        rule_id="one",
        prefix_list=["kept/"],
        action_list=[oss2.models.ReplicationRule.ALL],
        target_bucket_name=far.bucket_name,
        target_bucket_location="oss-cn-beijing",
    )
    source.put_bucket_replication(where)
    expires = oss2.models.LifecycleExpiration(created_before_date=date(2100, 1, 1))
    source.put_bucket_lifecycle(
        oss2.models.BucketLifecycle([oss2.models.LifecycleRule("r", "old/", expiration=expires)])
    )
    for some in (1, 15, 30):
        eventually(lambda some=some: len(far.list_objects().object_list) >= some)
        own_server.kill()
        own_server.start()
        for one in far.list_objects().object_list:
            assert far.get_object(one.key).read() == kept[one.key]
    eventually(lambda: far.get_bucket_stat().object_count == len(kept))
    eventually(lambda: source.get_bucket_stat().object_count == len(kept))
    for bucket in (source, far):
        assert {one.key for one in oss2.ObjectIterator(bucket)} == set(kept)
        assert bucket.get_bucket_stat().storage_size_in_bytes == sum(len(body) for body in kept.values())
        for name, body in kept.items():
            assert bucket.get_object(name).read() == body
