"""Symbolic links: objects that stand for another one of their bucket."""

from __future__ import annotations

from urllib.parse import quote, unquote

import msgspec

from openyun.operation import Call
from openyun.services.oss.errors import InvalidArgument, NotSymlink
from openyun.services.oss.object.objects import PutObjectRequest, check_object_name, draft, may_write
from openyun.services.oss.object.versions import find_version, keep, version_headers
from openyun.services.oss.records import find_bucket
from openyun.services.oss.service import ObjectRequest, OssResponse, oss
from openyun.services.oss.times import http_date


class PutSymlinkRequest(PutObjectRequest, kw_only=True):
    target: str = msgspec.field(default="", name="x-oss-symlink-target")


@oss.operation(resource="{bucket}/{key}", action="oss:PutObject")
def put_symlink(call: Call, ask: PutSymlinkRequest) -> OssResponse:
    """Whether the target exists is seen when the link is followed."""
    bucket = find_bucket(call.state, ask.bucket)
    target = unquote(ask.target)
    if not target:
        raise InvalidArgument(
            reason="x-oss-symlink-target must name an object.",
            ArgumentName="x-oss-symlink-target",
            ArgumentValue=ask.target,
        )
    check_object_name(target)
    made = draft(call, bucket, ask)
    existing = may_write(call, bucket, ask.key, ask.forbid_overwrite)
    if ask.blob is None:
        return OssResponse()
    made.type = "Symlink"
    made.target = target
    made.etag = ask.blob.md5.hex().upper()
    keep(call, bucket, existing, made)
    return OssResponse(headers={"ETag": f'"{made.etag}"', **version_headers(bucket, made)})


class GetSymlinkRequest(ObjectRequest, kw_only=True):
    version_id: str = msgspec.field(default="", name="versionId")


@oss.operation(resource="{bucket}/{key}", action="oss:GetObject")
def get_symlink(call: Call, ask: GetSymlinkRequest) -> OssResponse:
    bucket = find_bucket(call.state, ask.bucket)
    found = find_version(call.state, ask.bucket, ask.key, ask.version_id)
    if found.type != "Symlink":
        raise NotSymlink(Key=ask.key)
    headers = {
        "x-oss-symlink-target": quote(found.target, safe=""),
        "ETag": f'"{found.etag}"',
        "Last-Modified": http_date(found.modified),
        **version_headers(bucket, found),
    }
    headers |= {f"x-oss-meta-{name}": value for name, value in found.meta.items()}
    return OssResponse(headers=headers)
