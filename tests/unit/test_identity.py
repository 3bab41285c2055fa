"""What the clients of other tests can not see: credentials as time goes by, and those that services get."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from openyun.access.credentials import new_access_key_id
from openyun.access.identity import AccessKey, Attachment, CustomPolicy, Role, User, touch
from openyun.access.policy import decide
from openyun.access.principal import Principal
from openyun.clock import FixedClock, iso_seconds
from openyun.cloud import Cloud, Engines
from openyun.config import Config
from openyun.engine.drivers.files import Files
from openyun.engine.drivers.simulated import SimulatedCompute, SimulatedDisks, SimulatedNetwork
from openyun.errors import InvalidAccessKeyIdNotFound, InvalidSecurityTokenExpired, NoPermission
from openyun.operation import Call
from openyun.region import Region
from openyun.services.sts.assume_role import AssumeRoleRequest, Credentials, assume_for_service, assume_role
from openyun.services.sts.errors import RoleNotExist
from openyun.state import Transaction

T = TypeVar("T")

ACCOUNT = "1234567890123456"
ALICE = Principal(kind="user", account_id=ACCOUNT, id="2" * 18, name="alice", access_key_id="LTAI")
START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def trust(principal: dict[str, str]) -> str:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
    return json.dumps({"Version": "1", "Statement": statement})


def allow(action: str) -> str:
    return json.dumps({"Version": "1", "Statement": {"Effect": "Allow", "Action": action, "Resource": "*"}})


class World:
    """A cloud whose clock stands still until the test moves it."""

    def __init__(self, data: Path) -> None:
        def engines(config: Config, region: Region) -> Engines:
            return Engines(
                compute=SimulatedCompute(data),
                network=SimulatedNetwork(data),
                blob=Files(data / "blobs"),
                disk=SimulatedDisks(data),
            )

        self.clock = FixedClock(START)
        self.cloud = Cloud(Config(data=data, cache=data / "cache"), engines, self.clock)

    def write(self, work: Callable[[Transaction], T]) -> T:
        return self.cloud.home.store.write(work)

    def call(self, work: Callable[[Call], T], principal: Principal = ALICE) -> T:
        at = self.cloud.home
        return at.store.read(
            lambda state: work(Call(cloud=self.cloud, at=at, principal=principal, request_id="R", state=state))
        )

    def principal_of(self, given: Credentials) -> Principal:
        """Who the directory says holds these credentials now."""
        return self.cloud.home.store.read(
            lambda state: self.cloud.directory.credential(
                state, given.access_key_id, given.security_token, self.clock.now()
            )
        ).principal


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.cloud.close()


@pytest.fixture
def role(world: World) -> Role:
    made = Role(account_id=ACCOUNT, name="reader", id="3" * 18, trust_policy=trust({"RAM": f"acs:ram::{ACCOUNT}:root"}))
    world.write(lambda state: state.insert(made))
    return made


def test_temporary_credentials_end_to_the_second(world: World, role: Role) -> None:
    ask = AssumeRoleRequest(role_arn=role.arn, role_session_name="tests", duration_seconds=900)
    given = world.call(lambda call: assume_role(call, ask)).credentials
    assert given.expiration == iso_seconds(START + timedelta(seconds=900))
    world.clock.at = START + timedelta(seconds=899)
    holder = world.principal_of(given)
    assert (holder.kind, holder.account_id, holder.name, holder.session_name) == ("role", ACCOUNT, "reader", "tests")
    world.clock.at = START + timedelta(seconds=900)
    with pytest.raises(InvalidSecurityTokenExpired):
        world.principal_of(given)


def test_a_trust_policy_can_end_too(world: World, role: Role) -> None:
    document = json.loads(role.trust_policy)
    document["Statement"]["Condition"] = {"DateLessThan": {"acs:CurrentTime": iso_seconds(START + timedelta(days=1))}}
    role.trust_policy = json.dumps(document)
    world.write(lambda state: state.put(role))
    ask = AssumeRoleRequest(role_arn=role.arn, role_session_name="tests")
    assert world.call(lambda call: assume_role(call, ask))
    world.clock.at = START + timedelta(days=1)
    with pytest.raises(NoPermission):
        world.call(lambda call: assume_role(call, ask))


def test_a_service_gets_credentials_only_for_a_role_that_trusts_it(world: World, role: Role) -> None:
    def assume(name: str, service: str) -> Credentials:
        return world.call(lambda call: assume_for_service(call, name, service, "i-1"))

    of_ecs = Role(account_id=ACCOUNT, name="for-ecs", id="4" * 18, trust_policy=trust({"Service": "ecs.aliyuncs.com"}))
    world.write(lambda state: state.insert(of_ecs))
    assert world.principal_of(assume("for-ecs", "ecs.aliyuncs.com")).name == "for-ecs"
    with pytest.raises(NoPermission):
        assume("for-ecs", "fc.aliyuncs.com")
    with pytest.raises(NoPermission):
        assume(role.name, "ecs.aliyuncs.com")
    with pytest.raises(RoleNotExist):
        assume("none", "ecs.aliyuncs.com")


def test_the_directory_sees_a_change_that_is_told(world: World) -> None:
    """It keeps what it read until `touch` tells of a change, then reads anew."""

    def allowed(action: str) -> bool:
        policies = world.cloud.home.store.read(lambda state: world.cloud.directory.policies(state, ALICE))
        return decide(policies, action, "*", {}).allowed

    assert not allowed("ecs:RunInstances")

    def grant(state: Transaction) -> None:
        state.put(CustomPolicy(account_id=ACCOUNT, name="p", document=allow("ecs:*")))
        state.put(
            Attachment(account_id=ACCOUNT, party="user", party_name="alice", policy_type="Custom", policy_name="p")
        )
        touch(state)

    world.write(grant)
    assert allowed("ecs:RunInstances")

    def change(state: Transaction) -> None:
        state.put(CustomPolicy(account_id=ACCOUNT, name="p", document=allow("vpc:*")))
        touch(state)

    world.write(change)
    assert not allowed("ecs:RunInstances")
    assert allowed("vpc:CreateVpc")


def test_secrets_do_not_lie_open_in_state(world: World, tmp_path: Path) -> None:
    key_id = new_access_key_id()
    sealed = world.cloud.vault.seal("the-secret-itself", f"secret of {key_id}")

    def enter(state: Transaction) -> None:
        state.insert(User(account_id=ACCOUNT, name="alice", id=ALICE.id))
        state.insert(AccessKey(id=key_id, account_id=ACCOUNT, user_name="alice", sealed_secret=sealed))
        touch(state)

    world.write(enter)
    found = world.cloud.home.store.read(lambda state: world.cloud.directory.credential(state, key_id, None, START))
    assert found.secret == "the-secret-itself"
    written = b"".join(path.read_bytes() for path in (tmp_path / "state").iterdir())
    assert sealed.encode() in written
    assert b"the-secret-itself" not in written


def test_a_sealed_secret_opens_for_its_own_key_only(world: World) -> None:
    """Who can write to the state but lacks the master key can not move a known secret to another's key."""
    mine, others = new_access_key_id(), new_access_key_id()
    sealed = world.cloud.vault.seal("known", f"secret of {mine}")

    def enter(state: Transaction) -> None:
        state.insert(AccessKey(id=others, account_id=ACCOUNT, user_name="", sealed_secret=sealed))
        touch(state)

    world.write(enter)
    with pytest.raises(InvalidAccessKeyIdNotFound):
        world.cloud.home.store.read(lambda state: world.cloud.directory.credential(state, others, None, START))
