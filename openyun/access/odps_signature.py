"""Signatures of MaxCompute's REST protocol: `Authorization: ODPS AccessKeyId:signature`, HMAC-SHA1 in Base64.

V4 differs in its key alone, which is made of the secret, the day, the region and the product; then the AccessKey id is
followed by `/day/region/odps/aliyun_v4_request`. An STS token comes in a header of its own.

Source: PyODPS, `odps/accounts.py`. It decodes the whole address before it takes it apart, so of a value with an escaped
`&` it signs something else than other clients do: both texts are tried.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qsl, unquote

import msgspec

from openyun.errors import BadRequest, CloudError

SCHEME = "ODPS "
TOKEN = "authorization-sts-token"  # noqa: S105  the name of a header
_PREFIX = "aliyun_v4"
_SKEW = timedelta(minutes=15)


class Unauthorized(CloudError):
    status = 401
    code = "Unauthorized"
    message = "The request authorization header is invalid or missing."


class SignatureNotMatch(CloudError):
    status = 401
    code = "SignatureNotMatch"
    message = "The request signature we calculated does not match the signature you provided."


class InvalidAccessKey(CloudError):
    status = 401
    code = "ODPS-0410051"
    message = "Invalid credentials - accessKeyId not found"


class ExpiredRequest(BadRequest):
    """PyODPS reads the three values from the text."""

    code = "RequestTimeTooSkewed"
    message = "max_interval_date:{most},expire_date:{expires},now_date:{now}"


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """Who a request says it is from, not yet proven."""

    access_key_id: str
    signature: str
    security_token: str
    texts: tuple[str, ...]
    """what may have been signed"""
    day: str = ""
    """V4 only: YYYYMMDD"""
    region: str = ""
    """V4 only"""

    def verify(self, secret: str) -> None:
        """Raises SignatureNotMatch."""
        key = signing_key(secret, self.day, self.region) if self.day else secret.encode()
        if not any(hmac.compare_digest(_signed(key, text), self.signature.encode()) for text in self.texts):
            raise SignatureNotMatch


def read_claim(method: str, path: str, raw_query: str, headers: Mapping[str, str], now: datetime) -> Claim:
    """`path` is what follows the endpoint. Raises Unauthorized, RequestTimeTooSkewed."""
    authorization = headers.get("authorization", "")
    credential, colon, signature = authorization.removeprefix(SCHEME).strip().partition(":")
    if not authorization.startswith(SCHEME) or not colon:
        raise Unauthorized
    access_key_id, *scope = credential.split("/")
    if scope and (len(scope) != 4 or scope[2:] != ["odps", f"{_PREFIX}_request"]):
        raise Unauthorized
    _check_time(headers.get("date", ""), now)
    return Claim(
        access_key_id=access_key_id,
        signature=signature,
        security_token=headers.get(TOKEN, ""),
        texts=tuple(dict.fromkeys(_texts(method, path, raw_query, headers))),
        day=scope[0] if scope else "",
        region=scope[1] if scope else "",
    )


def signing_key(secret: str, day: str, region: str) -> bytes:
    key = (_PREFIX + secret).encode()
    for part in (day, region, "odps", f"{_PREFIX}_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def _texts(method: str, path: str, raw_query: str, headers: Mapping[str, str]) -> list[str]:
    whole, _, query = unquote(f"{path}?{raw_query}" if raw_query else path).partition("?")
    return [
        string_to_sign(method, whole, parse_qsl(query, keep_blank_values=True), headers),
        string_to_sign(method, unquote(path), parse_qsl(raw_query, keep_blank_values=True), headers),
    ]


def string_to_sign(method: str, path: str, query: Sequence[tuple[str, str]], headers: Mapping[str, str]) -> str:
    parameters = dict(query)
    signed = {
        "content-md5": headers.get("content-md5", ""),
        "content-type": headers.get("content-type", ""),
        "date": headers.get("date", ""),
        **{name: value for name, value in headers.items() if name.startswith("x-odps-")},
        **{name: value for name, value in parameters.items() if name.startswith("x-odps-")},
    }
    lines = [f"{name}:{signed[name]}" if name.startswith("x-odps-") else signed[name] for name in sorted(signed)]
    words = [f"{name}={value}" if value else name for name, value in sorted(parameters.items())]
    resource = f"{path}?{'&'.join(words)}" if words else path
    return "\n".join([method, *lines, resource])


def _signed(key: bytes, text: str) -> bytes:
    return base64.b64encode(hmac.new(key, text.encode(), hashlib.sha1).digest())


def _check_time(date: str, now: datetime) -> None:
    try:
        at = parsedate_to_datetime(date)
    except (ValueError, OverflowError):
        raise Unauthorized from None
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
    if abs(now - at) > _SKEW:
        milliseconds = int(_SKEW.total_seconds() * 1000)
        raise ExpiredRequest(most=milliseconds, expires=_stamp(at + _SKEW), now=_stamp(now))


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
