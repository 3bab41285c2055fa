"""VPC networks made of network namespaces, bridges and nftables."""

from openyun.engine.drivers.vpc.exchange import Exchange
from openyun.engine.drivers.vpc.network import VpcNetwork

__all__ = ["Exchange", "VpcNetwork"]
