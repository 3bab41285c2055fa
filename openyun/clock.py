"""Time and chance. Operations never ask the system for either; they get both from their call."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Protocol

_ALPHABET = b"0123456789abcdefghijklmnopqrstuvwxyz"
_LETTERS = (_ALPHABET * 8)[:256]
_BEYOND = bytes(range(256 - 256 % len(_ALPHABET), 256))


class Clock(Protocol):
    def now(self) -> datetime: ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class FixedClock:
    """A clock that a test, or a traveller in time, sets."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


def random_text(length: int) -> str:
    """Lower-case letters and digits."""
    text = b""
    while len(text) < length:  # bytes that would make some characters likelier than others are dropped
        text += os.urandom(length + length // 8 + 4).translate(_LETTERS, _BEYOND)
    return text[:length].decode()


def new_request_id() -> str:
    """An upper-case UUID version 4, as the vendor's RequestId."""
    raw = bytearray(os.urandom(16))
    raw[6] = raw[6] & 0x0F | 0x40
    raw[8] = raw[8] & 0x3F | 0x80
    text = raw.hex().upper()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def iso_seconds(at: datetime) -> str:
    """2026-01-02T03:04:05Z: RAM, VPC, STS and most products."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def iso_minutes(at: datetime) -> str:
    """2026-01-02T03:04Z: ECS."""
    return at.strftime("%Y-%m-%dT%H:%MZ")
