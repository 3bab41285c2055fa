"""yun account"""

from __future__ import annotations

import json

import click

from openyun import config
from openyun.cli.server import Server


@click.group()
def account() -> None:
    """Accounts of this cloud."""


@account.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def add(as_json: bool) -> None:
    """Make another account, and print its AccessKey pair."""
    from openyun.accounts import operator_token

    settings = config.load()
    server = Server(settings)
    server.running()
    token = operator_token(settings.data)
    made = server.ask("POST", "/_openyun/accounts", {"Authorization": f"Bearer {token}"})
    if as_json:
        click.echo(json.dumps(made, indent=2))
        return
    click.echo(f"account            {made['account_id']}")
    click.echo(f"AccessKey ID       {made['access_key_id']}")
    click.echo(f"AccessKey secret   {made['access_key_secret']}")
