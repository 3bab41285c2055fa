"""Async fetch: objects that the store gets from a server of the test's own."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import oss2
import pytest
from oss2.models import AsyncFetchTaskConfiguration

from tests.conformance.conftest import Cloud, cloud_of, eventually
from tests.conformance.oss_clients import oss2_bucket
from tests.conftest import Server

CONTENT = b"what lies there" * 1000


@dataclass
class Site:
    port: int = 0
    hosts: list[str] = field(default_factory=list)
    called: list[bytes] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    """no more of what is slow"""

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def callback(self, path: str) -> str:
        given = {"callbackUrl": self.url(path), "callbackBody": "${object} ${size}"}
        return base64.b64encode(json.dumps(given).encode()).decode()


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.hosts.append(self.headers["Host"])
            if self.path == "/moved":
                self.send_response(302)
                self.send_header("Location", "/there?a=1")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            if self.path == "/slow":
                self.send_response(200)
                self.send_header("Content-Length", "1000000")
                self.end_headers()
                with suppress(OSError):
                    while not made.over.wait(0.05):
                        self.wfile.write(b"x")
                return
            found = self.path.startswith("/there")
            body = CONTENT if found else b"nothing"
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "text/x-test")
            # A body that ends too early must not become an object.
            self.send_header("Content-Length", str(len(body) + (1 if self.path == "/there/cut" else 0)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            made.called.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200 if self.path == "/good" else 500)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: Any) -> None:
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


def ended(bucket: oss2.Bucket, wanted: AsyncFetchTaskConfiguration) -> Any:
    """The task once it is over."""
    task_id = bucket.put_async_fetch_task(wanted).task_id

    def over() -> Any:
        found = bucket.get_async_fetch_task(task_id)
        return found if found.task_state not in ("Running", "Retry") else None

    return eventually(over)


def test_an_object_is_fetched(bucket: oss2.Bucket, site: Site) -> None:
    md5 = base64.b64encode(hashlib.md5(CONTENT).digest()).decode()
    wanted = AsyncFetchTaskConfiguration(
        site.url("/moved"), "a", host="shown.example", content_md5=md5, callback=site.callback("/good")
    )
    task = ended(bucket, wanted)
    assert (task.task_state, task.error_msg) == ("Success", "")
    assert (task.task_config.url, task.task_config.object_name) == (wanted.url, "a")
    assert (task.task_config.host, task.task_config.content_md5) == ("shown.example", md5)
    found = bucket.get_object("a")
    assert (found.read(), found.headers["Content-Type"]) == (CONTENT, "text/x-test")
    assert site.hosts == ["shown.example", "shown.example"]
    assert site.called == [f"a {len(CONTENT)}".encode()]
    # What is there stays, unless the task says that it may go.
    with pytest.raises(oss2.exceptions.ObjectAlreadyExists):
        bucket.put_async_fetch_task(wanted)
    bucket.put_object("a", b"old")
    again = AsyncFetchTaskConfiguration(site.url("/there"), "a", ignore_same_key=False)
    assert ended(bucket, again).task_state == "Success"
    assert bucket.get_object("a").read() == CONTENT


def test_what_fails_says_why(bucket: oss2.Bucket, site: Site) -> None:
    other = base64.b64encode(hashlib.md5(b"other").digest()).decode()
    for url, more in (
        (site.url("/nothing"), {}),
        (site.url("/there/cut"), {}),
        (site.url("/there"), {"content_md5": other}),
        ("http://192.0.2.1/", {}),  # nothing that the operator allows
        ("http://nowhere.invalid/", {}),
    ):
        wanted = AsyncFetchTaskConfiguration(url, "k", callback=site.callback("/good"), **more)
        task = ended(bucket, wanted)
        assert task.task_state == "Failed"
        assert task.error_msg
    assert not bucket.object_exists("k")
    assert site.called == []
    told = AsyncFetchTaskConfiguration(
        site.url("/nothing"), "k", callback=site.callback("/good"), callback_when_failed=True
    )
    assert ended(bucket, told).task_state == "Failed"
    assert site.called == [b"k 0"]
    silent = AsyncFetchTaskConfiguration(site.url("/there"), "k", callback=site.callback("/bad"))
    assert ended(bucket, silent).task_state == "FetchSuccessCallbackFailed"
    assert bucket.get_object("k").read() == CONTENT
    with pytest.raises(oss2.exceptions.ServerError) as caught:
        bucket.get_async_fetch_task("none")
    assert (caught.value.code, caught.value.status) == ("NoSuchAsyncFetchTask", 404)


def test_the_own_names_of_the_cloud_lead_to_itself(bucket: oss2.Bucket) -> None:
    bucket.put_object("source", CONTENT)
    name = f"{bucket.bucket_name}.oss-cn-hangzhou.aliyuncs.com"
    link = bucket.sign_url("GET", "source", 60).partition(f"/{bucket.bucket_name}/")[2]
    task = ended(bucket, AsyncFetchTaskConfiguration(f"http://{name}/{link}", "copy"))
    assert (task.task_state, task.error_msg) == ("Success", "")
    assert bucket.get_object("copy").read() == CONTENT


def test_nothing_waits_for_a_slow_site(own_server: Server, site: Site) -> None:
    """Neither the rest of the region's work nor the end of the server; and the task is begun again."""
    bucket = oss2_bucket(cloud_of(own_server, own_server.account()))
    bucket.create_bucket()
    wanted = AsyncFetchTaskConfiguration(site.url("/slow"), "slow", ignore_same_key=False)
    task_ids = [bucket.put_async_fetch_task(wanted).task_id for _ in range(6)]
    eventually(lambda: len(site.hosts) == len(task_ids))
    bucket.put_object("old", b"1")
    expires = oss2.models.LifecycleExpiration(created_before_date=date(2100, 1, 1))
    rule = oss2.models.LifecycleRule("r", "old", expiration=expires)
    bucket.put_bucket_lifecycle(oss2.models.BucketLifecycle([rule]))
    eventually(lambda: not bucket.object_exists("old"))
    own_server.stop()
    assert "Traceback" not in own_server.log.read_text()
    own_server.start()
    assert {bucket.get_async_fetch_task(one).task_state for one in task_ids} == {"Running"}
    site.over.set()
    for one in task_ids:
        eventually(lambda one=one: bucket.get_async_fetch_task(one).task_state == "Failed")  # their bodies are cut
