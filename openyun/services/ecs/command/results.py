"""What became of invocations: DescribeInvocations, DescribeInvocationResults, DescribeCloudAssistantStatus."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

import msgspec

from openyun.engine.compute import CommandEngine
from openyun.operation import UNSET, Call, Model, Request, Response, Tag, Unset
from openyun.services.ecs.command import invocations, scripts
from openyun.services.ecs.errors import IncorrectInstanceStatus
from openyun.services.ecs.instance import instances
from openyun.services.ecs.records import Instance, Invocation, InvocationRun, InvocationTask
from openyun.services.ecs.service import ecs
from openyun.services.paging import Paged, after_token, page_of
from openyun.services.tags import TagFields, carries, shown

T = TypeVar("T")

AGENT_VERSION = "2.2.4.800"
"""the Cloud Assistant Agent whose abilities our guests have; clients compare it"""

_SINGLE_STATES = {"Scheduled": "Scheduled", "Pending": "Running", "Running": "Running",
                  "Stopping": "Stopping", "Success": "Finished",
                  "Failed": "Finished", "Cancelled": "Stopped", "Terminated": "Stopped"}  # fmt: skip
"""the older word for each status; all that is not here is Failed"""


def repeats_of(task: InvocationTask) -> int:
    return max(task.repeats, 1 if task.started_at else 0)


def older_status(status: str) -> str:
    return _SINGLE_STATES.get(status, "Failed")


def overall(tasks: Sequence[InvocationTask]) -> str:
    """The status of an invocation as a whole."""
    found = {one.status for one in tasks}
    for status in ("Stopping", "Running", "Pending"):
        if status in found:
            return status if found <= {status} or status != "Pending" else "Running"
    if "Scheduled" in found:
        return "Scheduled"
    if found == {"Success"}:
        return "Success"
    if found <= {"Cancelled", "Terminated"}:
        return "Stopped"
    if "Success" in found:
        return "PartialFailed"
    return "Failed"


_OLDER_OVERALL = {"Pending": "Running", "Success": "Finished"}


def paged(
    found: list[T], ids: list[str], ask: Paged, next_token: str, max_results: int | None
) -> tuple[Sequence[T], str]:
    """A page by token, which begins with the oldest, or by number, which begins with the newest."""
    if next_token or max_results is not None:
        return after_token(found, ids, next_token, min(max(max_results or 0, 1), 50))
    return page_of(ask, found[::-1]), ""


# DescribeInvocations


class InvokeInstance(Model, kw_only=True):
    instance_id: str
    invocation_status: str
    instance_invoke_status: str
    creation_time: str
    start_time: str
    finish_time: str
    stop_time: str
    update_time: str
    exit_code: int | Unset
    output: str
    dropped: int
    error_code: str
    error_info: str
    repeats: int
    timed: bool = False


class InvokeInstances(Model):
    invoke_instance: list[InvokeInstance]


class InvocationItem(Model, kw_only=True):
    invoke_id: str
    invocation_status: str
    invoke_status: str
    command_id: str
    command_name: str
    command_description: str
    command_type: str
    command_content: str
    parameters: str
    working_dir: str
    username: str
    timeout: int
    launcher: str
    creation_time: str
    repeat_mode: str
    frequency: str
    timed: bool
    termination_mode: str
    invoke_instances: InvokeInstances
    tags: TagFields


class InvocationItems(Model):
    invocation: list[InvocationItem]


class DescribeInvocationsRequest(Paged, Request, kw_only=True):
    region_id: str
    invoke_id: str = ""
    instance_id: str = ""
    command_id: str = ""
    command_name: str = ""
    command_type: str = ""
    invoke_status: str = ""
    include_output: bool = False
    content_encoding: str = "Base64"
    repeat_mode: str = ""
    timed: bool | None = None
    resource_group_id: str = ""
    tag: list[Tag] = []
    next_token: str = ""
    max_results: int | None = None


class DescribeInvocationsResponse(Response, kw_only=True):
    page_number: int
    page_size: int
    total_count: int
    next_token: str = ""
    invocations: InvocationItems


@ecs.operation(resource=("instance/{instance_id}", "command/{command_id}"))
def describe_invocations(call: Call, ask: DescribeInvocationsRequest) -> DescribeInvocationsResponse:
    by_id = {"id": ask.invoke_id} if ask.invoke_id else {}
    candidates = call.state.find(Invocation, account_id=call.account_id, **by_id)
    matching = [one for one in candidates if _matches(one, ask)]
    tasks = tasks_of(call, matching)
    found = [
        one
        for one in matching
        if (not ask.instance_id or any(task.instance_id == ask.instance_id for task in tasks[one.id]))
        and ask.invoke_status in ("", (status := overall(tasks[one.id])), _OLDER_OVERALL.get(status, status))
    ]
    found.sort(key=place)
    page, token = paged(found, [place(one) for one in found], ask, ask.next_token, ask.max_results)
    return DescribeInvocationsResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        next_token=token,
        invocations=InvocationItems([_invocation(one, tasks[one.id], ask) for one in page]),
    )


def _matches(one: Invocation, ask: DescribeInvocationsRequest) -> bool:
    return (
        ask.command_id in ("", one.command_id)
        and ask.command_name in one.command_name
        and ask.command_type in ("", one.command_type)
        and one.file is None
        and ask.repeat_mode in ("", one.repeat_mode)
        and (ask.timed is None or ask.timed == (one.repeat_mode == "Period"))
        and ask.resource_group_id in ("", one.resource_group_id)
        and carries(one.tags, ask.tag)
    )


def place(one: Invocation) -> str:
    return f"{one.created_at} {one.id}"


def tasks_of(call: Call, found: Iterable[Invocation]) -> dict[str, list[InvocationTask]]:
    tasks: dict[str, list[InvocationTask]] = {one.id: [] for one in found}
    for task in call.state.find(InvocationTask, invocation_id=list(tasks)):
        tasks[task.invocation_id].append(task)
    return tasks


def _invocation(one: Invocation, tasks: list[InvocationTask], ask: DescribeInvocationsRequest) -> InvocationItem:
    shown_tasks = [task for task in tasks if ask.instance_id in ("", task.instance_id)]
    status = overall(tasks)
    return InvocationItem(
        invoke_id=one.id,
        invocation_status=status,
        invoke_status=_OLDER_OVERALL.get(status, status),
        command_id=one.command_id,
        command_name=one.command_name,
        command_description=one.command_description,
        command_type=one.command_type,
        command_content=scripts.encoded(one.command_content, ask.content_encoding),
        parameters=msgspec.json.encode(one.parameters).decode(),
        working_dir=one.working_directory,
        username=one.username,
        timeout=one.timeout,
        launcher=one.launcher,
        creation_time=one.created_at,
        repeat_mode=one.repeat_mode,
        frequency=one.frequency,
        timed=one.repeat_mode == "Period",
        termination_mode=one.termination_mode,
        invoke_instances=InvokeInstances(
            [
                InvokeInstance(
                    instance_id=task.instance_id,
                    invocation_status=task.status,
                    instance_invoke_status=older_status(task.status),
                    creation_time=task.created_at,
                    start_time=task.started_at,
                    finish_time=task.finished_at,
                    stop_time=task.stopped_at,
                    update_time=task.updated_at,
                    exit_code=UNSET if task.exit_code is None else task.exit_code,
                    output=scripts.encoded(task.output, ask.content_encoding) if ask.include_output else "",
                    dropped=task.dropped,
                    error_code=task.error_code,
                    error_info=task.error_info,
                    repeats=repeats_of(task),
                    timed=one.repeat_mode == "Period",
                )
                for task in shown_tasks
            ]
        ),
        tags=shown(one.tags),
    )


# DescribeInvocationResults


class ResultItem(Model, kw_only=True):
    invoke_id: str
    command_id: str
    instance_id: str
    invocation_status: str
    invoke_record_status: str
    exit_code: int | Unset
    output: str
    dropped: int
    error_code: str
    error_info: str
    start_time: str
    finished_time: str
    stop_time: str
    repeats: int
    termination_mode: str
    username: str
    launcher: str
    tags: TagFields


class ResultItems(Model):
    invocation_result: list[ResultItem]


class InvocationResults(Model, kw_only=True):
    page_number: int
    page_size: int
    total_count: int
    next_token: str
    invocation_results: ResultItems


class DescribeInvocationResultsRequest(Paged, Request, kw_only=True):
    region_id: str
    invoke_id: str = ""
    instance_id: str = ""
    command_id: str = ""
    invoke_record_status: str = ""
    content_encoding: str = "Base64"
    include_history: bool = False
    resource_group_id: str = ""
    tag: list[Tag] = []
    next_token: str = ""
    max_results: int | None = None


class DescribeInvocationResultsResponse(Response, kw_only=True):
    invocation: InvocationResults


@ecs.operation(resource=("instance/{instance_id}", "command/{command_id}"))
def describe_invocation_results(call: Call, ask: DescribeInvocationResultsRequest) -> DescribeInvocationResultsResponse:
    by_id = {}
    if ask.invoke_id:
        by_id["invocation_id"] = invocations.find(call, ask.invoke_id).id
    if ask.instance_id:
        by_id["instance_id"] = ask.instance_id
    tasks = call.state.find(InvocationTask, account_id=call.account_id, **by_id)
    if ask.include_history:
        tasks = [run for task in tasks for run in _with_history(call, task)]
    ids = {task.invocation_id for task in tasks}
    about = {one.id: one for one in call.state.find(Invocation, id=ids) if _about(one, ask)}
    found = [
        task
        for task in tasks
        if task.invocation_id in about and ask.invoke_record_status in ("", older_status(task.status))
    ]
    found.sort(key=_task_place)
    page, token = paged(found, [_task_place(task) for task in found], ask, ask.next_token, ask.max_results)
    return DescribeInvocationResultsResponse(
        invocation=InvocationResults(
            page_number=ask.page_number,
            page_size=ask.page_size,
            total_count=len(found),
            next_token=token,
            invocation_results=ResultItems([_result(task, about[task.invocation_id], ask) for task in page]),
        )
    )


def _with_history(call: Call, task: InvocationTask) -> list[InvocationTask]:
    """The earlier runs of the task, and the last one."""
    runs = call.state.find(InvocationRun, invocation_id=task.invocation_id, instance_id=task.instance_id)
    earlier = [run.task for run in runs if run.number < task.repeats or task.status == "Scheduled"]
    return earlier if task.status == "Scheduled" and earlier else [*earlier, task]


def _about(one: Invocation, ask: DescribeInvocationResultsRequest) -> bool:
    return (
        one.file is None
        and ask.command_id in ("", one.command_id)
        and ask.resource_group_id in ("", one.resource_group_id)
        and carries(one.tags, ask.tag)
    )


def _task_place(task: InvocationTask) -> str:
    return f"{task.created_at} {task.invocation_id} {task.instance_id} {task.repeats:09d}"


def _result(task: InvocationTask, one: Invocation, ask: DescribeInvocationResultsRequest) -> ResultItem:
    return ResultItem(
        invoke_id=one.id,
        command_id=one.command_id,
        instance_id=task.instance_id,
        invocation_status=task.status,
        invoke_record_status=older_status(task.status),
        exit_code=UNSET if task.exit_code is None else task.exit_code,
        output=scripts.encoded(task.output, ask.content_encoding),
        dropped=task.dropped,
        error_code=task.error_code,
        error_info=task.error_info,
        start_time=task.started_at,
        finished_time=task.finished_at,
        stop_time=task.stopped_at,
        repeats=repeats_of(task),
        termination_mode=one.termination_mode,
        username=one.username,
        launcher=one.launcher,
        tags=shown(one.tags),
    )


# DescribeCloudAssistantStatus


class CloudAssistantStatus(Model, kw_only=True):
    instance_id: str
    cloud_assistant_status: str
    """"true" or "false\""""
    cloud_assistant_version: str
    os_type: str = msgspec.field(name="OSType", default="Linux")
    active_task_count: int
    invocation_count: int
    last_invoked_time: str
    last_heartbeat_time: str
    support_session_manager: bool = False


class CloudAssistantStatuses(Model):
    instance_cloud_assistant_status: list[CloudAssistantStatus]


class DescribeCloudAssistantStatusRequest(Paged, Request, kw_only=True):
    region_id: str
    instance_id: list[str] = []
    os_type: str = msgspec.field(name="OSType", default="")
    next_token: str = ""
    max_results: int | None = None


class DescribeCloudAssistantStatusResponse(Response, kw_only=True):
    page_number: int
    page_size: int
    total_count: int
    next_token: str = ""
    instance_cloud_assistant_status_set: CloudAssistantStatuses


@ecs.operation(resource="instance/{instance_id}")
def describe_cloud_assistant_status(
    call: Call, ask: DescribeCloudAssistantStatusRequest
) -> DescribeCloudAssistantStatusResponse:
    if ask.instance_id:
        found = instances.find_all(call, ask.instance_id)
    else:
        found = [one for one in call.state.find(Instance, account_id=call.account_id) if one.wanted != "Deleted"]
    if ask.os_type.lower() not in ("", "linux"):
        found = []
    found.sort(key=lambda one: one.id)
    page, token = paged(found, [one.id for one in found], ask, ask.next_token, ask.max_results)
    return DescribeCloudAssistantStatusResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        next_token=token,
        instance_cloud_assistant_status_set=CloudAssistantStatuses([_assistant(call, one) for one in page]),
    )


def _assistant(call: Call, one: Instance) -> CloudAssistantStatus:
    """An instance can be commanded while it runs, on an engine that runs commands."""
    ready = one.status == "Running" and isinstance(call.at.engines.compute, CommandEngine)
    tasks = call.state.find(InvocationTask, instance_id=one.id)
    return CloudAssistantStatus(
        instance_id=one.id,
        cloud_assistant_status="true" if ready else "false",
        cloud_assistant_version=AGENT_VERSION if ready else "",
        active_task_count=sum(task.due for task in tasks),
        invocation_count=len(tasks),
        last_invoked_time=max((task.created_at for task in tasks), default=""),
        last_heartbeat_time=call.now.strftime("%Y-%m-%dT%H:%M:%SZ") if ready else "",
    )


# InstallCloudAssistant


class InstallCloudAssistantRequest(Request, kw_only=True):
    region_id: str
    instance_id: list[str]


@ecs.operation(resource="instance/{instance_id}")
def install_cloud_assistant(call: Call, ask: InstallCloudAssistantRequest) -> Response:
    """There is nothing to install: what runs commands is outside of the guest."""
    for one in instances.find_all(call, ask.instance_id):
        if one.status != "Running":
            raise IncorrectInstanceStatus
    return Response()
