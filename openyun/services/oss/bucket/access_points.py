"""Access points: further names of a bucket, each with a policy of its own and, if wished, for one VPC alone.

What comes through an access point is asked of its policy too, as of a second policy of the bucket: a Deny of any
policy is final, an Allow of any is enough. ACLs do not count there.
"""

from __future__ import annotations

import re
from typing import ClassVar, Literal

import msgspec

from openyun.clock import random_text
from openyun.errors import BadRequest, Conflict, Forbidden, NotFound
from openyun.operation import Call, Model
from openyun.services.oss.bucket.configuration import DocumentRequest
from openyun.services.oss.bucket.configuration_errors import (
    InvalidPolicyDocument,
    NoSuchBucketPolicy,
    PublicAccessBlocked,
)
from openyun.services.oss.bucket.policy import read_grants
from openyun.services.oss.bucket.public_access_block import PublicAccessBlock
from openyun.services.oss.documents import read
from openyun.services.oss.errors import InvalidArgument, MalformedXML
from openyun.services.oss.paging import check_page
from openyun.services.oss.records import find_bucket
from openyun.services.oss.service import OssRequest, OssResponse, oss
from openyun.state import Record, Transaction

ALIAS = "-ossalias"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,17}[a-z0-9]")
_MOST_OF_BUCKET = 100
_MOST_OF_ACCOUNT = 1000
_LONGEST_POLICY = 16 * 1024
_BLOCK = "PublicAccessBlockConfiguration"


class NoSuchAccessPoint(NotFound):
    code = "NoSuchAccessPoint"
    message = "Accesspoint not found"


class AccessPointAlreadyExists(Conflict):
    code = "AccessPointAlreadyExists"
    message = "The access point already exists."


class BucketHasAccessPoints(Conflict):
    code = "BucketNotEmpty"
    message = "The bucket has access points. Please delete them first."


class TooManyAccessPoints(BadRequest):
    code = "TooManyAccessPoints"
    message = "There are at most {most} access points."


class NotThroughAccessPoint(Forbidden):
    code = "AccessDenied"
    message = "{operation} is not possible through an access point."


class OutsideOfVpc(Forbidden):
    code = "AccessDenied"
    message = "The access point takes requests from the VPC {vpc_id} only."


class AccessPoint(Record, kw_only=True):
    TABLE: ClassVar[str] = "oss_access_point"
    KEY: ClassVar[tuple[str, ...]] = ("account_id", "name")
    INDEXES: ClassVar[tuple[tuple[str, ...], ...]] = (("bucket", "name"), ("alias",))

    account_id: str
    name: str
    bucket: str
    alias: str
    network_origin: Literal["vpc", "internet"]
    vpc_id: str = ""
    created_at: int
    blocks_public: bool = True
    policy: str = ""


class AccessPointRequest(OssRequest, kw_only=True):
    access_point_name: str = msgspec.field(default="", name="x-oss-access-point-name")


class VpcConfiguration(Model, kw_only=True):
    vpc_id: str


class AccessPointWish(Model, kw_only=True):
    access_point_name: str
    network_origin: Literal["vpc", "internet"]
    vpc_configuration: VpcConfiguration | None = None


class CreateAccessPointRequest(DocumentRequest, kw_only=True):
    pass


class CreateAccessPointResult(Model, kw_only=True):
    access_point_arn: str
    alias: str


@oss.operation(resource="{bucket}")
def create_access_point(call: Call, ask: CreateAccessPointRequest) -> OssResponse:
    bucket = find_bucket(call.state, ask.bucket)
    wanted = read(ask.document, "CreateAccessPointConfiguration", AccessPointWish)
    name = wanted.access_point_name
    if not _NAME.fullmatch(name) or name.endswith(ALIAS):
        raise InvalidArgument(
            reason="The access point name is invalid.", ArgumentName="AccessPointName", ArgumentValue=name
        )
    vpc_id = wanted.vpc_configuration.vpc_id if wanted.vpc_configuration else ""
    if (wanted.network_origin == "vpc") != bool(vpc_id):
        raise MalformedXML
    if call.state.get(AccessPoint, bucket.account_id, name) is not None:
        raise AccessPointAlreadyExists
    for key, value, most in (
        ("bucket", bucket.name, _MOST_OF_BUCKET),
        ("account_id", bucket.account_id, _MOST_OF_ACCOUNT),
    ):
        if len(call.state.find(AccessPoint, **{key: value})) >= most:
            raise TooManyAccessPoints(most=most)
    made = AccessPoint(
        account_id=bucket.account_id,
        name=name,
        bucket=bucket.name,
        alias=f"{name}-{random_text(34).lower()}{ALIAS}",
        network_origin=wanted.network_origin,
        vpc_id=vpc_id,
        created_at=int(call.now.timestamp()),
    )
    call.state.insert(made)
    return OssResponse(
        root="CreateAccessPointResult",
        document=CreateAccessPointResult(access_point_arn=arn(made, call.region.id), alias=made.alias),
    )


class GetAccessPointRequest(AccessPointRequest, kw_only=True):
    pass


class Endpoints(Model, kw_only=True):
    public_endpoint: str
    internal_endpoint: str


class GetAccessPointResult(Model, kw_only=True):
    access_point_name: str
    bucket: str
    account_id: str
    network_origin: str
    vpc_configuration: VpcConfiguration | None
    access_point_arn: str
    creation_date: str
    alias: str
    status: str = "enable"
    endpoints: Endpoints
    public_access_block_configuration: PublicAccessBlock


@oss.operation(resource="{bucket}")
def get_access_point(call: Call, ask: GetAccessPointRequest) -> OssResponse:
    found = _find(call, ask)
    domain = f"{found.name}-{found.account_id}.oss-{call.region.id}"
    shown = GetAccessPointResult(
        access_point_name=found.name,
        bucket=found.bucket,
        account_id=found.account_id,
        network_origin=found.network_origin,
        vpc_configuration=VpcConfiguration(vpc_id=found.vpc_id) if found.vpc_id else None,
        access_point_arn=arn(found, call.region.id),
        creation_date=str(found.created_at),
        alias=found.alias,
        endpoints=Endpoints(
            public_endpoint=f"{domain}.oss-accesspoint.aliyuncs.com",
            internal_endpoint=f"{domain}-internal.oss-accesspoint.aliyuncs.com",
        ),
        public_access_block_configuration=PublicAccessBlock(block_public_access=found.blocks_public),
    )
    return OssResponse(root="GetAccessPointResult", document=shown)


class ListAccessPointsRequest(OssRequest, kw_only=True):
    max_keys: int = 100
    continuation_token: str = ""


class ListedAccessPoint(Model, kw_only=True):
    bucket: str
    access_point_name: str
    alias: str
    network_origin: str
    vpc_configuration: VpcConfiguration | None
    status: str = "enable"


class ListedAccessPoints(Model, kw_only=True):
    access_point: list[ListedAccessPoint]


class ListAccessPointsResult(Model, kw_only=True):
    is_truncated: bool
    next_continuation_token: str | None
    account_id: str
    max_keys: int
    access_points: ListedAccessPoints


@oss.operation(resource="{bucket}")
def list_access_points(call: Call, ask: ListAccessPointsRequest) -> OssResponse:
    """Of a bucket, or all that the account has in the region."""
    check_page(ask.max_keys)
    after, most = ask.continuation_token or None, ask.max_keys + 1
    if ask.bucket:
        account_id = find_bucket(call.state, ask.bucket).account_id
        found = call.state.scan(AccessPoint, "name", after=after, limit=most, bucket=ask.bucket)
    else:
        account_id = call.account_id
        found = call.state.scan(AccessPoint, "name", after=after, limit=most, account_id=account_id)
    page = found[: ask.max_keys]
    result = ListAccessPointsResult(
        is_truncated=len(found) > len(page),
        next_continuation_token=page[-1].name if len(found) > len(page) else None,
        account_id=account_id,
        max_keys=ask.max_keys,
        access_points=ListedAccessPoints(
            access_point=[
                ListedAccessPoint(
                    bucket=one.bucket,
                    access_point_name=one.name,
                    alias=one.alias,
                    network_origin=one.network_origin,
                    vpc_configuration=VpcConfiguration(vpc_id=one.vpc_id) if one.vpc_id else None,
                )
                for one in page
            ]
        ),
    )
    return OssResponse(root="ListAccessPointsResult", document=result)


class DeleteAccessPointRequest(AccessPointRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def delete_access_point(call: Call, ask: DeleteAccessPointRequest) -> OssResponse:
    call.state.delete(_find(call, ask))
    return OssResponse(status=204)


class PutAccessPointPolicyRequest(AccessPointRequest, kw_only=True):
    document: bytes = b""


@oss.operation(resource="{bucket}")
def put_access_point_policy(call: Call, ask: PutAccessPointPolicyRequest) -> OssResponse:
    found = _find(call, ask)
    if len(ask.document) > _LONGEST_POLICY:
        raise InvalidPolicyDocument(reason="The policy is too long.")
    try:
        text = ask.document.decode()
    except UnicodeDecodeError:
        raise InvalidPolicyDocument(reason="The policy is not UTF-8.") from None
    if any(one.public for one in read_grants(text)) and found.blocks_public:
        raise PublicAccessBlocked(what="access point policy")
    found.policy = text
    call.state.put(found)
    return OssResponse()


class GetAccessPointPolicyRequest(AccessPointRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def get_access_point_policy(call: Call, ask: GetAccessPointPolicyRequest) -> OssResponse:
    found = _find(call, ask)
    if not found.policy:
        raise NoSuchBucketPolicy(BucketName=ask.bucket)
    return OssResponse(body=found.policy.encode(), headers={"Content-Type": "application/json"})


class DeleteAccessPointPolicyRequest(AccessPointRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def delete_access_point_policy(call: Call, ask: DeleteAccessPointPolicyRequest) -> OssResponse:
    found = _find(call, ask)
    found.policy = ""
    call.state.put(found)
    return OssResponse(status=204)


class AccessPointBlockRequest(AccessPointRequest, kw_only=True):
    IN_QUERY: ClassVar[frozenset[str]] = frozenset({"x-oss-access-point-name"})


class PutAccessPointPublicAccessBlockRequest(AccessPointBlockRequest, kw_only=True):
    document: bytes = b""


@oss.operation(resource="{bucket}")
def put_access_point_public_access_block(call: Call, ask: PutAccessPointPublicAccessBlockRequest) -> OssResponse:
    found = _find(call, ask)
    found.blocks_public = read(ask.document, _BLOCK, PublicAccessBlock).block_public_access
    call.state.put(found)
    return OssResponse()


class GetAccessPointPublicAccessBlockRequest(AccessPointBlockRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def get_access_point_public_access_block(call: Call, ask: GetAccessPointPublicAccessBlockRequest) -> OssResponse:
    return OssResponse(root=_BLOCK, document=PublicAccessBlock(block_public_access=_find(call, ask).blocks_public))


class DeleteAccessPointPublicAccessBlockRequest(AccessPointBlockRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def delete_access_point_public_access_block(call: Call, ask: DeleteAccessPointPublicAccessBlockRequest) -> OssResponse:
    found = _find(call, ask)
    found.blocks_public = False
    call.state.put(found)
    return OssResponse(status=204)


def _find(call: Call, ask: AccessPointRequest) -> AccessPoint:
    """Raises NoSuchBucket, NoSuchAccessPoint."""
    bucket = find_bucket(call.state, ask.bucket)
    found = call.state.get(AccessPoint, bucket.account_id, ask.access_point_name)
    if found is None or found.bucket != bucket.name:
        raise NoSuchAccessPoint
    return found


def arn(one: AccessPoint, region_id: str) -> str:
    return f"acs:oss:{region_id}:{one.account_id}:accesspoint/{one.name}"


def behind(state: Transaction, name: str) -> AccessPoint | None:
    """The access point with this alias; or, of an access point's own domain, with this name and account."""
    if name.endswith(ALIAS):
        found = state.find(AccessPoint, alias=name)
        return found[0] if found else None
    point, _, account_id = name.rpartition("-")
    return state.get(AccessPoint, account_id, point)
