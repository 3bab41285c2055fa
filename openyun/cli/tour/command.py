"""yun tour"""

from __future__ import annotations

import click

from openyun import config


@click.command()
@click.option("--keep", is_flag=True, help="Leave what the tour makes, to look at it.")
@click.option("--json", "as_json", is_flag=True, help="Only a summary, as JSON.")
def tour(keep: bool, as_json: bool) -> None:
    """Watch the official SDKs use this cloud, step by step.

    A RAM user with a policy, networks and instances in two regions, commands and SSH inside them, objects, a crash
    of the server, and everything still there. Ends with exit code 1 when a step fails.
    """
    from openyun.cli.tour.guide import guide

    guide(config.load(), keep=keep, as_json=as_json)
