"""Operations that exist in Alibaba Cloud's products, implemented here or not.

So that a call of a real operation that we lack is answered with words that say just that, while a misspelt one is
`InvalidAction.NotFound`, as the vendor would answer. The list is read from the official SDKs by
`tools/known_operations.py`.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple, cast

Style = Literal["RPC", "ROA"]


class Product(NamedTuple):
    """One product's API of one version, as its official SDK knows it."""

    name: str
    """as the SDK's package is named, such as `ecs` or `r-kvstore`"""
    version: str
    style: Style
    package: str
    release: str
    operations: frozenset[str]


@cache
def products() -> tuple[Product, ...]:
    """All known products. Read once, when the first unknown operation is called."""
    text = files("openyun.gateway").joinpath("known_operations.txt").read_text(encoding="utf-8")
    found = []
    for section in text.split("[")[1:]:
        head, _, body = section.partition("]")
        name, version, style, package, release = head.split()
        found.append(Product(name, version, cast("Style", style), package, release, frozenset(body.split())))
    return tuple(found)


@cache
def _by_version() -> dict[str, tuple[Product, ...]]:
    versions: dict[str, tuple[Product, ...]] = {}
    for product in products():
        versions[product.version] = (*versions.get(product.version, ()), product)
    return versions


def find(version: str, operation: str) -> tuple[str, ...]:
    """Names of the products that have this operation in this version: mostly one, none if it does not exist."""
    return tuple(product.name for product in _by_version().get(version, ()) if operation in product.operations)


def has_version(version: str) -> bool:
    """Whether any product has an API of this version."""
    return version in _by_version()
