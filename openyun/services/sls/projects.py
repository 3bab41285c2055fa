"""Projects: what logstores are in. A project's name is a part of host names, so no two of a cloud have the same."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import msgspec

from openyun.clock import iso_seconds
from openyun.operation import Call
from openyun.services.sls.errors import (
    ExceedQuota,
    ParameterInvalid,
    ProjectAlreadyExist,
    ProjectNameInvalid,
    ProjectNotExist,
    Unauthorized,
)
from openyun.services.sls.records import LogProject, LogStore
from openyun.services.sls.service import LogRequest, LogResponse, sls
from openyun.state import Transaction

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
_MOST = 50
"""of an account in a region"""
LARGEST_PAGE = 500


def find(call: Call, name: str) -> LogProject:
    """Raises ProjectNotExist, Unauthorized."""
    found = call.state.get(LogProject, name)
    if found is None:
        raise ProjectNotExist(project=name)
    if found.account_id != call.account_id:
        raise Unauthorized(action="any", resource=f"acs:log:{call.region.id}:{found.account_id}:project/{name}")
    return found


def seconds(call: Call) -> int:
    return int(call.now.timestamp())


def exists(state: Transaction, account_id: str, project: str, logstore: str) -> bool:
    """Whether the account has this logstore here."""
    found = state.get(LogProject, project)
    return found is not None and found.account_id == account_id and state.get(LogStore, project, logstore) is not None


class Project(LogResponse, kw_only=True, rename="camel"):
    project_name: str
    status: str = "Normal"
    owner: str
    description: str
    region: str
    create_time: str
    last_modify_time: str
    resource_group_id: str = ""
    data_redundancy_type: str = "LRS"


class CreateProjectRequest(LogRequest, kw_only=True, rename="camel"):
    project_name: str
    description: str = ""
    resource_group_id: str = ""
    data_redundancy_type: str = "LRS"


@sls.operation(resource="project/{project_name}", path="/", method="POST")
def create_project(call: Call, ask: CreateProjectRequest) -> LogResponse:
    if not _NAME.fullmatch(ask.project_name):
        raise ProjectNameInvalid(project=ask.project_name)
    if ask.data_redundancy_type not in ("", "LRS"):
        raise ParameterInvalid(reason="dataRedundancyType must be LRS: this region has one place for logs")
    if call.state.get(LogProject, ask.project_name) is not None:
        raise ProjectAlreadyExist(project=ask.project_name)
    if call.state.count(LogProject, account_id=call.account_id) >= _MOST:
        raise ExceedQuota(what="project", most=_MOST)
    now = seconds(call)
    call.state.insert(
        LogProject(
            name=ask.project_name,
            account_id=call.account_id,
            description=ask.description,
            resource_group_id=ask.resource_group_id,
            created_at=now,
            modified_at=now,
        )
    )
    return LogResponse()


class GetProjectRequest(LogRequest, kw_only=True, rename="camel"):
    pass


class GetProjectResponse(Project, kw_only=True, rename="camel"):
    pass


@sls.operation(resource="project/{project}", path="/", method="GET")
def get_project(call: Call, ask: GetProjectRequest) -> GetProjectResponse:
    return GetProjectResponse(**msgspec.structs.asdict(_shown(call, find(call, ask.project))))


class UpdateProjectRequest(LogRequest, kw_only=True, rename="camel"):
    description: str


@sls.operation(resource="project/{project}", path="/", method="PUT")
def update_project(call: Call, ask: UpdateProjectRequest) -> LogResponse:
    found = find(call, ask.project)
    found.description = ask.description
    found.modified_at = seconds(call)
    call.state.put(found)
    return LogResponse()


class DeleteProjectRequest(LogRequest, kw_only=True, rename="camel"):
    pass


@sls.operation(resource="project/{project}", path="/", method="DELETE")
def delete_project(call: Call, ask: DeleteProjectRequest) -> LogResponse:
    """With its logstores. Their logs are freed by and by."""
    found = find(call, ask.project)
    for store in call.state.find(LogStore, project=found.name):
        call.state.delete(store)
    call.state.delete(found)
    return LogResponse()


class ListProjectRequest(LogRequest, kw_only=True, rename="camel"):
    project_name: str = ""
    description: str = ""
    resource_group_id: str = ""
    offset: int = 0
    size: int = 100


class ListProjectResponse(LogResponse, kw_only=True, rename="camel"):
    count: int
    total: int
    projects: list[Project]


@sls.operation(resource="project/*", path="/", method="GET")
def list_project(call: Call, ask: ListProjectRequest) -> ListProjectResponse:
    check_page(ask.offset, ask.size)
    found = [
        one
        for one in call.state.find(LogProject, account_id=call.account_id)
        if ask.project_name in one.name
        and ask.description in one.description
        and ask.resource_group_id in ("", one.resource_group_id)
    ]
    page = found[ask.offset : ask.offset + ask.size]
    return ListProjectResponse(count=len(page), total=len(found), projects=[_shown(call, one) for one in page])


def check_page(offset: int, size: int) -> None:
    """Raises ParameterInvalid."""
    if offset < 0 or not 0 <= size <= LARGEST_PAGE:
        raise ParameterInvalid(reason=f"offset must not be negative, and size must be in the range [0,{LARGEST_PAGE}]")


def _shown(call: Call, one: LogProject) -> Project:
    return Project(
        project_name=one.name,
        owner=one.account_id,
        description=one.description,
        region=call.region.id,
        create_time=_time(one.created_at),
        last_modify_time=_time(one.modified_at),
        resource_group_id=one.resource_group_id,
    )


def _time(at: int) -> str:
    return iso_seconds(datetime.fromtimestamp(at, UTC))
