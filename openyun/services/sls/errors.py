"""What Simple Log Service answers when it does not do as asked."""

from __future__ import annotations

from typing import ClassVar

from openyun.errors import BadRequest, CloudError, NotFound


class Unauthorized(CloudError):
    status: ClassVar[int] = 401
    code = "Unauthorized"
    message = "denied by sts or ram, action: {action}, resource: {resource}"


class UnknownKey(CloudError):
    status: ClassVar[int] = 401
    code = "Unauthorized"
    message = "AccessKeyId not found: {access_key_id}"


class SignatureNotMatch(CloudError):
    status: ClassVar[int] = 401
    code = "SignatureNotMatch"
    message = "signature {signature} not matched"


class SecurityTokenInvalid(CloudError):
    status: ClassVar[int] = 401
    code = "Unauthorized"
    message = "The SecurityToken is not valid: {reason}"


class SecurityTokenExpired(CloudError):
    status: ClassVar[int] = 401
    code = "SecurityTokenExpired"
    message = "The SecurityToken has expired"


class RequestTimeExpired(BadRequest):
    code = "RequestTimeExpired"
    message = "request time {time} is too far from the time of the server"


class MissingHeader(BadRequest):
    code = "{name}Missing"
    message = "{header} does not exist in header"

    def __init__(self, header: str, name: str) -> None:
        super().__init__(header=header, name=name)
        self.code = f"Miss{name}"


class ProjectNotExist(NotFound):
    code = "ProjectNotExist"
    message = "The Project does not exist : {project}"


class ProjectAlreadyExist(BadRequest):
    code = "ProjectAlreadyExist"
    message = "Project {project} already exists"


class ProjectNameInvalid(BadRequest):
    code = "ProjectNameInvalid"
    message = "The Project name {project} is invalid"


class LogStoreNotExist(NotFound):
    code = "LogStoreNotExist"
    message = "logstore {logstore} does not exist"


class LogStoreAlreadyExist(BadRequest):
    code = "LogStoreAlreadyExist"
    message = "logstore {logstore} already exists"


class LogStoreInfoInvalid(BadRequest):
    code = "LogStoreInfoInvalid"
    message = "logstore info is invalid: {reason}"


class LogStoreWithoutShard(NotFound):
    code = "ShardNotExist"
    message = "shard {shard} does not exist"


class ExceedQuota(BadRequest):
    code = "ExceedQuota"
    message = "{what} quota exceed: {most}"


class ParameterInvalid(BadRequest):
    code = "ParameterInvalid"
    message = "{reason}"


class PostBodyInvalid(BadRequest):
    code = "PostBodyInvalid"
    message = "{reason}"


class PostBodyTooLarge(BadRequest):
    code = "PostBodyTooLarge"
    message = "body size {size} must little than {most}"


class PostBodyUncompressError(BadRequest):
    code = "PostBodyUncompressError"
    message = "{reason}"


class InvalidTimestamp(BadRequest):
    code = "InvalidTimestamp"
    message = "Invalid timestamp is in logs."


class InvalidCursor(BadRequest):
    code = "InvalidCursor"
    message = "The cursor {cursor} is invalid"


class InvalidTimeRange(BadRequest):
    code = "InvalidTimeRange"
    message = "request time range is invalid"


class InvalidOffset(BadRequest):
    code = "InvalidOffset"
    message = "offset is invalid"


class InvalidLine(BadRequest):
    code = "InvalidLine"
    message = "line is invalid"


class IndexAlreadyExist(BadRequest):
    code = "IndexAlreadyExist"
    message = "log store index is already created"


class IndexConfigNotExist(NotFound):
    code = "IndexConfigNotExist"
    message = "index config doesn't exist"


class IndexInfoInvalid(BadRequest):
    code = "IndexInfoInvalid"
    message = "{reason}"
