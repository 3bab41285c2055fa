"""What RAM answers when it refuses. Codes and texts: https://api.alibabacloud.com/document/Ram/2015-05-01/errorCode"""

from __future__ import annotations

from typing import Any

from openyun.errors import BadRequest, Conflict, NotFound

# 400: a parameter is wrong. One class speaks for all parameters, whose name is part of the code.


class _OfParameter(BadRequest):
    suffix: str = ""

    def __init__(self, parameter: str, **facts: Any) -> None:
        super().__init__(parameter=parameter, **facts)
        self.code = f"InvalidParameter.{parameter}{self.suffix}"


class InvalidChars(_OfParameter):
    suffix = ".InvalidChars"
    message = 'The parameter - "{parameter}" contains invalid chars.'


class InvalidLength(_OfParameter):
    suffix = ".Length"
    message = 'The parameter - "{parameter}" beyond the length limit.'


class InvalidFormat(_OfParameter):
    suffix = ".Format"
    message = 'The format of the parameter - "{parameter}" is incorrect.'


class InvalidRange(_OfParameter):
    suffix = ".Range"
    message = 'The parameter - "{parameter}" MUST be in the range of {low} and {high}.'


class InvalidValue(_OfParameter):
    message = 'The parameter - "{parameter}" is incorrect.'


class AccountAliasLength(_OfParameter):
    suffix = ".Length"
    message = 'The parameter - "{parameter}" MUST be in the range of 3 and 63.'


class MalformedPolicyDocument(BadRequest):
    code = "MalformedPolicyDocument"
    message = "{reason}"


# 404: something is not there.


class UserNotExist(NotFound):
    code = "EntityNotExist.User"
    message = "The user does not exist."


class AccessKeyNotExist(NotFound):
    code = "EntityNotExist.User.AccessKey"
    message = "The user access key does not exist."


class LoginProfileNotExist(NotFound):
    code = "EntityNotExist.User.LoginProfile"
    message = "The user login profile does not exist."


class MFADeviceNotExist(NotFound):
    code = "EntityNotExist.User.MFADevice"
    message = "The user has not bound any MFA device."


class UserNotInGroup(NotFound):
    code = "EntityNotExist.User.Group"
    message = "The user has not joined the group."


class GroupNotExist(NotFound):
    code = "EntityNotExist.Group"
    message = "The group does not exist."


class RoleNotExist(NotFound):
    code = "EntityNotExist.Role"
    message = "The role does not exist."


class PolicyNotExist(NotFound):
    code = "EntityNotExist.Policy"
    message = "The policy does not exist."


class PolicyVersionNotExist(NotFound):
    code = "EntityNotExist.Policy.Version"
    message = "The policy version does not exist."


class NotAttached(NotFound):
    message = "The indicate policy of the {party} does not exist."

    def __init__(self, party: str) -> None:
        super().__init__(party=party)
        self.code = f"EntityNotExist.{party.capitalize()}.Policy"


# 409: something is there, or there too often.


class UserExists(Conflict):
    code = "EntityAlreadyExists.User"
    message = "The user does already EXIST."


class UserInGroup(Conflict):
    code = "EntityAlreadyExists.User.Group"
    message = "The user has already joined the group."


class GroupExists(Conflict):
    code = "EntityAlreadyExists.Group"
    message = "The group does already EXIST."


class RoleExists(Conflict):
    code = "EntityAlreadyExists.Role"
    message = "The role does already EXIST."


class PolicyExists(Conflict):
    code = "EntityAlreadyExists.Policy"
    message = "The policy does already EXIST."


class AlreadyAttached(Conflict):
    message = "The {party} has already been attached this policy."

    def __init__(self, party: str) -> None:
        super().__init__(party=party)
        self.code = f"EntityAlreadyExists.{party.capitalize()}.Policy"


class AccountAliasExists(Conflict):
    code = "EntityAlreadyExists.AccountAlias"
    message = "The account alias does already exist."


class UserHasGroups(Conflict):
    code = "DeleteConflict.User.Group"
    message = "The user CAN NOT be in any group while deleting the user."


class UserHasAccessKeys(Conflict):
    code = "DeleteConflict.User.AccessKey"
    message = "The user CAN NOT has any access key while deleting the user."


class HasPolicies(Conflict):
    message = "The {party} CAN NOT has any attached policy while deleting the {party}."

    def __init__(self, party: str) -> None:
        super().__init__(party=party)
        self.code = f"DeleteConflict.{party.capitalize()}.Policy"


class GroupHasUsers(Conflict):
    code = "DeleteConflict.Group.User"
    message = "The group CAN NOT has any user member while deleting the group."


class PolicyIsAttached(Conflict):
    message = "The policy CAN NOT been attached to any {party} while deleting the policy."

    def __init__(self, party: str) -> None:
        super().__init__(party=party)
        self.code = f"DeleteConflict.Policy.{party.capitalize()}"


class PolicyHasVersions(Conflict):
    code = "DeleteConflict.Policy.Version"
    message = "The policy CAN NOT has any version except the default version."


class DefaultVersionStays(Conflict):
    code = "DeleteConflict.Policy.Version.Default"
    message = "The default policy version CAN NOT been deleted directly."


class TooManyUsers(Conflict):
    code = "LimitExceeded.User"
    message = "The count of users beyond the current limits."


class TooManyAccessKeys(Conflict):
    code = "LimitExceeded.User.AccessKey"
    message = "The access key count of the user access keys beyond the current limits."


class TooManyGroups(Conflict):
    code = "LimitExceeded.Group"
    message = "The count of groups beyond the current limits."


class TooManyGroupsOfUser(Conflict):
    code = "LimitExceeded.User.Group"
    message = "The count of groups the target user joined beyond the current limits."


class TooManyRoles(Conflict):
    code = "LimitExceeded.Role"
    message = "The count of roles beyond the current limits."


class TooManyPolicies(Conflict):
    code = "LimitExceeded.Policy"
    message = "The count of policy beyond the current limits."


class TooManyVersions(Conflict):
    code = "LimitExceeded.Policy.Version"
    message = "The count of policy version beyond the current limits."


class TooManyAttachments(Conflict):
    message = "The policy count of the {party} beyond the current limits."

    def __init__(self, party: str) -> None:
        super().__init__(party=party)
        self.code = f"LimitExceeded.{party.capitalize()}.Policy"


class TooManyTags(Conflict):
    code = "LimitExceeded.Tag"
    message = "The count of tags beyond the current limits."
