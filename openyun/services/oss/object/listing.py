"""Listing objects in the order of their names' bytes, with everything behind a delimiter rolled up."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from urllib.parse import quote

import msgspec

from openyun.operation import Call, Model
from openyun.services.oss.errors import InvalidArgument
from openyun.services.oss.object.storage_class import restore_headers
from openyun.services.oss.paging import after_all_with, check_encoding, check_lengths, check_page
from openyun.services.oss.records import Object, find_bucket
from openyun.services.oss.service import OssRequest, OssResponse, Owner, oss
from openyun.services.oss.times import iso
from openyun.state import Transaction

_FEW = 2
_MANY = 1001


class Page(msgspec.Struct, kw_only=True):
    objects: list[Object]
    prefixes: list[str]
    next_after: str
    """the last name or common prefix shown, if there is more"""


def page_of(state: Transaction, bucket: str, *, prefix: str, delimiter: str, after: str, limit: int) -> Page:
    """At most `limit` objects and common prefixes that come after `after`."""
    objects: list[Object] = []
    prefixes: list[str] = []
    before = after_all_with(prefix)
    start: str | None = prefix or None
    behind: str | None = after or None
    if delimiter and after.startswith(prefix) and after.endswith(delimiter) and len(after) > len(prefix):
        # The last page ended with this common prefix.
        start, behind = after_all_with(after), None
    last = ""
    batch = _FEW if delimiter else _MANY
    while True:
        batch = min(batch, limit + 1 - len(objects) - len(prefixes))
        rows = state.scan(Object, "name", start=start, after=behind, before=before, limit=batch, bucket=bucket)
        skipped = False
        for row in rows:
            if len(objects) + len(prefixes) == limit:
                return Page(objects=objects, prefixes=prefixes, next_after=last)
            cut = row.name.find(delimiter, len(prefix)) if delimiter else -1
            if cut < 0:
                objects.append(row)
                last = row.name
                continue
            last = row.name[: cut + len(delimiter)]
            prefixes.append(last)
            start, behind = after_all_with(last), None
            skipped = True
            break
        if skipped:
            # Whole directories are skipped, each by one look-up: their size does not matter.
            if start is None:
                return Page(objects=objects, prefixes=prefixes, next_after="")
            batch = _FEW
            continue
        if len(rows) < batch:
            return Page(objects=objects, prefixes=prefixes, next_after="")
        start, behind = None, rows[-1].name
        batch = min(_MANY, batch * 4)


class ListedObject(Model, kw_only=True):
    key: str
    last_modified: str
    e_tag: str = msgspec.field(name="ETag")
    type: str
    size: int
    storage_class: str
    restore_info: str | None = None
    owner: Owner | None = None


class CommonPrefix(Model, kw_only=True):
    prefix: str


class ListObjectsRequest(OssRequest, kw_only=True):
    prefix: str = ""
    delimiter: str = ""
    marker: str = ""
    max_keys: int = 100
    encoding_type: str = ""


class ListBucketResult(Model, kw_only=True):
    name: str
    prefix: str
    marker: str
    max_keys: int
    delimiter: str
    encoding_type: str | None
    is_truncated: bool
    next_marker: str | None
    contents: list[ListedObject]
    common_prefixes: list[CommonPrefix]


@oss.operation(resource="{bucket}")
def list_objects(call: Call, ask: ListObjectsRequest) -> OssResponse:
    bucket = find_bucket(call.state, ask.bucket)
    check_page(ask.max_keys)
    check_lengths(prefix=ask.prefix, marker=ask.marker, delimiter=ask.delimiter)
    shown = encoder(ask.encoding_type)
    page = page_of(
        call.state, bucket.name, prefix=ask.prefix, delimiter=ask.delimiter, after=ask.marker, limit=ask.max_keys
    )
    owner = Owner(id=bucket.account_id, display_name=bucket.account_id)
    result = ListBucketResult(
        name=bucket.name,
        prefix=shown(ask.prefix),
        marker=shown(ask.marker),
        max_keys=ask.max_keys,
        delimiter=shown(ask.delimiter),
        encoding_type=ask.encoding_type or None,
        is_truncated=bool(page.next_after),
        next_marker=shown(page.next_after) or None,
        contents=[_listed(call, one, shown, owner) for one in page.objects],
        common_prefixes=[CommonPrefix(prefix=shown(one)) for one in page.prefixes],
    )
    return OssResponse(root="ListBucketResult", document=result)


class ListObjectsV2Request(OssRequest, kw_only=True):
    prefix: str = ""
    delimiter: str = ""
    start_after: str = ""
    continuation_token: str = ""
    max_keys: int = 100
    encoding_type: str = ""
    fetch_owner: bool = False


class ListBucketResultV2(Model, kw_only=True):
    name: str
    prefix: str
    start_after: str | None
    continuation_token: str | None
    max_keys: int
    delimiter: str
    encoding_type: str | None
    is_truncated: bool
    next_continuation_token: str | None
    key_count: int
    contents: list[ListedObject]
    common_prefixes: list[CommonPrefix]


@oss.operation(resource="{bucket}", action="oss:ListObjects")
def list_objects_v2(call: Call, ask: ListObjectsV2Request) -> OssResponse:
    bucket = find_bucket(call.state, ask.bucket)
    check_page(ask.max_keys)
    check_lengths(prefix=ask.prefix, start_after=ask.start_after, delimiter=ask.delimiter)
    shown = encoder(ask.encoding_type)
    after = _name_of(ask.continuation_token) if ask.continuation_token else ask.start_after
    page = page_of(call.state, bucket.name, prefix=ask.prefix, delimiter=ask.delimiter, after=after, limit=ask.max_keys)
    owner = Owner(id=bucket.account_id, display_name=bucket.account_id) if ask.fetch_owner else None
    result = ListBucketResultV2(
        name=bucket.name,
        prefix=shown(ask.prefix),
        start_after=shown(ask.start_after) or None,
        continuation_token=ask.continuation_token or None,
        max_keys=ask.max_keys,
        delimiter=shown(ask.delimiter),
        encoding_type=ask.encoding_type or None,
        is_truncated=bool(page.next_after),
        next_continuation_token=_token_of(page.next_after) if page.next_after else None,
        key_count=len(page.objects) + len(page.prefixes),
        contents=[_listed(call, one, shown, owner) for one in page.objects],
        common_prefixes=[CommonPrefix(prefix=shown(one)) for one in page.prefixes],
    )
    return OssResponse(root="ListBucketResult", document=result)


def _listed(call: Call, one: Object, shown: Callable[[str], str], owner: Owner | None) -> ListedObject:
    return ListedObject(
        key=shown(one.name),
        last_modified=iso(one.modified),
        e_tag=f'"{one.etag}"',
        type=one.type,
        size=one.size,
        storage_class=one.storage_class,
        restore_info=restore_info(call, one) if one.thawed_at else None,
        owner=owner,
    )


def restore_info(call: Call, one: Object) -> str | None:
    """How far the restoration of an archived object is."""
    return restore_headers(one, call.now).get("x-oss-restore")


def encoder(encoding_type: str) -> Callable[[str], str]:
    """How names are written in this answer. Raises InvalidArgument."""
    if check_encoding(encoding_type):
        return lambda text: quote(text, safe="")
    return lambda text: text


def _token_of(name: str) -> str:
    return base64.urlsafe_b64encode(name.encode()).decode()


def _name_of(token: str) -> str:
    try:
        return base64.b64decode(token, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise InvalidArgument(
            reason="The continuation token is not one that was given.",
            ArgumentName="continuation-token",
            ArgumentValue=token,
        ) from None
