"""Tags of a bucket."""

from __future__ import annotations

import re

import msgspec

from openyun.operation import Call, Model, Tag
from openyun.services.oss.bucket.configuration import DocumentRequest, Kind
from openyun.services.oss.errors import InvalidArgument
from openyun.services.oss.service import OssRequest, OssResponse, oss

_MOST = 20
_LONGEST_KEY = 128
_LONGEST_VALUE = 256


class TagSet(Model, kw_only=True):
    tag: list[Tag] = []


class Tagging(Model, kw_only=True):
    tag_set: TagSet = msgspec.field(default_factory=TagSet)


TAGGING = Kind("tagging", "Tagging", Tagging)


class PutBucketTagsRequest(DocumentRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}", action="oss:PutBucketTagging")
def put_bucket_tags(call: Call, ask: PutBucketTagsRequest) -> OssResponse:
    wanted = TAGGING.read(ask.document)
    check_tags(wanted.tag_set.tag)
    TAGGING.put(call, ask.bucket, wanted)
    return OssResponse()


def check_tags(tags: list[Tag]) -> None:
    """Raises InvalidArgument."""
    keys = [one.key for one in tags]
    if len(tags) > _MOST or len(set(keys)) != len(keys):
        raise InvalidArgument(
            reason=f"A bucket has at most {_MOST} tags of different keys.", ArgumentName="Tag", ArgumentValue=len(tags)
        )
    for one in tags:
        reserved = re.match(r"(?i)acs:|aliyun|https?://", one.key) is not None
        if not 1 <= len(one.key) <= _LONGEST_KEY or len(one.value) > _LONGEST_VALUE or reserved:
            raise InvalidArgument(reason="Invalid tag.", ArgumentName="Key", ArgumentValue=one.key)


class GetBucketTagsRequest(OssRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}", action="oss:GetBucketTagging")
def get_bucket_tags(call: Call, ask: GetBucketTagsRequest) -> OssResponse:
    return TAGGING.answer(TAGGING.find(call, ask.bucket))


class DeleteBucketTagsRequest(OssRequest, kw_only=True):
    tagging: str = ""
    """keys of the tags that go, separated by commas; all if empty"""


@oss.operation(resource="{bucket}", action="oss:DeleteBucketTagging")
def delete_bucket_tags(call: Call, ask: DeleteBucketTagsRequest) -> OssResponse:
    gone = ask.tagging.split(",") if ask.tagging else []
    kept = [one for one in TAGGING.find(call, ask.bucket).tag_set.tag if gone and one.key not in gone]
    if kept:
        TAGGING.put(call, ask.bucket, Tagging(tag_set=TagSet(tag=kept)))
    else:
        TAGGING.delete(call, ask.bucket)
    return OssResponse(status=204)
