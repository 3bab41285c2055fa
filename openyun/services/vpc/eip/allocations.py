"""AllocateEipAddress, ModifyEipAddressAttribute, ReleaseEipAddress."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from openyun.clock import iso_seconds
from openyun.operation import Call, Request, Response, Tag
from openyun.services.naming import is_name
from openyun.services.vpc import public_addresses
from openyun.services.vpc.eip import eips
from openyun.services.vpc.eip.errors import (
    AddressNotAvailable,
    ChargeTypeIsPrepaid,
    DeletionProtected,
    IncorrectEipStatus,
    InvalidBandwidth,
    InvalidChargeType,
    InvalidEipDescription,
    InvalidEipName,
    NoAddressLeft,
    QuotaExceededEip,
)
from openyun.services.vpc.errors import refuse
from openyun.services.vpc.records import Eip
from openyun.services.vpc.service import vpc
from openyun.services.vpc.tag_rules import rules
from openyun.services.vpc.vpcs import default_resource_group

MOST_EIPS = 20
"""of an account in a region"""
MOST_BANDWIDTH = {"PayByTraffic": 200, "PayByBandwidth": 500, "PayByDominantTraffic": 200}
"""Mbit/s"""


class AllocationRequest(Request, kw_only=True):
    """What both allocating operations take."""

    bandwidth: str = ""
    internet_charge_type: str = "PayByTraffic"
    instance_charge_type: str = "PostPaid"
    period: int = 1
    pricing_cycle: str = "Month"
    auto_pay: bool = False
    isp: str = msgspec.field(name="ISP", default="BGP")
    netmode: str = "public"
    ip_address: str = ""
    instance_id: str = ""
    public_ip_address_pool_id: str = ""
    security_protection_types: list[str] = []
    resource_group_id: str = ""
    tag: list[Tag] = []
    client_token: str = ""


class AllocateEipAddressRequest(AllocationRequest, kw_only=True):
    name: str = ""
    description: str = ""
    zone: str = ""
    activity_id: int = 0


class AllocateEipAddressResponse(Response, kw_only=True):
    allocation_id: str
    eip_address: str
    resource_group_id: str


@vpc.operation(resource="eip/*")
def allocate_eip_address(call: Call, ask: AllocateEipAddressRequest) -> AllocateEipAddressResponse:
    refuse(Zone=ask.zone, ActivityId=ask.activity_id)
    return _allocate(call, ask, _name(ask.name), _description(ask.description))


class AllocateEipAddressProRequest(AllocationRequest, kw_only=True):
    pass


@vpc.operation(resource="eip/*")
def allocate_eip_address_pro(call: Call, ask: AllocateEipAddressProRequest) -> AllocateEipAddressResponse:
    return _allocate(call, ask)


def _allocate(call: Call, ask: AllocationRequest, name: str = "", description: str = "") -> AllocateEipAddressResponse:
    refuse(
        InstanceId=ask.instance_id,
        PublicIpAddressPoolId=ask.public_ip_address_pool_id,
        SecurityProtectionTypes=ask.security_protection_types,
        ISP=ask.isp not in ("BGP", "BGP_PRO") and ask.isp,
        Netmode=ask.netmode != "public" and ask.netmode,
    )
    if ask.internet_charge_type not in MOST_BANDWIDTH:
        raise InvalidChargeType(parameter="InternetChargeType")
    if ask.instance_charge_type not in ("PostPaid", "PrePaid"):
        raise InvalidChargeType(parameter="InstanceChargeType")
    tags = rules.checked(ask.tag)
    if call.state.count(Eip, account_id=call.account_id) >= MOST_EIPS:
        raise QuotaExceededEip(most=MOST_EIPS)
    id = call.new_id("eip")
    if ask.ip_address:
        address = public_addresses.allocate_this(call, ask.ip_address, id, AddressNotAvailable)
    else:
        (address,) = public_addresses.allocate(call, [id], NoAddressLeft)
    made = Eip(
        id=id,
        account_id=call.account_id,
        address=address,
        name=name,
        description=description,
        bandwidth=_bandwidth(ask.bandwidth or "5", ask.internet_charge_type),
        internet_charge_type=ask.internet_charge_type,
        charge_type=ask.instance_charge_type,
        expires_at=_end(call, ask) if ask.instance_charge_type == "PrePaid" else "",
        isp=ask.isp,
        resource_group_id=ask.resource_group_id or default_resource_group(call),
        created_at=iso_seconds(call.now),
        tags=tags,
    )
    call.state.insert(made)
    return AllocateEipAddressResponse(
        allocation_id=made.id, eip_address=made.address, resource_group_id=made.resource_group_id
    )


class ModifyEipAddressAttributeRequest(Request, kw_only=True):
    allocation_id: str
    bandwidth: str = ""
    name: str | None = None
    description: str | None = None


@vpc.operation(resource="eip/{allocation_id}")
def modify_eip_address_attribute(call: Call, ask: ModifyEipAddressAttributeRequest) -> Response:
    """A new bandwidth holds at once, also for connections that are open."""
    one = eips.find(call, ask.allocation_id)
    if one.status not in ("Available", "InUse"):
        raise IncorrectEipStatus
    if ask.name is not None:
        one.name = _name(ask.name)
    if ask.description is not None:
        one.description = _description(ask.description)
    if ask.bandwidth:
        one.bandwidth = _bandwidth(ask.bandwidth, one.internet_charge_type)
        call.wake()
    call.state.put(one)
    return Response()


class ReleaseEipAddressRequest(Request, kw_only=True):
    allocation_id: str


@vpc.operation(resource="eip/{allocation_id}")
def release_eip_address(call: Call, ask: ReleaseEipAddressRequest) -> Response:
    one = eips.find(call, ask.allocation_id)
    if one.status != "Available":
        raise IncorrectEipStatus
    if one.deletion_protection:
        raise DeletionProtected
    if one.charge_type == "PrePaid":
        raise ChargeTypeIsPrepaid
    eips.release(call.state, one)
    return Response()


# Rules


def _bandwidth(text: str, charge_type: str) -> int:
    most = MOST_BANDWIDTH[charge_type]
    if not text.isdecimal() or not 1 <= int(text[:9]) <= most:
        raise InvalidBandwidth(most=most)
    return int(text)


def _end(call: Call, ask: AllocationRequest) -> str:
    if ask.pricing_cycle not in ("Month", "Year") or not 1 <= ask.period <= 9:
        raise InvalidChargeType(parameter="Period")
    return iso_seconds(call.now + timedelta(days=ask.period * (30 if ask.pricing_cycle == "Month" else 365)))


def _name(text: str) -> str:
    if text and not is_name(text):
        raise InvalidEipName
    return text


def _description(text: str) -> str:
    if text and not is_name(text, shortest=2, longest=256):
        raise InvalidEipDescription
    return text
