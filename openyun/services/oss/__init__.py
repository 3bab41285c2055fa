"""The OSS service. Importing it declares its operations."""

from openyun.services.oss import acl, buckets, deletion, listing, objects
from openyun.services.oss.service import oss

__all__ = ["acl", "buckets", "deletion", "listing", "objects", "oss"]
