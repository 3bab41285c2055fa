"""Signatures of forms made for S3: what is signed is the policy, which says which forms it is for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from openyun.access.oss_signature import iso_basic
from openyun.access.s3_errors import AuthorizationQueryParametersError, S3RequestExpired
from openyun.access.s3_signature import V4, S3Claim, read_credential

_LONGEST = timedelta(days=7)


def is_s3_form(fields: Mapping[str, str]) -> bool:
    """Whether a signature of S3's is in it. Names are in lower case."""
    return "x-amz-signature" in fields or "awsaccesskeyid" in fields


def read_s3_form_claim(fields: Mapping[str, str], now: datetime) -> S3Claim:
    """Raises S3's errors for a malformed or an old one."""
    policy = fields.get("policy", "")
    if not policy:
        raise AuthorizationQueryParametersError(reason="Bucket POST must contain a field named 'policy'.")
    token = fields.get("x-amz-security-token", "")
    if "awsaccesskeyid" in fields:
        return S3Claim(
            access_key_id=fields["awsaccesskeyid"],
            signature=fields.get("signature", ""),
            security_token=token,
            string_to_sign=policy.encode(),
            in_url=True,
        )
    signed_at = iso_basic(fields.get("x-amz-date", ""))
    if signed_at is None or fields.get("x-amz-algorithm") != V4:
        raise AuthorizationQueryParametersError(
            reason=f"The form needs x-amz-date and x-amz-algorithm, which must be {V4}."
        )
    if now - signed_at > _LONGEST:
        raise S3RequestExpired
    access_key_id, scope = read_credential(
        fields.get("x-amz-credential", ""), signed_at, AuthorizationQueryParametersError
    )
    return S3Claim(
        access_key_id=access_key_id,
        signature=fields["x-amz-signature"],
        security_token=token,
        string_to_sign=policy.encode(),
        scope=scope,
        signed_at=fields["x-amz-date"],
        in_url=True,
    )
