"""This cloud's own paths: a welcome, its health, and what only its operator may do.

The operator proves to be one by the token in the data directory, which only the user who runs the cloud can read.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec

from openyun import __version__, metrics
from openyun.cloud import Cloud
from openyun.errors import CloudError, Forbidden, InvalidParameter, NotFound
from openyun.gateway import answers
from openyun.gateway.http import HttpRequest, HttpResponse
from openyun.services.ecs.price import operator as spot_market
from openyun.services.oss.work.calling_back import KEY_FILE, Signer
from openyun.services.oss.work.scrubbing import Tally, scrub

_LONGEST_ORDER = 4096
"""bytes"""


class NotTheOperator(Forbidden):
    code = "Forbidden.NotOperator"
    message = "Only the operator of this cloud may do this."


class NoSuchPath(NotFound):
    code = "InvalidPath.NotFound"
    message = "This cloud has nothing at this path."


class Own:
    def __init__(self, cloud: Cloud, operator_token: str, new_account: Callable[[], dict[str, str]]) -> None:
        self._cloud = cloud
        self._token = operator_token
        self._new_account = new_account

    async def answer(self, request: HttpRequest) -> HttpResponse:
        match request.method, request.path:
            case ("GET" | "HEAD", "/" | ""):
                return _json({"name": "OpenYun", "version": __version__, "ready": True})
            case "GET", "/_openyun/health":
                return _json(self._health())
            case "POST", "/_openyun/accounts":
                self._only_operator(request)
                return _json(await asyncio.to_thread(self._new_account))
            case "POST", "/_openyun/spot":
                self._only_operator(request)
                order = _spot_order(await request.body(_LONGEST_ORDER))
                return _json(await asyncio.to_thread(spot_market.carry_out, self._cloud, order))
            case "GET", "/_openyun/metrics":
                self._only_operator(request)
                text = await asyncio.to_thread(metrics.exposition)
                return HttpResponse(headers={"Content-Type": "text/plain; version=0.0.4"}, body=text.encode())
            case "POST", "/_openyun/oss/scrub":
                self._only_operator(request)
                return HttpResponse(headers={"Content-Type": "application/jsonl"}, body=self._scrub(request))
            case "GET" | "HEAD", "/_openyun/callback-key.pem":
                key = await asyncio.to_thread(Signer(self._cloud.config.data / KEY_FILE).public_key)
                return HttpResponse(headers={"Content-Type": "application/x-pem-file"}, body=key)
            case _:
                raise NoSuchPath

    def render_error(self, request: HttpRequest, problem: CloudError) -> HttpResponse:
        return answers.render_error(request, problem)

    async def _scrub(self, request: HttpRequest) -> AsyncIterator[bytes]:
        """A line for each finding, and the sums of each region behind its own."""
        wanted = dict(request.query).get("region", "")
        for at in self._cloud.regions_in_use():
            if wanted in ("", at.region.id):
                tally = Tally()
                async for finding in scrub(at, tally):
                    yield msgspec.json.encode(finding) + b"\n"
                yield msgspec.json.encode({"region": at.region.id, "sums": tally}) + b"\n"

    def _health(self) -> dict[str, Any]:
        return {
            "ready": True,
            "version": __version__,
            "default_region": self._cloud.config.default_region,
            "regions": {
                one.region.id: {"compute": one.engines.compute.name, "simulated": one.engines.compute.simulated}
                for one in self._cloud.regions_in_use()
            },
        }

    def _only_operator(self, request: HttpRequest) -> None:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), self._token.encode()):
            raise NotTheOperator


def _spot_order(body: bytes) -> spot_market.SpotOrder:
    try:
        return msgspec.json.decode(body, type=spot_market.SpotOrder)
    except msgspec.DecodeError as problem:
        raise InvalidParameter(parameter=str(problem)) from None


def _json(fields: dict[str, Any]) -> HttpResponse:
    return HttpResponse(headers={"Content-Type": "application/json"}, body=msgspec.json.encode(fields))
