from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from openyun.engine.compute import Command, Progress
from openyun.services.ecs.command.invocations import (
    RunCommandRequest,
    StopInvocationRequest,
    run_command,
    stop_invocation,
)
from openyun.services.ecs.command.settle import Invocations
from openyun.services.ecs.records import InvocationTask
from tests.unit.region import START, Place

THEN = START.timestamp()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    made.add(status="Running", due=False)
    yield made
    made.close()


def run(place: Place, content: str = "echo hello", **more: Any) -> str:
    ask = RunCommandRequest(
        region_id="cn-hangzhou", type="RunShellScript", command_content=content, instance_id=["i-bp1"], **more
    )
    return place.operate(run_command, ask).invoke_id


def stop(place: Place, invoke_id: str) -> None:
    place.operate(stop_invocation, StopInvocationRequest(region_id="cn-hangzhou", invoke_id=invoke_id))


def settle(worker: Invocations) -> None:
    for _, deed in worker.due():
        deed()


@pytest.fixture
def worker(place: Place) -> Invocations:
    return Invocations(place.cloud, place.at)


def test_a_command_is_launched_and_its_end_written_down(place: Place, worker: Invocations) -> None:
    invoke_id = run(place, timeout=30, username="nobody", working_dir="/tmp")
    settle(worker)
    command = place.compute.commands["i-bp1", invoke_id]
    assert (command.content, command.interpreter) == (b"echo hello", ("/bin/sh",))
    assert (command.timeout, command.username, command.working_directory) == (30.0, "nobody", "/tmp")
    assert place.task(invoke_id).status == "Running"
    place.compute.reports["i-bp1", invoke_id] = Progress(
        state="finished", exit_code=0, output=b"hello\n", started_at=THEN, finished_at=THEN + 2
    )
    settle(worker)
    task = place.task(invoke_id)
    assert (task.status, task.exit_code, task.output, task.due) == ("Success", 0, b"hello\n", False)
    assert (task.started_at, task.finished_at) == ("2026-11-22T10:00:00Z", "2026-11-22T10:00:02Z")


@pytest.mark.parametrize(
    ("report", "status", "code"),
    [
        (Progress(state="finished", exit_code=3), "Failed", "ExitCodeNonzero"),
        (Progress(state="finished", exit_code=None, error="out of memory"), "Error", "ExecutionException"),
        (Progress(state="finished", error="AccountNotExists: there is no user bob."), "Error", "AccountNotExists"),
        (Progress(state="timeout"), "Timeout", "ExecutionTimeout"),
        (Progress(state="absent"), "Error", "ExecutionInterrupted"),
    ],
)
def test_how_commands_fail(place: Place, worker: Invocations, report: Progress, status: str, code: str) -> None:
    invoke_id = run(place)
    settle(worker)
    place.compute.reports["i-bp1", invoke_id] = report
    settle(worker)
    task = place.task(invoke_id)
    assert (task.status, task.error_code, task.due) == (status, code, False)


def test_output_is_shown_while_the_command_runs(place: Place, worker: Invocations) -> None:
    invoke_id = run(place)
    settle(worker)
    place.compute.reports["i-bp1", invoke_id] = Progress(state="running", output=b"so far")
    place.clock.at += timedelta(seconds=2)
    settle(worker)
    task = place.task(invoke_id)
    assert (task.status, task.output, task.due) == ("Running", b"so far", True)


def test_a_running_command_is_stopped(place: Place, worker: Invocations) -> None:
    invoke_id = run(place)
    settle(worker)
    stop(place, invoke_id)
    settle(worker)
    assert place.compute.cancelled == [("i-bp1", invoke_id)]
    assert place.task(invoke_id).status == "Stopping"
    place.compute.reports["i-bp1", invoke_id] = Progress(state="stopped", output=b"half")
    settle(worker)
    task = place.task(invoke_id)
    assert (task.status, task.output, task.stopped_at) == ("Terminated", b"half", "2026-11-22T10:00:00Z")


def test_a_command_that_is_stopped_before_it_began_never_begins(place: Place, worker: Invocations) -> None:
    place.add(status="Starting")
    invoke_id = run(place)
    settle(worker)
    stop(place, invoke_id)
    place.add(status="Running", due=False)
    settle(worker)
    assert place.task(invoke_id).status == "Cancelled"
    assert place.compute.commands == {}


def test_a_command_that_could_not_be_launched_is_launched_later(place: Place, worker: Invocations) -> None:
    """The reconciler does not begin what failed a moment ago, though it is due."""
    invoke_id = run(place)
    ((name, _),) = worker.due()
    ((again, launch),) = worker.due()
    assert name == again
    launch()
    assert place.task(invoke_id).status == "Running"


def test_a_command_that_is_stopped_before_its_launch_never_begins(place: Place, worker: Invocations) -> None:
    invoke_id = run(place)
    ((_, launch),) = worker.due()
    stop(place, invoke_id)
    settle(worker)
    launch()
    assert place.task(invoke_id).status == "Cancelled"
    assert place.compute.commands == {}


def test_a_stop_while_the_command_is_launched_is_not_lost(place: Place, worker: Invocations) -> None:
    invoke_id = run(place)
    ((_, launch),) = worker.due()
    begin = place.compute.launch

    def slow(command: Command) -> None:
        stop(place, invoke_id)
        assert worker.due() == []
        begin(command)

    place.compute.launch = slow
    launch()
    assert place.task(invoke_id).status == "Stopping"
    settle(worker)
    assert place.compute.cancelled == [("i-bp1", invoke_id)]


def test_a_command_waits_a_minute_for_its_instance(place: Place, worker: Invocations) -> None:
    place.add(status="Starting")
    invoke_id = run(place)
    place.clock.at += timedelta(seconds=59)
    settle(worker)
    assert place.task(invoke_id).status == "Pending"
    place.clock.at += timedelta(seconds=2)
    settle(worker)
    assert (place.task(invoke_id).status, place.task(invoke_id).error_code) == ("Aborted", "DeliveryTimeout")


@pytest.mark.parametrize(
    ("change", "code"),
    [({"status": "Stopped", "wanted": "Stopped"}, "InstanceNotRunning"), ({"wanted": "Deleted"}, "InstanceReleased")],
)
def test_an_instance_that_cannot_take_commands(
    place: Place, worker: Invocations, change: dict[str, str], code: str
) -> None:
    invoke_id = run(place)
    place.add(due=False, **change)
    settle(worker)
    task = place.task(invoke_id)
    assert (task.status, task.error_code, task.due) == ("Aborted", code, False)


def test_a_launch_that_fails_is_tried_again(place: Place, worker: Invocations) -> None:
    invoke_id = run(place)
    place.compute.broken = True
    ((_, launch),) = worker.due()
    with pytest.raises(Exception, match="out of order"):
        launch()
    assert place.task(invoke_id).status == "Pending"
    place.compute.broken = False
    settle(worker)
    assert place.task(invoke_id).status == "Running"


def test_parameters_and_what_the_cloud_knows_are_filled_in(place: Place, worker: Invocations) -> None:
    invoke_id = run(
        place,
        "echo {{name}} {{ Greeting }} {{ACS::RegionId}} {{acs::InstanceId}} {{ACS::InvokeId}} {{missing}}.",
        enable_parameter=True,
        parameters={"name": "Jack", "greeting": "hi"},
    )
    settle(worker)
    content = place.compute.commands["i-bp1", invoke_id].content.decode()
    assert content == f"echo Jack hi cn-hangzhou i-bp1 {invoke_id} ."


@pytest.mark.parametrize(
    ("content", "launcher", "interpreter"),
    [
        ("echo 1", "", ("/bin/sh",)),
        ("#!/usr/bin/env bash\necho 1", "", ("/usr/bin/env", "bash")),
        ("#! /usr/bin/python3 -u -v\n", "", ("/usr/bin/python3", "-u -v")),
        ("print(1)", 'python3 -u {{ACS::ScriptFileName|Ext(".py")}}', ("python3", "-u")),
        ("echo 1", "bash -x", ("bash", "-x")),
    ],
)
def test_which_interpreter_runs_a_script(
    place: Place, worker: Invocations, content: str, launcher: str, interpreter: tuple[str, ...]
) -> None:
    invoke_id = run(place, content, launcher=launcher)
    settle(worker)
    assert place.compute.commands["i-bp1", invoke_id].interpreter == interpreter


def test_invocations_are_kept_for_four_weeks(place: Place, worker: Invocations) -> None:
    old = run(place)
    place.clock.at += timedelta(weeks=3)
    young = run(place)
    worker.survey()
    assert place.task(old).invocation_id == old
    place.clock.at += timedelta(weeks=1, seconds=1)
    worker.survey()
    left = place.at.store.read(lambda state: [one.invocation_id for one in state.find(InvocationTask)])
    assert left == [young]
