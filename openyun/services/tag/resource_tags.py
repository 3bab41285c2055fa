"""Tags of resources: put on, taken off, listed. What fails for one resource is told of it, and done for the others."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from openyun.errors import CloudError
from openyun.operation import Call, Model, Request, Response
from openyun.services import resources
from openyun.services.paging import InvalidPageSize, after_token
from openyun.services.resources import Resource, ResourceKind
from openyun.services.tag.errors import (
    InvalidCategory,
    InvalidResourceArn,
    InvalidTagKeys,
    InvalidTags,
    ResourceNotFound,
    TooManyArns,
)
from openyun.services.tag.service import tag

MOST_RESOURCES = 50
MOST_TAGS = 10
"""of one request"""
MOST_LISTED = 1000


class _OfResources(Request, kw_only=True):
    region_id: str
    resource_arn: list[str] = msgspec.field(name="ResourceARN")

    @property
    def plain_arn(self) -> list[str]:
        """As policies write them."""
        return [arn.removeprefix("arn:") for arn in self.resource_arn]


class Result(Model, kw_only=True):
    code: str
    message: str


class FailedResource(Model, kw_only=True):
    resource_arn: str = msgspec.field(name="ResourceARN")
    result: Result


class FailedResources(Model, kw_only=True):
    failed_resource: list[FailedResource] = []


class TaggingResponse(Response, kw_only=True):
    failed_resources: FailedResources


class TagResourcesRequest(_OfResources, kw_only=True):
    tags: str
    """a JSON object of keys and values"""


@tag.operation(resource="{plain_arn}")
def tag_resources(call: Call, ask: TagResourcesRequest) -> TaggingResponse:
    added = read_tags(ask.tags)
    return _change(call, ask.resource_arn, lambda tags: tags | added)


class UntagResourcesRequest(_OfResources, kw_only=True):
    tag_key: list[str]


@tag.operation(resource="{plain_arn}")
def untag_resources(call: Call, ask: UntagResourcesRequest) -> TaggingResponse:
    if not 1 <= len(ask.tag_key) <= MOST_TAGS:
        raise InvalidTagKeys(most=MOST_TAGS)
    gone = set(ask.tag_key)
    return _change(call, ask.resource_arn, lambda tags: {key: value for key, value in tags.items() if key not in gone})


def _change(call: Call, arns: list[str], change: Callable[[dict[str, str]], dict[str, str]]) -> TaggingResponse:
    failed = []
    for arn in _checked(arns):
        try:
            kind, found = find(call, arn)
            wanted = change(found.tags)
            kind.check_tags(wanted)
            kind.put_tags(call, found.id, wanted)
        except InvalidResourceArn:
            raise
        except CloudError as problem:
            failed.append(FailedResource(resource_arn=arn, result=Result(code=problem.code, message=problem.text)))
    return TaggingResponse(failed_resources=FailedResources(failed_resource=failed))


def find(call: Call, arn: str) -> tuple[ResourceKind, Resource]:
    """Raises InvalidResourceArn, ResourceNotFound."""
    try:
        found = resources.find_arn(call, arn)
    except ValueError:
        raise InvalidResourceArn(arn=arn) from None
    if found is None:
        raise ResourceNotFound
    return found


def read_tags(text: str) -> dict[str, str]:
    """Raises InvalidTags."""
    try:
        tags = msgspec.json.decode(text, type=dict[str, str])
    except msgspec.DecodeError:
        raise InvalidTags(most=MOST_TAGS) from None
    if not 1 <= len(tags) <= MOST_TAGS:
        raise InvalidTags(most=MOST_TAGS)
    return tags


def _checked(arns: list[str]) -> list[str]:
    if len(arns) > MOST_RESOURCES:
        raise TooManyArns(most=MOST_RESOURCES)
    return list(dict.fromkeys(arns))


class TagModel(Model, kw_only=True):
    category: str = "Custom"
    key: str
    value: str


class TagResource(Model, kw_only=True):
    resource_arn: str = msgspec.field(name="ResourceARN")
    tags: list[TagModel]


class ListTagResourcesRequest(Request, kw_only=True):
    region_id: str
    resource_arn: list[str] = msgspec.field(default=[], name="ResourceARN")
    tags: str = ""
    category: str = "All"
    next_token: str = ""
    page_size: int = 50

    @property
    def plain_arn(self) -> list[str]:
        return [arn.removeprefix("arn:") for arn in self.resource_arn]


class ListTagResourcesResponse(Response, kw_only=True):
    next_token: str
    tag_resources: list[TagResource]


@tag.operation(resource="{plain_arn}")
def list_tag_resources(call: Call, ask: ListTagResourcesRequest) -> ListTagResourcesResponse:
    """Also with neither resources nor tags: then all that carries any."""
    if not 1 <= ask.page_size <= MOST_LISTED:
        raise InvalidPageSize(most=MOST_LISTED)
    wanted = read_tags(ask.tags) if ask.tags else {}
    named = []
    for arn in _checked(ask.resource_arn):
        try:
            named.append(find(call, arn))
        except ResourceNotFound:
            continue
    found = {
        kind.arn(call, one.id): one.tags
        for kind, one in (named if ask.resource_arn else resources.all_here(call))
        if one.tags and all(key in one.tags and value in ("", one.tags[key]) for key, value in wanted.items())
    }
    if is_system(ask.category):
        found = {}
    arns = sorted(found)
    page, token = after_token(arns, arns, ask.next_token, ask.page_size)
    return ListTagResourcesResponse(
        next_token=token, tag_resources=[TagResource(resource_arn=arn, tags=shown(found[arn])) for arn in page]
    )


def shown(tags: dict[str, str]) -> list[TagModel]:
    return [TagModel(key=key, value=value) for key, value in sorted(tags.items())]


def is_system(category: str) -> bool:
    """Whether only the vendor's own tags are asked for, of which there are none. Raises InvalidCategory."""
    if category not in ("All", "Custom", "System"):
        raise InvalidCategory
    return category == "System"
