"""yun reset"""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from openyun import config
from openyun.cli import host
from openyun.cli.server import Server
from openyun.config import Config

OURS = ("state", "regions", "credentials.json", "master.key", "operator.token", "server.log", "lock")
"""all that a cloud keeps at the top of its data directory"""


@click.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
def reset(yes: bool) -> None:
    """Delete everything in this cloud: instances, objects, accounts. Guest images stay.

    The next `yun up` makes a new cloud with new keys.
    """
    settings = config.load()
    if not settings.data.exists():
        click.echo(f"There is nothing in {settings.data}.")
        host.leave(settings)
        return
    if not yes:
        click.confirm(f"Delete all instances, objects and accounts in {settings.data}?", abort=True)
    Server(settings).stop()
    host.clear(settings)
    host.leave(settings)
    _drop_state(settings)
    _delete(settings.data)
    click.echo(f"Everything in {settings.data} is gone.")


def _drop_state(settings: Config) -> None:
    if settings.state == "sqlite":
        return
    from openyun.state.postgresql import drop

    for folder in sorted((settings.data / "regions").glob("*")):
        drop(settings.state, folder.name)


def _delete(data: Path) -> None:
    """Only what is ours: somebody may have put the data directory where other things are."""
    mounts = (line.split()[4].replace("\\040", " ") for line in _mount_table())
    if left := [mount for mount in mounts if Path(mount).is_relative_to(data.resolve())]:
        raise click.ClickException(f"{left[0]} is still mounted, so nothing was deleted.")
    for name in OURS:
        path = data / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    if not any(data.iterdir()):
        data.rmdir()


def _mount_table() -> list[str]:
    table = Path("/proc/self/mountinfo")
    return table.read_text().splitlines() if table.exists() else []
