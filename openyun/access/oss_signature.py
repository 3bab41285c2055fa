"""Signatures of the OSS protocol: V1 (`OSS`, HMAC-SHA1), V2 (`OSS2`, HMAC-SHA256) and V4 (`OSS4-HMAC-SHA256`), in the
header or in the URL. Those of forms are in `oss_form_signature.py`.

`read_claim` finds who a request says it is from and what exactly was signed, and refuses what is too old; the caller
looks up the secret and asks `Claim.verify`. Nothing here reads a clock or a store.

Sources: the vendor's pages on signatures in headers and URLs, and what oss2 and alibabacloud_oss_v2 really sign.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Literal, Protocol
from urllib.parse import quote

import msgspec

from openyun.access.oss_signature_errors import (
    IncompleteUrlSignature,
    InvalidAuthorization,
    InvalidCredential,
    InvalidCredentialRegion,
    InvalidDate,
    InvalidSigningRegion,
    InvalidUrlExpires,
    RequestExpired,
    RequestTimeTooSkewed,
    SignatureDoesNotMatch,
    UnsupportedAuthorization,
)
from openyun.errors import CloudError

_SKEW = timedelta(minutes=15)
_LONGEST_DATE = 64
"""characters that are looked at; what was read is kept for a while, and comes from anyone"""
_LONGEST_V4_URL = 7 * 24 * 3600
"""seconds a V4 URL may live"""

_BLOCK = 64
"""bytes that SHA-1 and SHA-256 read at a time"""
_INNER, _OUTER = bytes(byte ^ 0x36 for byte in range(256)), bytes(byte ^ 0x5C for byte in range(256))

SUBRESOURCES = frozenset(
    """
    accessPoint accessPointPolicy acl append asyncFetch bucketArchiveDirectRead bucketInfo callback callback-var
    cleanRestoredObject cloudboxes cname comp continuation-token cors delete encryption endTime group httpsConfig
    img inventory inventoryId legalHold lifecycle link live location logging metadataConfiguration metaQuery
    objectInfo objectMeta objectWorm overwriteConfig partNumber policy policyStatus position publicAccessBlock qos
    qosInfo qosRequester quota redundancyTransition referer regionList replication replicationLocation
    replicationProgress requesterQosInfo requestPayment resourceGroup resourcePool resourcePoolBuckets
    resourcePoolInfo response-cache-control response-content-disposition response-content-encoding
    response-content-language response-content-type response-expires restore retention rtc seal security-token
    sequential startTime stat status style styleName symlink tagging transferAcceleration udf udfApplication
    udfApplicationLog udfId udfImage udfImageDesc udfName uploadId uploads userDefinedLogFieldsConfig versionId
    versioning versions vod website withHashContext worm wormExtend wormId x-oss-ac-forward-allow x-oss-ac-source-ip
    x-oss-ac-subnet-mask x-oss-ac-vpc-id x-oss-access-point-name x-oss-async-process x-oss-enable-md5
    x-oss-enable-sha1 x-oss-enable-sha256 x-oss-hash-ctx x-oss-md5-ctx x-oss-process
    x-oss-redundancy-transition-taskid x-oss-request-payer x-oss-target-redundancy-type x-oss-traffic-limit
    x-oss-write-get-object-response
    """.split()  # noqa: SIM905  a quoted list would fill a page
)
"""Query parameters that V1 signs; V4 signs all."""


class Signable(msgspec.Struct, frozen=True, kw_only=True):
    """What of a request is signed."""

    method: str
    bucket: str = ""
    key: str = ""
    """object name, decoded"""
    query: Sequence[tuple[str, str]] = ()
    """decoded; a parameter without a value has the empty one"""
    headers: Mapping[str, str] = {}
    """names in lower case, values decoded as UTF-8"""


class Hash(Protocol):
    def copy(self) -> Hash: ...

    def update(self, data: bytes, /) -> None: ...

    def digest(self) -> bytes: ...


class Claimed(Protocol):
    """What the gateway asks of a claim, in whichever protocol it was made."""

    @property
    def access_key_id(self) -> str: ...

    @property
    def security_token(self) -> str: ...

    @property
    def region(self) -> str: ...

    def check_region(self, region_id: str) -> None: ...

    def verify(self, secret: str) -> None: ...


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """Who a request says it is from, not yet proven."""

    access_key_id: str
    signature: str
    security_token: str
    string_to_sign: bytes
    canonical_request: bytes = b""
    """V4 only"""
    day: str = ""
    """V4 only: YYYYMMDD"""
    region: str = ""
    """V4 only: the region it was signed for"""
    product: str = ""
    """V4 only: oss"""
    in_url: bool = False
    algorithm: Literal["sha1", "sha256"] = "sha1"
    """of V1 and V2"""

    def check_region(self, region_id: str) -> None:
        """Raises the vendor's error if V4 signed for another region."""
        if self.day and self.region != region_id:
            raise InvalidCredentialRegion if self.in_url else InvalidSigningRegion

    def verify(self, secret: str) -> None:
        """Raises SignatureDoesNotMatch, with what was signed here, unless it was signed with this secret."""
        if self.day:
            key = signing_key(secret, self.day, self.region, self.product)
            expected = _digest(key, self.string_to_sign, "sha256").hex()
        else:
            digest = _digest(secret.encode(), self.string_to_sign, self.algorithm)
            expected = base64.b64encode(digest).decode()
        if not hmac.compare_digest(expected.encode(), self.signature.encode()):
            raise self._mismatch()

    def _mismatch(self) -> CloudError:
        facts = {
            "OSSAccessKeyId": self.access_key_id,
            "SignatureProvided": self.signature,
            "StringToSign": self.string_to_sign.decode("utf-8", "replace"),
            "StringToSignBytes": self.string_to_sign.hex(" ").upper(),
        }
        if self.canonical_request:
            facts["CanonicalRequest"] = self.canonical_request.decode("utf-8", "replace")
            facts["CanonicalRequestBytes"] = self.canonical_request.hex(" ").upper()
        return SignatureDoesNotMatch(**facts)


def read_claim(asked: Signable, now: datetime) -> Claim | None:
    """The claim in a request; None when it makes none, which is anonymous access.

    Raises the vendor's errors for a malformed claim, a request too old, and a URL that has expired.
    """
    authorization = asked.headers.get("authorization", "")
    if authorization:
        scheme, _, rest = authorization.partition(" ")
        if scheme == "OSS":
            return _v1_header(asked, rest, now)
        if scheme == "OSS2":
            return _v2_header(asked, rest, now)
        if scheme == "OSS4-HMAC-SHA256":
            return _v4_header(asked, rest, now)
        raise UnsupportedAuthorization(ArgumentName="Authorization", ArgumentValue=authorization)
    query = dict(asked.query)
    if "OSSAccessKeyId" in query or "Signature" in query:
        return _v1_url(asked, query, now)
    if query.get("x-oss-signature-version") == "OSS2":
        return _v2_url(asked, query, now)
    if "x-oss-signature" in query or "x-oss-credential" in query:
        return _v4_url(asked, query, now)
    return None


# V1


def _v1_header(asked: Signable, rest: str, now: datetime) -> Claim:
    access_key_id, colon, signature = rest.strip().partition(":")
    if not (access_key_id and colon and signature):
        raise InvalidAuthorization(ArgumentName="Authorization", ArgumentValue=asked.headers["authorization"])
    date = asked.headers.get("x-oss-date") or asked.headers.get("date", "")
    check_skew(date, now)
    return Claim(
        access_key_id=access_key_id,
        signature=signature,
        security_token=_token(asked, {}),
        string_to_sign=_v1_string(asked, date),
    )


def _v1_url(asked: Signable, query: Mapping[str, str], now: datetime) -> Claim:
    access_key_id, expires, signature = (query.get(name, "") for name in ("OSSAccessKeyId", "Expires", "Signature"))
    expires_at = _number(expires)
    if not (access_key_id and signature and expires_at is not None):
        raise IncompleteUrlSignature
    if expires_at < now.timestamp():
        raise RequestExpired(Expires=_iso(expires_at), ServerTime=_iso(now.timestamp()))
    return Claim(
        access_key_id=access_key_id,
        signature=signature,
        security_token=_token(asked, query),
        string_to_sign=_v1_string(asked, expires),
    )


def _v1_string(asked: Signable, date: str) -> bytes:
    headers = asked.headers
    lines = [asked.method, headers.get("content-md5", ""), headers.get("content-type", ""), date]
    lines += [f"{name}:{headers[name]}" for name in sorted(headers) if name.startswith("x-oss-")]
    resource = f"/{asked.bucket}/{asked.key}" if asked.bucket else "/"
    signed = sorted(pair for pair in asked.query if pair[0] in SUBRESOURCES)
    if signed:
        resource += "?" + "&".join(f"{name}={value}" if value else name for name, value in signed)
    return "\n".join([*lines, resource]).encode("utf-8", "replace")


# V2


def _v2_header(asked: Signable, rest: str, now: datetime) -> Claim:
    parts = dict(part.strip().partition(":")[::2] for part in rest.split(","))
    access_key_id, signature = parts.get("AccessKeyId", ""), parts.get("Signature", "")
    if not (access_key_id and signature):
        raise InvalidAuthorization(ArgumentName="Authorization", ArgumentValue=asked.headers["authorization"])
    date = asked.headers.get("x-oss-date") or asked.headers.get("date", "")
    check_skew(date, now)
    return Claim(
        access_key_id=access_key_id,
        signature=signature,
        security_token=_token(asked, {}),
        string_to_sign=_v2_string(asked, asked.headers.get("date", ""), parts.get("AdditionalHeaders", "")),
        algorithm="sha256",
    )


def _v2_url(asked: Signable, query: Mapping[str, str], now: datetime) -> Claim:
    access_key_id, signature = query.get("x-oss-access-key-id", ""), query.get("x-oss-signature", "")
    expires = query.get("x-oss-expires", "")
    expires_at = _number(expires)
    if not (access_key_id and signature and expires_at is not None):
        raise IncompleteUrlSignature
    if expires_at < now.timestamp():
        raise RequestExpired(Expires=_iso(expires_at), ServerTime=_iso(now.timestamp()))
    return Claim(
        access_key_id=access_key_id,
        signature=signature,
        security_token=_token(asked, query),
        string_to_sign=_v2_string(asked, expires, query.get("x-oss-additional-headers", "")),
        algorithm="sha256",
    )


def _v2_string(asked: Signable, date: str, additional: str) -> bytes:
    headers = asked.headers
    extra = sorted(name for name in additional.lower().split(";") if name)
    signed = sorted(name for name in headers if name.startswith("x-oss-") or name in extra)
    path = quote(f"/{asked.bucket}/{asked.key}" if asked.bucket else "/", safe="~")
    query = sorted(
        (quote(name, safe="~"), quote(value, safe="~")) for name, value in asked.query if name != "x-oss-signature"
    )
    if query:
        path += "?" + "&".join(f"{name}={value}" if value else name for name, value in query)
    lines = [
        asked.method,
        headers.get("content-md5", ""),
        headers.get("content-type", ""),
        date,
        *(f"{name}:{headers[name]}" for name in signed),
        ";".join(extra),
        path,
    ]
    return "\n".join(lines).encode("utf-8", "replace")


# V4


def _v4_header(asked: Signable, rest: str, now: datetime) -> Claim:
    parts = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    signature = parts.get("Signature", "")
    if not signature or "Credential" not in parts:
        raise InvalidAuthorization(ArgumentName="Authorization", ArgumentValue=asked.headers["authorization"])
    date = asked.headers.get("x-oss-date") or asked.headers.get("date", "")
    signed_at = check_skew(date, now)
    return _v4_claim(
        asked,
        credential=parts["Credential"],
        signature=signature,
        token=_token(asked, {}),
        additional=parts.get("AdditionalHeaders", ""),
        signed_at=signed_at,
        stamp=date,
        query=asked.query,
    )


def _v4_url(asked: Signable, query: Mapping[str, str], now: datetime) -> Claim:
    credential, signature = query.get("x-oss-credential", ""), query.get("x-oss-signature", "")
    if query.get("x-oss-signature-version") != "OSS4-HMAC-SHA256" or not (credential and signature):
        raise InvalidCredential(ArgumentName="x-oss-credential", ArgumentValue=credential)
    signed_at = iso_basic(query.get("x-oss-date", "")[:_LONGEST_DATE])
    if signed_at is None:
        raise InvalidDate
    seconds = _number(query.get("x-oss-expires", ""))
    if seconds is None or not 1 <= seconds <= _LONGEST_V4_URL:
        raise InvalidUrlExpires(ArgumentName="x-oss-expires", ArgumentValue=query.get("x-oss-expires", ""))
    if signed_at - now > _SKEW:
        raise _too_skewed(query["x-oss-date"], now)
    expires = signed_at + timedelta(seconds=seconds)
    if expires < now:
        raise RequestExpired(Expires=_iso(expires.timestamp()), ServerTime=_iso(now.timestamp()))
    return _v4_claim(
        asked,
        credential=credential,
        signature=signature,
        token=_token(asked, query),
        additional=query.get("x-oss-additional-headers", ""),
        signed_at=signed_at,
        stamp=f"{signed_at:%Y%m%dT%H%M%SZ}",
        query=[pair for pair in asked.query if pair[0] != "x-oss-signature"],
    )


def _v4_claim(
    asked: Signable,
    *,
    credential: str,
    signature: str,
    token: str,
    additional: str,
    signed_at: datetime,
    stamp: str,
    query: Sequence[tuple[str, str]],
) -> Claim:
    """`stamp` is the time as it was sent: clients without x-oss-date sign their Date as it is."""
    access_key_id, *scope = credential.split("/")
    day = signed_at.strftime("%Y%m%d")
    if not access_key_id or len(scope) != 4 or scope[0] != day or not scope[2] or scope[3] != "aliyun_v4_request":
        raise InvalidCredential(ArgumentName="Credential", ArgumentValue=credential)
    canonical = _canonical_request(asked, query, additional)
    digest = hashlib.sha256(canonical).hexdigest()
    string_to_sign = f"OSS4-HMAC-SHA256\n{stamp}\n{'/'.join(scope)}\n{digest}"
    return Claim(
        access_key_id=access_key_id,
        signature=signature,
        security_token=token,
        string_to_sign=string_to_sign.encode(),
        canonical_request=canonical,
        day=day,
        region=scope[1],
        product=scope[2],
        in_url="authorization" not in asked.headers,
    )


def _canonical_request(asked: Signable, query: Sequence[tuple[str, str]], additional: str) -> bytes:
    headers = asked.headers
    extra = sorted(name for name in additional.lower().split(";") if name)
    missing = next((name for name in extra if name not in headers), "")
    if missing:
        raise InvalidAuthorization(ArgumentName="AdditionalHeaders", ArgumentValue=missing)
    signed = sorted(
        name
        for name in headers
        if name.startswith("x-oss-") or name in ("content-type", "content-md5") or name in extra
    )
    path = f"/{asked.bucket}/{asked.key}" if asked.bucket else "/"
    encoded = sorted((quote(name, safe="~"), quote(value, safe="~")) for name, value in query)
    lines = [
        asked.method,
        quote(path, safe="/~"),
        "&".join(f"{name}={value}" if value else name for name, value in encoded),
        *(f"{name}:{headers[name]}" for name in signed),
        "",
        ";".join(extra),
        headers.get("x-oss-content-sha256", "UNSIGNED-PAYLOAD"),
    ]
    return "\n".join(lines).encode("utf-8", "replace")


def _digest(key: bytes, text: bytes, algorithm: str) -> bytes:
    """HMAC, by a copy of one that has read its key already: a third of the time of `hmac.digest`."""
    inner, outer = (one.copy() for one in _keyed(key, algorithm))
    inner.update(text)
    outer.update(inner.digest())
    return outer.digest()


@lru_cache(maxsize=4096)
def _keyed(key: bytes, algorithm: str) -> tuple[Hash, Hash]:
    """The two hashes of HMAC (RFC 2104), with what comes before the text."""
    block = (hashlib.new(algorithm, key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    return hashlib.new(algorithm, block.translate(_INNER)), hashlib.new(algorithm, block.translate(_OUTER))


@lru_cache(maxsize=4096)
def signing_key(secret: str, day: str, region: str, product: str) -> bytes:
    key = ("aliyun_v4" + secret).encode()
    for part in (day, region, product, "aliyun_v4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


# What both share


def _token(asked: Signable, query: Mapping[str, str]) -> str:
    """alibabacloud_oss_v2 sends V1's token in a header without the prefix."""
    headers = asked.headers
    return (
        headers.get("x-oss-security-token")
        or query.get("x-oss-security-token")
        or query.get("security-token")
        or headers.get("security-token", "")
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


def check_skew(date: str, now: datetime) -> datetime:
    """The time of a request that was signed in its header."""
    at = http_date(date[:_LONGEST_DATE]) or iso_basic(date[:_LONGEST_DATE])
    if at is None:
        raise InvalidDate
    if abs(at - now) > _SKEW:
        raise _too_skewed(date, now)
    return at


def _too_skewed(date: str, now: datetime) -> CloudError:
    return RequestTimeTooSkewed(
        MaxAllowedSkewMilliseconds=str(int(_SKEW.total_seconds() * 1000)),
        RequestTime=date,
        ServerTime=_iso(now.timestamp()),
    )


@lru_cache(maxsize=1024)
def http_date(text: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError):
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


@lru_cache(maxsize=1024)
def iso_basic(text: str) -> datetime | None:
    """YYYYMMDDTHHMMSSZ."""
    try:
        return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def _iso(timestamp: float) -> str:
    return datetime.fromtimestamp(int(timestamp), UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
