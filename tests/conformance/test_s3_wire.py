"""What no SDK for S3 sends, and what only some do: chunked bodies, hosts, and mistakes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import socket
import zlib
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.conformance.conftest import Cloud
from tests.conformance.oss_clients import bucket_name
from tests.conformance.s3_clients import s3_client

SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
EMPTY = hashlib.sha256(b"").hexdigest()


class Wire:
    """Signs by hand, so that it can also sign wrongly."""

    def __init__(self, cloud: Cloud, region: str = "us-east-1") -> None:
        self.cloud = cloud
        self.at = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        self.scope = f"{self.at[:8]}/{region}/s3/aws4_request"
        key = b"AWS4" + cloud.access_key_secret.encode()
        for part in self.scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        self.key = key
        self.signature = ""

    def sign(self, text: str) -> str:
        return hmac.digest(self.key, text.encode(), "sha256").hex()

    def head(self, method: str, path: str, payload: str, headers: dict[str, str], query: str = "") -> dict[str, str]:
        """All headers, with the Authorization."""
        signed = {"host": self.cloud.endpoint, "x-amz-date": self.at, "x-amz-content-sha256": payload, **headers}
        names = ";".join(sorted(signed))
        lines = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
        canonical = f"{method}\n{path}\n{query}\n{lines}\n{names}\n{payload}"
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        self.signature = self.sign(f"AWS4-HMAC-SHA256\n{self.at}\n{self.scope}\n{digest}")
        credential = f"{self.cloud.access_key_id}/{self.scope}"
        signed["authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={self.signature}"
        )
        return signed

    def chunk(self, data: bytes) -> bytes:
        digest = hashlib.sha256(data).hexdigest()
        text = f"AWS4-HMAC-SHA256-PAYLOAD\n{self.at}\n{self.scope}\n{self.signature}\n{EMPTY}\n{digest}"
        self.signature = self.sign(text)
        return f"{len(data):x};chunk-signature={self.signature}\r\n".encode() + data + b"\r\n"

    def trailer(self, line: str) -> bytes:
        digest = hashlib.sha256(f"{line}\n".encode()).hexdigest()
        text = f"AWS4-HMAC-SHA256-TRAILER\n{self.at}\n{self.scope}\n{self.signature}\n{digest}"
        return f"{line}\r\nx-amz-trailer-signature:{self.sign(text)}\r\n\r\n".encode()

    def send(self, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> tuple[int, str]:
        """Status, and the error's code if there is one."""
        connection = http.client.HTTPConnection(self.cloud.endpoint, timeout=30)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        connection.close()
        return answer.status, text.partition("<Code>")[2].partition("</Code>")[0]


@pytest.fixture
def s3(cloud: Cloud) -> Any:
    return s3_client(cloud)


@pytest.fixture
def bucket(s3: Any) -> str:
    name = bucket_name()
    s3.create_bucket(Bucket=name)
    return name


@pytest.fixture
def wire(cloud: Cloud) -> Wire:
    return Wire(cloud)


def body_of(s3: Any, bucket: str) -> bytes:
    content: bytes = s3.get_object(Bucket=bucket, Key="k")["Body"].read()
    return content


@pytest.mark.parametrize("sizes", [[], [5], [65536, 65536, 1000], [1] * 50])
def test_signed_chunks(wire: Wire, s3: Any, bucket: str, sizes: list[int]) -> None:
    pieces = [bytes([65 + number % 26]) * size for number, size in enumerate(sizes)]
    wanted = b"".join(pieces)
    head = wire.head(
        "PUT",
        f"/{bucket}/k",
        SIGNED,
        {"x-amz-decoded-content-length": str(len(wanted)), "content-encoding": "aws-chunked,gzip"},
    )
    sent = b"".join(wire.chunk(piece) for piece in [*pieces, b""])
    assert wire.send("PUT", f"/{bucket}/k", head, sent) == (200, "")
    found = s3.get_object(Bucket=bucket, Key="k")
    assert (found["Body"].read(), found["ContentEncoding"]) == (wanted, "gzip"), "aws-chunked is only how it was sent"


def test_a_chunk_that_was_changed_makes_no_object(wire: Wire, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"old")
    head = wire.head("PUT", f"/{bucket}/k", SIGNED, {"x-amz-decoded-content-length": "10"})
    sent = wire.chunk(b"hello") + wire.chunk(b"world") + wire.chunk(b"")
    changed = sent.replace(b"world", b"wurld")
    assert wire.send("PUT", f"/{bucket}/k", head, changed) == (403, "SignatureDoesNotMatch")
    assert body_of(s3, bucket) == b"old"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"5\r\nhello\r\n0\r\n\r\n", "MalformedTrailerError"),
        (b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", "BadDigest"),
        (b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:nonsense\r\n\r\n", "InvalidRequest"),
        (b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\nmore", "InvalidChunkSizeError"),
        (b"5\r\nhellox\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n", "InvalidChunkSizeError"),
        (b"zz\r\nhello\r\n0\r\n\r\n", "InvalidChunkSizeError"),
        (b"-5\r\nhello\r\n0\r\n\r\n", "InvalidChunkSizeError"),
        (b"ffffffffffff\r\nhello", "IncompleteBody"),
        (b"4\r\nhell\r\n0\r\nx-amz-checksum-crc32:oUrBdA==\r\n\r\n", "IncompleteBody"),
        (b"x" * 10_000, "InvalidChunkSizeError"),
    ],
)
def test_broken_chunks_make_no_object(wire: Wire, s3: Any, bucket: str, body: bytes, code: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"old")
    headers = {"x-amz-decoded-content-length": "5", "x-amz-trailer": "x-amz-checksum-crc32"}
    head = wire.head("PUT", f"/{bucket}/k", TRAILER, headers)
    assert wire.send("PUT", f"/{bucket}/k", head, body) == (400, code)
    assert body_of(s3, bucket) == b"old"


@pytest.mark.parametrize("size", [0, 5, 200_000])
def test_a_checksum_behind_the_body(wire: Wire, s3: Any, bucket: str, size: int) -> None:
    data = b"h" * size
    crc = base64.b64encode(zlib.crc32(data).to_bytes(4, "big"))
    headers = {"x-amz-decoded-content-length": str(size), "x-amz-trailer": "x-amz-checksum-crc32"}
    head = wire.head("PUT", f"/{bucket}/k", TRAILER, headers)
    chunk = b"%x\r\n%s\r\n" % (size, data) if size else b""
    sent = chunk + b"0\r\nx-amz-checksum-crc32:%s\r\n\r\n" % crc
    assert wire.send("PUT", f"/{bucket}/k", head, sent) == (200, "")
    assert body_of(s3, bucket) == data


def test_a_signed_trailer(wire: Wire, s3: Any, bucket: str) -> None:
    line = "x-amz-checksum-crc32:" + base64.b64encode(zlib.crc32(b"hello").to_bytes(4, "big")).decode()
    headers = {"x-amz-decoded-content-length": "5", "x-amz-trailer": "x-amz-checksum-crc32"}
    for broken in (False, True):
        head = wire.head("PUT", f"/{bucket}/k", f"{SIGNED}-TRAILER", headers)
        sent = wire.chunk(b"hello") + wire.chunk(b"").removesuffix(b"\r\n") + wire.trailer(line)
        if broken:
            sent = sent[:-10] + b"000000\r\n\r\n"
        expected = (403, "SignatureDoesNotMatch") if broken else (200, "")
        assert wire.send("PUT", f"/{bucket}/k", head, sent) == expected
    assert body_of(s3, bucket) == b"hello"


def test_a_body_other_than_the_signed_one(wire: Wire, s3: Any, bucket: str) -> None:
    for size in (10, 300_000):
        digest = hashlib.sha256(b"x" * size).hexdigest()
        head = wire.head("PUT", f"/{bucket}/k", digest, {})
        assert wire.send("PUT", f"/{bucket}/k", head, b"y" * size) == (400, "XAmzContentSHA256Mismatch")
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_a_document_other_than_the_signed_one(wire: Wire, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    harmless, harmful = (f"<Delete><Object><Key>{name}</Key></Object></Delete>".encode() for name in "jk")
    head = wire.head("POST", f"/{bucket}", hashlib.sha256(harmless).hexdigest(), {}, query="delete=")
    assert wire.send("POST", f"/{bucket}?delete", head, harmful) == (400, "XAmzContentSHA256Mismatch")
    assert body_of(s3, bucket) == b"1"


def test_a_header_that_nobody_signed(wire: Wire, bucket: str) -> None:
    head = wire.head("PUT", f"/{bucket}/k", EMPTY, {})
    assert wire.send("PUT", f"/{bucket}/k", {**head, "x-amz-acl": "public-read"}) == (403, "AccessDenied")


def test_a_header_of_the_other_protocol_means_nothing(wire: Wire, s3: Any, bucket: str) -> None:
    head = wire.head("PUT", f"/{bucket}/k", EMPTY, {})
    assert wire.send("PUT", f"/{bucket}/k", {**head, "x-oss-meta-a": "b"}) == (200, "")
    assert s3.head_object(Bucket=bucket, Key="k")["Metadata"] == {}


@pytest.mark.parametrize(
    "host", ["{}.s3.localhost", "{}.s3.cn-hangzhou.amazonaws.com", "{}.oss-cn-hangzhou.localhost", "{}.localhost"]
)
def test_the_bucket_in_the_host(cloud: Cloud, s3: Any, bucket: str, host: str) -> None:
    s3.put_object(Bucket=bucket, Key="a b", Body=b"1")
    named = Wire(Cloud(host.format(bucket), cloud.account_id, cloud.access_key_id, cloud.access_key_secret))
    head = named.head("GET", "/a%20b", EMPTY, {})
    named.cloud = cloud
    assert named.send("GET", "/a%20b", head) == (200, "")
    bare = Wire(Cloud(host.format(bucket).partition(".")[2], "", cloud.access_key_id, cloud.access_key_secret))
    head = bare.head("GET", f"/{bucket}/a%20b", EMPTY, {})
    bare.cloud = cloud
    assert bare.send("GET", f"/{bucket}/a%20b", head) == (200, ""), "path style works on names, too"


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({"authorization": "AWS4-HMAC-SHA256 nonsense"}, (400, "AuthorizationHeaderMalformed")),
        ({"authorization": "AWS nonsense"}, (400, "AuthorizationHeaderMalformed")),
        ({"x-amz-date": "20200101T000000Z"}, (403, "RequestTimeTooSkewed")),
        ({"x-amz-date": "yesterday"}, (403, "AccessDenied")),
        ({"x-amz-content-sha256": "nonsense"}, (400, "InvalidArgument")),
    ],
)
def test_mistakes_in_signing(wire: Wire, bucket: str, changes: dict[str, str], answer: tuple[int, str]) -> None:
    head = wire.head("GET", f"/{bucket}/k", EMPTY, {})
    assert wire.send("GET", f"/{bucket}/k", {**head, **changes}) == answer


def test_a_signature_for_another_region(cloud: Cloud, bucket: str) -> None:
    for region, answer in (("cn-beijing", (400, "AuthorizationHeaderMalformed")), ("mars-1", (404, "NoSuchKey"))):
        wire = Wire(cloud, region)
        assert wire.send("GET", f"/{bucket}/k", wire.head("GET", f"/{bucket}/k", EMPTY, {})) == answer


def test_a_refusal_instead_of_100_continue_ends_the_connection(wire: Wire, cloud: Cloud, bucket: str) -> None:
    """The body never comes, so what comes next on the connection would be taken for it."""
    head = wire.head("PUT", f"/{bucket}/k", EMPTY, {"x-amz-acl": "nonsense"})
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    host, _, port = cloud.endpoint.partition(":")
    with socket.create_connection((host, int(port)), timeout=30) as sock:
        request = f"PUT /{bucket}/k HTTP/1.1\r\n{lines}Expect: 100-continue\r\nContent-Length: 3\r\n\r\n"
        sock.sendall(request.encode())
        answer = http.client.HTTPResponse(sock)
        answer.begin()
        answer.read()
        assert (answer.status, answer.headers["Connection"]) == (400, "close")
        assert sock.recv(1) == b""
