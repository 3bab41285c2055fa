"""Coroutines whose first step is taken outside a task, as for most it is the only one."""

from __future__ import annotations

import asyncio
import types
from collections.abc import Coroutine, Generator
from typing import Any, TypeVar, cast

T = TypeVar("T")

_tasks: set[asyncio.Task[None]] = set()
"""the loop itself holds them only weakly"""


def begin(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run it in a task of its own, to its end."""
    task = asyncio.get_running_loop().create_task(coroutine)
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


def drop(body: object) -> None:
    """Close a stream that nobody will read."""
    close = getattr(body, "aclose", None)
    if close is not None:
        begin(close())


@types.coroutine
def resumed(coroutine: Coroutine[Any, Any, T], awaited: Any) -> Generator[Any, Any, T]:
    """Go on, inside a task, with a coroutine that took its first step outside one and awaits this."""
    try:
        while True:
            try:
                result = yield awaited
            except BaseException as problem:
                awaited = coroutine.throw(problem)
            else:
                awaited = coroutine.send(result)
    except StopIteration as done:
        return cast("T", done.value)
