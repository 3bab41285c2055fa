"""A bar that fills, where there is a terminal; a line for each change, where there is none."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click


@contextmanager
def bar(title: str) -> Iterator[Callable[[str, float | None], None]]:
    """Yields a function that takes what is being done and the fraction that is behind."""
    if not sys.stderr.isatty():
        yield lambda text, fraction: click.echo(
            f"{title}: {text}" + (f" ({fraction:.0%})" if fraction is not None else ""), err=True
        )
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn(title),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("", total=1.0)
        yield lambda text, fraction: progress.update(task, description=text, completed=fraction)
