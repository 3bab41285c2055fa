"""RAM roles of instances: who may lend which role to an instance."""

from __future__ import annotations

import pytest
from alibabacloud_ecs20140526 import models
from alibabacloud_ecs20140526.client import Client as Ecs
from alibabacloud_ram20150501 import models as ram_models
from alibabacloud_ram20150501.client import Client as Ram
from alibabacloud_vpc20160428.client import Client as Vpc

from tests.conformance.conftest import REGION, Cloud, refused
from tests.conformance.place import Place, make_place

TRUSTS_ECS = (
    '{"Version":"1","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",'
    '"Principal":{"Service":["ecs.aliyuncs.com"]}}]}'
)
TRUSTS_ACCOUNT = (
    '{"Version":"1","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"RAM":["acs:ram::1:root"]}}]}'
)


@pytest.fixture
def place(ecs: Ecs, vpc: Vpc) -> Place:
    return make_place(ecs, vpc)


def test_a_role_that_trusts_ecs_is_attached_and_detached(place: Place, ram: Ram) -> None:
    for name, trust in (("worker", TRUSTS_ECS), ("stranger", TRUSTS_ACCOUNT)):
        ram.create_role(ram_models.CreateRoleRequest(role_name=name, assume_role_policy_document=trust))
    (instance_id,) = place.run(ram_role_name="worker")
    with refused("InvalidRamRole.NotEcsRole", 401):
        place.run(ram_role_name="stranger")
    named = {"region_id": REGION, "instance_ids": f'["{instance_id}"]'}

    def held() -> list[str]:
        body = place.ecs.describe_instance_ram_role(models.DescribeInstanceRamRoleRequest(**named)).body
        return [one.ram_role_name for one in body.instance_ram_role_sets.instance_ram_role_set]

    assert held() == ["worker"]
    detached = place.ecs.detach_instance_ram_role(
        models.DetachInstanceRamRoleRequest(**named, ram_role_name="worker")
    ).body
    assert (detached.fail_count, held()) == (0, [""])
    attached = place.ecs.attach_instance_ram_role(
        models.AttachInstanceRamRoleRequest(**named, ram_role_name="worker")
    ).body
    assert (attached.fail_count, held()) == (0, ["worker"])


def test_a_user_lends_an_instance_only_roles_that_it_may_pass(place: Place, cloud: Cloud, ram: Ram) -> None:
    ram.create_role(ram_models.CreateRoleRequest(role_name="worker", assume_role_policy_document=TRUSTS_ECS))
    ram.create_user(ram_models.CreateUserRequest(user_name="bob"))
    ram.attach_policy_to_user(
        ram_models.AttachPolicyToUserRequest(policy_type="System", policy_name="AliyunECSFullAccess", user_name="bob")
    )
    key = ram.create_access_key(ram_models.CreateAccessKeyRequest(user_name="bob")).body.access_key
    bob = Ecs(cloud.with_key(key.access_key_id, key.access_key_secret).config())
    asked = models.RunInstancesRequest(**place.usual(), ram_role_name="worker")
    with refused("InvalidUser.PassRoleForbidden", 403):
        bob.run_instances(asked)
    ram.create_policy(
        ram_models.CreatePolicyRequest(
            policy_name="pass-worker",
            policy_document='{"Version":"1","Statement":[{"Effect":"Allow","Action":"ram:PassRole",'
            f'"Resource":"acs:ram::{cloud.account_id}:role/worker"}}]}}',
        )
    )
    ram.attach_policy_to_user(
        ram_models.AttachPolicyToUserRequest(policy_type="Custom", policy_name="pass-worker", user_name="bob")
    )
    assert bob.run_instances(asked).body.instance_id_sets.instance_id_set
