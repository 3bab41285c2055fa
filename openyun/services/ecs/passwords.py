"""Login passwords: only their hashes are ever kept."""

from __future__ import annotations

import string

from openyun.services.ecs.errors import InvalidPassword

_SPECIAL = set("()`~!@#$%^&*-_+=|{}[]:;'\"<>,.?/\\")
_COST = 8
"""2^8 rounds of bcrypt: some 10 ms, for which one writer can wait"""


def hash_password(password: str) -> str:
    """For crypt(3). Raises InvalidPassword."""
    check_password(password)
    import bcrypt

    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(_COST)).decode()


def check_password(password: str) -> None:
    """8 to 30 characters of at least three kinds: capitals, small letters, digits, special characters."""
    characters = set(password)
    kinds = [set(string.ascii_uppercase), set(string.ascii_lowercase), set(string.digits), _SPECIAL]
    if (
        not 8 <= len(password) <= 30
        or characters - set().union(*kinds)
        or sum(bool(characters & kind) for kind in kinds) < 3
    ):
        raise InvalidPassword
