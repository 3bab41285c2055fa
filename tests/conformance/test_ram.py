"""RAM users, AccessKey pairs and groups through the official SDK (alibabacloud_ram20150501)."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from xml.etree import ElementTree

import pytest
from alibabacloud_ram20150501 import models as ask
from alibabacloud_ram20150501.client import Client as Ram
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from aliyunsdkcore.acs_exception.exceptions import ServerException
from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.request import CommonRequest

from tests.conformance.conftest import Cloud, eventually, refused
from tests.conformance.ram_clients import DATE, READ_ECS, READ_RAM, WRITE_RAM, ram_of


def test_a_user_from_birth_to_end(ram: Ram, name: str) -> None:
    made = ram.create_user(
        ask.CreateUserRequest(
            user_name=name,
            display_name="爱丽丝",
            mobile_phone="86-18600008888",
            email="alice@example.com",
            comments="a <user> & more",
        )
    ).body.user
    assert made.user_name == name
    assert re.fullmatch(r"2\d{17}", made.user_id)
    assert DATE.fullmatch(made.create_date)

    got = ram.get_user(ask.GetUserRequest(user_name=name)).body.user
    assert (got.user_id, got.display_name, got.mobile_phone) == (made.user_id, "爱丽丝", "86-18600008888")
    assert (got.email, got.comments) == ("alice@example.com", "a <user> & more")
    assert DATE.fullmatch(got.update_date)

    renamed = f"{name}.new"
    changed = ram.update_user(
        ask.UpdateUserRequest(user_name=name, new_user_name=renamed, new_comments="", new_display_name="Alice")
    ).body.user
    assert (changed.user_name, changed.user_id, changed.comments) == (renamed, made.user_id, "")
    assert (changed.display_name, changed.email) == ("Alice", "alice@example.com")
    with refused("EntityNotExist.User", 404):
        ram.get_user(ask.GetUserRequest(user_name=name))

    ram.delete_user(ask.DeleteUserRequest(user_name=renamed))
    with refused("EntityNotExist.User", 404):
        ram.delete_user(ask.DeleteUserRequest(user_name=renamed))


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"user_name": "not allowed"}, "InvalidParameter.UserName.InvalidChars"),
        ({"user_name": "x" * 65}, "InvalidParameter.UserName.Length"),
        ({"user_name": "ok", "display_name": "x" * 129}, "InvalidParameter.DisplayName.Length"),
        ({"user_name": "ok", "display_name": "<b>"}, "InvalidParameter.DisplayName.InvalidChars"),
        ({"user_name": "ok", "mobile_phone": "110"}, "InvalidParameter.MobilePhone.Format"),
        ({"user_name": "ok", "email": "nobody"}, "InvalidParameter.Email.Format"),
        ({"user_name": "ok", "comments": "x" * 129}, "InvalidParameter.Comments.Length"),
        ({}, "MissingParameter"),
    ],
)
def test_a_user_that_may_not_be(ram: Ram, fields: dict[str, str], code: str) -> None:
    with refused(code, 400):
        ram.create_user(ask.CreateUserRequest(**fields))


def test_a_user_is_unique(ram: Ram, user: str) -> None:
    with refused("EntityAlreadyExists.User", 409):
        ram.create_user(ask.CreateUserRequest(user_name=user))


def test_users_come_in_pages(ram: Ram, name: str) -> None:
    names = [f"{name}-{number}" for number in range(5)]
    for one in names:
        ram.create_user(ask.CreateUserRequest(user_name=one))
    found, marker, pages = [], None, 0
    while True:
        body = ram.list_users(ask.ListUsersRequest(max_items=2, marker=marker)).body
        assert len(body.users.user) <= 2
        found += [one.user_name for one in body.users.user]
        pages += 1
        if not body.is_truncated:
            break
        marker = body.marker
    assert [one for one in found if one.startswith(name)] == names
    assert len(found) == len(set(found))
    assert pages >= 3
    with refused("InvalidParameter.MaxItems.Range", 400):
        ram.list_users(ask.ListUsersRequest(max_items=1001))


def test_access_keys(ram: Ram, cloud: Cloud, user: str) -> None:
    first = ram.create_access_key(ask.CreateAccessKeyRequest(user_name=user)).body.access_key
    assert re.fullmatch(r"LTAI\w{20}", first.access_key_id)
    assert len(first.access_key_secret) == 30
    assert first.status == "Active"
    second = ram.create_access_key(ask.CreateAccessKeyRequest(user_name=user)).body.access_key
    with refused("LimitExceeded.User.AccessKey", 409):
        ram.create_access_key(ask.CreateAccessKeyRequest(user_name=user))
    listed = ram.list_access_keys(ask.ListAccessKeysRequest(user_name=user)).body.access_keys.access_key
    assert {one.access_key_id for one in listed} == {first.access_key_id, second.access_key_id}
    assert not any("secret" in field.lower() for one in listed for field in one.to_map())

    as_user = ram_of(cloud, first.access_key_id, first.access_key_secret)
    # The key is known and its signature right, but nothing is granted.
    with refused("NoPermission", 403) as denied:
        as_user.list_users(ask.ListUsersRequest())
    assert "ImplicitDeny" in denied.value.message
    wrong = ram_of(cloud, first.access_key_id, second.access_key_secret)
    with refused("SignatureDoesNotMatch", 400):
        wrong.list_users(ask.ListUsersRequest())

    status = ask.UpdateAccessKeyRequest(user_name=user, user_access_key_id=first.access_key_id, status="Inactive")
    ram.update_access_key(status)
    with refused("InvalidAccessKeyId.Inactive", 400):
        as_user.list_users(ask.ListUsersRequest())
    status.status = "Sleeping"
    with refused("InvalidParameter.Status", 400):
        ram.update_access_key(status)

    with refused("DeleteConflict.User.AccessKey", 409):
        ram.delete_user(ask.DeleteUserRequest(user_name=user))
    for key in (first, second):
        gone = ask.DeleteAccessKeyRequest(user_name=user, user_access_key_id=key.access_key_id)
        ram.delete_access_key(gone)
        with refused("EntityNotExist.User.AccessKey", 404):
            ram.delete_access_key(gone)
    with refused("InvalidAccessKeyId.NotFound", 404):
        as_user.list_users(ask.ListUsersRequest())


def test_when_an_access_key_was_last_used(ram: Ram, cloud: Cloud, user: str) -> None:
    key = ram.create_access_key(ask.CreateAccessKeyRequest(user_name=user)).body.access_key

    def last_used() -> str:
        request = ask.GetAccessKeyLastUsedRequest(user_name=user, user_access_key_id=key.access_key_id)
        return str(ram.get_access_key_last_used(request).body.access_key_last_used.last_used_date)

    assert last_used() == ""
    with refused("SignatureDoesNotMatch", 400):
        ram_of(cloud, key.access_key_id, "guessed").list_users(ask.ListUsersRequest())
    assert last_used() == ""
    with refused("NoPermission", 403):
        ram_of(cloud, key.access_key_id, key.access_key_secret).list_users(ask.ListUsersRequest())
    assert DATE.fullmatch(eventually(last_used))


def test_an_access_key_follows_its_renamed_user(ram: Ram, cloud: Cloud, user: str) -> None:
    key = ram.create_access_key(ask.CreateAccessKeyRequest(user_name=user)).body.access_key
    attach = ask.AttachPolicyToUserRequest(policy_type="System", policy_name="AliyunRAMReadOnlyAccess", user_name=user)
    ram.attach_policy_to_user(attach)
    ram.update_user(ask.UpdateUserRequest(user_name=user, new_user_name=f"{user}-2"))
    as_user = ram_of(cloud, key.access_key_id, key.access_key_secret)
    assert as_user.get_user(ask.GetUserRequest(user_name=f"{user}-2")).body.user.user_name == f"{user}-2"
    own = as_user.list_access_keys(ask.ListAccessKeysRequest()).body.access_keys.access_key
    assert [one.access_key_id for one in own] == [key.access_key_id]


def test_a_users_own_policy_is_enforced_and_withdrawn_at_once(ram: Ram, cloud: Cloud, user: str) -> None:
    key = ram.create_access_key(ask.CreateAccessKeyRequest(user_name=user)).body.access_key
    as_user = ram_of(cloud, key.access_key_id, key.access_key_secret)
    ram.create_policy(ask.CreatePolicyRequest(policy_name=user, policy_document=READ_RAM))
    grant = {"policy_type": "Custom", "policy_name": user, "user_name": user}
    ram.attach_policy_to_user(ask.AttachPolicyToUserRequest(**grant))
    assert as_user.list_users(ask.ListUsersRequest()).body.users.user
    with refused("NoPermission", 403):
        as_user.create_user(ask.CreateUserRequest(user_name="nobody"))

    # A new version in force changes what the user may do, and an explicit Deny beats a system policy's Allow.
    version = ask.CreatePolicyVersionRequest(policy_name=user, policy_document=WRITE_RAM, set_as_default=True)
    ram.create_policy_version(version)
    with refused("NoPermission", 403):
        as_user.list_users(ask.ListUsersRequest())
    as_user.create_group(ask.CreateGroupRequest(group_name=user))
    ram.attach_policy_to_user(
        ask.AttachPolicyToUserRequest(policy_type="System", policy_name="AdministratorAccess", user_name=user)
    )
    as_user.list_users(ask.ListUsersRequest())
    version.policy_document = READ_RAM.replace("Allow", "Deny")
    ram.create_policy_version(version)
    with refused("NoPermission", 403) as denied:
        as_user.list_users(ask.ListUsersRequest())
    assert "ExplicitDeny" in denied.value.message

    ram.detach_policy_from_user(ask.DetachPolicyFromUserRequest(**grant))
    as_user.list_users(ask.ListUsersRequest())
    again = ask.DetachPolicyFromUserRequest(**grant)
    with refused("EntityNotExist.User.Policy", 404):
        ram.detach_policy_from_user(again)


def test_a_policy_for_one_resource(ram: Ram, cloud: Cloud, user: str) -> None:
    key = ram.create_access_key(ask.CreateAccessKeyRequest(user_name=user)).body.access_key
    as_user = ram_of(cloud, key.access_key_id, key.access_key_secret)
    document = json.loads(READ_RAM)
    document["Statement"][0] |= {"Action": "ram:GetUser", "Resource": f"acs:ram:*:*:user/{user}"}
    document["Statement"][0]["Condition"] = {"IpAddress": {"acs:SourceIp": "127.0.0.0/8"}}
    ram.create_policy(ask.CreatePolicyRequest(policy_name=user, policy_document=json.dumps(document)))
    ram.attach_policy_to_user(ask.AttachPolicyToUserRequest(policy_type="Custom", policy_name=user, user_name=user))
    assert as_user.get_user(ask.GetUserRequest(user_name=user)).body.user.user_name == user
    with refused("NoPermission", 403):
        as_user.get_user(ask.GetUserRequest(user_name="someone-else"))
    document["Statement"][0]["Condition"] = {"IpAddress": {"acs:SourceIp": "203.0.113.0/24"}}
    ram.create_policy_version(
        ask.CreatePolicyVersionRequest(policy_name=user, policy_document=json.dumps(document), set_as_default=True)
    )
    with refused("NoPermission", 403):
        as_user.get_user(ask.GetUserRequest(user_name=user))


def test_groups_bind_their_members(ram: Ram, cloud: Cloud, user: str) -> None:
    group = ram.create_group(ask.CreateGroupRequest(group_name=user, comments="readers")).body.group
    assert (group.group_name, group.comments) == (user, "readers")
    with refused("EntityAlreadyExists.Group", 409):
        ram.create_group(ask.CreateGroupRequest(group_name=user))
    both = {"group_name": user, "user_name": user}
    ram.add_user_to_group(ask.AddUserToGroupRequest(**both))
    with refused("EntityAlreadyExists.User.Group", 409):
        ram.add_user_to_group(ask.AddUserToGroupRequest(**both))

    key = ram.create_access_key(ask.CreateAccessKeyRequest(user_name=user)).body.access_key
    as_user = ram_of(cloud, key.access_key_id, key.access_key_secret)
    with refused("NoPermission", 403):
        as_user.list_users(ask.ListUsersRequest())
    grant = {"policy_type": "System", "policy_name": "AliyunRAMReadOnlyAccess", "group_name": user}
    ram.attach_policy_to_group(ask.AttachPolicyToGroupRequest(**grant))
    with refused("EntityAlreadyExists.Group.Policy", 409):
        ram.attach_policy_to_group(ask.AttachPolicyToGroupRequest(**grant))
    as_user.list_users(ask.ListUsersRequest())

    mine = ram.list_groups_for_user(ask.ListGroupsForUserRequest(user_name=user)).body.groups.group
    assert [one.group_name for one in mine] == [user]
    assert DATE.fullmatch(mine[0].join_date)
    members = ram.list_users_for_group(ask.ListUsersForGroupRequest(group_name=user)).body
    assert [one.user_name for one in members.users.user] == [user]
    assert members.is_truncated is False
    attached = ram.list_policies_for_group(ask.ListPoliciesForGroupRequest(group_name=user)).body.policies.policy
    assert [(one.policy_name, one.policy_type, one.default_version) for one in attached] == [
        ("AliyunRAMReadOnlyAccess", "System", "v1")
    ]

    renamed = ram.update_group(
        ask.UpdateGroupRequest(group_name=user, new_group_name=f"{user}-2", new_comments="")
    ).body.group
    assert (renamed.group_name, renamed.comments, renamed.group_id) == (f"{user}-2", "", group.group_id)
    as_user.list_users(ask.ListUsersRequest())

    with refused("DeleteConflict.Group.User", 409):
        ram.delete_group(ask.DeleteGroupRequest(group_name=f"{user}-2"))
    with refused("DeleteConflict.User.AccessKey", 409):
        ram.delete_user(ask.DeleteUserRequest(user_name=user))
    both["group_name"] = grant["group_name"] = f"{user}-2"
    ram.remove_user_from_group(ask.RemoveUserFromGroupRequest(**both))
    removal = ask.RemoveUserFromGroupRequest(**both)
    with refused("EntityNotExist.User.Group", 404):
        ram.remove_user_from_group(removal)
    with refused("NoPermission", 403):
        as_user.list_users(ask.ListUsersRequest())
    with refused("DeleteConflict.Group.Policy", 409):
        ram.delete_group(ask.DeleteGroupRequest(group_name=f"{user}-2"))
    ram.detach_policy_from_group(ask.DetachPolicyFromGroupRequest(**grant))
    ram.delete_group(ask.DeleteGroupRequest(group_name=f"{user}-2"))
    with refused("EntityNotExist.Group", 404):
        ram.get_group(ask.GetGroupRequest(group_name=f"{user}-2"))


def test_a_user_with_ties_stays(ram: Ram, user: str) -> None:
    ram.create_group(ask.CreateGroupRequest(group_name=user))
    ram.add_user_to_group(ask.AddUserToGroupRequest(group_name=user, user_name=user))
    with refused("DeleteConflict.User.Group", 409):
        ram.delete_user(ask.DeleteUserRequest(user_name=user))
    ram.remove_user_from_group(ask.RemoveUserFromGroupRequest(group_name=user, user_name=user))
    grant = {"policy_type": "System", "policy_name": "ReadOnlyAccess", "user_name": user}
    ram.attach_policy_to_user(ask.AttachPolicyToUserRequest(**grant))
    with refused("DeleteConflict.User.Policy", 409):
        ram.delete_user(ask.DeleteUserRequest(user_name=user))
    ram.detach_policy_from_user(ask.DetachPolicyFromUserRequest(**grant))
    ram.delete_user(ask.DeleteUserRequest(user_name=user))
    ram.delete_group(ask.DeleteGroupRequest(group_name=user))


def test_a_user_joins_five_groups_at_most(ram: Ram, user: str) -> None:
    for number in range(6):
        ram.create_group(ask.CreateGroupRequest(group_name=f"{user}-{number}"))
        request = ask.AddUserToGroupRequest(group_name=f"{user}-{number}", user_name=user)
        if number < 5:
            ram.add_user_to_group(request)
        else:
            with refused("LimitExceeded.User.Group", 409):
                ram.add_user_to_group(request)
    for number in range(6):
        if number < 5:
            ram.remove_user_from_group(ask.RemoveUserFromGroupRequest(group_name=f"{user}-{number}", user_name=user))
        ram.delete_group(ask.DeleteGroupRequest(group_name=f"{user}-{number}"))


def test_the_account_alias(ram: Ram, name: str) -> None:
    ram.set_account_alias(ask.SetAccountAliasRequest(account_alias=name))
    assert ram.get_account_alias().body.account_alias == name
    with refused("InvalidParameter.AccountAlias.Format", 400):
        ram.set_account_alias(ask.SetAccountAliasRequest(account_alias="No--Alias"))
    with refused("InvalidParameter.AccountAlias.Length", 400):
        ram.set_account_alias(ask.SetAccountAliasRequest(account_alias="x"))
    ram.clear_account_alias()
    assert ram.get_account_alias().body.account_alias == ""


def test_nobody_has_a_console_password_or_an_mfa_device(ram: Ram, user: str) -> None:
    """What Terraform's `force` and security scanners ask before they go on."""
    with refused("EntityNotExist.User.LoginProfile", 404):
        ram.get_login_profile(ask.GetLoginProfileRequest(user_name=user))
    with refused("EntityNotExist.User.LoginProfile", 404):
        ram.delete_login_profile(ask.DeleteLoginProfileRequest(user_name=user))
    with refused("EntityNotExist.User.MFADevice", 404):
        ram.get_user_mfainfo(ask.GetUserMFAInfoRequest(user_name=user))
    with refused("EntityNotExist.User.MFADevice", 404):
        ram.unbind_mfadevice(ask.UnbindMFADeviceRequest(user_name=user))
    with refused("EntityNotExist.User", 404):
        ram.get_login_profile(ask.GetLoginProfileRequest(user_name="nobody"))
    assert ram.list_virtual_mfadevices().body.virtual_mfadevices.virtual_mfadevice == []


def test_ten_custom_policies_a_user(ram: Ram, user: str) -> None:
    for number in range(11):
        name = f"policy-{number}"
        ram.create_policy(ask.CreatePolicyRequest(policy_name=name, policy_document=READ_ECS))
        grant = ask.AttachPolicyToUserRequest(policy_type="Custom", policy_name=name, user_name=user)
        if number < 10:
            ram.attach_policy_to_user(grant)
        else:
            with refused("LimitExceeded.User.Policy", 409):
                ram.attach_policy_to_user(grant)
    grant = ask.AttachPolicyToUserRequest(policy_type="System", policy_name="ReadOnlyAccess", user_name=user)
    ram.attach_policy_to_user(grant)


def test_of_many_who_create_one_user_one_does(cloud: Cloud) -> None:
    def create(_: int) -> str:
        try:
            Ram(cloud.config()).create_user(ask.CreateUserRequest(user_name="the-one"))
        except AlibabaCloudException as refusal:
            return str(refusal.code)
        return "made"

    with ThreadPoolExecutor(8) as threads:
        answers = sorted(threads.map(create, range(8)))
    assert answers == ["EntityAlreadyExists.User"] * 7 + ["made"]


def test_the_old_core_speaks_to_ram_in_xml_and_json(cloud: Cloud) -> None:
    """aliyun-python-sdk-core signs as V1 did. It asks for JSON where it raises exceptions, else as it is told."""
    client = AcsClient(cloud.access_key_id, cloud.access_key_secret, cloud.region)

    def request(action: str, **parameters: str) -> CommonRequest:
        made = CommonRequest(domain=cloud.endpoint, version="2015-05-01", action_name=action)
        made.set_protocol_type("http")
        for name, value in parameters.items():
            made.add_query_param(name, value)
        return made

    made = json.loads(client.do_action_with_exception(request("CreateUser", UserName="bob", Comments="<&>")))
    assert made["User"]["UserName"] == "bob"
    client.do_action_with_exception(request("CreateUser", UserName="carol"))
    with pytest.raises(ServerException) as caught:
        client.do_action_with_exception(request("GetUser", UserName="nobody"))
    assert (caught.value.get_error_code(), caught.value.get_http_status()) == ("EntityNotExist.User", 404)

    listing = request("ListUsers", MaxItems="1")
    listing.set_accept_format("XML")
    root = ElementTree.fromstring(client.do_action(listing))
    assert root.tag == "ListUsersResponse"
    assert [one.text for one in root.findall("Users/User/UserName")] == ["bob"]
    assert root.findtext("Users/User/Comments") == "<&>"
    assert (root.findtext("IsTruncated"), root.findtext("Marker")) == ("true", "bob")
