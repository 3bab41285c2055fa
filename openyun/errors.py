"""Errors that a client sees.

    CloudError
    ├── BadRequest        400
    ├── Forbidden         403
    ├── NotFound          404
    ├── Conflict          409
    ├── TooLarge          413
    ├── Unavailable       503
    └── Internal          500

An error is a declaration with facts: the class says code, status and text, the raise says what it is about.
"""

from __future__ import annotations

import traceback
from typing import Any, ClassVar


def where_it_broke(problem: BaseException) -> str:
    """The kind and the stack for the operator's log, without the text: values in it may be a customer's."""
    return f"{type(problem).__name__}\n{''.join(traceback.format_tb(problem.__traceback__))}"


class CloudError(Exception):
    """An answer other than success. `message` is a format string over the facts given to the constructor."""

    status: ClassVar[int] = 500
    code: str = "InternalError"
    message: ClassVar[str] = "The request processing has failed due to some unknown error."
    headers: ClassVar[dict[str, str]] = {}

    def __init__(self, **facts: Any) -> None:
        super().__init__(facts)
        self.facts = facts
        self.detail: dict[str, Any] = {}
        """further members of the error's body"""

    @property
    def text(self) -> str:
        return self.message.format_map(self.facts) if self.facts else self.message

    def __str__(self) -> str:
        return f"{self.code}: {self.text}"


class BadRequest(CloudError):
    status = 400


class Forbidden(CloudError):
    status = 403


class NotFound(CloudError):
    status = 404


class Conflict(CloudError):
    status = 409


class TooLarge(CloudError):
    status = 413


class Unavailable(CloudError):
    status = 503


class Internal(CloudError):
    pass


# What the gateway itself answers, before any service is asked.


class MissingParameter(BadRequest):
    code = "MissingParameter"
    message = 'The input parameter "{parameter}" that is mandatory for processing this request is not supplied.'


class InvalidParameter(BadRequest):
    code = "InvalidParameter"
    message = 'The specified parameter "{parameter}" is not valid.'


class InvalidActionNotFound(NotFound):
    code = "InvalidAction.NotFound"
    message = "Specified api is not found, please check your url and method."


class OperationNotImplemented(BadRequest):
    """The vendor has it, this cloud does not: told apart from a misspelt name."""

    code = "OperationNotImplemented"
    message = (
        "The operation {operation} of {product} {version} exists in Alibaba Cloud, but OpenYun does not implement it. "
        "docs/reference/coverage.md lists what it does."
    )


class InvalidVersion(BadRequest):
    code = "InvalidVersion"
    message = "Specified parameter Version is not valid."


class InvalidRegionId(NotFound):
    code = "InvalidRegionId.NotFound"
    message = "The specified region {region_id} is not found."


class InvalidAccessKeyIdNotFound(NotFound):
    code = "InvalidAccessKeyId.NotFound"
    message = "Specified access key is not found."


class InvalidAccessKeyIdInactive(BadRequest):
    code = "InvalidAccessKeyId.Inactive"
    message = "Specified access key is disabled."


class SignatureDoesNotMatch(BadRequest):
    """Clients compare what follows the first colon with the string they signed."""

    code = "SignatureDoesNotMatch"
    message = "Specified signature is not matched with our calculation. server string to sign is:{string_to_sign}"


class IncompleteSignature(BadRequest):
    code = "IncompleteSignature"
    message = "The request signature does not conform to Aliyun standards. {reason}"


class InvalidTimeStampFormat(BadRequest):
    code = "InvalidTimeStamp.Format"
    message = "Specified time stamp or date value is not well formatted."


class InvalidTimeStampExpired(BadRequest):
    code = "InvalidTimeStamp.Expired"
    message = "Specified time stamp or date value is expired."


class SignatureNonceUsed(BadRequest):
    code = "SignatureNonceUsed"
    message = "Specified signature nonce was used already."


class MissingSecurityToken(BadRequest):
    code = "MissingSecurityToken"
    message = "SecurityToken is mandatory for this action."


class InvalidSecurityTokenMalformed(BadRequest):
    code = "InvalidSecurityToken.Malformed"
    message = "Specified SecurityToken is malformed."


class InvalidSecurityTokenMismatch(BadRequest):
    code = "InvalidSecurityToken.MismatchWithAccessKey"
    message = "Specified SecurityToken mismatch with the AccessKey."


class InvalidSecurityTokenExpired(BadRequest):
    code = "InvalidSecurityToken.Expired"
    message = "Specified SecurityToken is expired."


class ForbiddenRAM(Forbidden):
    code = "Forbidden.RAM"
    message = "User not authorized to operate on the specified resource, or this API doesn't support RAM."


class NoPermission(Forbidden):
    code = "NoPermission"
    message = "You are not authorized to do this action. Action: {action}, resource: {resource}, reason: {reason}."


class ThrottlingUser(BadRequest):
    code = "Throttling.User"
    message = "Request was denied due to user flow control."
    headers: ClassVar[dict[str, str]] = {"x-acs-retry-after": "1000"}


class IdempotentParameterMismatch(BadRequest):
    code = "IdempotentParameterMismatch"
    message = "The request uses the same client token as a previous, but non-identical request."


class InvalidClientToken(BadRequest):
    code = "InvalidParameter.ClientToken"
    message = "The specified ClientToken is not valid: 1 to 64 ASCII characters."


class DryRunOperation(BadRequest):
    code = "DryRunOperation"
    message = "Request validation has been passed with DryRun flag set."


class RequestTooLarge(TooLarge):
    code = "RequestEntityTooLarge"
    message = "The request is larger than {limit} bytes."


class UnsupportedHTTPMethod(BadRequest):
    code = "UnsupportedHTTPMethod"
    message = "This http method is not supported."


class ServiceUnavailable(Unavailable):
    code = "ServiceUnavailable"
    message = "The request has failed due to a temporary failure of the server."


class InternalError(Internal):
    code = "InternalError"
