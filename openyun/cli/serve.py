"""yun serve"""

from __future__ import annotations

import click

from openyun import config


@click.command()
def serve() -> None:
    """Run the cloud in the foreground, until SIGTERM."""
    from openyun import main

    try:
        main.serve(config.load())
    except main.AlreadyRunning as problem:
        raise click.ClickException(str(problem)) from problem
