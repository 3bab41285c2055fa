"""Resource pools: bandwidth that buckets share. The vendor hands them out by contract, and this cloud has none."""

from __future__ import annotations

import msgspec

from openyun.operation import Call, Model
from openyun.services.oss.bucket.qos import NoSuchResourcePool, PagedRequest
from openyun.services.oss.service import OssRequest, OssResponse, oss


class ListedPools(Model, kw_only=True):
    region: str
    owner: str
    continuation_token: str
    next_continuation_token: str = ""
    is_truncated: bool = False


class ListResourcePoolsRequest(PagedRequest, kw_only=True):
    pass


@oss.operation()
def list_resource_pools(call: Call, ask: ListResourcePoolsRequest) -> OssResponse:
    listed = ListedPools(region=call.region.id, owner=call.account_id, continuation_token=ask.continuation_token)
    return OssResponse(root="ListResourcePoolsResult", document=listed)


class PoolRequest(OssRequest, kw_only=True):
    resource_pool: str = msgspec.field(default="", name="resourcePool")


class GetResourcePoolInfoRequest(PoolRequest, kw_only=True):
    pass


@oss.operation()
def get_resource_pool_info(call: Call, ask: GetResourcePoolInfoRequest) -> OssResponse:
    raise NoSuchResourcePool(ResourcePool=ask.resource_pool)


class ListResourcePoolBucketsRequest(PoolRequest, kw_only=True):
    pass


@oss.operation()
def list_resource_pool_buckets(call: Call, ask: ListResourcePoolBucketsRequest) -> OssResponse:
    raise NoSuchResourcePool(ResourcePool=ask.resource_pool)


class PutResourcePoolRequesterQosInfoRequest(PoolRequest, kw_only=True):
    pass


@oss.operation(action="oss:PutResourcePoolRequesterQoSInfo")
def put_resource_pool_requester_qos_info(call: Call, ask: PutResourcePoolRequesterQosInfoRequest) -> OssResponse:
    raise NoSuchResourcePool(ResourcePool=ask.resource_pool)


class GetResourcePoolRequesterQosInfoRequest(PoolRequest, kw_only=True):
    pass


@oss.operation(action="oss:GetResourcePoolRequesterQoSInfo")
def get_resource_pool_requester_qos_info(call: Call, ask: GetResourcePoolRequesterQosInfoRequest) -> OssResponse:
    raise NoSuchResourcePool(ResourcePool=ask.resource_pool)


class DeleteResourcePoolRequesterQosInfoRequest(PoolRequest, kw_only=True):
    pass


@oss.operation(action="oss:DeleteResourcePoolRequesterQoSInfo")
def delete_resource_pool_requester_qos_info(call: Call, ask: DeleteResourcePoolRequesterQosInfoRequest) -> OssResponse:
    raise NoSuchResourcePool(ResourcePool=ask.resource_pool)


class ListResourcePoolRequesterQosInfosRequest(PoolRequest, kw_only=True):
    pass


@oss.operation(action="oss:ListResourcePoolRequesterQoSInfos")
def list_resource_pool_requester_qos_infos(call: Call, ask: ListResourcePoolRequesterQosInfosRequest) -> OssResponse:
    raise NoSuchResourcePool(ResourcePool=ask.resource_pool)
