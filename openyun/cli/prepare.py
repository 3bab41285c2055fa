"""yun prepare"""

from __future__ import annotations

import click

from openyun import config
from openyun.config import Config


@click.command()
def prepare() -> None:
    """Get ready for the first start: where instances can be real, build their guest image."""
    click.echo(
        "Instances will be simulated." if make_ready(config.load()) == "simulated" else "Ready for real instances."
    )


def make_ready(settings: Config) -> str:
    """The compute driver to use, with all that it needs at hand. Says so when instances will be simulated."""
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
            f"Instances will be simulated, because real ones need {missing.what}: {missing.why}"
            + (f" ({missing.detail})" if missing.detail else "")
            + (f". To have it: {missing.fix}" if missing.fix else "."),
            err=True,
        )
    return chosen
