"""What a Cloud Assistant command really runs: its content with parameters filled in, and by which interpreter."""

from __future__ import annotations

import base64
import binascii
import re
import shlex

from openyun.errors import InvalidParameter
from openyun.services.ecs.command.errors import (
    CommandContentNotBase64,
    CommandContentTooLong,
    InvalidParameterName,
    ParameterNameTooLong,
    ParametersDisabled,
    ParametersNotMatched,
    TooManyParameters,
)
from openyun.services.ecs.errors import NotOffered

MOST_CONTENT = 18 * 1024
"""bytes: 24 KiB of Base64"""
MOST_PARAMETERS = 20
LONGEST_PARAMETER_NAME = 64
_PLACE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_BUILT_IN = "acs::"
_SCRIPT = re.compile(r"\{\{\s*ACS::ScriptFileName[^{}]*\}\}", re.IGNORECASE)


def decode(content: str, encoding: str) -> bytes:
    """Raises CommandContentNotBase64, CommandContentTooLong. An encoding that is not known is PlainText."""
    raw = content.encode()
    if encoding.lower() == "base64":
        try:
            raw = base64.b64decode("".join(content.split()), validate=True)
        except (binascii.Error, ValueError):
            raise CommandContentNotBase64 from None
    if len(raw) > MOST_CONTENT:
        raise CommandContentTooLong
    return raw


def encoded(raw: bytes, encoding: str) -> str:
    """For an answer: plain only if asked so."""
    return raw.decode(errors="replace") if encoding.lower() == "plaintext" else base64.b64encode(raw).decode()


def parameter_names(content: bytes) -> list[str]:
    """The customer's parameters in the order of their appearance.

    Raises InvalidParameterName, ParameterNameTooLong, TooManyParameters."""
    found: dict[str, None] = {}
    for name in _PLACE.findall(content.decode(errors="replace")):
        if name.lower().startswith(_BUILT_IN):
            continue
        if not _NAME.fullmatch(name):
            raise InvalidParameterName
        if len(name) > LONGEST_PARAMETER_NAME:
            raise ParameterNameTooLong
        found[name] = None
    if len(found) > MOST_PARAMETERS:
        raise TooManyParameters
    return list(found)


def check_parameters(content: bytes, given: dict[str, str], *, enabled: bool) -> None:
    """Raises ParametersDisabled, ParametersNotMatched, CommandContentTooLong."""
    if given and not enabled:
        raise ParametersDisabled
    if not enabled:
        return
    known = {name.lower() for name in parameter_names(content)}
    if any(name.lower() not in known for name in given):
        raise ParametersNotMatched
    if len(content) + sum(len(value.encode()) for value in given.values()) > MOST_CONTENT:
        raise CommandContentTooLong


def filled(content: bytes, values: dict[str, str]) -> bytes:
    """With every {{name}} replaced; names' case is no matter, and a name without value leaves nothing."""
    by_name = {name.lower(): value for name, value in values.items()}
    text = content.decode(errors="surrogateescape")
    return _PLACE.sub(lambda place: by_name.get(place[1].lower(), ""), text).encode(errors="surrogateescape")


def interpreter(content: bytes, launcher: str) -> tuple[str, ...]:
    """The launcher, else what the script's first line names, else the shell. The script's path is appended to it.

    Raises NotOffered for a launcher that wants the script elsewhere than at its end, InvalidParameter for a broken
    one."""
    if launcher:
        try:
            words = shlex.split(_SCRIPT.sub("{}", launcher))
        except ValueError:  # a quotation that does not end
            raise InvalidParameter(parameter="Launcher") from None
        if words[-1:] == ["{}"]:
            words.pop()
        if not words or any("{}" in word for word in words):
            raise NotOffered(parameter="Launcher whose last word is not {{ACS::ScriptFileName}}")
        return tuple(words)
    first, _, _ = content.partition(b"\n")
    if first.startswith(b"#!"):
        path, _, argument = first[2:].decode(errors="replace").strip().partition(" ")
        return (path, argument.strip()) if argument.strip() else (path,)
    return ("/bin/sh",)
