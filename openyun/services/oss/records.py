"""What OSS keeps. Names of buckets lie in the home region's state, all else in the bucket's own region."""

from __future__ import annotations

from typing import ClassVar, Literal

from openyun.services.oss.errors import NoSuchBucket, NoSuchKey
from openyun.state import Record, Transaction

BucketAcl = Literal["private", "public-read", "public-read-write"]
ObjectAcl = Literal["default", "private", "public-read", "public-read-write"]


class BucketName(Record, kw_only=True):
    """Who holds a name, for all regions, so that it is given once; and what ListBuckets shows."""

    TABLE: ClassVar[str] = "oss_bucket_name"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    INDEXES: ClassVar[tuple[tuple[str, ...], ...]] = (("account_id", "name"),)

    name: str
    account_id: str
    region_id: str
    storage_class: str
    created_at: int
    """seconds since the epoch, as all times here"""


class Bucket(Record, kw_only=True):
    TABLE: ClassVar[str] = "oss_bucket"
    KEY: ClassVar[tuple[str, ...]] = ("name",)

    name: str
    account_id: str
    acl: BucketAcl = "private"
    storage_class: str = "Standard"
    data_redundancy_type: str = "LRS"
    created_at: int


class Object(Record, kw_only=True):
    TABLE: ClassVar[str] = "oss_object"
    KEY: ClassVar[tuple[str, ...]] = ("bucket", "name")
    INDEXES: ClassVar[tuple[tuple[str, ...], ...]] = (("blob_id",),)

    bucket: str
    name: str
    type: Literal["Normal", "Appendable"] = "Normal"
    size: int
    etag: str
    """upper-case hexadecimal, without quotes"""
    crc64: int
    md5: str = ""
    """base64; empty where the whole was never hashed"""
    blob_id: str = ""
    """empty for an empty object, and for one in pieces"""
    content_id: str = ""
    """of an object in pieces"""
    modified: int
    storage_class: str
    content_type: str
    headers: dict[str, str] = {}
    """Cache-Control, Content-Disposition, Content-Encoding, Content-Language and Expires, as they were given"""
    meta: dict[str, str] = {}
    """user metadata, without x-oss-meta-"""
    acl: ObjectAcl = "default"


class Piece(Record, kw_only=True):
    """A part of an object's bytes, in the order of `number`."""

    TABLE: ClassVar[str] = "oss_piece"
    KEY: ClassVar[tuple[str, ...]] = ("content_id", "number")
    INDEXES: ClassVar[tuple[tuple[str, ...], ...]] = (("blob_id",),)

    content_id: str
    number: int
    blob_id: str
    size: int


def find_bucket(state: Transaction, name: str) -> Bucket:
    """Raises NoSuchBucket."""
    found = state.get(Bucket, name)
    if found is None:
        raise NoSuchBucket(BucketName=name)
    return found


def find_object(state: Transaction, bucket: str, name: str) -> Object:
    """Raises NoSuchBucket, NoSuchKey."""
    found = state.get(Object, bucket, name)
    if found is None:
        find_bucket(state, bucket)
        raise NoSuchKey(Key=name)
    return found
