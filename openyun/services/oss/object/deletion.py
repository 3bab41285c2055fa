"""Deleting objects, one or many. What is not there is deleted too, so a client may repeat itself."""

from __future__ import annotations

from urllib.parse import quote

import msgspec

from openyun.operation import Call, Model
from openyun.services.oss import xml
from openyun.services.oss.bucket.configuration_errors import FileImmutable
from openyun.services.oss.errors import MalformedXML
from openyun.services.oss.object import versions
from openyun.services.oss.paging import check_encoding
from openyun.services.oss.records import find_bucket
from openyun.services.oss.service import ObjectRequest, OssRequest, OssResponse, oss

_MOST = 1000


class DeleteObjectRequest(ObjectRequest, kw_only=True):
    version_id: str = msgspec.field(default="", name="versionId")
    bypass: bool = msgspec.field(default=False, name="x-oss-bypass-governance-retention")


@oss.operation(resource="{bucket}/{key}")
def delete_object(call: Call, ask: DeleteObjectRequest) -> OssResponse:
    bucket = find_bucket(call.state, ask.bucket)
    headers = {}
    if ask.version_id:
        if bucket.versioning:
            headers["x-oss-version-id"] = ask.version_id
        if versions.erase(call, bucket, ask.key, ask.version_id, bypass=ask.bypass):
            headers["x-oss-delete-marker"] = "true"
    else:
        marker = versions.delete(call, bucket, ask.key)
        if marker is not None:
            headers = {"x-oss-version-id": versions.shown(marker), "x-oss-delete-marker": "true"}
    return OssResponse(status=204, headers=headers)


class DeleteMultipleObjectsRequest(OssRequest, kw_only=True):
    encoding_type: str = ""
    document: bytes = b""
    keys: list[str] = []
    """read from the document, so that each is authorized"""
    version_ids: list[str] = []
    """of each; empty where the document names none"""
    quiet: bool = False
    bypass: bool = msgspec.field(default=False, name="x-oss-bypass-governance-retention")
    each: bool = msgspec.field(default=False, name="x-oss-delete-each")
    """of S3's clients: what is locked is told in the answer, and keeps no other from being deleted"""

    def __post_init__(self) -> None:
        if not self.keys and self.document:
            self.quiet, self.keys, self.version_ids = read_delete(self.document)


class Deleted(Model, kw_only=True):
    key: str
    version_id: str | None = None
    delete_marker: bool | None = None
    delete_marker_version_id: str | None = None


class Kept(Model, kw_only=True):
    key: str
    version_id: str | None
    code: str = "AccessDenied"
    message: str = "Access Denied because object protected by object lock."


class DeleteResult(Model, kw_only=True):
    encoding_type: str | None = None
    deleted: list[Deleted]
    error: list[Kept] = []


@oss.operation(resource="{bucket}/{keys}", action="oss:DeleteObject")
def delete_multiple_objects(call: Call, ask: DeleteMultipleObjectsRequest) -> OssResponse:
    bucket = find_bucket(call.state, ask.bucket)
    if not ask.keys:
        raise MalformedXML
    encoded = check_encoding(ask.encoding_type)
    result = DeleteResult(encoding_type=ask.encoding_type or None, deleted=[])
    for name, version_id in zip(ask.keys, ask.version_ids, strict=True):
        one = Deleted(key=quote(name, safe="") if encoded else name, version_id=version_id or None)
        try:
            if version_id:
                if versions.erase(call, bucket, name, version_id, bypass=ask.bypass):
                    one.delete_marker, one.delete_marker_version_id = True, version_id
            else:
                marker = versions.delete(call, bucket, name)
                if marker is not None:
                    one.delete_marker, one.delete_marker_version_id = True, versions.shown(marker)
        except FileImmutable:  # which is raised before anything is changed
            if not ask.each:
                raise
            result.error.append(Kept(key=one.key, version_id=one.version_id))
        else:
            result.deleted.append(one)
    if ask.quiet:
        if not result.error:
            return OssResponse()
        result.deleted = []
    return OssResponse(root="DeleteResult", document=result)


def read_delete(body: bytes) -> tuple[bool, list[str], list[str]]:
    """Quiet, the names, and the version ids. Raises MalformedXML."""
    root = xml.parse(body)
    objects = root.findall("Object")
    keys = [xml.text_of(one, "Key") for one in objects]
    if root.tag != "Delete" or not 1 <= len(keys) <= _MOST or "" in keys:
        raise MalformedXML
    quiet = xml.text_of(root, "Quiet").strip().lower() == "true"
    return quiet, keys, [xml.text_of(one, "VersionId").strip() for one in objects]
