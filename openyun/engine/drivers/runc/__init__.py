"""Instances as containers of runc."""

from openyun.engine.drivers.runc.compute import RuncCompute

__all__ = ["RuncCompute"]
