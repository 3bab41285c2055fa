"""The RPC protocol: `Action` and `Version`, V1 or V3 signed, answered in XML or JSON. Most products speak it."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import msgspec

from openyun.access.signature import (
    V3,
    Claim,
    rpc_string_to_sign,
    v3_authorization,
    v3_string_to_sign,
)
from openyun.cloud import Cloud
from openyun.errors import (
    BadRequest,
    IncompleteSignature,
    InvalidActionNotFound,
    InvalidParameter,
    InvalidVersion,
    OperationNotImplemented,
    UnsupportedHTTPMethod,
)
from openyun.gateway import answers, known, parameters
from openyun.gateway.http import HttpRequest, HttpResponse, pairs_of
from openyun.gateway.perform import Performer
from openyun.operation import Operation, Service
from openyun.region import HOME, find_region, region_of_resource

BODY_LIMIT = 4 << 20
"""bytes; the vendor's largest parameters (UserData, TemplateBody, SendFile) stay far below"""

_MUCH = 32 << 10
"""bytes; decoding and signing this many takes a millisecond or more"""

P = ParamSpec("P")
T = TypeVar("T")

_RESOURCE_ID = re.compile(r"\b[a-z]{1,8}-[a-z0-9]{20}\b")


class MissingAction(BadRequest):
    code = "MissingAction"
    message = "Action is mandatory for this action."


class MissingVersion(BadRequest):
    code = "MissingVersion"
    message = "Version is mandatory for this action."


class MissingAccessKeyId(BadRequest):
    code = "MissingAccessKeyId"
    message = "AccessKeyId is mandatory for this action."


class UnsupportedSignatureMethod(BadRequest):
    code = "InvalidParameter.SignatureMethod"
    message = "The specified SignatureMethod {method} is not supported."


class Rpc:
    def __init__(self, performer: Performer, services: list[Service]) -> None:
        self._performer = performer
        self._services: dict[str, list[Service]] = {}
        for service in services:
            self._services.setdefault(service.version, []).append(service)

    async def answer(self, request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "POST"):
            raise UnsupportedHTTPMethod
        body = await request.body(BODY_LIMIT)
        asked = await aside(len(body), _Asked, request, body)
        request.xml = asked.xml
        operation = self._find(request, asked)
        request.operation = operation.name
        region_id = _region_of(self._performer.cloud, operation, asked.parameters, request)
        at = await self._performer.region(region_id)
        if asked.v3:
            claim = await aside(len(body), v3_claim, request, body)
        else:
            claim = await aside(len(body), _v1_claim, request, asked)
        principal = await self._performer.identify(region_id, claim, rpc=not asked.v3)
        ask = parameters.parse(operation.request, asked.parameters)
        await self._performer.admit(operation, ask, at=at, principal=principal, request=request)
        result = await self._performer.perform(
            operation, ask, at=at, principal=principal, request=request, nonce=claim.nonce
        )
        return answers.render(request, operation.name, result)

    def _find(self, request: HttpRequest, asked: _Asked) -> Operation:
        if not asked.operation:
            raise MissingAction
        if not asked.version:
            raise MissingVersion
        # One address serves all products, so version and operation tell them apart; the host's first label decides
        # where two products share both.
        candidates = self._services.get(asked.version, [])
        label = request.host.partition(".")[0].partition("-")[0]
        for service in sorted(candidates, key=lambda one: one.name != label):
            request.product = service.product
            if operation := service.operations.get(asked.operation):
                return operation
        if products := known.find(asked.version, asked.operation):
            raise OperationNotImplemented(
                operation=asked.operation, product=" or ".join(products), version=asked.version
            )
        if not candidates and not known.has_version(asked.version):
            raise InvalidVersion
        raise InvalidActionNotFound


async def aside(size: int, work: Callable[P, T], *args: P.args, **options: P.kwargs) -> T:
    """Do `work` here, or in a thread if it has so many bytes to look at that others would wait for it."""
    if size < _MUCH:
        return work(*args, **options)
    return await asyncio.to_thread(work, *args, **options)


class _Asked:
    """Which operation, with which parameters, wherever in the request they stand."""

    def __init__(self, request: HttpRequest, body: bytes) -> None:
        headers = request.headers
        self.v3 = headers.get("authorization", "").startswith(V3)
        self.parameters = dict(request.query)
        if headers.get("content-type", "").lower().startswith("application/x-www-form-urlencoded"):
            self.parameters.update(pairs_of(body.decode("utf-8", "replace")))
        elif self.v3 and body.startswith(b"{"):
            self.parameters.update(_json_parameters(body))
        # The old core sends x-acs-action beside V1 too; there the signed parameters decide.
        named = headers if self.v3 else {}
        self.operation = named.get("x-acs-action") or self.parameters.get("Action", "")
        self.version = named.get("x-acs-version") or self.parameters.get("Version", "")
        # V1 answers XML unless asked for JSON; V3 always JSON.
        self.xml = not self.v3 and self.parameters.get("Format", "XML").upper() != "JSON"


def _json_parameters(body: bytes) -> dict[str, str]:
    try:
        decoded = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
        texts = {}
        for name, raw in decoded.items():
            text = bytes(raw).decode()
            texts[name] = msgspec.json.decode(text, type=str) if text.startswith('"') else text
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise InvalidParameter(parameter="body") from None
    return texts


def _region_of(cloud: Cloud, operation: Operation, given: dict[str, str], request: HttpRequest) -> str:
    """RegionId, else the host's region, else the region that a resource id tells, else the default."""
    if operation.service.is_global:
        return HOME.id
    if region_id := given.get("RegionId") or given.get("regionId"):  # as operations of snapshot policies spell it
        return region_id
    for label in request.host.split("."):
        for name in (label, label.partition("-")[2]):
            if find_region(name):
                return name
    for name, value in given.items():
        if "Id" not in name:
            continue
        for text in _RESOURCE_ID.findall(value):
            if region := region_of_resource(text):
                return region.id
    return cloud.config.default_region


def _v1_claim(request: HttpRequest, asked: _Asked) -> Claim:
    given = asked.parameters
    if not given.get("AccessKeyId"):
        raise MissingAccessKeyId
    for name in ("Signature", "Timestamp", "SignatureNonce"):
        if not given.get(name):
            raise IncompleteSignature(reason=f"{name} is missing.")
    method = given.get("SignatureMethod") or "HMAC-SHA1"
    if method not in ("HMAC-SHA1", "HMAC-SHA256"):
        raise UnsupportedSignatureMethod(method=method)
    return Claim(
        access_key_id=given["AccessKeyId"],
        signature=given["Signature"],
        string_to_sign=rpc_string_to_sign(request.method, given),
        algorithm=method,
        security_token=given.get("SecurityToken", ""),
        nonce=given["SignatureNonce"],
        timestamp=given["Timestamp"],
    )


def v3_claim(request: HttpRequest, body: bytes) -> Claim:
    """The claim of an ACS3-HMAC-SHA256 request, whose signed headers must cover the body's hash and the date."""
    headers = request.headers
    fields = v3_authorization(headers["authorization"])
    if not all(fields.get(name) for name in ("Credential", "SignedHeaders", "Signature")):
        raise IncompleteSignature(reason="Authorization needs Credential, SignedHeaders and Signature.")
    signed = fields["SignedHeaders"].lower().split(";")
    for name in headers:
        if (name == "host" or name.startswith("x-acs-")) and name not in signed:
            raise IncompleteSignature(reason=f"{name} is not signed.")
    if not headers.get("x-acs-signature-nonce"):
        raise IncompleteSignature(reason="x-acs-signature-nonce is missing.")
    content = headers.get("x-acs-content-sha256", "")
    if not hmac.compare_digest(content.encode(), hashlib.sha256(body).hexdigest().encode()):
        raise IncompleteSignature(reason="x-acs-content-sha256 is not the hash of the body.")
    return Claim(
        access_key_id=fields["Credential"],
        signature=fields["Signature"],
        string_to_sign=v3_string_to_sign(
            request.method, request.path, request.query, headers, fields["SignedHeaders"], content
        ),
        algorithm=V3,
        security_token=headers.get("x-acs-security-token", ""),
        nonce=headers.get("x-acs-signature-nonce", ""),
        timestamp=headers.get("x-acs-date", ""),
    )
