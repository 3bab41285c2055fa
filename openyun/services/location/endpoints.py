"""Where a product answers. One address of this cloud answers for all products and regions.

Clients tell an unknown region and an unknown product by code *and* text, so both are kept to the letter.
"""

from __future__ import annotations

import msgspec

from openyun.errors import BadRequest
from openyun.operation import Call, Model, Request, Response
from openyun.region import REGIONS, find_region
from openyun.services import addresses
from openyun.services.location.service import location

SERVICE_CODES = (
    "cbn",
    "ecs",
    "location",
    "odps",
    "oss",
    "ram",
    "resourcemanager",
    "sls",
    "sts",
    "tag",
    "vpc",
    "vpcpeer",
)
"""Products that this cloud has."""


class InvalidRegionId(BadRequest):
    code = "InvalidRegionId"
    message = "The specified region does not exist."


class IllegalParameter(BadRequest):
    code = "Illegal Parameter"
    message = "Please check the parameters"


class Protocols(Model, kw_only=True):
    protocols: list[str]


class Endpoint(Model, kw_only=True):
    endpoint: str
    id: str
    """the region's"""
    service_code: str = msgspec.field(name="SerivceCode")  # the vendor's own spelling, which clients read
    type: str = "openAPI"
    protocols: Protocols


class Endpoints(Model, kw_only=True):
    endpoint: list[Endpoint]


def _endpoint(call: Call, region_id: str, service_code: str) -> Endpoint:
    if find_region(region_id) is None:
        raise InvalidRegionId
    if service_code.lower() not in SERVICE_CODES:
        raise IllegalParameter
    return Endpoint(
        endpoint=addresses.address(call, service_code.lower(), region_id),
        id=region_id,
        service_code=service_code.lower(),
        protocols=Protocols(protocols=["HTTP", "HTTPS"] if addresses.is_by_name(call) else ["HTTP"]),
    )


class DescribeEndpointsRequest(Request, kw_only=True):
    id: str
    service_code: str
    type: str = "openAPI"


class DescribeEndpointsResponse(Response, kw_only=True):
    success: bool = True
    endpoints: Endpoints


@location.operation()
def describe_endpoints(call: Call, ask: DescribeEndpointsRequest) -> DescribeEndpointsResponse:
    found = _endpoint(call, ask.id, ask.service_code)
    return DescribeEndpointsResponse(endpoints=Endpoints(endpoint=[found] if ask.type == found.type else []))


class DescribeEndpointRequest(Request, kw_only=True):
    id: str
    service_code: str


class DescribeEndpointResponse(Response, kw_only=True):
    endpoint: str
    id: str
    service_code: str = msgspec.field(name="SerivceCode")
    type: str
    protocols: Protocols


@location.operation()
def describe_endpoint(call: Call, ask: DescribeEndpointRequest) -> DescribeEndpointResponse:
    found = _endpoint(call, ask.id, ask.service_code)
    return DescribeEndpointResponse(
        endpoint=found.endpoint,
        id=found.id,
        service_code=found.service_code,
        type=found.type,
        protocols=found.protocols,
    )


class RegionIds(Model, kw_only=True):
    region_ids: list[str]


class DescribeRegionsRequest(Request):
    pass


class DescribeRegionsResponse(Response, kw_only=True):
    total_count: int
    region_ids: RegionIds


@location.operation()
def describe_regions(call: Call, ask: DescribeRegionsRequest) -> DescribeRegionsResponse:
    return DescribeRegionsResponse(
        total_count=len(REGIONS), region_ids=RegionIds(region_ids=[region.id for region in REGIONS])
    )


class Services(Model, kw_only=True):
    services: list[str]


class DescribeServicesRequest(Request, kw_only=True):
    region_id: str = ""


class DescribeServicesResponse(Response, kw_only=True):
    total_count: int
    services: Services


@location.operation()
def describe_services(call: Call, ask: DescribeServicesRequest) -> DescribeServicesResponse:
    if ask.region_id and find_region(ask.region_id) is None:
        raise InvalidRegionId
    return DescribeServicesResponse(total_count=len(SERVICE_CODES), services=Services(services=list(SERVICE_CODES)))
