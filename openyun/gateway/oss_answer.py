"""From the answer of an OSS operation, or its error, to HTTP."""

from __future__ import annotations

import base64
from time import perf_counter

from openyun.engine.blob import Bytes, Chunks
from openyun.errors import CloudError
from openyun.gateway.http import HttpRequest, HttpResponse
from openyun.services.oss import xml
from openyun.services.oss.service import OssResponse

_DOCUMENT = "application/xml"


def request_id(request: HttpRequest) -> str:
    """24 hexadecimal digits, as OSS writes it and its clients check."""
    return request.id.replace("-", "")[:24]


def render(request: HttpRequest, answer: OssResponse, data: Bytes | Chunks, started: float) -> HttpResponse:
    headers = {**_common(request, started), **answer.headers}
    if answer.document is not None:
        headers["Content-Type"] = _DOCUMENT
        return HttpResponse(status=answer.status, headers=headers, body=xml.render(answer.root, answer.document))
    return HttpResponse(status=answer.status, headers=headers, body=data)


def render_error(request: HttpRequest, problem: CloudError, started: float | None = None) -> HttpResponse:
    """Facts with a capital become elements. HEAD has no body, so its error goes into a header."""
    ec: str = getattr(problem, "ec", "")
    fields = {
        "Code": problem.code,
        "Message": problem.text,
        "RequestId": request_id(request),
        "HostId": request.headers.get("host", "").partition(":")[0],
        **{name: str(value) for name, value in problem.facts.items() if name[:1].isupper()},
    }
    headers = {**_common(request, started or perf_counter()), **problem.headers, "Content-Type": _DOCUMENT}
    if ec:
        fields["EC"] = headers["x-oss-ec"] = ec
        fields["RecommendDoc"] = f"https://api.aliyun.com/troubleshoot?q={ec}"
    body = xml.render("Error", fields)
    if request.method == "HEAD":
        headers["x-oss-err"] = base64.b64encode(body).decode()
        body = b""
    return HttpResponse(status=problem.status, headers=headers, body=body)


def _common(request: HttpRequest, started: float) -> dict[str, str]:
    return {
        "x-oss-request-id": request_id(request),
        "x-oss-server-time": str(int((perf_counter() - started) * 1000)),
    }
