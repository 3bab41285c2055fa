"""What of a bucket is only on or off: transfer acceleration, access monitor, who pays, its resource group."""

from __future__ import annotations

from typing import Literal

from openyun.operation import Call, Model
from openyun.services.oss.bucket.configuration import DocumentRequest, Kind
from openyun.services.oss.bucket.configuration_errors import NoSuchTransferAccelerationConfiguration
from openyun.services.oss.bucket.lifecycle import counts_access
from openyun.services.oss.errors import InvalidArgument
from openyun.services.oss.records import Bucket, find_bucket
from openyun.services.oss.service import OssRequest, OssResponse, oss
from openyun.services.resource_groups import default_group
from openyun.state import Transaction


class RequestPayment(Model, kw_only=True):
    payer: Literal["BucketOwner", "Requester"] = "BucketOwner"


REQUEST_PAYMENT = Kind("request-payment", "RequestPaymentConfiguration", RequestPayment)


class PutBucketRequestPaymentRequest(DocumentRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def put_bucket_request_payment(call: Call, ask: PutBucketRequestPaymentRequest) -> OssResponse:
    REQUEST_PAYMENT.put(call, ask.bucket, REQUEST_PAYMENT.read(ask.document))
    return OssResponse()


class GetBucketRequestPaymentRequest(OssRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def get_bucket_request_payment(call: Call, ask: GetBucketRequestPaymentRequest) -> OssResponse:
    return REQUEST_PAYMENT.answer(REQUEST_PAYMENT.find(call, ask.bucket))


def requester_pays(state: Transaction, bucket: Bucket) -> bool:
    found = REQUEST_PAYMENT.of(state, bucket)
    return found is not None and found.payer == "Requester"


class TransferAcceleration(Model, kw_only=True):
    enabled: bool


ACCELERATION = Kind(
    "transfer-acceleration",
    "TransferAccelerationConfiguration",
    TransferAcceleration,
    NoSuchTransferAccelerationConfiguration,
)


class PutBucketTransferAccelerationRequest(DocumentRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def put_bucket_transfer_acceleration(call: Call, ask: PutBucketTransferAccelerationRequest) -> OssResponse:
    ACCELERATION.put(call, ask.bucket, ACCELERATION.read(ask.document))
    return OssResponse()


class GetBucketTransferAccelerationRequest(OssRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def get_bucket_transfer_acceleration(call: Call, ask: GetBucketTransferAccelerationRequest) -> OssResponse:
    return ACCELERATION.answer(ACCELERATION.find(call, ask.bucket))


class DeleteBucketTransferAccelerationRequest(OssRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def delete_bucket_transfer_acceleration(call: Call, ask: DeleteBucketTransferAccelerationRequest) -> OssResponse:
    ACCELERATION.delete(call, ask.bucket)
    return OssResponse(status=204)


def is_accelerated(state: Transaction, bucket: Bucket) -> bool:
    found = ACCELERATION.of(state, bucket)
    return found is not None and found.enabled


class AccessMonitor(Model, kw_only=True):
    status: Literal["Enabled", "Disabled"] = "Disabled"


ACCESS_MONITOR = Kind("access-monitor", "AccessMonitorConfiguration", AccessMonitor)


class PutBucketAccessMonitorRequest(DocumentRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def put_bucket_access_monitor(call: Call, ask: PutBucketAccessMonitorRequest) -> OssResponse:
    wanted = ACCESS_MONITOR.read(ask.document)
    if wanted.status == "Disabled" and counts_access(call.state, find_bucket(call.state, ask.bucket)):
        raise InvalidArgument(
            reason="A lifecycle rule counts from the last access.", ArgumentName="Status", ArgumentValue="Disabled"
        )
    ACCESS_MONITOR.put(call, ask.bucket, wanted)
    return OssResponse()


class GetBucketAccessMonitorRequest(OssRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def get_bucket_access_monitor(call: Call, ask: GetBucketAccessMonitorRequest) -> OssResponse:
    return ACCESS_MONITOR.answer(ACCESS_MONITOR.find(call, ask.bucket))


class ResourceGroup(Model, kw_only=True):
    resource_group_id: str = ""


RESOURCE_GROUP = Kind("resource-group", "BucketResourceGroupConfiguration", ResourceGroup)


def group_id_of(state: Transaction, bucket: Bucket) -> str:
    """A bucket that was put into none is in its account's default group."""
    group = RESOURCE_GROUP.of(state, bucket)
    return (group.resource_group_id if group else "") or default_group(bucket.account_id)


class PutBucketResourceGroupRequest(DocumentRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def put_bucket_resource_group(call: Call, ask: PutBucketResourceGroupRequest) -> OssResponse:
    wanted = RESOURCE_GROUP.read(ask.document)
    RESOURCE_GROUP.put(call, ask.bucket, wanted)
    return OssResponse()


class GetBucketResourceGroupRequest(OssRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def get_bucket_resource_group(call: Call, ask: GetBucketResourceGroupRequest) -> OssResponse:
    group_id = group_id_of(call.state, find_bucket(call.state, ask.bucket))
    return RESOURCE_GROUP.answer(ResourceGroup(resource_group_id=group_id))


class ArchiveDirectRead(Model, kw_only=True):
    enabled: bool = False


ARCHIVE_DIRECT_READ = Kind("archive-direct-read", "ArchiveDirectReadConfiguration", ArchiveDirectRead)


class PutBucketArchiveDirectReadRequest(DocumentRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def put_bucket_archive_direct_read(call: Call, ask: PutBucketArchiveDirectReadRequest) -> OssResponse:
    ARCHIVE_DIRECT_READ.put(call, ask.bucket, ARCHIVE_DIRECT_READ.read(ask.document))
    return OssResponse()


class GetBucketArchiveDirectReadRequest(OssRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def get_bucket_archive_direct_read(call: Call, ask: GetBucketArchiveDirectReadRequest) -> OssResponse:
    return ARCHIVE_DIRECT_READ.answer(ARCHIVE_DIRECT_READ.find(call, ask.bucket))


def reads_archive(state: Transaction, bucket: Bucket) -> bool:
    """Whether objects of class Archive are read without being restored."""
    found = ARCHIVE_DIRECT_READ.of(state, bucket)
    return found is not None and found.enabled
