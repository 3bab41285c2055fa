"""Smaller questions about instances: status, attributes, user data, and what Terraform asks besides."""

from __future__ import annotations

import base64

import msgspec

from openyun.errors import InvalidParameter
from openyun.operation import Call, Model, Request, Response
from openyun.services.ecs.errors import InvalidInstanceIds
from openyun.services.ecs.instance import events, instances, user_data
from openyun.services.ecs.instance.items import (
    NEVER_EXPIRES,
    EipAddress,
    IpAddresses,
    OperationLocks,
    SecurityGroupIds,
    VpcAttributes,
    eip_address,
    locks_of,
    minutes,
)
from openyun.services.ecs.records import Instance
from openyun.services.ecs.service import ecs
from openyun.services.paging import Paged, page_of
from openyun.services.vpc import eips

MOST_IDS = 100


def _found(call: Call, instance_ids: list[str]) -> list[Instance]:
    """The named instances, which must exist, or all of the account; oldest first."""
    if len(instance_ids) > MOST_IDS:
        raise InvalidInstanceIds(most=MOST_IDS)
    if instance_ids:
        return instances.find_all(call, instance_ids)
    found = [one for one in call.state.find(Instance, account_id=call.account_id) if one.wanted != "Deleted"]
    return sorted(found, key=lambda one: (one.created_at, one.id))


# DescribeInstanceStatus


class InstanceStatus(Model):
    instance_id: str
    status: str


class InstanceStatuses(Model):
    instance_status: list[InstanceStatus]


class DescribeInstanceStatusRequest(Paged, Request, kw_only=True):
    region_id: str
    instance_id: list[str] = []
    zone_id: str = ""


class DescribeInstanceStatusResponse(Response, kw_only=True):
    page_number: int
    page_size: int
    total_count: int
    instance_statuses: InstanceStatuses


@ecs.operation(resource="instance/{instance_id}")
def describe_instance_status(call: Call, ask: DescribeInstanceStatusRequest) -> DescribeInstanceStatusResponse:
    found = [one for one in _found(call, ask.instance_id) if ask.zone_id in ("", one.zone_id)]
    return DescribeInstanceStatusResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        instance_statuses=InstanceStatuses([InstanceStatus(one.id, one.status) for one in page_of(ask, found)]),
    )


# DescribeInstancesFullStatus


class CodeAndName(Model):
    code: int
    name: str


class InstanceFullStatus(Model, kw_only=True):
    instance_id: str
    status: CodeAndName
    health_status: CodeAndName
    scheduled_system_event_set: events.ScheduledEvents


class InstanceFullStatusSet(Model):
    instance_full_status_type: list[InstanceFullStatus]


class DescribeInstancesFullStatusRequest(Paged, Request, kw_only=True):
    region_id: str
    instance_id: list[str] = []
    status: str = ""
    health_status: str = ""
    event_id: list[str] = []
    event_type: str = ""
    instance_event_type: list[str] = []


class DescribeInstancesFullStatusResponse(Response, kw_only=True):
    page_number: int
    page_size: int
    total_count: int
    instance_full_status_set: InstanceFullStatusSet


_STATUS_CODES = {"Pending": 0, "Starting": 16, "Running": 1, "Stopping": 32, "Stopped": 8}
_HEALTH = {"Running": CodeAndName(0, "Ok"), "Pending": CodeAndName(24, "Initializing")}
_NO_DATA = CodeAndName(32, "InsufficientData")


@ecs.operation(resource="instance/{instance_id}")
def describe_instances_full_status(
    call: Call, ask: DescribeInstancesFullStatusRequest
) -> DescribeInstancesFullStatusResponse:
    found = [
        one
        for one in _found(call, ask.instance_id)
        if ask.status in ("", one.status) and ask.health_status in ("", _health(one).name)
    ]
    coming = events.scheduled(call, [one.id for one in found])
    if ask.event_id or ask.event_type or ask.instance_event_type:
        coming = {instance_id: kept for instance_id, some in coming.items() if (kept := _asked(some, ask))}
        found = [one for one in found if one.id in coming]
    return DescribeInstancesFullStatusResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        instance_full_status_set=InstanceFullStatusSet(
            [
                InstanceFullStatus(
                    instance_id=one.id,
                    status=CodeAndName(_STATUS_CODES[one.status], one.status),
                    health_status=_health(one),
                    scheduled_system_event_set=events.ScheduledEvents(coming.get(one.id, [])),
                )
                for one in page_of(ask, found, most=100)
            ]
        ),
    )


def _asked(some: list[events.ScheduledEvent], ask: DescribeInstancesFullStatusRequest) -> list[events.ScheduledEvent]:
    return [
        one
        for one in some
        if (not ask.event_id or one.event_id in ask.event_id)
        and ask.event_type in ("", one.event_type.name)
        and (not ask.instance_event_type or one.event_type.name in ask.instance_event_type)
    ]


def _health(one: Instance) -> CodeAndName:
    return _HEALTH.get(one.status, _NO_DATA)


# DescribeInstanceAttribute


class DescribeInstanceAttributeRequest(Request, kw_only=True):
    instance_id: str


class DescribeInstanceAttributeResponse(Response, kw_only=True):
    instance_id: str
    instance_name: str
    description: str
    status: str
    region_id: str
    zone_id: str
    image_id: str
    host_name: str
    serial_number: str
    instance_type: str
    cpu: int
    memory: int
    io_optimized: str = "optimized"
    instance_network_type: str = "vpc"
    vpc_attributes: VpcAttributes
    security_group_ids: SecurityGroupIds
    public_ip_address: IpAddresses
    inner_ip_address: IpAddresses = msgspec.field(default_factory=IpAddresses)
    eip_address: EipAddress = msgspec.field(default_factory=EipAddress)
    internet_charge_type: str
    internet_max_bandwidth_in: int
    internet_max_bandwidth_out: int
    instance_charge_type: str
    expired_time: str
    creation_time: str
    stopped_mode: str
    credit_specification: str
    operation_locks: OperationLocks = msgspec.field(default_factory=OperationLocks)
    cluster_id: str = ""
    vlan_id: str = ""


@ecs.operation(resource="instance/{instance_id}")
def describe_instance_attribute(call: Call, ask: DescribeInstanceAttributeRequest) -> DescribeInstanceAttributeResponse:
    one = instances.find(call, ask.instance_id)
    return DescribeInstanceAttributeResponse(
        instance_id=one.id,
        instance_name=one.name,
        description=one.description,
        status=one.status,
        region_id=call.region.id,
        zone_id=one.zone_id,
        image_id=one.image_id,
        host_name=one.hostname,
        serial_number=one.serial_number,
        instance_type=one.instance_type,
        cpu=one.cpu,
        memory=one.memory,
        vpc_attributes=VpcAttributes(
            vpc_id=one.vpc_id, v_switch_id=one.v_switch_id, private_ip_address=IpAddresses([one.private_address])
        ),
        security_group_ids=SecurityGroupIds(one.security_group_ids),
        public_ip_address=IpAddresses([one.public_address] if one.public_address else []),
        eip_address=eip_address(eips.held_by(call.state, [one.id]).get(one.id, [])),
        internet_charge_type=one.internet_charge_type,
        internet_max_bandwidth_in=one.internet_max_bandwidth_in,
        internet_max_bandwidth_out=one.internet_max_bandwidth_out,
        instance_charge_type=one.charge_type,
        expired_time=minutes(one.expires_at) or NEVER_EXPIRES,
        creation_time=minutes(one.created_at),
        stopped_mode=one.stopped_mode,
        credit_specification=one.credit_specification,
        operation_locks=locks_of(one),
    )


# DescribeUserData


class DescribeUserDataRequest(Request, kw_only=True):
    region_id: str
    instance_id: str


class DescribeUserDataResponse(Response, kw_only=True):
    region_id: str
    instance_id: str
    user_data: str


@ecs.operation(resource="instance/{instance_id}")
def describe_user_data(call: Call, ask: DescribeUserDataRequest) -> DescribeUserDataResponse:
    one = instances.find(call, ask.instance_id)
    raw = user_data.opened(call.cloud.vault, one)
    return DescribeUserDataResponse(
        region_id=call.region.id, instance_id=one.id, user_data=base64.b64encode(raw).decode()
    )


# DescribeInstanceAutoRenewAttribute


class RenewAttribute(Model, kw_only=True):
    instance_id: str
    auto_renew_enabled: bool = False
    duration: int = 0
    period_unit: str = ""
    renewal_status: str = "Normal"


class RenewAttributes(Model):
    instance_renew_attribute: list[RenewAttribute]


class DescribeInstanceAutoRenewAttributeRequest(Paged, Request, kw_only=True):
    region_id: str
    instance_id: list[str] = []
    renewal_status: str = ""


class DescribeInstanceAutoRenewAttributeResponse(Response, kw_only=True):
    page_number: int
    page_size: int
    total_count: int
    instance_renew_attributes: RenewAttributes


@ecs.operation(resource="instance/{instance_id}")
def describe_instance_auto_renew_attribute(
    call: Call, ask: DescribeInstanceAutoRenewAttributeRequest
) -> DescribeInstanceAutoRenewAttributeResponse:
    """Only of subscriptions."""
    if ask.renewal_status not in ("", "AutoRenewal", "Normal", "NotRenewal"):
        raise InvalidParameter(parameter="RenewalStatus")
    found = [
        one
        for one in _found(call, ask.instance_id)
        if one.charge_type == "PrePaid" and ask.renewal_status in ("", one.renewal_status)
    ]
    return DescribeInstanceAutoRenewAttributeResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        instance_renew_attributes=RenewAttributes([_renewal(one) for one in page_of(ask, found, most=100)]),
    )


def _renewal(one: Instance) -> RenewAttribute:
    automatic = one.renewal_status == "AutoRenewal"
    return RenewAttribute(
        instance_id=one.id,
        auto_renew_enabled=automatic,
        duration=one.renewal_period if automatic else 0,
        period_unit=one.renewal_unit if automatic else "",
        renewal_status=one.renewal_status,
    )


# DescribeInstanceAttachmentAttributes


class Attachment(Model, kw_only=True):
    instance_id: str
    private_pool_options_id: str = ""
    private_pool_options_match_criteria: str = "None"


class Attachments(Model):
    instance: list[Attachment]


class DescribeInstanceAttachmentAttributesRequest(Paged, Request, kw_only=True):
    region_id: str
    instance_ids: list[str]


class DescribeInstanceAttachmentAttributesResponse(Response, kw_only=True):
    page_number: int
    page_size: int
    total_count: int
    instances: Attachments


@ecs.operation(resource="instance/{instance_ids}")
def describe_instance_attachment_attributes(
    call: Call, ask: DescribeInstanceAttachmentAttributesRequest
) -> DescribeInstanceAttachmentAttributesResponse:
    """Private pools do not exist here, so no instance is attached to one."""
    found = _found(call, ask.instance_ids)
    return DescribeInstanceAttachmentAttributesResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        instances=Attachments([Attachment(instance_id=one.id) for one in page_of(ask, found, most=100)]),
    )
