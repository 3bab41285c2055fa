"""Who is who, and how soon a change of identity is felt."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from openyun.access.directory import Credential, Directory
from openyun.access.identity import (
    AccessKey,
    Attachment,
    CustomPolicy,
    Membership,
    Role,
    User,
    touch,
)
from openyun.access.principal import Principal
from openyun.access.vault import Token
from openyun.accounts import new_account
from openyun.cloud import Cloud
from openyun.errors import (
    InvalidAccessKeyIdInactive,
    InvalidAccessKeyIdNotFound,
    InvalidSecurityTokenExpired,
    InvalidSecurityTokenMalformed,
    InvalidSecurityTokenMismatch,
    MissingSecurityToken,
)
from openyun.housekeeping import IdentityCopy
from openyun.state import Record, StateError, Transaction
from tests.unit.cloud import NOON, small_cloud


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    with small_cloud(tmp_path) as made:
        yield made


def put(cloud: Cloud, *records: Record) -> None:
    def work(state: Transaction) -> None:
        for record in records:
            state.put(record)
        touch(state)

    cloud.home.store.write(work)


def key_of(cloud: Cloud, user_name: str = "alice", **fields: Any) -> AccessKey:
    sealed = cloud.vault.seal("shh", "secret of LTAI5tAlice")
    return AccessKey(id="LTAI5tAlice", account_id="1", user_name=user_name, sealed_secret=sealed, **fields)


def look_up(cloud: Cloud, access_key_id: str, token: str = "") -> Credential:
    return cloud.identity("cn-hangzhou", lambda state: cloud.directory.credential(state, access_key_id, token, NOON))


ALICE = User(account_id="1", name="alice", id="2001")


def test_an_accounts_own_key_is_root(cloud: Cloud) -> None:
    made = new_account(cloud)
    found = look_up(cloud, made.access_key_id)
    assert found.secret == made.access_key_secret
    assert found.principal.arn == f"acs:ram::{made.account_id}:root"


def test_a_users_key_is_the_user_until_it_is_not(cloud: Cloud) -> None:
    put(cloud, ALICE, key_of(cloud))
    assert look_up(cloud, "LTAI5tAlice").principal.arn == "acs:ram::1:user/alice"
    put(cloud, key_of(cloud, status="Inactive"))
    with pytest.raises(InvalidAccessKeyIdInactive):
        look_up(cloud, "LTAI5tAlice")
    put(cloud, key_of(cloud))
    assert look_up(cloud, "LTAI5tAlice").secret == "shh"


@pytest.mark.parametrize(
    ("access_key_id", "problem"),
    [("LTAI5tNobody", InvalidAccessKeyIdNotFound), ("", InvalidAccessKeyIdNotFound), ("STS.N1", MissingSecurityToken)],
)
def test_nobodys_key(cloud: Cloud, access_key_id: str, problem: type[Exception]) -> None:
    with pytest.raises(problem):
        look_up(cloud, access_key_id)


def test_a_secret_that_another_vault_sealed_opens_nothing(cloud: Cloud) -> None:
    put(cloud, ALICE, AccessKey(id="LTAI5tX", account_id="1", user_name="alice", sealed_secret="AAAA"))
    with pytest.raises(InvalidAccessKeyIdNotFound):
        look_up(cloud, "LTAI5tX")


ROLE = Role(account_id="1", name="r", id="3001", trust_policy="")


def token(cloud: Cloud, **changes: Any) -> str:
    usual = {
        "access_key_id": "STS.N1",
        "secret": "temporary",
        "account_id": "1",
        "role_id": "3001",
        "role_name": "r",
        "session_name": "s",
        "expires_at": NOON.timestamp() + 1,
    }
    return cloud.vault.issue(Token(**{**usual, **changes}))


def test_a_token_is_its_role_while_the_role_lives(cloud: Cloud) -> None:
    put(cloud, ROLE)
    text = token(cloud)
    assert look_up(cloud, "STS.N1", text).principal.arn == "acs:ram::1:assumed-role/r/s"
    with pytest.raises(InvalidSecurityTokenMismatch):
        look_up(cloud, "STS.N2", text)
    with pytest.raises(InvalidSecurityTokenMalformed):
        look_up(cloud, "STS.N1", text + "A")
    with pytest.raises(InvalidSecurityTokenExpired):
        look_up(cloud, "STS.N1", token(cloud, expires_at=NOON.timestamp()))
    # A role of the same name that was made again is another.
    put(cloud, Role(account_id="1", name="r", id="3002", trust_policy=""))
    with pytest.raises(InvalidSecurityTokenExpired):
        look_up(cloud, "STS.N1", text)


def documents(cloud: Cloud, principal: Principal) -> list[str]:
    found = cloud.identity("cn-hangzhou", lambda state: cloud.directory.policies(state, principal))
    return sorted(one.document for one in found)


def allow(action: str) -> str:
    return f'{{"Version":"1","Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"*"}}]}}'


def attach(party: Any, name: str, policy_name: str, kind: Any = "Custom") -> Attachment:
    return Attachment(account_id="1", party=party, party_name=name, policy_type=kind, policy_name=policy_name)


def test_policies_come_from_user_and_groups_and_changes_are_felt_at_once(cloud: Cloud) -> None:
    alice = Principal(kind="user", account_id="1", id="2001", name="alice")
    put(cloud, ALICE, CustomPolicy(account_id="1", name="own", document=allow("ecs:*")), attach("user", "alice", "own"))
    assert documents(cloud, alice) == [allow("ecs:*")]
    put(
        cloud,
        Membership(account_id="1", user_name="alice", group_name="g"),
        CustomPolicy(account_id="1", name="group", document=allow("vpc:*")),
        attach("group", "g", "group"),
    )
    assert documents(cloud, alice) == [allow("ecs:*"), allow("vpc:*")]
    put(cloud, CustomPolicy(account_id="1", name="own", document=allow("oss:*")))
    assert documents(cloud, alice) == [allow("oss:*"), allow("vpc:*")]
    # A group, role or account of the same name is somebody else.
    assert documents(cloud, Principal(kind="role", account_id="1", name="alice")) == []
    assert documents(cloud, Principal(kind="user", account_id="2", name="alice")) == []


def test_what_is_known_is_not_read_again(cloud: Cloud) -> None:
    put(cloud, ALICE, key_of(cloud))
    look_up(cloud, "LTAI5tAlice")

    def without_a_touch(state: Transaction) -> None:
        state.delete(key_of(cloud))

    cloud.home.store.write(without_a_touch)
    assert look_up(cloud, "LTAI5tAlice").secret == "shh"
    fresh = Directory(cloud.vault)
    with pytest.raises(InvalidAccessKeyIdNotFound):
        cloud.home.store.read(lambda state: fresh.credential(state, "LTAI5tAlice", None, NOON))


def test_a_change_that_was_rolled_back_is_not_believed(cloud: Cloud) -> None:
    put(cloud, ALICE, key_of(cloud))

    def work(state: Transaction) -> None:
        state.delete(key_of(cloud))
        touch(state)
        with pytest.raises(InvalidAccessKeyIdNotFound):
            cloud.directory.credential(state, "LTAI5tAlice", None, NOON)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        cloud.home.store.write(work)
    assert look_up(cloud, "LTAI5tAlice").secret == "shh"


def test_a_region_that_is_cut_off_from_home_still_knows_who_is_who(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = cloud.region("me-east-1")
    put(cloud, ALICE, key_of(cloud), User(account_id="1", name="bob", id="2002"))
    IdentityCopy(cloud, far).survey()
    cloud.home.store.write(lambda state: (state.delete(User(account_id="1", name="bob", id="2002")), touch(state)))
    IdentityCopy(cloud, far).survey()
    assert far.store.read(lambda state: [one.name for one in state.find(User)]) == ["alice"]

    def gone(_: object) -> None:
        raise StateError("home is cut off")

    monkeypatch.setattr(cloud.home.store, "read", gone)
    found = cloud.identity("me-east-1", lambda state: cloud.directory.credential(state, "LTAI5tAlice", None, NOON))
    assert found.secret == "shh"
    IdentityCopy(cloud, far).survey()
    with pytest.raises(StateError):
        cloud.identity("cn-hangzhou", lambda state: None)
