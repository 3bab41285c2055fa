"""Keeps what must be read back, such as AccessKey secrets, encrypted at rest; and issues self-contained STS tokens.

The key is a file of 32 random bytes in the data directory, readable by its owner only. Every gateway of a cloud has
the same key, so a token issued by one is understood by all, even by a region that is cut off from home.
"""

from __future__ import annotations

import base64
import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12


class Token(msgspec.Struct, frozen=True, array_like=True):
    """What an STS token says. It is sealed, so nobody but this cloud can read or change it."""

    access_key_id: str
    secret: str
    account_id: str
    role_id: str
    role_name: str
    session_name: str
    expires_at: float
    policy: str = ""


class Vault:
    def __init__(self, path: Path) -> None:
        key = _key_in(path)
        self._cipher = AESGCM(key)
        self._fingerprint_key = hmac.digest(key, b"fingerprint", "sha256")

    def seal(self, text: str, purpose: str) -> str:
        """Encrypted text, bound to its purpose: a sealed secret can not be passed off as a token."""
        nonce = secrets.token_bytes(_NONCE)
        sealed = self._cipher.encrypt(nonce, text.encode(), purpose.encode())
        return base64.b64encode(nonce + sealed).decode()

    def open(self, sealed: str, purpose: str) -> str | None:
        """None if it was not sealed by this vault for this purpose."""
        try:
            raw = base64.b64decode(sealed, validate=True)
            if base64.b64encode(raw) != sealed.encode():
                return None  # the last character has bits to spare, which would make one text of several
            return self._cipher.decrypt(raw[:_NONCE], raw[_NONCE:], purpose.encode()).decode()
        except (ValueError, InvalidTag):
            return None

    def fingerprint(self, content: bytes) -> str:
        """Tells contents apart. It is keyed, so who reads it can not try out which password a request held."""
        return hmac.digest(self._fingerprint_key, content, "sha256").hex()

    def issue(self, token: Token) -> str:
        return "CAIS" + self.seal(msgspec.json.encode(token).decode(), "security token")

    def read(self, text: str) -> Token | None:
        """None if this vault did not issue it."""
        if not text.startswith("CAIS"):
            return None
        opened = self.open(text[4:], "security token")
        return msgspec.json.decode(opened, type=Token) if opened else None


def _key_in(path: Path) -> bytes:
    with suppress(FileNotFoundError):
        return path.read_bytes()
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(secrets.token_bytes(32))
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(draft, path)  # of two that start together, the first one's key stays
    draft.unlink()
    return path.read_bytes()
