"""The records of RAM: who exists and what is attached to whom.

They live in the home region's state, are written by `services/ram`, and copied outward to every other region, so that
a region authenticates even when it is cut off from home. Whoever changes one calls `touch`.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from openyun.state import Indexes, Record, Transaction


class Account(Record):
    TABLE: ClassVar[str] = "account"
    INDEXES: ClassVar[tuple[tuple[str, ...], ...]] = (("alias",),)

    id: str
    alias: str = ""
    created_at: str = ""


class AccessKey(Record):
    TABLE: ClassVar[str] = "access_key"
    INDEXES: ClassVar[Indexes] = (("account_id", "user_name"),)

    id: str
    account_id: str
    user_name: str
    """empty for a key of the account itself"""
    sealed_secret: str
    status: Literal["Active", "Inactive"] = "Active"
    created_at: str = ""


class User(Record):
    TABLE: ClassVar[str] = "ram_user"
    KEY: ClassVar[tuple[str, ...]] = ("account_id", "name")

    account_id: str
    name: str
    id: str
    display_name: str = ""
    mobile_phone: str = ""
    email: str = ""
    comments: str = ""
    created_at: str = ""
    updated_at: str = ""
    tags: dict[str, str] = {}


class Group(Record):
    TABLE: ClassVar[str] = "ram_group"
    KEY: ClassVar[tuple[str, ...]] = ("account_id", "name")

    account_id: str
    name: str
    id: str
    comments: str = ""
    created_at: str = ""
    updated_at: str = ""


class Membership(Record):
    TABLE: ClassVar[str] = "ram_membership"
    KEY: ClassVar[tuple[str, ...]] = ("account_id", "user_name", "group_name")
    INDEXES: ClassVar[Indexes] = (("account_id", "group_name"),)

    account_id: str
    user_name: str
    group_name: str
    joined_at: str = ""


class Role(Record):
    TABLE: ClassVar[str] = "ram_role"
    KEY: ClassVar[tuple[str, ...]] = ("account_id", "name")

    account_id: str
    name: str
    id: str
    trust_policy: str
    description: str = ""
    max_session_duration: int = 3600
    """seconds"""
    created_at: str = ""
    updated_at: str = ""
    tags: dict[str, str] = {}

    @property
    def arn(self) -> str:
        return f"acs:ram::{self.account_id}:role/{self.name}"


class PolicyVersion(Record):
    TABLE: ClassVar[str] = "ram_policy_version"
    KEY: ClassVar[tuple[str, ...]] = ("account_id", "policy_name", "number")

    account_id: str
    policy_name: str
    number: int
    """1 for the version named v1"""
    document: str
    created_at: str = ""


class CustomPolicy(Record):
    TABLE: ClassVar[str] = "ram_policy"
    KEY: ClassVar[tuple[str, ...]] = ("account_id", "name")

    account_id: str
    name: str
    document: str
    """of the default version"""
    description: str = ""
    default_version: int = 1
    last_version: int = 1
    """version numbers are never used twice"""
    created_at: str = ""
    updated_at: str = ""
    tags: dict[str, str] = {}


class Attachment(Record):
    """A policy attached to a user, group or role."""

    TABLE: ClassVar[str] = "ram_attachment"
    KEY: ClassVar[tuple[str, ...]] = ("account_id", "party", "party_name", "policy_type", "policy_name")
    INDEXES: ClassVar[Indexes] = (("account_id", "policy_type", "policy_name"),)

    account_id: str
    party: Literal["user", "group", "role"]
    party_name: str
    policy_type: Literal["System", "Custom"]
    policy_name: str
    attached_at: str = ""


class ScopedAttachment(Record):
    """A policy attached to a user, group or role that counts for the resources of one resource group only."""

    TABLE: ClassVar[str] = "ram_scoped_attachment"
    KEY: ClassVar[tuple[str, ...]] = (
        "account_id",
        "party",
        "party_name",
        "resource_group_id",
        "policy_type",
        "policy_name",
    )
    INDEXES: ClassVar[Indexes] = (("account_id", "policy_type", "policy_name"), ("account_id", "resource_group_id"))

    account_id: str
    party: Literal["user", "group", "role"]
    party_name: str
    resource_group_id: str
    policy_type: Literal["System", "Custom"]
    policy_name: str
    attached_at: str = ""


class ResourceGroup(Record):
    """One that an account made; its default group is not kept, for it is always there."""

    TABLE: ClassVar[str] = "resource_group"
    INDEXES: ClassVar[Indexes] = (("account_id", "name"),)

    id: str
    account_id: str
    name: str
    display_name: str = ""
    created_at: str = ""
    tags: dict[str, str] = {}


class ResourceDirectory(Record):
    """The tree of accounts of one company, which begins at its root folder."""

    TABLE: ClassVar[str] = "resource_directory"
    KEY: ClassVar[tuple[str, ...]] = ("management_account_id",)

    management_account_id: str
    id: str
    root_folder_id: str
    control_policies: bool = False
    """whether control policies bind its members"""
    deletion_allowed: bool = False
    """whether resource accounts may be deleted"""
    created_at: str = ""


class Folder(Record):
    TABLE: ClassVar[str] = "resource_folder"
    INDEXES: ClassVar[Indexes] = (("directory_id", "parent_id"),)

    id: str
    directory_id: str
    parent_id: str
    """empty for the root folder"""
    name: str
    created_at: str = ""


class Member(Record):
    """An account in a directory. The management account is none: it stands above the tree."""

    TABLE: ClassVar[str] = "directory_member"
    KEY: ClassVar[tuple[str, ...]] = ("account_id",)
    INDEXES: ClassVar[Indexes] = (("directory_id", "folder_id"),)

    account_id: str
    directory_id: str
    folder_id: str
    name: str
    display_name: str = ""
    type: Literal["ResourceAccount", "CloudAccount"] = "ResourceAccount"
    join_method: Literal["created", "invited"] = "created"
    joined_at: str = ""
    modified_at: str = ""
    tags: dict[str, str] = {}


class ControlPolicy(Record, kw_only=True):
    """What a directory's administrator lets the identities of members do at most."""

    TABLE: ClassVar[str] = "control_policy"
    INDEXES: ClassVar[Indexes] = (("directory_id",),)

    id: str
    directory_id: str
    name: str
    description: str = ""
    document: str
    created_at: str = ""
    updated_at: str = ""


class ControlAttachment(Record):
    """A control policy attached to a folder or a member."""

    TABLE: ClassVar[str] = "control_attachment"
    KEY: ClassVar[tuple[str, ...]] = ("target_id", "policy_id")
    INDEXES: ClassVar[Indexes] = (("directory_id", "policy_id"),)

    target_id: str
    policy_id: str
    directory_id: str
    attached_at: str = ""


class Edition(Record):
    """Counts the changes of identity, so that a copy or a cache knows when it is old."""

    TABLE: ClassVar[str] = "identity_edition"
    CACHED: ClassVar[bool] = True

    id: int = 0
    number: int = 0


IDENTITY_RECORDS: tuple[type[Record], ...] = (
    Account, AccessKey, User, Group, Membership, Role, PolicyVersion, CustomPolicy, Attachment,
    ScopedAttachment, ResourceGroup, ResourceDirectory, Folder, Member, ControlPolicy, ControlAttachment,
)  # fmt: skip


def edition(state: Transaction) -> int:
    found = state.get(Edition, 0)
    return found.number if found else 0


def touch(state: Transaction) -> None:
    """Tell caches and copies that identity has changed in this transaction."""
    state.put(Edition(number=edition(state) + 1))
