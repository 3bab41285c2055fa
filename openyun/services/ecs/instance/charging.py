"""How an instance is paid for: charge type, renewal, automatic renewal."""

from __future__ import annotations

from openyun.clock import iso_seconds
from openyun.errors import InvalidParameter
from openyun.operation import Call, Model, Request, Response
from openyun.services.ecs import errors
from openyun.services.ecs.errors import ChargeTypeViolation, IncorrectInstanceStatus, InvalidInstanceIds
from openyun.services.ecs.instance import instances, launch, lifecycle, periods, timeline
from openyun.services.ecs.instance.orders import new_order_id
from openyun.services.ecs.instance_type.catalogue import find_instance_type
from openyun.services.ecs.price import list_prices
from openyun.services.ecs.service import ecs

MOST_AT_ONCE = 20


class Fee(Model, kw_only=True):
    instance_id: str
    fee: str
    currency: str = list_prices.CURRENCY


class Fees(Model):
    fee_of_instance: list[Fee]


class ModifyInstanceChargeTypeRequest(Request, kw_only=True):
    region_id: str
    instance_ids: list[str]
    instance_charge_type: str = "PrePaid"
    period: int | None = None
    period_unit: str = "Month"
    include_data_disks: bool = True
    auto_pay: bool = True
    is_detail_fee: bool = False
    # Terraform sends one and the same ClientToken for every change of an instance's charge type, so none is kept here:
    # a repetition is refused by the charge type that the instance has by then.
    dry_run: bool = False


class ModifyInstanceChargeTypeResponse(Response, kw_only=True):
    order_id: str
    fee_of_instances: Fees


@ecs.operation(resource="instance/{instance_ids}")
def modify_instance_charge_type(call: Call, ask: ModifyInstanceChargeTypeRequest) -> ModifyInstanceChargeTypeResponse:
    """Between pay-as-you-go and a subscription, for all of the named instances or none."""
    if ask.instance_charge_type not in ("PrePaid", "PostPaid"):
        raise errors.InvalidInstanceChargeType
    if not 1 <= len(ask.instance_ids) <= MOST_AT_ONCE:
        raise InvalidInstanceIds(most=MOST_AT_ONCE)
    fees = []
    for one in instances.find_all(call, ask.instance_ids):
        if one.status not in ("Running", "Stopped"):
            raise IncorrectInstanceStatus
        if one.charge_type == ask.instance_charge_type or one.spot_strategy != "NoSpot":
            raise ChargeTypeViolation
        fee = 0.0
        if ask.instance_charge_type == "PrePaid":
            one.expires_at = iso_seconds(periods.after(call.now, ask.period, ask.period_unit))
            one.auto_release_at = ""
            one.deletion_protection = False
            kind = find_instance_type(one.instance_type)
            hourly = list_prices.instance(kind) if kind else 0.0
            fee = list_prices.of_period(hourly, ask.period_unit, ask.period or 1)[1]
        else:
            one.expires_at = ""
        one.charge_type = ask.instance_charge_type
        call.state.put(one)
        fees.append(Fee(instance_id=one.id, fee=f"{fee:.2f}"))
    return ModifyInstanceChargeTypeResponse(
        order_id=new_order_id(call), fee_of_instances=Fees(fees if ask.is_detail_fee else [])
    )


class RenewInstanceRequest(Request, kw_only=True):
    instance_id: str
    period: int | None = None
    period_unit: str = "Month"
    expected_renew_day: int | None = None
    client_token: str = ""


class RenewInstanceResponse(Response, kw_only=True):
    order_id: str


@ecs.operation(resource="instance/{instance_id}")
def renew_instance(call: Call, ask: RenewInstanceRequest) -> RenewInstanceResponse:
    """Also of one that has expired and is not released yet: it may be started again then."""
    one = instances.find(call, ask.instance_id)
    if one.charge_type != "PrePaid":
        raise ChargeTypeViolation
    if ask.expected_renew_day is not None:
        raise errors.NotOffered(parameter="ExpectedRenewDay")
    timeline.renew(call.state, one, call.now, ask.period or 0, ask.period_unit)
    call.state.put(one)
    return RenewInstanceResponse(order_id=new_order_id(call))


class ReActivateInstancesRequest(Request, kw_only=True):
    region_id: str
    instance_id: str


@ecs.operation(resource="instance/{instance_id}")
def re_activate_instances(call: Call, ask: ReActivateInstancesRequest) -> Response:
    """Start an instance again that was stopped for money and is paid for since."""
    one = instances.find(call, ask.instance_id)
    lifecycle.start(one)
    one.due = True
    call.state.put(one)
    call.wake()
    return Response()


class ModifyInstanceAutoRenewAttributeRequest(Request, kw_only=True):
    region_id: str
    instance_id: list[str]
    """joined by commas"""
    auto_renew: bool | None = None
    duration: int | None = None
    period_unit: str = "Month"
    renewal_status: str = ""


@ecs.operation(resource="instance/{instance_id}")
def modify_instance_auto_renew_attribute(call: Call, ask: ModifyInstanceAutoRenewAttributeRequest) -> Response:
    if ask.renewal_status not in ("", "AutoRenewal", "Normal", "NotRenewal"):
        raise InvalidParameter(parameter="RenewalStatus")
    if len(ask.instance_id) > launch.MOST_AT_ONCE:
        raise InvalidInstanceIds(most=launch.MOST_AT_ONCE)
    status = ask.renewal_status or ("AutoRenewal" if ask.auto_renew else "Normal")
    for one in instances.find_all(call, ask.instance_id):
        if one.charge_type != "PrePaid":
            raise ChargeTypeViolation
        if status == "AutoRenewal":
            periods.check_renewal(ask.duration or 1, ask.period_unit)
            one.renewal_period, one.renewal_unit = ask.duration or 1, ask.period_unit
        one.renewal_status = status  # type: ignore[assignment]  # one of the literals, by the check above
        call.state.put(one)
    return Response()
