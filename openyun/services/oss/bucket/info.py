"""GetBucketInfo: what a bucket is and how it is configured, in one."""

from __future__ import annotations

import msgspec

from openyun.operation import Call, Model
from openyun.services.oss.bucket.access_logging import LOGGING
from openyun.services.oss.bucket.acl import AccessControlList
from openyun.services.oss.bucket.buckets import endpoint, location
from openyun.services.oss.bucket.encryption import ENCRYPTION
from openyun.services.oss.bucket.public_access_block import is_blocked
from openyun.services.oss.bucket.replication import REPLICATION
from openyun.services.oss.bucket.switches import ACCELERATION, ACCESS_MONITOR, group_id_of
from openyun.services.oss.records import Bucket, find_bucket
from openyun.services.oss.service import OssRequest, OssResponse, Owner, oss
from openyun.services.oss.times import iso


class GetBucketInfoRequest(OssRequest, kw_only=True):
    pass


class ShownEncryption(Model, kw_only=True):
    sse_algorithm: str = msgspec.field(name="SSEAlgorithm")
    kms_master_key_id: str | None = msgspec.field(name="KMSMasterKeyID", default=None)
    kms_data_encryption: str | None = msgspec.field(name="KMSDataEncryption", default=None)


class ShownLogging(Model, kw_only=True):
    log_bucket: str = ""
    log_prefix: str = ""


class DescribedBucket(Model, kw_only=True):
    access_monitor: str
    block_public_access: bool
    comment: str = ""
    creation_date: str
    cross_region_replication: str
    data_redundancy_type: str
    extranet_endpoint: str
    intranet_endpoint: str
    location: str
    name: str
    resource_group_id: str
    storage_class: str
    transfer_acceleration: str
    versioning: str | None
    owner: Owner
    access_control_list: AccessControlList
    server_side_encryption_rule: ShownEncryption
    bucket_policy: ShownLogging
    """So the vendor calls where the log goes."""


class BucketInfo(Model, kw_only=True):
    bucket: DescribedBucket


@oss.operation(resource="{bucket}")
def get_bucket_info(call: Call, ask: GetBucketInfoRequest) -> OssResponse:
    bucket = find_bucket(call.state, ask.bucket)
    region_id = call.region.id
    monitor = ACCESS_MONITOR.of(call.state, bucket)
    acceleration = ACCELERATION.of(call.state, bucket)
    info = BucketInfo(
        bucket=DescribedBucket(
            access_monitor=monitor.status if monitor else "Disabled",
            block_public_access=is_blocked(call.state, bucket),
            creation_date=iso(bucket.created_at),
            cross_region_replication="Enabled" if REPLICATION.name in bucket.configured else "Disabled",
            data_redundancy_type=bucket.data_redundancy_type,
            extranet_endpoint=endpoint(region_id),
            intranet_endpoint=endpoint(region_id, internal=True),
            location=location(region_id),
            name=bucket.name,
            resource_group_id=group_id_of(call.state, bucket),
            storage_class=bucket.storage_class,
            transfer_acceleration="Enabled" if acceleration and acceleration.enabled else "Disabled",
            versioning=bucket.versioning or None,
            owner=Owner(id=bucket.account_id, display_name=bucket.account_id),
            access_control_list=AccessControlList(grant=bucket.acl),
            server_side_encryption_rule=_encryption(call, bucket),
            bucket_policy=_logging(call, bucket),
        )
    )
    return OssResponse(root="BucketInfo", document=info)


def _encryption(call: Call, bucket: Bucket) -> ShownEncryption:
    held = ENCRYPTION.of(call.state, bucket)
    if held is None:
        return ShownEncryption(sse_algorithm="None")
    rule = held.apply_server_side_encryption_by_default
    return ShownEncryption(
        sse_algorithm=rule.sse_algorithm,
        kms_master_key_id=rule.kms_master_key_id,
        kms_data_encryption=rule.kms_data_encryption,
    )


def _logging(call: Call, bucket: Bucket) -> ShownLogging:
    held = LOGGING.of(call.state, bucket)
    if held is None or held.logging_enabled is None:
        return ShownLogging()
    return ShownLogging(log_bucket=held.logging_enabled.target_bucket, log_prefix=held.logging_enabled.target_prefix)
