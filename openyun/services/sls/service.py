"""SLS 2020-12-30: projects, logstores, and the logs in them.

A request says by method, path and the query's `type` which operation it is; the project is the first label of the host
name. Its parameters are query parameters and the members of a JSON body.
"""

from __future__ import annotations

from openyun.operation import Model, Request, Response, Service
from openyun.services.sls.errors import Unauthorized

sls = Service(
    name="log",
    product="Sls",
    version="2020-12-30",
    title="Simple Log Service",
    style="SLS",
    forbidden=Unauthorized,
)


class LogModel(Model, kw_only=True, rename="camel"):
    """A part of a document."""


class LogRequest(Request, kw_only=True, rename="camel"):
    project: str = ""
    """from the host name"""


class StoreRequest(LogRequest, kw_only=True, rename="camel"):
    logstore: str
    """from the path"""


class LogResponse(Response, kw_only=True, rename="camel"):
    """The members of the JSON document; empty: no body."""
