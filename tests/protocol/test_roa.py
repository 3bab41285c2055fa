"""The ROA protocol, with a small service of the test's own: no product of this cloud speaks it yet."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import format_datetime
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

import pytest

from openyun.access.signature import roa_string_to_sign, sign
from openyun.accounts import Credentials, new_account
from openyun.clock import FixedClock
from openyun.cloud import Cloud
from openyun.config import Config
from openyun.errors import NotFound
from openyun.gateway import answers
from openyun.gateway.app import Gateway
from openyun.gateway.http import HttpRequest
from openyun.gateway.perform import Performer
from openyun.gateway.roa import Roa
from openyun.main import make_engines
from openyun.operation import Call, Request, Response, Service
from openyun.state import Record
from tests.protocol.wire import Wire

things = Service(name="things", product="Things", version="2015-12-15", style="ROA")


class Thing(Record, kw_only=True):
    TABLE: ClassVar[str] = "test_thing"

    id: str
    colour: str = ""
    sizes: list[int] = []


class ThingNotFound(NotFound):
    code = "ErrorThingNotFound"
    message = "There is no thing {thing_id}."


class PutThingRequest(Request, kw_only=True):
    thing_id: str
    colour: str
    sizes: list[int] = []
    client_token: str = ""


class ThingResponse(Response, kw_only=True):
    thing_id: str
    colour: str
    sizes: list[int]
    region_id: str


@things.operation(resource="thing/{thing_id}", path="/things/{thing_id}", method="PUT")
def put_thing(call: Call, ask: PutThingRequest) -> ThingResponse:
    call.state.put(Thing(id=ask.thing_id, colour=ask.colour, sizes=ask.sizes))
    return ThingResponse(thing_id=ask.thing_id, colour=ask.colour, sizes=ask.sizes, region_id=call.region.id)


class GetThingRequest(Request, kw_only=True):
    thing_id: str
    detail: bool = False


@things.operation(resource="thing/{thing_id}", path="/things/{thing_id}", method="GET")
def get_thing(call: Call, ask: GetThingRequest) -> ThingResponse:
    found = call.state.get(Thing, ask.thing_id)
    if found is None:
        raise ThingNotFound(thing_id=ask.thing_id)
    sizes = found.sizes if ask.detail else []
    return ThingResponse(thing_id=found.id, colour=found.colour, sizes=sizes, region_id=call.region.id)


class Whole:
    """A body that came with its head."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.received = len(body)

    async def read(self) -> bytes:
        body, self._body = self._body, b""
        return body

    async def hung_up(self) -> None:
        await asyncio.Event().wait()


@dataclass
class Local:
    """A gateway in this process."""

    cloud: Cloud
    gateway: Gateway
    credentials: Credentials

    def __post_init__(self) -> None:
        self.clock = self.cloud.clock

    def ask(self, method: str, target: str, headers: dict[str, str], body: bytes = b"") -> tuple[int, Any]:
        path, _, query = target.partition("?")
        given = {name.lower(): value for name, value in headers.items()} | {"content-length": str(len(body))}
        request = HttpRequest(method, path, query, given, Whole(body), "127.0.0.1")
        response = asyncio.run(self.gateway.answer(request))
        assert isinstance(response.body, bytes)
        return response.status, json.loads(response.body)

    def v1(
        self, method: str, path: str, query: dict[str, str] | None = None, body: bytes = b"", **changes: str
    ) -> tuple[int, Any]:
        """Signed as the old core signs. A header that is "-" is left out."""
        headers = {
            "host": "things.cn-hangzhou.aliyuncs.com",
            "accept": "application/json",
            "date": format_datetime(self.clock.now(), usegmt=True),
            "content-type": "application/json" if body else "",
            "content-md5": base64.b64encode(hashlib.md5(body).digest()).decode() if body else "",
            "x-acs-version": "2015-12-15",
            "x-acs-signature-method": "HMAC-SHA1",
            **{name.replace("_", "-"): value for name, value in changes.items()},
        }
        headers = {name: value for name, value in headers.items() if value and value != "-"}
        string = roa_string_to_sign(method, path, (query or {}).items(), headers)
        signature = sign(self.credentials.access_key_secret, "HMAC-SHA1", string)
        headers.setdefault("authorization", f"acs {self.credentials.access_key_id}:{signature}")
        return self.ask(method, path + ("?" + urlencode(query) if query else ""), headers, body)

    def v3(
        self, action: str, method: str, path: str, query: dict[str, str] | None = None, body: bytes = b""
    ) -> tuple[int, Any]:
        wire = Wire(
            1,
            self.credentials.access_key_id,
            self.credentials.access_key_secret,
            version="2015-12-15",
            host="things.me-east-1.aliyuncs.com",
        )
        headers = wire.v3_headers(action, query or {}, method=method, path=path, body=body)
        return self.ask(method, path + ("?" + urlencode(query) if query else ""), headers, body)


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Local]:
    cloud = Cloud(Config(data=tmp_path, cache=tmp_path, compute="simulated"), make_engines)
    roa = Roa(Performer(cloud), [things])
    pair = (roa.answer, answers.render_error)
    yield Local(cloud, Gateway({"rpc": pair, "roa": pair, "oss": pair, "own": pair}), new_account(cloud))
    cloud.close()


BODY = b'{"Colour":"red","Sizes":[1,2]}'


def test_a_thing_is_put_and_got_with_v1(local: Local) -> None:
    status, made = local.v1("PUT", "/things/a", body=BODY)
    assert (status, made["Colour"], made["Sizes"], made["RegionId"]) == (200, "red", [1, 2], "cn-hangzhou")
    assert len(made["RequestId"]) == 36
    status, found = local.v1("GET", "/things/a", {"Detail": "true"})
    assert (status, found["Sizes"]) == (200, [1, 2])


def test_a_thing_is_put_and_got_with_v3_where_the_host_says(local: Local) -> None:
    status, made = local.v3("PutThing", "PUT", "/things/a", body=BODY)
    assert (status, made["RegionId"]) == (200, "me-east-1")
    assert local.v3("GetThing", "GET", "/things/a")[0] == 200
    assert local.v1("GET", "/things/a")[0] == 404, "each region has things of its own"
    assert local.v1("GET", "/things/a", x_acs_region_id="me-east-1")[0] == 200


@pytest.mark.parametrize("name", ["a b", "é", "a/b", "100%", "x+y"])
def test_a_path_says_any_name(local: Local, name: str) -> None:
    path = f"/things/{quote(name, safe='')}"
    assert local.v1("PUT", path, body=BODY)[1]["ThingId"] == name
    assert local.v3("GetThing", "GET", path)[0] == 404
    assert local.v1("GET", path)[1]["ThingId"] == name


def test_the_path_beats_the_query_and_the_body(local: Local) -> None:
    body = b'{"Colour":"red","ThingId":"other"}'
    assert local.v1("PUT", "/things/mine", {"ThingId": "third"}, body)[1]["ThingId"] == "mine"


def test_a_client_token_counts_here_too(local: Local) -> None:
    body = b'{"Colour":"red","ClientToken":"t"}'
    local.v1("PUT", "/things/a", body=body)
    status, problem = local.v1("PUT", "/things/a", body=body.replace(b"red", b"blue"))
    assert (status, problem["Code"]) == (400, "IdempotentParameterMismatch")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"authorization": "acs nobody"}, "IncompleteSignature"),
        ({"authorization": "acs nobody:x"}, "InvalidAccessKeyId.NotFound"),
        ({"date": "-"}, "InvalidTimeStamp.Format"),
        ({"date": "yesterday"}, "InvalidTimeStamp.Format"),
        ({"date": "Fri, 31 Dec 9999 23:59:59 -2359"}, "InvalidTimeStamp.Format"),
        ({"date": "Thu, 01 Jan 1970 00:00:00 GMT"}, "InvalidTimeStamp.Expired"),
        ({"content_md5": "AAAA"}, "IncompleteSignature"),
        ({"x_acs_version": "1999-01-01"}, "InvalidAction.NotFound"),
        ({"x_acs_version": "2023-03-30", "x_acs_action": "CreateFunction"}, "OperationNotImplemented"),
    ],
)
def test_what_the_gateway_refuses(local: Local, changes: dict[str, str], code: str) -> None:
    status, problem = local.v1("GET", "/things/a", **changes)
    assert problem["Code"] == code
    assert status in (400, 404)


def test_a_wrong_secret_is_told_with_our_string_to_sign(local: Local) -> None:
    local.credentials.access_key_secret = "wrong"
    status, problem = local.v1("GET", "/things/a", {"b": "2", "a": "1"})
    assert (status, problem["Code"]) == (400, "SignatureDoesNotMatch")
    assert problem["Message"].endswith("/things/a?a=1&b=2")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"[]", "InvalidParameter"),
        (b"{", "InvalidParameter"),
        (b"\xff", "InvalidParameter"),
        (b"[" * 100_000, "InvalidParameter"),
        (b'{"Colour":{"a":1}}', ""),
        (b'{"Colour":"red","Sizes":["x"]}', "InvalidParameter"),
        (b"{}", "MissingParameter"),
        (b"", "MissingParameter"),
    ],
)
def test_a_body_that_does_not_fit(local: Local, body: bytes, code: str) -> None:
    assert local.v1("PUT", "/things/a", body=body)[1].get("Code", "") == code


def test_a_path_or_method_that_is_not_there(local: Local) -> None:
    for method, path in (("DELETE", "/things/a"), ("GET", "/things"), ("GET", "/things/a/b"), ("GET", "/Things/a")):
        status, problem = local.v1(method, path)
        assert (status, problem["Code"]) == (404, "InvalidAction.NotFound")


def test_an_error_of_the_service_has_its_words(local: Local) -> None:
    status, problem = local.v1("GET", "/things/gone")
    assert status == 404
    assert problem["Message"] == "There is no thing gone."
    assert "product=Things" in problem["Recommend"]


def test_time_may_stand_still(local: Local) -> None:
    """All that the gateway knows of time, it knows from the cloud's clock."""
    clock = FixedClock(local.cloud.clock.now().replace(year=2031))
    local.cloud.clock = local.clock = clock
    assert local.v1("PUT", "/things/a", body=BODY)[0] == 200
