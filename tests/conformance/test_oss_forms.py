"""Uploads by forms, as browsers send them: each kind of signature, policies, and what the answer is asked to be."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import oss2
import pytest
import requests

from tests.conformance.conftest import REGION, Cloud
from tests.conformance.oss_clients import oss2_bucket


@pytest.fixture
def bucket(cloud: Cloud) -> oss2.Bucket:
    made = oss2_bucket(cloud)
    made.create_bucket()
    return made


def policy(*conditions: Any, seconds: int = 60) -> str:
    expires = datetime.now(UTC) + timedelta(seconds=seconds)
    document = {"expiration": f"{expires:%Y-%m-%dT%H:%M:%S.000Z}", "conditions": list(conditions)}
    return base64.b64encode(json.dumps(document).encode()).decode()


def signed(cloud: Cloud, text: str, version: str) -> dict[str, str]:
    secret = cloud.access_key_secret.encode()
    if version == "v1":
        signature = base64.b64encode(hmac.digest(secret, text.encode(), "sha1")).decode()
        return {"OSSAccessKeyId": cloud.access_key_id, "policy": text, "Signature": signature}
    if version == "v2":
        signature = base64.b64encode(hmac.digest(secret, text.encode(), "sha256")).decode()
        return {
            "x-oss-signature-version": "OSS2",
            "x-oss-access-key-id": cloud.access_key_id,
            "policy": text,
            "x-oss-signature": signature,
        }
    now = datetime.now(UTC)
    key = b"aliyun_v4" + secret
    for part in (f"{now:%Y%m%d}", REGION, "oss", "aliyun_v4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return {
        "x-oss-signature-version": "OSS4-HMAC-SHA256",
        "x-oss-credential": f"{cloud.access_key_id}/{now:%Y%m%d}/{REGION}/oss/aliyun_v4_request",
        "x-oss-date": f"{now:%Y%m%dT%H%M%SZ}",
        "policy": text,
        "x-oss-signature": hmac.digest(key, text.encode(), "sha256").hex(),
    }


def post(cloud: Cloud, bucket: oss2.Bucket, fields: dict[str, str], data: bytes = b"data") -> requests.Response:
    return requests.post(
        f"http://{cloud.endpoint}/{bucket.bucket_name}",
        data=fields,
        files={"file": ("C:\\photos\\moon.jpg", data, "image/jpeg")},
        allow_redirects=False,
        timeout=30,
    )


def code(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, ElementTree.fromstring(answer.content).findtext("Code", "")


@pytest.mark.parametrize("version", ["v1", "v2", "v4"])
@pytest.mark.parametrize("size", [0, 4, 3_000_001])
def test_a_file_in_a_form(cloud: Cloud, bucket: oss2.Bucket, version: str, size: int) -> None:
    data = os.urandom(size)
    fields = {
        "key": "up/${filename}",
        "x-oss-meta-by": "李白",
        "Cache-Control": "no-cache",
        **signed(cloud, policy({"bucket": bucket.bucket_name}, ["starts-with", "$key", "up/"]), version),
    }
    answer = post(cloud, bucket, fields, data)
    assert (answer.status_code, answer.content) == (204, b"")
    got = bucket.get_object("up/moon.jpg")
    assert got.read() == data
    assert answer.headers["ETag"] == f'"{hashlib.md5(data).hexdigest().upper()}"'
    headers = {name: got.headers[name] for name in ("Content-Type", "Cache-Control")}
    assert headers == {"Content-Type": "image/jpeg", "Cache-Control": "no-cache"}


def test_a_form_limits_its_own_traffic(cloud: Cloud, bucket: oss2.Bucket) -> None:
    data = b"a" * 48 * 1024
    fields = {"key": "slow", **signed(cloud, policy(), "v1"), "x-oss-traffic-limit": "819200"}
    begun = time.monotonic()
    assert post(cloud, bucket, fields, data).status_code == 204
    assert time.monotonic() - begun >= len(data) * 8 / 819200 * 0.9
    assert code(post(cloud, bucket, {**fields, "x-oss-traffic-limit": "1"}, data)) == (400, "InvalidArgument")


def test_a_body_that_looks_like_a_boundary_in_pieces(cloud: Cloud, bucket: oss2.Bucket) -> None:
    """Sent a byte at a time, around a text that begins as the boundary does."""
    fields = {"key": "k", **signed(cloud, policy(), "v1")}
    data = b"\r\n--BOUNDAR\r\n-\r\n--BOUNDAR"
    parts = [f'--BOUNDARY\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in fields.items()]
    parts.append('--BOUNDARY\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n')
    body = "".join(parts).encode() + data + b"\r\n--BOUNDARY--\r\n"
    answer = requests.post(
        f"http://{cloud.endpoint}/{bucket.bucket_name}",
        data=(body[place : place + 1] for place in range(len(body))),
        headers={"Content-Type": "multipart/form-data; boundary=BOUNDARY"},
        timeout=30,
    )
    assert answer.status_code == 204
    assert bucket.get_object("k").read() == data


def test_what_the_answer_is_asked_to_be(cloud: Cloud, bucket: oss2.Bucket) -> None:
    fields = {"key": "a b", **signed(cloud, policy(), "v4")}
    created = post(cloud, bucket, {**fields, "success_action_status": "201"})
    root = ElementTree.fromstring(created.content)
    assert (created.status_code, root.tag) == (201, "PostResponse")
    assert (root.findtext("Bucket"), root.findtext("Key")) == (bucket.bucket_name, "a b")
    assert post(cloud, bucket, {**fields, "success_action_status": "200"}).status_code == 200
    assert post(cloud, bucket, {**fields, "success_action_status": "404"}).status_code == 204
    sent = post(cloud, bucket, {**fields, "success_action_redirect": "http://shop.example/done?x=1"})
    assert sent.status_code == 303
    assert sent.headers["Location"].startswith(f"http://shop.example/done?x=1&bucket={bucket.bucket_name}&key=a")


@pytest.mark.parametrize(
    ("conditions", "field"),
    [
        ([{"bucket": "another"}], {}),
        ([["eq", "$key", "other"]], {}),
        ([["starts-with", "$key", "dir/"]], {}),
        ([["in", "$content-type", ["image/png"]]], {}),
        ([["not-in", "$cache-control", ["no-cache"]]], {"cache-control": "no-cache"}),
        ([{"x-oss-meta-by": "me"}], {}),
    ],
)
def test_a_form_that_the_policy_is_not_for(
    cloud: Cloud, bucket: oss2.Bucket, conditions: list[Any], field: dict[str, str]
) -> None:
    answer = post(cloud, bucket, {"key": "k", **field, **signed(cloud, policy(*conditions), "v1")})
    assert code(answer) == (403, "AccessDenied")
    assert "Policy Condition failed" in answer.text
    assert not bucket.object_exists("k")


def test_sizes_that_a_policy_allows(cloud: Cloud, bucket: oss2.Bucket) -> None:
    fields = {"key": "k", **signed(cloud, policy(["content-length-range", 3, 5]), "v4")}
    assert code(post(cloud, bucket, fields, b"12")) == (400, "EntityTooSmall")
    assert code(post(cloud, bucket, fields, b"123456")) == (400, "EntityTooLarge")
    assert not bucket.object_exists("k")
    assert post(cloud, bucket, fields, b"12345").status_code == 204


def test_policies_and_signatures_that_do_not_hold(cloud: Cloud, bucket: oss2.Bucket) -> None:
    good = {"key": "k", **signed(cloud, policy(), "v1")}
    assert code(post(cloud, bucket, {"key": "k", **signed(cloud, policy(seconds=-60), "v1")})) == (403, "AccessDenied")
    assert code(post(cloud, bucket, {"key": "k", **signed(cloud, "no policy", "v1")})) == (400, "InvalidPolicyDocument")
    assert code(post(cloud, bucket, {**good, "policy": policy({"key": "k"})})) == (403, "SignatureDoesNotMatch")
    assert code(post(cloud, bucket, {**good, "OSSAccessKeyId": "LTAInobody"})) == (403, "InvalidAccessKeyId")
    assert code(post(cloud, bucket, {**good, "Signature": ""})) == (400, "InvalidArgument")
    assert code(post(cloud, bucket, {"key": "k"})) == (403, "AccessDenied")
    assert code(post(cloud, bucket, signed(cloud, policy(), "v1"))) == (400, "InvalidArgument")
    assert not bucket.object_exists("k")


def test_everybody_may_post_where_all_may_write(cloud: Cloud, bucket: oss2.Bucket) -> None:
    bucket.put_bucket_acl(oss2.BUCKET_ACL_PUBLIC_READ_WRITE)
    assert post(cloud, bucket, {"key": "k"}).status_code == 204
    assert bucket.get_object("k").read() == b"data"


def test_a_form_that_breaks_off(cloud: Cloud, bucket: oss2.Bucket) -> None:
    bucket.put_bucket_acl(oss2.BUCKET_ACL_PUBLIC_READ_WRITE)
    head = b'--B\r\nContent-Disposition: form-data; name="key"\r\n\r\nk\r\n--B\r\n'
    file = b'Content-Disposition: form-data; name="file"; filename="f"\r\n\r\ndata'
    for body in (b"", b"--B", head, head + file, head + b"\r\n\r\nx\r\n--B--", b"--B--"):
        answer = requests.post(
            f"http://{cloud.endpoint}/{bucket.bucket_name}",
            data=body,
            headers={"Content-Type": "multipart/form-data; boundary=B"},
            timeout=30,
        )
        assert answer.status_code == 400
    assert not bucket.object_exists("k")
