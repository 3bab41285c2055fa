"""Cloud Assistant commands: kept scripts that can be invoked again and again."""

from __future__ import annotations

from openyun.clock import iso_seconds
from openyun.errors import InvalidParameter
from openyun.operation import Call, Model, Request, Response, Tag
from openyun.services.ecs import tags
from openyun.services.ecs.command import scripts
from openyun.services.ecs.command.errors import (
    CommandDescriptionTooLong,
    CommandNameTooLong,
    CommandNotFound,
    CommandTypeNotFound,
    TooManyCommands,
    UsernameTooLong,
)
from openyun.services.ecs.records import Command, Invocation
from openyun.services.ecs.service import ecs
from openyun.services.paging import Paged, after_token, page_of
from openyun.services.tags import TagFields, carries, shown
from openyun.services.vpc.vpcs import default_resource_group

MOST_COMMANDS = 10_000
TYPES = ("RunShellScript", "RunBatScript", "RunPowerShellScript")
WINDOWS_TYPES = TYPES[1:]
LONGEST_TIMEOUT = 86400
"""seconds"""


def find(call: Call, command_id: str) -> Command:
    """Raises CommandNotFound."""
    found = call.state.get(Command, command_id)
    if found is None or found.account_id != call.account_id:
        raise CommandNotFound(command_id=command_id)
    return found


# CreateCommand


class Writing(Request, kw_only=True):
    """The parameters of both operations that bring a script: CreateCommand and RunCommand."""

    region_id: str
    type: str
    command_content: str
    name: str = ""
    description: str = ""
    working_dir: str = ""
    timeout: int = 60
    launcher: str = ""
    enable_parameter: bool = False
    resource_group_id: str = ""
    tag: list[Tag] = []
    client_token: str = ""


def written(call: Call, ask: Writing, encoding: str, username: str = "") -> Command:
    """The command that the request describes, checked and not kept yet."""
    if ask.type not in TYPES:
        raise CommandTypeNotFound
    if len(username) > 255:
        raise UsernameTooLong
    made = Command(
        id=call.new_id("c"),
        account_id=call.account_id,
        name=ask.name,
        description=ask.description,
        type=ask.type,
        content=scripts.decode(ask.command_content, encoding),
        working_directory=ask.working_dir,
        username=username,
        timeout=ask.timeout,
        launcher=ask.launcher,
        enable_parameter=ask.enable_parameter,
        created_at=iso_seconds(call.now),
        resource_group_id=ask.resource_group_id or default_resource_group(call),
        tags=tags.rules.checked(ask.tag),
    )
    _check(made)
    return made


def _check(one: Command) -> None:
    if len(one.name) > 128:
        raise CommandNameTooLong
    if len(one.description) > 512:
        raise CommandDescriptionTooLong
    if len(one.working_directory) > 200:
        raise InvalidParameter(parameter="WorkingDir")
    if len(one.launcher) > 1024:
        raise InvalidParameter(parameter="Launcher")
    check_timeout(one.timeout)
    if one.enable_parameter:
        scripts.parameter_names(one.content)
    if one.launcher:
        scripts.interpreter(one.content, one.launcher)


def keep(call: Call, command: Command) -> None:
    if call.state.count(Command, account_id=call.account_id) >= MOST_COMMANDS:
        raise TooManyCommands(most=MOST_COMMANDS)
    call.state.insert(command)


def check_timeout(seconds: int) -> None:
    if not 1 <= seconds <= LONGEST_TIMEOUT:
        raise InvalidParameter(parameter="Timeout")


class CreateCommandRequest(Writing, kw_only=True):
    name: str
    content_encoding: str = "Base64"


class CreateCommandResponse(Response, kw_only=True):
    command_id: str


@ecs.operation(resource="command/*")
def create_command(call: Call, ask: CreateCommandRequest) -> CreateCommandResponse:
    command = written(call, ask, ask.content_encoding)
    keep(call, command)
    return CreateCommandResponse(command_id=command.id)


# DescribeCommands, DeleteCommand


class ParameterNames(Model):
    parameter_name: list[str]


class CommandItem(Model, kw_only=True):
    command_id: str
    name: str
    description: str
    type: str
    command_content: str
    working_dir: str
    timeout: int
    launcher: str
    enable_parameter: bool
    parameter_names: ParameterNames
    invoke_times: int
    creation_time: str
    provider: str = "User"
    category: str = ""
    version: int = 1
    latest: bool = True
    resource_group_id: str
    tags: TagFields


class CommandItems(Model):
    command: list[CommandItem]


class DescribeCommandsRequest(Paged, Request, kw_only=True):
    region_id: str
    command_id: str = ""
    name: str = ""
    description: str = ""
    type: str = ""
    provider: str = ""
    latest: bool = False
    resource_group_id: str = ""
    content_encoding: str = "Base64"
    tag: list[Tag] = []
    next_token: str = ""
    max_results: int | None = None


class DescribeCommandsResponse(Response, kw_only=True):
    page_number: int
    page_size: int
    total_count: int
    next_token: str = ""
    commands: CommandItems


@ecs.operation(resource="command/{command_id}")
def describe_commands(call: Call, ask: DescribeCommandsRequest) -> DescribeCommandsResponse:
    found = [one for one in call.state.find(Command, account_id=call.account_id) if _matches(one, ask)]
    token = ""
    if ask.next_token or ask.max_results is not None:
        limit = min(max(ask.max_results or 0, 1), 50)
        page, token = after_token(found, [one.id for one in found], ask.next_token, limit)
    else:
        found.sort(key=lambda one: (one.created_at, one.id), reverse=True)
        page = page_of(ask, found)
    return DescribeCommandsResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        next_token=token,
        commands=CommandItems([_item(call, one, ask.content_encoding) for one in page]),
    )


class ModifyCommandRequest(Request, kw_only=True):
    """What is left out stays as it is; invocations that exist do not change."""

    region_id: str
    command_id: str
    name: str | None = None
    description: str | None = None
    command_content: str | None = None
    working_dir: str | None = None
    timeout: int | None = None
    launcher: str | None = None


@ecs.operation(resource="command/{command_id}")
def modify_command(call: Call, ask: ModifyCommandRequest) -> Response:
    """CommandContent is in Base64, as CreateCommand has it unless told otherwise."""
    one = find(call, ask.command_id)
    if ask.name:
        one.name = ask.name
    if ask.description is not None:
        one.description = ask.description
    if ask.working_dir is not None:
        one.working_directory = ask.working_dir
    if ask.timeout is not None:
        one.timeout = ask.timeout
    if ask.launcher is not None:
        one.launcher = ask.launcher
    if ask.command_content:
        one.content = scripts.decode(ask.command_content, "Base64")
    _check(one)
    call.state.put(one)
    return Response()


class DeleteCommandRequest(Request, kw_only=True):
    region_id: str
    command_id: str


@ecs.operation(resource="command/{command_id}")
def delete_command(call: Call, ask: DeleteCommandRequest) -> Response:
    """Its invocations go on and stay known."""
    call.state.delete(find(call, ask.command_id))
    return Response()


def _matches(one: Command, ask: DescribeCommandsRequest) -> bool:
    return (
        ask.command_id in ("", one.id)
        and ask.name in one.name
        and ask.description in one.description
        and ask.type in ("", one.type)
        and ask.provider in ("", "User")
        and ask.resource_group_id in ("", one.resource_group_id)
        and carries(one.tags, ask.tag)
    )


def _item(call: Call, one: Command, encoding: str) -> CommandItem:
    return CommandItem(
        command_id=one.id,
        name=one.name,
        description=one.description,
        type=one.type,
        command_content=scripts.encoded(one.content, encoding),
        working_dir=one.working_directory,
        timeout=one.timeout,
        launcher=one.launcher,
        enable_parameter=one.enable_parameter,
        parameter_names=ParameterNames(scripts.parameter_names(one.content) if one.enable_parameter else []),
        invoke_times=call.state.count(Invocation, command_id=one.id),
        creation_time=one.created_at,
        resource_group_id=one.resource_group_id,
        tags=shown(one.tags),
    )
