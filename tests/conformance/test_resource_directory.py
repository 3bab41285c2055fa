"""The account tree and control policies through the official SDKs."""

from __future__ import annotations

import json
from typing import Any

import oss2
import pytest
from alibabacloud_ram20150501 import models as ram_ask
from alibabacloud_ram20150501.client import Client as Ram
from alibabacloud_resourcemanager20200331 import models as ask
from alibabacloud_resourcemanager20200331.client import Client as Directory
from alibabacloud_sts20150401 import models as sts_ask
from alibabacloud_sts20150401.client import Client as Sts
from alibabacloud_vpc20160428 import models as vpc_ask
from alibabacloud_vpc20160428.client import Client as Vpc

from tests.conformance.conftest import REGION, Cloud, refused

ACCESS_ROLE = "ResourceDirectoryAccountAccessRole"


@pytest.fixture
def directory(cloud: Cloud) -> Directory:
    made = Directory(cloud.config())
    made.init_resource_directory()
    return made


def folder(directory: Directory, name: str, parent: str | None = None) -> str:
    asked = ask.CreateFolderRequest(folder_name=name, parent_folder_id=parent)
    made: str = directory.create_folder(asked).body.folder.folder_id
    return made


def account(directory: Directory, name: str, parent: str | None = None) -> str:
    asked = ask.CreateResourceAccountRequest(display_name=name, parent_folder_id=parent)
    made: str = directory.create_resource_account(asked).body.account.account_id
    return made


def working_in(cloud: Cloud, ram: Ram, account_id: str) -> Cloud:
    """As a RAM user of the management account works in a member: by the member's access role."""
    if not ram.list_users(ram_ask.ListUsersRequest()).body.users.user:
        ram.create_user(ram_ask.CreateUserRequest(user_name="admin"))
        ram.attach_policy_to_user(
            ram_ask.AttachPolicyToUserRequest(
                user_name="admin", policy_type="System", policy_name="AdministratorAccess"
            )
        )
    key = ram.create_access_key(ram_ask.CreateAccessKeyRequest(user_name="admin")).body.access_key
    admin = cloud.with_key(key.access_key_id, key.access_key_secret)
    given = (
        Sts(admin.config())
        .assume_role(
            sts_ask.AssumeRoleRequest(role_arn=f"acs:ram::{account_id}:role/{ACCESS_ROLE}", role_session_name="work")
        )
        .body.credentials
    )
    return Cloud(
        cloud.endpoint, account_id, given.access_key_id, given.access_key_secret, given.security_token, cloud.region
    )


def test_a_directory_is_opened_once_and_closed_when_empty(cloud: Cloud, directory: Directory) -> None:
    found = directory.get_resource_directory().body.resource_directory
    assert (found.master_account_id, found.control_policy_status) == (cloud.account_id, "Disabled")
    with refused("EntityAlreadyExists.ResourceDirectory", 409):
        directory.init_resource_directory()
    made = folder(directory, "core")
    with refused("DeleteConflict.ResourceDirectory.NotEmpty", 409):
        directory.destroy_resource_directory()
    directory.delete_folder(ask.DeleteFolderRequest(folder_id=made))
    directory.destroy_resource_directory()
    with refused("EntityNotExists.ResourceDirectory", 404):
        directory.get_resource_directory()
    with refused("EntityNotExists.ResourceDirectory", 404):
        directory.list_accounts(ask.ListAccountsRequest())


def test_folders_and_accounts_form_a_tree(directory: Directory) -> None:
    root = directory.get_resource_directory().body.resource_directory.root_folder_id
    core = folder(directory, "core")
    tests = folder(directory, "tests", core)
    with refused("EntityAlreadyExists.FolderName", 409):
        folder(directory, "core")
    with refused("EntityNotExists.ParentFolder", 404):
        folder(directory, "lost", "fd-0123456789")
    with refused("InvalidParameter.FolderId", 400):
        folder(directory, "lost", "folder")
    deep = tests
    for level in range(3):
        deep = folder(directory, f"level-{level}", deep)
    with refused("LimitExceeded.Folder.Depth", 409):
        folder(directory, "too-deep", deep)

    member = account(directory, "shop", tests)
    with refused("EntityAlreadyExists.Account.DisplayName", 409):
        account(directory, "shop")
    shown = directory.get_account(ask.GetAccountRequest(account_id=member)).body.account
    assert (shown.type, shown.status, shown.join_method, shown.folder_id) == (
        "ResourceAccount",
        "CreateSuccess",
        "created",
        tests,
    )
    assert shown.resource_directory_path == f"{shown.resource_directory_id}/{root}/{core}/{tests}/{member}"
    ancestors = directory.list_ancestors(ask.ListAncestorsRequest(child_id=member)).body.folders.folder
    assert [one.folder_id for one in ancestors] == [root, core, tests]
    with refused("DeleteConflict.Folder.SubFolder", 409):
        directory.delete_folder(ask.DeleteFolderRequest(folder_id=core))
    with refused("DeleteConflict.Folder.Account", 409):
        directory.delete_folder(ask.DeleteFolderRequest(folder_id=folder_with(directory, member)))

    directory.move_account(ask.MoveAccountRequest(account_id=member, destination_folder_id=root))
    directory.update_account(ask.UpdateAccountRequest(account_id=member, new_display_name="the-shop"))
    at_root = directory.list_accounts_for_parent(ask.ListAccountsForParentRequest()).body
    assert [(one.account_id, one.display_name) for one in at_root.accounts.account] == [(member, "the-shop")]
    everyone = directory.list_accounts(ask.ListAccountsRequest(page_size=1)).body
    assert (everyone.total_count, everyone.accounts.account[0].account_id) == (1, member)
    directory.update_folder(ask.UpdateFolderRequest(folder_id=core, new_folder_name="base"))
    below = directory.list_folders_for_parent(ask.ListFoldersForParentRequest(parent_folder_id=root)).body
    assert {one.folder_name for one in below.folders.folder} == {"base", "lonely"}
    assert directory.get_folder(ask.GetFolderRequest(folder_id=tests)).body.folder.parent_folder_id == core
    with refused("NotSupport.Folder.Root", 409):
        directory.delete_folder(ask.DeleteFolderRequest(folder_id=root))


def folder_with(directory: Directory, member: str) -> str:
    """A folder with nothing but this member."""
    made = folder(directory, "lonely")
    directory.move_account(ask.MoveAccountRequest(account_id=member, destination_folder_id=made))
    return made


def test_accounts_are_invited(cloud: Cloud, other_cloud: Cloud, directory: Directory) -> None:
    guest = Directory(other_cloud.config())

    def invite() -> str:
        asked = ask.InviteAccountToResourceDirectoryRequest(
            target_entity=other_cloud.account_id, target_type="Account", note="come in"
        )
        made: str = directory.invite_account_to_resource_directory(asked).body.handshake.handshake_id
        return made

    first = invite()
    with refused("EntityAlreadyExists.Handshake", 409):
        invite()
    with refused("EntityNotExists.Handshake", 404):
        directory.accept_handshake(ask.AcceptHandshakeRequest(handshake_id=first))
    guest.decline_handshake(ask.DeclineHandshakeRequest(handshake_id=first))
    with refused("InvalidOperation.Handshake.Status", 409):
        guest.accept_handshake(ask.AcceptHandshakeRequest(handshake_id=first))
    second = invite()
    directory.cancel_handshake(ask.CancelHandshakeRequest(handshake_id=second))
    third = invite()
    seen = guest.list_handshakes_for_account(ask.ListHandshakesForAccountRequest()).body
    assert {one.handshake_id: one.status for one in seen.handshakes.handshake} == {
        first: "Declined",
        second: "Cancelled",
        third: "Pending",
    }
    assert guest.get_handshake(ask.GetHandshakeRequest(handshake_id=third)).body.handshake.note == "come in"
    guest.accept_handshake(ask.AcceptHandshakeRequest(handshake_id=third))
    (member,) = directory.list_accounts(ask.ListAccountsRequest()).body.accounts.account
    assert (member.account_id, member.type, member.join_method) == (other_cloud.account_id, "CloudAccount", "invited")
    with refused("InvalidParameter.NotMasterAccount", 400):
        guest.list_accounts(ask.ListAccountsRequest())
    assert guest.get_resource_directory().body.resource_directory.master_account_id == cloud.account_id
    directory.remove_cloud_account(ask.RemoveCloudAccountRequest(account_id=other_cloud.account_id))
    with refused("EntityNotExists.ResourceDirectory", 404):
        guest.get_resource_directory()
    resource_account = account(directory, "made-here")
    with refused("DeleteConflict.Account.ResourceAccount", 409):
        directory.remove_cloud_account(ask.RemoveCloudAccountRequest(account_id=resource_account))


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "1", "Statement": list(statements)})


def control_policy(directory: Directory, name: str, **statement: Any) -> str:
    asked = ask.CreateControlPolicyRequest(
        policy_name=name, effect_scope="RAM", policy_document=document({"Resource": "*", **statement})
    )
    made: str = directory.create_control_policy(asked).body.control_policy.policy_id
    return made


def test_control_policies_bind_the_identities_of_members(cloud: Cloud, ram: Ram, directory: Directory) -> None:
    root = directory.get_resource_directory().body.resource_directory.root_folder_id
    core = folder(directory, "core")
    member = account(directory, "shop", core)
    inside = working_in(cloud, ram, member)
    vpc, bucket = Vpc(inside.config()), f"shop-{member}"
    storage = oss2.StsAuth(inside.access_key_id, inside.access_key_secret, inside.security_token)
    oss2.Bucket(storage, f"http://{cloud.endpoint}", bucket, is_path_style=True).create_bucket()
    look = vpc_ask.DescribeVpcsRequest(region_id=REGION)
    vpc.describe_vpcs(look)

    no_networks = control_policy(directory, "no-networks", Effect="Deny", Action="vpc:Create*")
    with refused("NotEnabled.ControlPolicy", 409):
        directory.attach_control_policy(ask.AttachControlPolicyRequest(policy_id=no_networks, target_id=core))
    assert directory.enable_control_policy().body.enablement_status == "Enabled"
    directory.attach_control_policy(ask.AttachControlPolicyRequest(policy_id=no_networks, target_id=core))
    vpc.describe_vpcs(look)
    with refused("Forbidden.RAM", 403) as caught:
        vpc.create_vpc(vpc_ask.CreateVpcRequest(region_id=REGION))
    assert "ControlPolicy" in str(caught.value.data)
    far = vpc_ask.CreateVpcRequest(region_id="cn-shanghai")
    with refused("Forbidden.RAM", 403):
        vpc.create_vpc(far)

    # The management account is bound by none of them, even with a policy at the root.
    directory.attach_control_policy(ask.AttachControlPolicyRequest(policy_id=no_networks, target_id=root))
    Vpc(cloud.config()).create_vpc(vpc_ask.CreateVpcRequest(region_id=REGION))

    # Each level must allow: without FullAliyunAccess only what the rest of the level names.
    only_storage = control_policy(directory, "only-storage", Effect="Allow", Action="oss:*")
    directory.attach_control_policy(ask.AttachControlPolicyRequest(policy_id=only_storage, target_id=member))
    directory.detach_control_policy(ask.DetachControlPolicyRequest(policy_id="cp-FullAliyunAccess", target_id=member))
    with refused("Forbidden.RAM", 403):
        vpc.describe_vpcs(look)
    objects = oss2.Bucket(storage, f"http://{cloud.endpoint}", bucket, is_path_style=True)
    objects.put_object("a", b"b")
    with refused("DeleteConflict.ControlPolicyAttachment.Last", 409):
        directory.detach_control_policy(ask.DetachControlPolicyRequest(policy_id=only_storage, target_id=member))
    directory.update_control_policy(
        ask.UpdateControlPolicyRequest(
            policy_id=only_storage,
            new_policy_document=document({"Effect": "Allow", "Action": "oss:Get*", "Resource": "*"}),
        )
    )
    with pytest.raises(oss2.exceptions.AccessDenied):
        objects.put_object("a", b"b")
    assert objects.get_object("a").read() == b"b"

    # Elsewhere in the tree, other bounds.
    directory.detach_control_policy(ask.DetachControlPolicyRequest(policy_id=no_networks, target_id=root))
    free = account(directory, "free")
    Vpc(working_in(cloud, ram, free).config()).create_vpc(vpc_ask.CreateVpcRequest(region_id=REGION))
    directory.disable_control_policy()
    vpc.create_vpc(vpc_ask.CreateVpcRequest(region_id=REGION))


def test_control_policies_are_kept_and_listed(directory: Directory) -> None:
    directory.enable_control_policy()
    assert directory.get_control_policy_enablement_status().body.enablement_status == "Enabled"
    core = folder(directory, "core")
    policy_id = control_policy(directory, "guard", Effect="Deny", Action="ram:*")
    with refused("EntityAlreadyExists.ControlPolicy", 409):
        control_policy(directory, "guard", Effect="Deny", Action="ram:*")
    with refused("InvalidParameter.PolicyDocument", 400):
        control_policy(directory, "broken", Effect="Perhaps", Action="ram:*")
    directory.attach_control_policy(ask.AttachControlPolicyRequest(policy_id=policy_id, target_id=core))
    with refused("EntityAlreadyExists.ControlPolicyAttachment", 409):
        directory.attach_control_policy(ask.AttachControlPolicyRequest(policy_id=policy_id, target_id=core))
    with refused("EntityNotExists.Target", 404):
        directory.attach_control_policy(ask.AttachControlPolicyRequest(policy_id=policy_id, target_id="1234"))
    attached = directory.list_control_policy_attachments_for_target(
        ask.ListControlPolicyAttachmentsForTargetRequest(target_id=core)
    ).body.control_policy_attachments.control_policy_attachment
    assert {(one.policy_name, one.policy_type) for one in attached} == {
        ("FullAliyunAccess", "System"),
        ("guard", "Custom"),
    }
    (target,) = directory.list_target_attachments_for_control_policy(
        ask.ListTargetAttachmentsForControlPolicyRequest(policy_id=policy_id)
    ).body.target_attachments.target_attachment
    assert (target.target_id, target.target_name, target.target_type) == (core, "core", "Folder")
    with refused("DeleteConflict.ControlPolicy.Attachment", 409):
        directory.delete_control_policy(ask.DeleteControlPolicyRequest(policy_id=policy_id))
    directory.update_control_policy(
        ask.UpdateControlPolicyRequest(policy_id=policy_id, new_policy_name="guards", new_description="no")
    )
    shown = directory.get_control_policy(ask.GetControlPolicyRequest(policy_id=policy_id)).body.control_policy
    assert (shown.policy_name, shown.description, shown.attachment_count) == ("guards", "no", "1")
    assert json.loads(shown.policy_document)["Statement"][0]["Action"] == "ram:*"
    with refused("NotSupport.ControlPolicy.System", 400):
        directory.delete_control_policy(ask.DeleteControlPolicyRequest(policy_id="cp-FullAliyunAccess"))
    directory.detach_control_policy(ask.DetachControlPolicyRequest(policy_id=policy_id, target_id=core))
    directory.delete_control_policy(ask.DeleteControlPolicyRequest(policy_id=policy_id))
    listed = directory.list_control_policies(ask.ListControlPoliciesRequest(policy_type="Custom")).body
    assert (listed.total_count, listed.control_policies.control_policy) == (0, [])


def test_a_stranger_sees_and_changes_nothing(other_cloud: Cloud, directory: Directory) -> None:
    core = folder(directory, "core")
    member = account(directory, "shop", core)
    policy_id = control_policy(directory, "guard", Effect="Deny", Action="ram:*")
    stranger = Directory(other_cloud.config())
    stranger.enable_resource_directory(ask.EnableResourceDirectoryRequest(enable_mode="CurrentAccount"))
    stranger.enable_control_policy()
    with refused("EntityNotExists.Folder", 404):
        stranger.get_folder(ask.GetFolderRequest(folder_id=core))
    with refused("EntityNotExists.Folder", 404):
        stranger.update_folder(ask.UpdateFolderRequest(folder_id=core, new_folder_name="mine"))
    with refused("EntityNotExists.ResourceDirectory.Account", 404):
        stranger.get_account(ask.GetAccountRequest(account_id=member))
    with refused("EntityNotExists.ResourceDirectory.Account", 404):
        stranger.list_ancestors(ask.ListAncestorsRequest(child_id=member))
    with refused("EntityNotExists.ControlPolicy", 404):
        stranger.get_control_policy(ask.GetControlPolicyRequest(policy_id=policy_id))
    with refused("EntityNotExists.ControlPolicy", 404):
        stranger.attach_control_policy(ask.AttachControlPolicyRequest(policy_id=policy_id, target_id=core))
    with refused("EntityNotExists.Target", 404):
        stranger.attach_control_policy(ask.AttachControlPolicyRequest(policy_id="cp-FullAliyunAccess", target_id=core))
    assert stranger.list_accounts(ask.ListAccountsRequest()).body.total_count == 0
    with refused("NoPermission", 403):
        Sts(other_cloud.config()).assume_role(
            sts_ask.AssumeRoleRequest(role_arn=f"acs:ram::{member}:role/{ACCESS_ROLE}", role_session_name="x")
        )
