"""Kinds of objects: symbolic links, archived, tagged and small ones, texts that are compressed; and names as hosts."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import Any

import alibabacloud_oss_v2 as oss_v2
import oss2
import pytest
import requests

from tests.conformance.conftest import REGION, Cloud
from tests.conformance.oss_clients import bucket_name, oss2_auth, oss2_bucket, v2_client


@pytest.fixture(params=["v1", "v2", "v4"])
def bucket(cloud: Cloud, request: pytest.FixtureRequest) -> oss2.Bucket:
    made = oss2_bucket(cloud, version=request.param)
    made.create_bucket()
    return made


def refused(attempt: Callable[[], object]) -> tuple[int, str]:
    with pytest.raises(oss2.exceptions.ServerError) as caught:
        attempt()
    return caught.value.status, caught.value.code


def test_a_symbolic_link_is_followed(bucket: oss2.Bucket) -> None:
    bucket.put_object("dir/目标", b"the target", headers={"Content-Type": "text/x-target"})
    bucket.put_symlink("dir/目标", "link", headers={"x-oss-meta-of": "link"})
    got = bucket.get_object("link")
    assert (got.read(), got.object_type, got.headers["x-oss-meta-of"]) == (b"the target", "Symlink", "link")
    assert bucket.head_object("link").content_length == 10
    assert bucket.get_symlink("link").target_key == "dir/目标"
    assert bucket.get_object("link", byte_range=(4, 9)).read() == b"target"
    assert {one.key: one.type for one in bucket.list_objects().object_list} == {"dir/目标": "Normal", "link": "Symlink"}


def test_links_that_lead_nowhere(bucket: oss2.Bucket) -> None:
    bucket.put_symlink("missing", "link")
    bucket.put_symlink("link", "second")
    bucket.put_object("plain", b"1")
    assert refused(lambda: bucket.get_object("link")) == (404, "SymlinkTargetNotExist")
    assert refused(lambda: bucket.get_object("second")) == (400, "InvalidTargetType")
    assert refused(lambda: bucket.get_symlink("plain")) == (400, "NotSymlink")
    bucket.put_object("missing", b"there")
    assert bucket.get_object("link").read() == b"there"
    bucket.delete_object("link")
    assert bucket.object_exists("missing")


def tags(**given: str) -> oss2.models.Tagging:
    rule = oss2.models.TaggingRule()
    for key, value in given.items():
        rule.add(key, value)
    return oss2.models.Tagging(rule)


def test_tags_of_objects(bucket: oss2.Bucket) -> None:
    bucket.put_object("k", b"1", headers={"x-oss-tagging": "a=1&b=x%20y"})
    assert bucket.get_object_tagging("k").tag_set.tagging_rule == {"a": "1", "b": "x y"}
    assert bucket.head_object("k").headers["x-oss-tagging-count"] == "2"
    bucket.copy_object(bucket.bucket_name, "k", "kept")
    bucket.copy_object(
        bucket.bucket_name, "k", "new", headers={"x-oss-tagging": "c=3", "x-oss-tagging-directive": "REPLACE"}
    )
    assert bucket.get_object_tagging("kept").tag_set.tagging_rule == {"a": "1", "b": "x y"}
    assert bucket.get_object_tagging("new").tag_set.tagging_rule == {"c": "3"}
    bucket.put_object_tagging("k", tags(only="this"))
    assert bucket.get_object_tagging("k").tag_set.tagging_rule == {"only": "this"}
    bucket.delete_object_tagging("k")
    assert bucket.get_object_tagging("k").tag_set.tagging_rule == {}
    eleven = "&".join(f"k{number}=v" for number in range(11))
    for bad in (eleven, "k" * 129 + "=v", "k=" + "v" * 257, "k=v!", "a=1&a=2", "=v"):
        told = {"x-oss-tagging": bad}
        assert refused(lambda told=told: bucket.put_object("k", b"2", headers=told)) == (400, "InvalidTag")
    assert refused(lambda: bucket.put_object_tagging("k", tags(k="v!"))) == (400, "InvalidTag")
    assert bucket.get_object("k").read() == b"1"


def until(read: Callable[[], Any], wanted: Callable[[Any], bool]) -> Any:
    deadline = time.monotonic() + 30
    while not wanted(found := read()):
        assert time.monotonic() < deadline, found
        time.sleep(0.1)
    return found


@pytest.mark.parametrize("storage_class", ["Archive", "ColdArchive", "DeepColdArchive"])
def test_an_archived_object_is_restored_before_it_is_read(cloud: Cloud, storage_class: str) -> None:
    bucket = oss2_bucket(cloud)
    bucket.create_bucket()
    bucket.put_object("k", b"frozen", headers={"x-oss-storage-class": storage_class})
    assert bucket.head_object("k").headers["x-oss-storage-class"] == storage_class
    assert refused(lambda: bucket.get_object("k")) == (403, "InvalidObjectState")
    assert refused(lambda: bucket.copy_object(bucket.bucket_name, "k", "copy")) == (403, "InvalidObjectState")
    assert bucket.restore_object("k").status == 202
    assert bucket.head_object("k").headers["x-oss-restore"] == 'ongoing-request="true"'
    assert refused(lambda: bucket.restore_object("k")) == (409, "RestoreAlreadyInProgress")
    told = until(lambda: bucket.head_object("k").headers["x-oss-restore"], lambda text: "false" in text)
    assert told.startswith('ongoing-request="false", expiry-date="')
    assert bucket.get_object("k").read() == b"frozen"
    assert bucket.restore_object("k").status == 200
    bucket.copy_object(bucket.bucket_name, "k", "copy", headers={"x-oss-storage-class": "Standard"})
    assert bucket.get_object("copy").read() == b"frozen"


def test_what_is_not_archived_cannot_be_restored(bucket: oss2.Bucket) -> None:
    bucket.put_object("k", b"1")
    assert refused(lambda: bucket.restore_object("k")) == (400, "OperationNotSupported")
    assert (
        refused(lambda: bucket.put_object("k", b"1", headers={"x-oss-storage-class": "Warm"}))[1] == "InvalidArgument"
    )


def test_stat_by_storage_class(bucket: oss2.Bucket) -> None:
    for name, storage_class in (("a", "Standard"), ("b", "IA"), ("c", "Archive"), ("a", "IA")):
        bucket.put_object(name, name.encode() * 10, headers={"x-oss-storage-class": storage_class})
    bucket.append_object("log", 0, b"12345")
    bucket.append_object("log", 5, b"67")
    stat = bucket.get_bucket_stat()
    assert (stat.object_count, stat.storage_size_in_bytes) == (4, 37)
    assert (stat.standard_object_count, stat.standard_storage) == (1, 7)
    assert (stat.infrequent_access_object_count, stat.infrequent_access_storage) == (2, 2 * 65536), "as it is charged"
    assert stat.infrequent_access_real_storage == 20
    assert (stat.archive_object_count, stat.archive_storage, stat.archive_real_storage) == (1, 65536, 10)
    bucket.batch_delete_objects(["a", "b", "c", "log"])
    assert (bucket.get_bucket_stat().object_count, bucket.get_bucket_stat().storage_size_in_bytes) == (0, 0)


@pytest.mark.parametrize("size", [4096, 4097])
def test_small_objects_are_as_others(bucket: oss2.Bucket, size: int) -> None:
    data = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    bucket.put_object("k", data)
    assert bucket.get_object("k", byte_range=(100, 200)).read() == data[100:201]
    bucket.copy_object(bucket.bucket_name, "k", "copy")
    bucket.delete_object("k")
    assert bucket.get_object("copy").read() == data
    position = 0
    for piece in (data, b"", data[:5], data):
        position = bucket.append_object("log", position, piece).next_position
    assert bucket.get_object("log").read() == data + data[:5] + data


def test_a_text_is_compressed_for_who_accepts_it(bucket: oss2.Bucket) -> None:
    text = b"moon and frost " * 100_000
    bucket.put_object("poem.txt", text)
    url = bucket.sign_url("GET", "poem.txt", 60)
    packed = requests.get(url, headers={"Accept-Encoding": "gzip"}, timeout=30)
    assert (packed.headers["Content-Encoding"], packed.content) == ("gzip", text)
    assert "Content-Length" not in packed.headers
    plain = requests.get(url, headers={"Accept-Encoding": "identity"}, timeout=30)
    assert ("Content-Encoding" in plain.headers, plain.content) == (False, text)
    part = requests.get(url, headers={"Accept-Encoding": "gzip", "Range": "bytes=0-3999"}, timeout=30)
    assert (part.status_code, "Content-Encoding" in part.headers, part.content) == (206, False, text[:4000])


@pytest.fixture
def local_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names below localhost, which few resolvers know, are this machine."""
    resolve = socket.getaddrinfo

    def resolved(host: Any, *others: Any, **named: Any) -> Any:
        return resolve("127.0.0.1" if str(host).endswith(".localhost") else host, *others, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolved)


@pytest.mark.usefixtures("local_names")
@pytest.mark.parametrize("version", ["v1", "v2", "v4"])
def test_buckets_as_hosts(cloud: Cloud, version: str) -> None:
    endpoint = f"http://oss-{REGION}.localhost:{cloud.endpoint.rpartition(':')[2]}"
    bucket = oss2.Bucket(oss2_auth(cloud, version), endpoint, bucket_name(), region=REGION)
    bucket.create_bucket()
    bucket.put_object("目录/k ?&", b"1")
    assert requests.get(bucket.sign_url("GET", "目录/k ?&", 60), timeout=30).content == b"1"
    assert [one.key for one in bucket.list_objects(prefix="目录/").object_list] == ["目录/k ?&"]


@pytest.mark.usefixtures("local_names")
@pytest.mark.parametrize("signature", ["v1", "v4"])
def test_the_new_sdk_with_buckets_as_hosts(cloud: Cloud, signature: str) -> None:
    config = oss_v2.config.load_default()
    config.credentials_provider = oss_v2.credentials.StaticCredentialsProvider(
        cloud.access_key_id, cloud.access_key_secret
    )
    config.region = REGION
    config.endpoint = f"http://oss-{REGION}.localhost:{cloud.endpoint.rpartition(':')[2]}"
    config.signature_version = signature
    client = oss_v2.Client(config)
    name = bucket_name()
    client.put_bucket(oss_v2.PutBucketRequest(bucket=name))
    client.put_object(oss_v2.PutObjectRequest(bucket=name, key="k", body=b"new"))
    assert client.get_object(oss_v2.GetObjectRequest(bucket=name, key="k")).body.read() == b"new"


def test_versions_and_tags_through_the_new_sdk(cloud: Cloud) -> None:
    client, name = v2_client(cloud), bucket_name()
    client.put_bucket(oss_v2.PutBucketRequest(bucket=name))
    client.put_bucket_versioning(
        oss_v2.PutBucketVersioningRequest(
            bucket=name, versioning_configuration=oss_v2.VersioningConfiguration(status="Enabled")
        )
    )
    first = client.put_object(oss_v2.PutObjectRequest(bucket=name, key="k", body=b"1", tagging="a=1")).version_id
    client.put_object(oss_v2.PutObjectRequest(bucket=name, key="k", body=b"2"))
    gone = client.delete_object(oss_v2.DeleteObjectRequest(bucket=name, key="k"))
    assert gone.delete_marker
    found = client.list_object_versions(oss_v2.ListObjectVersionsRequest(bucket=name))
    assert [one.version_id for one in found.delete_marker] == [gone.version_id]
    assert [one.is_latest for one in found.version] == [False, False]
    tagged = client.get_object_tagging(oss_v2.GetObjectTaggingRequest(bucket=name, key="k", version_id=first))
    assert [(one.key, one.value) for one in tagged.tag_set.tags] == [("a", "1")]


def test_a_signature_of_version_2_that_does_not_hold(cloud: Cloud) -> None:
    bucket = oss2_bucket(cloud, version="v2")
    bucket.create_bucket()
    url = bucket.sign_url("GET", "k", 60)
    assert "x-oss-signature-version=OSS2" in url
    assert requests.get(url, timeout=30).status_code == 404
    assert requests.get(url + "&more=1", timeout=30).status_code == 403
    wrong = oss2_bucket(cloud.with_key(cloud.access_key_id, "x" * 30), bucket.bucket_name, version="v2")
    assert refused(lambda: wrong.get_object("k")) == (403, "SignatureDoesNotMatch")
    late = bucket.sign_url("GET", "k", -60)
    assert "Request has expired" in requests.get(late, timeout=30).text
