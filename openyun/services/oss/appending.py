"""AppendObject: an object that grows. Each append is a piece of its own, so what is there is never written again."""

from __future__ import annotations

import hashlib

from openyun.clock import random_text
from openyun.operation import Call
from openyun.services.oss.acl import object_acl
from openyun.services.oss.crc64 import combine
from openyun.services.oss.errors import EntityTooLarge, InvalidArgument, ObjectNotAppendable, PositionNotEqualToLength
from openyun.services.oss.objects import PutObjectRequest, check_metadata, check_object_name, kept_headers
from openyun.services.oss.records import Object, Piece, find_bucket
from openyun.services.oss.service import OssResponse, oss
from openyun.services.oss.storage_class import check_storage_class

_LARGEST = 5 * 1024**3


class AppendObjectRequest(PutObjectRequest, kw_only=True):
    position: int


@oss.operation(resource="{bucket}/{key}", action="oss:PutObject")
def append_object(call: Call, ask: AppendObjectRequest) -> OssResponse:
    bucket = find_bucket(call.state, ask.bucket)
    check_object_name(ask.key)
    if ask.position < 0:
        raise InvalidArgument(
            reason="position must not be negative.", ArgumentName="position", ArgumentValue=str(ask.position)
        )
    grown = call.state.get(Object, ask.bucket, ask.key)
    if grown is not None and grown.type != "Appendable":
        raise ObjectNotAppendable
    length = grown.size if grown else 0
    if ask.position != length:
        raise PositionNotEqualToLength(**{"x-oss-next-append-position": length})
    if grown is None:
        check_metadata(ask.meta)
        grown = Object(
            bucket=ask.bucket,
            name=ask.key,
            type="Appendable",
            size=0,
            etag="",
            crc64=0,
            content_id=random_text(24),
            modified=0,
            storage_class=check_storage_class(ask.storage_class, "x-oss-storage-class") or bucket.storage_class,
            content_type=ask.content_type or "application/octet-stream",
            headers=kept_headers(ask),
            meta=ask.meta,
            acl=object_acl(ask.acl),
        )
    blob = ask.blob
    if blob is None:
        return OssResponse()
    if length + blob.size > _LARGEST:
        raise EntityTooLarge(MaxSizeAllowed=str(_LARGEST), ProposedSize=str(length + blob.size))
    if blob.size:
        call.state.insert(Piece(content_id=grown.content_id, number=length, blob_id=blob.id, size=blob.size))
    grown.size += blob.size
    grown.crc64 = combine(grown.crc64, blob.crc64, blob.size)
    # It cannot be the MD5 of the whole, and only has to change whenever the object does.
    grown.etag = hashlib.md5(grown.etag.encode() + blob.md5, usedforsecurity=False).hexdigest().upper()
    grown.modified = int(call.now.timestamp())
    call.state.put(grown)
    return OssResponse(
        headers={
            "ETag": f'"{grown.etag}"',
            "x-oss-hash-crc64ecma": str(grown.crc64),
            "x-oss-next-append-position": str(grown.size),
        }
    )
