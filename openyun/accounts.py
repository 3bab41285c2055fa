"""Accounts: the first one, whose keys the operator's own tools use, and more on demand."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import msgspec

from openyun.access.credentials import new_access_key_id, new_secret
from openyun.access.identity import AccessKey, Account, touch
from openyun.clock import iso_seconds
from openyun.cloud import Cloud
from openyun.state import Transaction


class Credentials(msgspec.Struct, kw_only=True):
    """An AccessKey pair of an account itself."""

    account_id: str
    access_key_id: str
    access_key_secret: str


def read_credentials(data: Path) -> Credentials | None:
    """Those of the first account; None before the first start."""
    path = data / "credentials.json"
    return msgspec.json.decode(path.read_bytes(), type=Credentials) if path.exists() else None


def first_account(cloud: Cloud) -> Credentials:
    """Made at the first start. The file is written first: an account whose keys nobody knows would be lost."""
    found = read_credentials(cloud.config.data)
    if found is None:
        found = _new_credentials(cloud.config.account_id)
        write_private(cloud.config.data / "credentials.json", msgspec.json.encode(found))
    _enter(cloud, found)
    return found


def new_account(cloud: Cloud) -> Credentials:
    made = _new_credentials("".join(secrets.choice("123456789") for _ in range(16)))
    _enter(cloud, made)
    return made


def operator_token(data: Path) -> str:
    """What proves to be the operator; made at the first start."""
    path = data / "operator.token"
    if not path.exists():
        write_private(path, secrets.token_urlsafe(32).encode())
    return path.read_text()


def _new_credentials(account_id: str) -> Credentials:
    return Credentials(account_id=account_id, access_key_id=new_access_key_id(), access_key_secret=new_secret())


def _enter(cloud: Cloud, made: Credentials) -> None:
    def work(state: Transaction) -> None:
        if state.get(AccessKey, made.access_key_id):
            return
        now = iso_seconds(cloud.clock.now())
        state.put(Account(id=made.account_id, created_at=now))
        sealed = cloud.vault.seal(made.access_key_secret, f"secret of {made.access_key_id}")
        state.put(
            AccessKey(
                id=made.access_key_id,
                account_id=made.account_id,
                user_name="",
                sealed_secret=sealed,
                created_at=now,
            )
        )
        touch(state)

    cloud.home.store.write(work)


def write_private(path: Path, content: bytes) -> None:
    """Durably, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
