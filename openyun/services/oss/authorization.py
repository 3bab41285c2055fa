"""Who may do what: RAM policies of the bucket's own account, the bucket's policy, and ACLs for everybody.

An explicit Deny of either policy is final. Else it is enough that a RAM policy of the bucket's account allows it, that
the bucket's policy does, or that the ACL lets everybody; the account itself may do all with its own buckets that the
bucket's policy does not deny. Where public access is blocked, what is granted to everybody does not count.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain

import msgspec

from openyun.access import policy
from openyun.access.principal import ANONYMOUS, Principal
from openyun.operation import Call, Operation
from openyun.services import condition_keys
from openyun.services.oss.bucket import policy as bucket_policy
from openyun.services.oss.bucket.access_points import AccessPoint, NotThroughAccessPoint, OutsideOfVpc
from openyun.services.oss.bucket.access_points import arn as access_point_arn
from openyun.services.oss.bucket.acl import grants
from openyun.services.oss.bucket.configuration_errors import NotAccelerated, PayerMissing, PublicAccessBlocked
from openyun.services.oss.bucket.policy import POLICY
from openyun.services.oss.bucket.public_access_block import AccountBlock, is_blocked, refuse_public
from openyun.services.oss.bucket.referer import check_referer
from openyun.services.oss.bucket.switches import is_accelerated, requester_pays
from openyun.services.oss.errors import AccessDenied, DeniedByPolicy
from openyun.services.oss.metering import admit, is_metered
from openyun.services.oss.object.copies import CopyingRequest, source_request
from openyun.services.oss.object.versions import older_version, shown
from openyun.services.oss.records import Bucket, Object, find_bucket
from openyun.services.oss.service import ObjectRequest, OssRequest, UploadRequest, oss


class Visit(msgspec.Struct):
    """How a request came, as far as a bucket may ask; and which bucket it met."""

    referer: str | None = None
    """of an anonymous request or a signed URL; the referers of others are not asked for"""
    pays: bool = False
    """the requester is ready to"""
    principal: Principal = ANONYMOUS
    bucket: Bucket | None = None
    access_point: AccessPoint | None = None
    """through which the request came"""
    payer: str = ""
    """the account that pays for the request: the bucket's, or the requester's"""
    intranet: bool = False
    """it came by the internal endpoint"""
    accelerated: bool = False
    """it came by the accelerate endpoint"""


class Caller(msgspec.Struct, frozen=True):
    """A verified principal, and what its account's policies say of it."""

    principal: Principal
    policies: tuple[policy.Policy, ...]
    session: policy.Policy | None
    context: Callable[[], policy.Context]
    """what conditions may ask of the request; asked for only where there is a policy"""
    visit: Visit = msgspec.field(default_factory=lambda: Visit())
    bounds: policy.Bounds = ()
    """control policies that bind the caller's account"""

    def decide(self, action: str, arn: str, context: policy.Context) -> policy.Decision:
        return policy.decide(self.policies, action, arn, context, session=self.session, bounds=self.bounds)


def authorize(call: Call, caller: Caller, operation: Operation, ask: OssRequest) -> None:
    """Raises NoSuchBucket, AccessDenied. Runs in the transaction of the operation, so nothing changes in between."""
    if isinstance(ask, CopyingRequest) and ask.origin is None:
        _authorize(call, caller, oss.operations["GetObject"], source_request(ask))
    if not ask.bucket or operation.name == "PutBucket":
        _authorize_account(call, caller, operation, ask)
        return
    _authorize(call, caller, operation, ask)
    if operation.name in _FOLLOWING and isinstance(ask, ObjectRequest):
        _authorize_target(call, caller, operation, ask)


_FOLLOWING = frozenset(
    {
        "GetObject",
        "HeadObject",
        "GetObjectProcessed",
        "ProcessObject",
        "AsyncProcessObject",
        "SelectObject",
        "CreateSelectObjectMeta",
    }
)
"""operations on a symbolic link that are about what it points to"""


def _authorize_target(call: Call, caller: Caller, operation: Operation, ask: ObjectRequest) -> None:
    """Who may write links shall not read by them what was closed to them. Raises AccessDenied."""
    bucket, principal = caller.visit.bucket, caller.principal
    assert bucket is not None  # noqa: S101  for the type checker: the link itself was authorized
    owns = principal.kind == "root" and principal.account_id == bucket.account_id
    if owns and POLICY.name not in bucket.configured:
        return
    link = call.state.get(Object, ask.bucket, ask.key)
    version_id = getattr(ask, "version_id", "")
    if version_id and (link is None or shown(link) != version_id):
        link = older_version(call.state, ask.bucket, ask.key, version_id)
    if link is None or link.type != "Symlink":
        return
    _authorize(call, caller, operation, msgspec.structs.replace(ask, key=link.target))


def _authorize(call: Call, caller: Caller, operation: Operation, ask: OssRequest) -> None:
    principal = caller.principal
    bucket = find_bucket(call.state, ask.bucket)
    caller.visit.bucket = bucket
    owner = caller.visit.payer = bucket.account_id
    own = principal.account_id == owner
    if bucket.configured:
        _check_visit(call, caller, bucket, ask, own=own)
        if is_metered(bucket):
            way = "upload" if isinstance(ask, UploadRequest) else "download" if operation.name == "GetObject" else ""
            admit(call, bucket, way, intranet=caller.visit.intranet)
    if caller.visit.accelerated and not is_accelerated(call.state, bucket):
        raise NotAccelerated(Bucket=bucket.name)
    point = caller.visit.access_point
    if point is not None and point.bucket == bucket.name:
        granted = _decide_through(call, caller, operation, ask, bucket, point)
    else:
        point, granted = None, _decide(call, caller, operation, ask, bucket)
    acl: str = getattr(ask, "acl", "")
    if acl.startswith("public"):
        refuse_public(call.state, bucket, "object acl" if hasattr(ask, "key") else "bucket acl")
    if granted or (own and principal.kind == "root"):
        return
    names = [ask.key] if hasattr(ask, "key") else getattr(ask, "keys", [])
    acls = [] if point is not None else _acls(call, bucket.acl, ask, names)
    if acls and all(grants(one, operation.action) for one in acls) and not is_blocked(call.state, bucket):
        return
    if names:
        raise AccessDenied(reason="You have no right to access this object because of bucket acl.")
    if principal.kind == "anonymous":
        raise AccessDenied(reason="Anonymous user has no right to access this bucket.")
    raise AccessDenied(reason="You have no right to access this bucket.")


def _authorize_account(call: Call, caller: Caller, operation: Operation, ask: OssRequest) -> None:
    """Of what an account does with no bucket of its own yet."""
    principal = caller.principal
    if principal.kind == "anonymous":
        raise AccessDenied(reason="Anonymous access is forbidden for this operation.")
    if getattr(ask, "acl", "").startswith("public") and call.state.get(AccountBlock, principal.account_id):
        raise PublicAccessBlocked(what="bucket acl")
    if principal.kind == "root":
        return
    verdicts = _ram(call, caller, operation, ask, principal.account_id)
    if policy.Verdict.EXPLICIT_DENY in verdicts:
        raise DeniedByPolicy
    if verdicts != {policy.Verdict.ALLOW}:
        raise AccessDenied(reason="You have no right to access this service.")


def _ram(call: Call, caller: Caller, operation: Operation, ask: OssRequest, owner: str) -> set[policy.Verdict]:
    """What the caller's own policies say. What lies beyond the bounds of its account no bucket's policy grants."""
    context = {**caller.context(), **_listing_keys(ask), **_bucket_keys(call, caller, ask)}
    return {
        policy.Verdict.EXPLICIT_DENY if decision.by_control else decision.verdict
        for arn in operation.arns(call.region.id, owner, ask)
        for action in _actions(operation, ask)
        for decision in (caller.decide(action, arn, context),)
    }


def _bucket_keys(call: Call, caller: Caller, ask: OssRequest) -> policy.Context:
    """The bucket's tags and resource group, for policies that ask about them."""
    session = (caller.session,) if caller.session else ()
    if not condition_keys.are_asked(chain(caller.policies, *caller.bounds, session)):
        return {}
    known = condition_keys.of(call, f"acs:oss:{call.region.id}:{call.account_id}:{ask.bucket}", {}, "")
    return known | {key.replace("oss:tag/", "oss:BucketTag/"): known[key] for key in known}


_POLICY_ACTIONS = ("oss:PutBucketPolicy", "oss:GetBucketPolicy", "oss:DeleteBucketPolicy")
"""What the owner may always do: a policy that denied it could never be undone."""


def _decide(call: Call, caller: Caller, operation: Operation, ask: OssRequest, bucket: Bucket) -> bool:
    """Whether a policy allows it. Raises DeniedByPolicy."""
    principal = caller.principal
    own = principal.account_id == bucket.account_id
    granted = False
    if principal.kind in ("user", "role"):
        verdicts = _ram(call, caller, operation, ask, bucket.account_id)
        if policy.Verdict.EXPLICIT_DENY in verdicts:
            raise DeniedByPolicy
        granted = own and verdicts == {policy.Verdict.ALLOW}
    if POLICY.name not in bucket.configured:
        return granted
    if own and principal.kind == "root" and operation.action in _POLICY_ACTIONS:
        return True
    blocked = is_blocked(call.state, bucket)
    context = {**caller.context(), **_listing_keys(ask)}
    said = {
        bucket_policy.decide(call.state, bucket, principal, action, arn, context, blocked)
        for arn in operation.arns(call.region.id, bucket.account_id, ask)
        for action in _actions(operation, ask)
    }
    if policy.Verdict.EXPLICIT_DENY in said:
        raise DeniedByPolicy
    return granted or said == {policy.Verdict.ALLOW}


_THROUGH_ACCESS_POINTS = frozenset(
    {"ListObjects", "ListObjectsV2", "ListObjectVersions", "ListMultipartUploads", "DeleteMultipleObjects"}
)
"""of what is about a bucket; all that is about an object goes through, too"""


def _decide_through(
    call: Call, caller: Caller, operation: Operation, ask: OssRequest, bucket: Bucket, point: AccessPoint
) -> bool:
    """Whether a policy allows it to what comes through an access point, whose resources have names of their own.
    Raises DeniedByPolicy, NotThroughAccessPoint, OutsideOfVpc."""
    if not hasattr(ask, "key") and operation.name not in _THROUGH_ACCESS_POINTS:
        raise NotThroughAccessPoint(operation=operation.name)
    if point.network_origin == "vpc":
        raise OutsideOfVpc(vpc_id=point.vpc_id)  # instances have no way from their VPC to this server yet
    principal = caller.principal
    own = principal.account_id == bucket.account_id
    granted = _decide(call, caller, operation, ask, bucket)
    here = access_point_arn(point, call.region.id)
    names = [ask.key] if hasattr(ask, "key") else getattr(ask, "keys", [])
    arns = [f"{here}/object/{name}" for name in names] or [here]
    context = {**caller.context(), **_listing_keys(ask)}
    actions = _actions(operation, ask)
    own_policies: set[policy.Verdict] = set()
    if principal.kind in ("user", "role"):
        own_policies = {
            policy.decide(caller.policies, action, one, context, session=caller.session).verdict
            for one in arns
            for action in actions
        }
    blocked = point.blocks_public or is_blocked(call.state, bucket)
    its_policy = {
        bucket_policy.judge(point.policy, principal, action, one, context, blocked)
        for one in arns
        for action in actions
        if point.policy
    }
    if policy.Verdict.EXPLICIT_DENY in own_policies | its_policy:
        raise DeniedByPolicy
    return granted or (own and own_policies == {policy.Verdict.ALLOW}) or its_policy == {policy.Verdict.ALLOW}


def _check_visit(call: Call, caller: Caller, bucket: Bucket, ask: OssRequest, *, own: bool) -> None:
    """Raises BadReferer, PayerMissing."""
    if caller.visit.referer is not None and hasattr(ask, "key"):
        check_referer(call.state, bucket, caller.visit.referer)
    paying = caller.principal.kind != "anonymous" and caller.visit.pays
    if not own and requester_pays(call.state, bucket):
        if not paying:
            raise PayerMissing
        caller.visit.payer = caller.principal.account_id


def permits(caller: Caller, operation: Operation, region_id: str, ask: OssRequest) -> bool:
    """Whether the caller's account lets it do this with what is the account's own."""
    principal = caller.principal
    arns = operation.arns(region_id, principal.account_id, ask)
    return principal.kind == "root" or all(
        caller.decide(operation.action, arn, caller.context()).allowed for arn in arns
    )


_OF_VERSIONS = {
    "oss:DeleteObject": "oss:DeleteObjectVersion",
    "oss:DeleteObjectTagging": "oss:DeleteObjectVersionTagging",
    "oss:GetObject": "oss:GetObjectVersion",
    "oss:GetObjectAcl": "oss:GetObjectVersionAcl",
    "oss:GetObjectTagging": "oss:GetObjectVersionTagging",
    "oss:PutObjectAcl": "oss:PutObjectVersionAcl",
    "oss:PutObjectTagging": "oss:PutObjectVersionTagging",
    "oss:RestoreObject": "oss:RestoreObjectVersion",
}
"""What policies call an action on a version that is named."""


def _actions(operation: Operation, ask: OssRequest) -> list[str]:
    """What is written with an ACL or a lock of its own takes the right to set one: else who may only write could
    publish, or keep for ever."""
    versioned = getattr(ask, "version_id", "") or any(getattr(ask, "version_ids", ()))
    actions = [_OF_VERSIONS.get(operation.action, operation.action) if versioned else operation.action]
    if getattr(ask, "acl", "") not in ("", "default") and operation.name not in ("PutBucketAcl", "PutObjectAcl"):
        actions.append("oss:PutObjectAcl" if hasattr(ask, "key") else "oss:PutBucketAcl")
    if getattr(ask, "worm_mode", ""):
        actions.append("oss:PutObjectRetention")
    if getattr(ask, "legal_hold", ""):
        actions.append("oss:PutObjectLegalHold")
    if getattr(ask, "bypass", False):
        actions.append("oss:BypassGovernanceRetention")
    return actions


def _listing_keys(ask: OssRequest) -> policy.Context:
    """What conditions of policies may ask of a listing."""
    names = {"prefix": "oss:Prefix", "delimiter": "oss:Delimiter"}
    return {key: getattr(ask, name) for name, key in names.items() if hasattr(ask, name)}


def _acls(call: Call, bucket_acl: str, ask: OssRequest, names: list[str]) -> list[str]:
    """The ACL that counts for each object or version; the bucket's own if it is about none."""
    version_ids = getattr(ask, "version_ids", None) or [getattr(ask, "version_id", "")] * len(names)
    found: list[Object | None] = []
    for name, version_id in zip(names, version_ids, strict=True):
        one = call.state.get(Object, ask.bucket, name)
        if version_id and (one is None or shown(one) != version_id):
            one = older_version(call.state, ask.bucket, name, version_id)
        found.append(one)
    return [bucket_acl if one is None or one.acl == "default" else one.acl for one in found] or [bucket_acl]
