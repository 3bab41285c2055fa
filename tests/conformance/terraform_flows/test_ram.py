"""alicloud_ram_user, alicloud_ram_role, alicloud_ram_policy, their attachments, and alicloud_ram_access_key."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conformance.terraform_flows.provider import Provider, Refused, gone, has


def document(action: str) -> str:
    """As Terraform's jsonencode writes it."""
    statement = {"Action": [action], "Effect": "Allow", "Resource": ["*"]}
    return json.dumps({"Statement": [statement], "Version": "1"}, separators=(",", ":"))


def trust(service: str) -> str:
    statement = {"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": {"Service": [service]}}
    return json.dumps({"Statement": [statement], "Version": "1"}, indent=2)


def test_user(provider: Provider) -> None:
    provider.rpc(
        "Ram", "CreateUser", UserName="terraform", DisplayName="Terra", Email="t@example.com", Comments="made by it"
    )

    def read(name: str = "terraform") -> dict[str, Any]:
        return dict(provider.rpc("Ram", "GetUser", UserName=name)["User"])

    found = read()
    has(found, "UserId", "UserName", "DisplayName", "MobilePhone", "Email", "Comments", "CreateDate")
    assert read() == found
    provider.rpc("Ram", "UpdateUser", UserName="terraform", NewUserName="renamed", NewComments="by it")
    changed = read("renamed")
    assert (changed["Comments"], changed["UserId"]) == ("by it", found["UserId"])
    key = provider.rpc("Ram", "CreateAccessKey", UserName="renamed")["AccessKey"]
    has(key, "AccessKeyId", "AccessKeySecret", "Status", "CreateDate")
    (listed,) = provider.rpc("Ram", "ListAccessKeys", UserName="renamed")["AccessKeys"]["AccessKey"]
    assert (listed["AccessKeyId"], listed["Status"]) == (key["AccessKeyId"], "Active")
    with pytest.raises(Refused) as caught:
        provider.rpc("Ram", "DeleteUser", UserName="renamed")
    assert caught.value.code == "DeleteConflict.User.AccessKey"
    # `force`: all that hangs on the user is asked for and taken off.
    with pytest.raises(Refused) as caught:
        provider.rpc("Ram", "GetLoginProfile", UserName="renamed")
    assert caught.value.code == "EntityNotExist.User.LoginProfile"
    with pytest.raises(Refused) as caught:
        provider.rpc("Ram", "UnbindMFADevice", UserName="renamed")
    assert caught.value.code == "EntityNotExist.User.MFADevice"
    assert provider.rpc("Ram", "ListPoliciesForUser", UserName="renamed")["Policies"]["Policy"] == []
    assert provider.rpc("Ram", "ListGroupsForUser", UserName="renamed")["Groups"]["Group"] == []
    provider.rpc("Ram", "DeleteAccessKey", UserName="renamed", UserAccessKeyId=key["AccessKeyId"])
    provider.rpc("Ram", "DeleteUser", UserName="renamed")
    gone(lambda: read("renamed"), ["EntityNotExist.User"])


def test_role(provider: Provider) -> None:
    made = provider.rpc(
        "Ram",
        "CreateRole",
        RoleName="terraform",
        Description="made by it",
        MaxSessionDuration=3600,
        AssumeRolePolicyDocument=trust("ecs.aliyuncs.com"),
        Tag=json.dumps([{"Key": "team", "Value": "blue"}]),
    )["Role"]
    assert made["RoleName"] == "terraform"

    def read() -> dict[str, Any]:
        found = provider.rpc("Ram", "GetRole", RoleName="terraform")["Role"]
        has(found, "Arn", "AssumeRolePolicyDocument", "CreateDate", "Description", "MaxSessionDuration", "RoleId")
        tags = provider.rpc("Ram", "ListTagResources", ResourceType="role", ResourceNames__1="terraform")
        return {
            "document": json.loads(found["AssumeRolePolicyDocument"]),
            "description": found["Description"],
            "max_session_duration": found["MaxSessionDuration"],
            "tags": {one["TagKey"]: one["TagValue"] for one in tags["TagResources"]},
        }

    first = read()
    assert read() == first
    assert first["tags"] == {"team": "blue"}
    assert first["document"] == json.loads(trust("ecs.aliyuncs.com"))
    provider.rpc(
        "Ram",
        "UpdateRole",
        RoleName="terraform",
        NewDescription="by it",
        NewMaxSessionDuration=7200,
        NewAssumeRolePolicyDocument=trust("oss.aliyuncs.com"),
    )
    provider.rpc("Ram", "UntagResources", ResourceType="role", ResourceNames__1="terraform", TagKeys__1="team")
    assert read() == {
        "document": json.loads(trust("oss.aliyuncs.com")),
        "description": "by it",
        "max_session_duration": 7200,
        "tags": {},
    }
    provider.rpc("Ram", "DeleteRole", RoleName="terraform")
    gone(read, ["EntityNotExist.Role"])


def test_policy_and_its_attachments(provider: Provider) -> None:
    provider.rpc(
        "Ram",
        "CreatePolicy",
        PolicyName="terraform",
        Description="made by it",
        PolicyDocument=document("ecs:Describe*"),
    )

    def read() -> dict[str, Any]:
        found = provider.rpc("Ram", "GetPolicy", PolicyName="terraform", PolicyType="Custom")
        has(found["Policy"], "DefaultVersion", "Description", "AttachmentCount", "PolicyType")
        version = found["DefaultPolicyVersion"]
        return {
            "document": version["PolicyDocument"],
            "version": version["VersionId"],
            "attachments": found["Policy"]["AttachmentCount"],
        }

    first = read()
    assert read() == first == {"document": document("ecs:Describe*"), "version": "v1", "attachments": 0}
    for number in range(6):  # the oldest of five makes room
        provider.rpc(
            "Ram",
            "CreatePolicyVersion",
            PolicyName="terraform",
            PolicyDocument=document(f"ecs:Describe{number}*"),
            SetAsDefault=True,
            RotateStrategy="DeleteOldestNonDefaultVersionWhenLimitExceeded",
        )
    assert read()["document"] == document("ecs:Describe5*")

    provider.rpc("Ram", "CreateUser", UserName="terraform")
    provider.rpc("Ram", "CreateRole", RoleName="terraform", AssumeRolePolicyDocument=trust("ecs.aliyuncs.com"))
    for party in ("User", "Role"):
        named = {f"{party}Name": "terraform", "PolicyName": "terraform", "PolicyType": "Custom"}
        provider.rpc("Ram", f"AttachPolicyTo{party}", **named)
        found = provider.rpc("Ram", f"ListPoliciesFor{party}", **{f"{party}Name": "terraform"})["Policies"]["Policy"]
        assert [(one["PolicyName"], one["PolicyType"]) for one in found] == [("terraform", "Custom")]
    held = provider.rpc("Ram", "ListEntitiesForPolicy", PolicyName="terraform", PolicyType="Custom")
    assert [len(held[kind][kind[:-1]]) for kind in ("Users", "Groups", "Roles")] == [1, 0, 1]
    with pytest.raises(Refused) as caught:
        provider.rpc("Ram", "DeletePolicy", PolicyName="terraform")
    assert caught.value.code.startswith("DeleteConflict.Policy")
    for party in ("User", "Role"):
        named = {f"{party}Name": "terraform", "PolicyName": "terraform", "PolicyType": "Custom"}
        provider.rpc("Ram", f"DetachPolicyFrom{party}", **named)
    versions = provider.rpc("Ram", "ListPolicyVersions", PolicyName="terraform", PolicyType="Custom")
    for one in versions["PolicyVersions"]["PolicyVersion"]:
        if not one["IsDefaultVersion"]:
            provider.rpc("Ram", "DeletePolicyVersion", PolicyName="terraform", VersionId=one["VersionId"])
    provider.rpc("Ram", "DeletePolicy", PolicyName="terraform")
    gone(read, ["EntityNotExist.Policy"])
