"""Signatures of forms (PostObject): what is signed is the policy, which says which forms it is for.

V1 is HMAC-SHA1 of the field `policy` as it came, V2 HMAC-SHA256, V4 HMAC-SHA256 with a key for a day and a region.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from openyun.access.oss_signature import Claim, check_skew, iso_basic
from openyun.access.oss_signature_errors import (
    InvalidCredential,
    InvalidDate,
    InvalidFormSignatureVersion,
    MissingFormPolicy,
    MissingFormSignature,
    RequestTimeTooSkewed,
)

_LONGEST = timedelta(days=7)


def read_form_claim(fields: Mapping[str, str], now: datetime) -> Claim | None:
    """The claim in a form, whose field names are in lower case; None when it makes none, which is anonymous access.
    Raises the vendor's errors for a malformed or an old one."""
    version = fields.get("x-oss-signature-version", "")
    if not version:
        if "ossaccesskeyid" not in fields and "signature" not in fields:
            return None
        return _claim(fields, fields.get("ossaccesskeyid", ""), fields.get("signature", ""))
    if version == "OSS2":
        return _claim(fields, fields.get("x-oss-access-key-id", ""), fields.get("x-oss-signature", ""), version)
    if version == "OSS4-HMAC-SHA256":
        return _v4(fields, now)
    raise InvalidFormSignatureVersion(ArgumentName="x-oss-signature-version", ArgumentValue=version)


def _claim(fields: Mapping[str, str], access_key_id: str, signature: str, version: str = "") -> Claim:
    policy = _policy(fields)
    if not (access_key_id and signature):
        raise MissingFormSignature(ArgumentName="x-oss-signature" if version else "Signature", ArgumentValue=signature)
    return Claim(
        access_key_id=access_key_id,
        signature=signature,
        security_token=_token(fields),
        string_to_sign=policy.encode(),
        algorithm="sha256" if version else "sha1",
    )


def _v4(fields: Mapping[str, str], now: datetime) -> Claim:
    policy = _policy(fields)
    credential = fields.get("x-oss-credential", "")
    signature = fields.get("x-oss-signature", "")
    if not signature:
        raise MissingFormSignature(ArgumentName="x-oss-signature", ArgumentValue="")
    signed_at = iso_basic(fields.get("x-oss-date", ""))
    if signed_at is None:
        raise InvalidDate
    if signed_at > now:
        check_skew(fields["x-oss-date"], now)
    if now - signed_at > _LONGEST:
        raise RequestTimeTooSkewed(RequestTime=fields["x-oss-date"])
    access_key_id, *scope = credential.split("/")
    day = signed_at.strftime("%Y%m%d")
    if not access_key_id or len(scope) != 4 or scope[0] != day or scope[3] != "aliyun_v4_request":
        raise InvalidCredential(ArgumentName="x-oss-credential", ArgumentValue=credential)
    return Claim(
        access_key_id=access_key_id,
        signature=signature,
        security_token=_token(fields),
        string_to_sign=policy.encode(),
        day=day,
        region=scope[1],
        product=scope[2],
        in_url=True,
    )


def _policy(fields: Mapping[str, str]) -> str:
    policy = fields.get("policy", "")
    if not policy:
        raise MissingFormPolicy(ArgumentName="policy", ArgumentValue="")
    return policy


def _token(fields: Mapping[str, str]) -> str:
    return fields.get("x-oss-security-token", "")
