"""The VPC service. Importing it declares its operations."""

from openyun.services.vpc import (
    errors,
    networks,
    records,
    regions,
    resource_groups,
    route_tables,
    tags,
    v_switches,
    vpcs,
)
from openyun.services.vpc.service import vpc

__all__ = [
    "errors",
    "networks",
    "records",
    "regions",
    "resource_groups",
    "route_tables",
    "tags",
    "v_switches",
    "vpc",
    "vpcs",
]
