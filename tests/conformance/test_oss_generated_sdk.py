"""Control of buckets and objects through alibabacloud_oss20190517, the SDK that is generated as those of RPC products
are; its gateway module signs and speaks OSS's REST.

Its release 1.0.6 leaves out the root element of every document that it sends, and finds nothing below the root of
those that it gets. So here stands what works with it: all without documents, and the errors.
"""

from __future__ import annotations

import io
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import oss2
import pytest

from tests.conformance.conftest import REGION, Cloud
from tests.conformance.oss_clients import bucket_name, oss2_bucket

pytest.importorskip("alibabacloud_oss20190517", reason="alibabacloud_oss20190517 is not installed")
from alibabacloud_oss20190517 import models as m
from alibabacloud_oss20190517.client import Client
from alibabacloud_tea_util.models import RuntimeOptions


@contextmanager
def refused(code: str) -> Iterator[None]:
    """The gateway module wraps the service's error in another one, whose text has the code."""
    with pytest.raises(Exception, match=rf"^Error: {code} "):
        yield


@pytest.fixture
def oss(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Names below localhost, which few resolvers know, are this machine."""
    resolve = socket.getaddrinfo

    def resolved(host: Any, *others: Any, **named: Any) -> Any:
        return resolve("127.0.0.1" if str(host).endswith(".localhost") else host, *others, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    config = cloud.config()
    config.endpoint = f"oss-{REGION}.localhost:{cloud.endpoint.rpartition(':')[2]}"
    return Client(config)


@pytest.fixture
def bucket(oss: Client) -> str:
    name = bucket_name()
    oss.put_bucket(name, m.PutBucketRequest())
    return name


def test_buckets(oss: Client, cloud: Cloud, bucket: str) -> None:
    assert oss.list_buckets(m.ListBucketsRequest(prefix=bucket)).status_code == 200
    assert oss.get_bucket_location(bucket).body.location_constraint == f"oss-{REGION}"
    oss.put_bucket_acl_with_options(bucket, m.PutBucketAclHeaders(acl="private"), RuntimeOptions())
    assert oss.get_bucket_acl(bucket).status_code == 200
    for code, ask in (
        ("NoSuchLifecycle", oss.get_bucket_lifecycle),
        ("NoSuchServerSideEncryptionRule", oss.get_bucket_encryption),
        ("NoSuchWORMConfiguration", oss.get_bucket_worm),
    ):
        with refused(code):
            ask(bucket)
    oss2_bucket(cloud, bucket).put_bucket_cors(oss2.models.BucketCors([oss2.models.CorsRule(["*"], ["GET"])]))
    oss.delete_bucket_cors(bucket)
    with refused("NoSuchCORSConfiguration"):
        oss.get_bucket_cors(bucket)
    oss.delete_bucket(bucket)
    with refused("NoSuchBucket"):
        oss.get_bucket_info(bucket)


def test_objects(oss: Client, bucket: str) -> None:
    oss.put_object(bucket, "a/b c", m.PutObjectRequest(body=io.BytesIO(b"hello")))
    assert oss.get_object(bucket, "a/b c", m.GetObjectRequest()).body == b"hello"
    source = m.CopyObjectHeaders(copy_source=f"/{bucket}/a%2Fb%20c")
    oss.copy_object_with_options(bucket, "copy", source, RuntimeOptions())
    assert oss.head_object(bucket, "copy", m.HeadObjectRequest()).headers["content-length"] == "5"
    oss.delete_object(bucket, "a/b c", m.DeleteObjectRequest())
    with refused("NoSuchKey"):
        oss.get_object(bucket, "a/b c", m.GetObjectRequest())
    with refused("BucketNotEmpty"):
        oss.delete_bucket(bucket)
