"""XML bodies as typed structures: the element names are the wire names of a structure's fields.

Whoever misspells an element relies on something that would not happen, so what is not declared is refused.
"""

from __future__ import annotations

from functools import cache
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints
from xml.etree.ElementTree import Element

import msgspec

from openyun.operation import Model
from openyun.services.oss import xml
from openyun.services.oss.errors import MalformedXML

M = TypeVar("M", bound=Model)


def read(body: bytes, root: str, kind: type[M]) -> M:
    """Raises MalformedXML: for another root, an unknown, repeated or missing element, a value of another type."""
    element = xml.parse(body)
    if element.tag != root:
        raise MalformedXML
    try:
        return msgspec.convert(_fields(element, kind), kind, strict=False)
    except msgspec.ValidationError:
        raise MalformedXML from None


class _Shape(msgspec.Struct, frozen=True):
    """What one element may hold."""

    repeated: bool
    inner: type[msgspec.Struct] | None


@cache
def _shapes(kind: type[msgspec.Struct]) -> dict[str, _Shape]:
    hints = get_type_hints(kind, include_extras=False)
    return {field.encode_name: _shape(hints[field.name]) for field in msgspec.structs.fields(kind)}


def _shape(hint: Any) -> _Shape:
    if get_origin(hint) in (Union, UnionType):
        hint = next(one for one in get_args(hint) if one is not type(None))
    repeated = get_origin(hint) is list
    if repeated:
        hint = get_args(hint)[0]
    return _Shape(repeated, hint if isinstance(hint, type) and issubclass(hint, msgspec.Struct) else None)


def _fields(element: Element, kind: type[msgspec.Struct]) -> dict[str, Any]:
    shapes = _shapes(kind)
    found: dict[str, Any] = {}
    for child in element:
        shape = shapes.get(child.tag)
        if shape is None or (child.tag in found and not shape.repeated):
            raise MalformedXML
        value = _fields(child, shape.inner) if shape.inner else _value(child)
        if shape.repeated:
            found.setdefault(child.tag, []).append(value)
        else:
            found[child.tag] = value
    return found


def _value(element: Element) -> str:
    if len(element):
        raise MalformedXML
    text = element.text or ""
    # Python's clients write True where the vendor's documents say true.
    return text.strip().lower() if text.strip() in ("True", "False", "TRUE", "FALSE") else text
