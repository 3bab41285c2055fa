"""The reconciler's part: every invocation's tasks are launched, watched, stopped, and their ends written down."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import msgspec

from openyun.clock import iso_seconds
from openyun.cloud import Cloud, RegionState
from openyun.engine.compute import Command, CommandEngine, Progress
from openyun.services.ecs.command import files, repeating, scripts
from openyun.services.ecs.records import Instance, Invocation, InvocationRun, InvocationTask, TaskStatus
from openyun.state import Transaction

DELIVERY = timedelta(seconds=60)
"""how long a command waits for its instance to run"""
KEPT = timedelta(weeks=4)
"""how long an invocation and its output can be asked for"""
AT_ONCE = 100
"""invocations forgotten in one transaction"""
NOT_BEGUN = ("AccountNotExists", "DirectoryNotExists")
"""what an engine's error begins with when the command could not begin"""
NONZERO = ("ExitCodeNonzero", "the command execution exit code is not zero")
REFUSALS = files.REASONS
"""why a file was not put into an instance"""
SOONEST, LATEST = 0.05, 1.0
"""seconds between two looks at running commands: soon for young ones"""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What is new about a task."""

    status: TaskStatus
    exit_code: int | None = None
    output: bytes = b""
    dropped: int = 0
    error_code: str = ""
    error_info: str = ""
    started_at: str = ""
    finished_at: str = ""


class Invocations:
    """One region's."""

    def __init__(self, cloud: Cloud, at: RegionState) -> None:
        self._cloud = cloud
        self._at = at
        self._launching: set[tuple[str, str]] = set()
        self._alarm: threading.Timer | None = None

    def survey(self) -> None:
        """Forget what is older than the vendor keeps it. Tasks that are not over are always due: nothing to look at."""
        now = self._cloud.clock.now()
        if self._at.store.read(lambda state: state.count(InvocationTask, status="Scheduled")):
            self._at.store.write(partial(repeating.wake, now=now))
        before = iso_seconds(now - KEPT)
        if self._at.store.read(lambda state: state.scan(Invocation, "created_at", before=before, limit=1)):
            self._at.store.write(partial(_forget, before=before))

    def due(self) -> list[tuple[str, Callable[[], None]]]:
        """Launching is for others' hands; all else is quick and done here."""
        now = self._cloud.clock.now()
        deeds: list[tuple[str, Callable[[], None]]] = []
        waiting = self._at.store.read(_waiting)
        for task, invocation, instance in waiting:
            key = (task.invocation_id, task.instance_id)
            if key in self._launching:
                continue
            engine = self._at.engines.compute
            change = ending_without_engine(task, instance, now)
            if change is None and not isinstance(engine, CommandEngine):
                change = Change(
                    status="Failed",
                    error_code="ClientNotRunning",
                    error_info=f"the instance is {engine.name}: its engine runs no commands",
                    finished_at=iso_seconds(now),
                )
            if change is None and isinstance(engine, CommandEngine):
                if task.status == "Pending":
                    if instance is not None and instance.status == "Running" and not instance.due:
                        deeds.append((f"{key[0]} {key[1]}", partial(self._launch, engine, task, invocation, instance)))
                    continue
                change = self._look(engine, task, now)
            if change is not None:
                self._at.store.write(partial(_write, task=task, change=change, now=iso_seconds(now)))
        self._watch([task for task, _, _ in waiting], now)
        return deeds

    def _launch(self, engine: CommandEngine, task: InvocationTask, invocation: Invocation, instance: Instance) -> None:
        """May be repeated: an engine starts a command of one id once. Raises EngineError; then it is tried again."""
        # Not before: a deed that is due is not always begun, after a failure for instance.
        key = (task.invocation_id, task.instance_id)
        self._launching.add(key)
        try:
            current = self._at.store.read(lambda state: state.get(InvocationTask, *key))
            if current is None or current.status != "Pending" or run_id(current) != run_id(task):
                return
            engine.launch(command_of(invocation, instance, self._at.region.id, run_id(task)))
            now = iso_seconds(self._cloud.clock.now())
            change = Change(status="Running", started_at=now)
            self._at.store.write(partial(_write, task=task, change=change, now=now))
        finally:
            self._launching.discard(key)

    def _look(self, engine: CommandEngine, task: InvocationTask, now: datetime) -> Change | None:
        if task.status == "Stopping":
            engine.cancel(task.instance_id, run_id(task))
        return change_of(task, engine.progress(task.instance_id, run_id(task)), now)

    def _watch(self, tasks: list[InvocationTask], now: datetime) -> None:
        """Look again soon, without an engine having to tell."""
        if self._alarm is not None and self._alarm.is_alive():
            return
        if not tasks:
            return
        youngest = min((now - _time(task.created_at)).total_seconds() for task in tasks)
        self._alarm = threading.Timer(min(LATEST, max(SOONEST, youngest / 10)), self._at.woken.set)
        self._alarm.daemon = True
        self._alarm.start()


def run_id(task: InvocationTask) -> str:
    """An engine starts a command of one id once, so every run of a task has one of its own."""
    return task.invocation_id if task.repeats <= 1 else f"{task.invocation_id}-{task.repeats}"


def command_of(invocation: Invocation, instance: Instance, region_id: str, id: str = "") -> Command:
    content = invocation.command_content
    if invocation.file is not None:
        content = files.script_of(invocation)
    elif invocation.enable_parameter:
        built_in = {
            "ACS::RegionId": region_id,
            "ACS::AccountId": invocation.account_id,
            "ACS::InstanceId": instance.id,
            "ACS::InstanceName": instance.name,
            "ACS::InvokeId": invocation.id,
            "ACS::CommandId": invocation.command_id,
        }
        content = scripts.filled(content, invocation.parameters | built_in)
    return Command(
        id=id or invocation.id,
        machine_id=instance.id,
        content=content,
        interpreter=scripts.interpreter(content, invocation.launcher),
        working_directory=invocation.working_directory,
        username=invocation.username or "root",
        timeout=float(invocation.timeout),
    )


def ending_without_engine(task: InvocationTask, instance: Instance | None, now: datetime) -> Change | None:
    """How a task ends whose instance is gone or cannot take a command; None if it goes on."""
    over = partial(Change, finished_at=iso_seconds(now))
    if instance is None or instance.wanted == "Deleted":
        return over(
            status="Aborted", error_code="InstanceReleased", error_info="the instance has released when create task"
        )
    if task.status != "Pending" or instance.status == "Running":
        return None
    if instance.wanted != "Running":
        return over(
            status="Aborted",
            error_code="InstanceNotRunning",
            error_info="the instance is not running when create task",
        )
    if now - _time(task.created_at) > DELIVERY:
        return over(status="Aborted", error_code="DeliveryTimeout", error_info="the command delivery has been timeout")
    return None


def change_of(task: InvocationTask, progress: Progress, now: datetime) -> Change | None:
    """What the engine's report changes; None if nothing."""
    seen = partial(
        Change,
        exit_code=progress.exit_code,
        output=progress.output,
        dropped=progress.dropped,
        started_at=_text(progress.started_at),
    )
    ended = partial(seen, finished_at=_text(progress.finished_at) or iso_seconds(now))
    match progress.state:
        case "absent" if task.status == "Stopping":
            return Change(status="Cancelled", finished_at=iso_seconds(now))
        case "absent":
            return ended(
                status="Error",
                error_code="ExecutionInterrupted",
                error_info="the command execution has been interrupted",
            )
        case "running":
            # Output is shown as it comes, but written once a second at most.
            if progress.output == task.output or iso_seconds(now) == task.updated_at:
                return None
            return seen(status=task.status)
        case "timeout":
            return ended(
                status="Timeout",
                error_code="ExecutionTimeout",
                error_info="the command execution has been timeout",
            )
        case "stopped":
            return ended(status="Terminated")
    if progress.exit_code == 0:
        return ended(status="Success")
    if progress.exit_code is not None:
        code, info = REFUSALS.get(progress.exit_code, NONZERO) if task.invocation_id.startswith("f-") else NONZERO
        return ended(status="Failed", error_code=code, error_info=info)
    code, _, _ = progress.error.partition(":")
    return ended(
        status="Error", error_code=code if code in NOT_BEGUN else "ExecutionException", error_info=progress.error
    )


def _forget(state: Transaction, before: str) -> None:
    """The rest waits for the next survey."""
    for one in state.scan(Invocation, "created_at", before=before, limit=AT_ONCE):
        tasks = state.find(InvocationTask, invocation_id=one.id)
        if any(task.status == "Scheduled" for task in tasks):
            continue  # it goes on
        for run in state.find(InvocationRun, invocation_id=one.id):
            state.delete(run)
        for task in tasks:
            state.delete(task)
        state.delete(one)


def _waiting(state: Transaction) -> list[tuple[InvocationTask, Invocation, Instance | None]]:
    tasks = state.find(InvocationTask, due=True)
    about = {one.id: one for one in state.find(Invocation, id={task.invocation_id for task in tasks})}
    instances = {one.id: one for one in state.find(Instance, id={task.instance_id for task in tasks})}
    return [(task, about[task.invocation_id], instances.get(task.instance_id)) for task in tasks]


def _write(state: Transaction, task: InvocationTask, change: Change, now: str) -> None:
    """An end is final; and who asked meanwhile to stop is not forgotten."""
    current = state.get(InvocationTask, task.invocation_id, task.instance_id)
    if current is None or not current.due or current.repeats != task.repeats:
        return
    under_way = change.status in ("Pending", "Running", "Stopping")
    if not (under_way and current.status == "Stopping"):
        current.status = change.status
    current.due = under_way
    current.exit_code = change.exit_code
    current.output, current.dropped = change.output, change.dropped
    current.error_code, current.error_info = change.error_code, change.error_info
    current.started_at = change.started_at or current.started_at
    current.finished_at = change.finished_at
    current.updated_at = now
    if not current.due:
        repeating.run_ended(state, current, now)
    state.put(current)


def _time(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def _text(seconds: float) -> str:
    return iso_seconds(datetime.fromtimestamp(seconds, UTC)) if seconds else ""
