"""The VPC service. Importing it declares its operations."""

from openyun.services.vpc import vpcs
from openyun.services.vpc.service import vpc

__all__ = ["vpc", "vpcs"]
