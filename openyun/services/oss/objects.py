"""Objects: put, get, head, meta, delete.

The bytes are in a blob, which is written before its row and freed after the row is gone; so an object is always the
whole old one or the whole new one.
"""

from __future__ import annotations

import base64

import msgspec

from openyun.operation import Call
from openyun.services.oss.acl import object_acl
from openyun.services.oss.conditions import ConditionalRequest, part, unchanged
from openyun.services.oss.content import replace, slices_of
from openyun.services.oss.errors import (
    FileAlreadyExists,
    InvalidArgument,
    InvalidForbidOverwrite,
    InvalidObjectName,
    MetadataTooLarge,
)
from openyun.services.oss.records import Object, find_bucket, find_object
from openyun.services.oss.service import ObjectRequest, OssResponse, UploadRequest, oss
from openyun.services.oss.storage_class import check_storage_class
from openyun.services.oss.times import http_date

_LONGEST_NAME = 1023
_MOST_METADATA = 8192


class PutObjectRequest(UploadRequest, kw_only=True):
    content_type: str = ""
    cache_control: str = ""
    content_disposition: str = ""
    content_encoding: str = ""
    content_language: str = ""
    expires: str = ""
    meta: dict[str, str] = {}
    acl: str = msgspec.field(default="default", name="x-oss-object-acl")
    storage_class: str = msgspec.field(default="", name="x-oss-storage-class")
    forbid_overwrite: str = msgspec.field(default="false", name="x-oss-forbid-overwrite")


@oss.operation(resource="{bucket}/{key}")
def put_object(call: Call, ask: PutObjectRequest) -> OssResponse:
    bucket = find_bucket(call.state, ask.bucket)
    check_object_name(ask.key)
    acl = object_acl(ask.acl)
    storage_class = check_storage_class(ask.storage_class, "x-oss-storage-class") or bucket.storage_class
    check_metadata(ask.meta)
    existing = may_write(call, ask.bucket, ask.key, ask.forbid_overwrite)
    blob = ask.blob
    if blob is None:
        return OssResponse()
    made = Object(
        bucket=ask.bucket,
        name=ask.key,
        size=blob.size,
        etag=blob.md5.hex().upper(),
        crc64=blob.crc64,
        md5=base64.b64encode(blob.md5).decode(),
        blob_id=blob.id,
        modified=int(call.now.timestamp()),
        storage_class=storage_class,
        content_type=ask.content_type or "application/octet-stream",
        headers=kept_headers(ask),
        meta=ask.meta,
        acl=acl,
    )
    replace(call, existing, made)
    return OssResponse(
        headers={
            "ETag": f'"{made.etag}"',
            "x-oss-hash-crc64ecma": str(made.crc64),
            "Content-MD5": made.md5,
        }
    )


def check_object_name(name: str) -> None:
    if not name or name[0] in "/\\" or "\0" in name or len(name.encode()) > _LONGEST_NAME:
        raise InvalidObjectName(ObjectName=name)


def check_metadata(meta: dict[str, str]) -> None:
    if sum(len(name) + len(value.encode()) for name, value in meta.items()) > _MOST_METADATA:
        raise MetadataTooLarge


def may_write(call: Call, bucket: str, name: str, forbid_overwrite: str) -> Object | None:
    """The object that the new one will replace."""
    if forbid_overwrite not in ("true", "false"):
        raise InvalidForbidOverwrite(ArgumentName="x-oss-forbid-overwrite", ArgumentValue=forbid_overwrite)
    existing = call.state.get(Object, bucket, name)
    if existing is not None and forbid_overwrite == "true":
        raise FileAlreadyExists(Key=name)
    return existing


def kept_headers(ask: PutObjectRequest) -> dict[str, str]:
    given = {
        "Cache-Control": ask.cache_control,
        "Content-Disposition": ask.content_disposition,
        "Content-Encoding": ask.content_encoding,
        "Content-Language": ask.content_language,
        "Expires": ask.expires,
    }
    return {name: value for name, value in given.items() if value}


class GetObjectRequest(ConditionalRequest, kw_only=True):
    range: str = ""
    range_behavior: str = msgspec.field(default="", name="x-oss-range-behavior")
    response_content_type: str = ""
    response_content_language: str = ""
    response_expires: str = ""
    response_cache_control: str = ""
    response_content_disposition: str = ""
    response_content_encoding: str = ""


@oss.operation(resource="{bucket}/{key}")
def get_object(call: Call, ask: GetObjectRequest) -> OssResponse:
    found = find_object(call.state, ask.bucket, ask.key)
    headers = described(found)
    if unchanged(ask, found):
        return OssResponse(status=304, headers=headers)
    headers |= _overrides(ask)
    wanted = part(ask.range, found.size, standard=ask.range_behavior == "standard") if ask.range else None
    start, length = wanted or (0, found.size)
    headers["Content-Length"] = str(length)
    data = slices_of(call.state, found, start, length)
    if wanted is None:
        return OssResponse(headers=headers, data=data)
    headers.pop("Content-MD5", None)
    headers["Content-Range"] = f"bytes {start}-{start + length - 1}/{found.size}"
    return OssResponse(status=206, headers=headers, data=data)


def _overrides(ask: GetObjectRequest) -> dict[str, str]:
    asked = {
        "Content-Type": ask.response_content_type,
        "Content-Language": ask.response_content_language,
        "Expires": ask.response_expires,
        "Cache-Control": ask.response_cache_control,
        "Content-Disposition": ask.response_content_disposition,
        "Content-Encoding": ask.response_content_encoding,
    }
    given = {name: value for name, value in asked.items() if value}
    for name, value in given.items():
        # They come from the query, where a line break would become a header of the caller's own.
        if not value.isprintable():
            raise InvalidArgument(
                reason=f"The value of response-{name.lower()} is invalid.",
                ArgumentName=f"response-{name.lower()}",
                ArgumentValue=value,
            )
    return given


def described(found: Object) -> dict[str, str]:
    """The headers that tell of an object."""
    headers = {
        "Content-Type": found.content_type,
        "ETag": f'"{found.etag}"',
        "Last-Modified": http_date(found.modified),
        "Accept-Ranges": "bytes",
        "x-oss-object-type": found.type,
        "x-oss-hash-crc64ecma": str(found.crc64),
        "x-oss-storage-class": found.storage_class,
    }
    if found.type == "Appendable":
        headers["x-oss-next-append-position"] = str(found.size)
    if found.md5:
        headers["Content-MD5"] = found.md5
    headers |= found.headers
    for name, value in found.meta.items():
        headers[f"x-oss-meta-{name}"] = value
    return headers


class HeadObjectRequest(ConditionalRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}/{key}", action="oss:GetObject")
def head_object(call: Call, ask: HeadObjectRequest) -> OssResponse:
    found = find_object(call.state, ask.bucket, ask.key)
    headers = described(found)
    if unchanged(ask, found):
        return OssResponse(status=304, headers=headers)
    headers["Content-Length"] = str(found.size)
    return OssResponse(headers=headers)


class GetObjectMetaRequest(ObjectRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}/{key}", action="oss:GetObject")
def get_object_meta(call: Call, ask: GetObjectMetaRequest) -> OssResponse:
    found = find_object(call.state, ask.bucket, ask.key)
    return OssResponse(
        headers={
            "ETag": f'"{found.etag}"',
            "Last-Modified": http_date(found.modified),
            "Content-Length": str(found.size),
            "x-oss-hash-crc64ecma": str(found.crc64),
        }
    )
