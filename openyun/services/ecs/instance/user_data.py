"""User data: what an instance runs at its first boot. It often holds passwords, so it is encrypted where it is kept."""

from __future__ import annotations

import base64
import binascii

from openyun.access.vault import Vault
from openyun.services.ecs import errors
from openyun.services.ecs.records import Instance, LaunchTemplateVersion

MOST = 32 * 1024
"""bytes before Base64"""
_PURPOSE = "user data"


def sealed(vault: Vault, text: str) -> str:
    """The Base64 text of a request, as it is kept. Raises UserDataNotBase64, UserDataTooLarge."""
    try:
        raw = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise errors.UserDataNotBase64 from None
    if len(raw) > MOST:
        raise errors.UserDataTooLarge(most=MOST)
    return vault.seal(base64.b64encode(raw).decode(), _PURPOSE) if raw else ""


def opened(vault: Vault, one: Instance | LaunchTemplateVersion) -> bytes:
    """What the customer gave; nothing if it was sealed by another vault."""
    if not one.sealed_user_data:
        return b""
    return base64.b64decode(vault.open(one.sealed_user_data, _PURPOSE) or "")
