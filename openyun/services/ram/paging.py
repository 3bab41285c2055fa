"""Lists come in pages: MaxItems at a time, and a Marker to go on from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from openyun.access.identity import CustomPolicy, Group, Role, User
from openyun.operation import UNSET, Call, Request, Response, Unset
from openyun.services.ram.errors import InvalidRange

Named = TypeVar("Named", User, Group, Role, CustomPolicy)
T = TypeVar("T")


class PagedRequest(Request, kw_only=True):
    marker: str = ""
    max_items: int = 100

    def check(self) -> None:
        if not 1 <= self.max_items <= 1000:
            raise InvalidRange("MaxItems", low=1, high=1000)


class PagedResponse(Response, kw_only=True):
    marker: str | Unset = UNSET
    """the last name of this page, if another follows"""
    is_truncated: bool = False

    def __post_init__(self) -> None:
        self.is_truncated = self.marker is not UNSET


def page_of_records(call: Call, kind: type[Named], ask: PagedRequest) -> tuple[list[Named], str | Unset]:
    """One page of the account's records in order of their names, and the response's marker."""
    ask.check()
    after = ask.marker or None
    found = call.state.scan(kind, "name", after=after, limit=ask.max_items + 1, account_id=call.account_id)
    return _cut(found, ask, lambda record: record.name)


def page_of(items: Sequence[T], ask: PagedRequest, name: Callable[[T], str]) -> tuple[list[T], str | Unset]:
    """One page of items that lie in order of their names, and the response's marker."""
    ask.check()
    return _cut([item for item in items if name(item) > ask.marker], ask, name)


def _cut(found: list[T], ask: PagedRequest, name: Callable[[T], str]) -> tuple[list[T], str | Unset]:
    page = found[: ask.max_items]
    return page, name(page[-1]) if len(found) > len(page) else UNSET
