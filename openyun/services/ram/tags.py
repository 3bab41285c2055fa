"""Tags of roles and policies."""

from __future__ import annotations

from typing import Literal

from openyun.access.identity import CustomPolicy, Role, touch
from openyun.operation import UNSET, Call, Model, Request, Response, Tag, Unset
from openyun.services.ram import quotas
from openyun.services.ram.errors import InvalidLength, InvalidValue, PolicyNotExist, RoleNotExist, TooManyTags
from openyun.services.ram.service import ram


class TagModel(Model, kw_only=True):
    tag_key: str
    tag_value: str


class Tags(Model, kw_only=True):
    tag: list[TagModel]


def shown(tags: dict[str, str]) -> Tags:
    return Tags(tag=[TagModel(tag_key=key, tag_value=value) for key, value in sorted(tags.items())])


def checked(tags: list[Tag]) -> dict[str, str]:
    """Raises InvalidLength, TooManyTags."""
    for tag in tags:
        if not 1 <= len(tag.key) <= 128:
            raise InvalidLength("Tag.Key")
        if len(tag.value) > 128:
            raise InvalidLength("Tag.Value")
    found = {tag.key: tag.value for tag in tags}
    if len(found) > quotas.TAGS:
        raise TooManyTags
    return found


def carries(tags: dict[str, str], wanted: list[Tag]) -> bool:
    """Whether all wanted tags are there; one without value asks for the key only."""
    return all(tag.key in tags and tag.value in ("", tags[tag.key]) for tag in wanted)


class _OfResources(Request, kw_only=True):
    resource_type: str
    resource_names: list[str]


class TagResourcesRequest(_OfResources, kw_only=True):
    tag: list[Tag]


@ram.operation(resource="{resource_type}/{resource_names}")
def tag_resources(call: Call, ask: TagResourcesRequest) -> Response:
    added = checked(ask.tag)
    for name in _names(ask.resource_names):
        resource = _find(call, _kind(ask.resource_type), name)
        resource.tags = resource.tags | added
        if len(resource.tags) > quotas.TAGS:
            raise TooManyTags
        call.state.put(resource)
    touch(call.state)
    return Response()


class UntagResourcesRequest(_OfResources, kw_only=True):
    tag_keys: list[str] = []
    all: bool = False
    """every tag, if TagKeys names none"""


@ram.operation(resource="{resource_type}/{resource_names}")
def untag_resources(call: Call, ask: UntagResourcesRequest) -> Response:
    for name in _names(ask.resource_names):
        resource = _find(call, _kind(ask.resource_type), name)
        gone = ask.tag_keys or (list(resource.tags) if ask.all else [])
        resource.tags = {key: value for key, value in resource.tags.items() if key not in gone}
        call.state.put(resource)
    touch(call.state)
    return Response()


class ListTagResourcesRequest(Request, kw_only=True):
    resource_type: str
    resource_names: list[str] = []
    tag: list[Tag] = []
    next_token: str = ""
    page_size: int = 50


class TagResource(Model, kw_only=True):
    resource_type: str
    resource_name: str
    tag_key: str
    tag_value: str


class ListTagResourcesResponse(Response, kw_only=True):
    tag_resources: list[TagResource]
    next_token: str | Unset = UNSET


@ram.operation(resource="{resource_type}/{resource_names}")
def list_tag_resources(call: Call, ask: ListTagResourcesRequest) -> ListTagResourcesResponse:
    if not 1 <= ask.page_size <= 1000:
        raise InvalidValue("PageSize")
    kind = _kind(ask.resource_type)
    named = set(ask.resource_names)
    found = []
    for resource in _all(call, kind):
        if (named and resource.name not in named) or not carries(resource.tags, ask.tag):
            continue
        found += [
            TagResource(resource_type=kind, resource_name=resource.name, tag_key=key, tag_value=value)
            for key, value in sorted(resource.tags.items())
        ]
    start = int(ask.next_token) if ask.next_token.isdecimal() else 0
    page = found[start : start + ask.page_size]
    end = start + len(page)
    return ListTagResourcesResponse(tag_resources=page, next_token=str(end) if end < len(found) else UNSET)


def _kind(resource_type: str) -> Literal["role", "policy"]:
    if resource_type.lower() == "role":
        return "role"
    if resource_type.lower() == "policy":
        return "policy"
    raise InvalidValue("ResourceType")


def _names(names: list[str]) -> list[str]:
    if not 1 <= len(names) <= 50:
        raise InvalidLength("ResourceNames")
    return names


def _find(call: Call, kind: Literal["role", "policy"], name: str) -> Role | CustomPolicy:
    found = call.state.get(Role if kind == "role" else CustomPolicy, call.account_id, name)
    if found is None:
        raise RoleNotExist if kind == "role" else PolicyNotExist
    return found


def _all(call: Call, kind: Literal["role", "policy"]) -> list[Role] | list[CustomPolicy]:
    if kind == "role":
        return call.state.find(Role, account_id=call.account_id)
    return call.state.find(CustomPolicy, account_id=call.account_id)
