"""Invocations: running a Cloud Assistant command on instances, and stopping it. Results have a file of their own."""

from __future__ import annotations

from typing import Any

from openyun.clock import iso_seconds
from openyun.errors import MissingParameter
from openyun.operation import Call, Request, Response, Tag
from openyun.services.ecs import tags
from openyun.services.ecs.command import commands, schedules, scripts
from openyun.services.ecs.command.errors import (
    InstanceNotMatch,
    InstanceToCommandNotFound,
    InvalidRepeatMode,
    InvocationNotFound,
    MissingFrequency,
    TooManyInstances,
    UsernameTooLong,
)
from openyun.services.ecs.errors import NotOffered
from openyun.services.ecs.records import Command, Instance, Invocation, InvocationTask, RepeatMode
from openyun.services.ecs.service import ecs
from openyun.services.tags import carries

MOST_INSTANCES = 100


def find(call: Call, invoke_id: str) -> Invocation:
    """Raises InvocationNotFound."""
    found = call.state.get(Invocation, invoke_id)
    if found is None or found.account_id != call.account_id:
        raise InvocationNotFound(invoke_id=invoke_id)
    return found


# RunCommand


class RunCommandRequest(commands.Writing, kw_only=True):
    instance_id: list[str] = []
    resource_tag: list[Tag] = []
    content_encoding: str = "PlainText"
    parameters: dict[str, Any] = {}
    username: str = ""
    keep_command: bool = False
    repeat_mode: str = ""
    timed: bool = False
    termination_mode: str = "Process"
    frequency: str = ""
    container_id: str = ""
    container_name: str = ""
    oss_output_delivery: str = ""


class RunCommandResponse(Response, kw_only=True):
    command_id: str
    invoke_id: str


@ecs.operation(resource=("instance/{instance_id}", "command/*"))
def run_command(call: Call, ask: RunCommandRequest) -> RunCommandResponse:
    _refuse_what_is_not_offered(ask)
    command = commands.written(call, ask, ask.content_encoding, ask.username)
    invocation = _invoke(call, command, ask)
    if ask.keep_command:
        commands.keep(call, command)
    return RunCommandResponse(command_id=command.id, invoke_id=invocation.id)


# InvokeCommand


class InvokeCommandRequest(Request, kw_only=True):
    region_id: str
    command_id: str
    instance_id: list[str] = []
    resource_tag: list[Tag] = []
    parameters: dict[str, Any] = {}
    username: str = ""
    working_dir: str = ""
    timeout: int | None = None
    launcher: str = ""
    repeat_mode: str = ""
    timed: bool = False
    termination_mode: str = "Process"
    frequency: str = ""
    container_id: str = ""
    container_name: str = ""
    oss_output_delivery: str = ""
    tag: list[Tag] = []
    client_token: str = ""


class InvokeCommandResponse(Response, kw_only=True):
    invoke_id: str


@ecs.operation(resource=("instance/{instance_id}", "command/{command_id}"))
def invoke_command(call: Call, ask: InvokeCommandRequest) -> InvokeCommandResponse:
    """What the invocation says overrules what the command says."""
    _refuse_what_is_not_offered(ask)
    command = commands.find(call, ask.command_id)
    if len(ask.username) > 255:
        raise UsernameTooLong
    if ask.timeout is not None:
        commands.check_timeout(ask.timeout)
        command.timeout = ask.timeout
    command.username = ask.username or command.username
    command.working_directory = ask.working_dir or command.working_directory
    if ask.launcher:
        scripts.interpreter(command.content, ask.launcher)
        command.launcher = ask.launcher
    command.tags = tags.rules.checked(ask.tag)
    return InvokeCommandResponse(invoke_id=_invoke(call, command, ask).id)


def _refuse_what_is_not_offered(ask: RunCommandRequest | InvokeCommandRequest) -> None:
    given = {
        f"TerminationMode {ask.termination_mode}": ask.termination_mode not in ("", "Process", "ProcessTree"),
        "ContainerId": ask.container_id,
        "ContainerName": ask.container_name,
        "OssOutputDelivery": ask.oss_output_delivery,
    }
    for parameter, value in given.items():
        if value:
            raise NotOffered(parameter=parameter)


def _invoke(call: Call, command: Command, ask: RunCommandRequest | InvokeCommandRequest) -> Invocation:
    if command.type in commands.WINDOWS_TYPES:
        raise InstanceNotMatch(type=command.type)
    parameters = {name: str(value) for name, value in ask.parameters.items()}
    scripts.check_parameters(command.content, parameters, enabled=command.enable_parameter)
    instance_ids = targets(call, ask.instance_id, ask.resource_tag)
    invocation = Invocation(
        id=call.new_id("t"),
        account_id=call.account_id,
        command_id=command.id,
        command_name=command.name,
        command_description=command.description,
        command_type=command.type,
        command_content=command.content,
        enable_parameter=command.enable_parameter,
        parameters=parameters,
        working_directory=command.working_directory,
        username=command.username,
        timeout=command.timeout,
        launcher=command.launcher,
        repeat_mode=_repeat_mode(call, ask),
        frequency=ask.frequency,
        termination_mode=ask.termination_mode or "Process",
        created_at=iso_seconds(call.now),
        resource_group_id=command.resource_group_id,
        tags=command.tags,
    )
    begin(call, invocation, instance_ids)
    return invocation


def _repeat_mode(call: Call, ask: RunCommandRequest | InvokeCommandRequest) -> RepeatMode:
    """Once unless told otherwise, or by Timed, the older word for Period. Raises for a broken Frequency."""
    match ask.repeat_mode or ("Period" if ask.timed or ask.frequency else "Once"):
        case "Period":
            if not ask.frequency:
                raise MissingFrequency
            schedules.check(ask.frequency, call.now)
            return "Period"
        case "Once":
            return "Once"
        case "NextRebootOnly":
            return "NextRebootOnly"
        case "EveryReboot":
            return "EveryReboot"
    raise InvalidRepeatMode


def begin(call: Call, invocation: Invocation, instance_ids: list[str]) -> None:
    """Write the invocation, and a task for each instance: due now, or waiting for its time."""
    call.state.insert(invocation)
    waits = invocation.repeat_mode != "Once"
    starts = {one.id: start_of(one) for one in call.state.find(Instance, id=instance_ids)} if waits else {}
    following = schedules.next_after(invocation.frequency, call.now) if invocation.repeat_mode == "Period" else None
    for instance_id in instance_ids:
        call.state.insert(
            InvocationTask(
                invocation_id=invocation.id,
                instance_id=instance_id,
                account_id=call.account_id,
                status="Scheduled" if waits else "Pending",
                due=not waits,
                next_at=iso_seconds(following) if following else "",
                start=starts.get(instance_id, ""),
                created_at=invocation.created_at,
                updated_at=invocation.created_at,
            )
        )
    call.wake()


def start_of(instance: Instance) -> str:
    """Differs from one start of the instance to the next."""
    return f"{instance.boots} {instance.started_at}"


def targets(call: Call, instance_ids: list[str], resource_tags: list[Tag]) -> list[str]:
    """Ids of the named instances, or of those that carry the tags. Raises InstanceToCommandNotFound."""
    if not instance_ids and not resource_tags:
        raise MissingParameter(parameter="InstanceId")
    if instance_ids:
        found = {one.id: one for one in call.state.find(Instance, id=instance_ids)}
        for instance_id in instance_ids:
            one = found.get(instance_id)
            if one is None or one.account_id != call.account_id or one.wanted == "Deleted":
                raise InstanceToCommandNotFound(instance_id=instance_id)
        targets = list(dict.fromkeys(instance_ids))
    else:
        every = call.state.find(Instance, account_id=call.account_id)
        targets = [one.id for one in every if one.wanted != "Deleted" and carries(one.tags, resource_tags)]
        if not targets:
            raise InstanceToCommandNotFound(instance_id="of these tags")
        call.demand([f"instance/{one}" for one in targets])
    if len(targets) > MOST_INSTANCES:
        raise TooManyInstances(most=MOST_INSTANCES)
    return targets


# StopInvocation


class StopInvocationRequest(Request, kw_only=True):
    region_id: str
    invoke_id: str
    instance_id: list[str] = []


@ecs.operation(resource=("instance/{instance_id}", "command/*"))
def stop_invocation(call: Call, ask: StopInvocationRequest) -> Response:
    """What has ended stays as it ended."""
    invocation = find(call, ask.invoke_id)
    tasks = call.state.find(InvocationTask, invocation_id=invocation.id)
    known = {one.instance_id for one in tasks}
    for instance_id in ask.instance_id:
        if instance_id not in known:
            raise InstanceToCommandNotFound(instance_id=instance_id)
    if not ask.instance_id:
        call.demand([f"instance/{one}" for one in known])
    for one in tasks:
        if not ask.instance_id or one.instance_id in ask.instance_id:
            if one.status == "Scheduled":
                one.status = "Cancelled"
                one.finished_at = iso_seconds(call.now)
            elif one.due:
                one.status = "Stopping"
            else:
                continue
            one.stopped_at = one.updated_at = iso_seconds(call.now)
            call.state.put(one)
    call.wake()
    return Response()
