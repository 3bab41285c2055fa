"""RAM roles and policies through the official SDK (alibabacloud_ram20150501)."""

from __future__ import annotations

import json
import re

import pytest
from alibabacloud_ram20150501 import models as ask
from alibabacloud_ram20150501.client import Client as Ram

from tests.conformance.conftest import Cloud, refused
from tests.conformance.ram_clients import READ_ECS, READ_RAM, trust


def test_roles(ram: Ram, cloud: Cloud, name: str) -> None:
    document = trust(cloud.account_id)
    made = ram.create_role(
        ask.CreateRoleRequest(
            role_name=name,
            assume_role_policy_document=document,
            description="for tests",
            max_session_duration=7200,
            tag=[ask.CreateRoleRequestTag(key="team", value="dev")],
        )
    ).body.role
    assert made.arn == f"acs:ram::{cloud.account_id}:role/{name}"
    assert re.fullmatch(r"3\d{17}", made.role_id)
    assert made.max_session_duration == 7200
    assert json.loads(made.assume_role_policy_document) == json.loads(document)
    again = ask.CreateRoleRequest(role_name=name, assume_role_policy_document=document)
    with refused("EntityAlreadyExists.Role", 409):
        ram.create_role(again)

    got = ram.get_role(ask.GetRoleRequest(role_name=name)).body.role
    assert (got.role_id, got.description, got.create_date) == (made.role_id, "for tests", made.create_date)
    changed = ram.update_role(
        ask.UpdateRoleRequest(role_name=name, new_max_session_duration=3600, new_description="changed")
    ).body.role
    assert (changed.max_session_duration, changed.description) == (3600, "changed")
    with refused("InvalidParameter.NewMaxSessionDuration.Range", 400):
        ram.update_role(ask.UpdateRoleRequest(role_name=name, new_max_session_duration=60))

    tagged = ram.list_roles(ask.ListRolesRequest(tag=[ask.ListRolesRequestTag(key="team", value="dev")])).body
    (listed,) = [one for one in tagged.roles.role if one.role_name == name]
    assert [(one.tag_key, one.tag_value) for one in listed.tags.tag] == [("team", "dev")]

    grant = {"policy_type": "System", "policy_name": "ReadOnlyAccess", "role_name": name}
    ram.attach_policy_to_role(ask.AttachPolicyToRoleRequest(**grant))
    attached = ram.list_policies_for_role(ask.ListPoliciesForRoleRequest(role_name=name)).body.policies.policy
    assert [one.policy_name for one in attached] == ["ReadOnlyAccess"]
    with refused("DeleteConflict.Role.Policy", 409):
        ram.delete_role(ask.DeleteRoleRequest(role_name=name))
    ram.detach_policy_from_role(ask.DetachPolicyFromRoleRequest(**grant))
    with refused("EntityNotExist.Role.Policy", 404):
        ram.detach_policy_from_role(ask.DetachPolicyFromRoleRequest(**grant))
    ram.delete_role(ask.DeleteRoleRequest(role_name=name))
    with refused("EntityNotExist.Role", 404):
        ram.get_role(ask.GetRoleRequest(role_name=name))


@pytest.mark.parametrize(
    "document",
    ["{", "{}", READ_ECS, json.dumps({"Version": "1", "Statement": []}), trust("1").replace("RAM", "AWS")],
)
def test_a_role_needs_a_trust_policy(ram: Ram, name: str, document: str) -> None:
    request = ask.CreateRoleRequest(role_name=name, assume_role_policy_document=document)
    with refused("MalformedPolicyDocument", 400):
        ram.create_role(request)


def test_policies_and_their_versions(ram: Ram, name: str) -> None:
    made = ram.create_policy(
        ask.CreatePolicyRequest(policy_name=name, policy_document=READ_ECS, description="reads")
    ).body.policy
    assert (made.policy_name, made.policy_type, made.default_version) == (name, "Custom", "v1")
    again = ask.CreatePolicyRequest(policy_name=name, policy_document=READ_ECS)
    with refused("EntityAlreadyExists.Policy", 409):
        ram.create_policy(again)

    got = ram.get_policy(ask.GetPolicyRequest(policy_name=name, policy_type="Custom")).body
    assert (got.policy.description, got.policy.attachment_count) == ("reads", 0)
    assert got.policy.policy_document == got.default_policy_version.policy_document == READ_ECS
    assert (got.default_policy_version.version_id, got.default_policy_version.is_default_version) == ("v1", True)

    version = ask.CreatePolicyVersionRequest(policy_name=name, policy_document=READ_RAM)
    for number in range(2, 6):
        answered = ram.create_policy_version(version).body.policy_version
        assert (answered.version_id, answered.is_default_version) == (f"v{number}", False)
    with refused("LimitExceeded.Policy.Version", 409):
        ram.create_policy_version(version)
    ram.set_default_policy_version(ask.SetDefaultPolicyVersionRequest(policy_name=name, version_id="v2"))
    version.rotate_strategy = "DeleteOldestNonDefaultVersionWhenLimitExceeded"
    assert ram.create_policy_version(version).body.policy_version.version_id == "v6"
    assert versions_of(ram, name) == {"v2": True, "v3": False, "v4": False, "v5": False, "v6": False}

    one = ask.GetPolicyVersionRequest(policy_name=name, policy_type="Custom", version_id="v2")
    assert ram.get_policy_version(one).body.policy_version.policy_document == READ_RAM
    for version_id, code, status in [
        ("v1", "EntityNotExist.Policy.Version", 404),
        ("2", "InvalidParameter.VersionId.Format", 400),
        ("v2", "DeleteConflict.Policy.Version.Default", 409),
    ]:
        gone = ask.DeletePolicyVersionRequest(policy_name=name, version_id=version_id)
        with refused(code, status):
            ram.delete_policy_version(gone)
    with refused("DeleteConflict.Policy.Version", 409):
        ram.delete_policy(ask.DeletePolicyRequest(policy_name=name))
    for version_id in ("v3", "v4", "v5"):
        ram.delete_policy_version(ask.DeletePolicyVersionRequest(policy_name=name, version_id=version_id))
    assert versions_of(ram, name) == {"v2": True, "v6": False}
    ram.delete_policy(ask.DeletePolicyRequest(policy_name=name, cascading_delete=True))
    gone_policy = ask.GetPolicyRequest(policy_name=name, policy_type="Custom")
    with refused("EntityNotExist.Policy", 404):
        ram.get_policy(gone_policy)


def versions_of(ram: Ram, name: str) -> dict[str, bool]:
    """Version id to whether it is in force."""
    request = ask.ListPolicyVersionsRequest(policy_name=name, policy_type="Custom")
    found = ram.list_policy_versions(request).body.policy_versions.policy_version
    return {one.version_id: one.is_default_version for one in found}


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("{", "JSON"),
        (json.dumps({"Version": "1"}), "Statement"),
        (READ_ECS.replace("Allow", "Permit"), "Effect"),
        (READ_ECS.replace("ecs:Describe*", "everything"), "Invalid action format: everything"),
        (READ_ECS.replace('"Resource"', '"Resources"'), "Resources"),
    ],
)
def test_a_malformed_policy_says_why(ram: Ram, name: str, document: str, reason: str) -> None:
    request = ask.CreatePolicyRequest(policy_name=name, policy_document=document)
    with refused("MalformedPolicyDocument", 400) as caught:
        ram.create_policy(request)
    assert reason in caught.value.message


def test_a_policy_that_is_attached_stays(ram: Ram, user: str) -> None:
    ram.create_policy(ask.CreatePolicyRequest(policy_name=user, policy_document=READ_ECS))
    grant = {"policy_type": "Custom", "policy_name": user, "user_name": user}
    ram.attach_policy_to_user(ask.AttachPolicyToUserRequest(**grant))
    with refused("EntityAlreadyExists.User.Policy", 409):
        ram.attach_policy_to_user(ask.AttachPolicyToUserRequest(**grant))
    with refused("DeleteConflict.Policy.User", 409):
        ram.delete_policy(ask.DeletePolicyRequest(policy_name=user))
    entities = ram.list_entities_for_policy(
        ask.ListEntitiesForPolicyRequest(policy_name=user, policy_type="Custom")
    ).body
    assert [one.user_name for one in entities.users.user] == [user]
    assert not entities.groups.group
    assert not entities.roles.role
    got = ram.get_policy(ask.GetPolicyRequest(policy_name=user, policy_type="Custom")).body.policy
    assert got.attachment_count == 1
    ram.detach_policy_from_user(ask.DetachPolicyFromUserRequest(**grant))
    ram.delete_policy(ask.DeletePolicyRequest(policy_name=user))


def test_system_policies(ram: Ram, name: str) -> None:
    listed = ram.list_policies(ask.ListPoliciesRequest(policy_type="System", max_items=1000)).body.policies.policy
    names = {one.policy_name for one in listed}
    assert {"AdministratorAccess", "ReadOnlyAccess", "AliyunECSFullAccess", "AliyunSTSAssumeRoleAccess"} <= names
    assert {one.policy_type for one in listed} == {"System"}
    document = ram.get_policy(
        ask.GetPolicyRequest(policy_name="AdministratorAccess", policy_type="System")
    ).body.default_policy_version.policy_document
    assert json.loads(document)["Statement"][0]["Action"] == "*"
    with refused("EntityNotExist.Policy", 404):
        ram.get_policy(ask.GetPolicyRequest(policy_name="AdministratorAccess", policy_type="Custom"))
    wrong = ask.GetPolicyRequest(policy_name="AdministratorAccess", policy_type="Other")
    with refused("InvalidParameter.PolicyType", 400):
        ram.get_policy(wrong)
    ram.create_policy(ask.CreatePolicyRequest(policy_name=name, policy_document=READ_ECS))
    custom = ram.list_policies(ask.ListPoliciesRequest(policy_type="Custom", max_items=1000)).body.policies.policy
    assert name in {one.policy_name for one in custom}
    assert not names & {one.policy_name for one in custom}


def test_tags_of_roles_and_policies(ram: Ram, cloud: Cloud, name: str) -> None:
    request = ask.CreateRoleRequest(role_name=name, assume_role_policy_document=trust(cloud.account_id))
    ram.create_role(request)
    of_role = {"resource_type": "role", "resource_names": [name]}
    tags = [ask.TagResourcesRequestTag(key=key, value="1") for key in ("a", "b", "c")]
    ram.tag_resources(ask.TagResourcesRequest(**of_role, tag=tags))

    def listed() -> list[str]:
        found, token = [], None
        while True:
            body = ram.list_tag_resources(ask.ListTagResourcesRequest(**of_role, page_size=2, next_token=token)).body
            found += [one.tag_key for one in body.tag_resources]
            token = body.next_token
            if not token:
                return found

    assert listed() == ["a", "b", "c"]
    ram.untag_resources(ask.UntagResourcesRequest(**of_role, tag_keys=["b"]))
    assert listed() == ["a", "c"]
    ram.untag_resources(ask.UntagResourcesRequest(**of_role, all=True))
    assert listed() == []
    missing = ask.TagResourcesRequest(resource_type="role", resource_names=["no-such-role"], tag=tags)
    with refused("EntityNotExist.Role", 404):
        ram.tag_resources(missing)
    wrong = ask.TagResourcesRequest(resource_type="planet", resource_names=[name], tag=tags)
    with refused("InvalidParameter.ResourceType", 400):
        ram.tag_resources(wrong)
