"""The ECS service. Importing it declares its operations."""

from openyun.services.ecs import (
    available_resources,
    instance_types,
    key_pairs,
    regions,
    security_group_members,
    security_group_rules,
    security_groups,
    tags,
)
from openyun.services.ecs.service import ecs

__all__ = [
    "available_resources",
    "ecs",
    "instance_types",
    "key_pairs",
    "regions",
    "security_group_members",
    "security_group_rules",
    "security_groups",
    "tags",
]
