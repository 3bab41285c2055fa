"""Leads through the steps, and cleans up behind itself."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click
import msgspec

from openyun.accounts import read_credentials
from openyun.cli.server import Server
from openyun.cli.tour.failed import Failed
from openyun.cli.tour.scene import Scene, wait
from openyun.cli.tour.stage import Stage, reason
from openyun.cli.tour.steps import STEPS
from openyun.config import Config

SIMULATED = "needs a real instance; those here are simulated, as asked"
NONE = "needs an instance, and none can run here (yun doctor says why)"


def guide(settings: Config, *, keep: bool = False, as_json: bool = False) -> None:
    """The whole tour. Ends the process with exit code 1 when a step fails."""
    server = Server(settings)
    _, endpoint = server.running()
    stage = Stage(quiet=as_json)
    if not as_json:
        click.echo(f"A guided tour of the cloud at http://{endpoint}, with the official SDKs:\n")
    with tempfile.TemporaryDirectory(prefix="openyun-tour-") as folder:
        _play(server, stage, Path(folder), keep=keep)
    if as_json:
        answer = msgspec.json.encode({"ok": not stage.failed, "steps": stage.outcomes})
        click.echo(msgspec.json.format(answer, indent=2))
    else:
        stage.summary()
    if stage.failed:
        raise SystemExit(1)


def _play(server: Server, stage: Stage, folder: Path, *, keep: bool) -> None:
    account = read_credentials(server.config.data)
    if account is None:
        raise click.ClickException(f"There is no account in {server.config.data}.")
    engine = next(iter(server.health()["regions"].values()))
    scene = Scene(
        server=server, account=account, folder=folder, simulated=engine["simulated"], compute=engine["compute"]
    )
    try:
        for step in STEPS:
            if step.instances and scene.compute == "none":
                stage.skip(step.title, NONE)
            elif step.real and scene.simulated:
                stage.skip(step.title, SIMULATED)
            else:
                stage.play(step.title, partial(step.do, scene))
            if stage.failed:
                break
    finally:
        if keep:
            stage.skip("Clean up", f"kept, as asked: everything is called {scene.name}")
        else:
            stage.play("Clean up", partial(clean_up, scene))


def clean_up(scene: Scene) -> str:
    """Undo everything in the opposite order; what cannot be undone is told, and does not stop the rest."""
    left = []
    for name, undo in reversed(scene.undo):
        try:
            wait(name, partial(_undone, undo), bool)
        except Exception as problem:  # told below, with what was left
            left.append(f"{name} ({reason(problem)})")
    if left:
        raise Failed("left behind: " + "; ".join(left))
    return f"{len(scene.undo)} things removed"


def _undone(undo: Callable[[], Any]) -> bool:
    """False while something that is still going away depends on it."""
    try:
        undo()
    except Exception as problem:
        if str(getattr(problem, "code", "")).startswith("DependencyViolation"):
            return False
        raise
    return True
