"""Limits of traffic and of what a bucket holds, and the addresses that a bucket is reached by."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import alibabacloud_oss_v2 as oss_v2
import oss2
import pytest
import requests
from oss2.models import BucketQosInfo, BucketUserQos, QoSConfiguration

from tests.conformance.conftest import Cloud, eventually
from tests.conformance.oss_clients import oss2_bucket, oss2_service, v2_client

SLOWEST = 819_200
"""bits a second: 100 KiB"""
BODY = b"a" * 48 * 1024


@pytest.fixture
def bucket(cloud: Cloud) -> oss2.Bucket:
    made = oss2_bucket(cloud)
    made.create_bucket()
    return made


@contextmanager
def refused(code: str, status: int) -> Iterator[None]:
    with pytest.raises(oss2.exceptions.ServerError) as caught:
        yield
    assert (caught.value.code, caught.value.status) == (code, status)


def took(deed: Callable[[], Any]) -> float:
    begun = time.monotonic()
    deed()
    return time.monotonic() - begun


def by_host(cloud: Cloud, bucket: oss2.Bucket, name: str) -> oss2.Bucket:
    """The same bucket, reached as if by this name of OSS."""
    session = oss2.Session()
    made = oss2.Bucket(
        bucket.auth, f"http://{cloud.endpoint}", bucket.bucket_name, session=session, region="cn-hangzhou"
    )
    made._make_url = _to(cloud)  # type: ignore[method-assign]
    session.session.headers["Host"] = f"{bucket.bucket_name}.{name}.aliyuncs.com"
    return made


def _to(cloud: Cloud) -> Callable[[str, str], str]:
    return lambda _bucket, key: f"http://{cloud.endpoint}/{key}"


def test_a_request_limits_its_own_traffic(cloud: Cloud, bucket: oss2.Bucket) -> None:
    """Never faster than asked for; how much slower is the machine's affair."""
    slow, least = {"x-oss-traffic-limit": str(SLOWEST)}, len(BODY) * 8 / SLOWEST * 0.9
    assert took(lambda: bucket.put_object("a", BODY, headers=slow)) >= least
    assert took(lambda: bucket.append_object("log", 0, BODY, headers=slow)) >= least
    assert took(lambda: bucket.get_object("a", headers=slow).read()) >= least
    url = bucket.sign_url("GET", "a", 60, params=slow)
    assert took(lambda: bucket.get_object_with_url(url).read()) >= least
    upload = bucket.init_multipart_upload("b").upload_id
    assert took(lambda: bucket.upload_part("b", upload, 1, BODY, headers=slow)) >= least
    assert bucket.get_object("a", headers=slow, byte_range=(0, 9)).read() == BODY[:10]
    for wrong in ("819199", "838860801", "fast", "-1", ""):
        with refused("InvalidArgument", 400):
            bucket.get_object("a", headers={"x-oss-traffic-limit": wrong})


def test_a_bucket_has_a_quality_of_service(bucket: oss2.Bucket, cloud: Cloud) -> None:
    account = oss2_service(cloud).get_user_qos_info()
    assert (account.region, account.total_upload_bw, account.total_qps) == ("cn-hangzhou", 10, -1)
    with refused("NoSuchBucketQosInfo", 404):
        bucket.get_bucket_qos_info()
    for wrong in ({"total_upload_bw": 11}, {"total_download_bw": 2, "intranet_download_bw": 3}, {"extranet_qps": -2}):
        with refused("InvalidArgument", 400):
            bucket.put_bucket_qos_info(BucketQosInfo(**wrong))
    bucket.put_object("a", b"1")
    bucket.put_bucket_qos_info(BucketQosInfo(total_download_bw=5, extranet_upload_bw=0))
    assert bucket.get_bucket_qos_info().total_download_bw == 5
    with refused("UploadTrafficRateLimitExceeded", 503):
        bucket.put_object("a", b"2")
    assert bucket.get_object("a").read() == b"1"
    by_host(cloud, bucket, "oss-cn-hangzhou-internal").put_object("a", b"3")
    bucket.delete_bucket_qos_info()
    bucket.put_object("a", b"4")


def test_requests_a_second_are_counted(bucket: oss2.Bucket) -> None:
    bucket.put_bucket_qos_info(BucketQosInfo(total_qps=1))

    def code() -> str:
        try:
            bucket.get_bucket_acl()
        except oss2.exceptions.ServerError as problem:
            return str(problem.code)
        return ""

    assert eventually(code) == "TotalQpsLimitExceeded"
    assert eventually(code, lambda one: one == "") == ""


def test_a_requester_has_limits_of_its_own(cloud: Cloud, other_cloud: Cloud, bucket: oss2.Bucket) -> None:
    limits = QoSConfiguration(total_upload_bw=100, intranet_upload_bw=6, extranet_download_bw=0)
    uid = other_cloud.account_id
    bucket.put_bucket_requester_qos_info(uid, limits)
    held = bucket.get_bucket_requester_qos_info(uid)
    assert (held.requester, held.qos_configuration.total_upload_bw, held.qos_configuration.total_qps) == (uid, 100, -1)
    bucket.put_bucket_requester_qos_info("123", limits)
    page = bucket.list_bucket_requester_qos_infos(max_keys=1)
    rest = bucket.list_bucket_requester_qos_infos(continuation_token=page.next_continuation_token)
    assert page.is_truncated
    assert not rest.is_truncated
    assert {one.requester for one in page.requester_qos_info + rest.requester_qos_info} == {uid, "123"}
    bucket.put_object("a", b"1")
    assert bucket.get_object("a").read() == b"1"
    grant = '{"Version":"1","Statement":[{"Effect":"Allow","Action":["oss:*"],"Principal":["%s"],"Resource":["*"]}]}'
    bucket.put_bucket_policy(grant % uid)
    theirs = oss2_bucket(other_cloud, bucket.bucket_name)
    with refused("DownloadTrafficRateLimitExceeded", 503):
        theirs.get_object("a")
    bucket.delete_bucket_requester_qos_info(uid)
    assert theirs.get_object("a").read() == b"1"
    with refused("NoSuchRequesterQosInfo", 404):
        bucket.get_bucket_requester_qos_info(uid)
    with refused("InvalidArgument", 400):
        bucket.put_bucket_requester_qos_info("somebody", limits)


def test_there_are_no_resource_pools(cloud: Cloud) -> None:
    service = oss2_service(cloud)
    listed = service.list_resource_pools()
    assert (listed.region, listed.owner, listed.resource_pool) == ("cn-hangzhou", cloud.account_id, [])
    limits = QoSConfiguration()
    for deed in (
        lambda: service.get_resource_pool_info("pool"),
        lambda: service.list_resource_pool_buckets("pool"),
        lambda: service.list_resource_pool_requester_qos_infos("pool"),
        lambda: service.put_resource_pool_requester_qos_info("1", "pool", limits),
        lambda: service.get_resource_pool_requester_qos_info("1", "pool"),
        lambda: service.delete_resource_pool_requester_qos_info("1", "pool"),
    ):
        with refused("NoSuchResourcePool", 404):
            deed()


def test_a_bucket_holds_no_more_than_its_quota(cloud: Cloud, bucket: oss2.Bucket) -> None:
    assert bucket.get_bucket_storage_capacity().storage_capacity == -1
    with refused("InvalidArgument", 400):
        bucket.set_bucket_storage_capacity(BucketUserQos(-2))
    bucket.set_bucket_storage_capacity(BucketUserQos(1))
    bucket.put_object("a", b"x" * 600)
    client, name = v2_client(cloud), bucket.bucket_name
    quota = oss_v2.QuotaConfiguration(storage_quota=1000, mode="Strict")
    client.put_bucket_storage_quota(oss_v2.PutBucketStorageQuotaRequest(bucket=name, quota_configuration=quota))
    held = client.get_bucket_storage_quota(oss_v2.GetBucketStorageQuotaRequest(bucket=name)).quota_configuration
    assert (held.storage_quota, held.mode, held.current_usage) == (1000, "Strict", 600)
    bucket.put_object("a", b"x" * 700)
    with refused("StorageQuotaExceeded", 403):
        bucket.put_object("b", b"x" * 301)
    bucket.append_object("log", 0, b"x" * 300)
    with refused("StorageQuotaExceeded", 403):
        bucket.append_object("log", 300, b"x")
    quota.mode = "Warning"
    client.put_bucket_storage_quota(oss_v2.PutBucketStorageQuotaRequest(bucket=name, quota_configuration=quota))
    bucket.put_object("b", b"x" * 301)
    client.delete_bucket_storage_quota(oss_v2.DeleteBucketStorageQuotaRequest(bucket=name))
    with pytest.raises(oss_v2.exceptions.OperationError) as caught:
        client.get_bucket_storage_quota(oss_v2.GetBucketStorageQuotaRequest(bucket=name))
    assert caught.value.unwrap().code == "NoSuchQuotaConfiguration"


def test_there_are_no_cloud_boxes(cloud: Cloud) -> None:
    listed = v2_client(cloud).list_cloud_boxes(oss_v2.ListCloudBoxesRequest(max_keys=10))
    assert (listed.owner.id, listed.is_truncated, listed.cloud_boxes or []) == (cloud.account_id, False, [])


def test_regions_are_described(cloud: Cloud) -> None:
    every = oss2_service(cloud).describe_regions().regions
    assert {"oss-cn-hangzhou", "oss-cn-shanghai", "oss-ap-south-1", "oss-me-east-1"} <= {one.region for one in every}
    (one,) = oss2_service(cloud).describe_regions("oss-cn-chengdu").regions
    assert one.internet_endpoint == "oss-cn-chengdu.aliyuncs.com"
    assert one.internal_endpoint == "oss-cn-chengdu-internal.aliyuncs.com"
    assert one.accelerate_endpoint == "oss-accelerate.aliyuncs.com"
    with refused("NoSuchRegion", 404):
        oss2_service(cloud).describe_regions("oss-cn-atlantis")


def test_the_accelerate_endpoint_serves_buckets_that_are_enabled_for_it(cloud: Cloud, bucket: oss2.Bucket) -> None:
    bucket.put_object("a", b"1")
    fast = by_host(cloud, bucket, "oss-accelerate")
    with refused("AccessDenied", 403):
        fast.get_object("a")
    bucket.put_bucket_transfer_acceleration("true")
    assert fast.get_object("a").read() == b"1"
    address = {"Host": "oss-accelerate-overseas.aliyuncs.com"}
    path_style = requests.get(f"http://{cloud.endpoint}/{bucket.bucket_name}/a", headers=address, timeout=10)
    assert path_style.status_code == 403
    assert "<Code>SecondLevelDomainForbidden</Code>" in path_style.text
