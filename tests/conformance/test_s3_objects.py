"""Objects through boto3."""

from __future__ import annotations

import base64
import hashlib
import io
import urllib.request
from pathlib import Path
from typing import Any

import oss2
import pytest
import requests

from tests.conformance.conftest import Cloud
from tests.conformance.oss_clients import bucket_name, oss2_bucket
from tests.conformance.s3_clients import refused, s3_client

NONE = {"request_checksum_calculation": "when_required"}


@pytest.fixture
def s3(cloud: Cloud) -> Any:
    return s3_client(cloud)


@pytest.fixture
def bucket(s3: Any) -> str:
    name = bucket_name()
    s3.create_bucket(Bucket=name)
    return name


def test_an_object_comes_back_as_it_was_put(s3: Any, bucket: str) -> None:
    put = s3.put_object(
        Bucket=bucket, Key="dir/ä b+c", Body=b"hello", ContentType="text/plain", Metadata={"colour": "blue"}
    )
    assert put["ETag"] == f'"{hashlib.md5(b"hello").hexdigest()}"', "in lower case"
    found = s3.get_object(Bucket=bucket, Key="dir/ä b+c")
    assert found["Body"].read() == b"hello"
    assert (found["ContentType"], found["Metadata"], found["ETag"]) == ("text/plain", {"colour": "blue"}, put["ETag"])
    head = s3.head_object(Bucket=bucket, Key="dir/ä b+c")
    assert (head["ContentLength"], head["ETag"], head["Metadata"]) == (5, put["ETag"], {"colour": "blue"})
    assert "StorageClass" not in head, "S3 says nothing of the usual one"


def test_both_protocols_see_the_same_objects(cloud: Cloud, s3: Any, bucket: str) -> None:
    oss = oss2_bucket(cloud, bucket)
    s3.put_object(Bucket=bucket, Key="from-s3", Body=b"1", Metadata={"a": "b"})
    oss.put_object("from-oss", b"2", headers={"x-oss-meta-c": "d"})
    assert oss.get_object("from-s3").headers["x-oss-meta-a"] == "b"
    assert s3.get_object(Bucket=bucket, Key="from-oss")["Metadata"] == {"c": "d"}


@pytest.mark.parametrize("size", [0, 1, 4096, 70_000, 3_000_000])
@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"])
def test_checksums_are_verified_and_told(s3: Any, bucket: str, algorithm: str, size: int) -> None:
    pytest.importorskip("awscrt", reason="awscrt computes CRC32C and CRC64NVME for boto3")
    body = bytes(index % 251 for index in range(size))
    put = s3.put_object(Bucket=bucket, Key="k", Body=body, ChecksumAlgorithm=algorithm)
    assert put[f"Checksum{algorithm}"]
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == body


@pytest.mark.parametrize(
    "checksum",
    [{"ChecksumSHA256": "x" * 43 + "="}, {"ChecksumCRC32": "AAAAAA=="}, {"ContentMD5": "AAAAAAAAAAAAAAAAAAAAAA=="}],
)
@pytest.mark.parametrize("size", [10, 500_000])
def test_a_wrong_checksum_makes_no_object(s3: Any, bucket: str, checksum: dict[str, str], size: int) -> None:
    with refused("BadDigest", 400):
        s3.put_object(Bucket=bucket, Key="k", Body=b"x" * size, **checksum)
    with refused("404", 404):
        s3.head_object(Bucket=bucket, Key="k")


@pytest.mark.parametrize(
    ("asked", "expected", "shown"),
    [
        ("bytes=0-4", b"01234", "bytes 0-4/10"),
        ("bytes=7-", b"789", "bytes 7-9/10"),
        ("bytes=-3", b"789", "bytes 7-9/10"),
        ("bytes=5-100", b"56789", "bytes 5-9/10"),
    ],
)
def test_ranges(s3: Any, bucket: str, asked: str, expected: bytes, shown: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    found = s3.get_object(Bucket=bucket, Key="k", Range=asked)
    assert (found["Body"].read(), found["ContentRange"]) == (expected, shown)
    assert found["ResponseMetadata"]["HTTPStatusCode"] == 206


def test_a_range_beyond_the_end(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    with refused("InvalidRange", 416):
        s3.get_object(Bucket=bucket, Key="k", Range="bytes=10-20")


def test_conditions_of_reading(s3: Any, bucket: str) -> None:
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"abc")["ETag"]
    assert s3.get_object(Bucket=bucket, Key="k", IfMatch=etag)["Body"].read() == b"abc"
    with refused("304", 304):
        s3.get_object(Bucket=bucket, Key="k", IfNoneMatch=etag)
    with refused("PreconditionFailed", 412):
        s3.get_object(Bucket=bucket, Key="k", IfMatch='"0123"')


def test_a_write_only_where_nothing_is(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"first", IfNoneMatch="*")
    with refused("PreconditionFailed", 412):
        s3.put_object(Bucket=bucket, Key="k", Body=b"second", IfNoneMatch="*")
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"first"


def test_what_is_not_there(s3: Any, bucket: str) -> None:
    with refused("NoSuchKey", 404):
        s3.get_object(Bucket=bucket, Key="none")
    with refused("404", 404):
        s3.head_object(Bucket=bucket, Key="none")
    with refused("NoSuchBucket", 404):
        s3.get_object(Bucket=bucket_name(), Key="none")


def test_copying(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a b", Body=b"abc", Metadata={"x": "1"})
    copied = s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "a b"})
    assert copied["CopyObjectResult"]["ETag"] == f'"{hashlib.md5(b"abc").hexdigest()}"'
    assert s3.head_object(Bucket=bucket, Key="copy")["Metadata"] == {"x": "1"}
    s3.copy_object(
        Bucket=bucket,
        Key="copy",
        CopySource={"Bucket": bucket, "Key": "copy"},
        Metadata={"y": "2"},
        MetadataDirective="REPLACE",
    )
    assert s3.head_object(Bucket=bucket, Key="copy")["Metadata"] == {"y": "2"}
    with refused("PreconditionFailed", 412):
        s3.copy_object(Bucket=bucket, Key="c", CopySource={"Bucket": bucket, "Key": "copy"}, CopySourceIfMatch='"0123"')


def test_deleting_one_and_many(s3: Any, bucket: str) -> None:
    for name in ("a", "b", "c&d", "e"):
        s3.put_object(Bucket=bucket, Key=name, Body=b"")
    s3.delete_object(Bucket=bucket, Key="a")
    s3.delete_object(Bucket=bucket, Key="a")
    told = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "b"}, {"Key": "c&d"}, {"Key": "none"}]})
    assert sorted(one["Key"] for one in told["Deleted"]) == ["b", "c&d", "none"]
    quiet = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "e"}], "Quiet": True})
    assert "Deleted" not in quiet
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_storage_classes(cloud: Cloud, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"1", StorageClass="STANDARD_IA")
    assert s3.head_object(Bucket=bucket, Key="k")["StorageClass"] == "STANDARD_IA"
    assert oss2_bucket(cloud, bucket).head_object("k").headers["x-oss-storage-class"] == "IA"
    assert s3.list_objects_v2(Bucket=bucket)["Contents"][0]["StorageClass"] == "STANDARD_IA"
    with refused("InvalidStorageClass", 400):
        s3.put_object(Bucket=bucket, Key="k", Body=b"1", StorageClass="COLDEST")


def test_attributes(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"hello")
    found = s3.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=["ETag", "ObjectSize", "StorageClass"])
    assert found["ETag"] == hashlib.md5(b"hello").hexdigest()
    assert (found["ObjectSize"], found["StorageClass"]) == (5, "STANDARD")


def test_headers_of_an_answer_can_be_chosen(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"1", CacheControl="no-cache", ContentEncoding="gzip")
    found = s3.get_object(Bucket=bucket, Key="k", ResponseContentType="text/html")
    assert (found["ContentType"], found["CacheControl"], found["ContentEncoding"]) == ("text/html", "no-cache", "gzip")


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_presigned_addresses(cloud: Cloud, bucket: str, version: str) -> None:
    s3 = s3_client(cloud, signature_version=version)
    place = {"Bucket": bucket, "Key": "a b/ü"}
    url = s3.generate_presigned_url("put_object", Params=place)
    request = urllib.request.Request(url, data=b"presigned", method="PUT", headers={"Content-Type": ""})
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.status == 200
    url = s3.generate_presigned_url("get_object", Params={**place, "ResponseContentType": "text/plain"})
    with urllib.request.urlopen(url, timeout=30) as answer:
        assert (answer.read(), answer.headers["Content-Type"]) == (b"presigned", "text/plain")


def test_a_presigned_address_is_good_for_nothing_else(cloud: Cloud, bucket: str) -> None:
    s3 = s3_client(cloud, signature_version="s3v4")
    s3.put_object(Bucket=bucket, Key="mine", Body=b"1")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "other"}).replace("other", "mine")
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(url, timeout=30)
    assert (caught.value.code, b"<Code>SignatureDoesNotMatch</Code>" in caught.value.read()) == (403, True)


def test_the_old_signature(cloud: Cloud, bucket: str) -> None:
    s3 = s3_client(cloud, signature_version="s3", **NONE)
    s3.put_object(Bucket=bucket, Key="a b", Body=b"v2", Metadata={"x": "y"})
    assert s3.get_object(Bucket=bucket, Key="a b")["Body"].read() == b"v2"
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] == "cn-hangzhou"


def test_large_files_go_in_parts(s3: Any, bucket: str, tmp_path: Path) -> None:
    from boto3.s3.transfer import TransferConfig

    content = b"".join(hashlib.sha256(str(index).encode()).digest() for index in range(650_000))
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(content)
    small = TransferConfig(multipart_threshold=6_000_000, multipart_chunksize=6_000_000)
    s3.upload_file(str(source), bucket, "big", Config=small, ExtraArgs={"Metadata": {"a": "b"}})
    head = s3.head_object(Bucket=bucket, Key="big")
    assert (head["ContentLength"], head["Metadata"]) == (len(content), {"a": "b"})
    assert head["ETag"].endswith('-4"')
    s3.download_file(bucket, "big", str(target), Config=small)
    assert target.read_bytes() == content
    s3.copy({"Bucket": bucket, "Key": "big"}, bucket, "copy", Config=small)
    back = io.BytesIO()
    s3.download_fileobj(bucket, "copy", back)
    assert back.getvalue() == content


def test_parts_one_by_one(s3: Any, bucket: str) -> None:
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k", ContentType="text/plain")
    place = {"Bucket": bucket, "Key": "k", "UploadId": upload["UploadId"]}
    assert [one["Key"] for one in s3.list_multipart_uploads(Bucket=bucket)["Uploads"]] == ["k"]
    parts = []
    for number, body in ((1, b"a" * 5 * 1024 * 1024), (2, b"b")):
        part = s3.upload_part(**place, PartNumber=number, Body=body)
        assert part["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
        parts.append({"PartNumber": number, "ETag": part["ETag"]})
    listed = s3.list_parts(**place)["Parts"]
    assert [(one["PartNumber"], one["ETag"]) for one in listed] == [(one["PartNumber"], one["ETag"]) for one in parts]
    done = s3.complete_multipart_upload(**place, MultipartUpload={"Parts": parts})
    assert done["ETag"] == s3.head_object(Bucket=bucket, Key="k")["ETag"]
    again = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    s3.abort_multipart_upload(Bucket=bucket, Key="k", UploadId=again)
    with refused("NoSuchUpload", 404):
        s3.list_parts(Bucket=bucket, Key="k", UploadId=again)


def test_oss_clients_delete_what_s3_clients_made(cloud: Cloud, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    oss = oss2_bucket(cloud, bucket)
    oss.delete_object("k")
    oss.delete_bucket()
    with pytest.raises(oss2.exceptions.NoSuchBucket):
        oss.get_bucket_info()


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_presigned_forms(cloud: Cloud, s3: Any, bucket: str, version: str) -> None:
    post = s3_client(cloud, signature_version=version).generate_presigned_post(
        bucket,
        "up/${filename}",
        Fields={"x-amz-meta-a": "b", "Content-Type": "text/plain"},
        Conditions=[{"x-amz-meta-a": "b"}, {"Content-Type": "text/plain"}, ["content-length-range", 1, 100]],
    )

    def send(content: bytes, **more: str) -> int:
        return requests.post(
            post["url"], data={**post["fields"], **more}, files={"file": ("f.txt", content)}, timeout=30
        ).status_code

    assert send(b"hello") == 204
    found = s3.get_object(Bucket=bucket, Key="up/f.txt")
    assert (found["Body"].read(), found["Metadata"], found["ContentType"]) == (b"hello", {"a": "b"}, "text/plain")
    assert send(b"x" * 101) == 400
    assert send(b"x", acl="public-read") == 403, "nobody signed that"
    assert send(b"x", policy=base64.b64encode(b"{}").decode()) == 403
    assert s3.get_object(Bucket=bucket, Key="up/f.txt")["Body"].read() == b"hello"


def test_a_page_of_another_origin(cloud: Cloud, s3: Any, bucket: str) -> None:
    rule = {"AllowedMethods": ["GET"], "AllowedOrigins": ["https://example.com"], "ExposeHeaders": ["ETag"]}
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [rule]})
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    url = s3_client(cloud, signature_version="s3v4").generate_presigned_url(
        "get_object", Params={"Bucket": bucket, "Key": "k"}
    )
    asked = {"Origin": "https://example.com", "Access-Control-Request-Method": "GET"}
    before = requests.options(url, headers=asked, timeout=30)
    assert (before.status_code, before.headers["Access-Control-Allow-Origin"]) == (200, "https://example.com")
    answer = requests.get(url, headers={"Origin": "https://example.com"}, timeout=30)
    assert (answer.content, answer.headers["Access-Control-Allow-Origin"]) == (b"1", "https://example.com")
    assert requests.options(url, headers={**asked, "Origin": "https://other.example"}, timeout=30).status_code == 403
