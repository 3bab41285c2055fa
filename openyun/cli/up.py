"""yun up"""

from __future__ import annotations

import time

import click

from openyun import __version__, config
from openyun.accounts import read_credentials
from openyun.cli.env import called, exports
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
        began = time.monotonic()
        chosen = prepare(settings)
        start = time.monotonic()
        server.start(chosen)
        now = time.monotonic()
        engine = "instances are simulated" if chosen == "simulated" else f"instances run on {chosen}"
        click.echo(
            f"OpenYun {__version__} is ready at http://{settings.endpoint}: {engine} "
            f"({now - start:.2f} s, after {start - began:.2f} s of looking at this machine)."
        )
    if tour:
        from openyun.cli.tour.guide import guide

        click.echo()
        guide(settings)
    click.echo(what_next(settings))


def prepare(settings: Config) -> str:
    """The compute driver to use, with all that it needs at hand."""
    if settings.compute not in ("auto", "runc"):
        return settings.compute
    from openyun.engine.drivers import doctor, guest_image

    images = settings.cache / "images"
    found = doctor.check(images)
    chosen = settings.compute if settings.compute != "auto" else doctor.best_compute(found)
    if chosen == "runc" and not (images / guest_image.DEBIAN_12).is_dir():
        from openyun.cli.progress import bar

        with bar("Guest image") as show:
            guest_image.build_image(images, guest_image.DEBIAN_12, show)
    if chosen == "simulated":
        missing = next(finding for finding in found if finding.needed and not finding.ok)
        click.echo(
            f"Instances will be simulated, because a real one needs {missing.what}"
            + (f" ({missing.detail})" if missing.detail else "")
            + (f". To have it: {missing.fix}" if missing.fix else "")
            + f". All findings: {called()} doctor",
            err=True,
        )
    return chosen


def what_next(settings: Config) -> str:
    """Endpoint, AccessKey pair, exports, and where to go from here."""
    credentials = read_credentials(settings.data)
    if credentials is None:
        raise click.ClickException(f"There is no account in {settings.data}.")
    found = Server(settings).holder()
    endpoint = found[1] if found else settings.endpoint
    lines = [
        "",
        f"  endpoint           http://{endpoint}",
        f"  region             {settings.default_region}",
        f"  AccessKey ID       {credentials.access_key_id}",
        f"  AccessKey secret   {credentials.access_key_secret}",
        f"  data               {settings.data}",
        "",
        "Point this shell's clients here:",
        "",
        *(f"  {line}" for line in exports(endpoint, settings.default_region, credentials)),
        "",
        "Next:",
        "",
        f'  eval "$({called()} env)"           those exports, without typing',
        f"  {called()} env --client python     a ready snippet (also: {', '.join(_other_clients())})",
        f"  {called()} tour                    watch the official SDKs at work",
        f"  {called()} status                  what is running; {called()} down stops it",
    ]
    return "\n".join(lines)


def _other_clients() -> list[str]:
    from openyun.cli.env import clients

    return [name for name in clients() if name != "python"]
