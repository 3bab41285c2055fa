"""Tags of resource groups and of members."""

from __future__ import annotations

from openyun.access.identity import Member, ResourceGroup, touch
from openyun.operation import UNSET, Call, Model, Request, Response, Tag, Unset
from openyun.services.paging import InvalidPageSize, after_token
from openyun.services.resourcemanager import accounts, resource_groups
from openyun.services.resourcemanager.directories import managed
from openyun.services.resourcemanager.errors import InvalidParameterOf
from openyun.services.resourcemanager.service import resourcemanager
from openyun.services.tags import carries

MOST_RESOURCES = 50


class _OfResources(Request, kw_only=True):
    resource_type: str
    """resourcegroup, or Account"""
    resource_id: list[str]


class TagResourcesRequest(_OfResources, kw_only=True):
    tag: list[Tag]


@resourcemanager.operation(resource="ram:{resource_type}/{resource_id}", action="ram:TagResources")
def tag_resources(call: Call, ask: TagResourcesRequest) -> Response:
    added = resource_groups.checked_tags(ask.tag)
    for one in _named(call, ask):
        wanted = one.tags | added
        resource_groups.checked_tags([Tag(key=key, value=value) for key, value in wanted.items()])
        _put(call, one, wanted)
    return Response()


class UntagResourcesRequest(_OfResources, kw_only=True):
    tag_key: list[str] = []
    all: bool = False
    """every tag, if TagKey names none"""


@resourcemanager.operation(resource="ram:{resource_type}/{resource_id}", action="ram:UntagResources")
def untag_resources(call: Call, ask: UntagResourcesRequest) -> Response:
    for one in _named(call, ask):
        gone = ask.tag_key or (list(one.tags) if ask.all else [])
        _put(call, one, {key: value for key, value in one.tags.items() if key not in gone})
    return Response()


class ListTagResourcesRequest(Request, kw_only=True):
    resource_type: str
    resource_id: list[str] = []
    tag: list[Tag] = []
    next_token: str = ""
    max_results: int = 50


class TagResource(Model, kw_only=True):
    resource_type: str
    resource_id: str
    tag_key: str
    tag_value: str


class ListTagResourcesResponse(Response, kw_only=True):
    tag_resources: list[TagResource]
    next_token: str | Unset = UNSET


@resourcemanager.operation(resource="ram:{resource_type}/{resource_id}", action="ram:ListTagResources")
def list_tag_resources(call: Call, ask: ListTagResourcesRequest) -> ListTagResourcesResponse:
    if not 1 <= ask.max_results <= 100:
        raise InvalidPageSize(most=100)
    found = [
        TagResource(resource_type=ask.resource_type, resource_id=_id(one), tag_key=key, tag_value=value)
        for one in _all(call, ask.resource_type)
        if (not ask.resource_id or _id(one) in ask.resource_id) and carries(one.tags, ask.tag)
        for key, value in one.tags.items()
    ]
    found.sort(key=_place)
    page, token = after_token(found, [_place(one) for one in found], ask.next_token, ask.max_results)
    return ListTagResourcesResponse(tag_resources=[*page], next_token=token or UNSET)


def _place(one: TagResource) -> str:
    return f"{one.resource_id}/{one.tag_key}"


def _id(one: ResourceGroup | Member) -> str:
    return one.id if isinstance(one, ResourceGroup) else one.account_id


def _named(call: Call, ask: _OfResources) -> list[ResourceGroup] | list[Member]:
    """Raises InvalidParameter..., EntityNotExists..."""
    if not 1 <= len(ask.resource_id) <= MOST_RESOURCES:
        raise InvalidParameterOf("ResourceId")
    ids = dict.fromkeys(ask.resource_id)
    if _is_group(ask.resource_type):
        return [resource_groups.find_own(call, id) for id in ids]
    directory = managed(call)
    return [accounts.find(call, directory, id) for id in ids]


def _all(call: Call, resource_type: str) -> list[ResourceGroup] | list[Member]:
    if _is_group(resource_type):
        return call.state.find(ResourceGroup, account_id=call.account_id)
    return call.state.find(Member, directory_id=managed(call).id)


def _is_group(resource_type: str) -> bool:
    """Raises InvalidParameter.ResourceType."""
    if resource_type.lower() not in ("resourcegroup", "account"):
        raise InvalidParameterOf("ResourceType")
    return resource_type.lower() == "resourcegroup"


def _put(call: Call, one: ResourceGroup | Member, tags: dict[str, str]) -> None:
    one.tags = tags
    call.state.put(one)
    touch(call.state)
