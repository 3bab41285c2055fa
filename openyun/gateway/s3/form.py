"""An upload by a form that was made for S3: its fields in OSS's words."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from typing import Any

from openyun.access.s3_errors import FieldNotInPolicy
from openyun.gateway.s3 import words as s3_words

_SAME = frozenset(
    """
    cache-control content-disposition content-encoding content-language content-type expires key policy
    success_action_redirect success_action_status
    """.split()  # noqa: SIM905  names as they are read, not as a list is written
)
_UNSIGNED = frozenset({"awsaccesskeyid", "file", "policy", "signature", "x-amz-signature"})


def to_oss(fields: Mapping[str, str]) -> dict[str, str]:
    """Raises FieldNotInPolicy: S3's policies must speak of every field, so that nobody adds one."""
    spoken_of = set(_names(fields.get("policy", "")))
    made: dict[str, str] = {}
    for name, value in fields.items():
        if name not in _UNSIGNED and name not in spoken_of and not name.startswith("x-ignore-"):
            raise FieldNotInPolicy(field=name)
        if name in _SAME:
            made[name] = value
        elif name == "acl":
            made["x-oss-object-acl"] = s3_words.acl(value)
        elif name == "x-amz-storage-class":
            made["x-oss-storage-class"] = s3_words.storage_class(value)
        elif name == "x-amz-server-side-encryption":
            made["x-oss-server-side-encryption"] = s3_words.encryption(value)
        elif name.startswith("x-amz-meta-"):
            made["x-oss-meta-" + name[11:]] = value
    return made


def _names(policy: str) -> Iterator[str]:
    """Of the fields that the policy speaks of, in lower case. That it is well-formed is checked elsewhere."""
    try:
        document: Any = json.loads(base64.b64decode(policy, validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return
    for condition in document.get("conditions", []) if isinstance(document, dict) else []:
        if isinstance(condition, dict):
            yield from (str(name).lower() for name in condition)
        elif isinstance(condition, list) and len(condition) == 3:
            yield str(condition[1]).lower().removeprefix("$")
