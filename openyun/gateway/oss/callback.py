"""Uploads that are followed by a callback: what they ask for, and what the application server answered."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial

import msgspec

from openyun.access.principal import Principal
from openyun.cloud import RegionState
from openyun.errors import CloudError
from openyun.gateway.http import HttpRequest
from openyun.gateway.oss.answer import request_id
from openyun.gateway.oss.processing import Processing
from openyun.gateway.perform import Performer
from openyun.operation import Operation
from openyun.services.oss.object.callback import Callback, InvalidCallback, policy_of, read
from openyun.services.oss.object.callback_policy import callback_of
from openyun.services.oss.object.content import slices_of
from openyun.services.oss.records import Object, find_bucket, find_object
from openyun.services.oss.service import OssRequest, OssResponse, Slice
from openyun.services.oss.work.calling_back import Sender
from openyun.state import Transaction

_CALLING = frozenset({"PutObject", "CompleteMultipartUpload"})
"""operations that may be followed by a callback"""
_AT_ONCE = 64
"""application servers that are waited for"""


class Callbacks:
    def __init__(self, performer: Performer, processing: Processing) -> None:
        config = performer.cloud.config
        self._performer = performer
        self._processing = processing
        self._sender = Sender(config)
        self._hands = ThreadPoolExecutor(_AT_ONCE, "callback")
        """of its own, so that nothing else waits for application servers"""

    async def wanted(self, request: HttpRequest, operation: Operation, at: RegionState, bucket: str) -> Callback | None:
        """What the request asks for, in headers or in the URL. Raises InvalidCallback before anything is stored."""
        if operation.name not in _CALLING:
            return None
        text, variables = request.headers.get("x-oss-callback", ""), request.headers.get("x-oss-callback-var", "")
        if not text and "callback=" in request.raw_query:
            query = dict(request.query)
            text, variables = query.get("callback", ""), query.get("callback-var", "")
        return await self._read(text, variables, at, bucket)

    async def wanted_by_form(self, fields: Mapping[str, str], at: RegionState, bucket: str) -> Callback | None:
        """What an upload by a form asks for: its variables are fields of their own. Raises InvalidCallback."""
        found = await self._read(fields.get("callback", ""), "", at, bucket)
        if found is None:
            return None
        given = {name: value for name, value in fields.items() if name.startswith("x:")}
        return msgspec.structs.replace(found, variables={**found.variables, **given})

    async def _read(self, text: str, variables: str, at: RegionState, bucket: str) -> Callback | None:
        if not text:
            return None
        name = policy_of(text)
        if not name:
            return read(text, variables)
        kept = await self._performer.run(
            at, lambda state: callback_of(state, find_bucket(state, bucket), name), reads=True
        )
        if kept is None:
            raise InvalidCallback(reason="The callback policy does not exist.")
        return read(kept.callback, variables or kept.callback_var)

    async def answer(
        self,
        callback: Callback,
        request: HttpRequest,
        at: RegionState,
        principal: Principal,
        ask: OssRequest,
        answer: OssResponse,
    ) -> OssResponse:
        """With the application server's words in the place of ours. Raises CallbackFailed."""
        key = getattr(ask, "key", "")
        stored, slices = await self._performer.run(at, lambda state: _stored(state, ask.bucket, key), reads=True)
        facts: dict[str, str | int] = {
            "bucket": ask.bucket,
            "object": key,
            "etag": stored.etag,
            "size": stored.size,
            "mimeType": stored.content_type,
            "crc64": str(stored.crc64),
            "contentMd5": stored.md5,
            "vpcId": "",
            "clientIp": request.client,
            "reqId": request_id(request),
            "operation": type(ask).__name__.removesuffix("Request"),
            "imageInfo.height": "",
            "imageInfo.width": "",
            "imageInfo.format": "",
        }
        if "${imageInfo." in callback.body and stored.content_type.startswith("image/"):
            with suppress(CloudError):
                facts |= await self._processing.about(at.engines.blob, slices)
        send = partial(self._sender.send, callback, facts, principal.account_id, request_id(request))
        told = await asyncio.get_running_loop().run_in_executor(self._hands, send)
        headers = {**answer.headers, "Content-Type": "application/json", "Content-Length": str(len(told))}
        return OssResponse(headers=headers, body=told)


def _stored(state: Transaction, bucket: str, key: str) -> tuple[Object, tuple[Slice, ...]]:
    found = find_object(state, bucket, key)
    return found, slices_of(state, found, 0, found.size)
