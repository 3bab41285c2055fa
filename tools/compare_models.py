"""Holds the requests and responses of implemented operations against the models of the official SDKs."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec
from msgspec import inspect

from openyun.operation import UNSET, Operation, Service
from tools.sdk_models import Kind, Package

Place = tuple[type[Any], str]
"""a structure of ours and the wire name of a field of it"""


class Difference(NamedTuple):
    """One field in which we and the SDK differ."""

    operation: str
    field: str
    """its path on the wire, such as Response.Vpcs.Vpc[].Tags"""
    problem: str

    def __str__(self) -> str:
        return f"{self.operation} {self.field}: {self.problem}"


class Comparison(NamedTuple):
    wrong: list[Difference]
    """fields that the SDK does not know, or knows as something else"""
    missing: list[str]
    """paths of response fields that the SDK knows and we never answer"""


def compare(service: Service, package: Package) -> dict[str, Comparison]:
    """Every operation of a service.

    A structure may serve several operations: a field that may stay unset is wrong only if the SDK has it in none.
    """
    walks = {name: _Walk(operation, package) for name, operation in service.operations.items()}
    somewhere = {place for walk in walks.values() for place in walk.known}
    return {
        name: Comparison(
            walk.wrong + [difference for place, difference in walk.optional if place not in somewhere], walk.missing
        )
        for name, walk in walks.items()
    }


class _Walk:
    """One operation's models, side by side."""

    def __init__(self, operation: Operation, package: Package) -> None:
        self.wrong: list[Difference] = []
        self.optional: list[tuple[Place, Difference]] = []
        """fields that the SDK does not know here, which may be left unset"""
        self.missing: list[str] = []
        self.known: set[Place] = set()
        self._operation = operation.name
        self._package = package
        for side, struct, model in (
            ("Request", operation.request, f"{operation.name}Request"),
            ("Response", operation.response, f"{operation.name}ResponseBody"),
        ):
            if package.fields(model) is not None:
                self._compare(inspect.type_info(struct), Kind("model", model), side)
            elif msgspec.structs.fields(struct):
                self._wrong(side, f"{package.name} has no {model}")

    def _wrong(self, path: str, problem: str) -> None:
        self.wrong.append(Difference(self._operation, path, problem))

    def _compare(self, ours: inspect.Type, theirs: Kind, path: str) -> None:
        ours = _plain(ours)
        asked = path.startswith("Request")
        if theirs.name in ("any", "dict") or isinstance(ours, inspect.AnyType | inspect.RawType | inspect.DictType):
            return
        if asked and theirs.name == "str":
            return  # a text on the wire may be parsed into anything
        if asked and isinstance(ours, inspect.StrType) and theirs.name in ("list", "model", "int"):
            return  # a JSON text, or the number of an account, may be left as it is
        if theirs.item is not None and isinstance(ours, inspect.ListType | inspect.VarTupleType):
            self._compare(ours.item_type, theirs.item, f"{path}[]")
        elif theirs.name == "model" and isinstance(ours, inspect.StructType):
            self._structure(ours.cls, theirs.model, path)
        elif _word(ours) != theirs.name and (_word(ours), theirs.name) != ("int", "float"):
            self._wrong(path, f"is {_word(ours)} here and {theirs} there")

    def _structure(self, ours: type[msgspec.Struct], model: str, path: str) -> None:
        theirs = self._package.fields(model) or {}
        mine = {field.encode_name: field for field in msgspec.structs.fields(ours)}
        for name, field in mine.items():
            if name in theirs:
                self.known.add((ours, name))
                self._compare(inspect.type_info(field.type), theirs[name], f"{path}.{name}")
                continue
            difference = Difference(self._operation, f"{path}.{name}", "the SDK does not know this field")
            if field.default is UNSET:
                self.optional.append(((ours, name), difference))
            else:
                self.wrong.append(difference)
        if path.startswith("Response"):
            lacking = sorted(set(theirs) - set(mine) - {"RequestId"})
            self.missing += [f"{path}.{name}".removeprefix("Response.") for name in lacking]


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
        case inspect.IntType() | inspect.LiteralType(values=(int(), *_)):
            return "int"
        case inspect.FloatType():
            return "float"
        case inspect.StructType():
            return "model"
        case inspect.ListType() | inspect.VarTupleType():
            return "list"
    return type(kind).__name__
