"""Projects. A name is given once in a region, whoever asks."""

from __future__ import annotations

import json
import re
from typing import Any

from openyun.clock import random_text
from openyun.operation import Call
from openyun.services.maxcompute import documents
from openyun.services.maxcompute.errors import InvalidParameter, NoSuchProject, ObjectAlreadyExists
from openyun.services.maxcompute.records import Project
from openyun.services.maxcompute.service import OdpsRequest, OdpsResponse, http_date, odps

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{2,27}")
_MOST = 1000
"""projects on one page"""
DEFAULTS = {
    "odps.sql.type.system.odps2": "true",
    "odps.sql.timezone": "Asia/Shanghai",
    "odps.schema.model.enabled": "true",
    "READ_TABLE_MAX_ROW": "10000",
}


def find_project(call: Call, name: str) -> Project:
    """Raises NoSuchProject, also where another account's has the name."""
    found = call.state.get(Project, name.lower())
    if found is None or found.account_id != call.account_id:
        raise NoSuchProject(project=name)
    return found


def owner_of(account_id: str) -> str:
    """How MaxCompute writes an account."""
    return f"ALIYUN${account_id}"


class CreateProjectRequest(OdpsRequest, kw_only=True):
    document: bytes


@odps.operation(resource="projects/*", path="/projects", method="POST")
def create_project(call: Call, ask: CreateProjectRequest) -> OdpsResponse:
    """The vendor makes projects in its console; here the body is `<Project><Name/><Comment/></Project>`."""
    document = documents.parse(ask.document)
    made = new_project(call, documents.text_of(document, "Name"), documents.text_of(document, "Comment"))
    return OdpsResponse(status=201, headers={"Location": f"/projects/{made.name}"})


def new_project(call: Call, name: str, comment: str = "") -> Project:
    """Raises InvalidParameter, ObjectAlreadyExists."""
    if not _NAME.fullmatch(name):
        raise InvalidParameter(reason="a project's name has 3 to 28 letters, digits and _, and begins with a letter.")
    if call.state.get(Project, name.lower()) is not None:
        raise ObjectAlreadyExists(kind="Project", name=name)
    now = int(call.now.timestamp())
    made = Project(name=name.lower(), account_id=call.account_id, comment=comment, created_at=now, modified_at=now)
    call.state.insert(made)
    return made


class ListProjectsRequest(OdpsRequest, kw_only=True):
    name: str = ""
    marker: str = ""
    maxitems: int = _MOST


@odps.operation(resource="projects/*", path="/projects", method="GET")
def list_projects(call: Call, ask: ListProjectsRequest) -> OdpsResponse:
    most = min(max(ask.maxitems, 1), _MOST)
    found = call.state.scan(Project, "name", after=ask.marker or None, account_id=call.account_id)
    chosen = [one for one in found if one.name.startswith(ask.name.lower())]
    listed = chosen[:most]
    marker = listed[-1].name if len(chosen) > most else ""
    return OdpsResponse(
        root="Projects",
        xml={"Marker": marker, "MaxItems": most, "Project": [_facts(call, one) for one in listed]},
    )


class GetProjectRequest(OdpsRequest, kw_only=True):
    project: str
    properties: str = ""


@odps.operation(resource="projects/{project}", path="/projects/{project}", method="GET")
def get_project(call: Call, ask: GetProjectRequest) -> OdpsResponse:
    found = find_project(call, ask.project)
    properties = {**DEFAULTS, **found.properties}
    facts = _facts(call, found)
    facts["Properties"] = {"Property": [{"Name": name, "Value": value} for name, value in properties.items()]}
    return OdpsResponse(
        root="Project",
        xml=facts,
        headers={
            "x-odps-owner": owner_of(found.account_id),
            "x-odps-creation-time": http_date(found.created_at),
            "Last-Modified": http_date(found.modified_at),
        },
    )


class GetProjectExtendedRequest(OdpsRequest, kw_only=True):
    project: str


@odps.operation(resource="projects/{project}", path="/projects/{project}?extended", method="GET")
def get_project_extended(call: Call, ask: GetProjectExtendedRequest) -> OdpsResponse:
    find_project(call, ask.project)
    return OdpsResponse(root="Project", xml={"ExtendedProperties": ""})


class GetTunnelEndpointRequest(OdpsRequest, kw_only=True):
    project: str


@odps.operation(resource="projects/{project}", path="/projects/{project}/tunnel", method="GET")
def get_tunnel_endpoint(call: Call, ask: GetTunnelEndpointRequest) -> OdpsResponse:
    """All protocols share one port, so the tunnel is where the caller already is; the gateway knows where."""
    find_project(call, ask.project)
    return OdpsResponse(body=b"", content_type="text/plain")


class GetTenantRequest(OdpsRequest, kw_only=True):
    pass


@odps.operation(resource="*", path="/tenants", method="GET")
def get_tenant(call: Call, ask: GetTenantRequest) -> OdpsResponse:
    tenant = {
        "Name": call.account_id,
        "OwnerId": call.account_id,
        "TenantId": call.account_id,
        "TenantState": "NORMAL",
        "TenantMeta": {},
        "Parameters": {"odps.namespace.schema": "false"},
    }
    return OdpsResponse(json={"Tenant": tenant})


class SignBearerTokenRequest(OdpsRequest, kw_only=True):
    project: str
    document: bytes


@odps.operation(
    resource="projects/{project}",
    path="/projects/{project}/authorization?sign_bearer_token",
    method="POST",
    reads=False,
)
def sign_bearer_token(call: Call, ask: SignBearerTokenRequest) -> OdpsResponse:
    """A word for a Logview address. Nothing takes it in place of a signature."""
    find_project(call, ask.project)
    return OdpsResponse(root="Authorization", xml={"Result": random_text(32)})


class AuthorizeRequest(OdpsRequest, kw_only=True):
    project: str
    document: bytes


@odps.operation(resource="projects/{project}", path="/projects/{project}/authorization", method="POST", reads=True)
def authorize(call: Call, ask: AuthorizeRequest) -> OdpsResponse:
    """Security statements; of these only `whoami`."""
    find_project(call, ask.project)
    query = documents.text_of(documents.parse(ask.document), "Query")
    if query.strip().rstrip(";").lower() != "whoami":
        raise InvalidParameter(reason=f"OpenYun knows the security statement whoami, not: {query}")
    who: dict[str, Any] = {"DisplayName": _display(call), "ID": call.principal.id or call.account_id}
    return OdpsResponse(root="Authorization", xml={"Result": json.dumps(who)})


def _display(call: Call) -> str:
    who = call.principal
    return owner_of(who.account_id) if who.kind == "root" else f"RAM${who.account_id}:{who.name}"


def _facts(call: Call, project: Project) -> dict[str, Any]:
    return {
        "Name": project.name,
        "Type": "managed",
        "Comment": project.comment,
        "Owner": owner_of(project.account_id),
        "CreationTime": http_date(project.created_at),
        "LastModifiedTime": http_date(project.modified_at),
        "ProjectGroupName": "",
        "State": "AVAILABLE",
        "Region": call.region.id,
        "TenantId": project.account_id,
    }
