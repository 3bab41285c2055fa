"""yun down"""

from __future__ import annotations

import click

from openyun import config
from openyun.cli import host
from openyun.cli.server import Server


@click.command()
def down() -> None:
    """Stop the cloud and its instances.

    Disks, objects and settings stay; the next `yun up` starts the instances again.
    """
    settings = config.load()
    was_running = Server(settings).stop()
    machines = host.halt(settings)
    host.leave(settings)
    if was_running or machines:
        click.echo(f"OpenYun has stopped, and with it {_count(machines, 'running instance')}.")
    else:
        click.echo("OpenYun was not running.")


def _count(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"
