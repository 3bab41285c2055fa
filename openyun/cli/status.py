"""yun status"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from openyun import __version__, config
from openyun.cli.server import Server
from openyun.config import Config
from openyun.region import REGIONS
from openyun.state import StateError, Transaction, open_store


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def status(as_json: bool) -> None:
    """Say whether the cloud is running, and what is in it. Exit code 3 when it is not running."""
    facts = look(config.load())
    if as_json:
        click.echo(json.dumps(facts, indent=2))
    else:
        _show(facts)
    if not facts["running"]:
        raise SystemExit(3)


def look(settings: Config) -> dict[str, Any]:
    server = Server(settings)
    found = server.holder()
    health = server.health() if found else {}
    return {
        "running": found is not None,
        "version": health.get("version", __version__),
        "endpoint": f"http://{found[1]}" if found else None,
        "pid": found[0] if found else None,
        "memory_bytes": server.resident(),
        "data": str(settings.data),
        "state": "sqlite" if settings.state == "sqlite" else "postgresql",
        "regions": [
            {"region": region.id, "compute": health.get("regions", {}).get(region.id, {}).get("compute")}
            | _counts(settings, region.id)
            for region in REGIONS
            if (settings.data / "regions" / region.id).is_dir()
        ],
    }


def _counts(settings: Config, region_id: str) -> dict[str, Any]:
    """What a region holds, read from its state, so that it can be told even when the cloud is down."""
    from openyun.services.ecs.records import Instance
    from openyun.services.oss.records import Bucket

    if settings.state == "sqlite" and not Path(settings.data / "state" / f"{region_id}.db").exists():
        return {"instances": 0, "running_instances": 0, "buckets": 0}

    def count(state: Transaction) -> dict[str, Any]:
        running = state.count(Instance, wanted="Running")
        return {
            "instances": running + state.count(Instance, wanted="Stopped"),
            "running_instances": running,
            "buckets": state.count(Bucket),
        }

    try:
        store = open_store(settings.state, region_id, settings.data)
        try:
            return store.read(count)
        finally:
            store.close()
    except StateError as problem:
        return {"instances": None, "running_instances": None, "buckets": None, "problem": str(problem)}


def _show(facts: dict[str, Any]) -> None:
    if facts["running"]:
        memory = facts["memory_bytes"]
        size = f", {memory / 1e6:.0f} MB" if memory else ""
        click.echo(f"OpenYun {facts['version']} is running at {facts['endpoint']} (process {facts['pid']}{size}).")
    else:
        click.echo("OpenYun is not running. Start it with: yun up")
    click.echo(f"Its data is in {facts['data']}, its state in {facts['state']}.")
    if facts["regions"]:
        from openyun.cli.table import show_table

        show_table(
            ["region", "compute", "instances", "of them running", "buckets", ""],
            [
                [
                    one["region"],
                    one["compute"] or "-",
                    _number(one["instances"]),
                    _number(one["running_instances"]),
                    _number(one["buckets"]),
                    one.get("problem", ""),
                ]
                for one in facts["regions"]
            ],
        )


def _number(value: int | None) -> str:
    return "?" if value is None else str(value)
