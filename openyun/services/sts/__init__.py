"""The STS service. Importing it declares its operations."""

from openyun.services.sts import assume_role, caller_identity
from openyun.services.sts.service import sts

__all__ = ["assume_role", "caller_identity", "sts"]
