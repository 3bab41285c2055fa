"""What STS answers when it refuses. Codes: https://api.alibabacloud.com/document/Sts/2015-04-01/errorCode"""

from __future__ import annotations

from openyun.errors import BadRequest, Forbidden, NotFound


class InvalidRoleArn(BadRequest):
    code = "InvalidParameter.RoleArn"
    message = "The parameter RoleArn is wrongly formed."


class InvalidRoleSessionName(BadRequest):
    code = "InvalidParameter.RoleSessionName"
    message = "The parameter RoleSessionName is wrongly formed."


class InvalidDurationSeconds(BadRequest):
    code = "InvalidParameter.DurationSeconds"
    message = "The Min/Max value of DurationSeconds is {least}/{most} seconds."


class InvalidPolicyGrammar(BadRequest):
    code = "InvalidParameter.PolicyGrammar"
    message = "The parameter Policy has not passed grammar check: {reason}."


class InvalidPolicySize(BadRequest):
    code = "InvalidParameter.PolicySize"
    message = "The size of Policy must be smaller than {most} bytes."


class InvalidExternalId(BadRequest):
    code = "InvalidParameter.ExternalId"
    message = "The parameter ExternalId is wrongly formed."


class RoleNotExist(NotFound):
    code = "EntityNotExist.Role"
    message = "The role not exists: {role_arn}."


class AssumedByRoot(Forbidden):
    code = "NoPermission"
    message = "Roles may not be assumed by root accounts."
