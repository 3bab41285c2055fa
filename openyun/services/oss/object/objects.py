"""Objects: put, get, head, meta, delete.

The bytes are in a blob, which is written before its row and freed after the row is gone; so an object is always the
whole old one or the whole new one.
"""

from __future__ import annotations

import base64

import msgspec

from openyun.operation import Call
from openyun.services.oss.bucket.access_monitor import access_headers, note_access
from openyun.services.oss.bucket.acl import object_acl
from openyun.services.oss.bucket.encryption import encrypt, encryption_headers
from openyun.services.oss.bucket.overwrite import OVERWRITE, check_overwrite
from openyun.services.oss.errors import (
    FileAlreadyExists,
    InvalidArgument,
    InvalidForbidOverwrite,
    InvalidObjectName,
    InvalidTargetType,
    MetadataTooLarge,
    NoSuchKey,
    PreconditionFailed,
    SymlinkTargetNotExist,
)
from openyun.services.oss.object.checksums import checksum_headers
from openyun.services.oss.object.conditions import ConditionalRequest, part, unchanged
from openyun.services.oss.object.content import cipher_of, piece_of, slices_of, store
from openyun.services.oss.object.readable import check_readable
from openyun.services.oss.object.retention import lock_headers, read_lock
from openyun.services.oss.object.storage_class import check_storage_class, restore_headers
from openyun.services.oss.object.tags import read_tagging_header
from openyun.services.oss.object.versions import find_version, keep, version_headers
from openyun.services.oss.records import Bucket, Object, find_bucket
from openyun.services.oss.service import ObjectRequest, OssResponse, UploadRequest, oss
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
    tagging: str = msgspec.field(default="", name="x-oss-tagging")
    encryption: str = msgspec.field(default="", name="x-oss-server-side-encryption")
    encryption_key_id: str = msgspec.field(default="", name="x-oss-server-side-encryption-key-id")
    data_encryption: str = msgspec.field(default="", name="x-oss-server-side-data-encryption")
    worm_mode: str = msgspec.field(default="", name="x-oss-object-worm-mode")
    worm_until: str = msgspec.field(default="", name="x-oss-object-worm-retain-until-date")
    legal_hold: str = msgspec.field(default="", name="x-oss-object-worm-legal-hold")
    write_if: str = msgspec.field(default="", name="x-oss-write-if")
    """of S3's clients: the ETag that the name must have now, or `absent`"""


@oss.operation(resource="{bucket}/{key}")
def put_object(call: Call, ask: PutObjectRequest) -> OssResponse:
    bucket = find_bucket(call.state, ask.bucket)
    made = draft(call, bucket, ask)
    existing = may_write(call, bucket, ask.key, ask.forbid_overwrite, ask.write_if)
    blob = ask.blob
    if blob is None:
        return OssResponse(seal=cipher_of(made) if made.encryption else None)
    made.size = blob.size
    made.etag = blob.md5.hex().upper()
    made.crc64 = blob.crc64
    made.md5 = base64.b64encode(blob.md5).decode()
    made.checksums = ask.checksums
    made.blob_id = store(call, ask, made)
    keep(call, bucket, existing, made)
    return OssResponse(
        headers={
            "ETag": f'"{made.etag}"',
            "x-oss-hash-crc64ecma": str(made.crc64),
            "Content-MD5": made.md5,
            **encryption_headers(made),
            **version_headers(bucket, made),
        }
    )


def draft(call: Call, bucket: Bucket, ask: PutObjectRequest) -> Object:
    """The object that a request describes, without its bytes. Raises errors of a bad description."""
    check_object_name(ask.key)
    check_metadata(ask.meta)
    made = Object(
        bucket=bucket.name,
        name=ask.key,
        size=0,
        etag="",
        crc64=0,
        modified=int(call.now.timestamp()),
        storage_class=check_storage_class(ask.storage_class, "x-oss-storage-class") or bucket.storage_class,
        content_type=ask.content_type or "application/octet-stream",
        headers=kept_headers(ask),
        meta=ask.meta,
        acl=object_acl(ask.acl),
        tags=read_tagging_header(ask.tagging) if ask.tagging else {},
        lock=read_lock(call, bucket, ask.worm_mode, ask.worm_until, ask.legal_hold),
    )
    encrypt(call.state, bucket, made, ask.encryption, ask.encryption_key_id, ask.data_encryption)
    return made


def check_object_name(name: str) -> None:
    if not name or name[0] in "/\\" or "\0" in name or len(name.encode()) > _LONGEST_NAME:
        raise InvalidObjectName(ObjectName=name)


def check_metadata(meta: dict[str, str]) -> None:
    if sum(len(name) + len(value.encode()) for name, value in meta.items()) > _MOST_METADATA:
        raise MetadataTooLarge


def may_write(call: Call, bucket: Bucket, name: str, forbid_overwrite: str, write_if: str = "") -> Object | None:
    """The object that the new one will replace. Raises FileAlreadyExists; with versions nothing is overwritten, so
    there the wish has no effect. Of `write_if`, PreconditionFailed and NoSuchKey, also with versions."""
    if forbid_overwrite not in ("true", "false"):
        raise InvalidForbidOverwrite(ArgumentName="x-oss-forbid-overwrite", ArgumentValue=forbid_overwrite)
    existing = call.state.get(Object, bucket.name, name)
    if write_if == "absent" and existing is not None:
        raise PreconditionFailed(Condition="If-None-Match")
    if write_if not in ("", "absent"):
        if existing is None:
            raise NoSuchKey(Key=name)
        if write_if not in (existing.etag, "*"):
            raise PreconditionFailed(Condition="If-Match")
    if existing is not None and forbid_overwrite == "true" and not bucket.versioning:
        raise FileAlreadyExists(Key=name)
    if existing is not None and OVERWRITE.name in bucket.configured and not bucket.versioning:
        check_overwrite(call, bucket, name)
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
    version_id: str = msgspec.field(default="", name="versionId")
    range: str = ""
    range_behavior: str = msgspec.field(default="", name="x-oss-range-behavior")
    response_content_type: str = ""
    response_content_language: str = ""
    response_expires: str = ""
    response_cache_control: str = ""
    response_content_disposition: str = ""
    response_content_encoding: str = ""
    checksum_mode: str = msgspec.field(default="", name="x-oss-checksum-mode")
    part_number: int = msgspec.field(default=0, name="x-oss-part-number")
    """of S3's clients: this part of what was uploaded in parts, instead of a range"""


@oss.operation(resource="{bucket}/{key}")
def get_object(call: Call, ask: GetObjectRequest) -> OssResponse:
    bucket = find_bucket(call.state, ask.bucket)
    found = find_version(call.state, ask.bucket, ask.key, ask.version_id)
    link, found = found, behind(call, found)
    headers = described(call, bucket, link, found)
    if unchanged(ask, found):
        return OssResponse(status=304, headers=headers)
    check_readable(call, found)
    headers |= _overrides(ask)
    note_access(call, bucket, found)
    wanted = part(ask.range, found.size, standard=ask.range_behavior == "standard") if ask.range else None
    if ask.part_number:
        wanted, count = piece_of(call.state, found, ask.part_number)
        headers |= {"x-oss-part-count": str(count)} if count else {}
    elif ask.checksum_mode and wanted is None:
        headers |= checksum_headers(found)
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


def behind(call: Call, found: Object) -> Object:
    """The object itself, or the one that a symbolic link points to. Raises SymlinkTargetNotExist, InvalidTargetType."""
    if found.type != "Symlink":
        return found
    try:
        target = find_version(call.state, found.bucket, found.target)
    except NoSuchKey:
        raise SymlinkTargetNotExist(Key=found.name, TargetKey=found.target) from None
    if target.type == "Symlink":
        raise InvalidTargetType(Key=found.name, TargetKey=found.target)
    return target


def described(call: Call, bucket: Bucket, link: Object, found: Object) -> dict[str, str]:
    """The headers that tell of an object; `link` is it or the symbolic link that it was reached by."""
    headers = {
        "Content-Type": link.content_type,
        "ETag": f'"{found.etag}"',
        "Last-Modified": http_date(max(link.modified, found.modified)),
        "Accept-Ranges": "bytes",
        "x-oss-object-type": link.type,
        "x-oss-hash-crc64ecma": str(found.crc64),
        "x-oss-storage-class": link.storage_class,
    }
    if bucket.versioning:
        headers |= version_headers(bucket, link)
    if found.type == "Appendable":
        headers["x-oss-next-append-position"] = str(found.size)
    if found.md5:
        headers["Content-MD5"] = found.md5
    headers |= encryption_headers(found)
    headers |= lock_headers(link)
    if link.tags:
        headers["x-oss-tagging-count"] = str(len(link.tags))
    if link.thawed_at:
        headers |= restore_headers(link, call.now)
    headers |= link.headers
    for name, value in link.meta.items():
        headers[f"x-oss-meta-{name}"] = value
    return headers


class HeadObjectRequest(ConditionalRequest, kw_only=True):
    version_id: str = msgspec.field(default="", name="versionId")
    checksum_mode: str = msgspec.field(default="", name="x-oss-checksum-mode")
    part_number: int = msgspec.field(default=0, name="x-oss-part-number")


@oss.operation(resource="{bucket}/{key}", action="oss:GetObject")
def head_object(call: Call, ask: HeadObjectRequest) -> OssResponse:
    bucket = find_bucket(call.state, ask.bucket)
    link = find_version(call.state, ask.bucket, ask.key, ask.version_id)
    found = behind(call, link)
    headers = described(call, bucket, link, found)
    if unchanged(ask, found):
        return OssResponse(status=304, headers=headers)
    headers["Content-Length"] = str(found.size)
    if ask.checksum_mode:
        headers |= checksum_headers(found)
    if ask.part_number:
        wanted, count = piece_of(call.state, found, ask.part_number)
        headers |= {"x-oss-part-count": str(count)} if count else {}
        if wanted is not None:
            headers["Content-Length"] = str(wanted[1])
            headers["Content-Range"] = f"bytes {wanted[0]}-{sum(wanted) - 1}/{found.size}"
            return OssResponse(status=206, headers=headers)
    return OssResponse(headers=headers)


class GetObjectMetaRequest(ObjectRequest, kw_only=True):
    version_id: str = msgspec.field(default="", name="versionId")


@oss.operation(resource="{bucket}/{key}", action="oss:GetObject")
def get_object_meta(call: Call, ask: GetObjectMetaRequest) -> OssResponse:
    """Of a symbolic link, what the link itself is."""
    bucket = find_bucket(call.state, ask.bucket)
    found = find_version(call.state, ask.bucket, ask.key, ask.version_id)
    return OssResponse(
        headers={
            "ETag": f'"{found.etag}"',
            "Last-Modified": http_date(found.modified),
            "Content-Length": str(found.size),
            "x-oss-hash-crc64ecma": str(found.crc64),
            **access_headers(call.state, bucket, found),
            **version_headers(bucket, found),
        }
    )
