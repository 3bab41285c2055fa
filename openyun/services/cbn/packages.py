"""Bandwidth packages: Mbit/s between two areas, which a CEN shares out among pairs of regions."""

from __future__ import annotations

from datetime import timedelta

from openyun.clock import iso_seconds, random_text
from openyun.operation import Call, Request, Response, Tag
from openyun.services import resource_groups
from openyun.services.cbn import areas, cens
from openyun.services.cbn.errors import (
    AreasCovered,
    IllegalParameter,
    LimitsNotZero,
    NotEnoughBandwidth,
    NotReleasable,
    PackageInUse,
    PackageNotFound,
)
from openyun.services.cbn.records import BandwidthPackage, InterRegionLimit
from openyun.services.cbn.service import cbn
from openyun.services.vpc import tag_rules

LEAST_BANDWIDTH = 2
MOST_BANDWIDTH = 10_000
MONTH = timedelta(days=30)


def find(call: Call, package_id: str) -> BandwidthPackage:
    """The account's. Raises PackageNotFound."""
    found = call.state.get(BandwidthPackage, package_id)
    if found is None or found.account_id != call.account_id:
        raise PackageNotFound(package_id=package_id)
    return found


def given(call: Call, one: BandwidthPackage, besides: tuple[str, str] = ("", "")) -> int:
    """Mbit/s that pairs of regions have of it, besides one pair."""
    limits = call.state.find(InterRegionLimit, package_id=one.id)
    return sum(it.bandwidth for it in limits if (it.region_id, it.other_region_id) != besides)


class CreateCenBandwidthPackageRequest(Request, kw_only=True):
    bandwidth: int
    geographic_region_a_id: str
    geographic_region_b_id: str
    name: str = ""
    description: str = ""
    bandwidth_package_charge_type: str = "POSTPAY"
    period: int = 1
    pricing_cycle: str = "Month"
    auto_pay: bool = False
    auto_renew: bool = False
    auto_renew_duration: int = 0
    tag: list[Tag] = []
    client_token: str = ""


class CreateCenBandwidthPackageResponse(Response, kw_only=True):
    cen_bandwidth_package_id: str
    cen_bandwidth_package_order_id: str


@cbn.operation(resource="cen:cenbandwidthpackage/*", action="cen:CreateCenBandwidthPackage")
def create_cen_bandwidth_package(
    call: Call, ask: CreateCenBandwidthPackageRequest
) -> CreateCenBandwidthPackageResponse:
    charge_type = ask.bandwidth_package_charge_type.upper()
    if charge_type not in ("PREPAY", "POSTPAY"):
        raise IllegalParameter("BandwidthPackageChargeType")
    if ask.pricing_cycle not in ("Month", "Year") or ask.period < 1:
        raise IllegalParameter("Period")
    paid = MONTH * ask.period * (12 if ask.pricing_cycle == "Year" else 1)
    made = BandwidthPackage(
        id=f"cenbwp-{random_text(18)}",
        account_id=call.account_id,
        name=cens.checked_name(ask.name),
        description=cens.checked_description(ask.description),
        bandwidth=_bandwidth(ask.bandwidth),
        areas=[
            areas.check_area(ask.geographic_region_a_id, "GeographicRegionAId"),
            areas.check_area(ask.geographic_region_b_id, "GeographicRegionBId"),
        ],
        charge_type=charge_type,
        expires_at=iso_seconds(call.now + paid) if charge_type == "PREPAY" else "",
        resource_group_id=resource_groups.default_group(call.account_id),
        tags=tag_rules.rules.checked(ask.tag),
        created_at=iso_seconds(call.now),
    )
    call.state.insert(made)
    return CreateCenBandwidthPackageResponse(
        cen_bandwidth_package_id=made.id, cen_bandwidth_package_order_id=str(int(call.now.timestamp() * 1000))
    )


class ModifyCenBandwidthPackageAttributeRequest(Request, kw_only=True):
    cen_bandwidth_package_id: str
    name: str | None = None
    description: str | None = None


@cbn.operation(
    resource="cen:cenbandwidthpackage/{cen_bandwidth_package_id}", action="cen:ModifyCenBandwidthPackageAttribute"
)
def modify_cen_bandwidth_package_attribute(call: Call, ask: ModifyCenBandwidthPackageAttributeRequest) -> Response:
    found = find(call, ask.cen_bandwidth_package_id)
    if ask.name is not None:
        found.name = cens.checked_name(ask.name)
    if ask.description is not None:
        found.description = cens.checked_description(ask.description)
    call.state.put(found)
    return Response()


class ModifyCenBandwidthPackageSpecRequest(Request, kw_only=True):
    cen_bandwidth_package_id: str
    bandwidth: int


@cbn.operation(
    resource="cen:cenbandwidthpackage/{cen_bandwidth_package_id}", action="cen:ModifyCenBandwidthPackageSpec"
)
def modify_cen_bandwidth_package_spec(call: Call, ask: ModifyCenBandwidthPackageSpecRequest) -> Response:
    """Not below what pairs of regions have of it."""
    found = find(call, ask.cen_bandwidth_package_id)
    found.bandwidth = _bandwidth(ask.bandwidth)
    if given(call, found) > found.bandwidth:
        raise NotEnoughBandwidth(left=0)
    call.state.put(found)
    return Response()


class AssociateCenBandwidthPackageRequest(Request, kw_only=True):
    cen_id: str
    cen_bandwidth_package_id: str


@cbn.operation(
    resource=("cen:ceninstance/{cen_id}", "cen:cenbandwidthpackage/{cen_bandwidth_package_id}"),
    action="cen:AssociateCenBandwidthPackage",
)
def associate_cen_bandwidth_package(call: Call, ask: AssociateCenBandwidthPackageRequest) -> Response:
    network, found = cens.find(call, ask.cen_id), find(call, ask.cen_bandwidth_package_id)
    if found.cen_id:
        raise PackageInUse
    others = call.state.find(BandwidthPackage, cen_id=network.id)
    if any(areas.span(one.areas) == areas.span(found.areas) for one in others):
        raise AreasCovered
    found.cen_id = network.id
    call.state.put(found)
    return Response()


class UnassociateCenBandwidthPackageRequest(Request, kw_only=True):
    cen_id: str
    cen_bandwidth_package_id: str


@cbn.operation(
    resource=("cen:ceninstance/{cen_id}", "cen:cenbandwidthpackage/{cen_bandwidth_package_id}"),
    action="cen:UnassociateCenBandwidthPackage",
)
def unassociate_cen_bandwidth_package(call: Call, ask: UnassociateCenBandwidthPackageRequest) -> Response:
    network, found = cens.find(call, ask.cen_id), find(call, ask.cen_bandwidth_package_id)
    if found.cen_id != network.id:
        raise PackageInUse
    if given(call, found):
        raise LimitsNotZero
    found.cen_id = ""
    call.state.put(found)
    return Response()


class DeleteCenBandwidthPackageRequest(Request, kw_only=True):
    cen_bandwidth_package_id: str


@cbn.operation(resource="cen:cenbandwidthpackage/{cen_bandwidth_package_id}", action="cen:DeleteCenBandwidthPackage")
def delete_cen_bandwidth_package(call: Call, ask: DeleteCenBandwidthPackageRequest) -> Response:
    """What is paid for stays until it expires."""
    found = find(call, ask.cen_bandwidth_package_id)
    if found.cen_id:
        raise PackageInUse
    if found.expires_at > iso_seconds(call.now):
        raise NotReleasable
    call.state.delete(found)
    return Response()


def _bandwidth(asked: int) -> int:
    if not LEAST_BANDWIDTH <= asked <= MOST_BANDWIDTH:
        raise IllegalParameter("Bandwidth")
    return asked
