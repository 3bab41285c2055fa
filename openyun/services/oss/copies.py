"""CopyObject: a new object of the same bytes, in the same region."""

from __future__ import annotations

import base64
from typing import Literal
from urllib.parse import unquote

import msgspec

from openyun.errors import Conflict
from openyun.operation import Call, Model
from openyun.services.oss.acl import object_acl
from openyun.services.oss.conditions import ConditionalRequest, unchanged
from openyun.services.oss.content import replace, slices_of
from openyun.services.oss.errors import InvalidArgument
from openyun.services.oss.objects import (
    PutObjectRequest,
    check_metadata,
    check_object_name,
    kept_headers,
    may_write,
)
from openyun.services.oss.records import Object, find_bucket, find_object
from openyun.services.oss.service import OssResponse, oss
from openyun.services.oss.storage_class import check_storage_class
from openyun.services.oss.times import iso


class SourceChanged(Conflict):
    """The source was replaced while its bytes were copied; the gateway copies again."""

    code = "OperationAborted"
    message = "The source object was changed while it was copied."


class CopyObjectRequest(PutObjectRequest, kw_only=True):
    copy_source: str = msgspec.field(name="x-oss-copy-source")
    """/bucket/name, percent-encoded"""
    directive: Literal["COPY", "REPLACE"] = msgspec.field(default="COPY", name="x-oss-metadata-directive")
    source_if_match: str = msgspec.field(default="", name="x-oss-copy-source-if-match")
    source_if_none_match: str = msgspec.field(default="", name="x-oss-copy-source-if-none-match")
    source_if_modified_since: str = msgspec.field(default="", name="x-oss-copy-source-if-modified-since")
    source_if_unmodified_since: str = msgspec.field(default="", name="x-oss-copy-source-if-unmodified-since")

    @property
    def source(self) -> tuple[str, str]:
        """Bucket and name. Raises InvalidArgument."""
        bucket, _, name = unquote(self.copy_source.removeprefix("/")).partition("/")
        if not bucket or not name:
            raise InvalidArgument(
                reason="x-oss-copy-source must be /bucket/object.",
                ArgumentName="x-oss-copy-source",
                ArgumentValue=self.copy_source,
            )
        return bucket, name


class CopyObjectResult(Model, kw_only=True):
    e_tag: str = msgspec.field(name="ETag")
    last_modified: str


@oss.operation(resource="{bucket}/{key}", action="oss:PutObject")
def copy_object(call: Call, ask: CopyObjectRequest) -> OssResponse:
    """First without a blob: the answer says what to copy. Then with the copy, whose MD5 is known if it was hashed."""
    bucket = find_bucket(call.state, ask.bucket)
    check_object_name(ask.key)
    acl = object_acl(ask.acl)
    source_bucket, source_name = ask.source
    source = find_object(call.state, source_bucket, source_name)
    conditions = ConditionalRequest(
        key=source_name,
        if_match=ask.source_if_match,
        if_none_match=ask.source_if_none_match,
        if_modified_since=ask.source_if_modified_since,
        if_unmodified_since=ask.source_if_unmodified_since,
    )
    if unchanged(conditions, source):
        return OssResponse(status=304)
    storage_class = check_storage_class(ask.storage_class, "x-oss-storage-class") or bucket.storage_class
    check_metadata(ask.meta)
    existing = may_write(call, ask.bucket, ask.key, ask.forbid_overwrite)
    lies_in = slices_of(call.state, source, 0, source.size)
    if ask.blob is None:
        return OssResponse(data=lies_in)
    if ask.copied != lies_in:
        raise SourceChanged
    kept = ask.directive == "COPY"
    made = Object(
        bucket=ask.bucket,
        name=ask.key,
        size=source.size,
        etag=ask.blob.md5.hex().upper() if ask.blob.md5 else source.etag,
        crc64=source.crc64,
        md5=base64.b64encode(ask.blob.md5).decode() if ask.blob.md5 else source.md5,
        blob_id=ask.blob.id,
        modified=int(call.now.timestamp()),
        storage_class=storage_class,
        content_type=source.content_type if kept else ask.content_type or "application/octet-stream",
        headers=source.headers if kept else kept_headers(ask),
        meta=source.meta if kept else ask.meta,
        acl=acl,
    )
    replace(call, existing, made)
    return OssResponse(
        headers={"ETag": f'"{made.etag}"', "x-oss-hash-crc64ecma": str(made.crc64)},
        root="CopyObjectResult",
        document=CopyObjectResult(e_tag=f'"{made.etag}"', last_modified=iso(made.modified)),
    )
