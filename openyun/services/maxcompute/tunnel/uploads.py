"""Uploads into tables: a session, blocks of rows that come in any order, and a commit of all of them at once."""

from __future__ import annotations

from typing import Any

import msgspec

from openyun.operation import Call
from openyun.services.maxcompute.errors import (
    InvalidParameter,
    NoSuchPartition,
    NoSuchSession,
    SchemaModified,
    SessionEnded,
)
from openyun.services.maxcompute.records import Block, Column, Partition, Session, Table
from openyun.services.maxcompute.service import OdpsRequest, OdpsResponse, odps
from openyun.services.maxcompute.table.files import NewFile, add_files, add_partition, remove_files
from openyun.services.maxcompute.table.partitions import read_spec
from openyun.services.maxcompute.table.tables import columns_shown, find_table

_TABLE = "projects/{project}/tables/{table}"
_PATH = "/projects/{project}/tables/{table}"
_LARGEST_FIELD = 8 * 1024 * 1024


def session_id(call: Call) -> str:
    """Sorted by time, as the vendor's are."""
    return f"{call.now:%Y%m%d%H%M%S}{call.new_id('t').rpartition('-')[2]}"


def shown(session: Session, **more: Any) -> dict[str, Any]:
    return {
        "Status": session.status.lower(),
        "Schema": {
            "columns": columns_shown(session.columns),
            "partitionKeys": columns_shown(session.partition_columns),
            "IsVirtualView": False,
        },
        "QuotaName": "",
        **more,
    }


class CreateUploadRequest(OdpsRequest, kw_only=True):
    project: str
    table: str
    curr_schema: str = ""
    partition: str = ""
    create_partition: str = ""
    overwrite: str = ""


@odps.operation(resource=_TABLE, path=_PATH + "?uploads", method="POST", reads=False)
def create_upload(call: Call, ask: CreateUploadRequest) -> OdpsResponse:
    table = find_table(call, ask.project, ask.curr_schema, ask.table)
    if table.view_text:
        raise InvalidParameter(reason=f"{table.name} is a view.")
    spec = ""
    if table.partition_columns:
        spec = read_spec(table, ask.partition)
        if ask.create_partition == "true":
            add_partition(call.state, table, spec, int(call.now.timestamp()))
        elif call.state.get(Partition, table.id, spec) is None:
            raise NoSuchPartition(partition=spec)
    elif ask.partition:
        raise InvalidParameter(reason=f"table {table.name} is not a partitioned table.")
    made = Session(
        id=session_id(call),
        kind="upload",
        project=table.project,
        table_id=table.id,
        partition=spec,
        overwrite=ask.overwrite == "true",
        columns=table.columns,
        partition_columns=table.partition_columns,
        created_at=int(call.now.timestamp()),
    )
    call.state.insert(made)
    return OdpsResponse(json=_upload(made, []))


class GetUploadRequest(OdpsRequest, kw_only=True):
    project: str
    table: str
    uploadid: str
    curr_schema: str = ""


@odps.operation(resource=_TABLE, path=_PATH + "?uploadid", method="GET")
def get_upload(call: Call, ask: GetUploadRequest) -> OdpsResponse:
    session, _ = _find(call, ask)
    return OdpsResponse(json=_upload(session, call.state.find(Block, session_id=session.id)))


class NewBlock(msgspec.Struct, frozen=True, kw_only=True):
    """Rows that lie in a blob; no blob where there are none."""

    blob_id: str
    records: int
    size: int


class UploadBlockRequest(OdpsRequest, kw_only=True):
    """Its rows are stored before the operation runs the second time; the first time `block` is None, and the operation
    says what they must be: `OdpsResponse.json` is the session's `Shape`."""

    project: str
    table: str
    uploadid: str
    blockid: int
    curr_schema: str = ""
    arrow: str | None = None
    content_encoding: str = ""
    block: NewBlock | None = None


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """What the files of a session have in them."""

    columns: tuple[Column, ...]
    partition: tuple[tuple[Column, str], ...]
    """columns that have one value"""


@odps.operation(resource=_TABLE, path=_PATH + "?uploadid&blockid", method="PUT")
def upload_block(call: Call, ask: UploadBlockRequest) -> OdpsResponse:
    session, _ = _find(call, ask)
    _check_open(session)
    if ask.block is None:
        values = [part.partition("=")[2] for part in session.partition.split("/")] if session.partition else []
        fixed = tuple(zip(session.partition_columns, values, strict=bool(values)))
        return OdpsResponse(json=Shape(columns=tuple(session.columns), partition=fixed))
    block = ask.block
    call.state.put(
        Block(session_id=session.id, number=ask.blockid, blob_id=block.blob_id, records=block.records, size=block.size)
    )
    return OdpsResponse()


class CommitUploadRequest(OdpsRequest, kw_only=True):
    project: str
    table: str
    uploadid: str
    curr_schema: str = ""


@odps.operation(resource=_TABLE, path=_PATH + "?uploadid", method="POST", reads=False)
def commit_upload(call: Call, ask: CommitUploadRequest) -> OdpsResponse:
    session, table = _find(call, ask)
    blocks = call.state.find(Block, session_id=session.id)
    if session.status == "CLOSED":  # a client that did not hear the answer asks again
        return OdpsResponse(json=_upload(session, blocks))
    _check_open(session)
    if [one.stored for one in table.columns] != [one.stored for one in session.columns]:
        raise SchemaModified
    now = int(call.now.timestamp())
    if session.overwrite:
        remove_files(call.state, table, session.partition if session.partition else None, now)
    added = [
        NewFile(blob_id=one.blob_id, records=one.records, size=one.size, partition=session.partition)
        for one in blocks
        if one.blob_id
    ]
    add_files(call.state, table, added, now)
    session.status = "CLOSED"
    call.state.put(session)
    answer = _upload(session, blocks)
    for one in blocks:
        call.state.delete(one)
    return OdpsResponse(json=answer)


def _find(call: Call, ask: Any) -> tuple[Session, Table]:
    """Raises NoSuchSession."""
    table = find_table(call, ask.project, ask.curr_schema, ask.table)
    found = call.state.get(Session, ask.uploadid)
    if found is None or found.kind != "upload" or found.table_id != table.id:
        raise NoSuchSession(session=ask.uploadid)
    return found, table


def _check_open(session: Session) -> None:
    if session.status != "NORMAL":
        raise SessionEnded(session=session.id, status=session.status)


def _upload(session: Session, blocks: list[Block]) -> dict[str, Any]:
    listed = [{"BlockID": one.number, "CreateTime": 0, "Date": 0} for one in blocks]
    return shown(session, UploadID=session.id, UploadedBlockList=listed, MaxFieldSize=_LARGEST_FIELD)
