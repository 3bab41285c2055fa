"""The protocol of Simple Log Service: REST with the project in the host name, JSON documents, logs as protobuf."""

from __future__ import annotations

import asyncio
import hashlib
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import unquote

import msgspec

from openyun.access import sls_signature
from openyun.access.principal import Principal
from openyun.access.signature import Claim
from openyun.clock import iso_seconds
from openyun.cloud import RegionState
from openyun.engine.blob import BlobStoreFull
from openyun.errors import (
    CloudError,
    InvalidAccessKeyIdInactive,
    InvalidAccessKeyIdNotFound,
    InvalidSecurityTokenExpired,
    InvalidSecurityTokenMalformed,
    InvalidSecurityTokenMismatch,
    InvalidTimeStampExpired,
    InvalidTimeStampFormat,
    MissingSecurityToken,
    OperationNotImplemented,
    SignatureDoesNotMatch,
)
from openyun.gateway.http import HttpRequest, HttpResponse
from openyun.gateway.perform import Performer
from openyun.gateway.rpc import aside
from openyun.operation import Operation, Response, Service
from openyun.region import find_region
from openyun.services.sls import batches, compression, errors, indexes, log_group, log_stores, searching
from openyun.services.sls.records import LogProject

_BODY_LIMIT = batches.LARGEST_GROUP + 64 * 1024
_PREFIX = "SLS4-HMAC-SHA256 "
_ENDPOINTS = ("log", "sls")
"""what follows the region in a host name of the vendor's"""

_BY_TYPE: dict[tuple[str, str], str] = {
    ("/logstores/{logstore}", "log"): "GetLogs",
    ("/logstores/{logstore}", "histogram"): "GetHistograms",
    ("/logstores/{logstore}/shards/{shard}", "cursor"): "GetCursor",
    ("/logstores/{logstore}/shards/{shard}", "cursor_time"): "GetCursorTime",
    ("/logstores/{logstore}/shards/{shard}", "log"): "PullLogs",
    ("/logstores/{logstore}/shards/{shard}", "logs"): "PullLogs",
}
"""operations that share path and method GET"""


class Sls:
    def __init__(self, performer: Performer, service: Service) -> None:
        self._performer = performer
        self._cloud = performer.cloud
        self._service = service
        self._regions: dict[str, str] = {}
        """where projects are, as far as known"""
        self._routes = [
            (one.method, re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(one.path))), one)
            for one in service.operations.values()
        ]

    async def answer(self, request: HttpRequest) -> HttpResponse:
        project, region_id = _project_of(request.host)
        operation, named = self._operation(request, project)
        request.product, request.operation = self._service.product, operation.name
        body = await request.body(_BODY_LIMIT)
        claim = await aside(len(body), _claim, request, body)
        at = await self._performer.region(await self._region_of(region_id, project, claim))
        principal = await self._identify(at, claim)
        fields = {**dict(request.query), **named, "project": project}
        if operation.name == "PutLogs":
            return await self._put(request, at, principal, operation, fields, body)
        ask = _parse(operation, fields, body)
        await self._performer.admit(operation, ask, at=at, principal=principal, request=request)
        answer = await self._performer.perform(operation, ask, at=at, principal=principal, request=request)
        if operation.name == "CreateProject":
            self._regions.pop(getattr(ask, "project_name", ""), None)
        return await self._render(request, at, operation, answer)

    def render_error(self, request: HttpRequest, problem: CloudError) -> HttpResponse:
        fields = {"errorCode": problem.code, "errorMessage": problem.text, "requestId": request.id}
        if "AccessDeniedDetail" in problem.detail:
            fields["accessDeniedDetail"] = problem.detail["AccessDeniedDetail"]
        return HttpResponse(
            status=problem.status, headers=_headers(request, "application/json"), body=msgspec.json.encode(fields)
        )

    def _operation(self, request: HttpRequest, project: str) -> tuple[Operation, dict[str, str]]:
        """Raises OperationNotImplemented."""
        path = request.path or "/"
        if path == "/" and request.method == "GET":
            name = "GetProject" if project else "ListProject"
            return self._service.operations[name], {}
        if path.endswith("/shards/route"):
            path = path.removesuffix("route") + "lb"
        kind = dict(request.query).get("type", "")
        for method, pattern, operation in self._routes:
            found = pattern.fullmatch(path)
            if method != request.method or not found:
                continue
            named = {name: unquote(value) for name, value in found.groupdict().items()}
            if request.method == "GET" and (kind or operation.path in {path for path, _ in _BY_TYPE}):
                other = _BY_TYPE.get((operation.path, kind), "")
                if other:
                    return self._service.operations[other], named
                if kind or operation.name != "GetLogStore":
                    continue
            return operation, named
        what = f"{request.method} {request.path}" + (f"?type={kind}" if kind else "")
        raise OperationNotImplemented(operation=what, product="Sls", version=self._service.version)

    async def _region_of(self, region_id: str, project: str, claim: Claim) -> str:
        """The host's, else that which has the project, else the signature's, else the default."""
        if region_id:
            return region_id
        known = self._regions.get(project)
        if known:
            return known
        for at in self._cloud.regions_in_use() if project else ():
            if await self._performer.run(at, lambda state: state.get(LogProject, project), reads=True):
                if len(self._regions) > 10_000:
                    self._regions.clear()
                self._regions[project] = at.region.id
                return at.region.id
        signed = claim.string_to_sign.split("\n")[2].split("/") if claim.algorithm == sls_signature.V4 else []
        return next((part for part in signed if find_region(part)), self._cloud.config.default_region)

    async def _identify(self, at: RegionState, claim: Claim) -> Principal:
        try:
            return await self._performer.identify(at.region.id, claim, rpc=False)
        except SignatureDoesNotMatch:
            raise errors.SignatureNotMatch(signature=claim.signature) from None
        except (InvalidTimeStampExpired, InvalidTimeStampFormat):
            raise errors.RequestTimeExpired(time=claim.timestamp) from None
        except (InvalidAccessKeyIdNotFound, InvalidAccessKeyIdInactive):
            raise errors.UnknownKey(access_key_id=claim.access_key_id) from None
        except InvalidSecurityTokenExpired:
            raise errors.SecurityTokenExpired from None
        except (InvalidSecurityTokenMalformed, InvalidSecurityTokenMismatch, MissingSecurityToken) as problem:
            raise errors.SecurityTokenInvalid(reason=problem.text) from None

    async def _put(
        self,
        request: HttpRequest,
        at: RegionState,
        principal: Principal,
        operation: Operation,
        fields: dict[str, Any],
        body: bytes,
    ) -> HttpResponse:
        ask = _parse(operation, fields, b"")
        assert isinstance(ask, batches.PutLogsRequest)  # noqa: S101  for the type checker: it is PutLogs
        await self._performer.admit(operation, ask, at=at, principal=principal, request=request)
        size = _announced(request, body)
        kind = request.headers.get("x-log-compresstype", "")
        packed = await aside(max(size, len(body)), lambda: batches.pack(compression.unpack(body, kind, size)))
        if len(packed.data) > batches.SMALL:
            packed = await _as_blob(at, packed)
        ask = msgspec.structs.replace(ask, packed=packed)
        try:
            await self._performer.perform(operation, ask, at=at, principal=principal, request=request)
        except CloudError:
            if packed.blob_id:
                at.engines.blob.discard(packed.blob_id)
            raise
        return HttpResponse(headers=_headers(request))

    async def _render(
        self, request: HttpRequest, at: RegionState, operation: Operation, answer: Response
    ) -> HttpResponse:
        headers: dict[str, str] = {}
        document: Any = answer
        if isinstance(answer, batches.PullLogsResponse):
            return await _pulled(request, at, answer)
        if isinstance(answer, searching.PlanResponse):
            search = searching.Search(at, answer.plan)
            if operation.name == "GetHistograms":
                document = await asyncio.to_thread(search.bars)
                complete = all(bar.progress == "Complete" for bar in document)
                headers["x-log-count"] = str(sum(bar.count for bar in document))
            else:
                found = await asyncio.to_thread(search.page)
                complete = found.complete
                headers["x-log-count"] = str(len(found.logs))
                headers["x-log-processed-rows"] = str(found.rows)
                document = found.logs if operation.name == "GetLogs" else _with_meta(found, answer.query)
            headers["x-log-progress"] = "Complete" if complete else "Incomplete"
        elif isinstance(answer, log_stores.ListShardsResponse):
            document = answer.items
        elif isinstance(answer, indexes.GetIndexResponse):
            document = answer.document
        encoded = msgspec.json.encode(document)
        if isinstance(document, Response) and encoded == b"{}":
            return HttpResponse(headers=_headers(request))
        more = {**headers, "x-log-bodyrawsize": str(len(encoded))}
        return HttpResponse(headers={**_headers(request, "application/json"), **more}, body=encoded)


def _project_of(host: str) -> tuple[str, str]:
    """Project and region; either may be empty."""
    labels = host.split(".")
    for place, label in enumerate(labels):
        region_id = re.sub(r"-(intranet|internal|share|vpc|vpc-inner)$", "", label)
        if find_region(region_id) and place + 1 < len(labels) and labels[place + 1] in _ENDPOINTS:
            return ".".join(labels[:place]), region_id
    if labels[-1] == "localhost":
        return ".".join(labels[:-1]), ""
    if len(labels) == 5 and all(label.isdecimal() for label in labels[1:]):
        return labels[0], ""
    return "", ""


def _claim(request: HttpRequest, body: bytes) -> Claim:
    """Raises the refusals of requests that nobody signed."""
    headers = request.headers
    authorization = headers.get("authorization", "")
    path = request.path or "/"
    if authorization.startswith(_PREFIX):
        return _v4_claim(request, body, path)
    access_key_id, colon, signature = authorization.removeprefix(sls_signature.V1).partition(":")
    if not authorization.startswith(sls_signature.V1) or not colon:
        raise errors.MissingHeader("Authorization", "Authorization")
    digest = headers.get("content-md5", "")
    if body and digest.upper() != hashlib.md5(body, usedforsecurity=False).hexdigest().upper():
        raise errors.PostBodyInvalid(reason="Content-MD5 is not the digest of the body")
    date = headers.get("date") or headers.get("x-log-date", "")
    try:
        at = parsedate_to_datetime(date)
    except (ValueError, OverflowError):
        raise errors.RequestTimeExpired(time=date) from None
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    method = headers.get("x-log-signaturemethod", "hmac-sha1").lower()
    return Claim(
        access_key_id=access_key_id,
        signature=signature,
        string_to_sign=sls_signature.v1_string_to_sign(request.method, path, request.query, headers),
        algorithm="HMAC-SHA256" if method == "hmac-sha256" else "HMAC-SHA1",
        security_token=headers.get("x-acs-security-token", ""),
        timestamp=iso_seconds(at),
    )


def _v4_claim(request: HttpRequest, body: bytes, path: str) -> Claim:
    headers = request.headers
    parts = dict(part.strip().partition("=")[::2] for part in headers["authorization"].removeprefix(_PREFIX).split(","))
    access_key_id, _, scope = parts.get("Credential", "").partition("/")
    if headers.get("x-log-content-sha256", "") != hashlib.sha256(body).hexdigest():
        raise errors.PostBodyInvalid(reason="x-log-content-sha256 is not the digest of the body")
    date = headers.get("x-log-date", "")
    try:
        at = datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise errors.RequestTimeExpired(time=date) from None
    return Claim(
        access_key_id=access_key_id,
        signature=parts.get("Signature", ""),
        string_to_sign=sls_signature.v4_string_to_sign(request.method, path, request.query, headers, scope),
        algorithm=sls_signature.V4,
        security_token=headers.get("x-acs-security-token", ""),
        timestamp=iso_seconds(at),
    )


def _parse(operation: Operation, fields: dict[str, Any], body: bytes) -> Any:
    """Raises ParameterInvalid, PostBodyInvalid."""
    if body:
        try:
            document = msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            raise errors.PostBodyInvalid(reason="the body is no JSON") from None
        if not isinstance(document, dict):
            raise errors.PostBodyInvalid(reason="the body is no JSON object")
        fields = {**document, **fields}
    known = {name: value for name, value in fields.items() if value is not None and name != "packed"}
    for name, value in known.items():
        if value in ("True", "False"):  # as the vendor's Python SDK writes them into a query
            known[name] = value.lower()
    try:
        return msgspec.convert(known, operation.request, strict=False)
    except msgspec.ValidationError as problem:
        raise errors.ParameterInvalid(reason=str(problem)) from None


def _announced(request: HttpRequest, body: bytes) -> int:
    """How large the body is unpacked. Raises PostBodyTooLarge, PostBodyInvalid."""
    text = request.headers.get("x-log-bodyrawsize", "")
    if not text.isdecimal():
        raise errors.MissingHeader("x-log-bodyrawsize", "BodyRawSize")
    size = int(text)
    if size > batches.LARGEST_GROUP:
        raise errors.PostBodyTooLarge(size=size, most=batches.LARGEST_GROUP)
    return size


async def _as_blob(at: RegionState, packed: batches.Packed) -> batches.Packed:
    async def chunks() -> Any:
        yield packed.data

    try:
        blob = await at.engines.blob.write(chunks(), size=len(packed.data))
    except BlobStoreFull:
        raise errors.ExceedQuota(what="storage", most="all of the disk") from None
    return msgspec.structs.replace(packed, data=b"", blob_id=blob.id)


async def _pulled(request: HttpRequest, at: RegionState, answer: batches.PullLogsResponse) -> HttpResponse:
    groups = [raw for one in answer.batches if (raw := await searching.raw_of(at, one)) is not None]
    body = log_group.listed(groups)
    headers = {
        **_headers(request, "application/x-protobuf"),
        "x-log-bodyrawsize": str(len(body)),
        "x-log-count": str(len(groups)),
        "x-log-cursor": answer.cursor,
    }
    return HttpResponse(headers=headers, body=body)


def _with_meta(found: searching.Found, query: str) -> dict[str, Any]:
    return {
        "meta": {
            "progress": "Complete" if found.complete else "Incomplete",
            "aggQuery": "",
            "whereQuery": query,
            "hasSQL": False,
            "processedRows": found.rows,
            "processedBytes": found.size,
            "elapsedMillisecond": 0,
            "cpuSec": 0,
            "cpuCores": 0,
            "isAccurate": True,
            "limited": 0,
            "mode": 0,
            "count": len(found.logs),
            "keys": [],
            "terms": [],
            "highlights": [],
            "columnTypes": [],
        },
        "data": found.logs,
    }


def _headers(request: HttpRequest, content_type: str = "") -> dict[str, str]:
    headers = {"x-log-requestid": request.id, "Server": "OpenYun"}
    return {**headers, "Content-Type": content_type} if content_type else headers
