"""Tables as the REST protocol shows them. They are made and changed by SQL."""

from __future__ import annotations

import json
from typing import Any

from openyun.operation import Call
from openyun.services.maxcompute.errors import NoSuchTable
from openyun.services.maxcompute.project.projects import find_project
from openyun.services.maxcompute.records import Column, Partition, Table
from openyun.services.maxcompute.schema.schemas import check_schema
from openyun.services.maxcompute.service import OdpsRequest, OdpsResponse, http_date, odps
from openyun.services.maxcompute.table.files import current_files, sizes

_MOST = 1000
"""tables on one page"""


def find_table(call: Call, project: str, schema: str, name: str) -> Table:
    """Raises NoSuchProject, NoSuchSchema, NoSuchTable."""
    found_project = find_project(call, project)
    schema = check_schema(call.state, found_project.name, schema)
    found = call.state.get(Table, found_project.name, schema, name.lower())
    if found is None:
        raise NoSuchTable(project=project, table=name)
    return found


class ListTablesRequest(OdpsRequest, kw_only=True):
    project: str
    name: str = ""
    owner: str = ""
    type: str = ""
    marker: str = ""
    maxitems: int = _MOST
    curr_schema: str = ""


@odps.operation(resource="projects/{project}/tables/*", path="/projects/{project}/tables", method="GET")
def list_tables(call: Call, ask: ListTablesRequest) -> OdpsResponse:
    project = find_project(call, ask.project)
    schema = check_schema(call.state, project.name, ask.curr_schema)
    most = min(max(ask.maxitems, 1), _MOST)
    found = call.state.scan(Table, "name", after=ask.marker or None, project=project.name, schema=schema)
    chosen = [
        one
        for one in found
        if one.name.startswith(ask.name.lower()) and ask.owner in ("", one.owner) and ask.type in ("", type_of(one))
    ]
    listed = chosen[:most]
    items = [
        {
            "Name": one.name,
            "TableId": one.id,
            "Comment": one.comment,
            "Owner": one.owner,
            "CreationTime": http_date(one.created_at),
            "LastModifiedTime": http_date(one.modified_at),
            "Type": type_of(one),
        }
        for one in listed
    ]
    marker = listed[-1].name if len(chosen) > most else ""
    return OdpsResponse(root="Tables", xml={"Marker": marker, "MaxItems": most, "Table": items})


class GetTableRequest(OdpsRequest, kw_only=True):
    project: str
    table: str
    curr_schema: str = ""


_TABLE = "projects/{project}/tables/{table}"


@odps.operation(resource=_TABLE, path="/projects/{project}/tables/{table}", method="GET")
def get_table(call: Call, ask: GetTableRequest) -> OdpsResponse:
    return _shown(call, find_table(call, ask.project, ask.curr_schema, ask.table))


class GetTableExtendedRequest(OdpsRequest, kw_only=True):
    project: str
    table: str
    curr_schema: str = ""


@odps.operation(resource=_TABLE, path="/projects/{project}/tables/{table}?extended", method="GET")
def get_table_extended(call: Call, ask: GetTableExtendedRequest) -> OdpsResponse:
    return _shown(call, find_table(call, ask.project, ask.curr_schema, ask.table))


def _shown(call: Call, table: Table) -> OdpsResponse:
    facts = {
        "Name": table.name,
        "TableId": table.id,
        "Comment": table.comment,
        "Owner": table.owner,
        "TableLabel": "0",
        "CreationTime": http_date(table.created_at),
        "LastModifiedTime": http_date(table.modified_at),
        "Type": type_of(table),
        "Schema": {"@format": "Json", "!": json.dumps(_schema(call, table))},
    }
    return OdpsResponse(
        root="Table",
        xml=facts,
        headers={
            "x-odps-owner": table.owner,
            "x-odps-creation-time": http_date(table.created_at),
            "Last-Modified": http_date(table.modified_at),
        },
    )


def _schema(call: Call, table: Table) -> dict[str, Any]:
    count, size, records = sizes(current_files(call.state, table))
    reserved: dict[str, Any] = {"schema_version": str(table.altered_at)}
    if table.transactional:
        reserved["Transactional"] = "true"
    if table.primary_key:
        reserved["PrimaryKey"] = table.primary_key
    return {
        "comment": table.comment,
        "owner": table.owner,
        "createTime": table.created_at,
        "lastModifiedTime": table.modified_at,
        "lastDDLTime": table.altered_at,
        "isVirtualView": bool(table.view_text),
        "isMaterializedView": False,
        **({"viewText": table.view_text, "viewExpandedText": table.view_text} if table.view_text else {}),
        "lifecycle": table.lifecycle or -1,
        "size": size,
        "recordNum": records,
        "hubLifecycle": -1,
        "columns": columns_shown(table.columns),
        "partitionKeys": columns_shown(table.partition_columns),
        "shardExist": False,
        "tableLabel": "0",
        "tableProperties": json.dumps(table.properties),
        "IsArchived": False,
        "PhysicalSize": size,
        "FileNum": count,
        "Reserved": json.dumps(reserved),
    }


def columns_shown(columns: list[Column]) -> list[dict[str, Any]]:
    """As the REST protocol and the tunnel write them."""
    return [
        {
            "name": one.name,
            "type": one.type,
            "comment": one.comment,
            "label": "",
            "isNullable": one.nullable,
            "nullable": one.nullable,
            **({"defaultValue": one.default} if one.default else {}),
        }
        for one in columns
    ]


def type_of(table: Table) -> str:
    return "VIRTUAL_VIEW" if table.view_text else "MANAGED_TABLE"


def partitions_of(call: Call, table: Table) -> list[Partition]:
    return call.state.scan(Partition, "spec", table_id=table.id)
