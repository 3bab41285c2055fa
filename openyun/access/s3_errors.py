"""What a request in the S3 protocol is told when its signature or its payload is not right, in S3's own words.

A fact whose name begins with a capital is an element of the error document.
"""

from __future__ import annotations

from openyun.errors import BadRequest, CloudError, Forbidden


class S3InvalidAccessKeyId(Forbidden):
    code = "InvalidAccessKeyId"
    message = "The AWS Access Key Id you provided does not exist in our records."


class S3SignatureDoesNotMatch(Forbidden):
    code = "SignatureDoesNotMatch"
    message = (
        "The request signature we calculated does not match the signature you provided. "
        "Check your key and signing method."
    )


class S3RequestTimeTooSkewed(Forbidden):
    code = "RequestTimeTooSkewed"
    message = "The difference between the request time and the current time is too large."


class S3RequestExpired(Forbidden):
    code = "AccessDenied"
    message = "Request has expired"


class S3InvalidDate(Forbidden):
    code = "AccessDenied"
    message = "AWS authentication requires a valid Date or x-amz-date header"


class AuthorizationHeaderMalformed(BadRequest):
    code = "AuthorizationHeaderMalformed"
    message = "The authorization header is malformed; {reason}"


class AuthorizationQueryParametersError(BadRequest):
    code = "AuthorizationQueryParametersError"
    message = "{reason}"


class HeadersNotSigned(Forbidden):
    code = "AccessDenied"
    message = "There were headers present in the request which were not signed"


class InvalidToken(BadRequest):
    code = "InvalidToken"
    message = "The provided token is malformed or otherwise invalid."


class ExpiredToken(BadRequest):
    code = "ExpiredToken"
    message = "The provided token has expired."


class MissingContentSha256(BadRequest):
    code = "InvalidRequest"
    message = "Missing required header for this request: x-amz-content-sha256"


class InvalidContentSha256(BadRequest):
    code = "InvalidArgument"
    message = "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-... or a valid sha256 value."


class ContentSha256Mismatch(BadRequest):
    code = "XAmzContentSHA256Mismatch"
    message = "The provided 'x-amz-content-sha256' header does not match what was computed."


class BadDigest(BadRequest):
    code = "BadDigest"
    message = "The {checksum} you specified did not match the calculated checksum."


class InvalidChecksum(BadRequest):
    code = "InvalidRequest"
    message = "Value for {header} header is invalid."


class MalformedTrailer(BadRequest):
    code = "MalformedTrailerError"
    message = "The request contained trailing data that was not well-formed or did not conform to our published schema."


class InvalidChunk(BadRequest):
    code = "InvalidChunkSizeError"
    message = "The chunks of the aws-chunked body are malformed."


class S3IncompleteBody(BadRequest):
    code = "IncompleteBody"
    message = "The request body terminated unexpectedly"


class MissingDecodedLength(CloudError):
    status = 411
    code = "MissingContentLength"
    message = "You must provide the x-amz-decoded-content-length HTTP header."


class FieldNotInPolicy(Forbidden):
    code = "AccessDenied"
    message = "Invalid according to Policy: Extra input fields: {field}"
