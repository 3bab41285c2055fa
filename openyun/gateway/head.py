"""Heads of HTTP messages: a request's becomes text, an answer's becomes bytes."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from email.utils import formatdate
from http import HTTPStatus

import httptools

NO_LENGTH = -1
"""of a body whose length is told by its headers, or not at all"""

_STATUS = {one.value: f"HTTP/1.1 {one.value} {one.phrase}\r\n" for one in HTTPStatus}
_MOST_NAMES = 1000
_LONGEST_NAME = 64


class Malformed(Exception):
    """A head that is none; the text says why."""


def read_target(url: bytes) -> tuple[str, str]:
    """Path and query, as sent. Raises Malformed."""
    if not url.startswith(b"/"):
        try:
            parsed = httptools.parse_url(url)
        except httptools.HttpParserInvalidURLError:
            raise Malformed("The target of the request is invalid.") from None
        return (parsed.path or b"/").decode("latin-1"), (parsed.query or b"").decode("latin-1")
    path, _, query = url.decode("latin-1").partition("#")[0].partition("?")
    return path, query


_names: dict[bytes, str] = {}
"""names of headers as they are sent, and in lower case; there are not many, and they come again"""


def read_headers(sent: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Names in lower case; values of a repeated header joined by a comma. Raises Malformed."""
    headers: dict[str, str] = {}
    for raw, value in sent:
        name = _names.get(raw)
        if name is None:
            name = raw.lower().decode("latin-1")
            if len(_names) < _MOST_NAMES and len(raw) <= _LONGEST_NAME:
                _names[raw] = name
        try:
            text = value.decode()
        except UnicodeDecodeError:
            text = value.decode("latin-1")
        if name in headers:
            if name in ("host", "content-length"):
                raise Malformed(f"The request has several headers named {name}.")
            text = f"{headers[name]},{text}"
        headers[name] = text
    return headers


def render_head(
    status: int, headers: Mapping[str, str], length: int, *, keep_alive: bool, old: bool, chunked: bool
) -> bytes:
    """Raises Malformed for a header that would be several."""
    lines = [_STATUS.get(status) or f"HTTP/1.1 {status} Unknown\r\n", date_line().decode()]
    lines += [f"{name}: {value}\r\n" for name, value in headers.items()]
    if length != NO_LENGTH and "Content-Length" not in headers:
        lines.append(f"Content-Length: {length}\r\n")
    if chunked:
        lines.append("Transfer-Encoding: chunked\r\n")
    if not keep_alive:
        if "Connection" not in headers:
            lines.append("Connection: close\r\n")
    elif old:
        lines.append("Connection: keep-alive\r\n")
    text = "".join(lines)
    if text.count("\n") != len(lines) or text.count("\r") != len(lines) or "\0" in text:
        raise Malformed("an answer's header holds a line break")
    return (text + "\r\n").encode()


_date = (0, b"")


def date_line() -> bytes:
    """Made once a second."""
    global _date
    now = int(time.time())
    if _date[0] != now:
        _date = (now, f"Date: {formatdate(now, usegmt=True)}\r\n".encode())
    return _date[1]
