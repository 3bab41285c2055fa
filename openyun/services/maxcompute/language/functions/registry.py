"""All functions by name, and the macros that a translated text needs."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from sqlglot import exp

from openyun.services.maxcompute.language.functions import (
    aggregates,
    collections,
    conditionals,
    conversion,
    dates,
    json,
    mathematics,
    network,
    strings,
    windows,
)
from openyun.services.maxcompute.language.problem import semantic_exception

Builder = Callable[[list[exp.Expr]], exp.Expr]
_FAMILIES = (
    dates, strings, mathematics, aggregates, windows, json, collections, conditionals, conversion, network,
)  # fmt: skip

SAME: dict[str, str] = {}
MACROS: dict[str, str] = {}
BUILDERS: dict[str, Builder] = {}
for _family in _FAMILIES:
    SAME.update(getattr(_family, "SAME", {}))
    MACROS.update(getattr(_family, "MACROS", {}))
    BUILDERS.update(getattr(_family, "BUILDERS", {}))

_OURS = re.compile(r"\bmc_(\w+)", re.IGNORECASE)


def names() -> list[str]:
    """Of all functions there are."""
    return sorted({*SAME, *BUILDERS, *(name for name in MACROS if not name.startswith("_"))})


@cache
def _text(name: str) -> tuple[str, tuple[str, ...]]:
    text = " ".join(MACROS[name].split())
    needs = tuple(dict.fromkeys(one.lower() for one in _OURS.findall(text) if one.lower() in MACROS))
    return f"CREATE OR REPLACE TEMP MACRO mc_{name} {text}", needs


def macros(sql: str) -> list[str]:
    """The statements that make the macros that a translated text calls, each after those that it calls itself."""
    found: dict[str, None] = {}

    def need(name: str) -> None:
        if name in found:
            return
        for other in _text(name)[1]:
            if other != name:
                need(other)
        found[name] = None

    for name in _OURS.findall(sql):
        if name.lower() in MACROS:
            need(name.lower())
    return [_text(name)[0] for name in found]


def translate_function(node: exp.Expr) -> exp.Expr | None:
    """Its replacement, or None if the node is no function. Raises SqlProblem for a function that there is not."""
    special = windows.translate(node) or aggregates.translate(node) or dates.translate(node) or strings.translate(node)
    if special is not None:
        return special
    if not isinstance(node, exp.Anonymous):
        return None
    name = node.name.lower()
    if name in BUILDERS:
        try:
            return BUILDERS[name](node.expressions)
        except (IndexError, ValueError) as problem:
            raise _refuse(node, f"function {name} cannot take these arguments") from problem
    if name in SAME:
        node.set("this", SAME[name])
        return node
    if name in MACROS and not name.startswith("_"):
        node.set("this", f"mc_{name}")
        return node
    if name.startswith("mc_") and name[3:] in MACROS:
        return node
    if node.meta.get("engine") or name in _ENGINE:
        return node
    raise _refuse(node, f"function {name} cannot be resolved")


_ENGINE = frozenset(("grouping_id",))


def _refuse(node: exp.Expr, message: str) -> Exception:
    line, column = node.meta.get("line", 0), node.meta.get("col", 0)
    return semantic_exception(message, line, max(0, column - len(node.name) + 1))
