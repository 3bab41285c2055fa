"""Schemas. `default` is always there, and is meant where none is named."""

from __future__ import annotations

import re

from openyun.operation import Call
from openyun.services.maxcompute import documents
from openyun.services.maxcompute.errors import InvalidParameter, NoSuchSchema, ObjectAlreadyExists, SchemaNotEmpty
from openyun.services.maxcompute.project.projects import find_project, owner_of
from openyun.services.maxcompute.records import Schema, Table
from openyun.services.maxcompute.service import OdpsRequest, OdpsResponse, http_date, odps
from openyun.state import Transaction

DEFAULT = "default"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,127}")


def check_schema(state: Transaction, project: str, name: str) -> str:
    """The schema's own name. Raises NoSuchSchema."""
    name = (name or DEFAULT).lower()
    if name != DEFAULT and state.get(Schema, project, name) is None:
        raise NoSuchSchema(project=project, schema=name)
    return name


def add_schema(state: Transaction, made: Schema) -> None:
    """Raises InvalidParameter, ObjectAlreadyExists."""
    if not _NAME.fullmatch(made.name):
        raise InvalidParameter(reason=f"{made.name!r} is no name for a schema.")
    if made.name == DEFAULT or state.get(Schema, made.project, made.name) is not None:
        raise ObjectAlreadyExists(kind="Schema", name=made.name)
    state.insert(made)


def remove_schema(state: Transaction, project: str, name: str) -> None:
    """Raises NoSuchSchema, and SchemaNotEmpty while it has tables."""
    name = check_schema(state, project, name)
    if name == DEFAULT or state.scan(Table, "name", project=project, schema=name, limit=1):
        raise SchemaNotEmpty(schema=name)
    found = state.get(Schema, project, name)
    if found is not None:
        state.delete(found)


class ListSchemasRequest(OdpsRequest, kw_only=True):
    project: str
    name: str = ""


@odps.operation(resource="projects/{project}/schemas/*", path="/projects/{project}/schemas", method="GET")
def list_schemas(call: Call, ask: ListSchemasRequest) -> OdpsResponse:
    project = find_project(call, ask.project)
    own = [
        Schema(project=project.name, name=DEFAULT, owner=owner_of(project.account_id), created_at=project.created_at)
    ]
    listed = [one for one in own + call.state.scan(Schema, "name", project=project.name) if ask.name in one.name]
    items = [
        {
            "Name": one.name,
            "Owner": one.owner,
            "Description": one.comment,
            "Type": "MANAGED",
            "CreateTime": http_date(one.created_at),
            "ModifyTime": http_date(one.modified_at or one.created_at),
        }
        for one in sorted(listed, key=lambda one: one.name)
    ]
    return OdpsResponse(root="Schemas", xml={"Marker": "", "MaxItems": len(items), "Schema": items})


class GetSchemaRequest(OdpsRequest, kw_only=True):
    project: str
    schema: str


@odps.operation(
    resource="projects/{project}/schemas/{schema}", path="/projects/{project}/schemas/{schema}", method="GET"
)
def get_schema(call: Call, ask: GetSchemaRequest) -> OdpsResponse:
    project = find_project(call, ask.project)
    name = check_schema(call.state, project.name, ask.schema)
    found = call.state.get(Schema, project.name, name)
    created = found.created_at if found else project.created_at
    modified = (found.modified_at if found else 0) or created
    owner = found.owner if found else owner_of(project.account_id)
    return OdpsResponse(
        root="Schema",
        xml={"Name": name, "Owner": owner, "Description": found.comment if found else "", "Type": "MANAGED"},
        headers={
            "x-odps-owner": owner,
            "x-odps-creation-time": http_date(created),
            "Last-Modified": http_date(modified),
        },
    )


class CreateSchemaRequest(OdpsRequest, kw_only=True):
    project: str
    document: bytes


@odps.operation(resource="projects/{project}/schemas/*", path="/projects/{project}/schemas", method="POST")
def create_schema(call: Call, ask: CreateSchemaRequest) -> OdpsResponse:
    project = find_project(call, ask.project)
    document = documents.parse(ask.document)
    add_schema(
        call.state,
        Schema(
            project=project.name,
            name=documents.text_of(document, "Name").lower(),
            owner=owner_of(call.account_id),
            comment=documents.text_of(document, "Comment"),
            created_at=int(call.now.timestamp()),
        ),
    )
    return OdpsResponse(status=201)


class DeleteSchemaRequest(OdpsRequest, kw_only=True):
    project: str
    schema: str


@odps.operation(
    resource="projects/{project}/schemas/{schema}", path="/projects/{project}/schemas/{schema}", method="DELETE"
)
def delete_schema(call: Call, ask: DeleteSchemaRequest) -> OdpsResponse:
    remove_schema(call.state, find_project(call, ask.project).name, ask.schema)
    return OdpsResponse(status=204)
