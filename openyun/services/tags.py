"""Tags: what every product that tags resources shares. Each product has its own codes for the same mistakes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol, cast

import msgspec

from openyun.errors import CloudError
from openyun.operation import Call, Model, Request, Tag
from openyun.services import resources
from openyun.services.paging import after_token
from openyun.services.resources import Resource, ResourceKind
from openyun.state import Record

MOST_TAGS = 20
"""on one resource, and in one request"""
MOST_RESOURCES = 50
"""in one request"""

_RESERVED = ("aliyun", "acs:")


class Tagged(Protocol):
    tags: dict[str, str]


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """How a product words its refusals."""

    bad_key: type[CloudError]
    bad_value: type[CloudError]
    duplicate_key: type[CloudError]
    too_many_tags: type[CloudError]
    too_many_resources: type[CloudError]
    over_quota: type[CloudError]
    no_such_type: type[CloudError]
    no_such_resource: type[CloudError]
    reserved_values: tuple[str, ...] = ()
    """what a value must not begin with"""

    def checked(self, tags: Sequence[Tag]) -> dict[str, str]:
        """Tags that a request would put on something. Raises whatever is wrong with them."""
        if len(tags) > MOST_TAGS:
            raise self.too_many_tags(most=MOST_TAGS)
        for tag in tags:
            if not 1 <= len(tag.key) <= 128 or tag.key.startswith(_RESERVED) or _has_address(tag.key):
                raise self.bad_key
            if len(tag.value) > 128 or tag.value.startswith(self.reserved_values) or _has_address(tag.value):
                raise self.bad_value
        found = {tag.key: tag.value for tag in tags}
        if len(found) < len(tags):
            raise self.duplicate_key
        return found


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """A type of resource that carries tags."""

    name: str
    """ResourceType, as answers spell it"""
    id_of: Callable[[Tagged], str]
    find: Callable[[Call, str], Tagged | None]
    """the account's resource of this id"""
    all: Callable[[Call], Iterable[Tagged]]
    """all of the account's"""
    grouped: bool = True
    """whether it belongs to a resource group: then its row has a `resource_group_id`"""


class TaggedResources(Request, kw_only=True):
    """The fields of every request about the tags of some resources."""

    resource_type: str
    resource_id: list[str]

    def __post_init__(self) -> None:
        self.resource_type = self.resource_type.lower()  # case is no matter to the vendor, and it is so in policies


class TagResource(Model, kw_only=True):
    resource_id: str
    resource_type: str
    tag_key: str
    tag_value: str


class TagResources(Model, kw_only=True):
    tag_resource: list[TagResource]


class TagField(Model, kw_only=True):
    """A tag as ECS answers it; most other products call the two Key and Value."""

    tag_key: str
    tag_value: str


class TagFields(Model, kw_only=True):
    tag: list[TagField]


def shown(tags: dict[str, str]) -> TagFields:
    return TagFields(tag=[TagField(tag_key=key, tag_value=value) for key, value in tags.items()])


def carries(tags: dict[str, str], wanted: Iterable[Tag]) -> bool:
    """Whether all wanted tags are there; one without value asks for the key only."""
    return all(tag.key in tags and tag.value in ("", tags[tag.key]) for tag in wanted)


class Tagging:
    """TagResources, UntagResources and ListTagResources of one product, whose kinds the Tag and ResourceManager
    products know by it, too."""

    def __init__(self, rules: Rules, kinds: Sequence[Kind], *, service: str) -> None:
        self._rules = rules
        self.kinds = {kind.name.lower(): kind for kind in kinds}
        for kind in kinds:
            resources.register(_resource_kind(service, kind, rules))

    def kind(self, resource_type: str) -> Kind:
        found = self.kinds.get(resource_type.lower())
        if found is None:
            raise self._rules.no_such_type
        return found

    def tag(self, call: Call, ask: TaggedResources, tags: Sequence[Tag]) -> None:
        kind = self.kind(ask.resource_type)
        added = self._rules.checked(tags)
        for resource in self._named(call, kind, ask.resource_id):
            tags_now = resource.tags | added
            if len(tags_now) > MOST_TAGS:
                raise self._rules.over_quota
            _put(call, resource, tags_now)

    def untag(self, call: Call, ask: TaggedResources, keys: Sequence[str], *, every: bool) -> None:
        """Keys that a resource does not carry are no matter. `every` counts only without keys."""
        kind = self.kind(ask.resource_type)
        if len(keys) > MOST_TAGS:
            raise self._rules.too_many_tags(most=MOST_TAGS)
        for resource in self._named(call, kind, ask.resource_id):
            gone = set(keys) or (set(resource.tags) if every else set())
            _put(call, resource, {key: value for key, value in resource.tags.items() if key not in gone})

    def listed(
        self, call: Call, resource_type: str, ids: Sequence[str], wanted: Sequence[Tag], token: str, limit: int
    ) -> tuple[TagResources, str]:
        """One entry for every tag of every resource that is asked for, and the next page's token."""
        kind = self.kind(resource_type)
        if len(ids) > MOST_RESOURCES:
            raise self._rules.too_many_resources
        if len(wanted) > MOST_TAGS:
            raise self._rules.too_many_tags(most=MOST_TAGS)
        resources = [one for id in dict.fromkeys(ids) if (one := kind.find(call, id))] if ids else kind.all(call)
        found = [
            TagResource(resource_id=kind.id_of(one), resource_type=kind.name, tag_key=key, tag_value=value)
            for one in resources
            if carries(one.tags, wanted)
            for key, value in one.tags.items()
        ]
        found.sort(key=_place)
        page, next_token = after_token(found, [_place(one) for one in found], token, limit)
        return TagResources(tag_resource=[*page]), next_token

    def _named(self, call: Call, kind: Kind, ids: Sequence[str]) -> list[Tagged]:
        if len(ids) > MOST_RESOURCES:
            raise self._rules.too_many_resources
        found = []
        for id in dict.fromkeys(ids):
            resource = kind.find(call, id)
            if resource is None:
                raise self._rules.no_such_resource
            found.append(resource)
        return found


def _resource_kind(service: str, kind: Kind, rules: Rules) -> ResourceKind:
    def held(call: Call, id: str) -> Tagged:
        found = kind.find(call, id)
        if found is None:
            raise rules.no_such_resource
        return found

    def find(call: Call, id: str) -> Resource | None:
        found = kind.find(call, id)
        return None if found is None else resources.of_record(found, kind.id_of(found))

    def check_tags(tags: Mapping[str, str]) -> None:
        rules.checked([Tag(key=key, value=value) for key, value in tags.items()])

    def put_group(call: Call, id: str, group_id: str) -> None:
        found = held(call, id)
        cast(Any, found).resource_group_id = group_id
        call.state.put(cast(Record, found))

    return ResourceKind(
        service=service,
        name=kind.name.lower(),
        find=find,
        all=lambda call: [resources.of_record(one, kind.id_of(one)) for one in kind.all(call)],
        put_tags=lambda call, id, tags: _put(call, held(call, id), tags),
        check_tags=check_tags,
        put_group=put_group if kind.grouped else None,
    )


def _place(one: TagResource) -> str:
    return f"{one.resource_id}/{one.tag_key}"


def _put(call: Call, resource: Tagged, tags: dict[str, str]) -> None:
    resource.tags = tags
    call.state.put(cast(Record, resource))


def _has_address(text: str) -> bool:
    return "http://" in text or "https://" in text
