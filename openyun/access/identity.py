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


class Edition(Record):
    """Counts the changes of identity, so that a copy or a cache knows when it is old."""

    TABLE: ClassVar[str] = "identity_edition"

    id: int = 0
    number: int = 0


IDENTITY_RECORDS: tuple[type[Record], ...] = (
    Account, AccessKey, User, Group, Membership, Role, PolicyVersion, CustomPolicy, Attachment,
)  # fmt: skip


def edition(state: Transaction) -> int:
    found = state.get(Edition, 0)
    return found.number if found else 0


def touch(state: Transaction) -> None:
    """Tell caches and copies that identity has changed in this transaction."""
    state.put(Edition(number=edition(state) + 1))
