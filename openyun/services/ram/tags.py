"""How tags look on RAM's resources, and what they may be."""

from __future__ import annotations

from openyun.operation import Model, Tag
from openyun.services.ram import quotas
from openyun.services.ram.errors import InvalidLength, TooManyTags


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
