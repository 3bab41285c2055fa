"""Scheduled commands, and files that are sent."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from openyun.engine.compute import Progress
from openyun.services.ecs.command import files, invocations, results, schedules
from openyun.services.ecs.command.errors import InvalidFrequency
from openyun.services.ecs.command.settle import Invocations
from openyun.services.ecs.records import Instance, Invocation, SentFile
from tests.unit.region import ACCOUNT, START, Place

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("frequency", "expected"),
    [
        ("rate(5m)", "2026-11-22T12:05:00"),
        ("rate(1d)", "2026-11-23T12:00:00"),
        ("at(2026-12-24 18:00:00 Asia/Shanghai)", "2026-12-24T10:00:00"),
        ("at(2026-12-24 18:00:00)", "2026-12-24T18:00:00"),
        ("0 */20 * * * ?", "2026-11-22T12:20:00"),
        ("0 30 8 * * ? Asia/Shanghai", "2026-11-23T00:30:00"),
        ("0 0 0 1 1 ? 2028 GMT+08:00", "2027-12-31T16:00:00"),
        ("0 0 9 ? * MON-FRI", "2026-11-23T09:00:00"),
        ("0 0 0 29 2 ?", "2028-02-29T00:00:00"),
    ],
)
def test_when_a_schedule_comes_next(frequency: str, expected: str) -> None:
    at = schedules.next_after(frequency, NOON)
    assert at is not None
    assert at.strftime("%Y-%m-%dT%H:%M:%S") == expected


@pytest.mark.parametrize(
    "frequency",
    ["", "rate(59s)", "rate(8d)", "rate(5x)", "at(2026-13-01 00:00:00)", "* * *", "60 * * * * ?", "0 0 9 1 * MON",
     "0 0 9 * * ? Nowhere/None", "at(2020-01-01 00:00:00)", "0 0 0 30 2 ?", "0 0 0 1 1 ? 2020"],
)  # fmt: skip
def test_what_is_no_schedule_or_never_comes(frequency: str) -> None:
    with pytest.raises(InvalidFrequency):
        schedules.check(frequency, NOON)


def run(place: Place, **more: object) -> str:
    asked = msgspec.convert(
        {
            "RegionId": "cn-hangzhou",
            "Type": "RunShellScript",
            "CommandContent": "date",
            "InstanceId": ["i-bp1"],
            **more,
        },
        invocations.RunCommandRequest,
    )
    return place.operate(invocations.run_command, asked).invoke_id


def look(place: Place, later: timedelta) -> None:
    """One look at the host and at what is due, twice: a launch and its end."""
    place.clock.at = START + later
    worker = Invocations(place.cloud, place.at)
    worker.survey()
    for _ in range(2):
        for _, deed in worker.due():
            deed()


def finish(place: Place, invoke_id: str, output: bytes) -> None:
    place.compute.reports["i-bp1", invoke_id] = Progress(
        state="finished", exit_code=0, output=output, started_at=START.timestamp(), finished_at=START.timestamp()
    )


def test_a_command_that_runs_by_the_clock_and_what_is_told_of_it(place: Place) -> None:
    place.add(status="Running", due=False, started_at="2026-11-22T09:00:00Z")
    invoke_id = run(place, RepeatMode="Period", Frequency="rate(10m)")
    look(place, timedelta(minutes=9))
    assert place.compute.commands == {}
    assert place.task(invoke_id).status == "Scheduled"
    for number in (1, 2, 3):
        finish(place, invoke_id if number == 1 else f"{invoke_id}-{number}", b"%d" % number)
        look(place, timedelta(minutes=11 * number))
    task = place.task(invoke_id)
    assert (task.status, task.repeats, task.output) == ("Scheduled", 3, b"3")
    asked = results.DescribeInvocationResultsRequest(
        region_id="cn-hangzhou", invoke_id=invoke_id, include_history=True, content_encoding="PlainText"
    )
    told = place.operate(results.describe_invocation_results, asked).invocation.invocation_results.invocation_result
    assert [(one.output, one.repeats) for one in told] == [("3", 3), ("2", 2), ("1", 1)]
    stop = invocations.StopInvocationRequest(region_id="cn-hangzhou", invoke_id=invoke_id)
    place.operate(invocations.stop_invocation, stop)
    look(place, timedelta(hours=5))
    assert place.task(invoke_id).status == "Cancelled"
    assert len(place.compute.commands) == 3


@pytest.mark.parametrize(("mode", "runs"), [("NextRebootOnly", 1), ("EveryReboot", 2)])
def test_a_command_that_runs_when_its_instance_starts(place: Place, mode: str, runs: int) -> None:
    one = place.add(status="Running", due=False, started_at="2026-11-22T09:00:00Z")
    invoke_id = run(place, RepeatMode=mode)
    look(place, timedelta(minutes=1))
    assert place.compute.commands == {}
    for number in (1, 2):
        finish(place, invoke_id if number == 1 else f"{invoke_id}-{number}", b"up")
        rebooted = msgspec.structs.replace(one, boots=1 + number)
        place.write(lambda state, rebooted=rebooted: state.put(rebooted))
        look(place, timedelta(minutes=1 + number))
    assert len(place.compute.commands) == runs
    assert place.task(invoke_id).status == ("Success" if mode == "NextRebootOnly" else "Scheduled")


def test_a_time_that_comes_while_the_instance_is_off_is_left_out(place: Place) -> None:
    place.add(status="Stopped", wanted="Stopped", due=False)
    invoke_id = run(place, RepeatMode="Period", Frequency="rate(10m)")
    look(place, timedelta(minutes=11))
    task = place.task(invoke_id)
    assert (task.status, task.next_at) == ("Scheduled", "2026-11-22T10:21:00Z")

    def drop(state: object) -> None:
        state.delete(state.get(Instance, "i-bp1"))  # type: ignore[attr-defined]  # a transaction

    place.write(drop)
    look(place, timedelta(minutes=12))
    assert place.task(invoke_id).status == "Aborted"


def put(folder: Path, **more: object) -> int:
    file = SentFile(**{"target_dir": str(folder), "owner": "root", "group": "root", **more})  # type: ignore[arg-type]
    invocation = Invocation(
        id="f-1",
        account_id=ACCOUNT,
        command_id="",
        command_name="it's here",
        command_type="RunShellScript",
        command_content=b"\x00one\nEND\ntwo",
        file=file,
        created_at="",
    )
    return subprocess.run(["/bin/sh"], input=files.script_of(invocation), check=False).returncode


def test_a_sent_file_arrives_as_it_was_meant(tmp_path: Path) -> None:
    me = {"owner": str(tmp_path.stat().st_uid), "group": str(tmp_path.stat().st_gid)}
    folder = tmp_path / "a new one"
    assert put(folder, mode="0640", **me) == 0
    sent = folder / "it's here"
    assert (sent.read_bytes(), sent.stat().st_mode & 0o777) == (b"\x00one\nEND\ntwo", 0o640)
    assert put(folder, **me) == files.EXISTS
    assert put(folder, overwrite=True, **me) == 0
    assert put(folder, overwrite=True, owner="nobody-of-this-name") == files.NO_OWNER
    assert put(folder, overwrite=True, mode="rwx", **me) == files.NO_MODE
    assert put(sent, **me) == files.NO_DIRECTORY
    assert [one.name for one in folder.iterdir()] == ["it's here"]
