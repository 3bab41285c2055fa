"""Access control lists: who beside the owner may read or write.

A list grants to everybody, also to the anonymous; what it does not grant, a RAM policy of the owner's account may.
"""

from __future__ import annotations

from typing import cast

import msgspec

from openyun.operation import Call, Model
from openyun.services.oss.bucket.replication import note
from openyun.services.oss.errors import InvalidAcl, InvalidObjectAcl
from openyun.services.oss.object.versions import find_version, version_headers
from openyun.services.oss.records import BucketAcl, ObjectAcl, find_bucket
from openyun.services.oss.service import ObjectRequest, OssRequest, OssResponse, Owner, oss

BUCKET_ACLS = ("private", "public-read", "public-read-write")
OBJECT_ACLS = ("default", *BUCKET_ACLS)

_READS = frozenset({"oss:GetObject", "oss:ListObjects"})
_WRITES = frozenset({"oss:PutObject", "oss:DeleteObject"})


def grants(acl: str, action: str) -> bool:
    """Whether a list lets everybody do this."""
    if action in _READS:
        return acl in ("public-read", "public-read-write")
    return action in _WRITES and acl == "public-read-write"


def bucket_acl(text: str) -> BucketAcl:
    if text not in BUCKET_ACLS:
        raise InvalidAcl(ArgumentName="x-oss-acl", ArgumentValue=text)
    return cast(BucketAcl, text)


def object_acl(text: str) -> ObjectAcl:
    if text not in OBJECT_ACLS:
        raise InvalidObjectAcl(ArgumentName="x-oss-object-acl", ArgumentValue=text)
    return cast(ObjectAcl, text)


class AccessControlList(Model, kw_only=True):
    grant: str


class AccessControlPolicy(Model, kw_only=True):
    owner: Owner
    access_control_list: AccessControlList


def _policy(owner: str, acl: str) -> OssResponse:
    policy = AccessControlPolicy(
        owner=Owner(id=owner, display_name=owner), access_control_list=AccessControlList(grant=acl)
    )
    return OssResponse(root="AccessControlPolicy", document=policy)


class GetBucketAclRequest(OssRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def get_bucket_acl(call: Call, ask: GetBucketAclRequest) -> OssResponse:
    bucket = find_bucket(call.state, ask.bucket)
    return _policy(bucket.account_id, bucket.acl)


class PutBucketAclRequest(OssRequest, kw_only=True):
    acl: str = msgspec.field(default="", name="x-oss-acl")


@oss.operation(resource="{bucket}")
def put_bucket_acl(call: Call, ask: PutBucketAclRequest) -> OssResponse:
    bucket = find_bucket(call.state, ask.bucket)
    bucket.acl = bucket_acl(ask.acl)
    call.state.put(bucket)
    return OssResponse()


class GetObjectAclRequest(ObjectRequest, kw_only=True):
    version_id: str = msgspec.field(default="", name="versionId")


@oss.operation(resource="{bucket}/{key}")
def get_object_acl(call: Call, ask: GetObjectAclRequest) -> OssResponse:
    bucket = find_bucket(call.state, ask.bucket)
    found = find_version(call.state, ask.bucket, ask.key, ask.version_id)
    answer = _policy(bucket.account_id, found.acl)
    answer.headers = version_headers(bucket, found)
    return answer


class PutObjectAclRequest(ObjectRequest, kw_only=True):
    version_id: str = msgspec.field(default="", name="versionId")
    acl: str = msgspec.field(default="", name="x-oss-object-acl")


@oss.operation(resource="{bucket}/{key}")
def put_object_acl(call: Call, ask: PutObjectAclRequest) -> OssResponse:
    bucket = find_bucket(call.state, ask.bucket)
    found = find_version(call.state, ask.bucket, ask.key, ask.version_id)
    found.acl = object_acl(ask.acl)
    call.state.put(found)
    note(call, bucket, ask.key)
    return OssResponse(headers=version_headers(bucket, found))
