"""Which headers and query parameters of a request a bucket's log tells, beside what it always tells."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping

import msgspec

from openyun.errors import NotFound
from openyun.operation import Call, Model
from openyun.services.oss.bucket.configuration import DocumentRequest, Kind
from openyun.services.oss.errors import InvalidArgument
from openyun.services.oss.service import OssRequest, OssResponse, oss

_MOST = 6
_LONGEST = 1024
"""bytes of names and values together"""
_HEADER = re.compile(r"[!-9;-^`-~]+")
"""printable ASCII but for the colon and the underscore"""


class NoSuchUserDefinedLogFieldsConfig(NotFound):
    code = "NoSuchUserDefinedLogFieldsConfig"
    message = "The bucket has no user-defined log fields."


class HeaderSet(Model, kw_only=True):
    header: list[str] = msgspec.field(name="header", default_factory=list)


class ParamSet(Model, kw_only=True):
    parameter: list[str] = msgspec.field(name="parameter", default_factory=list)


class LogFields(Model, kw_only=True):
    header_set: HeaderSet | None = None
    param_set: ParamSet | None = None

    @property
    def headers(self) -> list[str]:
        return self.header_set.header if self.header_set else []

    @property
    def parameters(self) -> list[str]:
        return self.param_set.parameter if self.param_set else []


LOG_FIELDS = Kind("log-fields", "UserDefinedLogFieldsConfiguration", LogFields, NoSuchUserDefinedLogFieldsConfig)


class PutUserDefinedLogFieldsConfigRequest(DocumentRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def put_user_defined_log_fields_config(call: Call, ask: PutUserDefinedLogFieldsConfigRequest) -> OssResponse:
    wanted = LOG_FIELDS.read(ask.document)
    for name in wanted.headers:
        if not _HEADER.fullmatch(name):
            raise InvalidArgument(reason="A header's name is invalid.", ArgumentName="header", ArgumentValue=name)
    count = len(wanted.headers) + len(wanted.parameters)
    if not 1 <= count <= _MOST or not all(wanted.parameters):
        raise InvalidArgument(
            reason=f"There must be one to {_MOST} headers and parameters.",
            ArgumentName="UserDefinedLogFieldsConfiguration",
            ArgumentValue=str(count),
        )
    LOG_FIELDS.put(call, ask.bucket, wanted)
    return OssResponse()


class GetUserDefinedLogFieldsConfigRequest(OssRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def get_user_defined_log_fields_config(call: Call, ask: GetUserDefinedLogFieldsConfigRequest) -> OssResponse:
    return LOG_FIELDS.answer(LOG_FIELDS.find(call, ask.bucket))


class DeleteUserDefinedLogFieldsConfigRequest(OssRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def delete_user_defined_log_fields_config(call: Call, ask: DeleteUserDefinedLogFieldsConfigRequest) -> OssResponse:
    LOG_FIELDS.delete(call, ask.bucket)
    return OssResponse(status=204)


def told(fields: LogFields, headers: Mapping[str, str], query: Iterable[tuple[str, str]]) -> str:
    """What a line of the log says of a request: JSON in base64, with the vendor's names."""
    given = dict(query)
    left, truncated = _LONGEST, False
    found: dict[str, dict[str, str]] = {"headers": {}, "querys": {}}
    asked = [("headers", name, headers.get(name.lower())) for name in fields.headers]
    asked += [("querys", name, given.get(name)) for name in fields.parameters]
    for kind, name, value in asked:
        if value is None:
            continue
        room = max(left - len(name), 0)
        kept = value.encode()[:room].decode(errors="ignore")
        truncated |= kept != value
        left -= len(name) + len(kept.encode())
        if left >= 0:
            found[kind][name] = kept
    return base64.b64encode(msgspec.json.encode({"truncated": truncated, **found})).decode()
