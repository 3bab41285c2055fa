"""The OSS service. Importing it declares its operations."""

from openyun.services.oss import acl, buckets, copies, deletion, listing, objects
from openyun.services.oss.service import oss

__all__ = ["acl", "buckets", "copies", "deletion", "listing", "objects", "oss"]
