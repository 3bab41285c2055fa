"""What OSS answers when it does not do as asked.

A fact whose name begins with a capital is an element of the error document, one named x-oss-... is a header. `ec` is
the vendor's fine-grained code.
"""

from __future__ import annotations

from typing import ClassVar

from openyun.errors import BadRequest, CloudError, Conflict, Forbidden, NotFound, Unavailable


class NoSuchBucket(NotFound):
    code = "NoSuchBucket"
    message = "The specified bucket does not exist."
    ec: ClassVar[str] = "0015-00000101"


class NoSuchKey(NotFound):
    code = "NoSuchKey"
    message = "The specified key does not exist."
    ec: ClassVar[str] = "0026-00000001"


class BucketAlreadyExists(Conflict):
    code = "BucketAlreadyExists"
    message = (
        "The requested bucket name is not available. The bucket namespace is shared by all users of the system. "
        "Please select a different name and try again."
    )
    ec: ClassVar[str] = "0015-00000104"


class BucketNotEmpty(Conflict):
    code = "BucketNotEmpty"
    message = "The bucket has objects. Please delete them first."
    ec: ClassVar[str] = "0015-00000301"


class FileAlreadyExists(Conflict):
    code = "FileAlreadyExists"
    message = "The object you specified already exists and can not be overwritten."
    ec: ClassVar[str] = "0026-00000002"


class InvalidBucketName(BadRequest):
    code = "InvalidBucketName"
    message = "The specified bucket is not valid."
    ec: ClassVar[str] = "0015-00000001"


class InvalidObjectName(BadRequest):
    code = "InvalidObjectName"
    message = "The specified object is not valid."
    ec: ClassVar[str] = "0016-00000001"


class InvalidArgument(BadRequest):
    """Facts: ArgumentName, ArgumentValue and, as `reason`, the text."""

    code = "InvalidArgument"
    message = "{reason}"
    ec: ClassVar[str] = "0017-00000000"


class InvalidLocationConstraint(BadRequest):
    code = "InvalidLocationConstraint"
    message = "The specified location-constraint is not valid."
    ec: ClassVar[str] = "0015-00000201"


class InvalidAcl(BadRequest):
    code = "InvalidArgument"
    message = "no such bucket access control exists"
    ec: ClassVar[str] = "0015-00000204"


class InvalidObjectAcl(BadRequest):
    code = "InvalidArgument"
    message = "no such object access control exists"
    ec: ClassVar[str] = "0026-00000205"


class InvalidForbidOverwrite(BadRequest):
    code = "InvalidArgument"
    message = "x-oss-forbid-overwrite must be true or false."
    ec: ClassVar[str] = "0017-00000279"


class InvalidDigest(BadRequest):
    code = "InvalidDigest"
    message = "The Content-MD5 you specified was invalid."
    ec: ClassVar[str] = "0017-00000502"


class DigestMismatch(BadRequest):
    code = "InvalidDigest"
    message = "The Content-MD5 you specified was invalid."
    ec: ClassVar[str] = "0017-00000503"


class MetadataTooLarge(BadRequest):
    code = "InvalidArgument"
    message = "The length of user metadata exceeds 8192 bytes."
    ec: ClassVar[str] = "0017-00000105"


class EntityTooLarge(BadRequest):
    code = "EntityTooLarge"
    message = "Your proposed upload exceeds the maximum allowed object size."
    ec: ClassVar[str] = "0017-00000005"


class IncompleteBody(BadRequest):
    code = "IncompleteBody"
    message = "You did not provide the number of bytes specified by the Content-Length HTTP header."
    ec: ClassVar[str] = "0017-00000006"


class MalformedXML(BadRequest):
    code = "MalformedXML"
    message = "The XML you provided was not well-formed or did not validate against our published schema."
    ec: ClassVar[str] = "0031-00000001"


class InvalidTargetBucketRequest(BadRequest):
    code = "InvalidRequest"
    message = "{reason}"


class NoBucketToConfigure(MalformedXML):
    """Where there is no bucket, the vendor takes some configurations for the document of PutBucket."""

    ec: ClassVar[str] = "0015-00000231"


class MissingContentLength(CloudError):
    status = 411
    code = "MissingContentLength"
    message = "You must provide the Content-Length HTTP header."
    ec: ClassVar[str] = "0016-00000102"


class PreconditionFailed(CloudError):
    status = 412
    code = "PreconditionFailed"
    message = "At least one of the pre-conditions you specified did not hold."
    ec: ClassVar[str] = "0026-00000051"


class InvalidRange(CloudError):
    status = 416
    code = "InvalidRange"
    message = "The requested range cannot be satisfied"
    ec: ClassVar[str] = "0026-00000015"


class MethodNotAllowed(CloudError):
    status = 405
    code = "MethodNotAllowed"
    message = "The specified method is not allowed against this resource."
    ec: ClassVar[str] = "0016-00000704"


class NotImplementedHere(CloudError):
    """The real OSS does this; this cloud does not, and says so instead of pretending."""

    status = 501
    code = "NotImplemented"
    message = "{feature} is a function of OSS that OpenYun does not implement."


class PartNotThere(CloudError):
    """Of S3, where a part is read by its number."""

    status = 416
    code = "InvalidPartNumber"
    message = "The requested partnumber is not satisfiable"


class AccessDenied(Forbidden):
    code = "AccessDenied"
    message = "{reason}"
    ec: ClassVar[str] = "0003-00000001"


class DeniedByPolicy(Forbidden):
    code = "AccessDenied"
    message = "Access denied by authorizer's policy."
    ec: ClassVar[str] = "0003-00000201"


class WrongEndpoint(Forbidden):
    code = "AccessDenied"
    message = (
        "The bucket you are attempting to access must be addressed using the specified endpoint. "
        "Please send all future requests to this endpoint."
    )
    ec: ClassVar[str] = "0003-00001403"


class SecondLevelDomainForbidden(Forbidden):
    code = "SecondLevelDomainForbidden"
    message = "The bucket you are attempting to access must be addressed using OSS third level domain."
    ec: ClassVar[str] = "0048-00000401"


class NoRoom(Unavailable):
    """The vendor's store is never full; clients retry this code."""

    code = "ServiceUnavailable"
    message = "The store has no room left."


class ObjectNotAppendable(Conflict):
    code = "ObjectNotAppendable"
    message = "The object is not appendable"
    ec: ClassVar[str] = "0026-00000208"


class PositionNotEqualToLength(Conflict):
    code = "PositionNotEqualToLength"
    message = "Position is not equal to file length"
    ec: ClassVar[str] = "0026-00000206"


class NoSuchVersion(NotFound):
    code = "NoSuchVersion"
    message = "The specified version does not exist."
    ec: ClassVar[str] = "0026-00000020"


class IsDeleteMarker(CloudError):
    status = 405
    code = "MethodNotAllowed"
    message = "The specified method is not allowed against this resource."
    ec: ClassVar[str] = "0026-00000021"


class NoSuchUpload(NotFound):
    code = "NoSuchUpload"
    message = (
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or "
        "completed."
    )
    ec: ClassVar[str] = "0042-00000002"


class NoUploadForPart(NotFound):
    """Of UploadPart."""

    code = "NoSuchUpload"
    message = NoSuchUpload.message
    ec: ClassVar[str] = "0042-00000104"


class NoUploadForCopy(NotFound):
    """Of UploadPartCopy."""

    code = "NoSuchUpload"
    message = NoSuchUpload.message
    ec: ClassVar[str] = "0042-00000311"


class CompleteAllAndDocument(BadRequest):
    code = "InvalidArgument"
    message = "Should not speficy both complete all header and http body."
    ec: ClassVar[str] = "0042-00000216"


class InvalidPart(BadRequest):
    code = "InvalidPart"
    message = (
        "One or more of the specified parts could not be found or the specified entity tag might not have matched the "
        "part's entity tag."
    )
    ec: ClassVar[str] = "0042-00000101"


class PartNotSequential(BadRequest):
    code = "PartNotSequential"
    message = "The parts of a sequential upload must come one after the other."
    ec: ClassVar[str] = "0042-00000215"


class InvalidPartOrder(BadRequest):
    code = "InvalidPartOrder"
    message = "The list of parts was not in ascending order. Parts list must specified in order by part number."
    ec: ClassVar[str] = "0042-00000102"


class InvalidPartNumber(BadRequest):
    code = "InvalidArgument"
    message = "Part number must be an integer between 1 and 10000, inclusive."
    ec: ClassVar[str] = "0042-00000205"


class EntityTooSmall(BadRequest):
    code = "EntityTooSmall"
    message = "Your proposed upload smaller than the minimum allowed size."
    ec: ClassVar[str] = "0042-00000106"


class InvalidObjectState(Forbidden):
    code = "InvalidObjectState"
    message = "The operation is not valid for the object's state"
    ec: ClassVar[str] = "0024-00000001"


class RestoreAlreadyInProgress(Conflict):
    code = "RestoreAlreadyInProgress"
    message = "The restore operation is in progress."
    ec: ClassVar[str] = "0024-00000003"


class ArchiveRestoreNotFinished(Conflict):
    code = "ArchiveRestoreNotFinished"
    message = "The archive file's restore is not finished."
    ec: ClassVar[str] = "0016-00000719"


class SealingNotSupported(BadRequest):
    code = "OperationNotSupported"
    message = "SealAppendable is not supported."
    ec: ClassVar[str] = "0016-00000513"


class CannotRestore(BadRequest):
    code = "OperationNotSupported"
    message = "The operation is not supported for this resource"
    ec: ClassVar[str] = "0024-00000002"


class NotSymlink(BadRequest):
    code = "NotSymlink"
    message = "The object is not symlink."
    ec: ClassVar[str] = "0026-00000304"


class SymlinkTargetNotExist(NotFound):
    code = "SymlinkTargetNotExist"
    message = "The symlink target object does not exist"
    ec: ClassVar[str] = "0026-00000301"


class InvalidTargetType(BadRequest):
    code = "InvalidTargetType"
    message = "The symbolic's target object type is invalid."
    ec: ClassVar[str] = "0026-00000302"


class InvalidTag(BadRequest):
    code = "InvalidTag"
    message = "{reason}"
    ec: ClassVar[str] = "0026-00000401"
