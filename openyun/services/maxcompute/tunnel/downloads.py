"""Downloads of tables and of results: a session keeps what was there when it began."""

from __future__ import annotations

import re
from typing import Any

from openyun.operation import Call
from openyun.services.maxcompute.errors import InvalidParameter, NoResult, NoSuchSession
from openyun.services.maxcompute.job.instances import MOST_ROWS, find_job
from openyun.services.maxcompute.records import Column, Session
from openyun.services.maxcompute.service import OdpsRequest, OdpsResponse, RowStream, odps
from openyun.services.maxcompute.table.files import current_files, sizes
from openyun.services.maxcompute.table.partitions import find_partition
from openyun.services.maxcompute.table.tables import find_table
from openyun.services.maxcompute.tunnel.uploads import session_id, shown

_TABLE, _TABLE_PATH = "projects/{project}/tables/{table}", "/projects/{project}/tables/{table}"
_INSTANCE, _INSTANCE_PATH = "projects/{project}/instances/{instance}", "/projects/{project}/instances/{instance}"
_RANGE = re.compile(r"\((\d+),(\d+)\)")


class CreateDownloadRequest(OdpsRequest, kw_only=True):
    project: str
    table: str
    curr_schema: str = ""
    partition: str = ""


@odps.operation(resource=_TABLE, path=_TABLE_PATH + "?downloads", method="POST", reads=False)
def create_download(call: Call, ask: CreateDownloadRequest) -> OdpsResponse:
    table = find_table(call, ask.project, ask.curr_schema, ask.table)
    if table.view_text:
        raise InvalidParameter(reason=f"{table.name} is a view; query it.")
    spec = None
    if table.partition_columns:
        if not ask.partition:
            raise InvalidParameter(reason=f"table {table.name} is partitioned, so a partition must be given.")
        spec = find_partition(call, table, ask.partition).spec
    files = current_files(call.state, table, spec)
    made = Session(
        id=session_id(call),
        kind="table",
        project=table.project,
        table_id=table.id,
        partition=spec or "",
        columns=table.columns,
        partition_columns=table.partition_columns,
        files=[one.blob_id for one in files],
        records=sizes(files)[2],
        created_at=int(call.now.timestamp()),
    )
    call.state.insert(made)
    return OdpsResponse(json=_download(made))


class GetDownloadRequest(OdpsRequest, kw_only=True):
    project: str
    table: str
    downloadid: str
    curr_schema: str = ""


@odps.operation(resource=_TABLE, path=_TABLE_PATH + "?downloadid", method="GET")
def get_download(call: Call, ask: GetDownloadRequest) -> OdpsResponse:
    table = find_table(call, ask.project, ask.curr_schema, ask.table)
    return OdpsResponse(json=_download(_find(call, ask.downloadid, table_id=table.id)))


class DownloadRowsRequest(OdpsRequest, kw_only=True):
    project: str
    table: str
    downloadid: str
    curr_schema: str = ""
    rowrange: str = ""
    columns: str = ""
    arrow: str | None = None
    accept_encoding: str = ""


@odps.operation(resource=_TABLE, path=_TABLE_PATH + "?downloadid&data", method="GET")
def download_rows(call: Call, ask: DownloadRowsRequest) -> OdpsResponse:
    table = find_table(call, ask.project, ask.curr_schema, ask.table)
    return _rows(_find(call, ask.downloadid, table_id=table.id), ask, form="protobuf" if ask.arrow is None else "arrow")


class CreateInstanceDownloadRequest(OdpsRequest, kw_only=True):
    project: str
    instance: str
    instance_tunnel_limit_enabled: str | None = None


@odps.operation(resource=_INSTANCE, path=_INSTANCE_PATH + "?downloads", method="POST", reads=False)
def create_instance_download(call: Call, ask: CreateInstanceDownloadRequest) -> OdpsResponse:
    job = find_job(call, ask.project, ask.instance)
    if job.status != "Success" or not job.columns:
        raise NoResult(instance=job.id)
    records = job.records if ask.instance_tunnel_limit_enabled is None else min(job.records, MOST_ROWS)
    made = Session(
        id=session_id(call),
        kind="instance",
        project=job.project,
        job_id=job.id,
        columns=[Column(name=name, type=type_) for name, type_ in job.columns],
        files=[job.blob_id] if job.blob_id else [],
        records=records,
        created_at=int(call.now.timestamp()),
    )
    call.state.insert(made)
    return OdpsResponse(json=_download(made))


class GetInstanceDownloadRequest(OdpsRequest, kw_only=True):
    project: str
    instance: str
    downloadid: str


@odps.operation(resource=_INSTANCE, path=_INSTANCE_PATH + "?downloadid", method="GET")
def get_instance_download(call: Call, ask: GetInstanceDownloadRequest) -> OdpsResponse:
    job = find_job(call, ask.project, ask.instance)
    return OdpsResponse(json=_download(_find(call, ask.downloadid, job_id=job.id)))


class DownloadInstanceRowsRequest(OdpsRequest, kw_only=True):
    project: str
    instance: str
    downloadid: str
    rowrange: str = ""
    columns: str = ""
    arrow: str | None = None
    accept_encoding: str = ""


@odps.operation(resource=_INSTANCE, path=_INSTANCE_PATH + "?downloadid&data", method="GET")
def download_instance_rows(call: Call, ask: DownloadInstanceRowsRequest) -> OdpsResponse:
    job = find_job(call, ask.project, ask.instance)
    session = _find(call, ask.downloadid, job_id=job.id)
    return _rows(session, ask, form="protobuf" if ask.arrow is None else "instance arrow")


def _find(call: Call, session: str, *, table_id: str = "", job_id: str = "") -> Session:
    """Raises NoSuchSession."""
    found = call.state.get(Session, session)
    if found is None or (found.table_id, found.job_id) != (table_id, job_id) or found.kind == "upload":
        raise NoSuchSession(session=session)
    return found


def _rows(session: Session, ask: Any, *, form: str) -> OdpsResponse:
    found = _RANGE.fullmatch(ask.rowrange)
    if found is None:
        raise InvalidParameter(reason="rowrange must be (start,count).")
    start, count = int(found[1]), int(found[2])
    if start > session.records:
        raise InvalidParameter(reason=f"the session has {session.records} rows.")
    by_name = {one.name: one for one in session.columns}
    wanted = [name.strip().lower() for name in ask.columns.split(",") if name.strip()] or list(by_name)
    unknown = [name for name in wanted if name not in by_name]
    if unknown:
        raise InvalidParameter(reason=f"there is no column {unknown[0]}.")
    if form == "protobuf":  # in the order of the request; Arrow batches come in the table's
        chosen = [by_name[name] for name in wanted]
    else:
        chosen = [one for one in session.columns if one.name in wanted]
    return OdpsResponse(
        stream=RowStream(
            files=tuple(session.files),
            columns=tuple((one.name, one.type, one.stored) for one in chosen),
            start=start,
            count=min(count, session.records - start),
            form=form,
            encoding=ask.accept_encoding,
        )
    )


def _download(session: Session) -> dict[str, Any]:
    return shown(session, DownloadID=session.id, RecordCount=session.records)
