"""Referers: which pages may link to a bucket's objects."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from urllib.parse import urlsplit

import msgspec

from openyun.access import wildcard
from openyun.operation import Call, Model
from openyun.services.oss.bucket.configuration import DocumentRequest, Kind
from openyun.services.oss.bucket.configuration_errors import BadReferer
from openyun.services.oss.errors import InvalidArgument
from openyun.services.oss.records import Bucket
from openyun.services.oss.service import OssRequest, OssResponse, oss
from openyun.state import Transaction

_MOST = 20 * 1024
"""bytes of the document, as documented"""


class Referers(Model, kw_only=True):
    referer: list[str] = []


class RefererConfiguration(Model, kw_only=True):
    allow_empty_referer: bool = True
    allow_truncate_query_string: bool = True
    truncate_path: bool = False
    referer_list: Referers = msgspec.field(default_factory=Referers)
    referer_blacklist: Referers | None = None


REFERER = Kind("referer", "RefererConfiguration", RefererConfiguration)


class PutBucketRefererRequest(DocumentRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def put_bucket_referer(call: Call, ask: PutBucketRefererRequest) -> OssResponse:
    wanted = REFERER.read(ask.document)
    if len(ask.document) > _MOST:
        raise InvalidArgument(
            reason="The referer list is too long.", ArgumentName="RefererList", ArgumentValue=str(len(ask.document))
        )
    for referers in (wanted.referer_list, wanted.referer_blacklist):
        if referers is not None:
            # The vendor's clients send one empty Referer for an empty list.
            referers.referer = [one for one in referers.referer if one]
    if wanted.truncate_path and not wanted.allow_truncate_query_string:
        raise InvalidArgument(
            reason="TruncatePath needs AllowTruncateQueryString.", ArgumentName="TruncatePath", ArgumentValue="true"
        )
    REFERER.put(call, ask.bucket, wanted)
    return OssResponse()


class GetBucketRefererRequest(OssRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def get_bucket_referer(call: Call, ask: GetBucketRefererRequest) -> OssResponse:
    return REFERER.answer(REFERER.find(call, ask.bucket))


def check_referer(state: Transaction, bucket: Bucket, referer: str) -> None:
    """For anonymous requests and signed URLs. Raises BadReferer."""
    rules = REFERER.of(state, bucket)
    if rules is None:
        return
    allowed = rules.referer_list.referer
    denied = rules.referer_blacklist.referer if rules.referer_blacklist else []
    if not referer:
        if not rules.allow_empty_referer and (allowed or denied):
            raise BadReferer
        return
    shown = _truncated(referer, rules)
    if _one_of(tuple(denied))(shown) or (allowed and not _one_of(tuple(allowed))(shown)):
        raise BadReferer


@lru_cache(maxsize=1024)
def _one_of(patterns: tuple[str, ...]) -> Callable[[str], bool]:
    return wildcard.one_of(pattern.lower() for pattern in patterns)


def _truncated(referer: str, rules: RefererConfiguration) -> str:
    if rules.allow_truncate_query_string:
        referer = referer.partition("?")[0]
    if rules.truncate_path:
        parts = urlsplit(referer)
        referer = f"{parts.scheme}://{parts.netloc}"
    return referer.lower()
