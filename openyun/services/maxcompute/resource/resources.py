"""Resources cannot be made here yet, so a project has none."""

from __future__ import annotations

from openyun.operation import Call
from openyun.services.maxcompute.project.projects import find_project
from openyun.services.maxcompute.service import OdpsRequest, OdpsResponse, odps


class ListResourcesRequest(OdpsRequest, kw_only=True):
    project: str


@odps.operation(resource="projects/{project}/resources/*", path="/projects/{project}/resources", method="GET")
def list_resources(call: Call, ask: ListResourcesRequest) -> OdpsResponse:
    find_project(call, ask.project)
    return OdpsResponse(root="Resources", xml={"Marker": "", "MaxItems": 0})
