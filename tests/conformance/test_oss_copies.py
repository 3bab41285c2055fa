"""Copies across buckets and regions, through oss2 and boto3."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import oss2
import pytest
from botocore.exceptions import ClientError

from tests.conformance.conftest import Cloud
from tests.conformance.oss_clients import bucket_name, oss2_bucket
from tests.conformance.s3_clients import s3_client
from tests.conftest import Server

FAR = "cn-beijing"
LARGE = os.urandom(3_000_000)


@pytest.fixture
def near(cloud: Cloud) -> oss2.Bucket:
    made = oss2_bucket(cloud)
    made.create_bucket()
    return made


@pytest.fixture
def far(cloud: Cloud) -> oss2.Bucket:
    made = oss2_bucket(cloud, region=FAR)
    made.create_bucket()
    return made


def space_of(server: Server) -> int:
    """Bytes on disk of the blobs of the test's region; a file with two names counts once."""
    files = {file.stat().st_ino: file.stat() for file in blobs_of(server).rglob("*") if file.is_file()}
    return sum(one.st_blocks * 512 for one in files.values())


def blobs_of(server: Server) -> Path:
    return server.data / "regions" / "cn-hangzhou" / "blobs"


def upload_in_parts(bucket: oss2.Bucket, key: str, parts: list[bytes]) -> None:
    upload = bucket.init_multipart_upload(key).upload_id
    done = [
        oss2.models.PartInfo(number, bucket.upload_part(key, upload, number, part).etag)
        for number, part in enumerate(parts, 1)
    ]
    bucket.complete_multipart_upload(key, upload, done)


def test_oss_refuses_to_copy_between_regions(near: oss2.Bucket, far: oss2.Bucket) -> None:
    far.put_object("k", b"1")
    upload = near.init_multipart_upload("k").upload_id
    for copy in (
        lambda: near.copy_object(far.bucket_name, "k", "k"),
        lambda: near.upload_part_copy(far.bucket_name, "k", (0, 0), "k", upload, 1),
    ):
        with pytest.raises(oss2.exceptions.AccessDenied) as refused:
            copy()
        assert refused.value.message == "Target object does not reside in the same data center as source object."
        assert refused.value.ec == "0016-00000306"
    with pytest.raises(oss2.exceptions.NoSuchBucket):
        near.copy_object(bucket_name(), "k", "k")


def test_nobody_names_the_source_in_a_parameter(near: oss2.Bucket, other_cloud: Cloud) -> None:
    """What the gateway knows of a source never comes from the request."""
    near.put_object("secret", b"1")
    stranger = oss2_bucket(other_cloud)
    stranger.create_bucket()
    with pytest.raises(oss2.exceptions.AccessDenied):
        stranger.copy_object(near.bucket_name, "secret", "k", params={"origin": "unchanged", "pieces": "x"})


def test_a_large_copy_takes_no_room_and_outlives_its_source(server: Server, near: oss2.Bucket, cloud: Cloud) -> None:
    other = oss2_bucket(cloud)
    other.create_bucket()
    near.put_object("whole", LARGE, headers={"x-oss-meta-colour": "red"})
    upload_in_parts(near, "parts", [LARGE[:1_000_000], LARGE[1_000_000:], b"tail"])
    before = space_of(server)
    for key in ("whole", "parts"):
        other.copy_object(near.bucket_name, key, key)
        near.copy_object(near.bucket_name, key, "again")
    assert space_of(server) - before < 1_000_000, "four copies of 3 MB share the bytes of their sources"
    assert other.head_object("parts").etag == near.head_object("parts").etag
    assert other.head_object("whole").headers["x-oss-meta-colour"] == "red"
    for key in ("whole", "parts", "again"):
        near.delete_object(key)
    assert other.get_object("whole").read() == LARGE
    assert other.get_object("parts").read() == LARGE + b"tail"
    assert other.get_object("parts", byte_range=(2_999_999, 3_000_001)).read() == LARGE[-1:] + b"ta"


def test_a_link_is_copied_as_a_link(near: oss2.Bucket) -> None:
    near.put_object("target", b"1")
    near.put_symlink("target", "link", headers={"x-oss-meta-a": "b"})
    near.copy_object(near.bucket_name, "link", "copy")
    assert near.get_symlink("copy").target_key == "target"
    near.put_object("target", b"22")
    read = near.get_object("copy")
    assert (read.read(), read.headers["x-oss-object-type"], read.headers["x-oss-meta-a"]) == (b"22", "Symlink", "b")
    near.delete_object("target")
    near.copy_object(near.bucket_name, "link", "dangling")
    upload = near.init_multipart_upload("parts").upload_id
    with pytest.raises(oss2.exceptions.ServerError) as refused:
        near.upload_part_copy(near.bucket_name, "link", (0, 0), "parts", upload, 1)
    assert (refused.value.status, refused.value.details["EC"]) == (400, "0042-00000308")


def test_an_encrypted_copy_of_an_object_in_parts(near: oss2.Bucket) -> None:
    upload_in_parts(near, "parts", [LARGE[:1_000_000], LARGE[1_000_000:]])
    near.copy_object(near.bucket_name, "parts", "sealed", headers={"x-oss-server-side-encryption": "AES256"})
    assert near.head_object("sealed").headers["x-oss-server-side-encryption"] == "AES256"
    near.copy_object(near.bucket_name, "sealed", "once more", headers={"x-oss-server-side-encryption": "AES256"})
    near.delete_object("sealed")
    assert near.get_object("once more").read() == LARGE


def test_s3_copies_between_regions(cloud: Cloud, near: oss2.Bucket, far: oss2.Bucket, other_cloud: Cloud) -> None:
    s3: Any = s3_client(cloud)
    upload_in_parts(far, "parts", [LARGE[:1_000_000], LARGE[1_000_000:]])
    far.put_object("small", b"1", headers={"x-oss-meta-colour": "red"})
    source = {"Bucket": far.bucket_name, "Key": "parts"}
    s3.copy_object(Bucket=near.bucket_name, Key="parts", CopySource=source)
    s3.copy_object(Bucket=near.bucket_name, Key="small", CopySource={**source, "Key": "small"})
    far.delete_object("parts")
    assert near.get_object("parts").read() == LARGE
    assert near.head_object("small").headers["x-oss-meta-colour"] == "red"

    far.put_object("parts", LARGE)
    upload = s3.create_multipart_upload(Bucket=near.bucket_name, Key="two")["UploadId"]
    parts = []
    for number, span in enumerate(["0-1999999", "2000000-2999999"], 1):
        answer = s3.upload_part_copy(
            Bucket=near.bucket_name,
            Key="two",
            UploadId=upload,
            PartNumber=number,
            CopySource=source,
            CopySourceRange=f"bytes={span}",
        )
        parts.append({"PartNumber": number, "ETag": answer["CopyPartResult"]["ETag"]})
    s3.complete_multipart_upload(Bucket=near.bucket_name, Key="two", UploadId=upload, MultipartUpload={"Parts": parts})
    assert near.get_object("two").read() == LARGE

    stranger: Any = s3_client(other_cloud)
    own = oss2_bucket(other_cloud)
    own.create_bucket()
    for client, given, code in (
        (stranger, {"CopySource": source}, "AccessDenied"),
        (s3, {"CopySource": {**source, "Key": "none"}}, "NoSuchKey"),
        (s3, {"CopySource": source, "CopySourceIfMatch": '"0123"'}, "PreconditionFailed"),
    ):
        target = own.bucket_name if client is stranger else near.bucket_name
        with pytest.raises(ClientError) as refused:
            client.copy_object(Bucket=target, Key="k", **given)
        assert refused.value.response["Error"]["Code"] == code
