"""yun prepare"""

from __future__ import annotations

import click

from openyun import config
from openyun.cli import host
from openyun.config import Config


@click.command()
def prepare() -> None:
    """Get ready for the first start: where instances can be real, build their guest image."""
    settings = config.load()
    click.echo(SAID[make_ready(settings)])
    if not settings.data.exists():
        host.leave(settings)


SAID = {
    "runc": "Instances will be real: they run on runc.",
    "simulated": "Instances will be simulated.",
    "none": "Instances will be refused; all else works.",
}


def make_ready(settings: Config) -> str:
    """The compute driver to use, with all that it needs at hand. Says why when there is none."""
    if settings.compute not in ("auto", "runc"):
        return settings.compute
    from openyun.engine.drivers import doctor, guest_image, place

    images = settings.cache / "images"
    found = doctor.check(images)
    chosen = settings.compute if settings.compute != "auto" else doctor.best_compute(found)
    if chosen == "runc" and not (images / guest_image.DEBIAN_12).is_dir():
        from openyun.cli.progress import bar

        with bar("Guest image") as show:
            guest_image.build_image(images, guest_image.DEBIAN_12, show)
    if chosen == "none":
        click.echo(f"No instance can run here: {doctor.absence(found)}", err=True)
    elif not place.LIMITS:
        click.echo("Without root, instances share this machine's memory and processors without limits.", err=True)
    return chosen
