"""How much a bucket may hold: as the older operation says it, in GB, and as the newer one does, in bytes."""

from __future__ import annotations

from typing import Literal

from openyun.errors import Forbidden, NotFound
from openyun.operation import Call, Model
from openyun.services.oss import tally
from openyun.services.oss.bucket.configuration import DocumentRequest, Kind
from openyun.services.oss.errors import InvalidArgument, MalformedXML
from openyun.services.oss.records import Bucket, find_bucket
from openyun.services.oss.service import OssRequest, OssResponse, oss

_GB = 1024**3


class NoSuchQuotaConfiguration(NotFound):
    code = "NoSuchQuotaConfiguration"
    message = "The bucket has no storage quota."


class StorageQuotaExceeded(Forbidden):
    """Facts: BucketName and, in bytes, Quota."""

    code = "StorageQuotaExceeded"
    message = "The bucket would hold more than its storage quota."


class BucketUserQos(Model, kw_only=True):
    storage_capacity: int = -1
    """GB; -1 for any"""


class QuotaConfiguration(Model, kw_only=True):
    storage_quota: int
    """bytes"""
    mode: Literal["Strict", "Warning"] = "Strict"
    current_usage: int | None = None


CAPACITY = Kind("capacity", "BucketUserQos", BucketUserQos)
QUOTA = Kind("quota", "QuotaConfiguration", QuotaConfiguration, NoSuchQuotaConfiguration)


class PutBucketStorageCapacityRequest(DocumentRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}", action="oss:PutBucketQoS")
def put_bucket_storage_capacity(call: Call, ask: PutBucketStorageCapacityRequest) -> OssResponse:
    wanted = CAPACITY.read(ask.document)
    if wanted.storage_capacity < -1:
        raise InvalidArgument(
            reason="StorageCapacity is invalid.",
            ArgumentName="StorageCapacity",
            ArgumentValue=str(wanted.storage_capacity),
        )
    CAPACITY.put(call, ask.bucket, wanted)
    return OssResponse()


class GetBucketStorageCapacityRequest(OssRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}", action="oss:GetBucketQoS")
def get_bucket_storage_capacity(call: Call, ask: GetBucketStorageCapacityRequest) -> OssResponse:
    return CAPACITY.answer(CAPACITY.find(call, ask.bucket))


class PutBucketStorageQuotaRequest(DocumentRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def put_bucket_storage_quota(call: Call, ask: PutBucketStorageQuotaRequest) -> OssResponse:
    wanted = QUOTA.read(ask.document)
    if wanted.storage_quota <= 0:
        raise MalformedXML
    wanted.current_usage = None
    QUOTA.put(call, ask.bucket, wanted)
    return OssResponse()


class GetBucketStorageQuotaRequest(OssRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def get_bucket_storage_quota(call: Call, ask: GetBucketStorageQuotaRequest) -> OssResponse:
    held = QUOTA.find(call, ask.bucket)
    usage = _stored(call, find_bucket(call.state, ask.bucket))
    shown = QuotaConfiguration(storage_quota=held.storage_quota, mode=held.mode, current_usage=usage)
    return OssResponse(root=QUOTA.root, document=shown)


class DeleteBucketStorageQuotaRequest(OssRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def delete_bucket_storage_quota(call: Call, ask: DeleteBucketStorageQuotaRequest) -> OssResponse:
    QUOTA.delete(call, ask.bucket)
    return OssResponse(status=204)


def check_room(call: Call, bucket: Bucket, more: int) -> None:
    """Whether so many more bytes may come. Raises StorageQuotaExceeded."""
    capacity, quota = CAPACITY.of(call.state, bucket), QUOTA.of(call.state, bucket)
    limits = []
    if capacity is not None and capacity.storage_capacity >= 0:
        limits.append(capacity.storage_capacity * _GB)
    if quota is not None and quota.mode == "Strict":
        limits.append(quota.storage_quota)
    if limits and more > 0 and _stored(call, bucket) + more > min(limits):
        raise StorageQuotaExceeded(BucketName=bucket.name, Quota=str(min(limits)))


def _stored(call: Call, bucket: Bucket) -> int:
    return sum(tally.total(call.state, bucket).stored.values())
