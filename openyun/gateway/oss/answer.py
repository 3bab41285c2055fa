"""From the answer of an OSS operation, or its error, to HTTP."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterable
from time import perf_counter

from openyun.engine.blob import Bytes
from openyun.errors import CloudError
from openyun.gateway.http import HttpRequest, HttpResponse
from openyun.services.oss import xml
from openyun.services.oss.service import OssResponse

_DOCUMENT = "application/xml"


def request_id(request: HttpRequest) -> str:
    """24 hexadecimal digits, as OSS writes it and its clients check."""
    return request.id.replace("-", "")[:24]


def render(
    request: HttpRequest, answer: OssResponse, data: Bytes | AsyncIterable[Bytes], started: float
) -> HttpResponse:
    headers = {**_common(request, started), **answer.headers}
    if answer.document is not None:
        headers["Content-Type"] = _DOCUMENT
        return HttpResponse(status=answer.status, headers=headers, body=xml.render(answer.root, answer.document))
    return HttpResponse(status=answer.status, headers=headers, body=data)


def render_error(request: HttpRequest, problem: CloudError, started: float | None = None) -> HttpResponse:
    """Facts with a capital become elements, those named x-oss-... headers.

    HEAD has no body, so there the whole document goes into a header, where clients look for it.
    """
    ec: str = getattr(problem, "ec", "")
    fields = {
        "Code": problem.code,
        "Message": problem.text,
        "RequestId": request_id(request),
        "HostId": request.headers.get("host", "").partition(":")[0],
        **{name: str(value) for name, value in problem.facts.items() if name[:1].isupper()},
    }
    headers = {**_common(request, started or perf_counter()), **problem.headers, "Content-Type": _DOCUMENT}
    headers |= {name: str(value) for name, value in problem.facts.items() if name.startswith("x-oss-")}
    if ec:
        fields["EC"] = headers["x-oss-ec"] = ec
        fields["RecommendDoc"] = f"https://api.aliyun.com/troubleshoot?q={ec}"
    body = xml.render("Error", fields)
    if request.method == "HEAD":
        headers["x-oss-err"] = base64.b64encode(body).decode()
        body = b""
    return HttpResponse(status=problem.status, headers=headers, body=body)


def _common(request: HttpRequest, started: float) -> dict[str, str]:
    headers = {
        "Server": "AliyunOSS",
        "x-oss-request-id": request_id(request),
        "x-oss-server-time": str(int((perf_counter() - started) * 1000)),
    }
    if request.method in ("GET", "HEAD") and request.headers.get("content-length", "0") != "0":
        # A reader's body is not read, and may never come: what follows could not be told from it.
        headers["Connection"] = "close"
    return headers
