"""Which operation each sub-resource of a bucket asks for: its configurations.

A sub-resource may be narrowed by a second parameter; then the two are written as one, `inventory&inventoryId`.
"""

from __future__ import annotations

NARROWING = (
    *("inventoryId", "status", "styleName", "wormId", "x-oss-access-point-name", "qosRequester", "resourcePool"),
    *("x-oss-target-redundancy-type", "x-oss-redundancy-transition-taskid"),
)
"""Second parameters whose presence makes another operation, the first that is there; `comp` does so by its value."""


def _three(feature: str, name: str, verbs: str = "Put Get Delete") -> dict[tuple[str, str, str], str]:
    return {(verb.upper(), "bucket", feature): f"{verb}{name}" for verb in verbs.split()}


CONFIGURATIONS: dict[tuple[str, str, str], str] = {
    ("POST", "bucket", "asyncFetch"): "PutAsyncFetchTask",
    ("GET", "bucket", "asyncFetch"): "GetAsyncFetchTask",
    ("POST", "bucket", "metaQuery&comp=add"): "OpenMetaQuery",
    ("POST", "bucket", "metaQuery&comp=delete"): "CloseMetaQuery",
    ("POST", "bucket", "metaQuery&comp=query"): "DoMetaQuery",
    ("POST", "bucket", "metaQuery"): "DoMetaQueryAction",
    ("GET", "bucket", "metaQuery"): "GetMetaQueryStatus",
    ("PUT", "bucket", "accessPoint"): "CreateAccessPoint",
    ("GET", "bucket", "accessPoint"): "ListAccessPoints",
    ("GET", "service", "accessPoint"): "ListAccessPoints",
    ("DELETE", "bucket", "accessPoint"): "DeleteAccessPoint",
    **_three("accessPointPolicy", "AccessPointPolicy"),
    **_three("publicAccessBlock&x-oss-access-point-name", "AccessPointPublicAccessBlock"),
    **_three("accessmonitor", "BucketAccessMonitor", "Put Get"),
    **_three("bucketArchiveDirectRead", "BucketArchiveDirectRead", "Put Get"),
    **_three("cors", "BucketCors"),
    **_three("encryption", "BucketEncryption"),
    **_three("inventory&inventoryId", "BucketInventory"),
    **_three("lifecycle", "BucketLifecycle"),
    **_three("logging", "BucketLogging"),
    **_three("objectWorm", "BucketObjectWormConfiguration", "Put Get"),
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
    **_three("transferAcceleration", "BucketTransferAcceleration"),
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
    **_three("httpsConfig", "BucketHttpsConfig", "Put Get"),
    **_three("overwriteConfig", "BucketOverwriteConfig"),
    **_three("qos", "BucketStorageCapacity", "Put Get"),
    **_three("qosInfo", "BucketQosInfo"),
    **_three("quota", "BucketStorageQuota"),
    **_three("requesterQosInfo&qosRequester", "BucketRequesterQosInfo"),
    **_three("rtc", "BucketRtc", "Put"),
    **_three("userDefinedLogFieldsConfig", "UserDefinedLogFieldsConfig"),
    ("GET", "bucket", "requesterQosInfo"): "ListBucketRequesterQosInfos",
    ("POST", "bucket", "redundancyTransition&x-oss-target-redundancy-type"): "CreateBucketDataRedundancyTransition",
    ("GET", "bucket", "redundancyTransition&x-oss-redundancy-transition-taskid"): "GetBucketDataRedundancyTransition",
    ("DELETE", "bucket", "redundancyTransition&x-oss-redundancy-transition-taskid"): (
        "DeleteBucketDataRedundancyTransition"
    ),
    ("GET", "bucket", "redundancyTransition"): "ListBucketDataRedundancyTransition",
    ("GET", "service", "redundancyTransition"): "ListUserDataRedundancyTransition",
    ("GET", "service", "cloudboxes"): "ListCloudBoxes",
    ("GET", "service", "qosInfo"): "GetUserQosInfo",
    ("GET", "service", "regions"): "DescribeRegions",
    ("GET", "service", "&resourcePool"): "ListResourcePools",
    ("GET", "service", "resourcePoolInfo&resourcePool"): "GetResourcePoolInfo",
    ("GET", "service", "resourcePoolBuckets&resourcePool"): "ListResourcePoolBuckets",
    ("PUT", "service", "requesterQosInfo&qosRequester"): "PutResourcePoolRequesterQosInfo",
    ("GET", "service", "requesterQosInfo&qosRequester"): "GetResourcePoolRequesterQosInfo",
    ("DELETE", "service", "requesterQosInfo&qosRequester"): "DeleteResourcePoolRequesterQosInfo",
    ("GET", "service", "requesterQosInfo&resourcePool"): "ListResourcePoolRequesterQosInfos",
    ("PUT", "service", "publicAccessBlock"): "PutPublicAccessBlock",
    ("GET", "service", "publicAccessBlock"): "GetPublicAccessBlock",
    ("DELETE", "service", "publicAccessBlock"): "DeletePublicAccessBlock",
}


def narrowed(feature: str, query: list[tuple[str, str]]) -> str:
    """The sub-resource together with what narrows it."""
    given = dict(query)
    if "comp" in given:
        return f"{feature}&comp={given['comp']}"
    found = next((name for name in NARROWING if name in given), None)
    return f"{feature}&{found}" if found else feature
