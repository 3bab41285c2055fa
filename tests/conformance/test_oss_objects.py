"""Objects, through oss2 with both of its usual signatures and alibabacloud_oss_v2."""

from __future__ import annotations

import base64
import hashlib
import os
import time
from email.utils import formatdate
from typing import Any

import alibabacloud_oss_v2 as oss_v2
import oss2
import pytest
import requests
from fastcrc import crc64

from tests.conformance.conftest import Cloud
from tests.conformance.oss_clients import VERSIONS, oss2_bucket, v2_client


@pytest.fixture(params=VERSIONS)
def bucket(cloud: Cloud, request: pytest.FixtureRequest) -> oss2.Bucket:
    made = oss2_bucket(cloud, version=request.param)
    made.create_bucket()
    return made


NAMES = [
    "plain",
    "dir/under/dir/",
    "文件/中文 名.txt",
    "a b+c%2F&=?#[]@!$'()*,;:.~_-",
    "../up/./and//double",
    "emoji-😀",
    '<xml attr="1">&amp;\'',
    "x" * 1023,
]


@pytest.mark.parametrize("name", NAMES)
def test_any_name_is_put_read_listed_and_deleted(bucket: oss2.Bucket, name: str) -> None:
    bucket.put_object(name, name.encode())
    assert bucket.get_object(name).read() == name.encode()
    assert [one.key for one in bucket.list_objects().object_list] == [name]
    assert [one.key for one in bucket.list_objects_v2().object_list] == [name]
    assert bucket.batch_delete_objects([name]).deleted_keys == [name]
    assert not bucket.object_exists(name)


@pytest.mark.parametrize("size", [0, 1, 256 * 1024, 256 * 1024 + 1, 3_000_001])
def test_the_bytes_and_their_checksums(bucket: oss2.Bucket, size: int) -> None:
    data = os.urandom(size)
    put = bucket.put_object("k", data)
    digest = hashlib.md5(data)
    assert put.etag == digest.hexdigest().upper()
    assert put.crc == crc64.xz(data)
    got = bucket.get_object("k")
    assert got.read() == data
    assert got.server_crc == got.client_crc == crc64.xz(data)
    assert got.content_length == size
    assert got.headers["Content-MD5"] == base64.b64encode(digest.digest()).decode()
    head = bucket.head_object("k")
    assert (head.content_length, head.etag, head.object_type) == (size, digest.hexdigest().upper(), "Normal")
    meta = bucket.get_object_meta("k")
    assert (meta.content_length, meta.etag) == (size, head.etag)


def test_a_body_of_unknown_length(bucket: oss2.Bucket) -> None:
    pieces = [os.urandom(100_000) for _ in range(7)]
    bucket.put_object("chunked", iter(pieces))
    assert bucket.get_object("chunked").read() == b"".join(pieces)


def test_headers_and_metadata_are_kept(bucket: oss2.Bucket) -> None:
    given = {
        "Content-Type": "text/x-poem; charset=utf-8",
        "Cache-Control": "no-cache",
        "Content-Disposition": 'attachment; filename="a.txt"',
        "Content-Encoding": "identity",
        "Content-Language": "zh-CN",
        "Expires": "Fri, 28 Feb 2042 05:38:42 GMT",
        "x-oss-meta-author": "li bai",
        "x-oss-meta-year": "731",
    }
    bucket.put_object("poem", b"moon", headers=given)
    head = bucket.head_object("poem").headers
    assert {name: head[name] for name in given} == given
    assert abs(bucket.head_object("poem").last_modified - time.time()) < 60


def test_an_overwritten_object_is_wholly_the_new_one(bucket: oss2.Bucket) -> None:
    bucket.put_object("k", b"old" * 1000, headers={"x-oss-meta-a": "1", "Content-Type": "text/plain"})
    bucket.put_object("k", b"new", headers={"Content-Type": "text/html"})
    got = bucket.get_object("k")
    assert got.read() == b"new"
    assert "x-oss-meta-a" not in got.headers
    assert got.content_type == "text/html"


def test_forbid_overwrite(bucket: oss2.Bucket) -> None:
    once = {"x-oss-forbid-overwrite": "true"}
    bucket.put_object("k", b"1", headers=once)
    with pytest.raises(oss2.exceptions.ServerError) as refused:
        bucket.put_object("k", b"2", headers=once)
    assert (refused.value.status, refused.value.code) == (409, "FileAlreadyExists")
    assert bucket.get_object("k").read() == b"1"


def test_content_md5_is_checked(bucket: oss2.Bucket) -> None:
    good = base64.b64encode(hashlib.md5(b"data").digest()).decode()
    bucket.put_object("k", b"data", headers={"Content-MD5": good})
    for bad, body in ((good, b"other"), ("abc", b"data"), (good, b"")):
        with pytest.raises(oss2.exceptions.InvalidDigest):
            bucket.put_object("k", body, headers={"Content-MD5": bad})
    assert bucket.get_object("k").read() == b"data"


@pytest.mark.parametrize("name", ["/leading", "\\leading", "x" * 1024, "字" * 342])
def test_bad_object_names(cloud: Cloud, name: str) -> None:
    bucket = oss2_bucket(cloud)
    bucket.create_bucket()
    with pytest.raises(oss2.exceptions.ServerError) as refused:
        bucket.put_object(name, b"1")
    assert (refused.value.status, refused.value.code) == (400, "InvalidObjectName")


DIGITS = bytes(range(48, 58)) * 100_000


@pytest.mark.parametrize(
    ("asked", "standard", "status", "expected"),
    [
        ("bytes=0-9", False, 206, (0, 9)),
        ("bytes=5-", False, 206, (5, 999_999)),
        ("bytes=-7", False, 206, (999_993, 999_999)),
        ("bytes=100-700000", False, 206, (100, 700_000)),
        ("bytes=999999-999999", False, 206, (999_999, 999_999)),
        ("bytes=999990-2000000", False, 200, None),
        ("bytes=999990-2000000", True, 206, (999_990, 999_999)),
        ("bytes=1000000-", False, 200, None),
        ("bytes=1000000-", True, 416, None),
        ("bytes=9-5", True, 200, None),
        ("bytes=0-1,3-4", False, 200, None),
        ("lines=0-1", False, 200, None),
        ("bytes=-2000000", True, 206, (0, 999_999)),
    ],
)
def test_ranges(cloud: Cloud, asked: str, standard: bool, status: int, expected: tuple[int, int] | None) -> None:
    bucket = oss2_bucket(cloud)
    bucket.create_bucket()
    bucket.put_object("digits", DIGITS)
    headers = {"Range": asked} | ({"x-oss-range-behavior": "standard"} if standard else {})
    url = bucket.sign_url("GET", "digits", 60, headers=headers)
    got = requests.get(url, headers=headers, timeout=30)
    assert got.status_code == status
    if expected:
        first, last = expected
        assert got.content == DIGITS[first : last + 1]
        assert got.headers["Content-Range"] == f"bytes {first}-{last}/1000000"
    elif status == 200:
        assert got.content == DIGITS
    else:
        assert "<Code>InvalidRange</Code>" in got.text


def test_conditions(bucket: oss2.Bucket) -> None:
    etag = bucket.put_object("k", b"1").etag
    past, future = formatdate(time.time() - 3600, usegmt=True), formatdate(time.time() + 3600, usegmt=True)
    for passing in (
        {"If-Match": f'"{etag}"'},
        {"If-None-Match": '"other"'},
        {"If-Modified-Since": past},
        {"If-Unmodified-Since": future},
        {"If-Match": etag, "If-Unmodified-Since": past},
    ):
        assert bucket.get_object("k", headers=passing).read() == b"1"
    for unchanged in ({"If-None-Match": etag}, {"If-Modified-Since": future}, {"If-None-Match": "*"}):
        with pytest.raises(oss2.exceptions.NotModified):
            bucket.get_object("k", headers=unchanged)
        with pytest.raises(oss2.exceptions.NotModified):
            bucket.head_object("k", headers=unchanged)
    for failing in ({"If-Match": '"other"'}, {"If-Unmodified-Since": past}):
        with pytest.raises(oss2.exceptions.PreconditionFailed):
            bucket.get_object("k", headers=failing)


def test_response_overrides(bucket: oss2.Bucket) -> None:
    bucket.put_object("k", b"1")
    got = bucket.get_object("k", params={"response-content-type": "text/css", "response-cache-control": "no-store"})
    assert (got.headers["Content-Type"], got.headers["Cache-Control"]) == ("text/css", "no-store")


def test_what_is_not_there(bucket: oss2.Bucket) -> None:
    with pytest.raises(oss2.exceptions.NoSuchKey) as missing:
        bucket.get_object("none")
    assert missing.value.details["Key"] == "none"
    assert missing.value.details["HostId"] == "127.0.0.1"
    with pytest.raises(oss2.exceptions.NoSuchKey):
        bucket.head_object("none")
    assert bucket.delete_object("none").status == 204
    assert bucket.batch_delete_objects(["none"]).deleted_keys == ["none"]


def test_presigned_urls(bucket: oss2.Bucket) -> None:
    headers = {"Content-Type": "text/plain", "x-oss-meta-by": "url"}
    url = bucket.sign_url("PUT", "dir/a b+c", 60, headers=headers, slash_safe=True)
    assert requests.put(url, data=b"by url", headers=headers, timeout=30).status_code == 200
    got = requests.get(bucket.sign_url("GET", "dir/a b+c", 60), timeout=30)
    assert (got.content, got.headers["x-oss-meta-by"]) == (b"by url", "url")
    tampered = bucket.sign_url("GET", "dir/a b+c", 60).replace("a%20b", "a%20c")
    refused = requests.get(tampered, timeout=30)
    assert refused.status_code == 403
    assert "<Code>SignatureDoesNotMatch</Code>" in refused.text
    assert "<StringToSign>" in refused.text


def test_a_presigned_url_grants_nothing_more(bucket: oss2.Bucket) -> None:
    """A parameter that V1 does not sign must not act: only headers set an ACL."""
    url = bucket.sign_url("PUT", "k", 60)
    requests.put(url + "&x-oss-object-acl=public-read", data=b"1", timeout=30)
    if bucket.object_exists("k"):
        assert bucket.get_object_acl("k").acl == "default"


def test_wrong_keys(cloud: Cloud) -> None:
    bucket = oss2_bucket(cloud)
    bucket.create_bucket()
    for version in VERSIONS:
        forged = oss2_bucket(cloud.with_key(cloud.access_key_id, "wrong"), bucket.bucket_name, version=version)
        with pytest.raises(oss2.exceptions.SignatureDoesNotMatch) as refused:
            forged.get_object("k")
        assert refused.value.details["OSSAccessKeyId"] == cloud.access_key_id
        assert refused.value.ec == "0002-00000040"
        unknown = oss2_bucket(cloud.with_key("LTAIunknown", "wrong"), bucket.bucket_name, version=version)
        with pytest.raises(oss2.exceptions.ServerError) as nobody:
            unknown.get_object("k")
        assert (nobody.value.status, nobody.value.code) == (403, "InvalidAccessKeyId")


def test_delete_many_quietly(bucket: oss2.Bucket) -> None:
    for number in range(5):
        bucket.put_object(f"k{number}", b"1")
    body = "<Delete><Quiet>true</Quiet>" + "".join(f"<Object><Key>k{n}</Key></Object>" for n in range(5)) + "</Delete>"
    answer = delete_many(bucket, body.encode())
    assert (answer.status, answer.read()) == (200, b"")
    assert bucket.list_objects().object_list == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<Delete>",
        b"<Delete></Delete>",
        b"<Other><Object><Key>k</Key></Object></Other>",
        b"<Delete><Object><Key></Key></Object></Delete>",
        b'<!DOCTYPE d [<!ENTITY a "k">]><Delete><Object><Key>&a;</Key></Object></Delete>',
        b"<a>" * 10_000,
        b"<Delete>" + b"<Object><Key>k</Key></Object>" * 1001 + b"</Delete>",
        b"\xff\xfe\x00",
    ],
)
def test_malformed_documents(cloud: Cloud, body: bytes) -> None:
    bucket = oss2_bucket(cloud)
    bucket.create_bucket()
    bucket.put_object("k", b"1")
    with pytest.raises(oss2.exceptions.MalformedXml):
        delete_many(bucket, body)
    assert bucket.object_exists("k")


def delete_many(bucket: oss2.Bucket, body: bytes) -> Any:
    """DeleteMultipleObjects with a body that oss2's own method would not send."""
    return bucket._Bucket__do_bucket("POST", params={"delete": ""}, data=body)


def test_copies(bucket: oss2.Bucket) -> None:
    source = "from/文件 +.txt"
    bucket.put_object(source, b"copied", headers={"x-oss-meta-a": "1", "Content-Type": "text/plain"})
    copied = bucket.copy_object(bucket.bucket_name, source, "to")
    assert copied.etag == bucket.head_object(source).etag
    got = bucket.get_object("to")
    assert (got.read(), got.headers["x-oss-meta-a"], got.content_type) == (b"copied", "1", "text/plain")
    bucket.delete_object(source)
    assert bucket.get_object("to").read() == b"copied"


def test_a_copy_onto_itself_changes_the_metadata(bucket: oss2.Bucket) -> None:
    bucket.put_object("k", b"same", headers={"x-oss-meta-a": "1"})
    bucket.update_object_meta("k", {"x-oss-meta-b": "2"})
    got = bucket.get_object("k")
    assert got.read() == b"same"
    assert got.headers["x-oss-meta-b"] == "2"
    assert "x-oss-meta-a" not in got.headers


def test_a_copy_of_nothing(bucket: oss2.Bucket) -> None:
    with pytest.raises(oss2.exceptions.NoSuchKey):
        bucket.copy_object(bucket.bucket_name, "none", "to")
    bucket.put_object("k", b"1")
    with pytest.raises(oss2.exceptions.PreconditionFailed):
        bucket.copy_object(bucket.bucket_name, "k", "to", headers={"x-oss-copy-source-if-match": "other"})
    assert not bucket.object_exists("to")


@pytest.mark.parametrize("signature", ["v1", "v4"])
def test_oss_v2_puts_and_gets(cloud: Cloud, signature: str) -> None:
    client = v2_client(cloud, signature=signature)
    bucket = oss2_bucket(cloud)
    client.put_bucket(oss_v2.PutBucketRequest(bucket=bucket.bucket_name))
    data = os.urandom(700_000)
    for name in NAMES:
        if name.startswith(".."):
            continue  # its HTTP library takes dots out of paths
        put = client.put_object(
            oss_v2.PutObjectRequest(bucket=bucket.bucket_name, key=name, body=data, metadata={"by": "v2"})
        )
        assert put.hash_crc64 == str(crc64.xz(data))
        got = client.get_object(oss_v2.GetObjectRequest(bucket=bucket.bucket_name, key=name))
        assert got.body is not None
        assert got.body.read() == data
        assert got.metadata == {"by": "v2"}
        head = client.head_object(oss_v2.HeadObjectRequest(bucket=bucket.bucket_name, key=name))
        assert head.content_length == len(data)
    part = client.get_object(
        oss_v2.GetObjectRequest(bucket=bucket.bucket_name, key="plain", range_header="bytes=10-19")
    )
    assert part.body is not None
    assert part.body.read() == data[10:20]
    with pytest.raises(oss_v2.exceptions.OperationError) as missing:
        client.get_object(oss_v2.GetObjectRequest(bucket=bucket.bucket_name, key="none"))
    assert isinstance(missing.value.unwrap(), oss_v2.exceptions.ServiceError)
    assert missing.value.unwrap().code == "NoSuchKey"


def test_oss_v2_presigns(cloud: Cloud) -> None:
    client = v2_client(cloud)
    bucket = oss2_bucket(cloud)
    bucket.create_bucket()
    put = client.presign(oss_v2.PutObjectRequest(bucket=bucket.bucket_name, key="a b"))
    assert requests.put(put.url, data=b"1", headers=put.signed_headers, timeout=30).status_code == 200
    get = client.presign(oss_v2.GetObjectRequest(bucket=bucket.bucket_name, key="a b"))
    assert requests.get(get.url, timeout=30).content == b"1"


def test_appends(bucket: oss2.Bucket) -> None:
    pieces = [os.urandom(size) for size in (10, 300_000, 1, 700_000)]
    whole = b"".join(pieces)
    position = 0
    crc = 0
    for piece in pieces:
        appended = bucket.append_object("log", position, piece, headers={"Content-Type": "text/x-log"}, init_crc=crc)
        position, crc = appended.next_position, appended.crc
        assert crc == crc64.xz(whole[:position])
    head = bucket.head_object("log")
    assert (head.object_type, head.content_length, head.content_type) == ("Appendable", len(whole), "text/x-log")
    assert head.headers["x-oss-next-append-position"] == str(len(whole))
    assert bucket.get_object("log").read() == whole
    for first, last in ((0, 9), (5, 15), (300_005, 300_020), (9, 1_000_010), (10, 10), (300_010, 300_010)):
        assert bucket.get_object("log", byte_range=(first, last)).read() == whole[first : last + 1]
    bucket.copy_object(bucket.bucket_name, "log", "copy")
    copied = bucket.get_object("copy")
    assert (copied.read(), copied.headers["x-oss-object-type"]) == (whole, "Normal")
    assert copied.headers["x-oss-hash-crc64ecma"] == str(crc64.xz(whole))
    bucket.put_object("log", b"no longer")
    assert bucket.get_object("log").read() == b"no longer"


def test_an_append_must_know_the_end(bucket: oss2.Bucket) -> None:
    bucket.append_object("log", 0, b"12345")
    for position in (0, 4, 6):
        with pytest.raises(oss2.exceptions.PositionNotEqualToLength) as refused:
            bucket.append_object("log", position, b"6")
        assert refused.value.next_position == 5
    bucket.put_object("normal", b"1")
    with pytest.raises(oss2.exceptions.ObjectNotAppendable):
        bucket.append_object("normal", 1, b"2")
    assert bucket.get_object("log").read() == b"12345"
