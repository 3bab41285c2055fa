"""alicloud_oss_bucket with its settings: what the provider reads of a bucket, and the codes by which it knows that a
setting is not there."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import oss2
import pytest
from oss2 import models

from tests.conformance.conftest import Cloud, eventually


@pytest.fixture
def bucket(cloud: Cloud) -> oss2.Bucket:
    auth = oss2.Auth(cloud.access_key_id, cloud.access_key_secret)
    made = oss2.Bucket(auth, f"http://{cloud.endpoint}", f"terraform-{cloud.account_id}", is_path_style=True)
    made.create_bucket(oss2.BUCKET_ACL_PRIVATE, models.BucketCreateConfig("Standard", "LRS"))
    return made


def of(read: Callable[[], Any], *codes: str) -> Any:
    """What a read answers; None where it says by one of these codes that there is nothing."""
    try:
        return read()
    except oss2.exceptions.OssError as problem:
        if problem.code in codes:
            return None
        raise


def plan(bucket: oss2.Bucket) -> dict[str, Any]:
    """Everything that a read puts into the state."""
    info = bucket.get_bucket_info()
    cors = of(bucket.get_bucket_cors, "NoSuchCORSConfiguration")
    website = of(bucket.get_bucket_website, "NoSuchWebsiteConfiguration")
    lifecycle = of(bucket.get_bucket_lifecycle, "NoSuchLifecycle")
    policy = of(bucket.get_bucket_policy, "NoSuchBucketPolicy")
    encryption = of(bucket.get_bucket_encryption, "NoSuchServerSideEncryptionRule")
    acceleration = of(bucket.get_bucket_transfer_acceleration, "NoSuchTransferAccelerationConfiguration")
    # These answer also where nothing was set; an error would break every read.
    logging, referer, tags = bucket.get_bucket_logging(), bucket.get_bucket_referer(), bucket.get_bucket_tagging()
    return {
        "acl": info.acl.grant,
        "location": info.location,
        "owner": info.owner.id,
        "storage_class": info.storage_class,
        "redundancy_type": info.data_redundancy_type,
        "intranet_endpoint": info.intranet_endpoint,
        "extranet_endpoint": info.extranet_endpoint,
        "versioning": info.versioning_status,
        "encryption": encryption and encryption.sse_algorithm,
        "cors": cors and [(rule.allowed_origins, rule.allowed_methods, rule.max_age_seconds) for rule in cors.rules],
        "website": website and (website.index_file, website.error_file),
        "logging": (logging.target_bucket, logging.target_prefix),
        "referers": (referer.allow_empty_referer, referer.referers),
        "lifecycle": lifecycle
        and [(rule.id, rule.prefix, rule.status, rule.expiration.days) for rule in lifecycle.rules],
        "policy": policy and json.loads(policy.policy),
        "tags": dict(tags.tag_set.tagging_rule),
        "acceleration": acceleration and acceleration.enabled,
    }


def test_bucket(cloud: Cloud, bucket: oss2.Bucket) -> None:
    bare = plan(bucket)
    assert plan(bucket) == bare
    assert (bare["acl"], bare["storage_class"], bare["redundancy_type"]) == ("private", "Standard", "LRS")
    assert bare["location"] == f"oss-{cloud.region}"
    assert [name for name in ("cors", "website", "lifecycle", "policy", "encryption") if bare[name]] == []
    assert (bare["tags"], bare["referers"][0]) == ({}, True)

    bucket.put_bucket_cors(
        models.BucketCors([models.CorsRule(["https://a.example"], ["GET", "PUT"], ["*"], ["x-oss-test"], 100)])
    )
    bucket.put_bucket_website(models.BucketWebsite("index.html", "error.html"))
    bucket.put_bucket_logging(models.BucketLogging(bucket.bucket_name, "log/"))
    bucket.put_bucket_referer(models.BucketReferer(False, ["http://a.example"]))
    expiration = models.LifecycleExpiration(days=30)
    bucket.put_bucket_lifecycle(
        models.BucketLifecycle([models.LifecycleRule("rule", "old/", "Enabled", expiration=expiration)])
    )
    statement = {
        "Effect": "Allow",
        "Action": ["oss:GetObject"],
        "Principal": [cloud.account_id],
        "Resource": [f"acs:oss:*:{cloud.account_id}:{bucket.bucket_name}/*"],
    }
    bucket.put_bucket_policy(json.dumps({"Version": "1", "Statement": [statement]}))
    bucket.put_bucket_encryption(models.ServerSideEncryptionRule(sse_algorithm="AES256"))
    rule = models.TaggingRule()
    rule.add("team", "blue")
    bucket.put_bucket_tagging(models.Tagging(rule))
    bucket.put_bucket_versioning(models.BucketVersioningConfig("Enabled"))
    full = plan(bucket)
    assert plan(bucket) == full
    assert full == {
        **bare,
        "cors": [(["https://a.example"], ["GET", "PUT"], 100)],
        "website": ("index.html", "error.html"),
        "logging": (bucket.bucket_name, "log/"),
        "referers": (False, ["http://a.example"]),
        "lifecycle": [("rule", "old/", "Enabled", 30)],
        "policy": {"Version": "1", "Statement": [statement]},
        "encryption": "AES256",
        "tags": {"team": "blue"},
        "versioning": "Enabled",
    }

    bucket.put_bucket_acl(oss2.BUCKET_ACL_PUBLIC_READ)
    bucket.delete_bucket_cors()
    bucket.delete_bucket_website()
    bucket.delete_bucket_logging()
    bucket.put_bucket_referer(models.BucketReferer(True, []))
    bucket.delete_bucket_lifecycle()
    bucket.delete_bucket_policy()
    bucket.delete_bucket_encryption()
    bucket.delete_bucket_tagging()
    bucket.put_bucket_versioning(models.BucketVersioningConfig("Suspended"))
    assert plan(bucket) == {**bare, "acl": "public-read", "versioning": "Suspended"}

    # `force_destroy`: all objects and versions go first.
    bucket.put_object("a", b"b")
    with pytest.raises(oss2.exceptions.BucketNotEmpty):
        bucket.delete_bucket()
    versions = bucket.list_object_versions()
    bucket.delete_object_versions(
        models.BatchDeleteObjectVersionList(
            [models.BatchDeleteObjectVersion(one.key, one.versionid) for one in versions.versions]
        )
    )
    bucket.delete_bucket()
    eventually(lambda: of(bucket.get_bucket_info, "NoSuchBucket") is None)
