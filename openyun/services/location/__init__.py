"""The Location service. Importing it declares its operations."""

from openyun.services.location import endpoints
from openyun.services.location.service import location

__all__ = ["endpoints", "location"]
