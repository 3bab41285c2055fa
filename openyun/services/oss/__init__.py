"""The OSS service. Importing it declares its operations."""

from openyun.services.oss import acl, appending, buckets, copies, deletion, empty_lists, listing, objects
from openyun.services.oss.service import oss

__all__ = ["acl", "appending", "buckets", "copies", "deletion", "empty_lists", "listing", "objects", "oss"]
