"""Every implemented operation's request and response, held against the models of the official SDK."""

import msgspec
import pytest

from openyun.main import SERVICES
from openyun.operation import UNSET, Call, Model, Request, Response, Service, Unset
from tools.compare_models import Comparison, compare
from tools.coverage_page import package_of
from tools.sdk_models import Package

DISKS = "CreateInstance takes the disks that RunInstances takes; the SDK knows fewer of their fields here"
KNOWN_DIFFERENCES: dict[tuple[str, str], str] = {
    ("CreateInstance", f"Request.{disk}.{field}"): DISKS
    for disk in ("SystemDisk", "DataDisk[]")
    for field in ("AutoSnapshotPolicyId", "Encrypted", "KMSKeyId", "ProvisionedIops", "BurstingEnabled")
}
"""(operation, path of the field): why we differ from the SDK on purpose. Empty is best."""

PACKAGES = {service.name: package for service in SERVICES if service.name != "oss" and (package := package_of(service))}
"""OSS's requests are headers, XML documents and bodies: they are held against its clients, not against fields."""
COMPARED = [
    pytest.param(one, id=f"{service.product}-{name}")
    for service in SERVICES
    if service.name in PACKAGES
    for name, one in compare(service, PACKAGES[service.name]).items()
]


@pytest.mark.parametrize("compared", COMPARED)
def test_the_sdk_knows_each_field(compared: Comparison) -> None:
    wrong = [
        str(difference)
        for difference in compared.wrong
        if (difference.operation, difference.field) not in KNOWN_DIFFERENCES
    ]
    assert not wrong


def test_every_product_with_an_sdk_is_compared() -> None:
    assert set(PACKAGES) >= {"ecs", "vpc", "ram", "sts", "location"}


# The comparison itself: a wrong name, a wrong type, a wrong nesting must be seen.


class WrongRegion(Model, kw_only=True):
    region_id: int
    region_name: str


class WrongRegions(Model, kw_only=True):
    region: WrongRegion


class DescribeRegionsRequest(Request, kw_only=True):
    language: str = ""


class DescribeRegionsResponse(Response, kw_only=True):
    regions: WrongRegions
    count: int


def test_a_wrong_model_is_told() -> None:
    service = Service(name="ecs", product="Ecs", version="2014-05-26")

    @service.operation()
    def describe_regions(call: Call, ask: DescribeRegionsRequest) -> DescribeRegionsResponse:
        raise AssertionError("only its declaration is read")

    found = compare(service, Package("alibabacloud_ecs20140526"))["DescribeRegions"]
    assert {difference.field: difference.problem for difference in found.wrong} == {
        "Request.Language": "the SDK does not know this field",
        "Response.Regions.Region": "is model here and list of model there",
        "Response.Count": "the SDK does not know this field",
    }


class Zone(Model, kw_only=True):
    zone_id: int
    local_name: str | None = None


class Zones(Model, kw_only=True):
    zone: list[Zone]


class DescribeZonesRequest(Request, kw_only=True):
    verbose: str = msgspec.field(default="")


class DescribeZonesResponse(Response, kw_only=True):
    zones: Zones


def test_types_are_compared_below_lists_and_missing_fields_are_named() -> None:
    service = Service(name="ecs", product="Ecs", version="2014-05-26")

    @service.operation()
    def describe_zones(call: Call, ask: DescribeZonesRequest) -> DescribeZonesResponse:
        raise AssertionError("only its declaration is read")

    found = compare(service, Package("alibabacloud_ecs20140526"))["DescribeZones"]
    assert {difference.field: difference.problem for difference in found.wrong} == {
        "Request.Verbose": "is str here and bool there",
        "Response.Zones.Zone[].ZoneId": "is int here and str there",
    }
    assert "Zones.Zone[].ZoneType" in found.missing
    assert "RequestId" not in found.missing


class SharedZone(Model, kw_only=True):
    zone_id: str
    zone_type: str | Unset = UNSET
    status: str | Unset = UNSET
    surprise: str | Unset = UNSET


class SharedZones(Model, kw_only=True):
    zone: list[SharedZone]


class SharedAvailableZones(Model, kw_only=True):
    available_zone: list[SharedZone]


class DescribeAvailableResourceRequest(Request):
    pass


class DescribeAvailableResourceResponse(Response, kw_only=True):
    available_zones: SharedAvailableZones


def test_an_optional_field_of_a_shared_structure_is_right_if_one_operation_has_it() -> None:
    service = Service(name="ecs", product="Ecs", version="2014-05-26")

    class DescribeZonesResponse(Response, kw_only=True):
        zones: SharedZones

    @service.operation()
    def describe_zones(call: Call, ask: DescribeZonesRequest) -> DescribeZonesResponse:
        raise AssertionError("only its declaration is read")

    @service.operation()
    def describe_available_resource(
        call: Call, ask: DescribeAvailableResourceRequest
    ) -> DescribeAvailableResourceResponse:
        raise AssertionError("only its declaration is read")

    found = compare(service, Package("alibabacloud_ecs20140526"))
    assert [one.field for one in found["DescribeZones"].wrong if one.field.startswith("Response")] == [
        "Response.Zones.Zone[].Surprise"
    ]
    assert [one.field for one in found["DescribeAvailableResource"].wrong] == [
        "Response.AvailableZones.AvailableZone[].Surprise"
    ]
