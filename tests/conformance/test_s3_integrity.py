"""What S3's clients prove and ask to be proved: checksums, conditions of writes, parts by their numbers."""

from __future__ import annotations

import base64
import hashlib
import zlib

import pytest

from tests.conformance.conftest import Cloud
from tests.conformance.oss_clients import bucket_name, oss2_bucket
from tests.conformance.s3_clients import refused, s3_client

PART = 5 * 1024 * 1024


def crc32(data: bytes) -> str:
    return base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()


@pytest.fixture
def bucket(cloud: Cloud) -> str:
    name = bucket_name()
    s3_client(cloud).create_bucket(Bucket=name)
    return name


def test_checksums_are_kept(cloud: Cloud, bucket: str) -> None:
    s3 = s3_client(cloud)
    put = s3.put_object(Bucket=bucket, Key="a", Body=b"hello")  # boto3 sends a CRC32 by itself
    assert put["ChecksumCRC32"] == crc32(b"hello")
    head = s3.head_object(Bucket=bucket, Key="a", ChecksumMode="ENABLED")
    assert (head["ChecksumCRC32"], head["ChecksumType"]) == (crc32(b"hello"), "FULL_OBJECT")
    assert "ChecksumCRC32" not in s3.head_object(Bucket=bucket, Key="a")
    got = s3.get_object(Bucket=bucket, Key="a", ChecksumMode="ENABLED")
    assert (got["Body"].read(), got["ChecksumCRC32"]) == (b"hello", crc32(b"hello"))
    ranged = s3.get_object(Bucket=bucket, Key="a", Range="bytes=0-1", ChecksumMode="ENABLED")
    assert (ranged["Body"].read(), ranged.get("ChecksumCRC32")) == (b"he", None)
    sha256 = base64.b64encode(hashlib.sha256(b"x" * 10_000).digest()).decode()
    s3.put_object(Bucket=bucket, Key="b", Body=b"x" * 10_000, ChecksumAlgorithm="SHA256")
    shown = s3.get_object_attributes(
        Bucket=bucket, Key="b", ObjectAttributes=["ETag", "Checksum", "ObjectSize", "ObjectParts"]
    )
    assert (shown["Checksum"]["ChecksumSHA256"], shown["ObjectSize"]) == (sha256, 10_000)
    s3.copy_object(Bucket=bucket, Key="c", CopySource={"Bucket": bucket, "Key": "b"})
    assert s3.head_object(Bucket=bucket, Key="c", ChecksumMode="ENABLED")["ChecksumSHA256"] == sha256
    # OSS's own clients hear nothing of them.
    assert not [name for name in oss2_bucket(cloud, bucket).head_object("a").headers if "checksum" in name.lower()]


@pytest.mark.parametrize("kind", ["COMPOSITE", "FULL_OBJECT"])
def test_checksums_of_uploads_in_parts(cloud: Cloud, bucket: str, kind: str) -> None:
    s3 = s3_client(cloud)
    bodies = [b"a" * PART, b"b" * (PART + 1), b"c" * 7]
    upload = s3.create_multipart_upload(Bucket=bucket, Key="m", ChecksumAlgorithm="CRC32", ChecksumType=kind)
    parts = []
    for number, body in enumerate(bodies, 1):
        done = s3.upload_part(
            Bucket=bucket,
            Key="m",
            UploadId=upload["UploadId"],
            PartNumber=number,
            Body=body,
            ChecksumAlgorithm="CRC32",
        )
        parts.append({"PartNumber": number, "ETag": done["ETag"], "ChecksumCRC32": done["ChecksumCRC32"]})
    whole = b"".join(bodies)
    digests = b"".join(zlib.crc32(one).to_bytes(4, "big") for one in bodies)
    expected = crc32(whole) if kind == "FULL_OBJECT" else f"{crc32(digests)}-3"
    made = s3.complete_multipart_upload(
        Bucket=bucket, Key="m", UploadId=upload["UploadId"], MultipartUpload={"Parts": parts}
    )
    assert (made["ChecksumCRC32"], made["ChecksumType"]) == (expected, kind)
    md5 = b"".join(hashlib.md5(one).digest() for one in bodies)
    assert made["ETag"] == f'"{hashlib.md5(md5).hexdigest()}-3"'  # as S3's clients work it out
    shown = s3.get_object_attributes(Bucket=bucket, Key="m", ObjectAttributes=["Checksum", "ObjectParts"])
    assert (shown["Checksum"]["ChecksumCRC32"], shown["ObjectParts"]["TotalPartsCount"]) == (expected, 3)
    second = s3.get_object(Bucket=bucket, Key="m", PartNumber=2)
    assert (second["Body"].read() == bodies[1], second["PartsCount"]) == (True, 3)
    assert second["ContentRange"] == f"bytes {PART}-{2 * PART}/{len(whole)}"
    head = s3.head_object(Bucket=bucket, Key="m", PartNumber=3)
    assert (head["ContentLength"], head["PartsCount"]) == (7, 3)
    with refused("InvalidPartNumber", 416):
        s3.get_object(Bucket=bucket, Key="m", PartNumber=4)


@pytest.mark.parametrize("versioned", [False, True])
def test_writes_under_a_condition(cloud: Cloud, bucket: str, versioned: bool) -> None:
    s3 = s3_client(cloud)
    if versioned:
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    with refused("NoSuchKey", 404):
        s3.put_object(Bucket=bucket, Key="k", Body=b"1", IfMatch='"00000000000000000000000000000000"')
    first = s3.put_object(Bucket=bucket, Key="k", Body=b"1", IfNoneMatch="*")["ETag"]
    with refused("PreconditionFailed", 412):
        s3.put_object(Bucket=bucket, Key="k", Body=b"2", IfNoneMatch="*")
    second = s3.put_object(Bucket=bucket, Key="k", Body=b"2", IfMatch=first)["ETag"]
    with refused("PreconditionFailed", 412):
        s3.put_object(Bucket=bucket, Key="k", Body=b"3", IfMatch=first)
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=1, Body=b"4")
    done = {
        "Bucket": bucket,
        "Key": "k",
        "UploadId": upload,
        "MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]},
    }
    for condition in ({"IfMatch": first}, {"IfNoneMatch": "*"}):
        with refused("PreconditionFailed", 412):
            s3.complete_multipart_upload(**done, **condition)
    s3.complete_multipart_upload(**done, IfMatch=second)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"4"


def test_questions_that_have_empty_answers(cloud: Cloud, bucket: str) -> None:
    s3 = s3_client(cloud)
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    listed = s3.list_objects_v2(Bucket=bucket, MaxKeys=0)
    assert (listed["KeyCount"], listed["IsTruncated"], listed.get("Contents")) == (0, False, None)
    assert not {"TopicConfigurations", "QueueConfigurations"} & set(
        s3.get_bucket_notification_configuration(Bucket=bucket)
    )
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
    topic = {"TopicArn": "arn:aws:sns:us-east-1:1:t", "Events": ["s3:ObjectCreated:*"]}
    with refused("NotImplemented", 501):
        s3.put_bucket_notification_configuration(
            Bucket=bucket, NotificationConfiguration={"TopicConfigurations": [topic]}
        )
    assert "Status" not in s3.get_bucket_accelerate_configuration(Bucket=bucket)
    assert "InventoryConfigurationList" not in s3.list_bucket_inventory_configurations(Bucket=bucket)
    assert "AnalyticsConfigurationList" not in s3.list_bucket_analytics_configurations(Bucket=bucket)
    assert "MetricsConfigurationList" not in s3.list_bucket_metrics_configurations(Bucket=bucket)
    assert not s3.list_bucket_intelligent_tiering_configurations(Bucket=bucket)["IsTruncated"]
    with refused("ReplicationConfigurationNotFoundError", 404):
        s3.get_bucket_replication(Bucket=bucket)
    with refused("OwnershipControlsNotFoundError", 404):
        s3.get_bucket_ownership_controls(Bucket=bucket)
    with refused("NoSuchBucket", 404):
        s3.get_bucket_notification_configuration(Bucket=bucket_name())
    with refused("NotImplemented", 501):
        s3.put_object(Bucket=bucket, Key="k", Body=b"1", SSECustomerAlgorithm="AES256", SSECustomerKey="k" * 32)
