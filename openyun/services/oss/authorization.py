"""Who may do what: RAM policies of the bucket's own account, and ACLs for everybody.

An explicit Deny of a RAM policy is final. Else it is enough that a RAM policy of the bucket's account allows it, or
that the ACL lets everybody; the account itself may do all with its own buckets.
"""

from __future__ import annotations

import msgspec

from openyun.access import policy
from openyun.access.principal import Principal
from openyun.operation import Call, Operation
from openyun.services.oss.acl import grants
from openyun.services.oss.copies import CopyObjectRequest
from openyun.services.oss.errors import AccessDenied, DeniedByPolicy
from openyun.services.oss.objects import GetObjectRequest
from openyun.services.oss.records import Object, find_bucket
from openyun.services.oss.service import OssRequest, oss


class Caller(msgspec.Struct, frozen=True):
    """A verified principal, and what its account's policies say of it."""

    principal: Principal
    policies: tuple[policy.Policy, ...]
    session: policy.Policy | None
    context: policy.Context


def authorize(call: Call, caller: Caller, operation: Operation, ask: OssRequest) -> None:
    """Raises NoSuchBucket, AccessDenied. Runs in the transaction of the operation, so nothing changes in between."""
    principal = caller.principal
    if isinstance(ask, CopyObjectRequest):
        bucket_name, name = ask.source
        authorize(call, caller, oss.operations["GetObject"], GetObjectRequest(bucket=bucket_name, key=name))
    if operation.name in ("ListBuckets", "PutBucket"):
        if principal.kind == "anonymous":
            raise AccessDenied(reason="Anonymous access is forbidden for this operation.")
        owner = principal.account_id
    else:
        bucket = find_bucket(call.state, ask.bucket)
        owner = bucket.account_id
    own = principal.account_id == owner
    if own and principal.kind == "root":
        return
    if principal.kind in ("user", "role"):
        context = {**caller.context, **_listing_keys(ask)}
        verdicts = {
            policy.decide(caller.policies, action, arn, context, session=caller.session).verdict
            for arn in operation.arns(call.region.id, owner, ask)
            for action in _actions(operation, ask)
        }
        if policy.Verdict.EXPLICIT_DENY in verdicts:
            raise DeniedByPolicy
        if own and verdicts == {policy.Verdict.ALLOW}:
            return
    if operation.name in ("ListBuckets", "PutBucket"):
        raise AccessDenied(reason="You have no right to access this service.")
    names = [ask.key] if hasattr(ask, "key") else getattr(ask, "keys", [])
    if all(grants(acl, operation.action) for acl in _acls(call, bucket.acl, ask.bucket, names)):
        return
    if names:
        raise AccessDenied(reason="You have no right to access this object because of bucket acl.")
    if principal.kind == "anonymous":
        raise AccessDenied(reason="Anonymous user has no right to access this bucket.")
    raise AccessDenied(reason="You have no right to access this bucket.")


def permits(caller: Caller, operation: Operation, region_id: str, ask: OssRequest) -> bool:
    """Whether the caller's account lets it do this with what is the account's own."""
    principal = caller.principal
    arns = operation.arns(region_id, principal.account_id, ask)
    return principal.kind == "root" or all(
        policy.decide(caller.policies, operation.action, arn, caller.context, session=caller.session).allowed
        for arn in arns
    )


_SETS_ACL = {
    "PutBucket": "oss:PutBucketAcl",
    **dict.fromkeys(("PutObject", "AppendObject", "CopyObject"), "oss:PutObjectAcl"),
}


def _actions(operation: Operation, ask: OssRequest) -> list[str]:
    """What is written with an ACL of its own takes the right to set one: else who may only write could publish."""
    sets = operation.name in _SETS_ACL and getattr(ask, "acl", "") not in ("", "default")
    return [operation.action, _SETS_ACL[operation.name]] if sets else [operation.action]


def _listing_keys(ask: OssRequest) -> policy.Context:
    """What conditions of policies may ask of a listing."""
    names = {"prefix": "oss:Prefix", "delimiter": "oss:Delimiter"}
    return {key: getattr(ask, name) for name, key in names.items() if hasattr(ask, name)}


def _acls(call: Call, bucket_acl: str, bucket: str, names: list[str]) -> list[str]:
    """The ACL that counts for each object; the bucket's own if it is about none."""
    found = [call.state.get(Object, bucket, name) for name in names]
    return [bucket_acl if one is None or one.acl == "default" else one.acl for one in found] or [bucket_acl]
