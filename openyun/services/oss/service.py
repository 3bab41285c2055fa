"""OSS 2019-05-17: buckets and objects.

An OSS request says by its method, sub-resource and headers which operation it is; its parameters are query parameters
and headers, whose names are the wire names of a request's fields (`max_keys` is `max-keys`).
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

from openyun.engine.blob import Blob
from openyun.engine.sealed import Algorithm
from openyun.operation import Model, Request, Response, Service

oss = Service(name="oss", product="Oss", version="2019-05-17", title="Object Storage Service", style="OSS")


class Slice(msgspec.Struct, frozen=True):
    """Bytes of a blob, to be sent."""

    blob_id: str
    start: int
    length: int
    data: bytes | None = None
    """the bytes themselves, of a small blob"""


class OssRequest(Request, kw_only=True, rename="kebab"):
    """Fields named x-oss-... or like an HTTP header come from headers, `bucket` and `key` from the path, `document`
    is the body, `meta` the x-oss-meta- headers, `blob` what was stored of the body; all others come from the query."""

    IN_QUERY: ClassVar[frozenset[str]] = frozenset({"x-oss-process"})
    """names that look like headers and are query parameters"""

    bucket: str = ""


class ObjectRequest(OssRequest, kw_only=True):
    key: str


class UploadRequest(ObjectRequest, kw_only=True):
    """Its body is streamed to the blob engine before the operation runs. Until then `blob` is None, and the operation
    only checks whether it could go on."""

    blob: Blob | None = None
    content: bytes = b""
    """the bytes themselves, if they are so few that the row can hold them; then the blob has no id"""
    checksums: dict[str, str] = {}
    """of S3's kinds, that the body proved to have"""
    copied: tuple[Slice, ...] = ()
    """what `blob` is a copy of"""


class OssResponse(Response, kw_only=True):
    status: int = 200
    headers: dict[str, str] = {}
    root: str = ""
    """name of the document's element"""
    document: Model | str | None = None
    body: bytes = b""
    """what is sent instead of a document, as it is"""
    data: tuple[Slice, ...] = ()
    seal: Algorithm | None = None
    """of an upload's first step: how its bytes are to be encrypted"""


class Owner(Model, kw_only=True):
    id: str = msgspec.field(name="ID")
    display_name: str
