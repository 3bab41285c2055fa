"""What the kernel tells of an interface in the caller's network namespace, without a process: rtnetlink."""

from __future__ import annotations

import socket
import struct

_GET_LINK, _NEW_LINK = 18, 16
_NAME, _ALIAS = 3, 20
_REQUEST = 1
_HEADER = struct.Struct("=IHHII")
_LINK = struct.Struct("=BBHiII")
_ATTRIBUTE = struct.Struct("=HH")
_LONGEST = 1 << 16


def alias_of(name: str) -> str:
    """The interface's alias; empty if it has none, or does not exist."""
    text = name.encode() + b"\0"
    attribute = _ATTRIBUTE.pack(_ATTRIBUTE.size + len(text), _NAME) + text
    attribute += b"\0" * (-len(attribute) % 4)
    body = _LINK.pack(socket.AF_UNSPEC, 0, 0, 0, 0, 0) + attribute
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as kernel:
        kernel.send(_HEADER.pack(_HEADER.size + len(body), _GET_LINK, _REQUEST, 1, 0) + body)
        answer = kernel.recv(_LONGEST)
    length, kind, *_ = _HEADER.unpack_from(answer)
    place = _HEADER.size + _LINK.size
    while kind == _NEW_LINK and place + _ATTRIBUTE.size <= length:
        size, what = _ATTRIBUTE.unpack_from(answer, place)
        if what == _ALIAS:
            return answer[place + _ATTRIBUTE.size : place + size].rstrip(b"\0").decode()
        place += max(size + 3 & ~3, _ATTRIBUTE.size)
    return ""
