"""Errors of OSS in the words of S3, where they differ; most do not."""

from __future__ import annotations

import msgspec

from openyun.access import oss_signature_errors
from openyun.access.s3_errors import ExpiredToken, InvalidToken, S3InvalidAccessKeyId
from openyun.errors import BadRequest, CloudError, Forbidden, NotFound, ServiceUnavailable, ThrottlingUser
from openyun.services.oss import errors


class S3NotImplemented(CloudError):
    """S3 has it, and this cloud does not, or not in S3's form."""

    status = 501
    code = "NotImplemented"
    message = "{feature} is a function of S3 that OpenYun does not implement."


class InvalidStorageClass(BadRequest):
    code = "InvalidStorageClass"
    message = "The storage class you specified is not valid"


class InvalidS3Argument(BadRequest):
    """Fact: `reason`."""

    code = "InvalidArgument"
    message = "{reason}"


class MalformedAcl(BadRequest):
    code = "MalformedACLError"
    message = "The XML you provided was not well-formed or did not validate against our published schema"


class MalformedPolicy(BadRequest):
    """Fact: `reason`."""

    code = "MalformedPolicy"
    message = "{reason}"


class UnexpectedOwner(Forbidden):
    code = "AccessDenied"
    message = "Access Denied"


class NoOwnershipControls(NotFound):
    code = "OwnershipControlsNotFoundError"
    message = "The bucket ownership controls were not found"


class NoSuchTagSet(NotFound):
    code = "NoSuchTagSet"
    message = "The TagSet does not exist"


class Worded(msgspec.Struct, frozen=True):
    """How S3 says it."""

    status: int
    code: str
    text: str


_KEYS: dict[type[CloudError], type[CloudError]] = {
    oss_signature_errors.InvalidAccessKeyId: S3InvalidAccessKeyId,
    oss_signature_errors.AccessKeyDisabled: S3InvalidAccessKeyId,
    oss_signature_errors.InvalidSecurityToken: InvalidToken,
    oss_signature_errors.AccessKeyIdAndSecurityTokenNotMatch: InvalidToken,
    oss_signature_errors.SecurityTokenExpired: ExpiredToken,
}

_CLASSES: dict[type[CloudError], Worded] = {
    errors.DigestMismatch: Worded(400, "BadDigest", "The Content-MD5 you specified did not match what we received."),
    errors.FileAlreadyExists: Worded(
        412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold"
    ),
    ThrottlingUser: Worded(503, "SlowDown", "Please reduce your request rate."),
    ServiceUnavailable: Worded(503, "ServiceUnavailable", "Service is unable to handle request."),
    **{kind: Worded(said.status, said.code, said.message) for kind, said in _KEYS.items()},
}

_CODES = {
    "NoSuchObjectWormConfiguration": Worded(
        404, "ObjectLockConfigurationNotFoundError", "Object Lock configuration does not exist for this bucket"
    ),
    "NoSuchObjectRetention": Worded(
        404, "NoSuchObjectLockConfiguration", "The specified object does not have a ObjectLock configuration"
    ),
    "NoSuchObjectLegalHold": Worded(
        404, "NoSuchObjectLockConfiguration", "The specified object does not have a ObjectLock configuration"
    ),
    "NoSuchLifecycle": Worded(404, "NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"),
    "NoSuchServerSideEncryptionRule": Worded(
        404,
        "ServerSideEncryptionConfigurationNotFoundError",
        "The server side encryption configuration was not found",
    ),
    "NoSuchReplicationConfiguration": Worded(
        404, "ReplicationConfigurationNotFoundError", "The replication configuration was not found"
    ),
    "InvalidObjectName": Worded(400, "InvalidURI", "Couldn't parse the specified URI."),
    "InvalidPolicyDocument": Worded(400, "MalformedPolicy", "The policy has an invalid form."),
    "FileImmutable": Worded(403, "AccessDenied", "Access Denied because object protected by object lock."),
}


def in_words_of_s3(problem: CloudError) -> Worded:
    found = _CLASSES.get(type(problem)) or _CODES.get(problem.code)
    if found is not None:
        return found
    text = problem.text
    if isinstance(problem, errors.NotImplementedHere):
        text = text.replace("a function of OSS", "a function of the object store")
    return Worded(problem.status, problem.code, text.replace("x-oss-", "x-amz-"))
