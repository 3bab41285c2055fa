"""Conditional and ranged reading."""

from __future__ import annotations

import re

from openyun.services.oss.errors import InvalidRange, PreconditionFailed
from openyun.services.oss.records import Object
from openyun.services.oss.service import ObjectRequest
from openyun.services.oss.times import read_http_date

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class ConditionalRequest(ObjectRequest, kw_only=True):
    if_match: str = ""
    if_none_match: str = ""
    if_modified_since: str = ""
    if_unmodified_since: str = ""


def unchanged(ask: ConditionalRequest, found: Object) -> bool:
    """Whether the client has it already, which is answered by 304. Raises PreconditionFailed."""
    if ask.if_match:
        if not _names(ask.if_match, found.etag):
            raise PreconditionFailed(Condition="If-Match")
    elif ask.if_unmodified_since:
        since = read_http_date(ask.if_unmodified_since[:64])
        if since is not None and found.modified > since:
            raise PreconditionFailed(Condition="If-Unmodified-Since")
    if ask.if_none_match:
        return _names(ask.if_none_match, found.etag)
    since = read_http_date(ask.if_modified_since[:64]) if ask.if_modified_since else None
    return since is not None and found.modified <= since


def _names(header: str, etag: str) -> bool:
    return any(one.strip().strip('"') in (etag, "*") for one in header.split(","))


def part(header: str, size: int, *, standard: bool) -> tuple[int, int] | None:
    """Start and length of the range asked for; None for the whole.

    A range that does not lie within the object gives the whole, as OSS has it since its beginning; a client that
    sends `x-oss-range-behavior: standard` gets HTTP's way: what there is of it, or InvalidRange.
    """
    asked = _RANGE.fullmatch(header.replace(" ", ""))
    if asked is None or asked[0] == "bytes=-":
        return None
    first, last = asked[1], asked[2]
    if not first:
        length = int(last)
        start, end = max(0, size - length), size - 1
        inside = 0 < length <= size
    else:
        start, end = int(first), int(last) if last else size - 1
        inside = start <= end < size
        if last and start > end:
            return None
    if inside:
        return start, end - start + 1
    if not standard:
        return None
    if start >= size or (not first and int(last) == 0):
        raise InvalidRange(ActualObjectSize=str(size), RangeRequested=header.removeprefix("bytes="))
    return start, min(end, size - 1) - start + 1
