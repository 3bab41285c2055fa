"""Multipart uploads under way, and the parts of one."""

from __future__ import annotations

import msgspec

from openyun.operation import Call, Model
from openyun.services.oss.errors import InvalidArgument
from openyun.services.oss.object.listing import CommonPrefix, encoder
from openyun.services.oss.object.multipart import find_upload
from openyun.services.oss.paging import MOST, after_all_with
from openyun.services.oss.records import Piece, Upload, find_bucket
from openyun.services.oss.service import ObjectRequest, OssRequest, OssResponse, Owner, oss
from openyun.services.oss.times import iso
from openyun.state import Transaction


def _check_count(name: str, number: int) -> None:
    if not 1 <= number <= MOST:
        raise InvalidArgument(
            reason=f"Argument {name} must be an integer between 1 and {MOST}.",
            ArgumentName=name,
            ArgumentValue=str(number),
        )


class ListPartsRequest(ObjectRequest, kw_only=True):
    upload_id: str = msgspec.field(default="", name="uploadId")
    max_parts: int = MOST
    part_number_marker: str = ""
    encoding_type: str = ""


class ListedPart(Model, kw_only=True):
    part_number: int
    last_modified: str
    e_tag: str = msgspec.field(name="ETag")
    hash_crc64ecma: int = msgspec.field(name="HashCrc64ecma")
    size: int


class ListPartsResult(Model, kw_only=True):
    encoding_type: str | None
    bucket: str
    key: str
    upload_id: str
    storage_class: str
    part_number_marker: int
    next_part_number_marker: int
    max_parts: int
    is_truncated: bool
    part: list[ListedPart]


@oss.operation(resource="{bucket}/{key}")
def list_parts(call: Call, ask: ListPartsRequest) -> OssResponse:
    _check_count("max-parts", ask.max_parts)
    marker = ask.part_number_marker or "0"
    if not (marker.isascii() and marker.isdigit() and len(marker) < 10):
        raise InvalidArgument(
            reason="Argument part-number-marker must be an integer.",
            ArgumentName="part-number-marker",
            ArgumentValue=marker,
        )
    shown = encoder(ask.encoding_type)
    upload = find_upload(call.state, ask.bucket, ask.key, ask.upload_id)
    found = call.state.scan(Piece, "number", after=int(marker), limit=ask.max_parts + 1, content_id=upload.upload_id)
    page = found[: ask.max_parts]
    result = ListPartsResult(
        encoding_type=ask.encoding_type or None,
        bucket=ask.bucket,
        key=shown(ask.key),
        upload_id=upload.upload_id,
        storage_class=upload.draft.storage_class,
        part_number_marker=int(marker),
        next_part_number_marker=page[-1].number if page else 0,
        max_parts=ask.max_parts,
        is_truncated=len(found) > len(page),
        part=[
            ListedPart(
                part_number=one.number,
                last_modified=iso(one.modified),
                e_tag=f'"{one.md5}"',
                hash_crc64ecma=one.crc64,
                size=one.size,
            )
            for one in page
        ],
    )
    return OssResponse(root="ListPartsResult", document=result)


class ListMultipartUploadsRequest(OssRequest, kw_only=True):
    prefix: str = ""
    delimiter: str = ""
    key_marker: str = ""
    upload_id_marker: str = ""
    max_uploads: int = MOST
    encoding_type: str = ""


class ListedUpload(Model, kw_only=True):
    key: str
    upload_id: str
    storage_class: str
    initiated: str
    owner: Owner
    initiator: Owner


class ListMultipartUploadsResult(Model, kw_only=True):
    encoding_type: str | None
    bucket: str
    key_marker: str
    upload_id_marker: str
    next_key_marker: str
    next_upload_id_marker: str
    delimiter: str
    prefix: str
    max_uploads: int
    is_truncated: bool
    upload: list[ListedUpload]
    common_prefixes: list[CommonPrefix]


@oss.operation(resource="{bucket}")
def list_multipart_uploads(call: Call, ask: ListMultipartUploadsRequest) -> OssResponse:
    bucket = find_bucket(call.state, ask.bucket)
    _check_count("max-uploads", ask.max_uploads)
    shown = encoder(ask.encoding_type)
    page = _page(call.state, ask)
    owner = Owner(id=bucket.account_id, display_name=bucket.account_id)
    result = ListMultipartUploadsResult(
        encoding_type=ask.encoding_type or None,
        bucket=ask.bucket,
        key_marker=shown(ask.key_marker),
        upload_id_marker=ask.upload_id_marker,
        next_key_marker=shown(page.last_name),
        next_upload_id_marker=page.last_id,
        delimiter=shown(ask.delimiter),
        prefix=shown(ask.prefix),
        max_uploads=ask.max_uploads,
        is_truncated=page.more,
        upload=[
            ListedUpload(
                key=shown(one.name),
                upload_id=one.upload_id,
                storage_class=one.draft.storage_class,
                initiated=iso(one.initiated),
                owner=owner,
                initiator=owner,
            )
            for one in page.uploads
        ],
        common_prefixes=[CommonPrefix(prefix=shown(one)) for one in page.prefixes],
    )
    return OssResponse(root="ListMultipartUploadsResult", document=result)


class _Page(msgspec.Struct, kw_only=True):
    uploads: list[Upload] = []
    prefixes: list[str] = []
    more: bool = False
    last_name: str = ""
    """of the last entry shown, if there is more"""
    last_id: str = ""


def _page(state: Transaction, ask: ListMultipartUploadsRequest) -> _Page:
    """In order of name, then of upload id. The markers are the last entry of the page before."""
    page = _Page()
    before = after_all_with(ask.prefix)
    if ask.key_marker and ask.upload_id_marker:
        rest = state.scan(
            Upload,
            "upload_id",
            after=ask.upload_id_marker,
            limit=ask.max_uploads + 1,
            bucket=ask.bucket,
            name=ask.key_marker,
        )
        _take(page, rest, ask)
    start: str | None = ask.prefix or None
    behind: str | None = ask.key_marker or None
    if ask.delimiter and ask.key_marker.endswith(ask.delimiter) and len(ask.key_marker) > len(ask.prefix):
        start, behind = after_all_with(ask.key_marker), None
    while not page.more:
        rows = state.scan(
            Upload, "name", start=start, after=behind, before=before, limit=ask.max_uploads + 1, bucket=ask.bucket
        )
        skip = _take(page, rows, ask)
        if page.more or not rows or (not skip and len(rows) <= ask.max_uploads):
            return _closed(page)
        start, behind = (after_all_with(skip), None) if skip else (None, rows[-1].name)
        if start is None and behind is None:
            return _closed(page)
    return _closed(page)


def _take(page: _Page, rows: list[Upload], ask: ListMultipartUploadsRequest) -> str:
    """Add these to the page; the common prefix behind which to go on, if one was met."""
    for row in rows:
        if len(page.uploads) + len(page.prefixes) == ask.max_uploads:
            page.more = True
            return ""
        cut = row.name.find(ask.delimiter, len(ask.prefix)) if ask.delimiter else -1
        if cut >= 0:
            prefix = row.name[: cut + len(ask.delimiter)]
            page.prefixes.append(prefix)
            page.last_name, page.last_id = prefix, ""
            return prefix
        page.uploads.append(row)
        page.last_name, page.last_id = row.name, row.upload_id
    return ""


def _closed(page: _Page) -> _Page:
    """A last page needs no markers for a next one."""
    if not page.more:
        page.last_name = page.last_id = ""
    return page
