"""The VPC service. Importing it declares its operations."""

from openyun.services.vpc import (
    cen_grants,
    cidr_blocks,
    crossings,
    deletion_protection,
    errors,
    logged_interfaces,
    networks,
    public_addresses,
    records,
    regions,
    resource_groups,
    tag_rules,
    tags,
    v_switches,
    vpcs,
)
from openyun.services.vpc.dhcp_options import options_sets as dhcp_options_sets
from openyun.services.vpc.eip import allocations as eip_allocations
from openyun.services.vpc.eip import associations as eip_associations
from openyun.services.vpc.eip import describing as eip_describing
from openyun.services.vpc.eip import eips
from openyun.services.vpc.flow_log import flow_logs
from openyun.services.vpc.nat_gateway import describing as nat_gateway_describing
from openyun.services.vpc.nat_gateway import forward_entries, nat_gateways, snat_entries
from openyun.services.vpc.network_acl import associations as network_acl_associations
from openyun.services.vpc.network_acl import entries as network_acl_entries
from openyun.services.vpc.network_acl import network_acls
from openyun.services.vpc.route_table import entries as route_entries
from openyun.services.vpc.route_table import entry_changes as route_entry_changes
from openyun.services.vpc.route_table import listing as route_table_listing
from openyun.services.vpc.route_table import routers
from openyun.services.vpc.route_table import tables as route_tables
from openyun.services.vpc.service import vpc

__all__ = [
    "cen_grants",
    "cidr_blocks",
    "crossings",
    "deletion_protection",
    "dhcp_options_sets",
    "eip_allocations",
    "eip_associations",
    "eip_describing",
    "eips",
    "errors",
    "flow_logs",
    "forward_entries",
    "logged_interfaces",
    "nat_gateway_describing",
    "nat_gateways",
    "network_acl_associations",
    "network_acl_entries",
    "network_acls",
    "networks",
    "public_addresses",
    "records",
    "regions",
    "resource_groups",
    "route_entries",
    "route_entry_changes",
    "route_table_listing",
    "route_tables",
    "routers",
    "snat_entries",
    "tag_rules",
    "tags",
    "v_switches",
    "vpc",
    "vpcs",
]
