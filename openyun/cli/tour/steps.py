"""The tour, step by step."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from openyun.cli.tour import crash, inside, objects, people, places, sdks
from openyun.cli.tour.scene import Scene


class Step(NamedTuple):
    title: str
    do: Callable[[Scene], str]
    """what was seen; any exception is a failure"""
    instances: bool = False
    """it needs instances"""
    real: bool = False
    """it needs instances that are not simulated"""


STEPS = [
    Step("Load the official SDKs", lambda scene: sdks.load()),
    Step("Create a RAM user, a policy, an AccessKey pair", people.create_user),
    Step("Ask STS who that user is", people.ask_who),
    Step("Build networks, security groups, key pairs", places.build),
    Step("Run an instance in each of two regions", places.run_instances, instances=True),
    Step("Run a command inside (Cloud Assistant)", inside.run_command, instances=True, real=True),
    Step("Open an SSH session with the key pair", inside.log_in, instances=True, real=True),
    Step("Be refused what the policy does not grant", people.be_refused),
    Step("Put, list and read an object", objects.store),
    Step("Kill the server (SIGKILL) and start it", crash.kill_and_start),
    Step("Find the instances as they were", crash.find_instances, instances=True),
    Step("Find the object as it was", objects.find),
]
