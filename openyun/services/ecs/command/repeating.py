"""Tasks that run again: by the clock, or at every start of their instance."""

from __future__ import annotations

from datetime import datetime

import msgspec

from openyun.clock import iso_seconds
from openyun.services.ecs.command import schedules
from openyun.services.ecs.command.errors import InvalidFrequency
from openyun.services.ecs.command.invocations import start_of
from openyun.services.ecs.records import Instance, Invocation, InvocationRun, InvocationTask
from openyun.state import Transaction

KEPT = 10
"""runs of a task that IncludeHistory tells"""


def wake(state: Transaction, now: datetime) -> None:
    """Make due what has waited for this moment."""
    waiting = state.find(InvocationTask, status="Scheduled")
    about = {one.id: one for one in state.find(Invocation, id=list({task.invocation_id for task in waiting}))}
    instances = {one.id: one for one in state.find(Instance, id=list({task.instance_id for task in waiting}))}
    for task in waiting:
        invocation, instance = about.get(task.invocation_id), instances.get(task.instance_id)
        if invocation is None:
            state.delete(task)
        elif instance is None or instance.wanted == "Deleted":
            task.status, task.finished_at, task.updated_at = "Aborted", iso_seconds(now), iso_seconds(now)
            task.error_code, task.error_info = "InstanceReleased", "the instance has released when create task"
            state.put(task)
        elif invocation.repeat_mode == "Period":
            if task.next_at and task.next_at <= iso_seconds(now):
                _on_time(state, task, invocation, instance, now)
        elif instance.status == "Running" and not instance.due and start_of(instance) != task.start:
            task.start = start_of(instance)
            _begin(state, task, now)


def _on_time(
    state: Transaction, task: InvocationTask, invocation: Invocation, instance: Instance, now: datetime
) -> None:
    if instance.status == "Running":
        _begin(state, task, now)
        return
    # A time that comes while the instance does not run is left out.
    task.next_at = following(invocation, now)
    if not task.next_at:
        task.status, task.finished_at = "Aborted", iso_seconds(now)
        task.error_code, task.error_info = "InstanceNotRunning", "the instance is not running when create task"
    state.put(task)


def _begin(state: Transaction, task: InvocationTask, now: datetime) -> None:
    task.status, task.due = "Pending", True
    task.repeats += 1
    task.created_at = task.updated_at = iso_seconds(now)
    task.started_at = task.finished_at = task.error_code = task.error_info = ""
    task.output, task.dropped, task.exit_code = b"", 0, None
    state.put(task)


def run_ended(state: Transaction, task: InvocationTask, now: str) -> None:
    """Keep what came out of the run, and have the task wait for its next one unless it was stopped."""
    task.repeats = max(1, task.repeats)
    invocation = state.get(Invocation, task.invocation_id)
    if invocation is None or invocation.repeat_mode == "Once":
        return
    run = InvocationRun(
        invocation_id=task.invocation_id,
        instance_id=task.instance_id,
        number=task.repeats,
        task=msgspec.structs.replace(task),
    )
    state.put(run)
    old = state.get(InvocationRun, task.invocation_id, task.instance_id, task.repeats - KEPT)
    if old is not None:
        state.delete(old)
    if task.stopped_at or invocation.repeat_mode == "NextRebootOnly":
        return
    if invocation.repeat_mode == "Period":
        task.next_at = following(invocation, datetime.fromisoformat(now))
        if not task.next_at:
            return
    task.status = "Scheduled"


def following(invocation: Invocation, now: datetime) -> str:
    try:
        at = schedules.next_after(invocation.frequency, now)
    except InvalidFrequency:
        return ""
    return iso_seconds(at) if at else ""
