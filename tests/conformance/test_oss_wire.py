"""What no SDK sends: broken bodies, odd addresses, clients that hang up."""

from __future__ import annotations

import base64
import http.client
import socket
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import oss2
import pytest
import requests

from tests.conformance.conftest import Cloud
from tests.conformance.oss_clients import oss2_bucket


@pytest.fixture
def bucket(cloud: Cloud) -> oss2.Bucket:
    made = oss2_bucket(cloud)
    made.create_bucket()
    return made


def signed(bucket: oss2.Bucket, method: str, key: str, headers: dict[str, str] | None = None) -> str:
    """Path and query."""
    parts = urlsplit(bucket.sign_url(method, key, 60, headers=headers, slash_safe=True))
    return f"{parts.path}?{parts.query}"


@pytest.fixture
def wire(cloud: Cloud) -> Iterator[socket.socket]:
    host, _, port = cloud.endpoint.partition(":")
    with closing(socket.create_connection((host, int(port)), timeout=30)) as sock:
        yield sock


def answer_of(wire: socket.socket) -> tuple[int, dict[str, str], bytes]:
    answer = http.client.HTTPResponse(wire)
    answer.begin()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()


def test_a_body_that_ends_early_makes_no_object(bucket: oss2.Bucket, wire: socket.socket) -> None:
    bucket.put_object("k", b"old")
    head = f"PUT {signed(bucket, 'PUT', 'k')} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000\r\n\r\n"
    wire.sendall(head.encode() + b"x" * 999_999)
    wire.shutdown(socket.SHUT_WR)
    assert wire.recv(1) == b"", "nobody is left to answer"
    assert bucket.get_object("k").read() == b"old"


def test_a_broken_chunk_makes_no_object(bucket: oss2.Bucket, wire: socket.socket) -> None:
    path = signed(bucket, "PUT", "k")
    wire.sendall(f"PUT {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
    wire.sendall(b"5\r\nhello\r\nnonsense\r\n")
    wire.recv(1000)
    assert not bucket.object_exists("k")


def test_a_length_is_required(bucket: oss2.Bucket, wire: socket.socket) -> None:
    wire.sendall(f"PUT {signed(bucket, 'PUT', 'k')} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    status, _, body = answer_of(wire)
    assert status == 411
    assert b"<Code>MissingContentLength</Code>" in body


def test_too_much_is_refused_before_it_is_sent(bucket: oss2.Bucket, wire: socket.socket) -> None:
    size = 5 * 1024**3 + 1
    path = signed(bucket, "PUT", "k")
    wire.sendall(
        f"PUT {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: 100-continue\r\nContent-Length: {size}\r\n\r\n".encode()
    )
    status, _, body = answer_of(wire)
    assert status == 400
    assert b"<Code>EntityTooLarge</Code>" in body


def test_nobody_sends_a_body_to_be_refused(bucket: oss2.Bucket, wire: socket.socket) -> None:
    wire.sendall(
        f"PUT /{bucket.bucket_name}/k HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        "Expect: 100-continue\r\nContent-Length: 1000000\r\n\r\n".encode()
    )
    status, _, body = answer_of(wire)
    assert status == 403, "the answer comes instead of 100 Continue"
    assert b"<Code>AccessDenied</Code>" in body


def test_a_reader_that_hangs_up_harms_nobody(bucket: oss2.Bucket, wire: socket.socket) -> None:
    bucket.put_object("big", b"x" * 20_000_000)
    wire.sendall(f"GET {signed(bucket, 'GET', 'big')} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    assert wire.recv(100).startswith(b"HTTP/1.1 200")
    wire.close()
    assert bucket.get_object("big").content_length == 20_000_000


def test_two_requests_on_one_connection(bucket: oss2.Bucket, wire: socket.socket) -> None:
    for name, body in (("a", b"first"), ("b", b"second")):
        wire.sendall(
            f"PUT {signed(bucket, 'PUT', name)} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Content-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        assert answer_of(wire)[0] == 200
    assert bucket.get_object("a").read() == b"first"
    assert bucket.get_object("b").read() == b"second"


def test_an_error_of_head_is_in_its_headers(cloud: Cloud, bucket: oss2.Bucket) -> None:
    answer = requests.head(f"http://{cloud.endpoint}{signed(bucket, 'HEAD', 'none')}", timeout=30)
    assert (answer.status_code, answer.content) == (404, b"")
    assert b"<Code>NoSuchKey</Code>" in base64.b64decode(answer.headers["x-oss-err"])
    assert answer.headers["x-oss-ec"] == "0026-00000001"


def test_every_answer_has_its_id_and_time(cloud: Cloud, bucket: oss2.Bucket) -> None:
    for path in (signed(bucket, "GET", "none"), "/no-such-bucket/k", f"/{bucket.bucket_name}/"):
        headers = requests.get(f"http://{cloud.endpoint}{path}", timeout=30).headers
        assert len(headers["x-oss-request-id"]) == 24
        assert int(headers["x-oss-server-time"]) >= 0


@pytest.mark.parametrize("suffix", ["localhost", "oss-cn-hangzhou.localhost", "oss-cn-hangzhou-internal.aliyuncs.com"])
def test_the_bucket_may_be_in_the_host(cloud: Cloud, bucket: oss2.Bucket, suffix: str) -> None:
    bucket.put_bucket_acl("public-read")
    bucket.put_object("dir/k", b"1")
    host = f"{bucket.bucket_name}.{suffix}"
    answer = requests.get(f"http://{cloud.endpoint}/dir/k", headers={"Host": host}, timeout=30)
    assert answer.content == b"1"
    missing = requests.get(f"http://{cloud.endpoint}/dir", headers={"Host": host}, timeout=30)
    assert f"<HostId>{host}</HostId>" in missing.text


def test_a_signed_request_to_a_bucket_in_the_host(cloud: Cloud, bucket: oss2.Bucket) -> None:
    """V1 and V4 sign bucket and name, wherever the address has them."""
    bucket.put_object("k +", b"1")
    for version in ("v1", "v4"):
        path = signed(oss2_bucket(cloud, bucket.bucket_name, version=version), "GET", "k +")
        headers = {"Host": f"{bucket.bucket_name}.oss-cn-hangzhou.localhost"}
        inner = path.removeprefix(f"/{bucket.bucket_name}")
        assert requests.get(f"http://{cloud.endpoint}{inner}", headers=headers, timeout=30).content == b"1"


def test_an_endpoint_of_another_region_sends_on(cloud: Cloud, bucket: oss2.Bucket) -> None:
    headers = {"Host": f"{bucket.bucket_name}.oss-cn-beijing.localhost"}
    answer = requests.get(f"http://{cloud.endpoint}/k", headers=headers, timeout=30)
    assert answer.status_code == 403
    assert "<Endpoint>oss-cn-hangzhou.aliyuncs.com</Endpoint>" in answer.text


def test_a_name_of_oss_takes_no_bucket_in_the_path(cloud: Cloud, bucket: oss2.Bucket) -> None:
    headers = {"Host": "oss-cn-hangzhou.aliyuncs.com"}
    answer = requests.get(f"http://{cloud.endpoint}/{bucket.bucket_name}/k", headers=headers, timeout=30)
    assert answer.status_code == 403
    assert "<Code>SecondLevelDomainForbidden</Code>" in answer.text


def test_dots_in_a_path_are_part_of_the_name(bucket: oss2.Bucket, wire: socket.socket) -> None:
    bucket.put_bucket_acl("public-read")
    wire.sendall(f"GET /{bucket.bucket_name}/../../etc/passwd HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    status, _, body = answer_of(wire)
    assert status == 404
    assert b"<Key>../../etc/passwd</Key>" in body


@pytest.mark.parametrize("path", ["/%ff%fe", "/{bucket}/%c3%28", "/{bucket}/a%00b"])
def test_bytes_that_are_no_name(bucket: oss2.Bucket, wire: socket.socket, path: str) -> None:
    bucket.put_bucket_acl("public-read-write")
    place = path.format(bucket=bucket.bucket_name)
    wire.sendall(f"PUT {place} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n".encode())
    status, _, body = answer_of(wire)
    assert (status, b"<Code>Invalid" in body) == (400, True)


@pytest.mark.parametrize("method", ["PATCH", "TRACE", "LOCK"])
def test_methods_that_mean_nothing_here(cloud: Cloud, bucket: oss2.Bucket, method: str) -> None:
    answer = requests.request(method, f"http://{cloud.endpoint}/{bucket.bucket_name}/k", timeout=30)
    assert answer.status_code == 405
    assert "<Code>MethodNotAllowed</Code>" in answer.text


@pytest.mark.parametrize("asked", ["bytes=99999999999999999999-", "bytes=-", "bytes=0-99999999999999999", "bytes=a-b"])
def test_absurd_ranges_give_the_whole(cloud: Cloud, bucket: oss2.Bucket, asked: str) -> None:
    bucket.put_bucket_acl("public-read")
    bucket.put_object("k", b"whole")
    url = f"http://{cloud.endpoint}/{bucket.bucket_name}/k"
    assert requests.get(url, headers={"Range": asked}, timeout=30).content == b"whole"


def test_an_override_cannot_add_a_header(cloud: Cloud, bucket: oss2.Bucket) -> None:
    bucket.put_object("k", b"1")
    forged = {"response-content-type": "text/plain\r\nSet-Cookie: a=b"}
    answer = requests.get(bucket.sign_url("GET", "k", 60, params=forged), timeout=30)
    assert answer.status_code == 400
    assert "Set-Cookie" not in answer.headers


def test_metadata_of_any_letters(cloud: Cloud, bucket: oss2.Bucket) -> None:
    headers = {"x-oss-meta-title": "静夜思".encode()}
    bucket.put_bucket_acl("public-read-write")
    plain = f"http://{cloud.endpoint}/{bucket.bucket_name}/k"
    assert requests.put(plain, data=b"1", headers=headers, timeout=30).status_code == 200
    got = requests.get(plain, timeout=30).headers["x-oss-meta-title"]
    assert got.encode("latin-1").decode() == "静夜思"


def test_a_reader_that_announces_a_body_it_never_sends(bucket: oss2.Bucket, wire: socket.socket) -> None:
    bucket.put_object("k", b"1")
    wire.sendall(f"GET {signed(bucket, 'GET', 'k')} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n".encode())
    status, headers, body = answer_of(wire)
    assert (status, headers["connection"], body) == (200, "close", b"1")


def test_an_unknown_function_is_not_taken_for_none(bucket: oss2.Bucket, wire: socket.socket) -> None:
    bucket.put_bucket_acl("public-read-write")
    for method, path in (("PUT", "?accessMonitor"), ("DELETE", "?somethingNew"), ("GET", "?somethingNew")):
        place = f"/{bucket.bucket_name}/{path}"
        wire.sendall(f"{method} {place} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n".encode())
        status, _, body = answer_of(wire)
        assert (status, b"<Code>NotImplemented</Code>" in body) == (501, True)
    assert bucket.get_bucket_info().name == bucket.bucket_name


def test_parameters_that_are_for_something_else_are_let_pass(bucket: oss2.Bucket) -> None:
    """As a web page adds them to the address of a picture."""
    bucket.put_object("k", b"1")
    for more in ({"status": "done"}, {"comp": "x"}, {"v": "2"}, {"qosRequester": ""}, {"wormId": "1", "a": "b"}):
        assert bucket.get_object("k", params=more).read() == b"1"
        assert bucket.head_object("k", params=more).content_length == 1
