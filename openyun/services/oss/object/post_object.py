"""PostObject: an upload by a form, as browsers send it, under a policy that its signer wrote."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from openyun.errors import BadRequest, Forbidden
from openyun.operation import Call, Model
from openyun.services.oss.errors import EntityTooLarge, EntityTooSmall
from openyun.services.oss.object.objects import PutObjectRequest, put_object
from openyun.services.oss.service import OssResponse, oss


class InvalidPolicyDocument(BadRequest):
    code = "InvalidPolicyDocument"
    message = "The content of the form does not meet the conditions specified in the policy document: {reason}"
    ec: ClassVar[str] = "0031-00000202"


class PolicyConditionFailed(Forbidden):
    code = "AccessDenied"
    message = "Invalid according to Policy: Policy Condition failed: {condition}"
    ec: ClassVar[str] = "0002-00000707"


class PolicyExpired(Forbidden):
    code = "AccessDenied"
    message = "Invalid according to Policy: Policy expired."
    ec: ClassVar[str] = "0002-00000706"


class Limits(msgspec.Struct, frozen=True):
    """Bytes that the file may have."""

    least: int = 0
    most: int = 5 * 1024**3

    def check(self, size: int) -> None:
        """Raises EntityTooSmall, EntityTooLarge."""
        if size < self.least:
            raise EntityTooSmall(MinSizeAllowed=str(self.least), ProposedSize=str(size))
        if size > self.most:
            raise EntityTooLarge(MaxSizeAllowed=str(self.most), ProposedSize=str(size))


ANY_SIZE = Limits()


def check_policy(text: str, fields: Mapping[str, str], bucket: str, now: datetime) -> Limits:
    """Whether the form is one that the policy is for. Names of fields are in lower case.

    Raises InvalidPolicyDocument, PolicyExpired, PolicyConditionFailed.
    """
    try:
        document = json.loads(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError, RecursionError):
        raise InvalidPolicyDocument(reason="it is no JSON in Base64.") from None
    if not isinstance(document, dict) or not isinstance(document.get("conditions"), list):
        raise InvalidPolicyDocument(reason="it lacks conditions.")
    if _expiration(document.get("expiration")) < now:
        raise PolicyExpired
    given = {**fields, "bucket": bucket}
    limits = Limits()
    for condition in document["conditions"]:
        if isinstance(condition, dict):
            for name, value in condition.items():
                _check("eq", name, value, given, {name: value})
        elif isinstance(condition, list) and len(condition) == 3:
            if condition[0] == "content-length-range":
                limits = _limits(condition)
            elif isinstance(condition[1], str) and condition[1].startswith("$"):
                _check(condition[0], condition[1][1:], condition[2], given, condition)
            else:
                raise InvalidPolicyDocument(reason="a condition names no field.")
        else:
            raise InvalidPolicyDocument(reason="a condition is neither an object nor a list of three.")
    return limits


def _expiration(text: Any) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise InvalidPolicyDocument(reason="its expiration is no ISO 8601 time.") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _limits(condition: list[Any]) -> Limits:
    try:
        least, most = int(condition[1]), int(condition[2])
    except (TypeError, ValueError):
        raise InvalidPolicyDocument(reason="content-length-range takes two numbers.") from None
    return Limits(least, most)


def _check(verb: Any, name: str, wanted: Any, given: Mapping[str, str], condition: Any) -> None:
    value = given.get(name.lower(), "")
    if verb == "eq":
        holds = value == str(wanted)
    elif verb == "starts-with":
        holds = value.startswith(str(wanted))
    elif verb in ("in", "not-in") and isinstance(wanted, list):
        holds = (value in [str(one) for one in wanted]) == (verb == "in")
    else:
        raise InvalidPolicyDocument(reason=f"{verb} is no condition.")
    if not holds:
        raise PolicyConditionFailed(condition=json.dumps(condition))


class PostObjectRequest(PutObjectRequest, kw_only=True):
    """Its fields are the form's."""

    success_action_status: str = msgspec.field(default="", name="success_action_status")
    success_action_redirect: str = msgspec.field(default="", name="success_action_redirect")


class PostResponse(Model, kw_only=True):
    bucket: str
    e_tag: str = msgspec.field(name="ETag")
    key: str
    location: str


@oss.operation(resource="{bucket}/{key}", action="oss:PutObject")
def post_object(call: Call, ask: PostObjectRequest) -> OssResponse:
    """204, or what the form asks for: 200, 201 with a document, or 303 to a page of the caller's."""
    answer = put_object(call, ask)
    if ask.blob is None:
        return answer
    etag = answer.headers["ETag"]
    location = f"http://{ask.bucket}.oss-{call.region.id}.aliyuncs.com/{quote(ask.key)}"
    page = urlsplit(ask.success_action_redirect)
    if page.scheme in ("http", "https") and page.netloc and ask.success_action_redirect.isprintable():
        told = urlencode({"bucket": ask.bucket, "key": ask.key, "etag": etag})
        query = f"{page.query}&{told}" if page.query else told
        answer.status = 303
        answer.headers["Location"] = quote(page._replace(query=query).geturl(), safe="/:?&=%#+,;@!$'()*~[]")
    elif ask.success_action_status == "201":
        answer.status = 201
        answer.root = "PostResponse"
        answer.document = PostResponse(bucket=ask.bucket, e_tag=etag, key=ask.key, location=location)
        answer.headers["Location"] = location
    elif ask.success_action_status != "200":
        answer.status = 204
    return answer
