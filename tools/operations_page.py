"""Writes the reference of every implemented operation: what it takes, what it answers, what it refuses."""

from __future__ import annotations

import ast
import inspect
import itertools
import textwrap
from collections.abc import Callable, Iterable, Iterator
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

import msgspec
from msgspec import inspect as shapes

from openyun.errors import CloudError
from openyun.operation import Operation, Service
from tools.coverage_page import GENERATED


def operations_page(services: Iterable[Service]) -> str:
    ordered = sorted(services, key=lambda one: one.name)
    parts = [_service(service) for service in ordered if service.operations]
    contents = "\n".join(f"- [{one.product} {one.version}](#{_anchor(one)})" for one in ordered if one.operations)
    return (
        f"{GENERATED}\n# Operations\n\n"
        "Every operation takes the common parameters of its protocol too (Action, Version, RegionId and those of the "
        "signature), answers a RequestId, and may refuse with the gateway's own errors. `N` stands for 1, 2, 3... "
        "in the names of list parameters; a list may also be given as one JSON text.\n\n"
        f"{contents}\n\n" + "\n".join(parts)
    )


def _anchor(service: Service) -> str:
    return f"{service.product} {service.version}".lower().replace(" ", "-")


def _service(service: Service) -> str:
    title = f"{service.title}\n\n" if service.title else ""
    body = "\n".join(_operation(service.operations[name]) for name in sorted(service.operations))
    return f"## {service.product} {service.version}\n\n{title}{body}"


def _arn(operation: Operation, template: str) -> str:
    if template.endswith("_arn}"):
        return f"`{template}`"
    return f"`{operation.arn('<region>', '<account>', template)}`"


def _operation(operation: Operation) -> str:
    needed = [_arn(operation, one) for one in operation.resources]
    named = [f"{_arn(operation, one)} where named" for one in operation.also]
    arns = ", ".join([*needed, *named]) or "nothing"
    text = inspect.getdoc(operation.function)
    lines = [f"### {operation.name}\n", f"{text}\n" if text else "", f"RAM: `{operation.action}` on {arns}\n"]
    if operation.path:
        lines.insert(1, f"`{operation.method} {operation.path}`\n")
    if parameters := list(_fields(operation.request, "", request=True)):
        rows = "\n".join(f"| `{p.path}` | {p.type} | {p.default} | {p.meaning} |" for p in parameters)
        lines.append(f"| Parameter | Type | Default | |\n|---|---|---|---|\n{rows}\n")
    if answered := list(_fields(operation.response, "", request=False)):
        lines.append(f"Answers\n\n{_tree(answered)}\n")
    if errors := sorted(errors_of(operation.function), key=lambda one: (one.status, str(one.code))):
        lines.append("Errors: " + ", ".join(f"`{one.code}` ({one.status})" for one in errors) + ".\n")
    return "\n".join(line for line in lines if line)


def _tree(fields: list[Field]) -> str:
    """One line a structure, with its fields."""
    by_place: dict[str, list[str]] = {}
    for field in fields:
        place, _, name = field.path.rpartition(".")
        by_place.setdefault(place, []).append(f"`{name}`")
    return "\n".join(
        f"- `{place}`: {', '.join(names)}" if place else f"- {', '.join(names)}" for place, names in by_place.items()
    )


class Field(NamedTuple):
    path: str
    type: str
    default: str
    """or "required\""""
    meaning: str


def _fields(struct: type[msgspec.Struct], prefix: str, *, request: bool) -> Iterator[Field]:
    """Leaves of a structure, by their names on the wire."""
    hints = {field.name: field for field in msgspec.structs.fields(struct)}
    meanings = _meanings(struct)
    for name, field in hints.items():
        path = prefix + field.encode_name
        kind = _plain(shapes.type_info(field.type))
        if isinstance(kind, shapes.ListType | shapes.VarTupleType):
            path += ".N" if request else "[]"
            kind = _plain(kind.item_type)
        if isinstance(kind, shapes.StructType):
            yield from _fields(kind.cls, f"{path}.", request=request)
        else:
            yield Field(
                path, _word(kind), "required" if field.required else _default(field.default), meanings.get(name, "")
            )


def _default(value: object) -> str:
    if isinstance(value, bool):
        return "`true`" if value else "`false`"
    return f"`{value}`" if isinstance(value, int | float | str) and value != "" else ""


def _plain(kind: shapes.Type) -> shapes.Type:
    while isinstance(kind, shapes.Metadata):
        kind = kind.type
    if isinstance(kind, shapes.UnionType):
        rest = [one for one in kind.types if not isinstance(one, shapes.NoneType)]
        return _plain(rest[0]) if len(rest) == 1 else kind
    return kind


def _word(kind: shapes.Type) -> str:
    match kind:
        case shapes.LiteralType(values=values):
            return " or ".join(f"`{value}`" for value in values)
        case shapes.IntType(ge=low, le=high):
            return "integer" + (f", {low} to {high}" if low is not None and high is not None else "")
        case shapes.StrType():
            return "text"
        case shapes.BoolType():
            return "true or false"
        case shapes.FloatType():
            return "number"
        case shapes.DictType():
            return "JSON object"
    return "any"


def _meanings(struct: type[msgspec.Struct]) -> dict[str, str]:
    """The texts that stand below the fields of a class and of those it is made from."""
    found: dict[str, str] = {}
    for cls in reversed(struct.__mro__):
        if not cls.__module__.startswith("openyun."):
            continue
        declared = [
            line
            for node in ast.parse(textwrap.dedent(inspect.getsource(cls))).body
            if isinstance(node, ast.ClassDef)
            for line in node.body
        ]
        for field, below in itertools.pairwise(declared):
            if isinstance(field, ast.AnnAssign) and isinstance(below, ast.Expr) and isinstance(field.target, ast.Name):
                found[field.target.id] = " ".join(str(ast.literal_eval(below.value)).split())
    return found


def errors_of(function: Callable[..., Any]) -> set[type[CloudError]]:
    """The errors that a function, or a function of a service that it calls, raises by name."""
    found: set[type[CloudError]] = set()
    seen: set[FunctionType] = set()
    todo = [inspect.unwrap(function)]
    while todo:
        current = todo.pop()
        if not isinstance(current, FunctionType) or current in seen:
            continue
        seen.add(current)
        for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(current)))):
            if isinstance(node, ast.Name | ast.Attribute):
                meant = _resolve(node, current.__globals__)
                if isinstance(meant, type) and issubclass(meant, CloudError) and meant.code != CloudError.code:
                    found.add(meant)
                elif isinstance(meant, FunctionType) and meant.__module__.startswith("openyun.services."):
                    todo.append(meant)
    return found


def _resolve(node: ast.Name | ast.Attribute, names: dict[str, Any]) -> Any:
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node.value, ast.Name):
        module = names.get(node.value.id)
        return getattr(module, node.attr, None) if isinstance(module, ModuleType) else None
    return None
