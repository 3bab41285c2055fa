"""Overwrite protection: objects that a bucket does not let anybody, or some, put anew."""

from __future__ import annotations

from typing import Literal

import msgspec

from openyun.clock import random_text
from openyun.errors import NotFound
from openyun.operation import Call, Model
from openyun.services.oss.bucket.configuration import DocumentRequest, Kind
from openyun.services.oss.bucket.policy import is_named
from openyun.services.oss.errors import FileAlreadyExists, InvalidArgument, MalformedXML
from openyun.services.oss.records import Bucket
from openyun.services.oss.service import OssRequest, OssResponse, oss

_MOST_RULES = 100
_LONGEST = 1023


class NoSuchBucketOverwriteConfig(NotFound):
    code = "NoSuchBucketOverwriteConfig"
    message = "The bucket has no overwrite configuration."


class Principals(Model, kw_only=True):
    principal: list[str] = []


class Rule(Model, kw_only=True):
    id: str = msgspec.field(name="ID", default="")
    action: Literal["forbid"]
    prefix: str = ""
    suffix: str = ""
    principals: Principals | None = None


class OverwriteConfiguration(Model, kw_only=True):
    rule: list[Rule]


OVERWRITE = Kind("overwrite", "OverwriteConfiguration", OverwriteConfiguration, NoSuchBucketOverwriteConfig)


class PutBucketOverwriteConfigRequest(DocumentRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def put_bucket_overwrite_config(call: Call, ask: PutBucketOverwriteConfigRequest) -> OssResponse:
    wanted = OVERWRITE.read(ask.document)
    if not 1 <= len(wanted.rule) <= _MOST_RULES:
        raise MalformedXML
    for one in wanted.rule:
        one.id = one.id or random_text(32)
        for name, value in (("Prefix", one.prefix), ("Suffix", one.suffix)):
            if len(value) > _LONGEST:
                raise InvalidArgument(reason=f"{name} is too long.", ArgumentName=name, ArgumentValue=value)
    if len({one.id for one in wanted.rule}) < len(wanted.rule):
        raise InvalidArgument(reason="The ID of a rule must be unique.", ArgumentName="ID", ArgumentValue="")
    OVERWRITE.put(call, ask.bucket, wanted)
    return OssResponse()


class GetBucketOverwriteConfigRequest(OssRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def get_bucket_overwrite_config(call: Call, ask: GetBucketOverwriteConfigRequest) -> OssResponse:
    return OVERWRITE.answer(OVERWRITE.find(call, ask.bucket))


class DeleteBucketOverwriteConfigRequest(OssRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def delete_bucket_overwrite_config(call: Call, ask: DeleteBucketOverwriteConfigRequest) -> OssResponse:
    OVERWRITE.delete(call, ask.bucket)
    return OssResponse(status=204)


def check_overwrite(call: Call, bucket: Bucket, name: str) -> None:
    """Of a name that has an object. Raises FileAlreadyExists."""
    held = OVERWRITE.of(call.state, bucket)
    for rule in held.rule if held else ():
        named = rule.principals.principal if rule.principals else []
        if not name.startswith(rule.prefix) or not name.endswith(rule.suffix):
            continue
        if not named or is_named(call.principal, named):
            raise FileAlreadyExists(Key=name)
