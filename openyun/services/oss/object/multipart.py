"""Multipart uploads. The parts become the pieces of the object as they lie: nothing is copied when it is completed."""

from __future__ import annotations

import base64
import hashlib
from itertools import pairwise
from urllib.parse import quote
from xml.etree.ElementTree import Element

import msgspec

from openyun.clock import random_text
from openyun.operation import Call, Model
from openyun.services.oss import tally, xml
from openyun.services.oss.bucket.acl import object_acl
from openyun.services.oss.bucket.encryption import encryption_headers
from openyun.services.oss.crc64 import combine
from openyun.services.oss.errors import (
    CompleteAllAndDocument,
    EntityTooLarge,
    EntityTooSmall,
    InvalidArgument,
    InvalidPart,
    InvalidPartNumber,
    InvalidPartOrder,
    MalformedXML,
    NoSuchUpload,
    NoUploadForPart,
    PartNotSequential,
)
from openyun.services.oss.object.checksums import checksum_headers, of_parts
from openyun.services.oss.object.content import cipher_of, discard, slices_of, store
from openyun.services.oss.object.objects import PutObjectRequest, draft, may_write
from openyun.services.oss.object.versions import keep, version_headers
from openyun.services.oss.paging import check_encoding
from openyun.services.oss.records import Piece, Upload, find_bucket
from openyun.services.oss.service import ObjectRequest, OssResponse, Slice, UploadRequest, oss
from openyun.state import Transaction

MOST_PARTS = 10_000
_SMALLEST_PART = 100 * 1024
_LARGEST_OBJECT = 48_800 * 1024**3


class InitiateMultipartUploadRequest(PutObjectRequest, kw_only=True):
    encoding_type: str = ""
    sequential: str | None = None
    checksum_type: str = msgspec.field(default="", name="x-oss-checksum-type")


class InitiateMultipartUploadResult(Model, kw_only=True):
    encoding_type: str | None
    bucket: str
    key: str
    upload_id: str


@oss.operation(resource="{bucket}/{key}", action="oss:PutObject")
def initiate_multipart_upload(call: Call, ask: InitiateMultipartUploadRequest) -> OssResponse:
    bucket = find_bucket(call.state, ask.bucket)
    made = draft(call, bucket, ask)
    made.type = "Multipart"
    made.checksums = {"type": ask.checksum_type} if ask.checksum_type else {}
    may_write(call, bucket, ask.key, ask.forbid_overwrite)
    encoded = check_encoding(ask.encoding_type)
    if ask.blob is None:
        return OssResponse()
    upload = Upload(
        bucket=ask.bucket,
        name=ask.key,
        upload_id=random_text(32).upper(),
        initiated=int(call.now.timestamp()),
        draft=made,
        sequential=ask.sequential is not None,
    )
    made.content_id = upload.upload_id
    call.state.insert(upload)
    return OssResponse(
        headers=encryption_headers(made),
        root="InitiateMultipartUploadResult",
        document=InitiateMultipartUploadResult(
            encoding_type=ask.encoding_type or None,
            bucket=ask.bucket,
            key=quote(ask.key, safe="") if encoded else ask.key,
            upload_id=upload.upload_id,
        ),
    )


def find_upload(state: Transaction, bucket: str, name: str, upload_id: str) -> Upload:
    """Raises NoSuchBucket, NoSuchUpload."""
    find_bucket(state, bucket)
    found = state.get(Upload, bucket, name, upload_id)
    if found is None:
        raise NoSuchUpload(UploadId=upload_id)
    return found


class UploadPartRequest(UploadRequest, kw_only=True):
    part_number: int = msgspec.field(default=0, name="partNumber")
    upload_id: str = msgspec.field(default="", name="uploadId")


@oss.operation(resource="{bucket}/{key}", action="oss:PutObject")
def upload_part(call: Call, ask: UploadPartRequest) -> OssResponse:
    try:
        upload = find_upload(call.state, ask.bucket, ask.key, ask.upload_id)
    except NoSuchUpload:
        raise NoUploadForPart(UploadId=ask.upload_id) from None
    check_part_number(ask.part_number)
    check_sequence(call.state, upload, ask.part_number)
    if ask.blob is None:
        return OssResponse(seal=cipher_of(upload.draft) if upload.draft.encryption else None)
    part = keep_part(call, upload, ask.part_number, ask)
    return OssResponse(
        headers={
            "ETag": f'"{part.md5}"',
            "Content-MD5": base64.b64encode(bytes.fromhex(part.md5)).decode(),
            "x-oss-hash-crc64ecma": str(part.crc64),
            **encryption_headers(upload.draft),
        }
    )


def check_part_number(number: int) -> None:
    if not 1 <= number <= MOST_PARTS:
        raise InvalidPartNumber(ArgumentName="partNumber", ArgumentValue=str(number))


def check_sequence(state: Transaction, upload: Upload, number: int) -> None:
    """Of a sequential upload each part follows the last one, or is that again. Raises PartNotSequential."""
    if not upload.sequential:
        return
    last = state.scan(Piece, "number", descending=True, limit=1, content_id=upload.upload_id)
    held = last[0].number if last else 0
    if number not in (held, held + 1):
        raise PartNotSequential(PartNumber=str(number))


def keep_part(call: Call, upload: Upload, number: int, ask: UploadRequest) -> Piece:
    """In place of an earlier one of the same number."""
    assert ask.blob is not None  # noqa: S101  for the type checker: callers have stored it
    state = call.state
    earlier = state.get(Piece, upload.upload_id, number)
    part = Piece(
        content_id=upload.upload_id,
        number=number,
        blob_id=store(call, ask, upload.draft),
        size=ask.blob.size,
        md5=ask.blob.md5.hex().upper(),
        crc64=ask.blob.crc64,
        checksums=ask.checksums,
        modified=int(call.now.timestamp()),
    )
    state.put(part)
    if earlier is not None:
        discard(call, [earlier.blob_id])
    tally.count_parts(
        state, upload.bucket, upload.upload_id, 0 if earlier else 1, part.size - (earlier.size if earlier else 0)
    )
    return part


class CompleteMultipartUploadRequest(ObjectRequest, kw_only=True):
    upload_id: str = msgspec.field(default="", name="uploadId")
    encoding_type: str = ""
    complete_all: str = msgspec.field(default="", name="x-oss-complete-all")
    forbid_overwrite: str = msgspec.field(default="false", name="x-oss-forbid-overwrite")
    acl: str = msgspec.field(default="", name="x-oss-object-acl")
    write_if: str = msgspec.field(default="", name="x-oss-write-if")
    checksum_type: str = msgspec.field(default="", name="x-oss-checksum-type")
    etag_of: str = msgspec.field(default="", name="x-oss-multipart-etag")
    """s3, of uploads by that protocol"""
    document: bytes = b""
    md5: bytes = b""
    """of all parts together, where the upload was sequential"""
    hashed: tuple[str, ...] = ()
    """the blobs whose MD5 that is"""


class Sequence(msgspec.Struct, frozen=True):
    """The bytes of a sequential upload, in the order of its parts."""

    blob_ids: tuple[str, ...]
    slices: tuple[Slice, ...]


def sequence_of(call: Call, ask: CompleteMultipartUploadRequest) -> Sequence | None:
    """What is to be hashed before this upload is completed; None if it is not sequential."""
    upload = find_upload(call.state, ask.bucket, ask.key, ask.upload_id)
    if not upload.sequential:
        return None
    parts = call.state.find(Piece, content_id=upload.upload_id)
    whole = slices_of(call.state, upload.draft, 0, sum(one.size for one in parts))
    return Sequence(tuple(one.blob_id for one in parts), whole)


class CompleteMultipartUploadResult(Model, kw_only=True):
    encoding_type: str | None
    location: str
    bucket: str
    key: str
    e_tag: str = msgspec.field(name="ETag")


@oss.operation(resource="{bucket}/{key}", action="oss:PutObject")
def complete_multipart_upload(call: Call, ask: CompleteMultipartUploadRequest) -> OssResponse:
    bucket = find_bucket(call.state, ask.bucket)
    encoded = check_encoding(ask.encoding_type)
    every = _wants_all(ask)
    listed = [] if every else _read_parts(ask.document)
    upload = find_upload(call.state, ask.bucket, ask.key, ask.upload_id)
    stored = {one.number: one for one in call.state.find(Piece, content_id=upload.upload_id)}
    parts = list(stored.values()) if every else [_part(stored, number, etag) for number, etag in listed]
    if not parts and (stored or ask.etag_of == "s3"):
        raise MalformedXML  # an upload without any part becomes an empty object
    for one in parts[:-1]:
        if one.size < _SMALLEST_PART:
            raise EntityTooSmall(
                ETag=one.md5, MinSizeAllowed=str(_SMALLEST_PART), ProposedSize=str(one.size), PartNumber=str(one.number)
            )
    made = upload.draft
    if ask.acl:
        made.acl = object_acl(ask.acl)
    made.size = sum(one.size for one in parts)
    if made.size > _LARGEST_OBJECT:
        raise EntityTooLarge(MaxSizeAllowed=str(_LARGEST_OBJECT), ProposedSize=str(made.size))
    existing = may_write(call, bucket, ask.key, ask.forbid_overwrite, ask.write_if)
    whole = "FULL_OBJECT" in (ask.checksum_type, made.checksums.get("type"))
    made.checksums = of_parts(parts, whole=whole)
    for one in parts:
        made.crc64 = combine(made.crc64, one.crc64, one.size)
    made.etag = _etag(parts, binary=ask.etag_of == "s3")
    if upload.sequential and ask.hashed == tuple(one.blob_id for one in parts):
        made.md5 = base64.b64encode(ask.md5).decode()
    made.modified = int(call.now.timestamp())
    _drop_parts(call, upload, list(stored.values()), set(stored) - {one.number for one in parts})
    keep(call, bucket, existing, made)
    headers = {
        "ETag": f'"{made.etag}"',
        "x-oss-hash-crc64ecma": str(made.crc64),
        **encryption_headers(made),
        **version_headers(bucket, made),
        **(checksum_headers(made) if ask.etag_of == "s3" else {}),
    }
    result = CompleteMultipartUploadResult(
        encoding_type=ask.encoding_type or None,
        location=f"http://{ask.bucket}.oss-{call.region.id}.aliyuncs.com/{quote(ask.key, safe='')}",
        bucket=ask.bucket,
        key=quote(ask.key, safe="") if encoded else ask.key,
        e_tag=f'"{made.etag}"',
    )
    return OssResponse(headers=headers, root="CompleteMultipartUploadResult", document=result)


def _wants_all(ask: CompleteMultipartUploadRequest) -> bool:
    """All parts that there are, instead of a list. Raises InvalidArgument."""
    if not ask.complete_all:
        return False
    if ask.document:
        raise CompleteAllAndDocument
    if ask.complete_all != "yes":
        raise InvalidArgument(
            reason="x-oss-complete-all must be yes.",
            ArgumentName="x-oss-complete-all",
            ArgumentValue=ask.complete_all,
        )
    return True


def _read_parts(body: bytes) -> list[tuple[int, str]]:
    """Numbers and ETags. Raises MalformedXML, InvalidPartOrder."""
    root = xml.parse(body)
    parts = [(_number(one), xml.text_of(one, "ETag").strip().strip('"').upper()) for one in root.findall("Part")]
    if root.tag != "CompleteMultipartUpload" or len(parts) > MOST_PARTS:
        raise MalformedXML
    if any(first[0] >= second[0] for first, second in pairwise(parts)):
        raise InvalidPartOrder
    return parts


def _number(part: Element) -> int:
    text = xml.text_of(part, "PartNumber").strip()
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise MalformedXML
    return int(text)


def _part(stored: dict[int, Piece], number: int, etag: str) -> Piece:
    check_part_number(number)
    found = stored.get(number)
    if found is None or found.md5 != etag:
        raise InvalidPart(PartNumber=str(number), ETag=etag)
    return found


def _etag(parts: list[Piece], *, binary: bool) -> str:
    """Not the MD5 of the whole, which nobody has read, but of the parts' digests; and how many they are. S3's clients
    know it by the digests themselves, OSS's by their hexadecimal text."""
    digests = b"".join(bytes.fromhex(one.md5) if binary else one.md5.encode() for one in parts)
    return f"{hashlib.md5(digests, usedforsecurity=False).hexdigest().upper()}-{len(parts)}"


def _drop_parts(call: Call, upload: Upload, stored: list[Piece], unused: set[int]) -> None:
    """End the upload; of its parts only those stay that the object is made of."""
    call.state.delete(upload)
    tally.count_parts(call.state, upload.bucket, upload.upload_id, -len(stored), -sum(one.size for one in stored))
    gone = [one for one in stored if one.number in unused]
    for one in gone:
        call.state.delete(one)
    discard(call, [one.blob_id for one in gone])


class AbortMultipartUploadRequest(ObjectRequest, kw_only=True):
    upload_id: str = msgspec.field(default="", name="uploadId")


@oss.operation(resource="{bucket}/{key}")
def abort_multipart_upload(call: Call, ask: AbortMultipartUploadRequest) -> OssResponse:
    abort(call, find_upload(call.state, ask.bucket, ask.key, ask.upload_id))
    return OssResponse(status=204)


def abort(call: Call, upload: Upload) -> None:
    """The parts go with the upload."""
    stored = call.state.find(Piece, content_id=upload.upload_id)
    _drop_parts(call, upload, stored, {one.number for one in stored})
