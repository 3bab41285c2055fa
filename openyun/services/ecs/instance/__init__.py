"""Instances: launched, described, changed, stopped and released."""
