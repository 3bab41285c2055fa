"""Where objects come from: an endpoint that speaks S3, or one that speaks OSS."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol
from urllib.parse import urlsplit

import msgspec
import oss2  # type: ignore[import-untyped]  # has no types
from minio import Minio
from minio.error import MinioException, S3Error
from urllib3.exceptions import HTTPError

REFUSALS = (MinioException, oss2.exceptions.OssError, HTTPError)
"""what the clients raise where an endpoint cannot be reached, or refuses"""

_KEPT = ("content-type", "cache-control", "content-disposition", "content-encoding", "content-language", "expires")
_CLASSES = {
    "STANDARD_IA": "IA",
    "ONEZONE_IA": "IA",
    "GLACIER_IR": "IA",
    "GLACIER": "Archive",
    "DEEP_ARCHIVE": "DeepColdArchive",
    **{name: name for name in ("IA", "Archive", "ColdArchive", "DeepColdArchive")},
}
"""of both kinds of sources, in OSS's words; all others are Standard"""


class SourceGone(Exception):
    """The object was deleted since it was listed."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A bucket at an endpoint, and who asks there."""

    scheme: str
    """s3 or oss"""
    bucket: str
    prefix: str
    endpoint: str
    access_key_id: str
    access_key_secret: str
    security_token: str = ""
    region: str = ""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """An object in a listing."""

    key: str
    size: int
    etag: str
    """lower case, without quotes"""


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """An object being read."""

    body: Any
    """has `read(size)`"""
    size: int
    """of what will be read"""
    etag: str
    hashed: bool
    """the ETag is the MD5 of the whole"""
    headers: dict[str, str]
    """that OSS is to be given with the object"""


class Source(Protocol):
    def list(self) -> Iterator[Found]:
        """In the order of the keys' bytes."""
        ...

    def open(self, key: str, start: int = 0, length: int = 0) -> Any:
        """A context with an Opened; `length` 0 is all from `start`. Raises SourceGone."""
        ...


def open_source(place: Place) -> Source:
    return S3Source(place) if place.scheme == "s3" else OssSource(place)


class S3Source:
    def __init__(self, place: Place) -> None:
        parts = urlsplit(place.endpoint)
        self._place = place
        self._client = Minio(
            parts.netloc,
            access_key=place.access_key_id,
            secret_key=place.access_key_secret,
            session_token=place.security_token or None,
            secure=parts.scheme == "https",
            region=place.region or None,
        )

    def list(self) -> Iterator[Found]:
        for one in self._client.list_objects(self._place.bucket, prefix=self._place.prefix or None, recursive=True):
            yield Found(key=one.object_name or "", size=one.size or 0, etag=(one.etag or "").strip('"').lower())

    @contextmanager
    def open(self, key: str, start: int = 0, length: int = 0) -> Iterator[Opened]:
        try:
            answer = self._client.get_object(self._place.bucket, key, offset=start, length=length)
        except S3Error as problem:
            if problem.code == "NoSuchKey":
                raise SourceGone(key) from None
            raise
        try:
            headers = {name.lower(): value for name, value in answer.headers.items()}
            yield _opened(answer, headers, "x-amz-")
        finally:
            answer.close()
            answer.release_conn()


class OssSource:
    def __init__(self, place: Place) -> None:
        self._prefix = place.prefix
        self.bucket = oss_bucket(place)

    def list(self) -> Iterator[Found]:
        for one in oss2.ObjectIteratorV2(self.bucket, prefix=self._prefix, max_keys=1000):
            yield Found(key=one.key, size=one.size, etag=one.etag.lower())

    @contextmanager
    def open(self, key: str, start: int = 0, length: int = 0) -> Iterator[Opened]:
        wanted = (start, start + length - 1) if length else None
        try:
            answer = self.bucket.get_object(key, byte_range=wanted)
        except oss2.exceptions.NoSuchKey:
            raise SourceGone(key) from None
        try:
            headers = {name.lower(): value for name, value in answer.headers.items()}
            yield _opened(answer, headers, "x-oss-")
        finally:
            answer.close()


def oss_bucket(place: Place) -> Any:
    """V1 signatures need no region."""
    if place.security_token:
        auth = oss2.StsAuth(place.access_key_id, place.access_key_secret, place.security_token)
    else:
        auth = oss2.Auth(place.access_key_id, place.access_key_secret)
    return oss2.Bucket(auth, place.endpoint, place.bucket, connect_timeout=30)


def _opened(body: Any, headers: dict[str, str], vendor: str) -> Opened:
    kept = {name: headers[name] for name in _KEPT if headers.get(name)}
    for name, value in headers.items():
        if name.startswith(f"{vendor}meta-"):
            kept["x-oss-meta-" + name.removeprefix(f"{vendor}meta-")] = value
    storage_class = _CLASSES.get(headers.get(f"{vendor}storage-class", ""))
    if storage_class:
        kept["x-oss-storage-class"] = storage_class
    etag = headers.get("etag", "").strip('"').lower()
    encryption = headers.get(f"{vendor}server-side-encryption", "")
    whole = headers.get("x-oss-object-type", "Normal") == "Normal"
    return Opened(
        body=body,
        size=int(headers.get("content-length", "0")),
        etag=etag,
        hashed="-" not in etag and encryption in ("", "AES256") and whole,
        headers=kept,
    )
