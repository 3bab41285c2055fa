"""VPC networks made of network namespaces, bridges and nftables."""

from openyun.engine.drivers.vpc.network import VpcNetwork

__all__ = ["VpcNetwork"]
