"""yun oss"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import click

from openyun import config
from openyun.cli.env import find_credentials
from openyun.cli.progress import bar
from openyun.cli.server import Server

if TYPE_CHECKING:
    from openyun.cli.importing.copying import Tally
    from openyun.cli.importing.sources import Place

_EVERY = 0.2 if sys.stderr.isatty() else 5.0
"""seconds between two words about progress"""


@click.group()
def oss() -> None:
    """Buckets of this cloud."""


@oss.command("import")
@click.option("--from", "origin", required=True, metavar="s3://BUCKET[/PREFIX]", help="Or oss://BUCKET[/PREFIX].")
@click.option(
    "--endpoint", required=True, metavar="URL", help="Where that bucket is: https://s3.eu-west-1.amazonaws.com"
)
@click.option("--access-key-id", required=True, envvar="OPENYUN_IMPORT_ACCESS_KEY_ID", help="For that endpoint.")
@click.option("--access-key-secret", required=True, envvar="OPENYUN_IMPORT_ACCESS_KEY_SECRET")
@click.option("--security-token", default="", envvar="OPENYUN_IMPORT_SECURITY_TOKEN")
@click.option("--region", default="", help="The source's region, where it cannot be asked for it.")
@click.option("--to", "goal", required=True, metavar="oss://BUCKET[/PREFIX]", help="Made if there is none.")
@click.option("--jobs", default=8, show_default=True, type=click.IntRange(1, 64), help="Objects at once.")
def import_(
    origin: str,
    endpoint: str,
    access_key_id: str,
    access_key_secret: str,
    security_token: str,
    region: str,
    goal: str,
    jobs: int,
) -> None:
    """Copy a bucket from any S3 or OSS endpoint into this cloud.

    What is here already is not copied again: after an interruption, run it once more. Every option of the source's
    key can stand in a variable, OPENYUN_IMPORT_ACCESS_KEY_SECRET for one, where other users do not see it.
    """
    there, here = _address(origin), _address(goal)
    if here[0] != "oss":
        raise click.ClickException("--to must be oss://BUCKET[/PREFIX]: a bucket of this cloud")
    settings = config.load()
    credentials = find_credentials(settings)
    _, address = Server(settings).running()
    try:
        from openyun.cli.importing.sources import REFUSALS, Place
    except ModuleNotFoundError as problem:
        raise click.ClickException(
            f"{problem.name} is not installed; it comes with: pip install 'openyun[import]'"
        ) from None
    source = Place(
        scheme=there[0],
        bucket=there[1],
        prefix=there[2],
        endpoint=endpoint if "://" in endpoint else f"https://{endpoint}",
        access_key_id=access_key_id,
        access_key_secret=access_key_secret,
        security_token=security_token,
        region=region,
    )
    target = Place(
        scheme="oss",
        bucket=here[1],
        prefix=here[2],
        endpoint=f"http://{address}",
        access_key_id=credentials.access_key_id,
        access_key_secret=credentials.access_key_secret,
    )
    try:
        tally = _run(source, target, jobs)
    except REFUSALS as problem:
        raise click.ClickException(str(problem)) from None
    click.echo(str(tally))
    for one in tally.failed:
        click.echo(one, err=True)
    if tally.failures:
        raise click.ClickException("Not all was copied. Run it again to go on.")


@oss.command()
@click.option("--region", default="", help="Only this one.")
@click.option("--json", "as_json", is_flag=True, help="A line of JSON for each finding, and for the sums of a region.")
def scrub(region: str, as_json: bool) -> None:
    """Read every stored byte again, and tell what is damaged, missing, or named by no object.

    It changes nothing, and customers go on meanwhile. Ends with status 1 if an object has lost bytes; bytes that have
    lost their object are only told: the cloud frees them by itself.
    """
    lost = False
    for line in _scrubbed(region):
        sums = line.get("sums")
        lost = lost or (sums is None and line["kind"] != "orphan")
        if as_json:
            click.echo(json.dumps(line))
        elif sums is not None:
            click.echo(
                f"{line['region']}: {sums['objects']:,} objects, {sums['bytes']:,} bytes, {sums['findings']:,} findings"
            )
        else:
            where = f"oss://{line['bucket']}/{line['key']}" if "bucket" in line else line["blob_id"]
            version = f" ({line['version_id']})" if "version_id" in line else ""
            click.echo(f"{line['kind']}: {where}{version}: {line['detail']}")
    if lost:
        sys.exit(1)


def _scrubbed(region: str) -> Iterator[dict[str, Any]]:
    """As the server tells it, line by line."""
    import http.client

    from openyun.accounts import operator_token

    settings = config.load()
    _, address = Server(settings).running()
    connection = http.client.HTTPConnection(address, timeout=600)
    try:
        headers = {"Authorization": f"Bearer {operator_token(settings.data)}"}
        connection.request("POST", f"/_openyun/oss/scrub?region={region}", headers=headers)
        answer = connection.getresponse()
        if answer.status != 200:
            raise click.ClickException(f"the server answered {answer.status}")
        for line in answer:
            yield dict(json.loads(line))
    except (OSError, http.client.HTTPException) as problem:
        raise click.ClickException(f"the scrub was interrupted: {problem}") from problem
    finally:
        connection.close()


def _run(source: Place, target: Place, jobs: int) -> Tally:
    from openyun.cli.importing.copying import Import, make_bucket
    from openyun.cli.importing.journal import Journal
    from openyun.cli.importing.sources import OssSource, open_source

    into = OssSource(target)
    make_bucket(into)
    name = f"{source.endpoint} {source.scheme}://{source.bucket}/{source.prefix} {target.bucket}/{target.prefix}"
    journal = Journal(config.load().data / "imports", name)
    try:
        copying = Import(open_source(source), into, journal, source_prefix=source.prefix, target_prefix=target.prefix)
        with bar("import") as tell:
            return copying.run(jobs, _now_and_then(lambda tally: tell(str(tally), None)))
    finally:
        journal.close()


def _now_and_then(tell: Callable[[Tally], None]) -> Callable[[Tally], None]:
    last = 0.0

    def told(tally: Tally) -> None:
        nonlocal last
        if time.monotonic() - last >= _EVERY:
            last = time.monotonic()
            tell(tally)

    return told


def _address(text: str) -> tuple[str, str, str]:
    """Scheme, bucket and prefix."""
    found = re.fullmatch(r"(s3|oss)://([^/]+)(?:/(.*))?", text)
    if found is None:
        raise click.ClickException(f"{text!r} is no address like oss://BUCKET or s3://BUCKET/PREFIX")
    return found[1], found[2], found[3] or ""
