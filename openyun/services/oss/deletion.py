"""Deleting objects, one or many. What is not there is deleted too, so a client may repeat itself."""

from __future__ import annotations

from urllib.parse import quote

from openyun.operation import Call, Model
from openyun.services.oss import xml
from openyun.services.oss.content import free
from openyun.services.oss.errors import MalformedXML
from openyun.services.oss.paging import check_encoding
from openyun.services.oss.records import Object, find_bucket
from openyun.services.oss.service import ObjectRequest, OssRequest, OssResponse, oss

_MOST = 1000


class DeleteObjectRequest(ObjectRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}/{key}")
def delete_object(call: Call, ask: DeleteObjectRequest) -> OssResponse:
    find_bucket(call.state, ask.bucket)
    delete(call, ask.bucket, ask.key)
    return OssResponse(status=204)


def delete(call: Call, bucket: str, name: str) -> None:
    found = call.state.get(Object, bucket, name)
    if found is not None:
        call.state.delete(found)
        free(call, found)


class DeleteMultipleObjectsRequest(OssRequest, kw_only=True):
    encoding_type: str = ""
    document: bytes = b""
    keys: list[str] = []
    """read from the document, so that each is authorized"""
    quiet: bool = False

    def __post_init__(self) -> None:
        if not self.keys and self.document:
            self.quiet, self.keys = read_delete(self.document)


class Deleted(Model, kw_only=True):
    key: str


class DeleteResult(Model, kw_only=True):
    encoding_type: str | None = None
    deleted: list[Deleted]


@oss.operation(resource="{bucket}/{keys}", action="oss:DeleteObject")
def delete_multiple_objects(call: Call, ask: DeleteMultipleObjectsRequest) -> OssResponse:
    find_bucket(call.state, ask.bucket)
    if not ask.keys:
        raise MalformedXML
    for name in ask.keys:
        delete(call, ask.bucket, name)
    if ask.quiet:
        return OssResponse()
    encoded = check_encoding(ask.encoding_type)
    names = [quote(name, safe="") if encoded else name for name in ask.keys]
    return OssResponse(
        root="DeleteResult",
        document=DeleteResult(encoding_type=ask.encoding_type or None, deleted=[Deleted(key=name) for name in names]),
    )


def read_delete(body: bytes) -> tuple[bool, list[str]]:
    """Quiet, and the names. Raises MalformedXML."""
    root = xml.parse(body)
    keys = [xml.text_of(one, "Key") for one in root.findall("Object")]
    if root.tag != "Delete" or not 1 <= len(keys) <= _MOST or "" in keys:
        raise MalformedXML
    return xml.text_of(root, "Quiet").strip().lower() == "true", keys
