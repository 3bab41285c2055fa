"""From an HTTP request to an operation of OSS: which bucket and object, which operation, which parameters."""

from __future__ import annotations

import base64
import binascii
import ipaddress
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from typing import TypeVar
from urllib.parse import unquote_to_bytes

import msgspec

from openyun.access.oss_signature import SUBRESOURCES
from openyun.gateway.http import HttpRequest
from openyun.gateway.oss.object_subresources import CALLBACK, LIVE, PROCESSING, RETENTION, posted_process
from openyun.gateway.oss.subresources import CONFIGURATIONS, NARROWING, narrowed
from openyun.operation import Operation
from openyun.region import find_region
from openyun.services.oss import oss
from openyun.services.oss.errors import (
    InvalidArgument,
    InvalidDigest,
    InvalidObjectName,
    MethodNotAllowed,
    NotImplementedHere,
    SecondLevelDomainForbidden,
)
from openyun.services.oss.service import OssRequest

Q = TypeVar("Q", bound=OssRequest)

_LONGEST_HOST = 255
"""characters that a name can have; what was read is kept for a while, and comes from anyone"""


class Target(msgspec.Struct, frozen=True):
    """What a request is about; empty text where it is about none."""

    bucket: str
    key: str
    region_id: str
    """of the endpoint, where the host names one"""


def target_of(host: str, path: str) -> Target:
    """`host` without port; `path` as sent. Raises InvalidObjectName, SecondLevelDomainForbidden."""
    bucket, region_id, is_endpoint = _read_host(host[:_LONGEST_HOST])
    rest = path.removeprefix("/")
    if bucket:
        return Target(bucket, _decode(rest), region_id)
    bucket, _, rest = rest.partition("/")
    if bucket and is_endpoint:
        raise SecondLevelDomainForbidden
    return Target(_decode(bucket), _decode(rest), region_id)


def behind_domain(bucket: str, path: str) -> Target:
    """What a request to a custom domain of this bucket is about."""
    return Target(bucket, _decode(path.removeprefix("/")), "")


@lru_cache(maxsize=4096)
def may_be_domain(host: str) -> bool:
    """Whether a host may be a custom domain: no name of OSS, and of no bucket's own."""
    bucket, _, is_endpoint = _read_host(host)
    return not is_endpoint and (not bucket or "." in bucket)


def names_bucket(host: str) -> bool:
    """Whether a host may stand for one bucket: by its own name, or as a custom domain."""
    bucket, _, is_endpoint = _read_host(host)
    return bool(bucket) or (not is_endpoint and "." in host and not _is_address(host))


_EVERYWHERE = ("oss", "oss-accelerate", "oss-accelerate-overseas")
"""Names of OSS that tell no region."""


def is_accelerated(host: str) -> bool:
    return ".oss-accelerate" in host or host.startswith("oss-accelerate")


def is_internal(host: str) -> bool:
    return "-internal." in host


@lru_cache(maxsize=4096)
def _read_host(host: str) -> tuple[str, str, bool]:
    """Bucket, region, and whether this is a name of OSS itself, below which buckets are names and not paths."""
    labels = host.split(".")
    for place, label in enumerate(labels):
        region_id = label.removeprefix("oss-").removesuffix("-internal")
        if label in _EVERYWHERE and place < len(labels) - 1:
            return ".".join(labels[:place]), "", True
        if label.startswith("oss-") and find_region(region_id):
            return ".".join(labels[:place]), region_id, True
    if labels[-1] == "localhost" and not _is_address(host):
        return ".".join(labels[:-1]), "", False
    return "", "", False


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _decode(text: str) -> str:
    try:
        return unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        raise InvalidObjectName from None


_OPERATIONS: dict[tuple[str, str, str], str] = {
    ("GET", "service", ""): "ListBuckets",
    ("GET", "service", "tagging"): "ListBuckets",
    ("PUT", "bucket", ""): "PutBucket",
    ("PUT", "bucket", "acl"): "PutBucketAcl",
    ("GET", "bucket", ""): "ListObjects",
    ("GET", "bucket", "acl"): "GetBucketAcl",
    ("GET", "bucket", "bucketInfo"): "GetBucketInfo",
    ("GET", "bucket", "location"): "GetBucketLocation",
    ("GET", "bucket", "stat"): "GetBucketStat",
    ("GET", "bucket", "uploads"): "ListMultipartUploads",
    ("GET", "bucket", "versions"): "ListObjectVersions",
    ("PUT", "bucket", "versioning"): "PutBucketVersioning",
    ("GET", "bucket", "versioning"): "GetBucketVersioning",
    ("POST", "bucket", "delete"): "DeleteMultipleObjects",
    ("DELETE", "bucket", ""): "DeleteBucket",
    ("PUT", "object", ""): "PutObject",
    ("PUT", "object", "acl"): "PutObjectAcl",
    ("GET", "object", ""): "GetObject",
    ("GET", "object", "acl"): "GetObjectAcl",
    ("HEAD", "object", ""): "HeadObject",
    ("HEAD", "object", "objectMeta"): "GetObjectMeta",
    ("POST", "object", "append"): "AppendObject",
    ("DELETE", "object", ""): "DeleteObject",
    ("DELETE", "object", "symlink"): "DeleteObject",
    ("PUT", "object", "symlink"): "PutSymlink",
    ("GET", "object", "symlink"): "GetSymlink",
    ("PUT", "object", "tagging"): "PutObjectTagging",
    ("GET", "object", "tagging"): "GetObjectTagging",
    ("DELETE", "object", "tagging"): "DeleteObjectTagging",
    ("POST", "object", "restore"): "RestoreObject",
    ("POST", "object", "cleanRestoredObject"): "CleanRestoredObject",
    ("POST", "object", "uploads"): "InitiateMultipartUpload",
    ("PUT", "object", "uploadId"): "UploadPart",
    ("GET", "object", "uploadId"): "ListParts",
    ("POST", "object", "uploadId"): "CompleteMultipartUpload",
    ("DELETE", "object", "uploadId"): "AbortMultipartUpload",
    **CONFIGURATIONS,
    **CALLBACK,
    **LIVE,
    **PROCESSING,
    **RETENTION,
}

_COPIES = {"PutObject": "CopyObject", "UploadPart": "UploadPartCopy"}
"""Uploads, and what they are with x-oss-copy-source."""

_MODIFIERS = frozenset(
    name
    for name in SUBRESOURCES
    if name.startswith(("response-", "x-oss-ac-", "x-oss-access-", "x-oss-request-", "x-oss-traffic-"))
) | {
    "continuation-token",
    "partNumber",
    "position",
    "security-token",
    "sequential",
    "versionId",
    "comp",
    "regionList",
    "startTime",
    "endTime",
    "callback",
    "callback-var",
    *NARROWING,
}
"""Signed parameters that change how an operation answers, not which one it is."""

_FEATURES = (SUBRESOURCES - _MODIFIERS) | {"regions"}
"""Parameters that ask for a function of their own, ours or not."""

_LISTING = frozenset(
    """
    continuation-token delimiter encoding-type fetch-owner key-marker marker max-keys max-parts max-uploads
    part-number-marker prefix start-after upload-id-marker version-id-marker
    """.split()  # noqa: SIM905  names as they are read, not as a list is written
)
"""Parameters that may come without a value and still ask for nothing of their own."""

_UNSIGNED = "UNSIGNED-PAYLOAD"
"""The one value of x-oss-content-sha256 that OSS takes: it has neither signed nor chunk-signed bodies."""


def operation_of(request: HttpRequest, target: Target) -> Operation:
    """Raises NotImplementedHere for what the real OSS has and we have not, and MethodNotAllowed."""
    level = "object" if target.key else "bucket" if target.bucket else "service"
    asked = _features(request, level) if request.raw_query else set()
    payload = request.headers.get("x-oss-content-sha256", _UNSIGNED)
    if payload != _UNSIGNED:
        raise InvalidArgument(
            reason=f"x-oss-content-sha256 must be {_UNSIGNED}.",
            ArgumentName="x-oss-content-sha256",
            ArgumentValue=payload,
        )
    if len(asked) > 1:
        raise NotImplementedHere(feature=f"The combination of {', '.join(sorted(asked))}")
    plain = asked.pop() if asked else ""
    feature = narrowed(plain, request.query if request.raw_query else [])
    # What narrows one sub-resource says nothing to another: a browser's ?status=1 is not for us.
    name = _OPERATIONS.get((request.method, level, feature)) or _OPERATIONS.get((request.method, level, plain), "")
    if name == "ListObjects" and ("list-type", "2") in request.query:
        name = "ListObjectsV2"
    if name == "ProcessObject":
        name = posted_process(request.query)
    encryption = request.headers.get("x-oss-server-side-encryption")
    if encryption is not None and name in ("UploadPart", "CompleteMultipartUpload"):
        # It is for the whole object to say, when its upload is initiated.
        raise InvalidArgument(
            reason="x-oss-server-side-encryption is for InitiateMultipartUpload.",
            ArgumentName="x-oss-server-side-encryption",
            ArgumentValue=encryption,
        )
    if name == "ListAccessPoints" and "x-oss-access-point-name" in request.headers:
        name = "GetAccessPoint"
    if name in _COPIES and "x-oss-copy-source" in request.headers:
        name = _COPIES[name]
    if name in oss.operations:
        return oss.operations[name]
    if feature or name:
        raise NotImplementedHere(feature=f"{request.method} of {level}?{feature}" if feature else name)
    raise MethodNotAllowed(Method=request.method, ResourceType=level.capitalize())


def _features(request: HttpRequest, level: str) -> set[str]:
    """Readers of objects add parameters of their own, to get round caches; elsewhere a bare name is a function, and
    one that we do not know must not be taken for none: `PUT /?accessMonitor` is no PutBucket."""
    bare = level != "object" or request.method not in ("GET", "HEAD")
    return {
        name
        for name, value in request.query
        if name in _FEATURES or (bare and not value and name not in _LISTING and name not in _MODIFIERS)
    }


_HTTP_HEADERS = frozenset(
    """
    cache-control content-disposition content-encoding content-language content-type expires host if-match
    if-modified-since if-none-match if-unmodified-since range
    """.split()  # noqa: SIM905  names as they are read, not as a list is written
)


class _Fields(msgspec.Struct):
    headers: frozenset[str]
    query: frozenset[str]
    meta: bool


@cache
def _fields(kind: type[OssRequest]) -> _Fields:
    """A header never stands in for a query parameter, nor the other way: they are not signed alike."""
    names = {field.encode_name for field in msgspec.structs.fields(kind)}
    headers = {name for name in names if name.startswith("x-oss-") or name in _HTTP_HEADERS} - kind.IN_QUERY
    inner = {"bucket", "key", "keys", "quiet", "document", "meta", "version-ids"}
    inner |= {"blob", "content", "copied", "checksums", "origin", "pieces", "md5", "hashed"}  # the gateway's own
    return _Fields(frozenset(headers), frozenset(names - headers - inner), "meta" in names)


def read_parameters(kind: type[Q], target: Target, request: HttpRequest, document: bytes | None) -> Q:
    """Raises InvalidArgument, and what the request itself raises for its document."""
    return convert(kind, target, request.headers, request.query if request.raw_query else (), document)


def read_form(kind: type[Q], target: Target, fields: Mapping[str, str]) -> Q:
    """The same from a form, whose fields stand for headers and query parameters. Raises InvalidArgument."""
    return convert(kind, target, fields, tuple(fields.items()), None)


def convert(
    kind: type[Q],
    target: Target,
    headers: Mapping[str, str],
    query: Iterable[tuple[str, str]],
    document: bytes | None,
) -> Q:
    fields = _fields(kind)
    given: dict[str, object] = {name: value for name, value in headers.items() if name in fields.headers}
    given |= {name: value for name, value in query if name in fields.query}
    given |= {"bucket": target.bucket, "key": target.key}
    if document is not None:
        given["document"] = document
    if fields.meta:
        given["meta"] = metadata(headers)
    try:
        return msgspec.convert(given, kind, strict=False)
    except msgspec.ValidationError as problem:
        name = str(problem).rpartition("`$.")[2].rstrip("`")
        raise InvalidArgument(
            reason=f"Argument {name} is invalid.", ArgumentName=name, ArgumentValue=str(given.get(name, ""))
        ) from None


def metadata(headers: Mapping[str, str]) -> dict[str, str]:
    return {name[11:]: value for name, value in headers.items() if name.startswith("x-oss-meta-")}


def content_md5(request: HttpRequest) -> bytes | None:
    """The digest that the client announced. Raises InvalidDigest."""
    text = request.headers.get("content-md5")
    if text is None:
        return None
    try:
        digest = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        digest = b""
    if len(digest) != 16:
        raise InvalidDigest(**{"Content-MD5": text})
    return digest
