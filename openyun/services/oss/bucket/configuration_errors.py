"""What OSS answers about the configurations of a bucket."""

from __future__ import annotations

from typing import ClassVar

from openyun.errors import BadRequest, CloudError, Conflict, Forbidden, NotFound


class NoSuchBucketPolicy(NotFound):
    code = "NoSuchBucketPolicy"
    message = "The bucket policy does not exist"
    ec: ClassVar[str] = "0035-00000005"


class NoSuchCORSConfiguration(NotFound):
    code = "NoSuchCORSConfiguration"
    message = "The CORS Configuration does not exist."
    ec: ClassVar[str] = "0031-00000201"


class NoSuchLifecycle(NotFound):
    code = "NoSuchLifecycle"
    message = "No Row found in Lifecycle Table."
    ec: ClassVar[str] = "0014-00000101"


class NoSuchWebsiteConfiguration(NotFound):
    code = "NoSuchWebsiteConfiguration"
    message = "The specified bucket does not have a website configuration."
    ec: ClassVar[str] = "0017-00000701"


class NoSuchServerSideEncryptionRule(NotFound):
    code = "NoSuchServerSideEncryptionRule"
    message = "The server side encryption configuration was not found."
    ec: ClassVar[str] = "0004-00000001"


class NoSuchInventory(NotFound):
    code = "NoSuchInventory"
    message = "The specified inventory does not exist."
    ec: ClassVar[str] = "0054-00000101"


class NoSuchReplicationConfiguration(NotFound):
    code = "NoSuchReplicationConfiguration"
    message = "The bucket you specified does not have replication configuration."
    ec: ClassVar[str] = "0056-00000101"


class NoSuchReplicationRule(NotFound):
    code = "NoSuchReplicationRule"
    message = "The replication rule does not exist."
    ec: ClassVar[str] = "0056-00000102"


class NoSuchTransferAccelerationConfiguration(NotFound):
    code = "NoSuchTransferAccelerationConfiguration"
    message = "The transfer acceleration configuration does not exist."
    ec: ClassVar[str] = "0055-00000101"


class NoSuchWORMConfiguration(NotFound):
    code = "NoSuchWORMConfiguration"
    message = "The WORM Configuration does not exist."
    ec: ClassVar[str] = "0058-00000101"


class WORMConfigurationLocked(Forbidden):
    code = "WORMConfigurationLocked"
    message = "The WORM Configuration is locked."
    ec: ClassVar[str] = "0058-00000102"


class InvalidWORMConfiguration(BadRequest):
    code = "InvalidWORMConfiguration"
    message = "The WORM Configuration is invalid."
    ec: ClassVar[str] = "0058-00000103"


class FileImmutable(Conflict):
    code = "FileImmutable"
    message = "The object you specified is immutable."
    ec: ClassVar[str] = "0026-00000300"


class NoSuchStyle(NotFound):
    code = "NoSuchStyle"
    message = "The specified style does not exist."


class InvalidStyle(BadRequest):
    """Fact: `reason`."""

    code = "InvalidArgument"
    message = "{reason}"
    ec: ClassVar[str] = "0032-00000101"


class InvalidEncryptionAlgorithm(BadRequest):
    code = "InvalidEncryptionAlgorithmError"
    message = "The Encryption request you specified is not valid. Supported value: AES256/KMS/SM4."
    ec: ClassVar[str] = "0017-00000801"


class InvalidPolicyDocument(BadRequest):
    code = "InvalidPolicyDocument"
    message = "{reason}"
    ec: ClassVar[str] = "0035-00000009"


class NeedVerifyDomainOwnership(Forbidden):
    """The owner of a domain proves it by a TXT record that holds the token."""

    code = "NeedVerifyDomainOwnership"
    message = "You must verify that you own the domain."
    ec: ClassVar[str] = "0018-00000115"


class NoSuchCnameToken(NotFound):
    code = "CnameTokenNotFound"
    message = "The cname token does not exist."


class CnameAlreadyBound(Conflict):
    code = "CnameAlreadyExists"
    message = "The domain is bound to another bucket."


class CORSForbidden(Forbidden):
    code = "AccessForbidden"
    message = (
        "CORSResponse: This CORS request is not allowed. This is usually because the evaluation of Origin, request "
        "method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the "
        "resource's CORS spec."
    )
    ec: ClassVar[str] = "0031-00000202"


class BadReferer(Forbidden):
    code = "AccessDenied"
    message = "You are denied by bucket referer policy."
    ec: ClassVar[str] = "0003-00000503"


class PayerMissing(Forbidden):
    code = "AccessDenied"
    message = "The bucket is configured with requester pays: x-oss-request-payer must be requester."
    ec: ClassVar[str] = "0003-00000801"


class NotAccelerated(Forbidden):
    """Of a request to the accelerate endpoint. Fact: Bucket."""

    code = "AccessDenied"
    message = "The bucket you visit is not enabled for transfer acceleration."
    ec: ClassVar[str] = "0003-00001405"


class PublicAccessBlocked(Forbidden):
    """Fact: `what`, such as a bucket acl."""

    code = "AccessDenied"
    message = "Put public {what} is not allowed"
    ec: ClassVar[str] = "0003-00001601"


class InvalidTargetBucketForLogging(BadRequest):
    code = "InvalidTargetBucketForLogging"
    message = "The target bucket for logging does not exist, is in another region or belongs to another account."
    ec: ClassVar[str] = "0018-00000101"


class MirrorFailed(CloudError):
    """The vendor's answer where an origin cannot be reached; this cloud reaches none."""

    status = 424
    code = "MirrorFailed"
    message = "Mirror host cannot be reached: OpenYun fetches nothing from other hosts."
    ec: ClassVar[str] = "0027-00000101"


class InvalidLifecycle(BadRequest):
    code = "InvalidRequest"
    message = "{reason}"
    ec: ClassVar[str] = "0014-00000041"


class InvalidReplication(BadRequest):
    code = "InvalidArgument"
    message = "{reason}"
    ec: ClassVar[str] = "0056-00000201"


class BucketReplicationAlreadyExist(BadRequest):
    code = "BucketReplicationAlreadyExist"
    message = "The bucket replication already exists."
    ec: ClassVar[str] = "0056-00000202"


class InventoryExceedLimit(BadRequest):
    code = "InventoryExceedLimit"
    message = "A bucket has at most {most} inventories."
    ec: ClassVar[str] = "0054-00000102"


class InventoryAlreadyExist(Conflict):
    code = "InventoryAlreadyExist"
    message = "The inventory already exists."
    ec: ClassVar[str] = "0054-00000103"
