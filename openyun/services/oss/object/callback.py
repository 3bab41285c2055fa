"""Callbacks: after an upload, OSS tells an application server, whose answer becomes the answer to the client.

What is asked for comes in base64 and JSON, in headers or in the URL. Here it is read, and the request to the
application server is made up; `openyun.services.oss.work.calling_back` sends it.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import ClassVar, Literal
from urllib.parse import quote

import msgspec

from openyun.errors import BadRequest, CloudError

_LONGEST = 5120
"""bytes of each of the two parameters, in base64"""
_MOST_URLS = 5
_PLACEHOLDER = re.compile(r"\$\{([^{}]{1,128})\}")


class InvalidCallback(BadRequest):
    code = "InvalidArgument"
    message = "{reason}"
    ec: ClassVar[str] = "0007-00000001"


class CallbackFailed(CloudError):
    """The object is stored all the same, and so the status is none of an error."""

    status = 203
    code = "CallbackFailed"
    message = "{reason}"
    ec: ClassVar[str] = "0007-00000203"


class Callback(msgspec.Struct, frozen=True, kw_only=True):
    """What one request asks for."""

    urls: tuple[str, ...]
    """tried in turn until one answers well"""
    host: str = ""
    body: str
    type: Literal["application/x-www-form-urlencoded", "application/json"] = "application/x-www-form-urlencoded"
    variables: dict[str, str] = {}
    """x:name and its value"""
    sni: bool = False


class _Given(msgspec.Struct):
    callbackUrl: str = ""
    callbackHost: str = ""
    callbackBody: str = ""
    callbackBodyType: str = ""
    callbackSNI: bool = False
    callbackPolicy: str = ""


def policy_of(callback: str) -> str:
    """The name of the bucket's callback policy that stands in the callback's place; empty if there is none."""
    return _read(callback).callbackPolicy


def read(callback: str, variables: str) -> Callback | None:
    """None where there is no address to call. Raises InvalidCallback."""
    given = _read(callback)
    urls = tuple(one.strip() for one in given.callbackUrl.split(";") if one.strip())
    if not urls:
        return None
    if len(urls) > _MOST_URLS:
        raise InvalidCallback(reason=f"callbackUrl has more than {_MOST_URLS} addresses.")
    if not given.callbackBody:
        raise InvalidCallback(reason="The callbackBody of callback is empty.")
    kind = given.callbackBodyType or "application/x-www-form-urlencoded"
    if kind not in ("application/x-www-form-urlencoded", "application/json"):
        raise InvalidCallback(reason="The callbackBodyType of callback is invalid.")
    return Callback(
        urls=tuple(one if "://" in one else f"http://{one}" for one in urls),
        host=given.callbackHost,
        body=given.callbackBody,
        type="application/json" if kind == "application/json" else "application/x-www-form-urlencoded",
        variables=_variables(variables),
        sni=given.callbackSNI,
    )


def _read(text: str) -> _Given:
    try:
        return msgspec.json.decode(_decode(text), type=_Given, strict=False)
    except (msgspec.ValidationError, msgspec.DecodeError):
        raise InvalidCallback(reason="The callback configuration is not json format.") from None


def _variables(text: str) -> dict[str, str]:
    if not text:
        return {}
    try:
        given = msgspec.json.decode(_decode(text), type=dict[str, str], strict=False)
    except (msgspec.ValidationError, msgspec.DecodeError):
        raise InvalidCallback(reason="The callback-var configuration is not json format.") from None
    # Others are of no use to anyone; the vendor's own samples send some.
    return {name: value for name, value in given.items() if name.startswith("x:") and name == name.lower()}


def _decode(text: str) -> bytes:
    if len(text) > _LONGEST:
        raise InvalidCallback(reason=f"A callback parameter is longer than {_LONGEST} bytes.")
    try:
        return base64.b64decode("".join(text.split()) + "=" * (-len(text) % 4), altchars=None, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidCallback(reason="The callback configuration is not base64 encoded.") from None


def body_of(callback: Callback, facts: dict[str, str | int]) -> bytes:
    """With every ${name} replaced: in a form percent-encoded, in JSON as a JSON value. Unknown names become nothing."""
    values: dict[str, str | int] = {**facts, **callback.variables}
    is_json = callback.type == "application/json"

    def replaced(found: re.Match[str]) -> str:
        value = values.get(found[1], "")
        return json.dumps(value, ensure_ascii=False) if is_json else quote(str(value), safe="")

    return _PLACEHOLDER.sub(replaced, callback.body).encode()
