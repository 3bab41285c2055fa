"""Signatures of the S3 protocol: V4 (`AWS4-HMAC-SHA256`) and the older V2 (`AWS`, HMAC-SHA1), in header or URL.

V2 lives on because boto3 still signs URLs with it unless it is told otherwise. `read_claim` finds who a request says
it is from, and `S3Claim.verify` proves it; a chunked body goes on with `S3Claim.chunks`, each piece signed upon the
one before. Nothing here reads a clock or a store.

Source: Amazon S3 API reference, "Authenticating Requests (AWS Signature Version 4)"; botocore.auth.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from urllib.parse import quote

import msgspec

from openyun.access.oss_signature import http_date, iso_basic
from openyun.access.s3_errors import (
    AuthorizationHeaderMalformed,
    AuthorizationQueryParametersError,
    HeadersNotSigned,
    MissingContentSha256,
    S3InvalidDate,
    S3RequestExpired,
    S3RequestTimeTooSkewed,
    S3SignatureDoesNotMatch,
)
from openyun.region import find_region

V4 = "AWS4-HMAC-SHA256"
V2 = "AWS "
UNSIGNED = "UNSIGNED-PAYLOAD"

_SKEW = timedelta(minutes=15)
_LONGEST_URL = 7 * 24 * 3600
"""seconds a V4 URL may live"""
_NOTHING = hashlib.sha256(b"").hexdigest()
_PAYLOAD = "x-amz-content-sha256"
"""signed in any case, as the last line of the canonical request"""
_SPACES = re.compile(" {2,}")

_V2_SUBRESOURCES = frozenset(
    """
    accelerate acl analytics cors defaultObjectAcl delete inventory lifecycle location logging metrics notification
    object-lock partNumber policy replication requestPayment response-cache-control response-content-disposition
    response-content-encoding response-content-language response-content-type response-expires restore select
    select-type storageClass tagging torrent uploadId uploads versionId versioning versions website
    """.split()  # noqa: SIM905  names as they are read, not as a list is written
)
"""Query parameters that V2 signs."""


class S3Signable(msgspec.Struct, frozen=True, kw_only=True):
    """What of a request is signed."""

    method: str
    path: str
    """decoded, with the bucket only where the client put it there"""
    resource: str = ""
    """V2: /bucket/key as sent, wherever the bucket was named"""
    query: Sequence[tuple[str, str]] = ()
    """decoded; a parameter without a value has the empty one"""
    headers: Mapping[str, str] = {}
    """names in lower case"""


class S3Claim(msgspec.Struct, kw_only=True):
    """Who a request says it is from, not yet proven."""

    access_key_id: str
    signature: str
    security_token: str
    string_to_sign: bytes
    canonical_request: bytes = b""
    """V4 only"""
    scope: str = ""
    """V4 only: YYYYMMDD/region/service/aws4_request"""
    signed_at: str = ""
    """V4 only: YYYYMMDDTHHMMSSZ"""
    in_url: bool = False
    key: bytes = b""
    """V4 only: signs the chunks of the body; known once `verify` was asked"""

    @property
    def region(self) -> str:
        """The region it was signed for, if it is one of this cloud's.

        Tools for S3 sign for us-east-1 unless they are told where they are: any other name says nothing here."""
        name = self.scope.split("/")[1] if self.scope else ""
        return name if name != "us-east-1" and find_region(name) else ""

    def check_region(self, region_id: str) -> None:
        """Raises the error from which S3 clients learn where the bucket is."""
        if self.region and self.region != region_id:
            raise AuthorizationHeaderMalformed(
                reason=f"the region '{self.region}' is wrong; expecting '{region_id}'", Region=region_id
            )

    def verify(self, secret: str) -> None:
        """Raises S3SignatureDoesNotMatch, with what was signed here, unless it was signed with this secret."""
        if self.scope:
            self.key = _signing_key(secret, self.scope)
            expected = hmac.digest(self.key, self.string_to_sign, "sha256").hex()
        else:
            expected = base64.b64encode(hmac.digest(secret.encode(), self.string_to_sign, "sha1")).decode()
        if not hmac.compare_digest(expected.encode(), self.signature.encode()):
            facts = {
                "AWSAccessKeyId": self.access_key_id,
                "StringToSign": self.string_to_sign.decode("utf-8", "replace"),
                "SignatureProvided": self.signature,
                "StringToSignBytes": self.string_to_sign.hex(" "),
            }
            if self.canonical_request:
                facts["CanonicalRequest"] = self.canonical_request.decode("utf-8", "replace")
                facts["CanonicalRequestBytes"] = self.canonical_request.hex(" ")
            raise S3SignatureDoesNotMatch(**facts)

    def chunks(self) -> ChunkChain:
        """For the body of a request that was verified."""
        return ChunkChain(self)


class ChunkChain:
    """The signatures of a chunked body, each over its chunk and the signature before."""

    def __init__(self, claim: S3Claim) -> None:
        self._key = claim.key
        self._scope = f"{claim.signed_at}\n{claim.scope}"
        self._before = claim.signature

    def check(self, digest: str, signature: str) -> None:
        """`digest` is the chunk's SHA-256. Raises S3SignatureDoesNotMatch."""
        self._step("AWS4-HMAC-SHA256-PAYLOAD", f"{_NOTHING}\n{digest}", signature)

    def check_trailer(self, trailer: bytes, signature: str) -> None:
        """`trailer` is its lines, each `name:value` and a line feed. Raises S3SignatureDoesNotMatch."""
        self._step("AWS4-HMAC-SHA256-TRAILER", hashlib.sha256(trailer).hexdigest(), signature)

    def _step(self, kind: str, digest: str, signature: str) -> None:
        string_to_sign = f"{kind}\n{self._scope}\n{self._before}\n{digest}"
        expected = hmac.digest(self._key, string_to_sign.encode(), "sha256").hex()
        if not hmac.compare_digest(expected.encode(), signature.encode()):
            raise S3SignatureDoesNotMatch(StringToSign=string_to_sign, SignatureProvided=signature)
        self._before = expected


def read_claim(asked: S3Signable, now: datetime) -> S3Claim:
    """Raises S3's errors for a malformed claim, a request too old, and a URL that has expired."""
    authorization = asked.headers.get("authorization", "")
    if authorization.startswith(V4):
        return _v4_header(asked, authorization.removeprefix(V4), now)
    if authorization:
        return _v2_header(asked, authorization.removeprefix(V2), now)
    query = dict(asked.query)
    if "AWSAccessKeyId" in query:
        return _v2_url(asked, query, now)
    return _v4_url(asked, query, now)


# V4


def _v4_header(asked: S3Signable, rest: str, now: datetime) -> S3Claim:
    parts = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    missing = [name for name in ("Credential", "SignedHeaders", "Signature") if not parts.get(name)]
    if missing:
        raise AuthorizationHeaderMalformed(reason=f"the {missing[0]} component is missing.")
    text = asked.headers.get("x-amz-date") or asked.headers.get("date", "")
    signed_at = iso_basic(text) or http_date(text)
    if signed_at is None:
        raise S3InvalidDate
    _check_skew(signed_at, text, now)
    payload = asked.headers.get(_PAYLOAD)
    if payload is None:
        raise MissingContentSha256
    access_key_id, scope = read_credential(parts["Credential"], signed_at, AuthorizationHeaderMalformed)
    return _v4_claim(
        asked,
        access_key_id=access_key_id,
        scope=scope,
        signature=parts["Signature"],
        token=asked.headers.get("x-amz-security-token", ""),
        signed=parts["SignedHeaders"],
        signed_at=signed_at,
        query=asked.query,
        payload=payload,
    )


def _v4_url(asked: S3Signable, query: Mapping[str, str], now: datetime) -> S3Claim:
    needed = ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders")
    if not all(query.get(name) for name in (*needed, "X-Amz-Signature")):
        raise AuthorizationQueryParametersError(
            reason="Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
            "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."
        )
    if query["X-Amz-Algorithm"] != V4:
        raise AuthorizationQueryParametersError(reason=f'X-Amz-Algorithm only supports "{V4}"')
    signed_at = iso_basic(query["X-Amz-Date"])
    if signed_at is None:
        raise AuthorizationQueryParametersError(
            reason="X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\""
        )
    text = query["X-Amz-Expires"]
    if not (text.isascii() and text.isdigit() and int(text[:12]) <= _LONGEST_URL):
        raise AuthorizationQueryParametersError(
            reason="X-Amz-Expires must be a number of at most a week (in seconds); the given value is not."
        )
    if signed_at - now > _SKEW:
        raise _too_skewed(query["X-Amz-Date"], now)
    expires = signed_at + timedelta(seconds=int(text))
    if expires < now:
        raise S3RequestExpired(**{"X-Amz-Expires": text, "Expires": _iso(expires), "ServerTime": _iso(now)})
    access_key_id, scope = read_credential(query["X-Amz-Credential"], signed_at, AuthorizationQueryParametersError)
    return _v4_claim(
        asked,
        access_key_id=access_key_id,
        scope=scope,
        signature=query["X-Amz-Signature"],
        token=query.get("X-Amz-Security-Token", ""),
        signed=query["X-Amz-SignedHeaders"],
        signed_at=signed_at,
        query=[pair for pair in asked.query if pair[0] != "X-Amz-Signature"],
        payload=asked.headers.get(_PAYLOAD, UNSIGNED),
        in_url=True,
    )


def read_credential(
    text: str,
    signed_at: datetime,
    problem: type[AuthorizationHeaderMalformed | AuthorizationQueryParametersError],
) -> tuple[str, str]:
    """AccessKey ID and scope."""
    access_key_id, _, scope = text.partition("/")
    day, *rest = scope.split("/")
    if not access_key_id or len(rest) != 3 or rest[2] != "aws4_request":
        raise problem(reason="the Credential is mal-formed; expecting <AKID>/YYYYMMDD/REGION/SERVICE/aws4_request.")
    if rest[1] != "s3":
        raise problem(reason=f'incorrect service "{rest[1]}". This endpoint belongs to "s3".')
    if day != f"{signed_at:%Y%m%d}":
        raise problem(reason=f'incorrect date "{day}". The date in the Credential must be the date of the request.')
    return access_key_id, scope


def _v4_claim(
    asked: S3Signable,
    *,
    access_key_id: str,
    scope: str,
    signature: str,
    token: str,
    signed: str,
    signed_at: datetime,
    query: Iterable[tuple[str, str]],
    payload: str,
    in_url: bool = False,
) -> S3Claim:
    headers = asked.headers
    names = [name for name in signed.lower().split(";") if name]
    # An x-amz- header that nobody signed may have been added on the way, and would be believed.
    unsigned = [name for name in headers if name.startswith("x-amz-") and name not in names and name != _PAYLOAD]
    if "host" not in names:
        unsigned.append("host")
    if unsigned:
        raise HeadersNotSigned(HeadersNotSigned=", ".join(unsigned))
    encoded = sorted((quote(name, safe="~"), quote(value, safe="~")) for name, value in query)
    canonical = "\n".join(
        [
            asked.method,
            quote(asked.path, safe="/~"),
            "&".join(f"{name}={value}" for name, value in encoded),
            *(f"{name}:{_collapsed(headers.get(name, ''))}" for name in names),
            "",
            signed,
            payload,
        ]
    ).encode("utf-8", "replace")
    at = f"{signed_at:%Y%m%dT%H%M%SZ}"
    return S3Claim(
        access_key_id=access_key_id,
        signature=signature,
        security_token=token,
        string_to_sign=f"{V4}\n{at}\n{scope}\n{hashlib.sha256(canonical).hexdigest()}".encode(),
        canonical_request=canonical,
        scope=scope,
        signed_at=at,
        in_url=in_url,
    )


def _collapsed(value: str) -> str:
    return _SPACES.sub(" ", value.strip()) if "  " in value else value.strip()


@lru_cache(maxsize=4096)
def _signing_key(secret: str, scope: str) -> bytes:
    key = ("AWS4" + secret).encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


# V2


def _v2_header(asked: S3Signable, rest: str, now: datetime) -> S3Claim:
    access_key_id, colon, signature = rest.strip().partition(":")
    if not (access_key_id and colon and signature):
        raise AuthorizationHeaderMalformed(reason="expecting AWS <AKID>:<signature>.")
    headers = asked.headers
    text = headers.get("x-amz-date") or headers.get("date", "")
    signed_at = http_date(text) or iso_basic(text)
    if signed_at is None:
        raise S3InvalidDate
    _check_skew(signed_at, text, now)
    return S3Claim(
        access_key_id=access_key_id,
        signature=signature,
        security_token=headers.get("x-amz-security-token", ""),
        string_to_sign=_v2_string(asked, "" if "x-amz-date" in headers else text, headers),
    )


def _v2_url(asked: S3Signable, query: Mapping[str, str], now: datetime) -> S3Claim:
    signature, expires = query.get("Signature", ""), query.get("Expires", "")
    if not (signature and expires.isascii() and expires.isdigit() and len(expires) < 12):
        raise AuthorizationQueryParametersError(
            reason="Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters"
        )
    if int(expires) < now.timestamp():
        raise S3RequestExpired(Expires=_iso(datetime.fromtimestamp(int(expires), UTC)), ServerTime=_iso(now))
    token = query.get("x-amz-security-token", "")
    signed = {**asked.headers, "x-amz-security-token": token} if token else asked.headers
    return S3Claim(
        access_key_id=query["AWSAccessKeyId"],
        signature=signature,
        security_token=token,
        string_to_sign=_v2_string(asked, expires, signed),
        in_url=True,
    )


def _v2_string(asked: S3Signable, date: str, headers: Mapping[str, str]) -> bytes:
    lines = [asked.method, headers.get("content-md5", ""), headers.get("content-type", ""), date]
    lines += [f"{name}:{headers[name].strip()}" for name in sorted(headers) if name.startswith("x-amz-")]
    signed = sorted(pair for pair in asked.query if pair[0] in _V2_SUBRESOURCES)
    tail = "?" + "&".join(f"{name}={value}" if value else name for name, value in signed) if signed else ""
    return "\n".join([*lines, asked.resource + tail]).encode("utf-8", "replace")


# What both share


def _check_skew(at: datetime, text: str, now: datetime) -> None:
    if abs(at - now) > _SKEW:
        raise _too_skewed(text, now)


def _too_skewed(text: str, now: datetime) -> S3RequestTimeTooSkewed:
    return S3RequestTimeTooSkewed(
        RequestTime=text, ServerTime=_iso(now), MaxAllowedSkewMilliseconds=str(int(_SKEW.total_seconds() * 1000))
    )


def _iso(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
