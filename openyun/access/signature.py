"""The signatures of the RPC and ROA protocols: V1 (HMAC-SHA1) and V3 (ACS3-HMAC-SHA256).

Pure functions: from a request as it came to the signature that it should carry. OSS signs in ways of its own, see
`oss_signature.py`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote

import msgspec

from openyun.access import sls_signature

V3 = "ACS3-HMAC-SHA256"

_UNRESERVED = re.compile(r"[A-Za-z0-9_.~-]*").fullmatch


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What a request says of its signer, before it is believed."""

    access_key_id: str
    signature: str
    string_to_sign: str
    algorithm: str
    """HMAC-SHA1, HMAC-SHA256, ACS3-HMAC-SHA256 or SLS4-HMAC-SHA256"""
    security_token: str = ""
    nonce: str = ""
    timestamp: str = ""


def encode(text: str) -> str:
    """Percent-encoding as Alibaba Cloud signs it: RFC 3986, of UTF-8."""
    return text if _UNRESERVED(text) else quote(text, safe="~")


def canonical_query(pairs: Iterable[tuple[str, str]]) -> str:
    return "&".join(f"{encode(name)}={encode(value)}" for name, value in sorted(pairs))


def rpc_string_to_sign(method: str, parameters: Mapping[str, str]) -> str:
    """V1: every parameter but Signature, sorted, encoded twice over."""
    query = canonical_query((name, value) for name, value in parameters.items() if name != "Signature")
    # What is encoded once has nothing left to encode but these three.
    again = query.replace("%", "%25").replace("=", "%3D").replace("&", "%26")
    return f"{method}&%2F&{again}"


def roa_string_to_sign(method: str, path: str, pairs: Iterable[tuple[str, str]], headers: Mapping[str, str]) -> str:
    """ROA V1: method, four headers, the x-acs headers, and the path with its query decoded and sorted."""
    named = "".join(f"{name}:{headers[name].strip()}\n" for name in sorted(headers) if name.startswith("x-acs-"))
    query = "&".join(f"{name}={value}" if value else name for name, value in sorted(pairs))
    four = "\n".join(headers.get(name, "") for name in ("accept", "content-md5", "content-type", "date"))
    return f"{method}\n{four}\n{named}{path}{'?' if query else ''}{query}"


def v3_string_to_sign(
    method: str,
    path: str,
    pairs: Iterable[tuple[str, str]],
    headers: Mapping[str, str],
    signed_headers: str,
    content_sha256: str,
) -> str:
    """V3: the hash of the canonical request. `path` is as sent; headers have lower-case names."""
    names = sorted(signed_headers.lower().split(";"))
    canonical_headers = "".join(f"{name}:{headers.get(name, '').strip()}\n" for name in names)
    request = "\n".join(
        (method, path or "/", canonical_query(pairs), canonical_headers, signed_headers, content_sha256)
    )
    return f"{V3}\n{hashlib.sha256(request.encode()).hexdigest()}"


def v3_authorization(header: str) -> dict[str, str]:
    """The fields Credential, SignedHeaders and Signature of an Authorization header."""
    _, _, fields = header.partition(" ")
    pairs = (part.strip().partition("=") for part in fields.split(","))
    return {name: value for name, _, value in pairs}


def sign(secret: str, algorithm: str, string_to_sign: str) -> str:
    if algorithm == sls_signature.V4:
        return sls_signature.v4_sign(secret, string_to_sign)
    if algorithm == V3:
        return hmac.new(secret.encode(), string_to_sign.encode(), hashlib.sha256).hexdigest()
    digest = hashlib.sha256 if algorithm == "HMAC-SHA256" else hashlib.sha1
    return base64.b64encode(hmac.digest(secret.encode(), string_to_sign.encode(), digest)).decode()


def rpc_secret(secret: str) -> str:
    """V1 signs RPC calls with the secret and an ampersand."""
    return secret + "&"


def matches(secret: str, claim: Claim) -> bool:
    """Whether the claim was signed with this secret, in constant time."""
    expected = sign(secret, claim.algorithm, claim.string_to_sign)
    return hmac.compare_digest(expected.encode(), claim.signature.encode())
