"""What OSS answers to a signature that does not hold.

A fact with a capital is an element of the error document, as the vendor sends it.
"""

from __future__ import annotations

from typing import ClassVar

from openyun.errors import BadRequest, Forbidden


class InvalidAccessKeyId(Forbidden):
    code = "InvalidAccessKeyId"
    message = "The OSS Access Key Id you provided does not exist in our records."
    ec: ClassVar[str] = "0002-00000902"


class AccessKeyDisabled(Forbidden):
    code = "InvalidAccessKeyId"
    message = "The OSS Access Key Id you provided is disabled."
    ec: ClassVar[str] = "0002-00000903"


class SignatureDoesNotMatch(Forbidden):
    code = "SignatureDoesNotMatch"
    message = (
        "The request signature we calculated does not match the signature you provided. "
        "Check your key and signing method."
    )
    ec: ClassVar[str] = "0002-00000040"


class RequestTimeTooSkewed(Forbidden):
    code = "RequestTimeTooSkewed"
    message = "The difference between the request time and the current time is too large."
    ec: ClassVar[str] = "0002-00000504"


class InvalidDate(Forbidden):
    code = "AccessDenied"
    message = "OSS authentication requires a valid Date."
    ec: ClassVar[str] = "0002-00000502"


class RequestExpired(Forbidden):
    code = "AccessDenied"
    message = "Request has expired."
    ec: ClassVar[str] = "0002-00000069"


class IncompleteUrlSignature(Forbidden):
    code = "AccessDenied"
    message = "Query-string authentication requires the Signature, Expires and OSSAccessKeyId parameters"
    ec: ClassVar[str] = "0002-00000067"


class InvalidAuthorization(BadRequest):
    code = "InvalidArgument"
    message = "Authorization header is invalid."
    ec: ClassVar[str] = "0002-00000061"


class UnsupportedAuthorization(BadRequest):
    code = "InvalidArgument"
    message = "Unsupported Authorization Type"
    ec: ClassVar[str] = "0002-00000002"


class InvalidCredential(BadRequest):
    code = "InvalidArgument"
    message = "Invalid credential in Authorization header."
    ec: ClassVar[str] = "0002-00000213"


class InvalidSigningRegion(BadRequest):
    code = "InvalidArgument"
    message = "Invalid signing region in Authorization header."
    ec: ClassVar[str] = "0002-00000226"


class InvalidCredentialRegion(BadRequest):
    code = "InvalidArgument"
    message = "The signing region in credential is invalid."
    ec: ClassVar[str] = "0002-00000228"


class InvalidUrlExpires(BadRequest):
    code = "InvalidArgument"
    message = "x-oss-expires must be a number of seconds between 1 and 604800."
    ec: ClassVar[str] = "0002-00000229"


class InvalidSecurityToken(Forbidden):
    code = "InvalidSecurityToken"
    message = "The security token you provided is invalid."
    ec: ClassVar[str] = "0002-00000006"


class SecurityTokenExpired(Forbidden):
    code = "SecurityTokenExpired"
    message = "The security token you provided has expired."
    ec: ClassVar[str] = "0002-00000007"


class AccessKeyIdAndSecurityTokenNotMatch(Forbidden):
    code = "AccessKeyIdAndSecurityTokenNotMatch"
    message = "The OSS access key id and security token you provided does not match."
    ec: ClassVar[str] = "0002-00000004"


class InvalidFormSignatureVersion(BadRequest):
    code = "InvalidArgument"
    message = "Unsupported signature version in the form."
    ec: ClassVar[str] = "0002-00000701"


class MissingFormPolicy(BadRequest):
    code = "InvalidArgument"
    message = "The policy form field is missing."
    ec: ClassVar[str] = "0002-00000702"


class MissingFormSignature(BadRequest):
    code = "InvalidArgument"
    message = "The signature form field is missing or empty."
    ec: ClassVar[str] = "0002-00000703"
