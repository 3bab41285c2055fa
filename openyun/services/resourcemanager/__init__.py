"""The ResourceManager service. Importing it declares its operations."""

from openyun.services.resourcemanager import (
    accounts,
    control_attachments,
    control_policies,
    directories,
    folders,
    grouped_resources,
    handshakes,
    resource_groups,
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
    "resource_groups",
    "resourcemanager",
]
