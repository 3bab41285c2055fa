"""The ECS service. Importing it declares its operations."""

from openyun.services.ecs import available_resources, instance_types, regions
from openyun.services.ecs.service import ecs

__all__ = ["available_resources", "ecs", "instance_types", "regions"]
