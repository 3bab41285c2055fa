"""`yun`: the operator's and the newcomer's command line."""

from __future__ import annotations

import sys

import click

from openyun import __version__, config


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="yun")
def yun() -> None:
    """OpenYun: an open-source cloud that speaks Alibaba Cloud's language."""


@yun.command()
def serve() -> None:
    """Run the cloud in the foreground, until SIGTERM."""
    from openyun.main import AlreadyRunning
    from openyun.main import serve as run

    try:
        run(config.load())
    except AlreadyRunning as problem:
        sys.exit(str(problem))
