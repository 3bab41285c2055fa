"""What the RPC and ROA protocols write: a response or an error, as JSON or XML."""

from __future__ import annotations

import re
from html import escape
from typing import Any
from urllib.parse import quote

import msgspec

from openyun.errors import CloudError
from openyun.gateway.http import HttpRequest, HttpResponse
from openyun.operation import Response

_JSON = "application/json;charset=utf-8"
_XML = "text/xml;charset=utf-8"
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""characters that XML 1.0 has no place for, not even escaped"""
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'


def render(request: HttpRequest, operation: str, answer: Response) -> HttpResponse:
    """A success. The RequestId comes first, as the vendor has it."""
    if request.xml:
        fields = {"RequestId": request.id, **msgspec.to_builtins(answer)}
        body = f"{_HEAD}<{operation}Response>{_elements(fields)}</{operation}Response>".encode()
    else:
        encoded = msgspec.json.encode(answer)
        comma = b"" if encoded == b"{}" else b","
        body = b'{"RequestId":"%s"%s%s' % (request.id.encode(), comma, encoded[1:])
    return HttpResponse(headers=_headers(request), body=body)


def render_error(request: HttpRequest, problem: CloudError) -> HttpResponse:
    fields = {
        "RequestId": request.id,
        "HostId": request.headers.get("host", ""),
        "Code": problem.code,
        "Message": problem.text,
        "Recommend": (
            f"https://api.alibabacloud.com/troubleshoot?q={quote(problem.code)}"
            f"&product={quote(request.product)}&requestId={request.id}"
        ),
        **problem.detail,
    }
    body = f"{_HEAD}<Error>{_elements(fields)}</Error>".encode() if request.xml else msgspec.json.encode(fields)
    return HttpResponse(status=problem.status, headers={**_headers(request), **problem.headers}, body=body)


def _headers(request: HttpRequest) -> dict[str, str]:
    return {"Content-Type": _XML if request.xml else _JSON, "x-acs-request-id": request.id}


def _elements(fields: dict[str, Any]) -> str:
    """A list becomes an element repeated; a structure an element with elements."""
    parts: list[str] = []
    for name, value in fields.items():
        if value is None:
            continue
        for one in value if isinstance(value, list) else [value]:
            parts.append(f"<{name}>{_content(one)}</{name}>")
    return "".join(parts)


def _content(value: Any) -> str:
    if isinstance(value, dict):
        return _elements(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return escape(_NOT_IN_XML.sub("", str(value)), quote=False).replace("\r", "&#13;")
