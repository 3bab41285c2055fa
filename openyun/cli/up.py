"""yun up"""

from __future__ import annotations

import time

import click

from openyun import __version__, config
from openyun.cli.env import called, clients, exports, find_credentials
from openyun.cli.prepare import SAID, make_ready
from openyun.cli.server import Server
from openyun.config import Config


@click.command()
@click.option("--tour", is_flag=True, help="Run the guided tour before saying what to do next.")
def up(tour: bool) -> None:
    """Start the cloud in the background, and say what to do next.

    The first time, where instances can be real, this builds their guest image.
    """
    settings = config.load()
    server = Server(settings)
    if found := server.holder():
        click.echo(f"OpenYun is running at http://{found[1]} (process {found[0]}).")
    else:
        chosen = make_ready(settings)
        began = time.monotonic()
        server.start(chosen)
        click.echo(
            f"OpenYun {__version__} is ready at http://{settings.endpoint} "
            f"after {time.monotonic() - began:.2f} s. {SAID[chosen]}"
        )
    if tour:
        from openyun.cli.tour.guide import guide

        click.echo()
        guide(settings)
    click.echo(_what_next(settings))


def _what_next(settings: Config) -> str:
    credentials = find_credentials(settings)
    found = Server(settings).holder()
    endpoint = found[1] if found else settings.endpoint
    yun = called()
    others = ", ".join(name for name in clients() if name != "python")
    lines = [
        "",
        f"  endpoint           http://{endpoint}",
        f"  region             {settings.default_region}",
        f"  AccessKey ID       {credentials.access_key_id}",
        f"  AccessKey secret   {credentials.access_key_secret}",
        f"  data               {settings.data}",
        "",
        "Point the clients in this shell here:",
        "",
        *(f"  {line}" for line in exports(endpoint, settings.default_region, credentials)),
        "",
        "Next:",
        "",
        f'  eval "$({yun} env)"          these exports, without typing',
        f"  {yun} env --client python    a ready snippet; also for {others}",
        f"  {yun} tour                   watch the official SDKs at work",
        f"  {yun} status                 what is running; {yun} down stops it",
    ]
    return "\n".join(lines)
