"""CopyObject and UploadPartCopy: a new object, or a part of one, from the bytes of another."""

from __future__ import annotations

import base64
import re
from typing import ClassVar, Literal
from urllib.parse import unquote

import msgspec

from openyun.clock import random_text
from openyun.errors import BadRequest, Conflict, Forbidden
from openyun.operation import Call, Model
from openyun.services.oss.bucket.encryption import encryption_headers
from openyun.services.oss.errors import InvalidArgument, InvalidRange, NoSuchUpload, NoUploadForCopy
from openyun.services.oss.object.conditions import ConditionalRequest, unchanged
from openyun.services.oss.object.content import cipher_of, slices_of, store
from openyun.services.oss.object.multipart import check_part_number, check_sequence, find_upload, keep_part
from openyun.services.oss.object.objects import GetObjectRequest, PutObjectRequest, draft, may_write
from openyun.services.oss.object.readable import check_readable
from openyun.services.oss.object.versions import check_version_id, find_version, keep, version_headers
from openyun.services.oss.records import Object, Piece, Small, find_bucket
from openyun.services.oss.service import OssResponse, Slice, oss
from openyun.services.oss.times import iso

_RANGE = re.compile(r"bytes=(\d{1,18})-(\d{0,18})")
_LARGEST = 5 * 1024**3
"""bytes that are copied from one bucket to another in one go"""
_LARGEST_CHANGED = 1024**3
"""bytes that are copied into another storage class or another encryption; S3's clients know no such limit"""


class SourceChanged(Conflict):
    """The source was replaced while its bytes were copied; the gateway copies again."""

    code = "OperationAborted"
    message = "The source object was changed while it was copied."


class CopyBetweenRegions(Forbidden):
    """As the vendor has it; S3 allows it, and then the gateway looks at the source in its own region."""

    code = "AccessDenied"
    message = "Target object does not reside in the same data center as source object."
    ec: ClassVar[str] = "0016-00000306"


class SourceTooLarge(BadRequest):
    code = "EntityTooLarge"
    message = "Source object Length exceeds the maximum allowed size."


class LinkHasNoParts(BadRequest):
    code = "InvalidArgument"
    message = "The source of UploadPartCopy is a symbolic link."
    ec: ClassVar[str] = "0042-00000308"


class Origin(msgspec.Struct, frozen=True):
    """A source as it was found, and where its bytes lie."""

    source: Object
    slices: tuple[Slice, ...]
    headers: dict[str, str]


class CopyingRequest(PutObjectRequest, kw_only=True):
    """What names a source."""

    origin: Origin | Literal["unchanged"] | None = None
    """of a source in another region, whose state this one cannot read; authorized there"""
    pieces: tuple[Slice, ...] = ()
    """what `blob` is, if it is in pieces"""

    copy_source: str = msgspec.field(default="", name="x-oss-copy-source")
    """/bucket/name, percent-encoded, perhaps with ?versionId=..."""
    source_if_match: str = msgspec.field(default="", name="x-oss-copy-source-if-match")
    source_if_none_match: str = msgspec.field(default="", name="x-oss-copy-source-if-none-match")
    source_if_modified_since: str = msgspec.field(default="", name="x-oss-copy-source-if-modified-since")
    source_if_unmodified_since: str = msgspec.field(default="", name="x-oss-copy-source-if-unmodified-since")

    @property
    def source(self) -> tuple[str, str]:
        """Bucket and name. Raises InvalidArgument."""
        path = self.copy_source.partition("?versionId=")[0]
        bucket, _, name = unquote(path.removeprefix("/")).partition("/")
        if not bucket or not name:
            raise InvalidArgument(
                reason="x-oss-copy-source must be /bucket/object.",
                ArgumentName="x-oss-copy-source",
                ArgumentValue=self.copy_source,
            )
        return bucket, name

    @property
    def source_version_id(self) -> str:
        """Raises InvalidArgument."""
        _, asked, version_id = self.copy_source.partition("?versionId=")
        if asked:
            check_version_id(unquote(version_id))
        return unquote(version_id)


def find_source(call: Call, ask: CopyingRequest) -> Object | None:
    """The source, readable and as the conditions want it; None where the client has it already. A symbolic link is
    copied as one, and has no parts."""
    bucket, name = ask.source
    source = find_version(call.state, bucket, name, ask.source_version_id)
    if source.type == "Symlink" and isinstance(ask, UploadPartCopyRequest):
        raise LinkHasNoParts(ArgumentName="x-oss-copy-source", ArgumentValue=ask.copy_source)
    conditions = ConditionalRequest(
        key=name,
        if_match=ask.source_if_match,
        if_none_match=ask.source_if_none_match,
        if_modified_since=ask.source_if_modified_since,
        if_unmodified_since=ask.source_if_unmodified_since,
    )
    if unchanged(conditions, source):
        return None
    if source.type != "Symlink":
        check_readable(call, source)
    return source


def source_request(ask: CopyingRequest) -> GetObjectRequest:
    """What copying takes the right to."""
    bucket, name = ask.source
    return GetObjectRequest(bucket=bucket, key=name, version_id=ask.source_version_id)


def origin_of(call: Call, ask: CopyingRequest) -> Origin | Literal["unchanged"]:
    """The source and what of it is asked for; runs in the source's region."""
    if ask.origin is not None:
        return ask.origin
    source = find_source(call, ask)
    if source is None:
        return "unchanged"
    start, length = _range(ask.range, source.size) if isinstance(ask, UploadPartCopyRequest) else (0, source.size)
    return Origin(source, slices_of(call.state, source, start, length), source_headers(call, source))


def source_headers(call: Call, source: Object) -> dict[str, str]:
    bucket = find_bucket(call.state, source.bucket)
    shown = version_headers(bucket, source)
    return {"x-oss-copy-source-version-id": shown["x-oss-version-id"]} if shown else {}


class CopyObjectRequest(CopyingRequest, kw_only=True):
    directive: str = msgspec.field(default="COPY", name="x-oss-metadata-directive")
    tagging_directive: str = msgspec.field(default="Copy", name="x-oss-tagging-directive")
    limits_of: str = msgspec.field(default="", name="x-oss-copy-limits")
    """s3, of copies by that protocol"""


class CopyObjectResult(Model, kw_only=True):
    e_tag: str = msgspec.field(name="ETag")
    last_modified: str


@oss.operation(resource="{bucket}/{key}", action="oss:PutObject")
def copy_object(call: Call, ask: CopyObjectRequest) -> OssResponse:
    """First without a blob: the answer says what to copy. Then with the copy, whose MD5 is known if it was hashed."""
    bucket = find_bucket(call.state, ask.bucket)
    keeps_metadata = _is_copy(ask.directive, "x-oss-metadata-directive")
    keeps_tags = _is_copy(ask.tagging_directive, "x-oss-tagging-directive")
    made = draft(call, bucket, ask)
    origin = origin_of(call, ask)
    if origin == "unchanged":
        return OssResponse(status=304)
    source = origin.source
    _check_size(ask, source, made)
    existing = may_write(call, bucket, ask.key, ask.forbid_overwrite, ask.write_if)
    if ask.blob is None:
        return OssResponse(data=origin.slices, seal=cipher_of(made) if made.encryption else None)
    if ask.copied != origin.slices:
        raise SourceChanged
    made.size = source.size
    made.etag = ask.blob.md5.hex().upper() if ask.blob.md5 else source.etag
    made.crc64 = source.crc64
    made.checksums = {name: value for name, value in source.checksums.items() if "-" not in value}
    made.md5 = base64.b64encode(ask.blob.md5).decode() if ask.blob.md5 else source.md5
    if source.type == "Symlink":
        made.type, made.target = source.type, source.target
    elif ask.pieces:
        made.type = "Multipart" if source.type == "Multipart" else "Normal"
        made.content_id = _keep_pieces(call, ask.pieces)
    else:
        made.blob_id = store(call, ask, made)
    if keeps_metadata:
        made.content_type, made.headers, made.meta = source.content_type, source.headers, source.meta
    if keeps_tags:
        made.tags = source.tags
    keep(call, bucket, existing, made)
    return OssResponse(
        headers={
            "ETag": f'"{made.etag}"',
            "x-oss-hash-crc64ecma": str(made.crc64),
            **encryption_headers(made),
            **version_headers(bucket, made),
            **origin.headers,
        },
        root="CopyObjectResult",
        document=CopyObjectResult(e_tag=f'"{made.etag}"', last_modified=iso(made.modified)),
    )


def _check_size(ask: CopyObjectRequest, source: Object, made: Object) -> None:
    """Raises SourceTooLarge, for what is to be copied part by part."""
    changed = (made.storage_class, made.encryption) != (source.storage_class, source.encryption)
    if changed and ask.limits_of != "s3":
        most = _LARGEST_CHANGED
    elif source.bucket != made.bucket or ask.limits_of == "s3":
        most = _LARGEST
    else:
        return
    if source.size > most:
        raise SourceTooLarge(MaxSizeAllowed=str(most), ProposedSize=str(source.size))


def _keep_pieces(call: Call, pieces: tuple[Slice, ...]) -> str:
    """The id of the content that they make up."""
    content_id = random_text(32)
    for number, one in enumerate(pieces):
        blob_id = one.blob_id
        if one.data is not None:
            blob_id = f"={random_text(24)}"
            call.state.insert(Small(blob_id=blob_id, data=one.data))
        call.state.insert(Piece(content_id=content_id, number=number, blob_id=blob_id, size=one.length))
    return content_id


def _is_copy(directive: str, name: str) -> bool:
    """COPY or REPLACE, in any case. Raises InvalidArgument."""
    if directive.upper() not in ("COPY", "REPLACE"):
        raise InvalidArgument(reason=f"{name} must be COPY or REPLACE.", ArgumentName=name, ArgumentValue=directive)
    return directive.upper() == "COPY"


class UploadPartCopyRequest(CopyingRequest, kw_only=True):
    part_number: int = msgspec.field(default=0, name="partNumber")
    upload_id: str = msgspec.field(default="", name="uploadId")
    range: str = msgspec.field(default="", name="x-oss-copy-source-range")


class CopyPartResult(Model, kw_only=True):
    last_modified: str
    e_tag: str = msgspec.field(name="ETag")


@oss.operation(resource="{bucket}/{key}", action="oss:PutObject")
def upload_part_copy(call: Call, ask: UploadPartCopyRequest) -> OssResponse:
    """In two steps, as CopyObject; the bytes are always hashed, for the part's ETag."""
    try:
        upload = find_upload(call.state, ask.bucket, ask.key, ask.upload_id)
    except NoSuchUpload:
        raise NoUploadForCopy(UploadId=ask.upload_id) from None
    check_part_number(ask.part_number)
    check_sequence(call.state, upload, ask.part_number)
    origin = origin_of(call, ask)
    if origin == "unchanged":
        return OssResponse(status=304)
    if ask.blob is None:
        return OssResponse(data=origin.slices)
    if ask.copied != origin.slices:
        raise SourceChanged
    part = keep_part(call, upload, ask.part_number, ask)
    return OssResponse(
        headers={"ETag": f'"{part.md5}"', **origin.headers},
        root="CopyPartResult",
        document=CopyPartResult(last_modified=iso(part.modified), e_tag=f'"{part.md5}"'),
    )


def _range(text: str, size: int) -> tuple[int, int]:
    """Start and length; the whole if it is no range. Raises InvalidRange for one that begins behind the end."""
    asked = _RANGE.fullmatch(text)
    if asked is None:
        return 0, size
    start, end = int(asked[1]), min(int(asked[2] or size), size - 1)
    if start > end:
        raise InvalidRange(ActualObjectSize=str(size), RangeRequested=text.removeprefix("bytes="))
    return start, end - start + 1
