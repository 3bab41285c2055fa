"""Configurations that workers carry out: lifecycle, inventory, replication, logs; and what lies on disk."""

from __future__ import annotations

import base64
import csv
import datetime
import gzip
import hashlib
import io
import json
import secrets

import oss2
import pytest
from oss2.models import (
    BucketLifecycle,
    BucketLogging,
    InventoryBucketDestination,
    InventoryConfiguration,
    InventoryDestination,
    InventoryFilter,
    InventorySchedule,
    LifecycleExpiration,
    LifecycleRule,
    ReplicationRule,
    ServerSideEncryptionRule,
    StorageTransition,
)

from tests.conformance.conftest import Cloud, eventually
from tests.conformance.oss_clients import oss2_bucket
from tests.conftest import Server

SOON = datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=2)
"""All that there is now was made before it."""


@pytest.fixture
def bucket(cloud: Cloud) -> oss2.Bucket:
    made = oss2_bucket(cloud)
    made.create_bucket()
    return made


def names(bucket: oss2.Bucket, prefix: str = "") -> list[str]:
    return [one.key for one in oss2.ObjectIterator(bucket, prefix=prefix)]


def test_lifecycle_expires_what_its_rule_names(bucket: oss2.Bucket) -> None:
    for key in ("log/a", "log/keep/b", "other"):
        bucket.put_object(key, b"x")
    bucket.put_object("log/tagged", b"x", headers={"x-oss-tagging": "keep=yes"})
    bucket.put_object("log/large", b"x" * 5000)
    unless = oss2.models.LifecycleFilter(
        [oss2.models.FilterNot("log/keep/"), oss2.models.FilterNot("log/", oss2.models.FilterNotTag("keep", "yes"))],
        object_size_less_than=4000,
    )
    rule = LifecycleRule("expire", "log/", expiration=LifecycleExpiration(created_before_date=SOON), filter=unless)
    bucket.put_bucket_lifecycle(BucketLifecycle([rule]))
    left = ["log/keep/b", "log/large", "log/tagged", "other"]
    assert eventually(lambda: names(bucket), lambda seen: seen == left) == left


def test_lifecycle_moves_to_colder_storage(bucket: oss2.Bucket) -> None:
    bucket.put_object("cold/a", b"x")
    bucket.put_object("warm/a", b"x")
    rule = LifecycleRule("move", "cold/")
    rule.storage_transitions = [StorageTransition(created_before_date=SOON, storage_class="IA")]
    bucket.put_bucket_lifecycle(BucketLifecycle([rule]))

    def storage_class(key: str) -> str:
        return str(bucket.head_object(key).headers["x-oss-storage-class"])

    assert eventually(lambda: storage_class("cold/a"), lambda seen: seen == "IA") == "IA"
    assert storage_class("warm/a") == "Standard"
    stat = bucket.get_bucket_stat()
    assert (stat.infrequent_access_object_count, stat.standard_object_count) == (1, 1)


def test_lifecycle_with_versions_leaves_a_marker_and_drops_it_when_alone(bucket: oss2.Bucket) -> None:
    bucket.put_bucket_versioning(oss2.models.BucketVersioningConfig("Enabled"))
    version_id = bucket.put_object("a", b"x").versionid
    expire = LifecycleRule("expire", "", expiration=LifecycleExpiration(created_before_date=SOON))
    bucket.put_bucket_lifecycle(BucketLifecycle([expire]))
    eventually(lambda: names(bucket), lambda seen: seen == [])
    listed = bucket.list_object_versions()
    assert [one.versionid for one in listed.versions] == [version_id]
    assert [one.is_latest for one in listed.delete_marker] == [True]
    bucket.delete_object("a", params={"versionId": version_id})
    alone = LifecycleRule("markers", "", expiration=LifecycleExpiration(expired_detete_marker=True))
    bucket.put_bucket_lifecycle(BucketLifecycle([alone]))
    assert eventually(lambda: bucket.list_object_versions().delete_marker, lambda seen: seen == []) == []


def test_lifecycle_aborts_uploads(bucket: oss2.Bucket) -> None:
    upload = bucket.init_multipart_upload("big")
    bucket.upload_part("big", upload.upload_id, 1, b"x" * 10_000)
    rule = LifecycleRule("abort", "")
    rule.abort_multipart_upload = oss2.models.AbortMultipartUpload(created_before_date=SOON)
    bucket.put_bucket_lifecycle(BucketLifecycle([rule]))
    assert eventually(lambda: bucket.list_multipart_uploads().upload_list, lambda seen: seen == []) == []
    bucket.delete_bucket()


def test_an_inventory_is_written(cloud: Cloud, bucket: oss2.Bucket) -> None:
    target = oss2_bucket(cloud)
    target.create_bucket()
    bucket.put_object("in/ä b", b"12345")
    bucket.put_object("out/c", b"1")
    destination = InventoryBucketDestination(
        account_id=cloud.account_id,
        role_arn=f"acs:ram::{cloud.account_id}:role/AliyunOSSRole",
        bucket=target.bucket_name,
        inventory_format="CSV",
        prefix="reports",
    )
    bucket.put_bucket_inventory_configuration(
        InventoryConfiguration(
            inventory_id="all",
            is_enabled=True,
            inventory_schedule=InventorySchedule(frequency="Daily"),
            included_object_versions="Current",
            inventory_filter=InventoryFilter(prefix="in/"),
            optional_fields=["Size", "ETag", "StorageClass"],
            inventory_destination=InventoryDestination(bucket_destination=destination),
        )
    )
    folder = f"reports/{bucket.bucket_name}/all/"
    written = eventually(lambda: names(target, folder), lambda seen: len(seen) == 3, patience=60)
    checksum = next(key for key in written if key.endswith("/manifest.checksum"))
    manifest = target.get_object(next(key for key in written if key.endswith("/manifest.json"))).read()
    assert target.get_object(checksum).read().decode() == hashlib.md5(manifest).hexdigest().upper()
    told = json.loads(manifest)
    assert told["fileSchema"] == "Bucket, Key, Size, ETag, StorageClass"
    assert (told["sourceBucket"], told["destinationBucket"]) == (bucket.bucket_name, target.bucket_name)
    table = target.get_object(told["files"][0]["key"]).read()
    assert hashlib.md5(table).hexdigest().upper() == told["files"][0]["MD5checksum"]
    rows = list(csv.reader(io.StringIO(gzip.decompress(table).decode())))
    etag = hashlib.md5(b"12345").hexdigest().upper()
    assert rows == [[bucket.bucket_name, "in%2F%C3%A4%20b", "5", etag, "Standard"]]


def test_replication_to_another_region_follows_the_source(cloud: Cloud, bucket: oss2.Bucket) -> None:
    target = oss2_bucket(cloud, region="cn-beijing")
    target.create_bucket()
    big = bytes(range(256)) * 1000
    bucket.put_object("r/old", b"old", headers={"x-oss-meta-who": "me", "x-oss-tagging": "a=b"})
    bucket.put_object("not", b"x")
    rule = ReplicationRule(
        rule_id="one",
        prefix_list=["r/"],
        target_bucket_name=target.bucket_name,
        target_bucket_location="oss-cn-beijing",
    )
    bucket.put_bucket_replication(rule)
    bucket.put_object("r/new", big)
    assert eventually(lambda: names(target), lambda seen: seen == ["r/new", "r/old"])
    assert target.get_object("r/new").read() == big
    old = target.get_object("r/old")
    assert (old.read(), old.headers["x-oss-meta-who"]) == (b"old", "me")
    assert target.get_object_tagging("r/old").tag_set.tagging_rule == {"a": "b"}
    # What changes only its words is relabelled there, and no bytes go.
    target.put_bucket_versioning(oss2.models.BucketVersioningConfig("Enabled"))
    tagging = oss2.models.Tagging()
    tagging.tag_set.add("c", "d")
    bucket.put_object_tagging("r/new", tagging)
    bucket.put_object_acl("r/new", oss2.OBJECT_ACL_PRIVATE)
    assert eventually(lambda: target.get_object_acl("r/new").acl, lambda seen: seen == "private") == "private"
    assert target.get_object_tagging("r/new").tag_set.tagging_rule == {"c": "d"}
    assert [one.versionid for one in target.list_object_versions("r/new").versions] == ["null"]
    target.put_bucket_versioning(oss2.models.BucketVersioningConfig("Suspended"))
    bucket.delete_object("r/old")
    assert eventually(lambda: names(target), lambda seen: seen == ["r/new"]) == ["r/new"]
    progress = eventually(
        lambda: bucket.get_bucket_replication_progress("one").progress,
        lambda seen: seen.historical_object_progress == 1.0,
    )
    assert (progress.status, progress.target_bucket_name) == ("doing", target.bucket_name)
    bucket.delete_bucket_replication("one")

    def rules() -> str:
        try:
            return bucket.get_bucket_replication().rule_list[0].status
        except oss2.exceptions.ServerError as gone:
            return str(gone.code)

    assert eventually(rules, lambda seen: seen != "closing") == "NoSuchReplicationConfiguration"
    bucket.put_object("r/after", b"x")
    assert names(target) == ["r/new"]


def test_the_access_log_is_written(cloud: Cloud, bucket: oss2.Bucket) -> None:
    logs = oss2_bucket(cloud)
    logs.create_bucket()
    bucket.put_bucket_logging(BucketLogging(logs.bucket_name, "log/"))
    bucket.put_object("known", b"12345")

    def lines() -> list[str]:
        bucket.get_object("known", headers={"User-Agent": 'a "quoted" agent'}).read()
        return "".join(logs.get_object(key).read().decode() for key in names(logs)).splitlines()

    seen = eventually(lines, lambda found: any('"GetObject"' in one for one in found))
    assert all(key.startswith(f"log/{bucket.bucket_name}20") for key in names(logs))
    one = next(line for line in seen if '"GetObject"' in line)
    assert one.startswith("127.0.0.1 - - [")
    for field in (
        f'"GET /{bucket.bucket_name}/known HTTP/1.1" 200 5 ',
        '"a %22quoted%22 agent"',
        f'"{cloud.account_id}" "GetObject" "{bucket.bucket_name}" "known" 5 ',
        f'"{cloud.access_key_id}"',
    ):
        assert field in one, one


@pytest.mark.parametrize(("algorithm", "data_algorithm"), [("AES256", ""), ("KMS", ""), ("KMS", "SM4"), ("SM4", "")])
@pytest.mark.parametrize("size", [20, 300_000])
def test_encrypted_objects_lie_encrypted(
    server: Server, bucket: oss2.Bucket, algorithm: str, data_algorithm: str, size: int
) -> None:
    secret = f"{secrets.token_hex(12)} shall be read by no one ".encode()
    data = (secret * (size // len(secret) + 1))[:size] + secret
    headers = {"x-oss-server-side-encryption": algorithm}
    if data_algorithm:
        headers["x-oss-server-side-data-encryption"] = data_algorithm
    put = bucket.put_object("a", data, headers=headers)
    assert put.headers["x-oss-server-side-encryption"] == algorithm
    assert ("x-oss-server-side-encryption-key-id" in put.headers) == (algorithm == "KMS")
    got = bucket.get_object("a")
    assert got.read() == data
    assert got.headers["x-oss-server-side-encryption"] == algorithm
    assert got.headers["ETag"] == f'"{hashlib.md5(data).hexdigest().upper()}"'
    for first, last in ((0, 0), (1, 17), (15, 16), (16, 40), (len(data) - 5, len(data) - 1)):
        assert bucket.get_object("a", byte_range=(first, last)).read() == data[first : last + 1]
    assert not holding(server, data)
    bucket.put_object("b", data)
    assert holding(server, data)


def holding(server: Server, data: bytes) -> bool:
    """Whether any file of the cloud begins to tell these bytes, in clear or as state writes them."""
    told = (data[:18], base64.b64encode(data[:18]))
    files = [path for path in server.data.rglob("*") if path.is_file() and path.name != "server.log"]
    return any(one in path.read_bytes() for path in files for one in told)


def test_a_bucket_encrypts_whatever_comes(server: Server, bucket: oss2.Bucket) -> None:
    rule = ServerSideEncryptionRule()
    rule.sse_algorithm = "AES256"
    bucket.put_bucket_encryption(rule)
    secret = f"{secrets.token_hex(12)} is hidden ".encode()
    data = secret * 10_000
    bucket.append_object("appended", 0, data)
    bucket.append_object("appended", len(data), secret)
    upload = bucket.init_multipart_upload("parts")
    part = bucket.upload_part("parts", upload.upload_id, 1, data)
    bucket.complete_multipart_upload("parts", upload.upload_id, [oss2.models.PartInfo(1, part.etag)])
    bucket.copy_object(bucket.bucket_name, "parts", "copied")
    assert bucket.get_object("appended").read() == data + secret
    for key in ("parts", "copied"):
        got = bucket.get_object(key)
        assert got.read() == data
        assert got.headers["x-oss-server-side-encryption"] == "AES256"
    assert not holding(server, data)
