"""What MaxCompute answers when it refuses. The codes are those that PyODPS knows (`odps/errors.py`) and the vendor's
page of error codes; a code that names a class of PyODPS is raised as that."""

from __future__ import annotations

from openyun.errors import BadRequest, Conflict, Forbidden, NotFound, Unavailable


class NoPermission(Forbidden):
    code = "NoPermission"
    message = "ODPS-0420095: Access Denied - Authorization Failed, You have NO privilege '{action}' on {resource}."


class NoSuchProject(NotFound):
    code = "NoSuchProject"
    message = "ODPS-0420111: Project not found - '{project}'."


class NoSuchSchema(NotFound):
    code = "NoSuchObject"
    message = "ODPS-0422155: Schema not found - '{project}.{schema}'."


class NoSuchTable(NotFound):
    code = "NoSuchObject"
    message = "ODPS-0130131:Table not found - table {project}.{table} cannot be resolved."


class NoSuchPartition(NotFound):
    code = "NoSuchPartition"
    message = "The specified partition does not exist: {partition}."


class NoSuchInstance(NotFound):
    code = "NoSuchObject"
    message = "ODPS-0410042: Instance not found - '{instance}'."


class ObjectAlreadyExists(Conflict):
    code = "ObjectAlreadyExists"
    message = "{kind} '{name}' already exists."


class InvalidParameter(BadRequest):
    code = "InvalidParameter"
    message = "ODPS-0420061: Invalid parameter in HTTP request - {reason}"


class InvalidStateSetting(BadRequest):
    code = "InvalidStateSetting"
    message = "ODPS-0410065: The instance has ended, its status cannot be set."


class SchemaNotEmpty(Conflict):
    """Not InvalidParameter, by which PyODPS would take it that there are no schemas here at all."""

    code = "InvalidStateSetting"
    message = "ODPS-0420061: schema {schema} is not empty, or cannot be dropped."


class MethodNotAllowed(BadRequest):
    status = 405
    code = "MethodNotAllowed"
    message = "{method} {path} exists in MaxCompute or does not, but OpenYun does not implement it."


class MalformedXML(BadRequest):
    code = "InvalidParameter"
    message = "ODPS-0420061: Invalid parameter in HTTP request - the XML document cannot be parsed."


class UnsupportedTask(BadRequest):
    code = "InstanceTypeNotSupported"
    message = "OpenYun runs tasks of type SQL, not {type}."


class UnsupportedSchemaSyntax(BadRequest):
    code = "InvalidParameter"
    message = "ODPS-0420061: Invalid parameter in HTTP request - {reason}"


class NoSuchSession(NotFound):
    code = "InvalidUploadId"
    message = "The tunnel session {session} does not exist."


class SessionEnded(Conflict):
    code = "StatusConflict"
    message = "The tunnel session {session} is {status}."


class NoResult(BadRequest):
    code = "InvalidArgument"
    message = "Instance {instance} has no result that the tunnel could read."


class CorruptedUpload(BadRequest):
    code = "InvalidParameter"
    message = "The data cannot be read: {reason}"


class UnsupportedEncoding(BadRequest):
    code = "InvalidParameter"
    message = "The encoding {encoding} is not supported."


class SchemaModified(Conflict):
    code = "SchemaModified"
    message = "The table's schema has changed since the session began."


class EngineMissing(Unavailable):
    code = "ServiceUnavailable"
    message = "MaxCompute needs packages that are not installed here: pip install 'openyun[maxcompute]'."
