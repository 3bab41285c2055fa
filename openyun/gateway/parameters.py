"""From flat wire parameters to a typed request.

`Tag.1.Key=a` becomes a list of structures; a list also comes as a JSON text (`InstanceIds=["i-1"]`) or joined by
commas; a structure also as a JSON text. Which of them a text is, its field's type tells. Unknown parameters are
ignored, as the vendor ignores them.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from openyun.errors import BadRequest, InvalidParameter, MissingParameter
from openyun.operation import Request

Q = TypeVar("Q", bound=Request)

_LONGEST_INTEGER = 18
"""digits that fit into 64 bits"""
_DEEPEST = 8
"""levels of `A.1.B.1...`; the vendor's own operations stay below"""
_MOST_ITEMS = 1000
"""of one list, however it is written; no operation takes more"""


class TooManyItems(BadRequest):
    code = "InvalidParameter.TooMany"
    message = "A list has at most {most} items."


def parse(kind: type[Q], parameters: Mapping[str, str]) -> Q:
    """Raises MissingParameter, InvalidParameter, TooManyItems."""
    fields = _fields(kind)
    nested = _nest(parameters, fields)
    for wire, required in fields.required.items():
        if required and nested.get(wire, "") in ("", {}):
            raise MissingParameter(parameter=wire)
    shaped = {wire: _shape(value, fields.types[wire]) for wire, value in nested.items() if wire in fields.types}
    try:
        return msgspec.convert({name: value for name, value in shaped.items() if value is not None}, kind, strict=False)
    except msgspec.ValidationError as problem:
        # The text ends in " - at `$.Tag[...].Key`"; the place is what the caller can act on.
        place = str(problem).rpartition("`$.")[2].rstrip("`") if "`$." in str(problem) else ""
        raise InvalidParameter(parameter=place or str(problem)) from None


class _Fields(msgspec.Struct):
    types: dict[str, Any]
    required: dict[str, bool]


@cache
def _fields(kind: type[msgspec.Struct]) -> _Fields:
    hints = get_type_hints(kind)
    fields = msgspec.structs.fields(kind)
    return _Fields(
        types={field.encode_name: _plain(hints[field.name]) for field in fields},
        required={field.encode_name: field.required for field in fields},
    )


def _plain(hint: Any) -> Any:
    """`list[X] | None` is list[X]."""
    if get_origin(hint) in (Union, types.UnionType):
        return _plain(next(part for part in get_args(hint) if part is not type(None)))
    return hint


def _nest(parameters: Mapping[str, str], fields: _Fields) -> dict[str, Any]:
    """Dotted names as nested dicts."""
    nested: dict[str, Any] = {}
    for name, value in parameters.items():
        head, dot, rest = name.partition(".")
        if head not in fields.types:
            continue
        if "\0" in value:  # no database keeps it
            raise InvalidParameter(parameter=name[:128])
        if not dot:
            nested.setdefault(head, value)
            continue
        steps = rest.split(".")
        if len(steps) > _DEEPEST:
            raise InvalidParameter(parameter=name[:128])
        place = nested if isinstance(nested.get(head, {}), dict) else {}
        place = place.setdefault(head, {})
        for step in steps[:-1]:
            inner = place.setdefault(step, {})
            if not isinstance(inner, dict):
                raise InvalidParameter(parameter=name[:128])
            place = inner
        if isinstance(place.setdefault(steps[-1], value), dict):
            raise InvalidParameter(parameter=name[:128])
    return nested


def _shape(value: Any, hint: Any) -> Any:
    """None stands for a parameter that is empty and so as good as absent."""
    origin = get_origin(hint)
    if origin in (list, tuple):
        item = get_args(hint)[0]
        return [_shape(one, _plain(item)) for one in _items(value)]
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        fields = _fields(hint)
        if isinstance(value, str):
            value = _json(value)
        if not isinstance(value, dict):
            return value
        shaped = {wire: _shape(one, fields.types[wire]) for wire, one in value.items() if wire in fields.types}
        return {name: one for name, one in shaped.items() if one is not None}
    if origin is dict:
        return _json(value) if isinstance(value, str) else value
    if value == "" and hint is not str:
        return None
    if hint is int and isinstance(value, str | int) and len(str(value)) > _LONGEST_INTEGER:
        raise InvalidParameter(parameter=f"{str(value)[:_LONGEST_INTEGER]}...")
    return value


def _items(value: Any) -> list[Any]:
    items = _all_items(value)
    if len(items) > _MOST_ITEMS:
        raise TooManyItems(most=_MOST_ITEMS)
    return items


def _all_items(value: Any) -> list[Any]:
    if isinstance(value, dict):
        numbered = [(int(step), one) for step, one in value.items() if step.isdecimal() and len(step) < 7]
        return [one for _, one in sorted(numbered, key=lambda pair: pair[0])]
    if isinstance(value, list):
        return value
    if not value:
        return []
    if value.startswith("["):
        decoded = _json(value)
        return decoded if isinstance(decoded, list) else [decoded]
    return [part.strip() for part in value.split(",")]


def _json(text: str) -> Any:
    if not text:
        return None
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return text
