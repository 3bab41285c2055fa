"""Instances as the REST protocol has them: submit, watch, stop, and read the result."""

from __future__ import annotations

import json
from typing import Any
from xml.etree.ElementTree import tostring

from openyun.clock import random_text
from openyun.operation import Call
from openyun.services.maxcompute import documents
from openyun.services.maxcompute.errors import InvalidParameter, InvalidStateSetting, NoSuchInstance, UnsupportedTask
from openyun.services.maxcompute.project.projects import DEFAULTS, find_project, owner_of
from openyun.services.maxcompute.records import Job
from openyun.services.maxcompute.schema.schemas import DEFAULT
from openyun.services.maxcompute.service import OdpsRequest, OdpsResponse, RowStream, http_date, odps

MOST_ROWS = 10_000
"""of a result that is read without the tunnel"""
_MOST = 1000
"""instances on one page"""
_LONGEST_QUERY = 3 * 1024 * 1024
_INSTANCE = "projects/{project}/instances/{instance}"
_PATH = "/projects/{project}/instances/{instance}"
ENDED = ("Success", "Failed", "Cancelled")


def find_job(call: Call, project: str, instance: str) -> Job:
    """Raises NoSuchProject, NoSuchInstance."""
    name = find_project(call, project).name
    found = call.state.get(Job, instance)
    if found is None or found.project != name:
        raise NoSuchInstance(instance=instance)
    return found


class CreateInstanceRequest(OdpsRequest, kw_only=True):
    project: str
    document: bytes
    curr_schema: str = ""


@odps.operation(resource="projects/{project}/instances/*", path="/projects/{project}/instances", method="POST")
def create_instance(call: Call, ask: CreateInstanceRequest) -> OdpsResponse:
    project = find_project(call, ask.project)
    root = documents.parse(ask.document)
    source = root.find("Job")
    tasks = list(source.find("Tasks") or ()) if source is not None else []
    if source is None or len(tasks) != 1:
        raise InvalidParameter(reason="an instance has one job of one task.")
    task = tasks[0]
    if task.tag != "SQL":
        raise UnsupportedTask(type=task.tag)
    query = documents.text_of(task, "Query")
    if not query or len(query) > _LONGEST_QUERY:
        raise InvalidParameter(reason=f"a query has 1 to {_LONGEST_QUERY} characters.")
    settings = _settings(task)
    priority = documents.text_of(source, "Priority", "9")
    now = call.now
    made = Job(
        id=f"{now:%Y%m%d%H%M%S}{now.microsecond // 1000:03d}g{random_text(10)}",
        project=project.name,
        account_id=call.account_id,
        owner=owner_of(call.account_id),
        task=documents.text_of(task, "Name", "AnonymousSQLTask"),
        query=query,
        settings=settings,
        priority=int(priority) if priority.isdecimal() else 9,
        source=tostring(source, "unicode"),
        schema=(settings.get("odps.default.schema") or ask.curr_schema or DEFAULT).lower(),
        created_at=int(now.timestamp() * 1000),
    )
    call.state.insert(made)
    call.wake()
    return OdpsResponse(status=201, headers={"Location": f"/projects/{project.name}/instances/{made.id}"})


def _settings(task: Any) -> dict[str, str]:
    """The SET flags of a task, which lie in its configuration as JSON."""
    for one in task.iterfind("Config/Property"):
        if documents.text_of(one, "Name") == "settings":
            try:
                found = json.loads(documents.text_of(one, "Value"))
            except ValueError:
                raise InvalidParameter(reason="settings are not JSON.") from None
            return {str(name): str(value) for name, value in found.items()}
    return {}


class ListInstancesRequest(OdpsRequest, kw_only=True):
    project: str
    status: str = ""
    daterange: str = ""
    marker: str = ""
    maxitems: int = _MOST


@odps.operation(resource="projects/{project}/instances/*", path="/projects/{project}/instances", method="GET")
def list_instances(call: Call, ask: ListInstancesRequest) -> OdpsResponse:
    project = find_project(call, ask.project)
    begin, _, end = ask.daterange.partition(":")
    before = int(ask.marker) if ask.marker.isdecimal() else int(end) * 1000 + 999 if end.isdecimal() else None
    found = call.state.scan(
        Job,
        "created_at",
        start=int(begin) * 1000 if begin.isdecimal() else None,
        before=before,
        descending=True,
        project=project.name,
    )
    chosen = [one for one in found if ask.status in ("", _shown_status(one))]
    most = min(max(ask.maxitems, 1), _MOST)
    items = [
        {
            "Name": one.id,
            "Owner": one.owner,
            "StartTime": http_date(one.created_at / 1000),
            "EndTime": http_date(one.ended_at / 1000) if one.ended_at else None,
            "Status": _shown_status(one),
        }
        for one in chosen[:most]
    ]
    marker = str(chosen[most - 1].created_at) if len(chosen) > most else ""
    return OdpsResponse(root="Instances", xml={"Marker": marker, "MaxItems": most, "Instance": items})


class GetInstanceRequest(OdpsRequest, kw_only=True):
    project: str
    instance: str
    instancestatus: str | None = None


@odps.operation(resource=_INSTANCE, path=_PATH, method="GET")
def get_instance(call: Call, ask: GetInstanceRequest) -> OdpsResponse:
    job = find_job(call, ask.project, ask.instance)
    return OdpsResponse(
        root="Instance",
        xml={"Status": _shown_status(job)},
        headers={
            "x-odps-owner": job.owner,
            "x-odps-start-time": http_date(job.created_at / 1000),
            **({"x-odps-end-time": http_date(job.ended_at / 1000)} if job.ended_at else {}),
        },
        wait=ask.instancestatus is not None and job.status not in ENDED,
    )


class GetInstanceTasksRequest(OdpsRequest, kw_only=True):
    project: str
    instance: str


@odps.operation(resource=_INSTANCE, path=_PATH + "?taskstatus", method="GET")
def get_instance_tasks(call: Call, ask: GetInstanceTasksRequest) -> OdpsResponse:
    job = find_job(call, ask.project, ask.instance)
    task = {
        "@Type": "SQL",
        "Name": job.task,
        "StartTime": http_date((job.started_at or job.created_at) / 1000),
        "EndTime": http_date(job.ended_at / 1000) if job.ended_at else None,
        "Status": job.status,
        "Histories": "",
    }
    return OdpsResponse(root="Instance", xml={"Status": _shown_status(job), "Tasks": {"Task": task}})


class GetInstanceSourceRequest(OdpsRequest, kw_only=True):
    project: str
    instance: str


@odps.operation(resource=_INSTANCE, path=_PATH + "?source", method="GET")
def get_instance_source(call: Call, ask: GetInstanceSourceRequest) -> OdpsResponse:
    job = find_job(call, ask.project, ask.instance)
    return OdpsResponse(body=job.source.encode(), content_type="application/xml")


class GetInstanceResultRequest(OdpsRequest, kw_only=True):
    project: str
    instance: str


@odps.operation(resource=_INSTANCE, path=_PATH + "?result", method="GET")
def get_instance_result(call: Call, ask: GetInstanceResultRequest) -> OdpsResponse:
    job = find_job(call, ask.project, ask.instance)
    is_query = bool(job.columns) and job.status == "Success"
    descriptor = {"SelectResultStatus": "YES" if is_query else "NO", "IsSelect": is_query}
    if is_query:
        columns = [{"Name": name, "Type": type_} for name, type_ in job.columns]
        descriptor["Schema"] = {"Columns": columns}  # type: ignore[assignment]  # JSON takes either
    task: dict[str, Any] = {
        "@Type": "SQL",
        "Name": job.task,
        "Result": {"@Format": "csv" if is_query else "text", "!": job.text},
        **({"ResultDescriptor": {"!": json.dumps(descriptor)}} if is_query else {}),
        "Status": job.status,
    }
    if not is_query:
        return OdpsResponse(root="Instance", xml={"Tasks": {"Task": task}})
    rows = rows_of(call, job, form="csv", count=MOST_ROWS)
    return OdpsResponse(root="Instance", xml={"Tasks": {"Task": task}}, stream=rows)


def rows_of(call: Call, job: Job, *, form: str, start: int = 0, count: int = 0, encoding: str = "") -> RowStream:
    """A query's result."""
    project = find_project(call, job.project)
    zone = job.settings.get("odps.sql.timezone") or {**DEFAULTS, **project.properties}["odps.sql.timezone"]
    return RowStream(
        files=(job.blob_id,) if job.blob_id else (),
        columns=tuple((name, type_, name) for name, type_ in job.columns),
        start=start,
        count=min(count, job.records - start),
        form=form,
        encoding=encoding,
        time_zone=zone,
    )


class GetInstanceProgressRequest(OdpsRequest, kw_only=True):
    project: str
    instance: str
    taskname: str = ""


@odps.operation(resource=_INSTANCE, path=_PATH + "?instanceprogress", method="GET")
def get_instance_progress(call: Call, ask: GetInstanceProgressRequest) -> OdpsResponse:
    job = find_job(call, ask.project, ask.instance)
    if job.status == "Waiting":
        return OdpsResponse(root="Progress", xml={})
    ended = job.status in ENDED
    stage = {
        "@ID": "M1",
        "BackupWorkers": 0,
        "TerminatedWorkers": int(ended),
        "RunningWorkers": int(not ended),
        "TotalWorkers": 1,
        "InputRecords": 0,
        "OutputRecords": job.records,
        "FinishedPercentage": 100 if ended else 0,
    }
    return OdpsResponse(root="Progress", xml={"Stage": stage})


class GetInstanceSummaryRequest(OdpsRequest, kw_only=True):
    project: str
    instance: str
    taskname: str = ""


@odps.operation(resource=_INSTANCE, path=_PATH + "?instancesummary", method="GET")
def get_instance_summary(call: Call, ask: GetInstanceSummaryRequest) -> OdpsResponse:
    job = find_job(call, ask.project, ask.instance)
    ended = job.status in ENDED
    milliseconds = max(job.ended_at - job.started_at, 0)
    cost = {"CPU": milliseconds, "Memory": 0, "Input": job.scanned}
    text = f"resource cost: cpu {milliseconds / 60000:.2f} Core * Min\ninputs: {job.scanned} bytes\n"
    body = {"Instance": {"JsonSummary": json.dumps({"Cost": cost}), "Summary": text}} if ended else {"Instance": {}}
    return OdpsResponse(json=body, headers={"x-odps-task-finalized": "true" if ended else "false"})


class GetInstanceDetailRequest(OdpsRequest, kw_only=True):
    project: str
    instance: str
    taskname: str = ""


@odps.operation(resource=_INSTANCE, path=_PATH + "?instancedetail", method="GET")
def get_instance_detail(call: Call, ask: GetInstanceDetailRequest) -> OdpsResponse:
    job = find_job(call, ask.project, ask.instance)
    return OdpsResponse(json={"Instance": {"Status": job.status, "Stages": [], "StatementsDone": job.done}})


class StopInstanceRequest(OdpsRequest, kw_only=True):
    project: str
    instance: str
    document: bytes


@odps.operation(resource=_INSTANCE, path=_PATH, method="PUT")
def stop_instance(call: Call, ask: StopInstanceRequest) -> OdpsResponse:
    job = find_job(call, ask.project, ask.instance)
    if documents.text_of(documents.parse(ask.document), "Status") != "Terminated":
        raise InvalidParameter(reason="the one status that can be set is Terminated.")
    if job.status in ENDED:
        raise InvalidStateSetting
    if job.status == "Waiting":
        job.status = "Cancelled"
        job.ended_at = int(call.now.timestamp() * 1000)
    job.stopping = True
    call.state.put(job)
    call.wake()
    return OdpsResponse()


def _shown_status(job: Job) -> str:
    return "Terminated" if job.status in ENDED else "Running"
