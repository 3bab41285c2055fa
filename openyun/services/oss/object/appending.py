"""AppendObject: an object that grows. Each append is a piece of its own, so what is there is never written again."""

from __future__ import annotations

import hashlib

from openyun.clock import random_text
from openyun.operation import Call
from openyun.services.oss import tally
from openyun.services.oss.bucket.acl import object_acl
from openyun.services.oss.bucket.encryption import encryption_headers
from openyun.services.oss.bucket.object_worm import has_object_worm
from openyun.services.oss.bucket.quota import check_room
from openyun.services.oss.bucket.replication import note
from openyun.services.oss.bucket.worm import refuse_retained
from openyun.services.oss.crc64 import combine
from openyun.services.oss.errors import (
    EntityTooLarge,
    InvalidArgument,
    ObjectNotAppendable,
    PositionNotEqualToLength,
    SealingNotSupported,
)
from openyun.services.oss.object.content import cipher_of, store
from openyun.services.oss.object.objects import PutObjectRequest, check_object_name, draft
from openyun.services.oss.object.retention import AppendableNotRetained
from openyun.services.oss.object.versions import keep, version_headers
from openyun.services.oss.records import Object, Piece, find_bucket, find_object
from openyun.services.oss.service import ObjectRequest, OssResponse, oss

_LARGEST = 5 * 1024**3


class SealAppendObjectRequest(ObjectRequest, kw_only=True):
    position: int = 0


@oss.operation(resource="{bucket}/{key}", action="oss:PutObject")
def seal_append_object(call: Call, ask: SealAppendObjectRequest) -> OssResponse:
    """As the vendor answers where it is not turned on."""
    find_object(call.state, ask.bucket, ask.key)
    raise SealingNotSupported


class AppendObjectRequest(PutObjectRequest, kw_only=True):
    position: int


@oss.operation(resource="{bucket}/{key}", action="oss:PutObject")
def append_object(call: Call, ask: AppendObjectRequest) -> OssResponse:
    bucket = find_bucket(call.state, ask.bucket)
    check_object_name(ask.key)
    if has_object_worm(bucket):
        raise AppendableNotRetained
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
    if bucket.configured:
        refuse_retained(call, bucket, grown)
    made = draft(call, bucket, ask) if grown is None else None
    blob = ask.blob
    if blob is None:
        kept = made or grown
        return OssResponse(seal=cipher_of(kept) if kept and kept.encryption else None)
    if length + blob.size > _LARGEST:
        raise EntityTooLarge(MaxSizeAllowed=str(_LARGEST), ProposedSize=str(length + blob.size))
    check_room(call, bucket, blob.size)
    if made is not None:
        made.type = "Appendable"
        made.content_id = random_text(24)
        keep(call, bucket, None, made)
        grown = made
    assert grown is not None  # noqa: S101  for the type checker: found or made
    if ask.acl not in ("", "default"):
        grown.acl = object_acl(ask.acl)
    if blob.size:
        piece = Piece(content_id=grown.content_id, number=length, blob_id=store(call, ask, grown), size=blob.size)
        call.state.insert(piece)
        tally.grow(call.state, grown, blob.size)
    grown.size += blob.size
    grown.crc64 = combine(grown.crc64, blob.crc64, blob.size)
    # It cannot be the MD5 of the whole, and only has to change whenever the object does.
    grown.etag = hashlib.md5(grown.etag.encode() + blob.md5, usedforsecurity=False).hexdigest().upper()
    grown.modified = int(call.now.timestamp())
    call.state.put(grown)
    note(call, bucket, grown.name)
    return OssResponse(
        headers={
            "ETag": f'"{grown.etag}"',
            "x-oss-hash-crc64ecma": str(grown.crc64),
            "x-oss-next-append-position": str(grown.size),
            **encryption_headers(grown),
            **version_headers(bucket, grown),
        }
    )
