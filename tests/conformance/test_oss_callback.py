"""Upload callbacks, to an application server of the test's own, which verifies them as real ones do."""

from __future__ import annotations

import base64
import hmac
import json
import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote

import oss2
import pytest
import requests
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from tests.conformance.conftest import Cloud
from tests.conformance.oss_clients import oss2_bucket


@dataclass
class Called:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Application:
    """An application server, which answers each path in its own way."""

    port: int = 0
    calls: list[Called] = field(default_factory=list)

    def callback(self, path: str = "/good?a=%E4%B8%AD", **more: object) -> str:
        given = {"callbackUrl": f"http://127.0.0.1:{self.port}{path}", "callbackBody": "key=${object}", **more}
        return base64.b64encode(json.dumps(given).encode()).decode()


ANSWERS = {
    "/good": (200, b'{"Status":"OK"}'),
    "/broken": (500, b"{}"),
    "/moved": (302, b""),
    "/words": (200, b"no JSON"),
}


@pytest.fixture
def application() -> Iterator[Application]:
    made = Application()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.calls.append(Called(self.path, dict(self.headers), body))
            status, answer = ANSWERS[self.path.partition("?")[0]]
            self.send_response(status)
            self.send_header("Location", "/good")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture
def bucket(cloud: Cloud) -> oss2.Bucket:
    made = oss2_bucket(cloud)
    made.create_bucket()
    return made


def variables(**given: str) -> str:
    return base64.b64encode(json.dumps({f"x:{name}": value for name, value in given.items()}).encode()).decode()


def test_the_application_is_told_and_its_words_are_the_answer(bucket: oss2.Bucket, application: Application) -> None:
    body = "bucket=${bucket}&object=${object}&size=${size}&etag=${etag}&type=${mimeType}&mine=${x:mine}&none=${nothing}"
    headers = {
        "x-oss-callback": application.callback(callbackBody=body),
        "x-oss-callback-var": variables(mine="a b&c"),
        "Content-Type": "text/plain",
    }
    put = bucket.put_object("dir/中 文", b"12345", headers=headers)
    assert (put.status, json.loads(put.resp.read())) == (200, {"Status": "OK"})
    [called] = application.calls
    assert parse_qs(called.body.decode(), keep_blank_values=True) == {
        "bucket": [bucket.bucket_name],
        "object": ["dir/中 文"],
        "size": ["5"],
        "etag": [put.etag],
        "type": ["text/plain"],
        "mine": ["a b&c"],
        "none": [""],
    }
    assert called.headers["Content-Type"] == "application/x-www-form-urlencoded"


def test_json_bodies_hold_json_values(bucket: oss2.Bucket, application: Application) -> None:
    callback = application.callback(
        callbackBody='{"size":${size},"key":${object},"mine":${x:mine}}', callbackBodyType="application/json"
    )
    bucket.put_object('q"uote', b"123", headers={"x-oss-callback": callback, "x-oss-callback-var": variables(mine='"')})
    assert json.loads(application.calls[0].body) == {"size": 3, "key": 'q"uote', "mine": '"'}


def test_the_signature_is_verified_with_the_key_at_its_address(bucket: oss2.Bucket, application: Application) -> None:
    bucket.put_object("k", b"", headers={"x-oss-callback": application.callback()})
    [called] = application.calls
    address = base64.b64decode(called.headers["x-oss-pub-key-url"]).decode()
    with urllib.request.urlopen(address, timeout=10) as answer:
        key = load_pem_public_key(answer.read())
    assert isinstance(key, rsa.RSAPublicKey)
    path, _, query = called.path.partition("?")
    signed = f"{unquote(path)}?{query}\n".encode() + called.body
    key.verify(base64.b64decode(called.headers["Authorization"]), signed, padding.PKCS1v15(), hashes.MD5())


def test_after_a_multipart_upload(bucket: oss2.Bucket, application: Application) -> None:
    upload = bucket.init_multipart_upload("m").upload_id
    part = bucket.upload_part("m", upload, 1, b"x" * 200_000)
    callback = application.callback(callbackBody="size=${size}")
    done = bucket.complete_multipart_upload(
        "m", upload, [oss2.models.PartInfo(1, part.etag)], headers={"x-oss-callback": callback}
    )
    assert json.loads(done.resp.read()) == {"Status": "OK"}
    assert application.calls[0].body == b"size=200000"


def test_in_a_signed_url(bucket: oss2.Bucket, application: Application) -> None:
    url = bucket.sign_url("PUT", "k", 60, params={"callback": application.callback(), "callback-var": variables(a="b")})
    assert requests.put(url, data=b"1", timeout=30).json() == {"Status": "OK"}


@pytest.mark.parametrize(("path", "words"), [("/broken", "500"), ("/moved", "302"), ("/words", "json")])
def test_a_failed_callback_is_203_and_the_object_stays(
    bucket: oss2.Bucket, application: Application, path: str, words: str
) -> None:
    put = bucket.put_object("k", b"1", headers={"x-oss-callback": application.callback(path)})
    text = put.resp.read().decode()
    assert put.status == 203
    assert "<Code>CallbackFailed</Code>" in text
    assert words in text
    assert bucket.get_object("k").read() == b"1"
    assert len(application.calls) == 1


def test_the_next_address_is_tried(bucket: oss2.Bucket, application: Application) -> None:
    here = f"http://127.0.0.1:{application.port}"
    callback = application.callback(callbackUrl=f"{here}/broken;{here}/good")
    assert bucket.put_object("k", b"1", headers={"x-oss-callback": callback}).status == 200
    assert [called.path for called in application.calls] == ["/broken", "/good"]


@pytest.mark.parametrize(
    "host", ["192.0.2.1", "10.0.0.1", "[::ffff:10.0.0.1]", "169.254.169.254", "2130706434.example."]
)
def test_only_allowed_addresses_are_called(bucket: oss2.Bucket, application: Application, host: str) -> None:
    callback = application.callback(callbackUrl=f"http://{host}:{application.port}/good")
    put = bucket.put_object("k", b"1", headers={"x-oss-callback": callback})
    assert put.status == 203
    assert application.calls == []


@pytest.mark.parametrize("given", ["no base64!", base64.b64encode(b"{").decode(), base64.b64encode(b"[]").decode()])
def test_a_bad_callback_stores_nothing(bucket: oss2.Bucket, given: str) -> None:
    with pytest.raises(oss2.exceptions.InvalidArgument):
        bucket.put_object("k", b"1", headers={"x-oss-callback": given})
    assert not bucket.object_exists("k")


def test_a_policy_of_the_bucket_stands_for_a_callback(bucket: oss2.Bucket, application: Application) -> None:
    policy = oss2.models.CallbackPolicyInfo("first", application.callback(callbackBody="v=${x:v}"), variables(v="kept"))
    bucket.put_bucket_callback_policy([policy])
    assert bucket.get_bucket_callback_policy().callback_policies[0].policy_name == "first"
    named = base64.b64encode(b'{"callbackPolicy":"first"}').decode()
    assert bucket.put_object("k", b"1", headers={"x-oss-callback": named}).status == 200
    assert application.calls[0].body == b"v=kept"
    bucket.delete_bucket_callback_policy()
    with pytest.raises(oss2.exceptions.InvalidArgument):
        bucket.put_object("k2", b"1", headers={"x-oss-callback": named})


def test_after_a_form(cloud: Cloud, bucket: oss2.Bucket, application: Application) -> None:
    """Its variables are fields of their own."""
    policy = base64.b64encode(b'{"expiration": "2099-01-01T00:00:00Z", "conditions": [["starts-with", "$key", ""]]}')
    digest = hmac.digest(cloud.access_key_secret.encode(), policy, "sha1")
    fields = {
        "key": "formed",
        "OSSAccessKeyId": cloud.access_key_id,
        "policy": policy.decode(),
        "Signature": base64.b64encode(digest).decode(),
        "callback": application.callback(callbackBody="key=${object}&size=${size}&mine=${x:mine}&op=${operation}"),
        "x:mine": "a b",
    }
    if cloud.security_token:
        fields["x-oss-security-token"] = cloud.security_token
    place = f"http://{cloud.endpoint}/{bucket.bucket_name}"
    answer = requests.post(place, data=fields, files={"file": ("f", b"12345")}, timeout=30)
    assert (answer.status_code, answer.json()) == (200, {"Status": "OK"})
    assert application.calls[0].body == b"key=formed&size=5&mine=a%20b&op=PostObject"
    fields["callback"] = application.callback("/broken")
    answer = requests.post(place, data=fields, files={"file": ("f", b"123456")}, timeout=30)
    assert (answer.status_code, "CallbackFailed" in answer.text) == (203, True)
    assert bucket.get_object("formed").read() == b"123456"
