"""STS through its official SDK (alibabacloud_sts20150401): temporary credentials, and who a caller is."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from alibabacloud_ram20150501 import models as of_ram
from alibabacloud_ram20150501.client import Client as Ram
from alibabacloud_sts20150401 import models as of_sts
from alibabacloud_sts20150401.client import Client as Sts

from tests.conformance.conftest import Cloud, refused


class Caller:
    """Whoever holds an AccessKey pair, with a security token or without."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.ram = Ram(cloud.config())
        self.sts = Sts(cloud.config())

    def assume(self, role_arn: str, session: str = "tests", **more: Any) -> of_sts.AssumeRoleResponseBody:
        request = of_sts.AssumeRoleRequest(role_arn=role_arn, role_session_name=session, **more)
        return self.sts.assume_role(request).body

    def become(self, role_arn: str, session: str = "tests", **more: Any) -> Caller:
        given = self.assume(role_arn, session, **more).credentials
        return Caller(self.cloud.with_key(given.access_key_id, given.access_key_secret, given.security_token))

    def list_users(self) -> list[str]:
        found = self.ram.list_users(of_ram.ListUsersRequest(max_items=1000)).body.users.user
        return [one.user_name for one in found]


class Account:
    """The key of an account itself, which makes users and roles for a test."""

    def __init__(self, cloud: Cloud) -> None:
        self.id = cloud.account_id
        self.caller = Caller(cloud)
        self.ram = self.caller.ram

    def user(self, *policies: str, name: str = "") -> Caller:
        name = name or new_name()
        self.ram.create_user(of_ram.CreateUserRequest(user_name=name))
        for policy in policies:
            self.ram.attach_policy_to_user(
                of_ram.AttachPolicyToUserRequest(policy_type="System", policy_name=policy, user_name=name)
            )
        key = self.ram.create_access_key(of_ram.CreateAccessKeyRequest(user_name=name)).body.access_key
        return Caller(self.caller.cloud.with_key(key.access_key_id, key.access_key_secret))

    def role(
        self,
        principal: Any,
        *policies: str,
        condition: dict[str, Any] | None = None,
        longest: int | None = None,
        name: str = "",
    ) -> str:
        """The ARN of a new role that trusts `principal`."""
        name = name or new_name()
        statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
        if condition:
            statement["Condition"] = condition
        made = self.ram.create_role(
            of_ram.CreateRoleRequest(
                role_name=name,
                assume_role_policy_document=json.dumps({"Version": "1", "Statement": [statement]}),
                max_session_duration=longest,
            )
        ).body.role
        for policy in policies:
            self.ram.attach_policy_to_role(
                of_ram.AttachPolicyToRoleRequest(policy_type="System", policy_name=policy, role_name=name)
            )
        return made.arn

    @property
    def root(self) -> dict[str, str]:
        return {"RAM": f"acs:ram::{self.id}:root"}


def new_name() -> str:
    return f"t-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def account(cloud: Cloud) -> Account:
    return Account(cloud)


@pytest.fixture
def stranger(other_cloud: Cloud) -> Account:
    return Account(other_cloud)


def test_the_account_is_told_who_it_is(account: Account) -> None:
    who = account.caller.sts.get_caller_identity().body
    assert (who.identity_type, who.account_id) == ("Account", account.id)
    assert (who.principal_id, who.user_id, who.role_id) == (account.id, account.id, None)
    assert who.arn == f"acs:ram::{account.id}:root"


def test_a_user_without_any_policy_is_told_who_it_is(account: Account) -> None:
    name = new_name()
    who = account.user(name=name).sts.get_caller_identity().body
    assert (who.identity_type, who.account_id, who.arn) == (
        "RAMUser",
        account.id,
        f"acs:ram::{account.id}:user/{name}",
    )
    user = account.ram.get_user(of_ram.GetUserRequest(user_name=name)).body.user
    assert who.user_id == who.principal_id == user.user_id


def test_a_user_assumes_a_role(account: Account) -> None:
    user = account.user("AliyunSTSAssumeRoleAccess")
    name = new_name()
    role_arn = account.role(account.root, "AliyunRAMReadOnlyAccess", name=name)
    role = account.ram.get_role(of_ram.GetRoleRequest(role_name=name)).body.role
    with refused("NoPermission", 403):
        user.list_users()

    before = datetime.now(UTC).replace(microsecond=0)
    given = user.assume(role_arn, "alice@home")
    assert given.assumed_role_user.arn == f"{role_arn}/alice@home"
    assert given.assumed_role_user.assumed_role_id == f"{role.role_id}:alice@home"
    assert re.fullmatch(r"STS\.\w+", given.credentials.access_key_id)
    expires_at = datetime.strptime(given.credentials.expiration, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert timedelta(seconds=3600) <= expires_at - before <= timedelta(seconds=3720)

    keys = given.credentials
    session = Caller(user.cloud.with_key(keys.access_key_id, keys.access_key_secret, keys.security_token))
    assert session.list_users()
    with refused("NoPermission", 403):
        session.ram.create_user(of_ram.CreateUserRequest(user_name="nobody"))
    who = session.sts.get_caller_identity().body
    assert (who.identity_type, who.account_id, who.role_id) == ("AssumedRoleUser", account.id, role.role_id)
    assert who.arn == f"acs:ram::{account.id}:assumed-role/{name}/alice@home"
    assert who.principal_id == f"{role.role_id}:alice@home"
    assert who.user_id is None


def test_both_sides_must_agree(account: Account) -> None:
    """The caller needs sts:AssumeRole on the role, and the role must trust the caller."""
    name = new_name()
    user = account.user("AliyunSTSAssumeRoleAccess", name=name)
    for_all, for_bob = account.role(account.root), account.role({"RAM": f"acs:ram::{account.id}:user/bob"})
    for_user = account.role({"RAM": f"acs:ram::{account.id}:user/{name}"})
    for_ecs = account.role({"Service": "ecs.aliyuncs.com"})
    user.assume(for_all)
    user.assume(for_user)
    with refused("NoPermission", 403) as denied:
        user.assume(for_bob)
    assert "trust policy" in denied.value.message
    with refused("NoPermission", 403):
        user.assume(for_ecs)
    with refused("NoPermission", 403):
        account.user().assume(for_all)

    # A grant may name one role only.
    narrow = new_name()
    picky = account.user(name=narrow)
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": for_all}
    document = json.dumps({"Version": "1", "Statement": [statement]})
    account.ram.create_policy(of_ram.CreatePolicyRequest(policy_name=narrow, policy_document=document))
    account.ram.attach_policy_to_user(
        of_ram.AttachPolicyToUserRequest(policy_type="Custom", policy_name=narrow, user_name=narrow)
    )
    picky.assume(for_all)
    with refused("NoPermission", 403):
        picky.assume(account.role(account.root))


def test_the_account_itself_assumes_nothing(account: Account) -> None:
    with refused("NoPermission", 403) as denied:
        account.caller.assume(account.role(account.root))
    assert "Roles may not be assumed by root accounts." in denied.value.message


def test_parameters_are_checked(account: Account) -> None:
    user, role_arn = account.user("AliyunSTSAssumeRoleAccess"), account.role(account.root)
    with refused("InvalidParameter.RoleArn", 400):
        user.assume("my-role")
    with refused("EntityNotExist.Role", 404):
        user.assume(f"acs:ram::{account.id}:role/none-such")
    for session in ("a", "x" * 65, "no spaces", "忍者神龟", "abc*abc"):
        with refused("InvalidParameter.RoleSessionName", 400):
            user.assume(role_arn, session)
    for seconds in (899, 3601):
        with refused("InvalidParameter.DurationSeconds", 400):
            user.assume(role_arn, duration_seconds=seconds)
    user.assume(role_arn, duration_seconds=900)
    patient = account.role(account.root, longest=43200)
    user.assume(patient, duration_seconds=43200)
    with refused("InvalidParameter.DurationSeconds", 400):
        user.assume(patient, duration_seconds=43201)
    with refused("InvalidParameter.PolicyGrammar", 400):
        user.assume(role_arn, policy="{}")
    with refused("InvalidParameter.PolicySize", 400):
        user.assume(role_arn, policy=" " * 2049)


def test_conditions_of_the_trust_policy(account: Account) -> None:
    user = account.user("AliyunSTSAssumeRoleAccess")
    here = account.role(account.root, condition={"IpAddress": {"acs:SourceIp": ["127.0.0.1", "::1"]}})
    elsewhere = account.role(account.root, condition={"IpAddress": {"acs:SourceIp": "203.0.113.0/24"}})
    agreed = account.role(account.root, condition={"StringEquals": {"sts:ExternalId": "agreed-2026"}})
    user.assume(here)
    with refused("NoPermission", 403):
        user.assume(elsewhere)
    with refused("NoPermission", 403):
        user.assume(agreed)
    with refused("NoPermission", 403):
        user.assume(agreed, external_id="guessed")
    user.assume(agreed, external_id="agreed-2026")


def test_a_session_policy_narrows_the_role(account: Account) -> None:
    user = account.user("AliyunSTSAssumeRoleAccess")
    role_arn = account.role(account.root, "AliyunRAMReadOnlyAccess")
    wide = json.dumps({"Version": "1", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
    session = user.become(role_arn, policy=wide)
    session.list_users()
    with refused("NoPermission", 403):
        session.ram.create_user(of_ram.CreateUserRequest(user_name="nobody"))
    narrow = wide.replace('"Action": "*"', '"Action": "ram:GetUser"')
    with refused("NoPermission", 403):
        user.become(role_arn, policy=narrow).list_users()


def test_a_token_belongs_to_its_key(account: Account) -> None:
    user = account.user("AliyunSTSAssumeRoleAccess")
    role_arn = account.role(account.root, "AliyunRAMReadOnlyAccess")
    first, second = (user.assume(role_arn).credentials for _ in range(2))

    def session(key_id: str, secret: str, token: str) -> Callable[[], object]:
        return Caller(user.cloud.with_key(key_id, secret, token)).list_users

    key_id, secret, token = first.access_key_id, first.access_key_secret, first.security_token
    session(key_id, secret, token)()
    with refused("MissingSecurityToken", 400):
        session(key_id, secret, "")()
    with refused("SignatureDoesNotMatch", 400):
        session(key_id, second.access_key_secret, token)()
    with refused("InvalidSecurityToken.MismatchWithAccessKey", 400):
        session(key_id, secret, second.security_token)()
    middle = len(token) // 2
    bent = token[:middle] + ("A" if token[middle] != "A" else "B") + token[middle + 1 :]
    with refused("InvalidSecurityToken.Malformed", 400):
        session(key_id, secret, bent)()
    with refused("InvalidSecurityToken.Malformed", 400):
        session(key_id, secret, "CAIS")()


def test_sessions_end_with_their_role(account: Account) -> None:
    """A role of the same name made later is another role."""
    user, name = account.user("AliyunSTSAssumeRoleAccess"), new_name()
    session = user.become(account.role(account.root, name=name))
    assert session.sts.get_caller_identity().body.identity_type == "AssumedRoleUser"
    account.ram.delete_role(of_ram.DeleteRoleRequest(role_name=name))
    with refused("InvalidSecurityToken.Expired", 400):
        session.sts.get_caller_identity()
    account.role(account.root, "AdministratorAccess", name=name)
    with refused("InvalidSecurityToken.Expired", 400):
        session.list_users()


def test_a_role_assumes_the_next(account: Account) -> None:
    user, name = account.user("AliyunSTSAssumeRoleAccess"), new_name()
    first = account.role(account.root, "AliyunSTSAssumeRoleAccess", name=name)
    second = account.role({"RAM": f"acs:ram::{account.id}:role/{name}"}, "AliyunRAMReadOnlyAccess")
    with refused("NoPermission", 403):
        user.assume(second)
    assert user.become(first).become(second).list_users()


def test_a_role_lets_another_account_in(account: Account, stranger: Account) -> None:
    """The stranger's user sees this account's users through the role, and nothing without it."""
    mine, theirs = new_name(), new_name()
    account.user(name=mine)
    visitor = stranger.user("AliyunSTSAssumeRoleAccess", "AliyunRAMReadOnlyAccess", name=theirs)
    assert visitor.list_users() == [theirs]
    inside = visitor.become(account.role(stranger.root, "AliyunRAMReadOnlyAccess"))
    seen = inside.list_users()
    assert mine in seen
    assert theirs not in seen
    assert inside.sts.get_caller_identity().body.account_id == account.id
    with refused("NoPermission", 403):
        visitor.assume(account.role(account.root, "AliyunRAMReadOnlyAccess"))
    with refused("EntityNotExist.User", 404):
        visitor.ram.get_user(of_ram.GetUserRequest(user_name=mine))
