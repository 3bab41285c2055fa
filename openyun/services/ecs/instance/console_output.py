"""GetInstanceConsoleOutput: what the guest wrote to its console."""

from __future__ import annotations

import base64
import re

from openyun.clock import iso_seconds
from openyun.engine.compute import ConsoleEngine
from openyun.operation import Call, Request, Response
from openyun.services.ecs.errors import NotOffered
from openyun.services.ecs.instance import instances
from openyun.services.ecs.service import ecs

_SYMBOLS = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")


class GetInstanceConsoleOutputRequest(Request, kw_only=True):
    region_id: str
    instance_id: str
    remove_symbols: bool = False


class GetInstanceConsoleOutputResponse(Response, kw_only=True):
    instance_id: str
    console_output: str
    """Base64, the last 64 KiB"""
    last_update_time: str


@ecs.operation(resource="instance/{instance_id}")
def get_instance_console_output(call: Call, ask: GetInstanceConsoleOutputRequest) -> GetInstanceConsoleOutputResponse:
    """The console is its engine's: nothing keeps a copy of it, so this operation is the one that looks there."""
    one = instances.find(call, ask.instance_id)
    engine = call.at.engines.compute
    if not isinstance(engine, ConsoleEngine):
        raise NotOffered(parameter=f"a console of {engine.name} instances")
    output = engine.console(one.id)
    if ask.remove_symbols:
        output = _SYMBOLS.sub(b"", output)
    return GetInstanceConsoleOutputResponse(
        instance_id=one.id,
        console_output=base64.b64encode(output).decode(),
        last_update_time=iso_seconds(call.now),
    )
