"""The Location service through its official SDK."""

from __future__ import annotations

import pytest
from alibabacloud_location20150612 import models as ask
from alibabacloud_location20150612.client import Client

from openyun.main import SERVICES
from openyun.region import REGIONS
from openyun.services.location.endpoints import SERVICE_CODES
from tests.conformance.conftest import Cloud, refused


@pytest.fixture
def location(cloud: Cloud) -> Client:
    return Client(cloud.config())


def test_every_product_and_region_answers_here(cloud: Cloud, location: Client) -> None:
    for region in REGIONS:
        body = location.describe_endpoints(
            ask.DescribeEndpointsRequest(id=region.id, service_code="ecs", type="openAPI")
        ).body
        assert body.success is True
        (found,) = body.endpoints.endpoint
        assert (found.endpoint, found.id, found.serivce_code, found.type) == (
            cloud.endpoint,
            region.id,
            "ecs",
            "openAPI",
        )
        assert found.protocols.protocols == ["HTTP"]


def test_one_endpoint(cloud: Cloud, location: Client) -> None:
    body = location.describe_endpoint(ask.DescribeEndpointRequest(id="me-east-1", service_code="vpc")).body
    assert (body.endpoint, body.id, body.serivce_code) == (cloud.endpoint, "me-east-1", "vpc")


def test_inner_endpoints_do_not_exist(location: Client) -> None:
    body = location.describe_endpoints(
        ask.DescribeEndpointsRequest(id="cn-hangzhou", service_code="ecs", type="innerAPI")
    ).body
    assert body.endpoints.endpoint == []


@pytest.mark.parametrize(
    ("region_id", "service_code", "code", "message"),
    [
        ("cn-atlantis", "ecs", "InvalidRegionId", "The specified region does not exist."),
        ("cn-hangzhou", "abacus", "Illegal Parameter", "Please check the parameters"),
    ],
)
def test_unknown_regions_and_products_are_told_in_words_that_clients_compare(
    location: Client, region_id: str, service_code: str, code: str, message: str
) -> None:
    with refused(code, 400) as caught:
        location.describe_endpoints(ask.DescribeEndpointsRequest(id=region_id, service_code=service_code))
    assert message in caught.value.message


def test_regions_and_services(location: Client) -> None:
    regions = location.describe_regions(ask.DescribeRegionsRequest()).body
    assert regions.region_ids.region_ids == [region.id for region in REGIONS]
    assert regions.total_count == len(REGIONS)
    services = location.describe_services(ask.DescribeServicesRequest(region_id="cn-hangzhou")).body
    assert services.services.services == list(SERVICE_CODES)
    assert services.total_count == len(SERVICE_CODES)


def test_the_products_named_are_those_that_exist() -> None:
    names = {"log": "sls"}
    assert set(SERVICE_CODES) == {names.get(service.name, service.name) for service in SERVICES}
