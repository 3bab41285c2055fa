"""What the Tea SDK sees of the gateway itself: regions, retries, throttling, tokens, errors of each kind."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_tea_openapi.exceptions import (
    AlibabaCloudException,
    ClientException,
    ThrottlingException,
)
from alibabacloud_tea_openapi.models import Config
from alibabacloud_tea_openapi.utils_models import OpenApiRequest, Params
from alibabacloud_vpc20160428 import models as vpc_ask
from alibabacloud_vpc20160428.client import Client as Vpc
from darabonba.runtime import RuntimeOptions

from tests.conformance.conftest import REGION, Cloud, cloud_of, refused
from tests.conftest import Server


def test_each_region_has_what_was_made_in_it(vpc: Vpc, cloud: Cloud) -> None:
    made = {
        region: vpc.create_vpc(vpc_ask.CreateVpcRequest(region_id=region)).body.vpc_id
        for region in ("cn-hangzhou", "me-east-1", "us-west-1")
    }
    for region, vpc_id in made.items():
        found = vpc.describe_vpcs(vpc_ask.DescribeVpcsRequest(region_id=region)).body
        assert [one.vpc_id for one in found.vpcs.vpc] == [vpc_id]
    with refused("InvalidRegionId.NotFound", 404):
        vpc.describe_vpcs(vpc_ask.DescribeVpcsRequest(region_id="xx-nowhere-1"))


def test_accounts_do_not_see_each_other(vpc: Vpc, other_cloud: Cloud) -> None:
    made = vpc.create_vpc(vpc_ask.CreateVpcRequest(region_id=REGION)).body.vpc_id
    other = Vpc(other_cloud.config())
    assert other.describe_vpcs(vpc_ask.DescribeVpcsRequest(region_id=REGION)).body.total_count == 0
    with refused("InvalidVpcID.NotFound", 404):
        other.delete_vpc(vpc_ask.DeleteVpcRequest(region_id=REGION, vpc_id=made))


def test_an_error_carries_what_support_asks_for(vpc: Vpc) -> None:
    with pytest.raises(ClientException) as caught:
        vpc.describe_vpc_attribute(vpc_ask.DescribeVpcAttributeRequest(region_id=REGION, vpc_id="vpc-none"))
    problem = caught.value
    assert (problem.status_code, problem.code) == (404, "InvalidVpcID.NotFound")
    assert len(problem.request_id) == 36
    assert problem.data["HostId"]
    assert problem.data["Recommend"].startswith("https://")


def test_keys_that_are_wrong(cloud: Cloud) -> None:
    ask = vpc_ask.DescribeVpcsRequest(region_id=REGION)
    with refused("InvalidAccessKeyId.NotFound", 404):
        Vpc(cloud.with_key("LTAI5tNobody", "x").config()).describe_vpcs(ask)
    with refused("SignatureDoesNotMatch", 400):
        Vpc(cloud.with_key(cloud.access_key_id, "x").config()).describe_vpcs(ask)
    with refused("InvalidSecurityToken.Malformed", 400):
        Vpc(cloud.with_key(cloud.access_key_id, cloud.access_key_secret, "x").config()).describe_vpcs(ask)


def test_an_operation_of_the_vendors_that_is_not_here_says_so(vpc: Vpc) -> None:
    with refused("OperationNotImplemented", 400) as caught:
        vpc.create_vpn_gateway(vpc_ask.CreateVpnGatewayRequest(region_id=REGION, vpc_id="vpc-none"))
    assert "OpenYun" in caught.value.message


def test_a_client_token_makes_retries_safe(vpc: Vpc) -> None:
    ask = vpc_ask.CreateVpcRequest(region_id=REGION, client_token=str(uuid.uuid4()))
    first, again = (vpc.create_vpc(ask).body for _ in range(2))
    assert first.vpc_id == again.vpc_id
    ask.vpc_name = "other"
    with refused("IdempotentParameterMismatch", 400):
        vpc.create_vpc(ask)


def test_a_dry_run_changes_nothing(vpc: Vpc) -> None:
    with refused("DryRunOperation", 400):
        vpc.create_vpc(vpc_ask.CreateVpcRequest(region_id=REGION, dry_run=True))
    assert vpc.describe_vpcs(vpc_ask.DescribeVpcsRequest(region_id=REGION)).body.total_count == 0


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[Cloud]:
    server = Server(tmp_path / "cloud", {"OPENYUN_REQUESTS_PER_SECOND": "2"})
    server.start()
    yield cloud_of(server, server.account())
    server.stop()


def test_throttling_is_its_own_exception_with_a_time_to_wait(strict: Cloud) -> None:
    client = Vpc(strict.config())

    def many() -> None:
        for _ in range(50):
            client.describe_vpcs(vpc_ask.DescribeVpcsRequest(region_id=REGION))

    with pytest.raises(ThrottlingException) as caught:
        many()
    assert caught.value.code == "Throttling.User"
    assert caught.value.retry_after


class Anything(Vpc):
    """Calls what no SDK class knows."""

    def call(self, action: str, version: str, query: dict[str, str], **style: Any) -> dict[str, Any]:
        usual = {"auth_type": "AK", "body_type": "json", "method": "POST", "pathname": "/", "style": "RPC"}
        params = Params(action=action, version=version, req_body_type="json", protocol="HTTP", **{**usual, **style})
        return dict(self.call_api(params, OpenApiRequest(query=query), RuntimeOptions()))


def test_what_nobody_knows(cloud: Cloud) -> None:
    config: Config = cloud.config()
    client = Anything(config)
    with refused("InvalidAction.NotFound", 404):
        client.call("DescribeVpcz", "2016-04-28", {})
    with refused("InvalidVersion", 400):
        client.call("DescribeVpcs", "2001-01-01", {})
    with refused("UnsupportedHTTPMethod", 400):
        client.call("DescribeVpcs", "2016-04-28", {}, method="PUT")
    with pytest.raises(AlibabaCloudException):
        client.call("DescribeVpcs", "2016-04-28", {}, style="ROA", pathname="/nothing/here")
