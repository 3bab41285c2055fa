"""How much traffic a bucket may have: bandwidths, and requests a second, as a whole and of each requester.

Bandwidths are in Gbit/s. -1 is no limit, 0 forbids it. `metering` holds the requests to them.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

from openyun.errors import CloudError, NotFound
from openyun.operation import Call, Model
from openyun.services.oss.bucket.configuration import DocumentRequest, Kind
from openyun.services.oss.errors import InvalidArgument, MalformedXML
from openyun.services.oss.paging import check_page
from openyun.services.oss.records import find_bucket
from openyun.services.oss.service import OssRequest, OssResponse, oss

ACCOUNT_BANDWIDTH = 10
"""Gbit/s of an account in a region, each way: the vendor's default. It bounds what a bucket may be given."""


class NoSuchBucketQosInfo(NotFound):
    code = "NoSuchBucketQosInfo"
    message = "The specified bucket does not have a QoS configuration."


class NoSuchRequesterQosInfo(NotFound):
    code = "NoSuchRequesterQosInfo"
    message = "The specified requester does not have a QoS configuration."


class NoSuchResourcePool(NotFound):
    code = "NoSuchResourcePool"
    message = "The specified resource pool does not exist."


class TrafficExceeded(CloudError):
    status = 503
    message = "The traffic of the bucket exceeds what its QoS configuration allows."


class UploadTrafficRateLimitExceeded(TrafficExceeded):
    code = "UploadTrafficRateLimitExceeded"


class DownloadTrafficRateLimitExceeded(TrafficExceeded):
    code = "DownloadTrafficRateLimitExceeded"


class TotalQpsLimitExceeded(TrafficExceeded):
    code = "TotalQpsLimitExceeded"
    ec: ClassVar[str] = "0047-00000003"


class Limits(Model, kw_only=True):
    total_upload_bandwidth: int = -1
    intranet_upload_bandwidth: int = -1
    extranet_upload_bandwidth: int = -1
    total_download_bandwidth: int = -1
    intranet_download_bandwidth: int = -1
    extranet_download_bandwidth: int = -1
    total_qps: int = -1
    intranet_qps: int = -1
    extranet_qps: int = -1

    def check(self, bandwidth: int) -> None:
        """`bandwidth` is the most that a total may be; -1 for any. Raises InvalidArgument."""
        for kind, most in (("upload_bandwidth", bandwidth), ("download_bandwidth", bandwidth), ("qps", -1)):
            total: int = getattr(self, f"total_{kind}")
            bound = total if total >= 0 else most
            for part, limit in (("total", most), ("intranet", bound), ("extranet", bound)):
                value: int = getattr(self, f"{part}_{kind}")
                if value < -1 or (limit >= 0 and value > limit):
                    name = next(one.encode_name for one in msgspec.structs.fields(self) if one.name == f"{part}_{kind}")
                    raise InvalidArgument(reason=f"{name} is invalid.", ArgumentName=name, ArgumentValue=str(value))


class AccountLimits(Limits, kw_only=True):
    region: str


QOS = Kind("qos", "QoSConfiguration", Limits, NoSuchBucketQosInfo)
REQUESTER_QOS = Kind("requester-qos", "QoSConfiguration", Limits, NoSuchRequesterQosInfo)


class GetUserQosInfoRequest(OssRequest, kw_only=True):
    pass


@oss.operation()
def get_user_qos_info(call: Call, ask: GetUserQosInfoRequest) -> OssResponse:
    limits = AccountLimits(
        region=call.region.id,
        total_upload_bandwidth=ACCOUNT_BANDWIDTH,
        total_download_bandwidth=ACCOUNT_BANDWIDTH,
    )
    return OssResponse(root=QOS.root, document=limits)


class PutBucketQosInfoRequest(DocumentRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}", action="oss:PutBucketQoSInfo")
def put_bucket_qos_info(call: Call, ask: PutBucketQosInfoRequest) -> OssResponse:
    wanted = QOS.read(ask.document)
    wanted.check(ACCOUNT_BANDWIDTH)
    QOS.put(call, ask.bucket, wanted)
    return OssResponse()


class GetBucketQosInfoRequest(OssRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}", action="oss:GetBucketQoSInfo")
def get_bucket_qos_info(call: Call, ask: GetBucketQosInfoRequest) -> OssResponse:
    return QOS.answer(QOS.find(call, ask.bucket))


class DeleteBucketQosInfoRequest(OssRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}", action="oss:DeleteBucketQoSInfo")
def delete_bucket_qos_info(call: Call, ask: DeleteBucketQosInfoRequest) -> OssResponse:
    QOS.delete(call, ask.bucket)
    return OssResponse(status=204)


class RequesterRequest(OssRequest, kw_only=True):
    qos_requester: str = msgspec.field(default="", name="qosRequester")
    """id of an account, a RAM user or a role"""


class RequesterLimits(Model, kw_only=True):
    requester: str
    qos_configuration: Limits = msgspec.field(name="QoSConfiguration")


class PutBucketRequesterQosInfoRequest(RequesterRequest, kw_only=True):
    document: bytes = b""


@oss.operation(resource="{bucket}", action="oss:PutBucketRequesterQoSInfo")
def put_bucket_requester_qos_info(call: Call, ask: PutBucketRequesterQosInfoRequest) -> OssResponse:
    if not ask.qos_requester.isdecimal():
        raise InvalidArgument(
            reason="qosRequester is invalid.", ArgumentName="qosRequester", ArgumentValue=ask.qos_requester
        )
    if not ask.document:
        raise MalformedXML
    wanted = REQUESTER_QOS.read(ask.document)
    wanted.check(-1)
    REQUESTER_QOS.put(call, ask.bucket, wanted, ask.qos_requester)
    return OssResponse()


class GetBucketRequesterQosInfoRequest(RequesterRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}", action="oss:GetBucketRequesterQoSInfo")
def get_bucket_requester_qos_info(call: Call, ask: GetBucketRequesterQosInfoRequest) -> OssResponse:
    found = REQUESTER_QOS.find(call, ask.bucket, ask.qos_requester)
    shown = RequesterLimits(requester=ask.qos_requester, qos_configuration=found)
    return OssResponse(root="RequesterQoSInfo", document=shown)


class DeleteBucketRequesterQosInfoRequest(RequesterRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}", action="oss:DeleteBucketRequesterQoSInfo")
def delete_bucket_requester_qos_info(call: Call, ask: DeleteBucketRequesterQosInfoRequest) -> OssResponse:
    REQUESTER_QOS.delete(call, ask.bucket, ask.qos_requester)
    return OssResponse(status=204)


class PagedRequest(OssRequest, kw_only=True):
    continuation_token: str = ""
    max_keys: int = 100


class ListBucketRequesterQosInfosRequest(PagedRequest, kw_only=True):
    pass


class ListedRequesters(Model, kw_only=True):
    bucket: str
    continuation_token: str
    next_continuation_token: str
    is_truncated: bool
    requester_qos_info: list[RequesterLimits] = msgspec.field(name="RequesterQoSInfo")


@oss.operation(resource="{bucket}", action="oss:ListBucketRequesterQoSInfos")
def list_bucket_requester_qos_infos(call: Call, ask: ListBucketRequesterQosInfosRequest) -> OssResponse:
    check_page(ask.max_keys)
    held = REQUESTER_QOS.all(call.state, find_bucket(call.state, ask.bucket))
    held = [(name, limits) for name, limits in held if name > ask.continuation_token]
    page = held[: ask.max_keys]
    truncated = len(held) > len(page)
    listed = ListedRequesters(
        bucket=ask.bucket,
        continuation_token=ask.continuation_token,
        next_continuation_token=page[-1][0] if truncated else "",
        is_truncated=truncated,
        requester_qos_info=[RequesterLimits(requester=name, qos_configuration=limits) for name, limits in page],
    )
    return OssResponse(root="ListBucketRequesterQoSInfosResult", document=listed)
