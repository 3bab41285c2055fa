"""Instances as containers of runc."""

from openyun.engine.drivers.runc.compute import RuncCompute
from openyun.engine.drivers.runc.disks import RuncDisks

__all__ = ["RuncCompute", "RuncDisks"]
