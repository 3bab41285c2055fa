"""yun doctor"""

from __future__ import annotations

import json

import click
import msgspec

from openyun import config
from openyun.cli import host
from openyun.cli.prepare import SAID


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def doctor(as_json: bool) -> None:
    """Say what this machine can run, what is missing, and how to get it."""
    from openyun.engine.drivers import doctor as engines

    settings = config.load()
    found = engines.check(settings.cache / "images")
    best = engines.best_compute(found)
    packages = engines.missing_packages(found)
    if not settings.data.exists():
        host.leave(settings)
    if as_json:
        findings = msgspec.to_builtins(found)
        click.echo(json.dumps({"compute": best, "findings": findings, "missing_packages": packages}, indent=2))
        return
    from openyun.cli.table import show_table

    rows = []
    for finding in found:
        state = "yes" if finding.ok else "missing" if finding.needed else "not yet"
        rows.append([finding.what, state, finding.why, "" if finding.ok else finding.detail or finding.fix])
    show_table(["needed", "here", "for", "what to do"], rows)
    if packages:
        click.echo(f"\nInstall: apt-get install --no-install-recommends -y {' '.join(packages)}")
    click.echo(f"\n{SAID[best]}")
