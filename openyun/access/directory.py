"""Looks up who holds an AccessKey pair or token, and which policies bind them.

What it finds is kept in memory until the edition of identity changes, so a request costs one point look-up.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec

from openyun.access.control_policies import documents as control_documents
from openyun.access.identity import (
    AccessKey,
    Attachment,
    CustomPolicy,
    Membership,
    Role,
    ScopedAttachment,
    User,
    edition,
)
from openyun.access.policy import Bounds, Policy, parse, within
from openyun.access.principal import Principal
from openyun.access.system_policies import SYSTEM_POLICIES
from openyun.access.vault import Vault
from openyun.errors import (
    InvalidAccessKeyIdInactive,
    InvalidAccessKeyIdNotFound,
    InvalidSecurityTokenExpired,
    InvalidSecurityTokenMalformed,
    InvalidSecurityTokenMismatch,
    MissingSecurityToken,
)
from openyun.state import Transaction


class Credential(msgspec.Struct, frozen=True):
    """A caller and the secret that proves it."""

    principal: Principal
    secret: str


class _Known:
    """What was found at one edition."""

    def __init__(self, number: int) -> None:
        self.edition = number
        self.keys: dict[str, Credential] = {}
        self.policies: dict[tuple[str, str, str], tuple[Policy, ...]] = {}
        self.bounds: dict[str, Bounds] = {}


class Directory:
    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._known = _Known(-1)

    def credential(self, state: Transaction, access_key_id: str, token: str | None, now: datetime) -> Credential:
        """Who this AccessKey pair is; raises the vendor's error if it is nobody's or disabled."""
        if token:
            return self._temporary(state, access_key_id, token, now)
        known = self._at(state)
        found = known.keys.get(access_key_id)
        if found is None:
            found = known.keys[access_key_id] = self._permanent(state, access_key_id)
        return found

    def policies(self, state: Transaction, principal: Principal) -> tuple[Policy, ...]:
        """All policies that bind a RAM user (also through groups) or a role."""
        known = self._at(state)
        key = (principal.account_id, principal.kind, principal.name)
        found = known.policies.get(key)
        if found is None:
            found = known.policies[key] = tuple(_policies(state, *key))
        return found

    def bounds(self, state: Transaction, account_id: str) -> Bounds:
        """The control policies that bind the identities of an account; none if it is no member of a directory."""
        known = self._at(state)
        found = known.bounds.get(account_id)
        if found is None:
            found = known.bounds[account_id] = tuple(
                tuple(parse(document) for document in level) for level in control_documents(state, account_id)
            )
        return found

    def _at(self, state: Transaction) -> _Known:
        number = edition(state)
        known = self._known
        if known.edition != number:
            known = self._known = _Known(number)
        return known

    def _permanent(self, state: Transaction, access_key_id: str) -> Credential:
        key = state.get(AccessKey, access_key_id)
        if key is None:
            if access_key_id.startswith("STS."):
                raise MissingSecurityToken
            raise InvalidAccessKeyIdNotFound
        if key.status != "Active":
            raise InvalidAccessKeyIdInactive
        secret = self._vault.open(key.sealed_secret, f"secret of {key.id}")
        if secret is None:
            raise InvalidAccessKeyIdNotFound
        if not key.user_name:
            principal = Principal(
                kind="root", account_id=key.account_id, id=key.account_id, name="root", access_key_id=key.id
            )
            return Credential(principal, secret)
        user = state.get(User, key.account_id, key.user_name)
        if user is None:
            raise InvalidAccessKeyIdNotFound
        principal = Principal(kind="user", account_id=key.account_id, id=user.id, name=user.name, access_key_id=key.id)
        return Credential(principal, secret)

    def _temporary(self, state: Transaction, access_key_id: str, text: str, now: datetime) -> Credential:
        token = self._vault.read(text)
        if token is None:
            raise InvalidSecurityTokenMalformed
        if token.access_key_id != access_key_id:
            raise InvalidSecurityTokenMismatch
        if now.timestamp() >= token.expires_at:
            raise InvalidSecurityTokenExpired
        role = state.get(Role, token.account_id, token.role_name)
        if role is None or role.id != token.role_id:
            raise InvalidSecurityTokenExpired
        principal = Principal(
            kind="role",
            account_id=token.account_id,
            id=token.role_id,
            name=token.role_name,
            session_name=token.session_name,
            access_key_id=access_key_id,
            session_policy=token.policy,
        )
        return Credential(principal, token.secret)


def _policies(state: Transaction, account_id: str, kind: str, name: str) -> Iterator[Policy]:
    parties = [(kind, [name])]
    if kind == "user":
        groups = [one.group_name for one in state.find(Membership, account_id=account_id, user_name=name)]
        parties.append(("group", groups))
    for party, names in parties:
        for one in state.find(Attachment, account_id=account_id, party=party, party_name=names):
            yield from _parsed(state, one)
        for scoped in state.find(ScopedAttachment, account_id=account_id, party=party, party_name=names):
            for policy in _parsed(state, scoped):
                yield within(policy, scoped.resource_group_id)


def _parsed(state: Transaction, one: Attachment | ScopedAttachment) -> Iterator[Policy]:
    """None, if the policy is gone."""
    if one.policy_type == "System":
        yield parse(SYSTEM_POLICIES[one.policy_name].document)
    elif policy := state.get(CustomPolicy, one.account_id, one.policy_name):
        yield parse(policy.document)
