"""What OSS keeps. Names of buckets lie in the home region's state, all else in the bucket's own region."""

from __future__ import annotations

from typing import ClassVar, Literal

import msgspec

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
    CACHED: ClassVar[bool] = True
    KEY: ClassVar[tuple[str, ...]] = ("name",)

    name: str
    account_id: str
    acl: BucketAcl = "private"
    storage_class: str = "Standard"
    data_redundancy_type: str = "LRS"
    versioning: Literal["", "Enabled", "Suspended"] = ""
    """empty as long as it was never asked for"""
    created_at: int
    configured: list[str] = []
    """kinds of configurations that it has"""


class Lock(msgspec.Struct, kw_only=True):
    """What keeps an object from being deleted."""

    mode: Literal["", "GOVERNANCE", "COMPLIANCE"] = ""
    until: int = 0
    """of a mode"""
    hold: Literal["", "ON", "OFF"] = ""


class Object(Record, kw_only=True, omit_defaults=True):
    """The current version of a name. While the newest one is a delete marker, there is no such row."""

    TABLE: ClassVar[str] = "oss_object"
    KEY: ClassVar[tuple[str, ...]] = ("bucket", "name")
    INDEXES: ClassVar[tuple[tuple[str, ...], ...]] = (("blob_id",),)

    bucket: str
    name: str
    type: Literal["Normal", "Appendable", "Multipart", "Symlink"] = "Normal"
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
    tags: dict[str, str] = {}
    version_id: str = ""
    """empty for the null version"""
    born: int = 0
    """microseconds since the epoch, and always later than the name's older versions; 0 without versioning"""
    target: str = ""
    """of a symbolic link"""
    encryption: str = ""
    """AES256, KMS or SM4; empty if its bytes lie in clear"""
    encryption_key_id: str = ""
    data_encryption: str = ""
    """of KMS: the algorithm, where it was asked for"""
    thawed_at: int = 0
    """when the restoration of an archived object ends; 0 if none was asked for"""
    frozen_at: int = 0
    """when the restored object is archived again"""
    lock: Lock | None = None
    checksums: dict[str, str] = {}
    """of S3's kinds, by algorithm, as far as a client sent them"""


class Version(Object, kw_only=True, omit_defaults=True):
    """What is not the current version of its name: an older one, or a delete marker, even if that is the newest."""

    TABLE: ClassVar[str] = "oss_version"
    KEY: ClassVar[tuple[str, ...]] = ("bucket", "name", "age")
    INDEXES: ClassVar[tuple[tuple[str, ...], ...]] = (("blob_id",), ("bucket", "name", "version_id"))

    age: int
    """2**62 less `born`, so that the newest comes first"""
    delete_marker: bool = False
    left_at: int = 0
    """when it ceased to be the current one, which lifecycle rules count from"""


class Upload(Record, kw_only=True):
    """A multipart upload under way; its parts are pieces whose `content_id` is its id."""

    TABLE: ClassVar[str] = "oss_upload"
    KEY: ClassVar[tuple[str, ...]] = ("bucket", "name", "upload_id")

    bucket: str
    name: str
    upload_id: str
    initiated: int
    draft: Object
    """the object to be, without its bytes"""
    sequential: bool = False


class Small(Record, kw_only=True):
    """The bytes of a small blob, kept here because a file would cost more than they do."""

    TABLE: ClassVar[str] = "oss_small"
    PACKED: ClassVar[bool] = True
    KEY: ClassVar[tuple[str, ...]] = ("blob_id",)

    blob_id: str
    """begins with `=`, as no blob of an engine does"""
    data: bytes


class Tally(Record, kw_only=True):
    """What a bucket holds, summed up as it changes; in shards, so that writers seldom meet."""

    TABLE: ClassVar[str] = "oss_tally"
    KEY: ClassVar[tuple[str, ...]] = ("bucket", "shard")

    bucket: str
    shard: int
    objects: dict[str, int] = {}
    """versions by storage class, delete markers not counted"""
    stored: dict[str, int] = {}
    """bytes by storage class"""
    charged: dict[str, int] = {}
    """the same with the least that an object is charged for; none of Standard, where that is nothing"""
    delete_markers: int = 0
    parts: int = 0
    """of uploads under way"""
    part_bytes: int = 0


class Piece(Record, kw_only=True):
    """A part of an object's bytes, in the order of `number`; or of a multipart upload's."""

    TABLE: ClassVar[str] = "oss_piece"
    KEY: ClassVar[tuple[str, ...]] = ("content_id", "number")
    INDEXES: ClassVar[tuple[tuple[str, ...], ...]] = (("blob_id",),)

    content_id: str
    number: int
    blob_id: str
    size: int
    md5: str = ""
    """upper-case hexadecimal; only of parts, as what follows"""
    crc64: int = 0
    modified: int = 0
    checksums: dict[str, str] = {}


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
