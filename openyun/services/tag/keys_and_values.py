"""Which tags there are in a region, and what carries one."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from openyun.operation import Call, Model, Request, Response
from openyun.services import resources
from openyun.services.paging import InvalidPageSize, after_token
from openyun.services.resources import ResourceKind
from openyun.services.tag.errors import InvalidFuzzyType, InvalidQueryType, InvalidResourceType
from openyun.services.tag.resource_tags import MOST_LISTED, TagModel, is_system, shown
from openyun.services.tag.service import tag


class KeyFilter(Model, kw_only=True):
    key: str = ""


class ValueFilter(Model, kw_only=True):
    value: str = ""


class _Listing(Request, kw_only=True):
    region_id: str
    resource_type: str = ""
    """ALIYUN::ECS::INSTANCE; empty for all"""
    fuzzy_type: str = "EQUAL"
    query_type: str = "MetaTag"
    next_token: str = ""
    page_size: int = 50


class ListTagKeysRequest(_Listing, kw_only=True):
    tag_filter: KeyFilter | None = None
    category: str = "All"


class Key(Model, kw_only=True):
    key: str
    category: str = "Custom"
    description: str = ""


class Keys(Model, kw_only=True):
    key: list[Key]


class ListTagKeysResponse(Response, kw_only=True):
    keys: Keys
    next_token: str


@tag.operation()
def list_tag_keys(call: Call, ask: ListTagKeysRequest) -> ListTagKeysResponse:
    wanted = ask.tag_filter.key if ask.tag_filter else ""
    found = {key for tags in _tags(call, ask) for key in tags if _suits(key, wanted, ask.fuzzy_type)}
    if is_system(ask.category):
        found = set()
    page, token = _page(found, ask.next_token, ask.page_size)
    return ListTagKeysResponse(keys=Keys(key=[Key(key=key) for key in page]), next_token=token)


class ListTagValuesRequest(_Listing, kw_only=True):
    key: str
    tag_filter: ValueFilter | None = None


class Values(Model, kw_only=True):
    value: list[str]


class ListTagValuesResponse(Response, kw_only=True):
    values: Values
    next_token: str


@tag.operation()
def list_tag_values(call: Call, ask: ListTagValuesRequest) -> ListTagValuesResponse:
    wanted = ask.tag_filter.value if ask.tag_filter else ""
    found = {
        tags[ask.key] for tags in _tags(call, ask) if ask.key in tags and _suits(tags[ask.key], wanted, ask.fuzzy_type)
    }
    page, token = _page(found, ask.next_token, ask.page_size)
    return ListTagValuesResponse(values=Values(value=page), next_token=token)


class PairFilter(Model, kw_only=True):
    key: str
    value: str = ""


class ListResourcesByTagRequest(Request, kw_only=True):
    region_id: str
    resource_type: str
    tag_filter: PairFilter
    fuzzy_type: str = "EQUAL"
    include_all_tags: bool = False
    """also the tags that were not asked for"""
    next_token: str = ""
    max_result: int = 50


class TaggedResource(Model, kw_only=True):
    resource_id: str
    tags: list[TagModel]


class ListResourcesByTagResponse(Response, kw_only=True):
    next_token: str
    resources: list[TaggedResource]


@tag.operation()
def list_resources_by_tag(call: Call, ask: ListResourcesByTagRequest) -> ListResourcesByTagResponse:
    _check_fuzzy(ask.fuzzy_type)
    key, value = ask.tag_filter.key, ask.tag_filter.value
    kind = _kind(ask.resource_type)
    found = {
        one.id: one.tags
        for one in (kind.all(call) if kind.is_at(call) else ())
        if key in one.tags and _suits(one.tags[key], value, ask.fuzzy_type)
    }
    page, token = _page(set(found), ask.next_token, ask.max_result)
    return ListResourcesByTagResponse(
        next_token=token,
        resources=[
            TaggedResource(resource_id=id, tags=shown(found[id] if ask.include_all_tags else {key: found[id][key]}))
            for id in page
        ],
    )


class ListSupportResourceTypesRequest(Request, kw_only=True):
    region_id: str
    product_code: str = ""
    resource_type: str = msgspec.field(default="", name="ResourceTye")  # the vendor's own spelling
    next_token: str = ""
    max_result: int = 50


class SupportResourceType(Model, kw_only=True):
    product_code: str
    resource_type: str
    arn_template: str


class ListSupportResourceTypesResponse(Response, kw_only=True):
    next_token: str
    support_resource_types: list[SupportResourceType]


@tag.operation()
def list_support_resource_types(call: Call, ask: ListSupportResourceTypesRequest) -> ListSupportResourceTypesResponse:
    known = {
        f"{one.service}/{one.name}": one
        for one in resources.kinds()
        if ask.product_code.lower() in ("", one.service) and ask.resource_type.lower() in ("", one.name)
    }
    page, token = _page(set(known), ask.next_token, ask.max_result)
    return ListSupportResourceTypesResponse(
        next_token=token, support_resource_types=[_supported(known[name]) for name in page]
    )


def _supported(kind: ResourceKind) -> SupportResourceType:
    place = "*" if kind.is_global else "${RegionId}"
    template = f"arn:acs:{kind.service}:{place}:${{AccountId}}:{kind.name}/${{ResourceId}}"
    return SupportResourceType(product_code=kind.service, resource_type=kind.name, arn_template=template)


def _tags(call: Call, ask: _Listing) -> Iterable[dict[str, str]]:
    """Of every resource that the listing is about."""
    _check_fuzzy(ask.fuzzy_type)
    if ask.query_type not in ("MetaTag", "ResourceTag"):
        raise InvalidQueryType
    if ask.resource_type:
        kind = _kind(ask.resource_type)
        return [one.tags for one in kind.all(call)] if kind.is_at(call) else []
    return [one.tags for _, one in resources.all_here(call)]


def _kind(resource_type: str) -> ResourceKind:
    for one in resources.kinds():
        if one.type_code == resource_type.upper():
            return one
    raise InvalidResourceType


def _check_fuzzy(fuzzy_type: str) -> None:
    if fuzzy_type not in ("EQUAL", "PREFIX"):
        raise InvalidFuzzyType


def _suits(text: str, wanted: str, fuzzy_type: str) -> bool:
    return not wanted or (text.startswith(wanted) if fuzzy_type == "PREFIX" else text == wanted)


def _page(found: set[str], token: str, limit: int) -> tuple[list[str], str]:
    """Raises InvalidPageSize."""
    if not 1 <= limit <= MOST_LISTED:
        raise InvalidPageSize(most=MOST_LISTED)
    items = sorted(found)
    page, next_token = after_token(items, items, token, limit)
    return list(page), next_token
