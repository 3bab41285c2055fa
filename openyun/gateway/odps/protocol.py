"""The ODPS protocol: how a request for MaxCompute runs.

operation ─ claim ─ who is it ─ parameters ─ authorize ─ do ─ rows, if the answer has such

An upload does the operation twice: first to learn what the rows must be, and that they may come; then, when they lie in
a blob, to make them a part of the upload.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec

from openyun.access.odps_signature import InvalidAccessKey, Unauthorized, read_claim
from openyun.access.principal import Principal
from openyun.cloud import RegionState
from openyun.errors import (
    CloudError,
    InvalidAccessKeyIdInactive,
    InvalidAccessKeyIdNotFound,
    InvalidSecurityTokenExpired,
    InvalidSecurityTokenMalformed,
    InvalidSecurityTokenMismatch,
    MissingSecurityToken,
)
from openyun.gateway.http import HttpRequest, HttpResponse
from openyun.gateway.odps import answer as odps_answer
from openyun.gateway.odps.routes import Routes, below_endpoint
from openyun.gateway.odps.rows import send_rows
from openyun.gateway.odps.upload import receive
from openyun.gateway.perform import Performer
from openyun.operation import Operation, Request, Service
from openyun.region import find_region
from openyun.services.maxcompute.errors import InvalidParameter
from openyun.services.maxcompute.service import OdpsResponse
from openyun.services.maxcompute.tunnel.uploads import UploadBlockRequest

_LARGEST_DOCUMENT = 8 * 1024 * 1024
_PATIENCE = 5.0
"""seconds for which a client that waits for a job is kept waiting"""
_HEADERS = frozenset({"accept_encoding", "content_encoding"})
"""fields that are headers"""
_NOBODY = (InvalidAccessKeyIdNotFound, InvalidAccessKeyIdInactive, MissingSecurityToken)
_NO_TOKEN = (InvalidSecurityTokenExpired, InvalidSecurityTokenMalformed, InvalidSecurityTokenMismatch)


class Odps:
    def __init__(self, performer: Performer, services: list[Service]) -> None:
        self._performer = performer
        self._routes = Routes(services)

    async def answer(self, request: HttpRequest) -> HttpResponse:
        path = below_endpoint(request.path)
        operation, named = self._routes.find(request.method, path, request.query)
        request.product, request.operation = operation.service.product, operation.name
        at = await self._performer.region(self._region_of(request))
        principal = await self._identify(request, at, path)
        ask = await _parse(operation, request, named)
        await self._performer.admit(operation, ask, at=at, principal=principal, request=request)
        result = await self._do(operation, ask, at, principal, request)
        if isinstance(ask, UploadBlockRequest):
            ask.block = await receive(request, self._performer.cloud, at, ask, result)
            result = await self._do(operation, ask, at, principal, request)
        elif result.wait:
            result = await self._wait(operation, ask, at, principal, request)
        if result.stream is not None:
            return await send_rows(request, self._performer.cloud, at, result)
        return odps_answer.render(request, result)

    def render_error(self, request: HttpRequest, problem: CloudError) -> HttpResponse:
        return odps_answer.render_error(request, problem)

    async def _do(
        self, operation: Operation, ask: Request, at: RegionState, principal: Principal, request: HttpRequest
    ) -> OdpsResponse:
        result = await self._performer.perform(operation, ask, at=at, principal=principal, request=request)
        assert isinstance(result, OdpsResponse)  # noqa: S101  for the type checker: all of them answer so
        return result

    async def _wait(
        self, operation: Operation, ask: Request, at: RegionState, principal: Principal, request: HttpRequest
    ) -> OdpsResponse:
        """Ask again, ever less often, until there is something to tell."""
        loop = asyncio.get_running_loop()
        until = loop.time() + _PATIENCE
        pause = 0.005
        while True:
            await asyncio.sleep(pause)
            result = await self._do(operation, ask, at, principal, request)
            if not result.wait or loop.time() > until:
                return result
            pause = min(pause * 1.5, 0.1)

    async def _identify(self, request: HttpRequest, at: RegionState, path: str) -> Principal:
        """Raises the protocol's own errors if the signature is nobody's."""
        now = self._performer.cloud.clock.now()
        claim = read_claim(request.method, path, request.raw_query, request.headers, now)
        try:
            credential = await self._performer.credential(at.region.id, claim.access_key_id, claim.security_token)
        except _NOBODY:
            raise InvalidAccessKey from None
        except _NO_TOKEN:
            raise Unauthorized from None
        claim.verify(credential.secret)
        self._performer.note_use(credential.principal)
        return credential.principal

    def _region_of(self, request: HttpRequest) -> str:
        """service.cn-hangzhou.maxcompute.aliyun.com; the tunnel's client signs for no region, so V4's is not asked."""
        default = self._performer.cloud.config.default_region
        return next((label for label in request.host.split(".") if find_region(label)), default)


async def _parse(operation: Operation, request: HttpRequest, named: Mapping[str, str]) -> Request:
    """Raises InvalidParameter."""
    kind = operation.request
    given: dict[str, Any] = dict(request.query)
    given |= {field: request.headers.get(field.replace("_", "-"), "") for field in _HEADERS}
    given |= named
    fields: dict[str, Any] = {name: given[name] for name in kind.__struct_fields__ if name in given}
    for name in ("document", "block"):
        fields.pop(name, None)
    if "document" in kind.__struct_fields__:
        fields["document"] = ""
    try:
        ask = msgspec.convert(fields, kind, strict=False, str_keys=True)
    except msgspec.ValidationError as problem:
        raise InvalidParameter(reason=str(problem)) from None
    if "document" in kind.__struct_fields__:
        setattr(ask, "document", await request.body(_LARGEST_DOCUMENT))  # noqa: B010  only some kinds have it
    return ask
