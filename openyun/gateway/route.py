"""Which protocol a request speaks, told by its first bytes."""

from __future__ import annotations

import re
from typing import Literal

from openyun.access import sls_signature
from openyun.access.odps_signature import SCHEME as ODPS
from openyun.access.s3_signature import V2, V4
from openyun.access.signature import V3
from openyun.gateway.http import HttpRequest
from openyun.gateway.oss.request import names_bucket

_S3_URL = re.compile(r"(?:^|&)(?:X-Amz-Signature|X-Amz-Credential|AWSAccessKeyId)=")

Protocol = Literal["rpc", "roa", "oss", "s3", "sls", "odps", "own"]


def protocol_of(request: HttpRequest) -> Protocol:
    """Every protocol of the vendor's on one port. What bears no sign of another is OSS, whose objects may be read
    by anyone with a browser. Paths below /_openyun are this cloud's own: no bucket's name begins so."""
    authorization = request.headers.get("authorization", "")
    if request.path.startswith("/_openyun/"):
        return "own"
    if authorization.startswith(V3):
        return "rpc" if request.path in ("", "/") else "roa"
    if authorization.startswith("acs "):
        return "roa"
    if authorization.startswith(ODPS) or "x-odps-user-agent" in request.headers:
        return "odps"
    if authorization.startswith((sls_signature.V1, sls_signature.V4)) or "x-log-apiversion" in request.headers:
        return "sls"
    if authorization.startswith((V4, V2)) or (request.raw_query and _S3_URL.search(request.raw_query)):
        return "s3"
    if authorization or request.path not in ("", "/"):
        return "oss"
    if request.method == "GET" and not request.raw_query and "x-oss-date" not in request.headers:
        return "oss" if names_bucket(request.host) else "own"
    if "Action=" in request.raw_query or "Version=" in request.raw_query:
        return "rpc"
    form = request.headers.get("content-type", "").lower().startswith("application/x-www-form-urlencoded")
    if request.method == "POST" and form:
        return "rpc"
    return "oss"
