"""The RAM service. Importing it declares its operations."""

from openyun.services.ram import (
    access_keys,
    account_alias,
    attachments,
    console_access,
    groups,
    memberships,
    policies,
    policy_versions,
    roles,
    taggable,
    tagging,
    users,
)
from openyun.services.ram.service import ram

__all__ = [
    "access_keys",
    "account_alias",
    "attachments",
    "console_access",
    "groups",
    "memberships",
    "policies",
    "policy_versions",
    "ram",
    "roles",
    "taggable",
    "tagging",
    "users",
]
