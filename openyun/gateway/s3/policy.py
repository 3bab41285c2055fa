"""Bucket policies: the same statements, with other names for actions, resources, principals and conditions.

What has no counterpart is refused, not dropped: a policy must never grant more than it says.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from openyun.gateway.s3.errors import MalformedPolicy, S3NotImplemented

_ACTIONS = {
    "CreateBucket": "PutBucket",
    "GetBucketCORS": "GetBucketCors",
    "GetEncryptionConfiguration": "GetBucketEncryption",
    "GetLifecycleConfiguration": "GetBucketLifecycle",
    "ListAllMyBuckets": "ListBuckets",
    "ListBucket": "ListObjects",
    "ListBucketMultipartUploads": "ListMultipartUploads",
    "ListBucketVersions": "ListObjectVersions",
    "ListMultipartUploadParts": "ListParts",
    "PutBucketCORS": "PutBucketCors",
    "PutEncryptionConfiguration": "PutBucketEncryption",
    "PutLifecycleConfiguration": "PutBucketLifecycle",
}
_CONDITIONS = {
    "aws:CurrentTime": "acs:CurrentTime",
    "aws:SecureTransport": "acs:SecureTransport",
    "aws:SourceIp": "acs:SourceIp",
    "s3:delimiter": "oss:Delimiter",
    "s3:prefix": "oss:Prefix",
}
_ACTIONS_BACK = {there: here for here, there in _ACTIONS.items()}
_CONDITIONS_BACK = {there: here for here, there in _CONDITIONS.items()}
_LOWER = {name.lower(): there for name, there in _CONDITIONS.items()}
_VERSIONS = ("2012-10-17", "2008-10-17")
_KEYS = {"Sid", "Effect", "Principal", "Action", "NotAction", "Resource", "NotResource", "Condition"}
_ACCOUNT = re.compile(r"arn:aws:iam::(\d+):root|(\d+)")
_SESSION = re.compile(r"arn:aws:sts::(\d+:assumed-role/.+)")


def to_oss(body: bytes) -> bytes:
    """Raises MalformedPolicy, S3NotImplemented."""
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise MalformedPolicy(reason="Policies must be valid JSON and the first byte must be '{'") from None
    if not isinstance(document, dict) or document.get("Version") not in _VERSIONS:
        raise MalformedPolicy(reason="The policy must contain a valid version string")
    statements = document.get("Statement")
    statements = [statements] if isinstance(statements, dict) else statements
    if not isinstance(statements, list) or not all(isinstance(one, dict) for one in statements):
        raise MalformedPolicy(reason="Missing required field Statement")
    return msgspec.json.encode({"Version": "1", "Statement": [_statement(one) for one in statements]})


def _statement(given: dict[str, Any]) -> dict[str, Any]:
    if unknown := set(given) - _KEYS:
        raise S3NotImplemented(feature=f"{sorted(unknown)[0]} of a bucket policy")
    made: dict[str, Any] = {"Effect": given.get("Effect"), "Principal": _principals(given.get("Principal"))}
    for name in ("Action", "NotAction"):
        if name in given:
            made[name] = [_action(one) for one in _texts(given[name])]
    for name in ("Resource", "NotResource"):
        if name in given:
            made[name] = [_resource(one) for one in _texts(given[name])]
    if "Condition" in given:
        made["Condition"] = _conditions(given["Condition"])
    return made


def _texts(given: Any) -> list[str]:
    texts = given if isinstance(given, list) else [given]
    if not texts or not all(isinstance(one, str) for one in texts):
        raise MalformedPolicy(reason="Policy has an invalid value")
    return texts


def _principals(given: Any) -> list[str]:
    if isinstance(given, dict):
        if set(given) != {"AWS"}:
            raise S3NotImplemented(feature="A principal that is no account")
        given = given["AWS"]
    elif given != "*":
        raise MalformedPolicy(reason="Invalid principal in policy")
    return [_principal(one) for one in _texts(given)]


def _principal(text: str) -> str:
    if text == "*":
        return text
    if found := _ACCOUNT.fullmatch(text):
        return found[1] or found[2]
    if found := _SESSION.fullmatch(text):
        return f"arn:sts::{found[1]}"
    raise S3NotImplemented(feature=f"The principal {text}")


def _action(text: str) -> str:
    service, colon, name = text.partition(":")
    if text == "*":
        return text
    if not colon or service != "s3":
        raise MalformedPolicy(reason="Policy has invalid action")
    return f"oss:{_ACTIONS.get(name, name)}"


def _resource(text: str) -> str:
    if text == "*":
        return text
    if not text.startswith("arn:aws:s3:::"):
        raise MalformedPolicy(reason="Policy has invalid resource")
    return f"acs:oss:*:*:{text.removeprefix('arn:aws:s3:::')}"


def _conditions(given: Any) -> dict[str, Any]:
    if not isinstance(given, dict) or not all(isinstance(one, dict) for one in given.values()):
        raise MalformedPolicy(reason="Policy has an invalid condition")
    made: dict[str, Any] = {}
    for operator, tests in given.items():
        for key in tests:
            if key.lower() not in _LOWER:
                raise S3NotImplemented(feature=f"The condition key {key}")
        made[operator] = {_LOWER[key.lower()]: value for key, value in tests.items()}
    return made


def to_s3(body: bytes) -> bytes:
    """Of a policy that was accepted, in whichever protocol."""
    document = msgspec.json.decode(body)
    statements = document["Statement"]
    statements = statements if isinstance(statements, list) else [statements]
    return msgspec.json.encode({"Version": _VERSIONS[0], "Statement": [_shown(one) for one in statements]})


def _shown(given: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"Effect": given["Effect"]}
    for name in ("Principal", "NotPrincipal"):
        if name in given:
            made[name] = {"AWS": [_shown_principal(one) for one in _texts(given[name])]}
    for name in ("Action", "NotAction"):
        if name in given:
            made[name] = [_shown_action(one) for one in _texts(given[name])]
    for name in ("Resource", "NotResource"):
        if name in given:
            made[name] = [one if one == "*" else "arn:aws:s3:::" + one.split(":", 4)[-1] for one in _texts(given[name])]
    if "Condition" in given:
        made["Condition"] = {
            operator: {_CONDITIONS_BACK.get(key, key): value for key, value in tests.items()}
            for operator, tests in given["Condition"].items()
        }
    return made


def _shown_principal(text: str) -> str:
    if re.fullmatch(r"\d{16}", text):
        return f"arn:aws:iam::{text}:root"
    return text.replace("arn:sts::", "arn:aws:sts::", 1)


def _shown_action(text: str) -> str:
    name = text.removeprefix("oss:")
    return text if name == text else f"s3:{_ACTIONS_BACK.get(name, name)}"
