"""Holds the requests and responses of implemented operations against the models of the official SDKs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import msgspec
from msgspec import inspect
from sdk_models import Kind, Package

from openyun.operation import Operation


class Difference(NamedTuple):
    """One field in which we and the SDK differ."""

    operation: str
    field: str
    """its path on the wire, such as Response.Vpcs.Vpc[].Tags"""
    problem: str

    def __str__(self) -> str:
        return f"{self.operation} {self.field}: {self.problem}"


class Comparison(NamedTuple):
    wrong: tuple[Difference, ...]
    """fields that the SDK does not know, or knows as something else"""
    missing: tuple[str, ...]
    """paths of response fields that the SDK knows and we never answer"""


def compare(operation: Operation, package: Package) -> Comparison:
    wrong: list[Difference] = []
    missing: list[str] = []
    label = f"{operation.service.product} {operation.name}"
    for side, struct, model in (
        ("Request", operation.request, f"{operation.name}Request"),
        ("Response", operation.response, f"{operation.name}ResponseBody"),
    ):
        if not package.has(model):
            if msgspec.structs.fields(struct):
                wrong.append(Difference(label, side, f"{package.name} has no {model}"))
            continue
        for path, problem in _differences(inspect.type_info(struct), Kind("model", model), package, side, side):
            if problem:
                wrong.append(Difference(label, path, problem))
            elif side == "Response" and path != "Response.RequestId":
                missing.append(path)
    return Comparison(tuple(wrong), tuple(missing))


def _differences(ours: inspect.Type, theirs: Kind, package: Package, path: str, side: str) -> Iterator[tuple[str, str]]:
    """Paths with the problem there; an empty problem says that we lack the field."""
    ours = _plain(ours)
    if theirs.name in ("any", "dict") or isinstance(ours, inspect.AnyType | inspect.RawType | inspect.DictType):
        return
    if theirs.item is not None:
        if isinstance(ours, inspect.ListType | inspect.VarTupleType):
            yield from _differences(ours.item_type, theirs.item, package, f"{path}[]", side)
        elif not (side == "Request" and isinstance(ours, inspect.StrType)):  # it may be left as its JSON text
            yield path, f"is a {_word(ours)} here and a {theirs} there"
    elif theirs.name == "model":
        if isinstance(ours, inspect.StructType):
            yield from _of_struct(ours, theirs, package, path, side)
        elif not (side == "Request" and isinstance(ours, inspect.StrType)):
            yield path, f"is a {_word(ours)} here and a structure there"
    elif side == "Request" and theirs.name == "str":
        return  # a text on the wire may be parsed into anything: a list, a number, one of a few words
    elif _word(ours) != theirs.name and (_word(ours), theirs.name) != ("int", "float"):
        yield path, f"is a {_word(ours)} here and a {theirs} there"


def _of_struct(
    ours: inspect.StructType, theirs: Kind, package: Package, path: str, side: str
) -> Iterator[tuple[str, str]]:
    known = package.fields(theirs.model)
    if known is None:
        yield path, f"{package.name} has no {theirs.model}"
        return
    mine = {field.encode_name: field.type for field in ours.fields}
    for name, kind in mine.items():
        if name in known:
            yield from _differences(kind, known[name], package, f"{path}.{name}", side)
        else:
            yield f"{path}.{name}", "the SDK does not know this field"
    for name in known:
        if name not in mine:
            yield f"{path}.{name}", ""


def _plain(kind: inspect.Type) -> inspect.Type:
    """Without None and metadata; UNSET is nothing to msgspec's inspection."""
    while isinstance(kind, inspect.Metadata):
        kind = kind.type
    if isinstance(kind, inspect.UnionType):
        rest = [one for one in kind.types if not isinstance(one, inspect.NoneType)]
        return _plain(rest[0]) if len(rest) == 1 else kind
    return kind


def _word(kind: inspect.Type) -> str:
    match kind:
        case inspect.StrType() | inspect.LiteralType(values=(str(), *_)) | inspect.EnumType() | inspect.DateTimeType():
            return "str"
        case inspect.BoolType():
            return "bool"
        case inspect.IntType():
            return "int"
        case inspect.FloatType():
            return "float"
        case inspect.StructType():
            return "structure"
        case inspect.ListType() | inspect.VarTupleType():
            return "list"
    return type(kind).__name__
