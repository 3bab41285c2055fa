"""SendFile: a file of at most 24 KiB put into instances, and what became of it."""

from __future__ import annotations

import base64
import binascii
import re
import shlex

from openyun.clock import iso_seconds
from openyun.operation import Call, Model, Request, Response, Tag
from openyun.services.ecs import tags
from openyun.services.ecs.command import commands, invocations
from openyun.services.ecs.command.errors import (
    CommandContentNotBase64,
    CommandDescriptionTooLong,
    FileContentTooLong,
    InvalidFileName,
    InvalidTargetDirectory,
)
from openyun.services.ecs.command.results import overall, paged, place, tasks_of
from openyun.services.ecs.records import Invocation, InvocationTask, SentFile
from openyun.services.ecs.service import ecs
from openyun.services.paging import Paged
from openyun.services.tags import TagFields, carries, shown
from openyun.services.vpc.vpcs import default_resource_group

MOST_CONTENT = 24 * 1024
"""bytes: 32 KiB of Base64"""

EXISTS, NO_DIRECTORY, NO_OWNER, NO_MODE = 21, 22, 23, 24
REASONS = {
    EXISTS: ("FileAlreadyExists", "a file of this name exists in the target directory"),
    NO_DIRECTORY: ("FilePathInvalid", "the target directory can not be written"),
    NO_OWNER: ("UserOrGroupNotExists", "the owner or the group does not exist in the instance"),
    NO_MODE: ("FileAuthorityInvalid", "the file mode is not valid"),
}
"""what the script's exit code means"""

_SCRIPT = """\
target={directory}/{name}
mkdir -p -- {directory} 2>/dev/null || exit {no_directory}
[ -d "$target" ] && exit {exists}
if [ {overwrite} = no ] && [ -e "$target" ]; then exit {exists}; fi
base64 -d >"$target.openyun" <<'END' || exit {no_directory}
{content}
END
chown -- {owner}:{group} "$target.openyun" 2>/dev/null || {{ rm -f -- "$target.openyun"; exit {no_owner}; }}
chmod -- {mode} "$target.openyun" 2>/dev/null || {{ rm -f -- "$target.openyun"; exit {no_mode}; }}
mv -f -- "$target.openyun" "$target" || exit {no_directory}
"""


class SendFileRequest(Request, kw_only=True):
    region_id: str
    instance_id: list[str]
    name: str
    content: str
    target_dir: str
    content_type: str = "PlainText"
    description: str = ""
    file_owner: str = "root"
    file_group: str = "root"
    file_mode: str = "0644"
    overwrite: bool = False
    timeout: int = 60
    resource_group_id: str = ""
    tag: list[Tag] = []
    client_token: str = ""


class SendFileResponse(Response, kw_only=True):
    invoke_id: str


@ecs.operation(resource="instance/{instance_id}")
def send_file(call: Call, ask: SendFileRequest) -> SendFileResponse:
    if not 1 <= len(ask.name.encode()) <= 255 or "/" in ask.name or ask.name in (".", ".."):
        raise InvalidFileName
    if not ask.target_dir.startswith("/") or len(ask.target_dir) > 255:
        raise InvalidTargetDirectory
    if len(ask.description) > 512:
        raise CommandDescriptionTooLong
    commands.check_timeout(ask.timeout)
    invocation = Invocation(
        id=call.new_id("f"),
        account_id=call.account_id,
        command_id="",
        command_name=ask.name,
        command_description=ask.description,
        command_type="RunShellScript",
        command_content=_content(ask),
        timeout=ask.timeout,
        file=SentFile(
            content_type=ask.content_type,
            target_dir=ask.target_dir,
            owner=ask.file_owner,
            group=ask.file_group,
            mode=ask.file_mode,
            overwrite=ask.overwrite,
        ),
        created_at=iso_seconds(call.now),
        resource_group_id=ask.resource_group_id or default_resource_group(call),
        tags=tags.rules.checked(ask.tag),
    )
    invocations.begin(call, invocation, invocations.targets(call, ask.instance_id, []))
    return SendFileResponse(invoke_id=invocation.id)


def _content(ask: SendFileRequest) -> bytes:
    raw = ask.content.encode()
    if ask.content_type.lower() == "base64":
        try:
            raw = base64.b64decode("".join(ask.content.split()), validate=True)
        except (binascii.Error, ValueError):
            raise CommandContentNotBase64 from None
    if len(raw) > MOST_CONTENT:
        raise FileContentTooLong(most=MOST_CONTENT)
    return raw


def script_of(invocation: Invocation) -> bytes:
    """What puts the file into an instance. Exits as REASONS says."""
    file = invocation.file or SentFile()
    mode = file.mode if re.fullmatch(r"[0-7]{3,4}", file.mode) else "invalid"
    return _SCRIPT.format(
        directory=shlex.quote(file.target_dir.rstrip("/") or "/"),
        name=shlex.quote(invocation.command_name),
        overwrite="yes" if file.overwrite else "no",
        content=base64.encodebytes(invocation.command_content).decode().strip(),
        owner=shlex.quote(file.owner),
        group=shlex.quote(file.group),
        mode=shlex.quote(mode),
        exists=EXISTS,
        no_directory=NO_DIRECTORY,
        no_owner=NO_OWNER,
        no_mode=NO_MODE,
    ).encode()


# DescribeSendFileResults


class SentTo(Model, kw_only=True):
    instance_id: str
    invocation_status: str
    creation_time: str
    start_time: str
    finish_time: str
    update_time: str
    error_code: str
    error_info: str


class SentToAll(Model):
    invoke_instance: list[SentTo]


class SentItem(Model, kw_only=True):
    invoke_id: str
    invocation_status: str
    name: str
    description: str
    content: str
    content_type: str
    target_dir: str
    file_owner: str
    file_group: str
    file_mode: str
    overwrite: str
    creation_time: str
    vm_count: int
    invoke_instances: SentToAll
    tags: TagFields


class SentItems(Model):
    invocation: list[SentItem]


class DescribeSendFileResultsRequest(Paged, Request, kw_only=True):
    region_id: str
    invoke_id: str = ""
    instance_id: str = ""
    name: str = ""
    invocation_status: str = ""
    resource_group_id: str = ""
    tag: list[Tag] = []
    next_token: str = ""
    max_results: int | None = None


class DescribeSendFileResultsResponse(Response, kw_only=True):
    page_number: int
    page_size: int
    total_count: int
    next_token: str = ""
    invocations: SentItems


@ecs.operation(resource="instance/{instance_id}")
def describe_send_file_results(call: Call, ask: DescribeSendFileResultsRequest) -> DescribeSendFileResultsResponse:
    by_id = {"id": ask.invoke_id} if ask.invoke_id else {}
    matching = [
        one
        for one in call.state.find(Invocation, account_id=call.account_id, **by_id)
        if one.file is not None
        and ask.name in ("", one.command_name)
        and ask.resource_group_id in ("", one.resource_group_id)
        and carries(one.tags, ask.tag)
    ]
    tasks = tasks_of(call, matching)
    found = [
        one
        for one in matching
        if (not ask.instance_id or any(task.instance_id == ask.instance_id for task in tasks[one.id]))
        and ask.invocation_status in ("", overall(tasks[one.id]))
    ]
    found.sort(key=place)
    page, token = paged(found, [place(one) for one in found], ask, ask.next_token, ask.max_results)
    return DescribeSendFileResultsResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        next_token=token,
        invocations=SentItems([_item(one, tasks[one.id], ask.instance_id) for one in page]),
    )


def _item(one: Invocation, tasks: list[InvocationTask], instance_id: str) -> SentItem:
    file = one.file or SentFile()
    encoded = file.content_type.lower() == "base64"
    raw = one.command_content
    return SentItem(
        invoke_id=one.id,
        invocation_status=overall(tasks),
        name=one.command_name,
        description=one.command_description,
        content=base64.b64encode(raw).decode() if encoded else raw.decode(errors="replace"),
        content_type=file.content_type,
        target_dir=file.target_dir,
        file_owner=file.owner,
        file_group=file.group,
        file_mode=file.mode,
        overwrite="true" if file.overwrite else "false",
        creation_time=one.created_at,
        vm_count=len(tasks),
        invoke_instances=SentToAll(
            [
                SentTo(
                    instance_id=task.instance_id,
                    invocation_status=task.status,
                    creation_time=task.created_at,
                    start_time=task.started_at,
                    finish_time=task.finished_at,
                    update_time=task.updated_at,
                    error_code=task.error_code,
                    error_info=task.error_info,
                )
                for task in tasks
                if instance_id in ("", task.instance_id)
            ]
        ),
        tags=shown(one.tags),
    )
