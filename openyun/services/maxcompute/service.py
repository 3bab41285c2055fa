"""MaxCompute (ODPS): projects of tables, SQL jobs over them, and the tunnel that carries rows in and out.

An ODPS request says by its method, path and the *names* in its query which operation it is: `GET
/projects/p/tables/t?partitions`. So an operation is declared with such a path: `{field}`s and, behind a question mark,
the names that must be there. Where several fit, the one that asks for most names is meant.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import msgspec

from openyun.operation import Request, Response, Service
from openyun.services.maxcompute.errors import NoPermission

odps = Service(
    name="odps", product="MaxCompute", version="2014-11-11", title="MaxCompute", style="ODPS", forbidden=NoPermission
)


class OdpsRequest(Request, kw_only=True, rename=None):
    """`{field}`s come from the path, `document` is the body, all others come from the query by their own names."""


class RowStream(msgspec.Struct, kw_only=True, frozen=True):
    """Rows of files, to be sent in a form of the tunnel's."""

    files: tuple[str, ...]
    """blobs"""
    columns: tuple[tuple[str, str, str], ...]
    """name on the wire, type, and name in the files (empty where they lack it)"""
    start: int
    count: int
    form: str
    """`protobuf`, `arrow` or `csv`"""
    encoding: str = ""
    """Content-Encoding"""
    time_zone: str = "UTC"


class OdpsResponse(Response, kw_only=True):
    """At most one of `xml`, `json` and `body` is sent."""

    status: int = 200
    headers: dict[str, str] = {}
    root: str = ""
    """name of the XML document's element"""
    xml: dict[str, Any] | None = None
    """see `documents.render`"""
    json: Any = None
    body: bytes | None = None
    content_type: str = ""
    stream: RowStream | None = None
    """rows, which the gateway reads and sends"""
    wait: bool = False
    """the client asked to be answered when this changes: ask the operation again, for a while"""


def http_date(seconds: float) -> str:
    """RFC 822, as ODPS writes times into headers and XML."""
    return format_datetime(datetime.fromtimestamp(int(seconds), UTC), usegmt=True)
