"""The ROA protocol: resources as paths, methods as verbs, V1 or V3 signed, JSON in and out."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import unquote

import msgspec

from openyun.access.signature import V3, Claim, roa_string_to_sign
from openyun.clock import iso_seconds
from openyun.errors import (
    IncompleteSignature,
    InvalidActionNotFound,
    InvalidParameter,
    InvalidTimeStampFormat,
    OperationNotImplemented,
)
from openyun.gateway import answers, known, parameters
from openyun.gateway.http import HttpRequest, HttpResponse
from openyun.gateway.perform import Performer
from openyun.gateway.rpc import BODY_LIMIT, aside, v3_claim
from openyun.operation import Operation, Service
from openyun.region import HOME, find_region

_Route = tuple[str, re.Pattern[str], Operation]


class Roa:
    def __init__(self, performer: Performer, services: list[Service]) -> None:
        self._performer = performer
        self._routes: dict[str, list[_Route]] = {}
        for service in services:
            for operation in service.operations.values():
                if operation.path:
                    pattern = re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(operation.path)))
                    self._routes.setdefault(service.version, []).append((operation.method, pattern, operation))

    async def answer(self, request: HttpRequest) -> HttpResponse:
        body = await request.body(BODY_LIMIT)
        operation, named = self._find(request)
        request.product, request.operation = operation.service.product, operation.name
        region_id = self._region_of(operation, request)
        at = await self._performer.region(region_id)
        claim = await aside(len(body), _claim, request, body)
        principal = await self._performer.identify(region_id, claim, rpc=False)
        ask = parameters.parse(operation.request, {**_fields(request, body), **named})
        await self._performer.admit(operation, ask, at=at, principal=principal, request=request)
        result = await self._performer.perform(
            operation, ask, at=at, principal=principal, request=request, nonce=claim.nonce
        )
        return answers.render(request, operation.name, result)

    def _find(self, request: HttpRequest) -> tuple[Operation, dict[str, str]]:
        version = request.headers.get("x-acs-version", "")
        for method, pattern, operation in self._routes.get(version, []):
            if method == request.method and (found := pattern.fullmatch(request.path)):
                return operation, _on_the_wire(operation, found.groupdict())
        name = request.headers.get("x-acs-action", "")
        if products := known.find(version, name):
            raise OperationNotImplemented(operation=name, product=" or ".join(products), version=version)
        raise InvalidActionNotFound

    def _region_of(self, operation: Operation, request: HttpRequest) -> str:
        if operation.service.is_global:
            return HOME.id
        labels = [request.headers.get("x-acs-region-id", ""), *request.host.split(".")]
        return next((label for label in labels if find_region(label)), self._performer.cloud.config.default_region)


def _claim(request: HttpRequest, body: bytes) -> Claim:
    headers = request.headers
    authorization = headers.get("authorization", "")
    if authorization.startswith(V3):
        return v3_claim(request, body)
    access_key_id, colon, signature = authorization.removeprefix("acs ").partition(":")
    if not colon:
        raise IncompleteSignature(reason="Authorization must be `acs AccessKeyId:Signature`.")
    digest = headers.get("content-md5", "")
    if digest and digest != base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode():
        raise IncompleteSignature(reason="Content-MD5 is not the digest of the body.")
    try:
        date = _aware(parsedate_to_datetime(headers.get("date", "")))
    except (ValueError, OverflowError):
        raise InvalidTimeStampFormat from None
    return Claim(
        access_key_id=access_key_id,
        signature=signature,
        string_to_sign=roa_string_to_sign(request.method, request.path, request.query, headers),
        algorithm="HMAC-SHA1",
        security_token=headers.get("x-acs-security-token", ""),
        nonce=headers.get("x-acs-signature-nonce", ""),
        timestamp=iso_seconds(date),
    )


def _on_the_wire(operation: Operation, named: dict[str, str]) -> dict[str, str]:
    """The path's {fields} by their names on the wire, decoded."""
    fields = zip(operation.request.__struct_fields__, operation.request.__struct_encode_fields__, strict=True)
    return {wire: unquote(named[name]) for name, wire in fields if name in named}


def _aware(date: datetime) -> datetime:
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)


def _fields(request: HttpRequest, body: bytes) -> dict[str, str]:
    """Query parameters and the members of a JSON body, each as text."""
    fields: dict[str, str] = dict(request.query)
    if not body:
        return fields
    try:
        decoded: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise InvalidParameter(parameter="body") from None
    if not isinstance(decoded, dict):
        raise InvalidParameter(parameter="body")
    for name, value in decoded.items():
        fields[name] = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return fields
