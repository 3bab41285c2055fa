"""What the kernel tells of an interface in the caller's network namespace, without a process: rtnetlink."""

from __future__ import annotations

import os
import socket
import struct

_ERROR, _NEW_LINK, _GET_LINK, _SET_LINK = 2, 16, 18, 19
_NAME, _ALIAS = 3, 20
_REQUEST, _ACKNOWLEDGE = 1, 4
_HEADER = struct.Struct("=IHHII")
_LINK = struct.Struct("=BBHiII")
_ATTRIBUTE = struct.Struct("=HH")
_NUMBER = struct.Struct("=i")
_LONGEST = 1 << 16


def alias_of(name: str) -> str:
    """The interface's alias; empty if it has none, or does not exist."""
    answer = _ask(_GET_LINK, _REQUEST, {_NAME: name.encode() + b"\0"})
    length, kind, *_ = _HEADER.unpack_from(answer)
    place = _HEADER.size + _LINK.size
    while kind == _NEW_LINK and place + _ATTRIBUTE.size <= length:
        size, what = _ATTRIBUTE.unpack_from(answer, place)
        if what == _ALIAS:
            return answer[place + _ATTRIBUTE.size : place + size].rstrip(b"\0").decode()
        place += max(size + 3 & ~3, _ATTRIBUTE.size)
    return ""


def set_alias(name: str, alias: str) -> None:
    """Raises OSError, among others if there is no such interface."""
    answer = _ask(_SET_LINK, _REQUEST | _ACKNOWLEDGE, {_NAME: name.encode() + b"\0", _ALIAS: alias.encode()})
    _, kind, *_ = _HEADER.unpack_from(answer)
    number = -_NUMBER.unpack_from(answer, _HEADER.size)[0] if kind == _ERROR else 0
    if number:
        raise OSError(number, os.strerror(number), name)


def _ask(what: int, flags: int, attributes: dict[int, bytes]) -> bytes:
    body = _LINK.pack(socket.AF_UNSPEC, 0, 0, 0, 0, 0)
    for kind, value in attributes.items():
        attribute = _ATTRIBUTE.pack(_ATTRIBUTE.size + len(value), kind) + value
        body += attribute + b"\0" * (-len(attribute) % 4)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as kernel:
        kernel.send(_HEADER.pack(_HEADER.size + len(body), what, flags, 1, 0) + body)
        return kernel.recv(_LONGEST)
