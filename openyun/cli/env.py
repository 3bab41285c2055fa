"""yun env"""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import click

from openyun import config
from openyun.cli.server import Server
from openyun.config import Config

if TYPE_CHECKING:
    from openyun.accounts import Credentials

PRODUCTS = ("ECS", "VPC", "EIP", "RAM", "STS", "RESOURCEMANAGER", "TAG", "LOCATION")
"""whose endpoints Terraform reads from the environment"""

SNIPPETS = resources.files("openyun.cli") / "clients"


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Endpoint, region and AccessKey pair as JSON.")
@click.option("--client", metavar="NAME", help="A ready snippet for this client; 'list' names them.")
def env(as_json: bool, client: str | None) -> None:
    """Print what clients need: shell exports, JSON, or a ready snippet.

    \b
        eval "$(yun env)"
    """
    settings = config.load()
    credentials = find_credentials(settings)
    found = Server(settings).holder()
    endpoint = found[1] if found else settings.endpoint
    if as_json:
        facts = {
            "endpoint": endpoint,
            "url": f"http://{endpoint}",
            "region": settings.default_region,
            "account_id": credentials.account_id,
            "access_key_id": credentials.access_key_id,
            "access_key_secret": credentials.access_key_secret,
        }
        click.echo(json.dumps(facts, indent=2))
    elif client == "list":
        click.echo("\n".join(clients()))
    elif client:
        click.echo(snippet(client, endpoint, settings.default_region, credentials), nl=False)
    else:
        click.echo("\n".join(exports(endpoint, settings.default_region, credentials)))


def find_credentials(settings: Config) -> Credentials:
    """Those of the first account."""
    from openyun.accounts import read_credentials

    found = read_credentials(settings.data)
    if found is None:
        raise click.ClickException(f"There is no cloud in {settings.data} yet. Start one with: {called()} up")
    return found


def exports(endpoint: str, region: str, credentials: Credentials) -> list[str]:
    """Lines for a POSIX shell."""
    url = f"http://{endpoint}"
    values = {
        "ALIBABA_CLOUD_ACCESS_KEY_ID": credentials.access_key_id,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": credentials.access_key_secret,
        "ALIBABA_CLOUD_REGION_ID": region,
        "ALIBABA_CLOUD_ACCOUNT_ID": credentials.account_id,
        **{f"ALIBABA_CLOUD_ENDPOINT_{product}": endpoint for product in PRODUCTS},
        "ALIBABA_CLOUD_ENDPOINT_OSS": url,
        "OSS_ENDPOINT": url,
        "OSS_REGION": region,
        "OSS_ACCESS_KEY_ID": credentials.access_key_id,
        "OSS_ACCESS_KEY_SECRET": credentials.access_key_secret,
    }
    return [f"export {name}={shlex.quote(value)}" for name, value in values.items()]


def clients() -> list[str]:
    """Names of all snippets."""
    return sorted(Path(one.name).stem for one in SNIPPETS.iterdir() if one.name.endswith(".snippet"))


def snippet(client: str, endpoint: str, region: str, credentials: Credentials) -> str:
    """A ready snippet for one client."""
    if client not in clients():
        raise click.ClickException(f"There is no snippet for {client!r}. There are: {', '.join(clients())}")
    host, _, port = endpoint.rpartition(":")
    text = (SNIPPETS / f"{client}.snippet").read_text(encoding="utf-8")
    for name, value in {
        "ENDPOINT": endpoint,
        "HOST": host,
        "PORT": port,
        "REGION": region,
        "ACCOUNT_ID": credentials.account_id,
        "ACCESS_KEY_ID": credentials.access_key_id,
        "ACCESS_KEY_SECRET": credentials.access_key_secret,
    }.items():
        text = text.replace(f"@{name}@", value)
    return text


def called() -> str:
    """How the user of this process can call `yun`."""
    program = Path(sys.argv[0]).absolute()
    on_path = shutil.which("yun")
    if program.name != "yun" or (on_path and Path(on_path).absolute() == program):
        return "yun"
    here = Path.cwd()
    return str(program.relative_to(here)) if program.is_relative_to(here) else str(program)
