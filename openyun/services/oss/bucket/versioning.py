"""Whether a bucket keeps the versions of its objects."""

from __future__ import annotations

from openyun.operation import Call, Model
from openyun.services.oss import xml
from openyun.services.oss.bucket.object_worm import ObjectWormNeedsVersions, has_object_worm
from openyun.services.oss.bucket.worm import VersionsSuspended, has_worm
from openyun.services.oss.errors import MalformedXML
from openyun.services.oss.records import find_bucket
from openyun.services.oss.service import OssRequest, OssResponse, oss


class PutBucketVersioningRequest(OssRequest, kw_only=True):
    document: bytes = b""


@oss.operation(resource="{bucket}")
def put_bucket_versioning(call: Call, ask: PutBucketVersioningRequest) -> OssResponse:
    """It can be suspended, but a bucket that has versions never goes back to having none."""
    bucket = find_bucket(call.state, ask.bucket)
    root = xml.parse(ask.document)
    status = xml.text_of(root, "Status").strip()
    if root.tag != "VersioningConfiguration":
        raise MalformedXML
    if status == "Enabled":
        bucket.versioning = "Enabled"
    elif status == "Suspended":
        if has_object_worm(bucket):
            raise ObjectWormNeedsVersions
        if has_worm(call, bucket):
            raise VersionsSuspended
        bucket.versioning = "Suspended"
    else:
        raise MalformedXML
    call.state.put(bucket)
    return OssResponse()


class GetBucketVersioningRequest(OssRequest, kw_only=True):
    pass


class VersioningConfiguration(Model, kw_only=True):
    status: str | None


@oss.operation(resource="{bucket}")
def get_bucket_versioning(call: Call, ask: GetBucketVersioningRequest) -> OssResponse:
    bucket = find_bucket(call.state, ask.bucket)
    return OssResponse(
        root="VersioningConfiguration", document=VersioningConfiguration(status=bucket.versioning or None)
    )
