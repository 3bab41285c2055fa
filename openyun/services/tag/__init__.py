"""The Tag service. Importing it declares its operations."""

from openyun.services.tag import keys_and_values, regions, resource_tags
from openyun.services.tag.service import tag

__all__ = ["keys_and_values", "regions", "resource_tags", "tag"]
