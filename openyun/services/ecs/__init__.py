"""The ECS service. Importing it declares its operations."""

from openyun.services.ecs import network_interfaces, regions, tags
from openyun.services.ecs.command import commands, invocations
from openyun.services.ecs.command import results as invocation_results
from openyun.services.ecs.instance import attributes as instance_attributes
from openyun.services.ecs.instance import (
    describe_instances,
    lifecycle,
    modify_instance,
    ports,
    ram_roles,
    run_instances,
)
from openyun.services.ecs.instance_type import available_resources, instance_types
from openyun.services.ecs.key_pair import key_pairs
from openyun.services.ecs.security_group import members as security_group_members
from openyun.services.ecs.security_group import rules as security_group_rules
from openyun.services.ecs.security_group import security_groups
from openyun.services.ecs.service import ecs
from openyun.services.ecs.storage import disks, images

__all__ = [
    "available_resources",
    "commands",
    "describe_instances",
    "disks",
    "ecs",
    "images",
    "instance_attributes",
    "instance_types",
    "invocation_results",
    "invocations",
    "key_pairs",
    "lifecycle",
    "modify_instance",
    "network_interfaces",
    "ports",
    "ram_roles",
    "regions",
    "run_instances",
    "security_group_members",
    "security_group_rules",
    "security_groups",
    "tags",
]
