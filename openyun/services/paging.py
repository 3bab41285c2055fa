"""The two ways to page: PageNumber/PageSize, and NextToken/MaxResults."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TypeVar

from openyun.errors import BadRequest
from openyun.operation import Model

T = TypeVar("T")


class InvalidPageNumber(BadRequest):
    code = "InvalidParameter.PageNumber"
    message = 'The specified parameter "PageNumber" is not valid: it begins at 1.'


class InvalidPageSize(BadRequest):
    code = "InvalidParameter.PageSize"
    message = 'The specified parameter "PageSize" is not valid: it is 1 to {most}.'


class InvalidNextToken(BadRequest):
    code = "InvalidParameter.NextToken"
    message = 'The specified parameter "NextToken" is not valid.'


class Paged(Model, kw_only=True):
    """The fields of a request that pages by number."""

    page_number: int = 1
    page_size: int = 10


def page_of(ask: Paged, items: Sequence[T], most: int = 50) -> Sequence[T]:
    """The asked page. Raises InvalidPageNumber, InvalidPageSize."""
    if ask.page_number < 1:
        raise InvalidPageNumber
    if not 1 <= ask.page_size <= most:
        raise InvalidPageSize(most=most)
    start = (ask.page_number - 1) * ask.page_size
    return items[start : start + ask.page_size]


def after_token(items: Sequence[T], ids: Sequence[str], token: str, limit: int) -> tuple[Sequence[T], str]:
    """The `limit` items behind the one that the token names, and the token of the next page (empty at the end).

    `ids` are the items' ids in the same, sorted order; an item deleted between two pages is no matter."""
    start = 0
    if token:
        last = _decode(token)
        start = next((at for at, one in enumerate(ids) if one > last), len(ids))
    page = items[start : start + limit]
    end = start + len(page)
    return page, _encode(ids[end - 1]) if page and end < len(items) else ""


def _encode(last: str) -> str:
    return base64.urlsafe_b64encode(last.encode()).decode()


def _decode(token: str) -> str:
    try:
        return base64.b64decode(token.encode(), altchars=b"-_", validate=True).decode()
    except ValueError:
        raise InvalidNextToken from None
