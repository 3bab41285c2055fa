"""Reads the models of the vendor's official Python SDKs from their sources, without importing them.

A package of 380 operations takes seconds to import and 100 MB to keep; its sources are read in a fraction of both. All
generators of the SDKs write a model as a class whose `__init__` annotates its attributes and whose `to_map` says how
each is called on the wire.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple


class Kind(NamedTuple):
    """What a field holds: "str", "int", "float", "bool", "any", "dict", "model" or "list"."""

    name: str
    model: str = ""
    """the class, when name is "model\""""
    item: Kind | None = None
    """of what, when name is "list\""""

    def __str__(self) -> str:
        return f"list of {self.item}" if self.item else self.name


class Package:
    """The models of one SDK, such as alibabacloud_ecs20140526."""

    def __init__(self, name: str) -> None:
        self.name = name
        spec = find_spec(name)
        if spec is None or not spec.submodule_search_locations:
            raise ModuleNotFoundError(name)
        root = Path(next(iter(spec.submodule_search_locations)))
        self._files = sorted((root / "models").glob("*.py")) if (root / "models").is_dir() else [root / "models.py"]

    @property
    def release(self) -> str:
        return version(self.name)

    def fields(self, model: str) -> dict[str, Kind] | None:
        """Wire name and kind of every field, or None if the SDK has no such model."""
        place = self._places.get(model)
        return None if place is None else _fields_of(_class(place, model))

    @property
    def _places(self) -> dict[str, Path]:
        return _places(tuple(self._files))


def installed(name: str) -> Package | None:
    """The package, if it is installed here."""
    try:
        version(name)
        return Package(name)
    except (PackageNotFoundError, ModuleNotFoundError):
        return None


@cache
def _places(files: tuple[Path, ...]) -> dict[str, Path]:
    return {
        name: file for file in files for name in re.findall(r"^class (\w+)\(", file.read_text(encoding="utf-8"), re.M)
    }


@cache
def _tree(file: Path) -> dict[str, ast.ClassDef]:
    module = ast.parse(file.read_text(encoding="utf-8"))
    return {node.name: node for node in module.body if isinstance(node, ast.ClassDef)}


def _class(file: Path, name: str) -> ast.ClassDef:
    return _tree(file)[name]


def _fields_of(node: ast.ClassDef) -> dict[str, Kind]:
    methods = {item.name: item for item in node.body if isinstance(item, ast.FunctionDef)}
    arguments = methods["__init__"].args
    kinds = {
        argument.arg: _kind(argument.annotation)
        for argument in [*arguments.args, *arguments.kwonlyargs]
        if argument.arg != "self"
    }
    wire = _wire_names(methods["to_map"], set(kinds))
    return {wire[attribute]: kind for attribute, kind in kinds.items() if attribute in wire}


def _wire_names(to_map: ast.FunctionDef, attributes: set[str]) -> dict[str, str]:
    """From `result['VpcId'] = self.vpc_id`, or for a list `result['Tag'] = []` followed by a loop over self.tag."""
    names: dict[str, str] = {}
    pending = ""
    for node in _in_order(to_map):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
            key = node.targets[0].slice
            if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
                continue
            attribute = _attribute_in(node.value, attributes)
            if attribute:
                names[attribute] = key.value
            else:
                pending = key.value
        elif isinstance(node, ast.For) and pending:
            attribute = _attribute_in(node.iter, attributes)
            if attribute:
                names[attribute] = pending
                pending = ""
    return names


def _in_order(node: ast.AST) -> list[ast.stmt]:
    """Statements in the order of the source."""
    return sorted((one for one in ast.walk(node) if isinstance(one, ast.stmt)), key=lambda one: one.lineno)


def _attribute_in(node: ast.AST, attributes: set[str]) -> str:
    for child in ast.walk(node):
        if not isinstance(child, ast.Attribute) or not isinstance(child.value, ast.Name):
            continue
        if child.value.id == "self" and child.attr in attributes:
            return child.attr
    return ""


def _kind(annotation: ast.AST | None) -> Kind:
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        annotation = ast.parse(annotation.value, mode="eval").body
    if isinstance(annotation, ast.Subscript):
        outer = _name(annotation.value)
        if outer in ("List", "list"):
            return Kind("list", item=_kind(annotation.slice))
        return Kind("dict")
    name = _name(annotation)
    if name in ("str", "int", "float", "bool"):
        return Kind(name)
    if name in ("dict", "Dict"):
        return Kind("dict")
    if name in ("Any", "any", "", "bytes", "BinaryIO"):
        return Kind("any")
    return Kind("model", model=name)


def _name(node: ast.AST | None) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
