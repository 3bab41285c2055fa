"""Shows a tour: live on a terminal, line by line elsewhere, and as a table at the end."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import Literal

import click
import msgspec

from openyun.cli.tour.failed import Failed

Result = Literal["passed", "failed", "skipped"]

MARKS: dict[Result, tuple[str, str]] = {
    "passed": ("ok", "green"),
    "failed": ("FAILED", "red"),
    "skipped": ("-", "yellow"),
}


class Outcome(msgspec.Struct, frozen=True):
    step: str
    result: Result
    seen: str
    seconds: float


class Stage:
    def __init__(self, *, quiet: bool) -> None:
        from rich.console import Console

        self._console = Console(stderr=quiet, highlight=False, emoji=False)
        if not self._console.is_terminal:
            self._console.width = 200  # a pipe has no width to fit in
        self._quiet = quiet
        self.outcomes: list[Outcome] = []

    @property
    def failed(self) -> bool:
        return any(one.result == "failed" for one in self.outcomes)

    def play(self, title: str, do: Callable[[], str]) -> None:
        """Do a step and note how it ended."""
        began = time.monotonic()
        result: Result = "passed"
        live = self._console.status(title) if self._console.is_terminal and not self._quiet else nullcontext()
        with live:
            try:
                seen = do()
            except Exception as problem:  # whatever it is, it is why the step failed
                result, seen = "failed", reason(problem)
        self._note(Outcome(title, result, seen, round(time.monotonic() - began, 3)))

    def skip(self, title: str, why: str) -> None:
        self._note(Outcome(title, "skipped", why, 0.0))

    def summary(self) -> None:
        from rich.box import SIMPLE_HEAD
        from rich.table import Table

        table = Table("", "step", "what was seen", "seconds", box=SIMPLE_HEAD, pad_edge=False)
        for one in self.outcomes:
            mark, colour = MARKS[one.result]
            table.add_row(f"[{colour}]{mark}[/]", one.step, _plain(one.seen), f"{one.seconds:.2f}")
        self._console.print()
        self._console.print(table)

    def _note(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        if not self._quiet:
            mark, colour = MARKS[outcome.result]
            shown = outcome.seen if outcome.result == "failed" else ""
            self._console.print(f"[{colour}]{mark:>6}[/]  {outcome.step}  [dim]{_plain(shown)}[/]".rstrip())


def reason(problem: Exception) -> str:
    """One sentence, whichever SDK raised it."""
    if isinstance(problem, Failed | click.ClickException):
        return str(problem)
    code = getattr(problem, "code", None)
    message = getattr(problem, "message", None)
    return f"{code}: {message}" if code and message else f"{type(problem).__name__}: {problem}"


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)
