"""Names of instances and hosts, one by one or as a sequence: `web-[1,3]` gives web-001, web-002, web-003."""

from __future__ import annotations

import re

from openyun.services.ecs.errors import (
    InvalidDescription,
    InvalidHostName,
    InvalidInstanceName,
    InvalidNameSequence,
)

_SEQUENCE = re.compile(r"(.*?)\[([^\[\]]*)\](.*)", re.DOTALL)
_SECTION = re.compile(r"(?:(\d{0,6}),([1-6]?))?")
_INSTANCE_NAME = re.compile(r"[^\W\d_][\w:.,-]{1,127}")
_HOST_NAME = re.compile(r"[A-Za-z0-9]+([.-][A-Za-z0-9]+)*")


def instance_names(text: str, amount: int, *, unique_suffix: bool) -> list[str]:
    """Raises InvalidInstanceName, InvalidNameSequence."""
    return [check_instance_name(name) for name in _several(text, amount, unique_suffix=unique_suffix)]


def host_names(text: str, amount: int, *, unique_suffix: bool) -> list[str]:
    """`${instance_id}` is left for whoever knows the ids. Raises InvalidHostName, InvalidNameSequence."""
    return _several(text, amount, unique_suffix=unique_suffix)


def check_instance_name(name: str) -> str:
    if not _INSTANCE_NAME.fullmatch(name):
        raise InvalidInstanceName
    return name


def check_host_name(name: str) -> str:
    if not 2 <= len(name) <= 64 or not _HOST_NAME.fullmatch(name):
        raise InvalidHostName
    return name


def check_description(text: str) -> str:
    if text and (not 2 <= len(text) <= 256 or text.startswith(("http://", "https://"))):
        raise InvalidDescription
    return text


def _several(text: str, amount: int, *, unique_suffix: bool) -> list[str]:
    match = _SEQUENCE.fullmatch(text)
    if match is None:
        return [f"{text}{number:03d}" if unique_suffix else text for number in range(1, amount + 1)]
    head, section, tail = match.groups()
    parts = _SECTION.fullmatch(section)
    if parts is None:
        raise InvalidNameSequence
    begin = int(parts[1] or 0)
    width = max(int(parts[2] or 6), len(parts[1] or ""))
    # A suffix would stand right behind the counted number; the vendor adds it only where a text is between them.
    suffixed = unique_suffix and tail
    return [f"{head}{begin + at:0{width}d}{tail}{f'{at + 1:03d}' if suffixed else ''}" for at in range(amount)]
