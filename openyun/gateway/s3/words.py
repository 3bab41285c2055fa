"""Where S3 and OSS have other names for the same: storage classes, canned ACLs, encryption."""

from __future__ import annotations

from openyun.gateway.s3.errors import InvalidS3Argument, InvalidStorageClass, S3NotImplemented

_STORAGE_CLASSES = {
    "STANDARD": "Standard",
    "REDUCED_REDUNDANCY": "Standard",
    "INTELLIGENT_TIERING": "Standard",
    "STANDARD_IA": "IA",
    "ONEZONE_IA": "IA",
    "GLACIER_IR": "IA",
    "GLACIER": "Archive",
    "DEEP_ARCHIVE": "DeepColdArchive",
}
"""What can be read at once in S3 can be here: so GLACIER_IR is IA."""

_BACK = {
    "Standard": "STANDARD",
    "IA": "STANDARD_IA",
    "Archive": "GLACIER",
    "ColdArchive": "GLACIER",
    "DeepColdArchive": "DEEP_ARCHIVE",
}

_ACLS = {
    "private": "private",
    "public-read": "public-read",
    "public-read-write": "public-read-write",
    # An object here is always its bucket's owner's.
    "bucket-owner-read": "private",
    "bucket-owner-full-control": "private",
}
_ENCRYPTION = {"AES256": "AES256", "aws:kms": "KMS"}
_BACK_ENCRYPTION = {"AES256": "AES256", "KMS": "aws:kms"}


def storage_class(name: str) -> str:
    """In OSS's words. Raises InvalidStorageClass."""
    if name not in _STORAGE_CLASSES:
        raise InvalidStorageClass(StorageClassRequested=name)
    return _STORAGE_CLASSES[name]


def s3_storage_class(name: str) -> str:
    return _BACK.get(name, name)


def acl(name: str) -> str:
    """In OSS's words. Raises InvalidS3Argument, S3NotImplemented."""
    if name in ("authenticated-read", "aws-exec-read", "log-delivery-write"):
        raise S3NotImplemented(feature=f"The canned ACL {name}")
    if name not in _ACLS:
        raise InvalidS3Argument(reason="Invalid canned ACL", ArgumentName="x-amz-acl", ArgumentValue=name)
    return _ACLS[name]


def encryption(name: str) -> str:
    """In OSS's words. Raises S3NotImplemented."""
    if name not in _ENCRYPTION:
        raise S3NotImplemented(feature=f"The encryption {name}")
    return _ENCRYPTION[name]


def s3_encryption(name: str) -> str:
    return _BACK_ENCRYPTION.get(name, name)


def etag(text: str) -> str:
    """OSS writes the digits of an ETag in capitals, S3 in small letters."""
    return text.upper()


def s3_etag(text: str) -> str:
    return text.lower()
