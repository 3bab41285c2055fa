"""From the answer of an OSS operation, or its error, to S3's HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator

from openyun.engine.blob import Bytes
from openyun.errors import CloudError
from openyun.gateway.http import HttpRequest, HttpResponse
from openyun.gateway.s3 import document as s3_document
from openyun.gateway.s3 import policy as s3_policy
from openyun.gateway.s3 import words as s3_words
from openyun.gateway.s3.errors import NoSuchTagSet, in_words_of_s3
from openyun.gateway.s3.request import Translated
from openyun.services.oss import xml
from openyun.services.oss.service import OssResponse

_DOCUMENT = "application/xml"

_HEADERS = {
    "x-oss-copy-source-version-id": "x-amz-copy-source-version-id",
    "x-oss-delete-marker": "x-amz-delete-marker",
    "x-oss-expiration": "x-amz-expiration",
    "x-oss-object-worm-legal-hold": "x-amz-object-lock-legal-hold",
    "x-oss-object-worm-mode": "x-amz-object-lock-mode",
    "x-oss-object-worm-retain-until-date": "x-amz-object-lock-retain-until-date",
    "x-oss-part-count": "x-amz-mp-parts-count",
    "x-oss-restore": "x-amz-restore",
    "x-oss-server-side-encryption-key-id": "x-amz-server-side-encryption-aws-kms-key-id",
    "x-oss-tagging-count": "x-amz-tagging-count",
    "x-oss-version-id": "x-amz-version-id",
}
_KEPT_BACK = frozenset({"content-md5"})
"""OSS tells it of objects, S3 does not."""


def render(
    asked: HttpRequest, translated: Translated, answer: OssResponse, data: Bytes | AsyncIterator[Bytes], region_id: str
) -> HttpResponse:
    headers = _common(asked)
    for name, value in answer.headers.items():
        _translate(headers, name, value)
    if asked.method == "PUT":
        headers |= {one.header: one.value for one in translated.payload.checksums}
    if translated.none and asked.method == "GET":
        return HttpResponse(headers={**headers, "Content-Type": _DOCUMENT}, body=s3_document.nothing(translated.none))
    if translated.none:
        return HttpResponse(headers=headers)
    if "bucketInfo" in dict(translated.query):
        headers["x-amz-bucket-region"] = region_id
        return HttpResponse(status=answer.status, headers=headers)
    if "attributes" in translated.features:
        return _attributes(headers, answer)
    if answer.document is not None:
        if answer.root == "Tagging" and translated.level == "bucket" and s3_document.has_no_tags(answer.document):
            raise NoSuchTagSet  # objects without tags are no error
        headers["Content-Type"] = _DOCUMENT
        more = _proven(headers) if answer.root == "CompleteMultipartUploadResult" else {}
        body = s3_document.render(answer.root, answer.document, more, empty=translated.lists_nothing)
        return HttpResponse(status=answer.status, headers=headers, body=body)
    if "delete" in translated.features:
        headers["Content-Type"] = _DOCUMENT  # a quiet one tells of nothing, but in a document
        return HttpResponse(status=answer.status, headers=headers, body=xml.render("DeleteResult", {}))
    if "policy" in translated.features and asked.method == "GET":
        return HttpResponse(status=answer.status, headers=headers, body=s3_policy.to_s3(answer.body))
    return HttpResponse(status=answer.status, headers=headers, body=data)


def nothing(request: HttpRequest, root: str) -> HttpResponse:
    """The document that says that there is nothing of this."""
    headers = {**_common(request), "Content-Type": _DOCUMENT}
    return HttpResponse(headers=headers, body=s3_document.nothing(root))


def _translate(headers: dict[str, str], name: str, value: str) -> None:
    lower = name.lower()
    if lower == "etag":
        headers["ETag"] = s3_words.s3_etag(value)
    elif not lower.startswith("x-oss-"):
        if lower not in _KEPT_BACK:
            headers[name] = value
    elif lower.startswith("x-oss-meta-"):
        headers["x-amz-meta-" + lower[11:]] = value
    elif lower == "x-oss-storage-class":
        if value != "Standard":  # S3 says nothing of the class that is usual
            headers["x-amz-storage-class"] = s3_words.s3_storage_class(value)
    elif lower == "x-oss-server-side-encryption":
        headers["x-amz-server-side-encryption"] = s3_words.s3_encryption(value)
    elif lower.startswith("x-oss-checksum-"):
        headers["x-amz-checksum-" + lower[15:]] = value
        headers["x-amz-checksum-type"] = "COMPOSITE" if "-" in value else "FULL_OBJECT"
    elif lower in _HEADERS:
        headers[_HEADERS[lower]] = value


def _proven(headers: dict[str, str]) -> dict[str, str]:
    """Checksums, as they stand in documents."""
    return {
        "ChecksumType" if name.endswith("-type") else f"Checksum{name[15:].upper()}": value
        for name, value in headers.items()
        if name.startswith("x-amz-checksum-")
    }


def _attributes(headers: dict[str, str], answer: OssResponse) -> HttpResponse:
    found = answer.headers
    checksum = _proven(headers)
    headers = {name: value for name, value in headers.items() if not name.startswith("x-amz-checksum-")}
    parts = found.get("ETag", "").strip('"').partition("-")[2]
    shown = {
        "Checksum": checksum or None,
        "ObjectParts": {"PartsCount": parts} if parts else None,
        "ETag": s3_words.s3_etag(found.get("ETag", "")).strip('"'),
        "StorageClass": s3_words.s3_storage_class(found.get("x-oss-storage-class", "Standard")),
        "ObjectSize": found.get("Content-Length", "0"),
    }
    headers = {
        name: value
        for name, value in headers.items()
        if name.lower().startswith("x-amz-") or name.lower() == "last-modified"
    }
    body = xml.render("GetObjectAttributesResponse", shown)
    return HttpResponse(status=answer.status, headers={**headers, "Content-Type": _DOCUMENT}, body=body)


def render_error(request: HttpRequest, problem: CloudError) -> HttpResponse:
    """Facts with a capital become elements. HEAD has no body, and its clients read the status alone."""
    said = in_words_of_s3(problem)
    fields = {
        "Code": said.code,
        "Message": said.text,
        "Resource": request.path,
        **{name: str(value) for name, value in problem.facts.items() if name[:1].isupper()},
        "RequestId": _request_id(request),
        "HostId": request.id,
    }
    headers = {**_common(request), **problem.headers, "Content-Type": _DOCUMENT}
    if "Region" in problem.facts:
        headers["x-amz-bucket-region"] = str(problem.facts["Region"])
    for name in ("x-oss-delete-marker", "x-oss-version-id"):
        if name in problem.facts:
            headers[_HEADERS[name]] = str(problem.facts[name])
    body = b"" if request.method == "HEAD" else xml.render("Error", fields)
    return HttpResponse(status=said.status, headers=headers, body=body)


def _request_id(request: HttpRequest) -> str:
    return request.id.replace("-", "")[:16]


def _common(request: HttpRequest) -> dict[str, str]:
    headers = {"x-amz-request-id": _request_id(request), "x-amz-id-2": request.id}
    if request.method in ("GET", "HEAD") and request.headers.get("content-length", "0") != "0":
        # A reader's body is not read, and may never come: what follows could not be told from it.
        headers["Connection"] = "close"
    return headers
