"""Functions cannot be made here yet, so a project has none."""

from __future__ import annotations

from openyun.operation import Call
from openyun.services.maxcompute.project.projects import find_project
from openyun.services.maxcompute.service import OdpsRequest, OdpsResponse, odps


class ListFunctionsRequest(OdpsRequest, kw_only=True):
    project: str


@odps.operation(
    resource="projects/{project}/registration/functions/*",
    path="/projects/{project}/registration/functions",
    method="GET",
)
def list_functions(call: Call, ask: ListFunctionsRequest) -> OdpsResponse:
    find_project(call, ask.project)
    return OdpsResponse(root="Functions", xml={"Marker": "", "MaxItems": 0})
