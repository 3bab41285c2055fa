"""DescribeEipAddresses, and what is asked about their monitoring."""

from __future__ import annotations

import msgspec

from openyun.errors import InvalidParameter
from openyun.operation import Call, Model, Request, Response, Tag
from openyun.services.paging import Paged, page_of
from openyun.services.tags import carries
from openyun.services.vpc.eip import eips
from openyun.services.vpc.records import Eip
from openyun.services.vpc.service import vpc


class Tags(Model, kw_only=True):
    tag: list[Tag] = []


class LockReason(Model, kw_only=True):
    lock_reason: str = ""


class OperationLocks(Model, kw_only=True):
    lock_reason: list[LockReason] = []


class SecurityProtectionTypes(Model, kw_only=True):
    security_protection_type: list[str] = []


class EipItem(Model, kw_only=True):
    allocation_id: str
    ip_address: str
    name: str
    description: str
    status: str
    region_id: str
    instance_id: str
    instance_type: str
    instance_region_id: str
    private_ip_address: str
    vpc_id: str
    mode: str
    bandwidth: str
    eip_bandwidth: str
    bandwidth_package_id: str = ""
    bandwidth_package_type: str = ""
    bandwidth_package_bandwidth: str = ""
    internet_charge_type: str
    charge_type: str
    business_status: str = "Normal"
    biz_type: str = ""
    allocation_time: str
    expired_time: str
    isp: str = msgspec.field(name="ISP")
    netmode: str = "public"
    zone: str = ""
    hd_monitor_status: str = msgspec.field(name="HDMonitorStatus", default="OFF")
    has_reservation_data: str = "false"
    deletion_protection: bool
    second_limited: bool = False
    service_managed: int = 0
    public_ip_address_pool_id: str = ""
    segment_instance_id: str = ""
    security_protection_types: SecurityProtectionTypes = msgspec.field(default_factory=SecurityProtectionTypes)
    operation_locks: OperationLocks = msgspec.field(default_factory=OperationLocks)
    resource_group_id: str
    tags: Tags


class EipItems(Model, kw_only=True):
    eip_address: list[EipItem]


class Filter(Model, kw_only=True):
    key: str = ""
    value: str = ""


class DescribeEipAddressesRequest(Paged, Request, kw_only=True):
    allocation_id: list[str] = []
    eip_address: list[str] = []
    eip_name: str = ""
    status: str = ""
    associated_instance_id: str = ""
    associated_instance_type: str = ""
    charge_type: str = ""
    isp: str = msgspec.field(name="ISP", default="")
    lock_reason: str = ""
    public_ip_address_pool_id: str = ""
    segment_instance_id: str = ""
    security_protection_enabled: bool | None = None
    service_managed: bool | None = None
    include_reservation_data: bool = False
    resource_group_id: str = ""
    tag: list[Tag] = []
    filter: list[Filter] = []
    dry_run: bool = False


class DescribeEipAddressesResponse(Response, kw_only=True):
    page_number: int
    page_size: int
    total_count: int
    eip_addresses: EipItems


@vpc.operation(resource="eip/{allocation_id}")
def describe_eip_addresses(call: Call, ask: DescribeEipAddressesRequest) -> DescribeEipAddressesResponse:
    by_id = {"id": ask.allocation_id} if ask.allocation_id else {}
    found = [one for one in call.state.find(Eip, account_id=call.account_id, **by_id) if _matches(one, ask)]
    found.sort(key=lambda one: (one.created_at, one.id), reverse=True)
    return DescribeEipAddressesResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        eip_addresses=EipItems(eip_address=[_item(call, one) for one in page_of(ask, found, most=100)]),
    )


class DescribeHighDefinitionMonitorLogAttributeRequest(Request, kw_only=True):
    instance_id: str
    instance_type: str = "EIP"


class DescribeHighDefinitionMonitorLogAttributeResponse(Response, kw_only=True):
    instance_id: str
    instance_type: str
    log_project: str = ""
    log_store: str = ""
    success: str = "true"


@vpc.operation(resource="eip/{instance_id}")
def describe_high_definition_monitor_log_attribute(
    call: Call, ask: DescribeHighDefinitionMonitorLogAttributeRequest
) -> DescribeHighDefinitionMonitorLogAttributeResponse:
    """Always off: of elastic IP addresses, no logs go to Log Service here."""
    if ask.instance_type != "EIP":
        raise InvalidParameter(parameter="InstanceType")
    one = eips.find(call, ask.instance_id)
    return DescribeHighDefinitionMonitorLogAttributeResponse(instance_id=one.id, instance_type="EIP")


def _matches(one: Eip, ask: DescribeEipAddressesRequest) -> bool:
    return (
        (not ask.eip_address or one.address in ask.eip_address)
        and ask.eip_name in ("", one.name)
        and ask.status in ("", one.status)
        and ask.associated_instance_id in ("", one.holder_id)
        and ask.associated_instance_type in ("", one.holder_kind)
        and ask.charge_type in ("", one.charge_type)
        and ask.isp in ("", one.isp)
        and ask.resource_group_id in ("", one.resource_group_id)
        # no address of this cloud is locked, of a pool or a segment, protected, or another service's
        and not (ask.lock_reason or ask.public_ip_address_pool_id or ask.segment_instance_id)
        and not (ask.security_protection_enabled or ask.service_managed)
        and all(_passes(one, it) for it in ask.filter)
        and carries(one.tags, ask.tag)
    )


def _passes(one: Eip, filter: Filter) -> bool:
    """Times as 2026-01-02T03:04Z, which sort as text."""
    match filter.key:
        case "CreationStartTime":
            return f"{one.created_at[:16]}Z" >= filter.value
        case "CreationEndTime":
            return f"{one.created_at[:16]}Z" <= filter.value
    raise InvalidParameter(parameter="Filter.N.Key")


def _item(call: Call, one: Eip) -> EipItem:
    holder = eips.holder_of(call.state, one)
    private = holder.private_addresses[0] if holder and holder.private_addresses else ""
    bound = one.status in ("Associating", "InUse", "Unassociating")
    return EipItem(
        allocation_id=one.id,
        ip_address=one.address,
        name=one.name,
        description=one.description,
        status=one.status,
        region_id=call.region.id,
        instance_id=one.holder_id,
        instance_type=one.holder_kind,
        instance_region_id=call.region.id if bound else "",
        private_ip_address=(one.private_address or private) if one.holder_kind == "NetworkInterface" else "",
        vpc_id=one.vpc_id,
        mode="NAT" if bound else "",
        bandwidth=str(one.bandwidth),
        eip_bandwidth=str(one.bandwidth),
        internet_charge_type=one.internet_charge_type,
        charge_type=one.charge_type,
        allocation_time=one.created_at,
        expired_time=one.expires_at,
        isp=one.isp,
        deletion_protection=one.deletion_protection,
        resource_group_id=one.resource_group_id,
        tags=Tags(tag=[Tag(key=key, value=value) for key, value in one.tags.items()]),
    )
