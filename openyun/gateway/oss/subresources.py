"""Which operation each sub-resource of a bucket asks for: its configurations.

A sub-resource may be narrowed by a second parameter; then the two are written as one, `inventory&inventoryId`.
"""

from __future__ import annotations

NARROWING = ("inventoryId", "status", "styleName", "wormId")
"""Second parameters whose presence makes another operation; `comp` does so by its value."""


def _three(feature: str, name: str, verbs: str = "Put Get Delete") -> dict[tuple[str, str, str], str]:
    return {(verb.upper(), "bucket", feature): f"{verb}{name}" for verb in verbs.split()}


CONFIGURATIONS: dict[tuple[str, str, str], str] = {
    **_three("accessmonitor", "BucketAccessMonitor", "Put Get"),
    **_three("bucketArchiveDirectRead", "BucketArchiveDirectRead", "Put Get"),
    **_three("cors", "BucketCors"),
    **_three("encryption", "BucketEncryption"),
    **_three("inventory&inventoryId", "BucketInventory"),
    **_three("lifecycle", "BucketLifecycle"),
    **_three("logging", "BucketLogging"),
    **_three("policy", "BucketPolicy"),
    **_three("policyStatus", "BucketPolicyStatus", "Get"),
    **_three("publicAccessBlock", "BucketPublicAccessBlock"),
    **_three("referer", "BucketReferer", "Put Get"),
    **_three("replicationLocation", "BucketReplicationLocation", "Get"),
    **_three("replicationProgress", "BucketReplicationProgress", "Get"),
    **_three("requestPayment", "BucketRequestPayment", "Put Get"),
    **_three("resourceGroup", "BucketResourceGroup", "Put Get"),
    **_three("style&styleName", "Style"),
    **_three("tagging", "BucketTags"),
    **_three("transferAcceleration", "BucketTransferAcceleration", "Put Get"),
    **_three("website", "BucketWebsite"),
    ("GET", "bucket", "inventory"): "ListBucketInventory",
    ("GET", "bucket", "style"): "ListStyle",
    ("POST", "bucket", "replication&comp=add"): "PutBucketReplication",
    ("GET", "bucket", "replication"): "GetBucketReplication",
    ("POST", "bucket", "replication&comp=delete"): "DeleteBucketReplication",
    ("POST", "bucket", "cname&comp=token"): "CreateCnameToken",
    ("GET", "bucket", "cname&comp=token"): "GetCnameToken",
    ("POST", "bucket", "cname&comp=add"): "PutCname",
    ("POST", "bucket", "cname&comp=delete"): "DeleteCname",
    ("GET", "bucket", "cname"): "ListCname",
    ("POST", "bucket", "worm"): "InitiateBucketWorm",
    ("GET", "bucket", "worm"): "GetBucketWorm",
    ("DELETE", "bucket", "worm"): "AbortBucketWorm",
    ("POST", "bucket", "&wormId"): "CompleteBucketWorm",
    ("POST", "bucket", "wormExtend&wormId"): "ExtendBucketWorm",
    ("PUT", "service", "publicAccessBlock"): "PutPublicAccessBlock",
    ("GET", "service", "publicAccessBlock"): "GetPublicAccessBlock",
    ("DELETE", "service", "publicAccessBlock"): "DeletePublicAccessBlock",
}


def narrowed(feature: str, query: list[tuple[str, str]]) -> str:
    """The sub-resource together with what narrows it."""
    for name, value in query:
        if name == "comp":
            return f"{feature}&comp={value}"
        if name in NARROWING:
            return f"{feature}&{name}"
    return feature
