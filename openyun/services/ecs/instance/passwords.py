"""Login passwords: only their hashes are ever kept."""

from __future__ import annotations

import string
from typing import Protocol

from openyun.services.ecs.errors import InvalidPassword

_SPECIAL = set("()`~!@#$%^&*-_+=|{}[]:;'\"<>,.?/\\")
_COST = 10
"""2^10 rounds of bcrypt: some 60 ms"""


class Asking(Protocol):
    password: str | None


def hashed(ask: Asking) -> str:
    """The `before` of operations that take a password: its hash for crypt(3), empty if there is none.

    Raises InvalidPassword."""
    if not ask.password:
        return ""
    _check(ask.password)
    import bcrypt

    return bcrypt.hashpw(ask.password.encode(), bcrypt.gensalt(_COST)).decode()


def _check(password: str) -> None:
    """8 to 30 characters of at least three kinds: capitals, small letters, digits, special characters."""
    characters = set(password)
    kinds = [set(string.ascii_uppercase), set(string.ascii_lowercase), set(string.digits), _SPECIAL]
    if (
        not 8 <= len(password) <= 30
        or characters - set().union(*kinds)
        or sum(bool(characters & kind) for kind in kinds) < 3
    ):
        raise InvalidPassword
