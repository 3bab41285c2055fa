"""Exactly once: answers kept for ClientTokens, nonces that may not come again, and dry runs that leave no trace.

All of it is written in the transaction of the call itself, so neither a crash nor a second server can come between.
"""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

import msgspec

from openyun.errors import DryRunOperation, IdempotentParameterMismatch, InvalidClientToken, SignatureNonceUsed
from openyun.operation import Call, Operation, Request, Response
from openyun.state import Indexes, Record

SKEW = timedelta(minutes=15)
"""how far a client's clock may be off"""
TOKEN_LIFE = timedelta(hours=24)
"""how long the answer to a ClientToken is kept"""


class TokenAnswer(Record, kw_only=True):
    """What a call with a ClientToken was answered."""

    TABLE: ClassVar[str] = "client_token"
    KEY: ClassVar[tuple[str, ...]] = ("account_id", "operation", "token")
    INDEXES: ClassVar[Indexes] = (("expires_at",),)

    account_id: str
    operation: str
    token: str
    fingerprint: str
    """of the request, by the vault"""
    answer: msgspec.Raw
    expires_at: int
    """seconds since the epoch"""


class UsedNonce(Record, kw_only=True):
    """A signature nonce of a call that changed something: such a call can not be replayed, even after a restart."""

    TABLE: ClassVar[str] = "signature_nonce"
    KEY: ClassVar[tuple[str, ...]] = ("access_key_id", "nonce")
    INDEXES: ClassVar[Indexes] = (("expires_at",),)

    access_key_id: str
    nonce: str
    expires_at: int
    """seconds since the epoch"""


def use_nonce(call: Call, nonce: str) -> None:
    """Raises SignatureNonceUsed the second time."""
    access_key_id = call.principal.access_key_id
    if call.state.get(UsedNonce, access_key_id, nonce):
        raise SignatureNonceUsed
    expires_at = int((call.now + 2 * SKEW).timestamp())
    call.state.insert(UsedNonce(access_key_id=access_key_id, nonce=nonce, expires_at=expires_at))


def run(call: Call, operation: Operation, ask: Request) -> Response:
    """The operation's answer; in a dry run DryRunOperation, and so no effect."""
    answer = operation.function(call, ask)
    if getattr(ask, "dry_run", None):
        raise DryRunOperation
    return answer


def run_once(call: Call, operation: Operation, ask: Request) -> Response:
    """The operation's answer; the same answer again for the same ClientToken; an error and no effect in a dry run."""
    token: str = getattr(ask, "client_token", None) or ""
    if not token:
        return run(call, operation, ask)
    if len(token) > 64 or not token.isascii():
        raise InvalidClientToken
    fingerprint = call.cloud.vault.fingerprint(msgspec.json.encode(ask))
    earlier = call.state.get(TokenAnswer, call.account_id, operation.action, token)
    if earlier and earlier.expires_at > call.now.timestamp():
        if earlier.fingerprint != fingerprint:
            raise IdempotentParameterMismatch
        return msgspec.json.decode(earlier.answer, type=operation.response)
    answer = run(call, operation, ask)
    call.state.put(
        TokenAnswer(
            account_id=call.account_id,
            operation=operation.action,
            token=token,
            fingerprint=fingerprint,
            answer=msgspec.Raw(msgspec.json.encode(answer)),
            expires_at=int((call.now + TOKEN_LIFE).timestamp()),
        )
    )
    return answer
