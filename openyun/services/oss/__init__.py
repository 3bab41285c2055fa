"""The OSS service. Importing it declares its operations."""

from openyun.services.oss import live_channels
from openyun.services.oss.bucket import (
    access_logging,
    acl,
    buckets,
    cname,
    cors,
    encryption,
    inventory,
    lifecycle,
    public_access_block,
    referer,
    replication,
    style,
    switches,
    versioning,
    website,
    worm,
)
from openyun.services.oss.bucket import info as bucket_info
from openyun.services.oss.bucket import policy as bucket_policy
from openyun.services.oss.bucket import tagging as bucket_tagging
from openyun.services.oss.object import (
    appending,
    callback,
    callback_policy,
    copies,
    deletion,
    listing,
    multipart,
    multipart_listing,
    objects,
    post_object,
    processing,
    restoring,
    symlinks,
    version_listing,
)
from openyun.services.oss.object import tags as object_tags
from openyun.services.oss.select import requests as select_requests
from openyun.services.oss.service import oss

__all__ = [
    "access_logging",
    "acl",
    "appending",
    "bucket_info",
    "bucket_policy",
    "bucket_tagging",
    "buckets",
    "callback",
    "callback_policy",
    "cname",
    "copies",
    "cors",
    "deletion",
    "encryption",
    "inventory",
    "lifecycle",
    "listing",
    "live_channels",
    "multipart",
    "multipart_listing",
    "object_tags",
    "objects",
    "oss",
    "post_object",
    "processing",
    "public_access_block",
    "referer",
    "replication",
    "restoring",
    "select_requests",
    "style",
    "switches",
    "symlinks",
    "version_listing",
    "versioning",
    "website",
    "worm",
]
