"""Bucket policies: what the owner of a bucket grants to, or withholds from, accounts, RAM users and everybody.

The statements are RAM's with a Principal: ids of accounts and RAM users, ARNs of role sessions, or `*`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import msgspec

from openyun.access import policy, wildcard
from openyun.access.principal import Principal
from openyun.operation import Call, Model
from openyun.services.oss.bucket.configuration import DocumentRequest, Kind
from openyun.services.oss.bucket.configuration_errors import InvalidPolicyDocument, NoSuchBucketPolicy
from openyun.services.oss.bucket.public_access_block import refuse_public
from openyun.services.oss.records import Bucket, find_bucket
from openyun.services.oss.service import OssRequest, OssResponse, oss
from openyun.state import Transaction

_LONGEST = 16 * 1024

_NARROWING = ("acs:sourceip", "acs:sourcevpc", "acs:sourcevpcid", "acs:accessid")
"""A grant to everybody under a condition on one of these is none to the public."""


class PolicyText(Model, kw_only=True):
    text: str


POLICY = Kind("policy", "Policy", PolicyText, NoSuchBucketPolicy)


class Grant(msgspec.Struct, frozen=True):
    """One statement, and whom it speaks of."""

    principals: tuple[str, ...]
    all_but: bool
    rule: policy.Policy
    public: bool

    def names(self, asking: Principal) -> bool:
        return is_named(asking, self.principals) != self.all_but


def is_named(asking: Principal, principals: Iterable[str]) -> bool:
    """Whether ids, names of assumed roles or patterns of them speak of who asks."""
    ids = [one for one in (asking.id, _arn(asking)) if one]
    return any(one == "*" or any(wildcard.matches(one, name) for name in ids) for one in principals)


def _arn(asking: Principal) -> str:
    if asking.kind != "role":
        return ""
    return f"arn:sts::{asking.account_id}:assumed-role/{asking.name}/{asking.session_name}"


class PutBucketPolicyRequest(DocumentRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def put_bucket_policy(call: Call, ask: PutBucketPolicyRequest) -> OssResponse:
    if len(ask.document) > _LONGEST:
        raise InvalidPolicyDocument(reason="The policy is too long.")
    try:
        text = ask.document.decode()
    except UnicodeDecodeError:
        raise InvalidPolicyDocument(reason="The policy is not UTF-8.") from None
    if any(one.public for one in read_grants(text)):
        refuse_public(call.state, find_bucket(call.state, ask.bucket), "bucket policy")
    POLICY.put(call, ask.bucket, PolicyText(text=text))
    return OssResponse()


class GetBucketPolicyRequest(OssRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def get_bucket_policy(call: Call, ask: GetBucketPolicyRequest) -> OssResponse:
    return OssResponse(body=POLICY.find(call, ask.bucket).text.encode(), headers={"Content-Type": "application/json"})


class DeleteBucketPolicyRequest(OssRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def delete_bucket_policy(call: Call, ask: DeleteBucketPolicyRequest) -> OssResponse:
    POLICY.delete(call, ask.bucket)
    return OssResponse(status=204)


class GetBucketPolicyStatusRequest(OssRequest, kw_only=True):
    pass


class PolicyStatus(Model, kw_only=True):
    is_public: bool


@oss.operation(resource="{bucket}")
def get_bucket_policy_status(call: Call, ask: GetBucketPolicyStatusRequest) -> OssResponse:
    grants = read_grants(POLICY.find(call, ask.bucket).text)
    return OssResponse(root="PolicyStatus", document=PolicyStatus(is_public=any(one.public for one in grants)))


def decide(
    state: Transaction, bucket: Bucket, asking: Principal, action: str, arn: str, context: policy.Context, blocked: bool
) -> policy.Verdict:
    """What the bucket's policy says of it."""
    held = POLICY.of(state, bucket)
    return judge(held.text, asking, action, arn, context, blocked) if held else policy.Verdict.IMPLICIT_DENY


def judge(
    text: str, asking: Principal, action: str, arn: str, context: policy.Context, blocked: bool
) -> policy.Verdict:
    """What a policy says. Where public access is blocked, grants to the public do not count."""
    verdict = policy.Verdict.IMPLICIT_DENY
    for grant in read_grants(text):
        if (blocked and grant.public) or not grant.names(asking):
            continue
        said = policy.decide((grant.rule,), action, arn, context).verdict
        if said is policy.Verdict.EXPLICIT_DENY:
            return said
        if said is policy.Verdict.ALLOW:
            verdict = said
    return verdict


@lru_cache(maxsize=1024)
def read_grants(text: str) -> tuple[Grant, ...]:
    """Raises InvalidPolicyDocument."""
    try:
        document = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        raise InvalidPolicyDocument(reason="The policy is not well-formed JSON.") from None
    if not isinstance(document, dict) or document.get("Version") != "1" or set(document) - {"Version", "Statement"}:
        raise InvalidPolicyDocument(reason="The policy needs Version 1 and Statement.")
    statements = document.get("Statement")
    statements = [statements] if isinstance(statements, dict) else statements
    if not isinstance(statements, list) or not statements:
        raise InvalidPolicyDocument(reason="The policy needs a Statement.")
    return tuple(_grant(one) for one in statements)


def _grant(statement: Any) -> Grant:
    if not isinstance(statement, dict):
        raise InvalidPolicyDocument(reason="A Statement must be an object.")
    named, others = _principals(statement, "Principal"), _principals(statement, "NotPrincipal")
    if named and others:
        raise InvalidPolicyDocument(reason="Principal and NotPrincipal cannot be combined.")
    rest = {key: value for key, value in statement.items() if key not in ("Principal", "NotPrincipal")}
    conditions = rest.get("Condition") or {}
    try:
        rule = policy.parse(msgspec.json.encode({"Version": "1", "Statement": [rest]}).decode())
    except policy.MalformedPolicy as problem:
        raise InvalidPolicyDocument(reason=problem.reason) from None
    narrow = any(key.lower() in _NARROWING for block in conditions.values() for key in block)
    everybody = bool(others) or "*" in named
    public = statement.get("Effect") == "Allow" and everybody and not narrow
    return Grant(principals=named or others, all_but=bool(others), rule=rule, public=public)


def _principals(statement: dict[str, Any], key: str) -> tuple[str, ...]:
    value = statement.get(key, [])
    if isinstance(value, dict):
        value = [one for several in value.values() for one in ([several] if isinstance(several, str) else several)]
    value = [value] if isinstance(value, str) else value
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        raise InvalidPolicyDocument(reason=f"{key} must be a list of ids.")
    return tuple(value)
