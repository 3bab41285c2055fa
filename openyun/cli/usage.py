"""yun usage"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from openyun import config
from openyun.config import Config
from openyun.region import REGIONS
from openyun.state import StateError, open_store
from openyun.usage import HOUR, Usage, between, hour_of


@click.command()
@click.option("--account", "account_id", default="", metavar="ID", help="Only of this account.")
@click.option("--service", default="", help="Only of this service: oss.")
@click.option("--resource", "--bucket", "resource", default="", metavar="NAME", help="Only of this bucket or resource.")
@click.option("--hours", default=24, show_default=True, type=click.IntRange(1, 24 * 366), help="How far to look back.")
@click.option("--sum", "summed", is_flag=True, help="All hours in one line; what is held, as it was last.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def usage(account_id: str, service: str, resource: str, hours: int, summed: bool, as_json: bool) -> None:
    """Show what was used, hour by hour, as bills sum it: requests, bytes in and out, bytes held."""
    settings = config.load()
    start = hour_of(time.time()) - (hours - 1) * HOUR
    found = list(_records(settings, start, account_id, service, resource))
    if summed:
        found = _summed(found)
    if as_json:
        click.echo(json.dumps([_shown(one) for one in found], indent=2))
        return
    from openyun.cli.table import show_table

    show_table(
        ["hour", "service", "account", "region", "resource", "meter", "quantity"],
        [[str(one) for one in _shown(row).values()] for row in found],
    )


def _records(settings: Config, start: int, account_id: str, service: str, resource: str) -> Iterator[Usage]:
    """Read from the state of each region, so that it can be told even when the cloud is down."""
    for region in REGIONS:
        if not (settings.data / "regions" / region.id).is_dir():
            continue
        if settings.state == "sqlite" and not Path(settings.data / "state" / f"{region.id}.db").exists():
            continue
        try:
            store = open_store(settings.state, region.id, settings.data)
        except StateError as problem:
            click.echo(f"{region.id}: {problem}", err=True)
            continue
        try:
            yield from store.read(
                lambda state: between(
                    state,
                    start,
                    hour_of(time.time()) + HOUR,
                    account_id=account_id,
                    service=service,
                    resource=resource,
                )
            )
        finally:
            store.close()


def _summed(found: list[Usage]) -> list[Usage]:
    """What flows is added up; of what is held, the latest hour counts."""
    sums: dict[tuple[str, ...], Usage] = {}
    for one in sorted(found, key=lambda one: one.hour):
        key = (one.service, one.account_id, one.region_id, one.resource, one.meter)
        if key in sums and not one.meter.startswith(("Storage", "ChargedDatasize")):
            one.quantity += sums[key].quantity
        sums[key] = one
    return [sums[key] for key in sorted(sums)]


def _shown(one: Usage) -> dict[str, str | int]:
    return {
        "hour": datetime.fromtimestamp(one.hour, UTC).strftime("%Y-%m-%dT%H:00Z"),
        "service": one.service,
        "account_id": one.account_id,
        "region_id": one.region_id,
        "resource": one.resource,
        "meter": one.meter,
        "quantity": one.quantity,
    }
