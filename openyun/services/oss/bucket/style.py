"""Image styles: names for image processing that requests give as x-oss-process=style/NAME."""

from __future__ import annotations

import re

import msgspec

from openyun.operation import Call, Model
from openyun.services.oss.bucket.configuration import DocumentRequest, Kind
from openyun.services.oss.bucket.configuration_errors import InvalidStyle, NoSuchStyle
from openyun.services.oss.documents import read
from openyun.services.oss.records import Bucket, find_bucket
from openyun.services.oss.service import OssRequest, OssResponse, oss
from openyun.services.oss.times import http_date
from openyun.state import Transaction

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,63}")
_LONGEST = 1024


class StyleContent(Model, kw_only=True):
    content: str


class Style(Model, kw_only=True):
    name: str
    content: str
    category: str = "image"
    create_time: str
    last_modify_time: str


STYLE = Kind("style", "Style", Style, NoSuchStyle)


class PutStyleRequest(DocumentRequest, kw_only=True):
    style_name: str = msgspec.field(default="", name="styleName")
    category: str = "image"


@oss.operation(resource="{bucket}", action="oss:PutBucketStyle")
def put_style(call: Call, ask: PutStyleRequest) -> OssResponse:
    if not _NAME.fullmatch(ask.style_name):
        raise InvalidStyle(reason="Style name is invalid.", ArgumentName="StyleName", ArgumentValue=ask.style_name)
    content = read(ask.document, "Style", StyleContent).content
    if not 1 <= len(content) <= _LONGEST:
        raise InvalidStyle(reason="Style content is invalid.", ArgumentName="Content", ArgumentValue=content[:64])
    now = http_date(int(call.now.timestamp()))
    old = STYLE.of(call.state, find_bucket(call.state, ask.bucket), ask.style_name)
    made = Style(
        name=ask.style_name,
        content=content,
        category=ask.category,
        create_time=old.create_time if old else now,
        last_modify_time=now,
    )
    STYLE.put(call, ask.bucket, made, ask.style_name)
    return OssResponse()


class GetStyleRequest(OssRequest, kw_only=True):
    style_name: str = msgspec.field(default="", name="styleName")


@oss.operation(resource="{bucket}", action="oss:GetBucketStyle")
def get_style(call: Call, ask: GetStyleRequest) -> OssResponse:
    return STYLE.answer(STYLE.find(call, ask.bucket, ask.style_name))


class ListStyleRequest(OssRequest, kw_only=True):
    pass


class StyleList(Model, kw_only=True):
    style: list[Style]


@oss.operation(resource="{bucket}", action="oss:ListBucketStyle")
def list_style(call: Call, ask: ListStyleRequest) -> OssResponse:
    found = STYLE.all(call.state, find_bucket(call.state, ask.bucket))
    return OssResponse(root="StyleList", document=StyleList(style=[one for _, one in found]))


class DeleteStyleRequest(OssRequest, kw_only=True):
    style_name: str = msgspec.field(default="", name="styleName")


@oss.operation(resource="{bucket}", action="oss:DeleteBucketStyle")
def delete_style(call: Call, ask: DeleteStyleRequest) -> OssResponse:
    STYLE.delete(call, ask.bucket, ask.style_name)
    return OssResponse(status=204)


def style_content(state: Transaction, bucket: Bucket, name: str) -> str | None:
    """What a style stands for."""
    found = STYLE.of(state, bucket, name)
    return found.content if found else None
