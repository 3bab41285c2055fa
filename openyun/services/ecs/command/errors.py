"""Errors of Cloud Assistant. Codes, spellings and statuses are the vendor's."""

from __future__ import annotations

from openyun.errors import Forbidden, NotFound


class CommandTypeNotFound(Forbidden):
    code = "InvalidCmdType.NotFound"
    message = "The specified command type does not exist."


class CommandNotFound(NotFound):
    code = "InvalidCmdId.NotFound"
    message = "The specified command ID {command_id} does not exist."


class InvocationNotFound(NotFound):
    code = "InvalidInvokeId.NotFound"
    message = "The specified invoke ID {invoke_id} does not exist."


class InstanceToCommandNotFound(NotFound):
    code = "InvalidInstance.NotFound"
    message = "The specified instance {instance_id} does not exist."


class InstanceNotMatch(Forbidden):
    code = "InvalidInstance.NotMatch"
    message = "The specified instance type does not match the command: {type} commands run on Windows only."


class TooManyInstances(Forbidden):
    code = "InstanceIds.ExceedLimit"
    message = "The number of instance IDs exceeds the upper limit of {most}."


class CommandNameTooLong(Forbidden):
    code = "CmdName.ExceedLimit"
    message = "The length of the command name exceeds the upper limit."


class CommandDescriptionTooLong(Forbidden):
    code = "CmdDesc.ExceedLimit"
    message = "The length of the command description exceeds the upper limit."


class CommandContentTooLong(Forbidden):
    code = "CmdContent.ExceedLimit"
    message = "The maximum length of a command is exceeded."


class CommandContentNotBase64(Forbidden):
    code = "CmdContent.DecodeError"
    message = "The CommandContent can not be decoded from Base64."


class UsernameTooLong(Forbidden):
    code = "Username.ExceedLimit"
    message = "The length of the username exceeds the upper limit."


class TooManyCommands(Forbidden):
    code = "CmdCount.ExceedQuota"
    message = "The total number of commands in the current region exceeds the quota of {most}."


class InvalidParameterName(Forbidden):
    code = "CmdParam.InvalidParamName"
    message = (
        "Invalid parameter name. The name can contain only lowercase letters (a to z), uppercase letters (A to Z), "
        "numbers (0 to 9), hyphens (-), and underscores (_)."
    )


class ParameterNameTooLong(Forbidden):
    code = "ParameterKey.ExceedLimit"
    message = "The maximum length of a parameter name is exceeded."


class TooManyParameters(Forbidden):
    code = "ParameterCount.ExceedLimit"
    message = "The maximum number of parameters is exceeded."


class ParametersDisabled(NotFound):
    code = "Parameter.Disabled"
    message = "Parameters cannot be passed in when the command customization function is disabled."


class ParametersNotMatched(Forbidden):
    code = "Parameter.NotMatched"
    message = "The passed-in parameters do not match the parameters defined when you created the command."


class MissingFrequency(Forbidden):
    code = "MissingParam.Frequency"
    message = "The frequency must be specified when you create a timed task."


class InvalidFrequency(Forbidden):
    code = "InvalidParam.Frequency"
    message = "The specified frequency is not valid, or never comes."


class InvalidRepeatMode(Forbidden):
    code = "RepeatMode.NotSupported"
    message = "The specified RepeatMode is not supported."


class InvalidFileName(Forbidden):
    code = "InvalidFileName.Malformed"
    message = "The specified file name is not valid."


class InvalidTargetDirectory(Forbidden):
    code = "InvalidTargetDir.Malformed"
    message = "The specified target directory is not valid."


class FileContentTooLong(Forbidden):
    code = "FileContent.ExceedLimit"
    message = "The content of the file exceeds the upper limit of {most} bytes."
