"""The ResourceManager service. Importing it declares its operations."""

from openyun.services.resourcemanager import (
    accounts,
    control_attachments,
    control_policies,
    directories,
    folders,
    grouped_resources,
    handshakes,
    policy_attachments,
    resource_groups,
    tags,
)
from openyun.services.resourcemanager.service import resourcemanager

__all__ = [
    "accounts",
    "control_attachments",
    "control_policies",
    "directories",
    "folders",
    "grouped_resources",
    "handshakes",
    "policy_attachments",
    "resource_groups",
    "resourcemanager",
    "tags",
]
