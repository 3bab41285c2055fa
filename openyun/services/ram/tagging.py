"""Tagging of roles and policies."""

from __future__ import annotations

from typing import Literal

from openyun.access.identity import CustomPolicy, Role, touch
from openyun.operation import UNSET, Call, Model, Request, Response, Tag, Unset
from openyun.services.paging import after_token
from openyun.services.ram import policies, quotas, roles, tags
from openyun.services.ram.errors import InvalidLength, InvalidRange, InvalidValue, TooManyTags
from openyun.services.ram.service import ram


class _OfResources(Request, kw_only=True):
    resource_type: str
    resource_names: list[str]


class TagResourcesRequest(_OfResources, kw_only=True):
    tag: list[Tag]


@ram.operation(resource="{resource_type}/{resource_names}")
def tag_resources(call: Call, ask: TagResourcesRequest) -> Response:
    added = tags.checked(ask.tag)
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
        raise InvalidRange("PageSize", low=1, high=1000)
    kind = _kind(ask.resource_type)
    named = set(ask.resource_names)
    found = [
        TagResource(resource_type=kind, resource_name=resource.name, tag_key=key, tag_value=value)
        for resource in _all(call, kind)
        if (not named or resource.name in named) and tags.carries(resource.tags, ask.tag)
        for key, value in resource.tags.items()
    ]
    found.sort(key=_place)
    page, next_token = after_token(found, [_place(one) for one in found], ask.next_token, ask.page_size)
    return ListTagResourcesResponse(tag_resources=list(page), next_token=next_token or UNSET)


def _place(one: TagResource) -> str:
    return f"{one.resource_name}/{one.tag_key}"


def _kind(resource_type: str) -> Literal["role", "policy"]:
    if resource_type == "role":
        return "role"
    if resource_type == "policy":
        return "policy"
    raise InvalidValue("ResourceType")


def _names(names: list[str]) -> list[str]:
    if not 1 <= len(names) <= 50:
        raise InvalidLength("ResourceNames")
    return names


def _find(call: Call, kind: Literal["role", "policy"], name: str) -> Role | CustomPolicy:
    return roles.find(call, name) if kind == "role" else policies.find_custom(call, name)


def _all(call: Call, kind: Literal["role", "policy"]) -> list[Role] | list[CustomPolicy]:
    if kind == "role":
        return call.state.find(Role, account_id=call.account_id)
    return call.state.find(CustomPolicy, account_id=call.account_id)
