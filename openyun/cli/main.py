"""`yun`: the operator's and the newcomer's command line."""

from __future__ import annotations

import os
import sys

import click
import msgspec

from openyun import __version__, config
from openyun.cli.account import account
from openyun.cli.connect import connect
from openyun.cli.doctor import doctor
from openyun.cli.down import down
from openyun.cli.env import env
from openyun.cli.oss import oss
from openyun.cli.prepare import prepare
from openyun.cli.proxy.command import proxy
from openyun.cli.reset import reset
from openyun.cli.serve import serve
from openyun.cli.status import status
from openyun.cli.tour.command import tour
from openyun.cli.up import up
from openyun.cli.usage import usage
from openyun.engine.compute import EngineError
from openyun.state import StateError


class Yun(click.Group):
    """What can go wrong with a machine is one sentence for its user; only a mistake of ours is a stack trace."""

    def invoke(self, context: click.Context) -> object:
        try:
            return super().invoke(context)
        except BrokenPipeError:
            raise
        except msgspec.ValidationError as problem:
            raise click.ClickException(f"A setting OPENYUN_... is wrong: {problem}") from problem
        except (EngineError, StateError, OSError) as problem:
            raise click.ClickException(str(problem)) from problem

    def resolve_command(
        self, context: click.Context, arguments: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name, command, rest = super().resolve_command(context, arguments)
        if name in HANDS_ON:
            _enter_place()
        return name, command, rest

    def list_commands(self, context: click.Context) -> list[str]:
        return list(self.commands)  # in the order in which one needs them


HANDS_ON = {"up", "tour", "down", "reset", "doctor", "prepare", "connect", "serve"}
"""commands that touch engines, or start what does"""


def _enter_place() -> None:
    """Without root, engines work in a user namespace: what touches them goes on there."""
    if os.geteuid() == 0 or sys.platform != "linux":
        return
    from openyun.engine.drivers import place

    settings = config.load()
    if settings.compute in ("auto", "runc") and not place.ROOTLESS and not any(place.missing()):
        place.enter(settings.data, settings.cache)


@click.group(cls=Yun, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="yun")
def yun() -> None:
    """OpenYun: an open-source cloud that speaks Alibaba Cloud's language.

    Everything is kept in one data directory: OPENYUN_DATA, by default ~/.local/share/openyun.
    """


for command in (up, tour, env, status, down, reset, doctor, prepare, account, oss, usage, connect, proxy, serve):
    yun.add_command(command)
