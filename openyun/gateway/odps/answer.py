"""From the answer of a MaxCompute operation, or its error, to HTTP."""

from __future__ import annotations

import msgspec

from openyun.errors import CloudError
from openyun.gateway.http import HttpRequest, HttpResponse
from openyun.services.maxcompute import documents
from openyun.services.maxcompute.service import OdpsResponse


def render(request: HttpRequest, answer: OdpsResponse) -> HttpResponse:
    headers = {**common(request), **answer.headers}
    if answer.xml is not None:
        headers["Content-Type"] = "application/xml"
        return HttpResponse(status=answer.status, headers=headers, body=documents.render(answer.root, answer.xml))
    if answer.json is not None:
        headers["Content-Type"] = "application/json"
        return HttpResponse(status=answer.status, headers=headers, body=msgspec.json.encode(answer.json))
    if request.operation == "GetTunnelEndpoint":
        answer.body = request.headers.get("host", "").encode()
    if answer.content_type:
        headers["Content-Type"] = answer.content_type
    return HttpResponse(status=answer.status, headers=headers, body=answer.body or b"")


def render_error(request: HttpRequest, problem: CloudError) -> HttpResponse:
    """The tunnel words its errors in JSON, all else in XML."""
    facts = {
        "Code": problem.code,
        "Message": problem.text,
        "RequestId": request.id,
        "HostId": request.headers.get("host", ""),
    }
    headers = {**common(request), **problem.headers}
    if "x-odps-tunnel-version" in request.headers:
        headers["Content-Type"] = "application/json"
        return HttpResponse(status=problem.status, headers=headers, body=msgspec.json.encode(facts))
    headers["Content-Type"] = "application/xml"
    return HttpResponse(status=problem.status, headers=headers, body=documents.render("Error", facts))


def common(request: HttpRequest) -> dict[str, str]:
    return {"x-odps-request-id": request.id.replace("-", "").lower()}
