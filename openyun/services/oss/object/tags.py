"""Tags of objects."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

import msgspec

from openyun.operation import Call, Model
from openyun.services.oss import xml
from openyun.services.oss.bucket.replication import note
from openyun.services.oss.errors import InvalidTag, MalformedXML
from openyun.services.oss.object.versions import find_version, version_headers
from openyun.services.oss.records import find_bucket
from openyun.services.oss.service import ObjectRequest, OssResponse, oss

_MOST = 10
_TEXT = re.compile(r"[\w +\-=.:/]*")
_LONGEST_KEY = 128
_LONGEST_VALUE = 256


def check_tags(tags: list[tuple[str, str]]) -> dict[str, str]:
    """Raises InvalidTag: at most ten, keys of 1 to 128 and values of at most 256 characters, each key once."""
    if len(tags) > _MOST:
        raise InvalidTag(reason=f"Object tags cannot be greater than {_MOST}.")
    checked: dict[str, str] = {}
    for key, value in tags:
        if not 1 <= len(key) <= _LONGEST_KEY or not _TEXT.fullmatch(key):
            raise InvalidTag(reason="The TagKey you have provided is invalid.", TagKey=key)
        if len(value) > _LONGEST_VALUE or not _TEXT.fullmatch(value):
            raise InvalidTag(reason="The TagValue you have provided is invalid.", TagValue=value)
        if key in checked:
            raise InvalidTag(reason="Cannot provide multiple Tags with the same key.", TagKey=key)
        checked[key] = value
    return checked


def read_tagging_header(text: str) -> dict[str, str]:
    """`a=1&b=2`, percent-encoded. Raises InvalidTag."""
    try:
        return check_tags(parse_qsl(text, keep_blank_values=True, strict_parsing=False, errors="strict"))
    except ValueError:
        raise InvalidTag(reason="The header x-oss-tagging is invalid.") from None


class Tag(Model, kw_only=True):
    key: str
    value: str


class TagSet(Model, kw_only=True):
    tag: list[Tag]


class Tagging(Model, kw_only=True):
    tag_set: TagSet


def read_tagging(body: bytes) -> dict[str, str]:
    """Raises MalformedXML, InvalidTag."""
    root = xml.parse(body)
    tag_set = root.find("TagSet")
    if root.tag != "Tagging" or tag_set is None:
        raise MalformedXML
    tags = tag_set.findall("Tag")
    if any(one.find("Key") is None for one in tags):
        raise MalformedXML
    return check_tags([(xml.text_of(one, "Key"), xml.text_of(one, "Value")) for one in tags])


def tagging_of(tags: dict[str, str]) -> Tagging:
    return Tagging(tag_set=TagSet(tag=[Tag(key=key, value=value) for key, value in tags.items()]))


class PutObjectTaggingRequest(ObjectRequest, kw_only=True):
    version_id: str = msgspec.field(default="", name="versionId")
    document: bytes = b""


@oss.operation(resource="{bucket}/{key}")
def put_object_tagging(call: Call, ask: PutObjectTaggingRequest) -> OssResponse:
    bucket = find_bucket(call.state, ask.bucket)
    found = find_version(call.state, ask.bucket, ask.key, ask.version_id)
    found.tags = read_tagging(ask.document)
    call.state.put(found)
    note(call, bucket, ask.key)
    return OssResponse(headers=version_headers(bucket, found))


class GetObjectTaggingRequest(ObjectRequest, kw_only=True):
    version_id: str = msgspec.field(default="", name="versionId")


@oss.operation(resource="{bucket}/{key}")
def get_object_tagging(call: Call, ask: GetObjectTaggingRequest) -> OssResponse:
    bucket = find_bucket(call.state, ask.bucket)
    found = find_version(call.state, ask.bucket, ask.key, ask.version_id)
    return OssResponse(headers=version_headers(bucket, found), root="Tagging", document=tagging_of(found.tags))


class DeleteObjectTaggingRequest(ObjectRequest, kw_only=True):
    version_id: str = msgspec.field(default="", name="versionId")


@oss.operation(resource="{bucket}/{key}")
def delete_object_tagging(call: Call, ask: DeleteObjectTaggingRequest) -> OssResponse:
    bucket = find_bucket(call.state, ask.bucket)
    found = find_version(call.state, ask.bucket, ask.key, ask.version_id)
    found.tags = {}
    call.state.put(found)
    note(call, bucket, ask.key)
    return OssResponse(status=204, headers=version_headers(bucket, found))
