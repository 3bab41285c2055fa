"""Makes AccessKey pairs and the numbers of identities. They look as the vendor's do: tools tell keys by their shape."""

from __future__ import annotations

import secrets
import string

_LETTERS = string.ascii_letters + string.digits


def _random(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def new_access_key_id() -> str:
    """24 characters that begin with LTAI5t."""
    return "LTAI5t" + _random(18)


def new_secret() -> str:
    """30 letters and digits: 178 bits."""
    return _random(30)


def new_temporary_access_key_id() -> str:
    return "STS.N" + _random(24)


def new_temporary_secret() -> str:
    return _random(44)


def new_user_id() -> str:
    """18 digits that begin with 2; roles' begin with 3, as the vendor's do."""
    return f"2{secrets.randbelow(10**17):017d}"


def new_role_id() -> str:
    return f"3{secrets.randbelow(10**17):017d}"


def new_group_id() -> str:
    return f"g-{_random(16)}"
