"""From a request in the S3 protocol to the same request in OSS's: method, query and headers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import lru_cache
from urllib.parse import unquote_to_bytes, urlencode

from openyun.access.s3_signature import S3Signable
from openyun.engine.blob import Bytes
from openyun.gateway.http import HttpRequest
from openyun.gateway.oss.request import Target
from openyun.gateway.s3 import words as s3_words
from openyun.gateway.s3.body import Payload
from openyun.gateway.s3.errors import InvalidS3Argument, S3NotImplemented
from openyun.region import find_region
from openyun.services.oss.errors import InvalidObjectName

_MOST_KEYS = 1000


def target_of(host: str, path: str) -> Target:
    """`host` without port; `path` as sent. Raises InvalidObjectName."""
    bucket, region_id = _read_host(host)
    rest = path.removeprefix("/")
    if not bucket:
        bucket, _, rest = rest.partition("/")
        bucket = _decode(bucket)
    return Target(bucket, _decode(rest), region_id)


@lru_cache(maxsize=4096)
def _read_host(host: str) -> tuple[str, str]:
    """Bucket and region, empty where the host names none."""
    labels = host.split(".")
    for place, label in enumerate(labels[:-1]):
        following = labels[place + 1]
        if label in ("s3", "oss"):
            return ".".join(labels[:place]), following if find_region(following) else ""
        if label.startswith(("s3-", "oss-")):
            region_id = label.partition("-")[2].removesuffix("-internal")
            if find_region(region_id):
                return ".".join(labels[:place]), region_id
    if labels[-1] == "localhost":
        return ".".join(labels[:-1]), ""
    return "", ""


def _decode(text: str) -> str:
    if "%" not in text and text.isascii():
        return text
    try:
        return unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        raise InvalidObjectName from None


def signable(request: HttpRequest, target: Target) -> S3Signable:
    """Raises InvalidObjectName."""
    resource = f"/{target.bucket}{request.path}" if _read_host(request.host)[0] else request.path
    if target.bucket and not target.key and not resource.endswith("/"):
        resource += "/"  # clients sign a bucket so, however they ask for it
    return S3Signable(
        method=request.method,
        path=_decode(request.path) or "/",
        resource=resource,
        query=request.query if request.raw_query else (),
        headers=request.headers,
    )


_FEATURES = frozenset(
    """
    acl cors delete encryption lifecycle location logging partNumber policy policyStatus publicAccessBlock
    requestPayment restore retention tagging uploadId uploads versionId versioning versions website
    """.split()  # noqa: SIM905  names as they are read, not as a list is written
)
"""Sub-resources that mean the same in both."""

_RENAMED = {"accelerate": "transferAcceleration", "legal-hold": "legalHold", "object-lock": "objectWorm"}
"""Sub-resources that mean the same under another name."""

_READ = ("inventory", "ownershipControls", "replication")
"""Those of which S3 can only be told that there are none."""

_NONE = {
    "analytics": "ListBucketAnalyticsConfigurationResult",
    "intelligent-tiering": "ListBucketIntelligentTieringConfigurationsOutput",
    "metrics": "ListMetricsConfigurationsResult",
    "notification": "NotificationConfiguration",
}
"""What a bucket never has here, and the document that says so."""

_OURS = _FEATURES | {*_RENAMED.values(), *_READ}

_LACKING = frozenset(
    """
    abac analytics intelligent-tiering inventory metadataConfiguration metadataTable metrics
    notification ownershipControls renameObject replication select session torrent
    """.split()  # noqa: SIM905  names as they are read, not as a list is written
)

_CARRIED = frozenset(
    """
    continuation-token delimiter encoding-type fetch-owner key-marker list-type marker max-parts max-uploads
    part-number-marker prefix response-cache-control response-content-disposition response-content-encoding
    response-content-language response-content-type response-expires start-after upload-id-marker version-id-marker
    """.split()  # noqa: SIM905  names as they are read, not as a list is written
)

_HEADERS = {
    "x-amz-bucket-object-lock-enabled": "x-oss-bucket-object-worm-enabled",
    "x-amz-bypass-governance-retention": "x-oss-bypass-governance-retention",
    "x-amz-checksum-mode": "x-oss-checksum-mode",
    "x-amz-checksum-type": "x-oss-checksum-type",
    "x-amz-copy-source": "x-oss-copy-source",
    "x-amz-copy-source-if-modified-since": "x-oss-copy-source-if-modified-since",
    "x-amz-copy-source-if-unmodified-since": "x-oss-copy-source-if-unmodified-since",
    "x-amz-copy-source-range": "x-oss-copy-source-range",
    "x-amz-metadata-directive": "x-oss-metadata-directive",
    "x-amz-object-lock-legal-hold": "x-oss-object-worm-legal-hold",
    "x-amz-object-lock-mode": "x-oss-object-worm-mode",
    "x-amz-object-lock-retain-until-date": "x-oss-object-worm-retain-until-date",
    "x-amz-request-payer": "x-oss-request-payer",
    "x-amz-server-side-encryption-aws-kms-key-id": "x-oss-server-side-encryption-key-id",
    "x-amz-tagging": "x-oss-tagging",
    "x-amz-tagging-directive": "x-oss-tagging-directive",
}

_REFUSED = (
    "x-amz-copy-source-server-side-encryption-customer-",
    "x-amz-grant-",
    "x-amz-mfa",
    "x-amz-server-side-encryption-context",
    "x-amz-server-side-encryption-customer-",
    "x-amz-website-redirect-location",
    "x-amz-write-offset-bytes",
)
"""Wishes that must not be ignored, by how their names begin: whoever sends them relies on them."""


class Translated(HttpRequest):
    """An S3 request as OSS would have been asked. Its body is S3's payload without its wrapping."""

    def __init__(self, asked: HttpRequest, target: Target, payload: Payload) -> None:
        """Raises S3NotImplemented, InvalidS3Argument, InvalidStorageClass."""
        self.asked = asked
        self.payload = payload
        self.id = asked.id
        self.client = asked.client
        self.secure = asked.secure
        self.product = ""
        self.xml = True
        self.path = asked.path
        self._whole: bytes | None = None
        self.level = level = "object" if target.key else "bucket" if target.bucket else "service"
        query = _query(asked, level)
        self.features = frozenset(name for name, _ in query if name in _OURS or name == "attributes")
        """the sub-resources that S3 was asked for"""
        self.method = asked.method
        self.none = none_of(asked, level)
        """the document that says that there is nothing of what was asked for"""
        if (level == "bucket" and asked.method == "HEAD") or self.none:
            self.method, query = "GET", [("bucketInfo", "")]
        elif "attributes" in self.features:
            self.method = "HEAD"
            query = [pair for pair in query if pair[0] != "attributes"]
        self.query = query
        self.raw_query = urlencode(query) if query else ""
        self.headers = _headers(asked, level, payload)
        if asked.method == "POST" and "uploadId" in self.features:
            self.headers["x-oss-multipart-etag"] = "s3"
        if "delete" in self.features:
            self.headers["x-oss-delete-each"] = "true"
        if "x-oss-copy-source" in self.headers:
            self.headers["x-oss-copy-limits"] = "s3"
        part = dict(query).get("partNumber", "")
        if asked.method in ("GET", "HEAD") and part and "uploadId" not in self.features:
            self.headers["x-oss-part-number"] = part
        if "attributes" in self.features:
            self.headers["x-oss-checksum-mode"] = "ENABLED"
        self.lists_nothing = asked.method == "GET" and level == "bucket" and ("max-keys", "0") in asked.query
        """S3 takes zero for a number of keys"""

    def replace_body(self, body: bytes) -> None:
        """What was read of the payload, in OSS's words."""
        self._whole = body
        self.headers["content-length"] = str(len(body))
        for name in ("content-md5", "transfer-encoding"):
            self.headers.pop(name, None)

    async def stream(self) -> AsyncIterator[Bytes]:
        if self._whole is not None:
            yield self._whole
            return
        async for piece in self.payload.stream(self.asked.stream()):
            yield piece
        self.checksums = {one.algorithm: one.value for one in self.payload.checksums}

    async def hung_up(self) -> None:
        await self.asked.hung_up()


def none_of(asked: HttpRequest, level: str) -> str:
    """The root of the document; empty where the request is about something else."""
    if level != "bucket" or not asked.raw_query:
        return ""
    names = {name for name, _ in asked.query}
    root = next((_NONE[name] for name in names if name in _NONE), "")
    taken = asked.method == "GET" or (asked.method == "PUT" and "notification" in names)
    return root if taken and "id" not in names else ""


def _query(asked: HttpRequest, level: str) -> list[tuple[str, str]]:
    query: list[tuple[str, str]] = []
    given = asked.query if asked.raw_query else []
    for name, value in given:
        if name in _FEATURES or (name == "attributes" and asked.method == "GET" and level == "object"):
            query.append((name, value))
        elif name in _RENAMED:
            query.append((_RENAMED[name], value))
        elif name in _READ and level == "bucket" and asked.method == "GET":
            query.append((name, value))
        elif name in _NONE and none_of(asked, level):
            continue
        elif name in _LACKING:
            raise S3NotImplemented(feature=f"{asked.method} of {level}?{name}")
        elif name == "max-keys":
            query.append((name, "1" if value == "0" else _at_most(name, value)))
        elif name in _CARRIED and value:
            query.append((name, _at_most(name, value) if name in ("max-parts", "max-uploads") else value))
        elif level == "service" and name in ("max-buckets", "continuation-token"):
            query.append(("max-keys" if name == "max-buckets" else "marker", value))
    names = {name for name, _ in query}
    if asked.method == "GET" and level != "object" and "max-keys" not in names and names & _OURS <= {"versions"}:
        query.append(("max-keys", str(_MOST_KEYS)))  # OSS gives a hundred where S3 gives a thousand
    return query


def _at_most(name: str, text: str) -> str:
    """S3 takes any number and gives a thousand."""
    if not (text.isascii() and text.isdigit()):
        raise InvalidS3Argument(
            reason=f"Provided {name} not an integer or within integer range", ArgumentName=name, ArgumentValue=text
        )
    return str(min(int(text[:12]), _MOST_KEYS))


def _headers(asked: HttpRequest, level: str, payload: Payload) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in asked.headers.items():
        if not name.startswith("x-"):
            headers[name] = value
        elif name.startswith("x-amz-"):
            _translate(headers, level, name, value)
        # Others, also x-oss- ones, are none of S3's, and S3's signatures do not cover them.
    headers.pop("authorization", None)
    if "range" in headers:
        headers["x-oss-range-behavior"] = "standard"
    if asked.method in ("GET", "HEAD"):
        for name in ("if-match", "if-none-match"):
            if name in headers:
                headers[name] = s3_words.etag(headers[name])
    elif asked.method in ("PUT", "POST"):
        _guard(headers)
    elif "if-match" in headers:
        raise S3NotImplemented(feature="If-Match of a deletion")
    if payload.chunked:
        headers.pop("transfer-encoding", None)
        headers["content-length"] = str(payload.size)
        codings = [one.strip() for one in headers.pop("content-encoding", "").split(",")]
        if kept := [one for one in codings if one and one != "aws-chunked"]:
            headers["content-encoding"] = ",".join(kept)
    return headers


def _translate(headers: dict[str, str], level: str, name: str, value: str) -> None:
    if name.startswith("x-amz-meta-"):
        headers["x-oss-meta-" + name[11:]] = value
    elif name in _HEADERS:
        headers[_HEADERS[name]] = value
    elif name in ("x-amz-copy-source-if-match", "x-amz-copy-source-if-none-match"):
        headers["x-oss-" + name[6:]] = s3_words.etag(value)
    elif name == "x-amz-storage-class":
        headers["x-oss-storage-class"] = s3_words.storage_class(value)
    elif name == "x-amz-acl":
        headers["x-oss-object-acl" if level == "object" else "x-oss-acl"] = s3_words.acl(value)
    elif name == "x-amz-server-side-encryption":
        headers["x-oss-server-side-encryption"] = s3_words.encryption(value)
    elif name.startswith(_REFUSED):
        raise S3NotImplemented(feature=f"The header {name}")


def _guard(headers: dict[str, str]) -> None:
    """Conditions of a write: OSS itself has only "if it is not there", and not where versions are kept."""
    etag = headers.pop("if-match", "")
    if etag:
        headers["x-oss-write-if"] = s3_words.etag(etag).strip('"')
    condition = headers.pop("if-none-match", "")
    if condition == "*":
        headers["x-oss-write-if"] = "absent"
    elif condition:
        raise S3NotImplemented(feature="If-None-Match of a write with an ETag")
