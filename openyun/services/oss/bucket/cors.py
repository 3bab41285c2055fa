"""CORS: which pages of other origins may read a bucket from a browser."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from openyun.operation import Call, Model
from openyun.services.oss.bucket.configuration import DocumentRequest, Kind
from openyun.services.oss.bucket.configuration_errors import CORSForbidden, NoSuchCORSConfiguration
from openyun.services.oss.errors import InvalidArgument, MalformedXML
from openyun.services.oss.records import Bucket
from openyun.services.oss.service import OssRequest, OssResponse, oss
from openyun.state import Transaction

_MOST_RULES = 20
_LONGEST_AGE = 999_999_999
METHODS = ("GET", "PUT", "DELETE", "POST", "HEAD")


class CorsRule(Model, kw_only=True):
    allowed_origin: list[str]
    allowed_method: list[str]
    allowed_header: list[str] = []
    expose_header: list[str] = []
    max_age_seconds: int | None = None


class CorsConfiguration(Model, kw_only=True):
    cors_rule: list[CorsRule] = msgspec.field(name="CORSRule", default_factory=list)
    response_vary: bool = False


CORS = Kind("cors", "CORSConfiguration", CorsConfiguration, NoSuchCORSConfiguration)


class PutBucketCorsRequest(DocumentRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def put_bucket_cors(call: Call, ask: PutBucketCorsRequest) -> OssResponse:
    wanted = CORS.read(ask.document)
    if not 1 <= len(wanted.cors_rule) <= _MOST_RULES:
        raise MalformedXML
    for rule in wanted.cors_rule:
        _check(rule)
    CORS.put(call, ask.bucket, wanted)
    return OssResponse()


def _check(rule: CorsRule) -> None:
    for method in rule.allowed_method:
        if method not in METHODS:
            raise InvalidArgument(reason="Invalid AllowedMethod.", ArgumentName="AllowedMethod", ArgumentValue=method)
    for name, values in (("AllowedOrigin", rule.allowed_origin), ("AllowedHeader", rule.allowed_header)):
        for value in values:
            if value.count("*") > 1:
                raise InvalidArgument(
                    reason=f"{name} can have at most one wildcard.", ArgumentName=name, ArgumentValue=value
                )
    for value in rule.expose_header:
        if "*" in value:
            raise InvalidArgument(
                reason="ExposeHeader can have no wildcard.", ArgumentName="ExposeHeader", ArgumentValue=value
            )
    age = rule.max_age_seconds
    if age is not None and not 0 <= age <= _LONGEST_AGE:
        raise InvalidArgument(reason="Invalid MaxAgeSeconds.", ArgumentName="MaxAgeSeconds", ArgumentValue=str(age))


class GetBucketCorsRequest(OssRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def get_bucket_cors(call: Call, ask: GetBucketCorsRequest) -> OssResponse:
    return CORS.answer(CORS.find(call, ask.bucket))


class DeleteBucketCorsRequest(OssRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def delete_bucket_cors(call: Call, ask: DeleteBucketCorsRequest) -> OssResponse:
    CORS.delete(call, ask.bucket)
    return OssResponse(status=204)


def preflight(state: Transaction, bucket: Bucket, origin: str, method: str, headers: Iterable[str]) -> dict[str, str]:
    """What an OPTIONS request is answered. Raises CORSForbidden."""
    found = CORS.of(state, bucket)
    if found is None:
        raise CORSForbidden
    wanted = [name.strip().lower() for name in headers if name.strip()]
    for rule in found.cors_rule:
        allowed = [name.lower() for name in rule.allowed_header]
        if _suits(rule, origin, method) and all(any(_like(one, name) for one in allowed) for name in wanted):
            answer = _headers(rule, origin, found.response_vary)
            if wanted:
                answer["Access-Control-Allow-Headers"] = ", ".join(wanted)
            return answer
    raise CORSForbidden


def response_headers(state: Transaction, bucket: Bucket, origin: str, method: str) -> dict[str, str]:
    """What an answer to a page of this origin bears; nothing where no rule suits."""
    found = CORS.of(state, bucket)
    if found is None:
        return {}
    if origin:
        for rule in found.cors_rule:
            if _suits(rule, origin, method):
                return _headers(rule, origin, found.response_vary)
    return {"Vary": "Origin"} if found.response_vary else {}


def _suits(rule: CorsRule, origin: str, method: str) -> bool:
    return method in rule.allowed_method and any(_like(one, origin) for one in rule.allowed_origin)


def _like(pattern: str, text: str) -> bool:
    head, star, tail = pattern.partition("*")
    if not star:
        return pattern == text
    return len(text) >= len(head) + len(tail) and text.startswith(head) and text.endswith(tail)


def _headers(rule: CorsRule, origin: str, vary: bool) -> dict[str, str]:
    any_origin = "*" in rule.allowed_origin
    answer = {
        "Access-Control-Allow-Origin": "*" if any_origin else origin,
        "Access-Control-Allow-Methods": ", ".join(rule.allowed_method),
    }
    if rule.expose_header:
        answer["Access-Control-Expose-Headers"] = ", ".join(rule.expose_header)
    if rule.max_age_seconds is not None:
        answer["Access-Control-Max-Age"] = str(rule.max_age_seconds)
    if vary or not any_origin:
        answer["Vary"] = "Origin"
    return answer
