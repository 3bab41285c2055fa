"""Errors of launch templates. Codes, spellings and statuses are the vendor's."""

from __future__ import annotations

from openyun.errors import BadRequest, Forbidden, NotFound


class TemplateNotFound(NotFound):
    code = "InvalidLaunchTemplate.NotFound"
    message = "The specified launch template {template} does not exist."


class VersionNotFound(NotFound):
    code = "InvalidLaunchTemplateVersion.NotFound"
    message = "The specified version {version} of the launch template does not exist."


class NameDuplicated(BadRequest):
    code = "InvalidLaunchTemplateName.Duplicated"
    message = "The specified launch template name {name} is already in use."


class InvalidName(BadRequest):
    code = "InvalidLaunchTemplateName.Malformed"
    message = 'The specified parameter "LaunchTemplateName" is not valid.'


class InvalidVersionDescription(BadRequest):
    code = "InvalidDescription.Malformed"
    message = 'The specified parameter "VersionDescription" is not valid.'


class TooManyTemplates(Forbidden):
    code = "LaunchTemplateLimitExceed"
    message = "The number of launch templates exceeds the quota of {most}."


class TooManyVersions(Forbidden):
    code = "LaunchTemplateVersionLimitExceed"
    message = "The number of versions of the launch template exceeds the quota of {most}."


class DefaultVersionStays(Forbidden):
    code = "InvalidParameter.DefaultVersion"
    message = "The default version of a launch template can not be deleted."
