"""The ECS service. Importing it declares its operations."""

from openyun.services.ecs import account_attributes, regions, resource_groups, tags
from openyun.services.ecs.command import commands, files, invocations
from openyun.services.ecs.command import results as invocation_results
from openyun.services.ecs.deployment_set import deployment_sets
from openyun.services.ecs.deployment_set import moving as deployment_moving
from openyun.services.ecs.instance import attributes as instance_attributes
from openyun.services.ecs.instance import (
    charging,
    console_output,
    describe_instances,
    lifecycle,
    maintenance,
    modify_instance,
    modify_spec,
    modify_vpc,
    ports,
    ram_roles,
    run_instances,
)
from openyun.services.ecs.instance import events as instance_events
from openyun.services.ecs.instance_type import available_resources, instance_types, modifications
from openyun.services.ecs.key_pair import key_pairs
from openyun.services.ecs.launch_template import describing as launch_template_describing
from openyun.services.ecs.launch_template import templates as launch_templates
from openyun.services.ecs.network_interface import (
    addresses as interface_addresses,
)
from openyun.services.ecs.network_interface import (
    attachments as interface_attachments,
)
from openyun.services.ecs.network_interface import (
    describing as interface_describing,
)
from openyun.services.ecs.network_interface import destinations, interfaces, logged, network_interfaces
from openyun.services.ecs.prefix_list import prefix_lists
from openyun.services.ecs.price import describing as prices
from openyun.services.ecs.price import spot_market
from openyun.services.ecs.security_group import members as security_group_members
from openyun.services.ecs.security_group import rules as security_group_rules
from openyun.services.ecs.security_group import security_groups
from openyun.services.ecs.service import ecs
from openyun.services.ecs.storage import (
    attaching,
    auto_snapshots,
    create_image,
    describe_disks,
    describe_images,
    describe_snapshots,
    disks,
    image_sharing,
    image_transfer,
    images,
    modify_disk,
    resetting,
    snapshot_groups,
    snapshots,
    tasks,
)

__all__ = [
    "account_attributes",
    "attaching",
    "auto_snapshots",
    "available_resources",
    "charging",
    "commands",
    "console_output",
    "create_image",
    "deployment_moving",
    "deployment_sets",
    "describe_disks",
    "describe_images",
    "describe_instances",
    "describe_snapshots",
    "destinations",
    "disks",
    "ecs",
    "files",
    "image_sharing",
    "image_transfer",
    "images",
    "instance_attributes",
    "instance_events",
    "instance_types",
    "interface_addresses",
    "interface_attachments",
    "interface_describing",
    "interfaces",
    "invocation_results",
    "invocations",
    "key_pairs",
    "launch_template_describing",
    "launch_templates",
    "lifecycle",
    "logged",
    "maintenance",
    "modifications",
    "modify_disk",
    "modify_instance",
    "modify_spec",
    "modify_vpc",
    "network_interfaces",
    "ports",
    "prefix_lists",
    "prices",
    "ram_roles",
    "regions",
    "resetting",
    "resource_groups",
    "run_instances",
    "security_group_members",
    "security_group_rules",
    "security_groups",
    "snapshot_groups",
    "snapshots",
    "spot_market",
    "tags",
    "tasks",
]
