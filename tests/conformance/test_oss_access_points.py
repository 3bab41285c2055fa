"""Access points: made and listed, and requests that go through them."""

from __future__ import annotations

import json
from typing import Any

import alibabacloud_oss_v2 as oss_v2
import oss2
import pytest
import requests

from tests.conformance.conftest import REGION, Cloud
from tests.conformance.oss_clients import anonymous_bucket, bucket_name, oss2_bucket, v2_client
from tests.conformance.s3_clients import refused as s3_refused
from tests.conformance.s3_clients import s3_client


def refusal(caught: pytest.ExceptionInfo[Any]) -> tuple[str, int]:
    problem = caught.value.unwrap()
    return problem.code, problem.status_code


def create(client: oss_v2.Client, bucket: str, name: str, vpc_id: str = "") -> oss_v2.CreateAccessPointResult:
    vpc = oss_v2.AccessPointVpcConfiguration(vpc_id=vpc_id) if vpc_id else None
    return client.create_access_point(
        oss_v2.CreateAccessPointRequest(
            bucket=bucket,
            create_access_point_configuration=oss_v2.CreateAccessPointConfiguration(
                access_point_name=name, network_origin="vpc" if vpc_id else "internet", vpc_configuration=vpc
            ),
        )
    )


@pytest.fixture
def bucket(cloud: Cloud) -> oss2.Bucket:
    made = oss2_bucket(cloud)
    made.create_bucket()
    made.put_object("a", b"behind")
    return made


def test_access_points_are_made_listed_and_deleted(cloud: Cloud, bucket: oss2.Bucket) -> None:
    client, name = v2_client(cloud), bucket.bucket_name
    made = create(client, name, "ap-01")
    assert made.access_point_arn.endswith(":accesspoint/ap-01")
    assert made.alias.startswith("ap-01-")
    assert made.alias.endswith("-ossalias")
    create(client, name, "ap-02", "vpc-bp1example")
    found = client.get_access_point(oss_v2.GetAccessPointRequest(bucket=name, access_point_name="ap-02"))
    assert (found.bucket, found.network_origin, found.status) == (name, "vpc", "enable")
    assert found.vpc_configuration.vpc_id == "vpc-bp1example"
    page = client.list_access_points(oss_v2.ListAccessPointsRequest(bucket=name, max_keys=1))
    assert ([one.access_point_name for one in page.access_points], page.is_truncated) == (["ap-01"], True)
    page = client.list_access_points(
        oss_v2.ListAccessPointsRequest(max_keys=10, continuation_token=page.next_continuation_token)
    )
    assert ([one.access_point_name for one in page.access_points], page.is_truncated) == (["ap-02"], False)
    for call, expected in (
        (lambda: create(client, name, "ap-01"), ("AccessPointAlreadyExists", 409)),
        (lambda: create(client, name, "Ap"), ("InvalidArgument", 400)),
        (lambda: create(client, bucket_name(), "ap-03"), ("NoSuchBucket", 404)),
        (
            lambda: client.get_access_point(oss_v2.GetAccessPointRequest(bucket=name, access_point_name="ap-09")),
            ("NoSuchAccessPoint", 404),
        ),
        (
            lambda: client.get_access_point_policy(
                oss_v2.GetAccessPointPolicyRequest(bucket=name, access_point_name="ap-01")
            ),
            ("NoSuchBucketPolicy", 404),
        ),
    ):
        with pytest.raises(oss_v2.exceptions.OperationError) as caught:
            call()
        assert refusal(caught) == expected
    bucket.delete_object("a")
    with pytest.raises(oss2.exceptions.ServerError) as problem:
        bucket.delete_bucket()
    assert problem.value.status == 409
    for one in ("ap-01", "ap-02"):
        client.delete_access_point(oss_v2.DeleteAccessPointRequest(bucket=name, access_point_name=one))
    bucket.delete_bucket()


@pytest.mark.parametrize("version", ["v1", "v4"])
def test_requests_go_through_an_alias(cloud: Cloud, bucket: oss2.Bucket, version: str) -> None:
    client, name = v2_client(cloud), bucket.bucket_name
    made = create(client, name, "ap-01")
    through = oss2_bucket(cloud, made.alias, version=version)
    assert through.get_object("a").read() == b"behind"
    through.put_object("b", b"there")
    assert bucket.get_object("b").read() == b"there"
    assert [one.key for one in oss2.ObjectIterator(through)] == ["a", "b"]
    with pytest.raises(oss2.exceptions.ServerError) as caught:
        through.get_bucket_acl()
    assert (caught.value.code, caught.value.status) == ("AccessDenied", 403)
    # Signed for a browser, at the name that the DNS gives it.
    link = through.sign_url("GET", "b", 60)
    host = f"{made.alias}.oss-{REGION}.aliyuncs.com"
    if version == "v1":
        at_host = link.replace(f"/{made.alias}/", "/")
        assert requests.get(at_host, headers={"Host": host}, timeout=10).content == b"there"
    s3 = s3_client(cloud)
    assert s3.get_object(Bucket=made.alias, Key="a")["Body"].read() == b"behind"
    with s3_refused("AccessDenied", 403):
        s3.get_bucket_versioning(Bucket=made.alias)

    closed = create(client, name, "ap-02", "vpc-bp1example")
    with pytest.raises(oss2.exceptions.ServerError) as caught:
        oss2_bucket(cloud, closed.alias).get_object("a")
    assert (caught.value.code, caught.value.status) == ("AccessDenied", 403)
    with pytest.raises(oss2.exceptions.ServerError) as caught:
        oss2_bucket(cloud, closed.alias.replace("ap-02", "ap-03")).get_object("a")
    assert (caught.value.code, caught.value.status) == ("NoSuchAccessPoint", 404)


def test_policies_of_access_points(cloud: Cloud, bucket: oss2.Bucket) -> None:
    client, name = v2_client(cloud), bucket.bucket_name
    made = create(client, name, "ap-01")
    through = oss2_bucket(cloud, made.alias)
    owner = made.access_point_arn.split(":")[3]

    def put_policy(effect: str, principal: str, key: str) -> str:
        text = json.dumps(
            {
                "Version": "1",
                "Statement": [
                    {
                        "Effect": effect,
                        "Action": ["oss:GetObject"],
                        "Principal": [principal],
                        "Resource": [f"{made.access_point_arn}/object/{key}"],
                    }
                ],
            }
        )
        client.put_access_point_policy(
            oss_v2.PutAccessPointPolicyRequest(bucket=name, access_point_name="ap-01", body=text)
        )
        return text

    text = put_policy("Deny", owner, "a")
    asked = oss_v2.GetAccessPointPolicyRequest(bucket=name, access_point_name="ap-01")
    assert client.get_access_point_policy(asked).body == text
    with pytest.raises(oss2.exceptions.ServerError) as caught:
        through.get_object("a")
    assert (caught.value.code, caught.value.status) == ("AccessDenied", 403)
    assert bucket.get_object("a").read() == b"behind"  # the bucket's own name knows nothing of it
    # To everybody: only once the access point's block of public access is taken off.
    with pytest.raises(oss_v2.exceptions.OperationError) as refused:
        put_policy("Allow", "*", "a")
    assert refusal(refused) == ("AccessDenied", 403)
    block = {"bucket": name, "access_point_name": "ap-01"}
    assert client.get_access_point_public_access_block(
        oss_v2.GetAccessPointPublicAccessBlockRequest(**block)
    ).public_access_block_configuration.block_public_access
    client.put_access_point_public_access_block(
        oss_v2.PutAccessPointPublicAccessBlockRequest(
            **block,
            public_access_block_configuration=oss_v2.PublicAccessBlockConfiguration(block_public_access=False),
        )
    )
    client.delete_bucket_public_access_block(oss_v2.DeleteBucketPublicAccessBlockRequest(bucket=name))
    put_policy("Allow", "*", "a")
    assert anonymous_bucket(cloud, made.alias).get_object("a").read() == b"behind"
    with pytest.raises(oss2.exceptions.ServerError) as caught:
        anonymous_bucket(cloud, name).get_object("a")
    assert caught.value.status == 403
    client.delete_access_point_policy(oss_v2.DeleteAccessPointPolicyRequest(bucket=name, access_point_name="ap-01"))
    with pytest.raises(oss2.exceptions.ServerError) as caught:
        anonymous_bucket(cloud, made.alias).get_object("a")
    assert caught.value.status == 403
