"""The one Protocol Buffers message of the log service, read and written by hand.

LogGroup: Logs = 1, Topic = 3, Source = 4, LogTags = 6     Log: Time = 1, Contents = 2, Time_ns = 4 (fixed32)
Content and LogTag: Key = 1, Value = 2                     LogGroupList: LogGroups = 1
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


class Malformed(ValueError):
    """The bytes are no such message."""


class Log(msgspec.Struct):
    time: int = 0
    """seconds since the epoch"""
    time_ns: int | None = None
    """the part of a second"""
    contents: list[tuple[str, str]] = []


class LogGroup(msgspec.Struct):
    logs: list[Log] = []
    topic: str = ""
    source: str = ""
    tags: list[tuple[str, str]] = []


def decode(data: bytes) -> LogGroup:
    """Raises Malformed."""
    group = LogGroup()
    for number, value in _fields(data):
        if number == 1:
            group.logs.append(_log(_octets(value)))
        elif number == 3:
            group.topic = _text(value)
        elif number == 4:
            group.source = _text(value)
        elif number == 6:
            group.tags.append(_pair(_octets(value)))
    return group


def encode(group: LogGroup) -> bytes:
    parts = [_length(1, _encoded(log)) for log in group.logs]
    parts += [_length(3, group.topic.encode()), _length(4, group.source.encode())]
    return b"".join(parts) + tags(group.tags)


def listed(groups: Iterable[bytes]) -> bytes:
    """A LogGroupList."""
    return b"".join(_length(1, group) for group in groups)


def tags(pairs: Iterable[tuple[str, str]]) -> bytes:
    """What makes more tags of a LogGroup, put behind it."""
    return b"".join(_length(6, _encoded_pair(pair)) for pair in pairs)


def _log(data: bytes) -> Log:
    log = Log()
    for number, value in _fields(data):
        if number == 1:
            log.time = _number(value)
        elif number == 2:
            log.contents.append(_pair(_octets(value)))
        elif number == 4:
            log.time_ns = _number(value)
    return log


def _pair(data: bytes) -> tuple[str, str]:
    key = value = ""
    for number, found in _fields(data):
        if number == 1:
            key = _text(found)
        elif number == 2:
            value = _text(found)
    return key, value


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    place, end = 0, len(data)
    while place < end:
        tag, place = _varint(data, place)
        kind = tag & 7
        if kind == _VARINT:
            number, place = _varint(data, place)
            yield tag >> 3, number
            continue
        if kind == _BYTES:
            size, place = _varint(data, place)
        elif kind in (_FIXED32, _FIXED64):
            size = 4 if kind == _FIXED32 else 8
        else:
            raise Malformed(f"wire type {kind}")
        if place + size > end:
            raise Malformed("it ends early")
        piece = data[place : place + size]
        place += size
        yield tag >> 3, piece if kind == _BYTES else int.from_bytes(piece, "little")


def _varint(data: bytes, place: int) -> tuple[int, int]:
    result = shift = 0
    while True:
        if place >= len(data) or shift > 63:
            raise Malformed("a number ends early")
        byte = data[place]
        place += 1
        result |= (byte & 0x7F) << shift
        if byte < 0x80:
            return result, place
        shift += 7


def _octets(value: int | bytes) -> bytes:
    if isinstance(value, int):
        raise Malformed("a number where bytes belong")
    return value


def _text(value: int | bytes) -> str:
    return _octets(value).decode(errors="replace")


def _number(value: int | bytes) -> int:
    if isinstance(value, bytes):
        raise Malformed("bytes where a number belongs")
    return value


def _encoded(log: Log) -> bytes:
    parts = [b"\x08" + _number_of(log.time), *(_length(2, _encoded_pair(pair)) for pair in log.contents)]
    if log.time_ns is not None:
        parts.append(b"\x25" + log.time_ns.to_bytes(4, "little"))
    return b"".join(parts)


def _encoded_pair(pair: tuple[str, str]) -> bytes:
    return _length(1, pair[0].encode()) + _length(2, pair[1].encode())


def _length(number: int, data: bytes) -> bytes:
    return bytes([number << 3 | _BYTES]) + _number_of(len(data)) + data


def _number_of(value: int) -> bytes:
    parts = bytearray()
    while value >= 0x80:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    parts.append(value)
    return bytes(parts)
