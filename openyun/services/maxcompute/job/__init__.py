"""Instances: jobs that were submitted, and what came of them."""
