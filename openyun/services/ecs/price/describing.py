"""DescribePrice, DescribeRenewalPrice, DescribeInstanceModificationPrice: from the example price list."""

from __future__ import annotations

from datetime import datetime

import msgspec

from openyun.errors import InvalidParameter, MissingParameter
from openyun.operation import Call, Model, Request, Response
from openyun.services.ecs.errors import ChargeTypeViolation, InstanceTypeNotSupported, InvalidPeriod
from openyun.services.ecs.instance import instances
from openyun.services.ecs.instance_type.catalogue import find_instance_type
from openyun.services.ecs.price import list_prices, spot
from openyun.services.ecs.service import ecs

_UNITS = ("Hour", "Day", "Week", "Month", "Year")


class Rule(Model, kw_only=True):
    rule_id: int
    description: str


class Rules(Model):
    rule: list[Rule] = []


class DetailInfo(Model, kw_only=True):
    resource: str
    original_price: float
    discount_price: float
    trade_price: float
    sub_rules: Rules = msgspec.field(default_factory=Rules)


class DetailInfos(Model):
    detail_info: list[DetailInfo]


class Price(Model, kw_only=True):
    currency: str = list_prices.CURRENCY
    original_price: float
    discount_price: float
    trade_price: float
    detail_infos: DetailInfos


class PriceInfo(Model, kw_only=True):
    price: Price
    rules: Rules = msgspec.field(default_factory=Rules)


class PricedDisk(Model, kw_only=True):
    category: str = ""
    size: int | None = None
    performance_level: str = ""


class DescribePriceRequest(Request, kw_only=True):
    region_id: str
    resource_type: str = "instance"
    instance_type: str = ""
    image_id: str = ""
    zone_id: str = ""
    system_disk: PricedDisk = msgspec.field(default_factory=PricedDisk)
    data_disk: list[PricedDisk] = []
    internet_charge_type: str = ""
    internet_max_bandwidth_out: int = 0
    price_unit: str = ""
    period: int = 1
    amount: int = 1
    spot_strategy: str = ""
    spot_duration: int | None = None


class DescribePriceResponse(Response, kw_only=True):
    price_info: PriceInfo


@ecs.operation()
def describe_price(call: Call, ask: DescribePriceRequest) -> DescribePriceResponse:
    """Of instances, disks and bandwidth. Without PriceUnit, of an hour."""
    unit = ask.price_unit or "Hour"
    if unit not in _UNITS:
        raise InvalidParameter(parameter="PriceUnit")
    if not 1 <= ask.amount <= 1000:
        raise InvalidParameter(parameter="Amount")
    if ask.period < 1:
        raise InvalidPeriod
    parts: list[tuple[str, float]] = []
    if ask.resource_type == "instance":
        kind = find_instance_type(ask.instance_type)
        if kind is None:
            raise InstanceTypeNotSupported(instance_type=ask.instance_type)
        hourly = list_prices.instance(kind)
        if ask.spot_strategy in ("SpotAsPriceGo", "SpotWithPriceLimit"):
            zone_id = ask.zone_id or call.region.zones[0].id
            parts.append(("instanceType", spot.price(call.state, kind, zone_id, call.now)))
        else:
            parts.append(("instanceType", hourly))
        parts.append(("systemDisk", _disk(ask.system_disk, 40)))
    elif ask.resource_type == "disk" and not ask.data_disk:
        raise MissingParameter(parameter="DataDisk.1.Size")
    elif ask.resource_type not in ("disk", "bandwidth"):
        raise InvalidParameter(parameter="ResourceType")
    parts += [("dataDisk", _disk(one, 0)) for one in ask.data_disk]
    if ask.internet_max_bandwidth_out:
        parts.append(("bandwidth", list_prices.bandwidth(ask.internet_charge_type, ask.internet_max_bandwidth_out)))
    return DescribePriceResponse(price_info=_info(parts, unit, ask.period, ask.amount))


class DescribeRenewalPriceRequest(Request, kw_only=True):
    region_id: str
    resource_id: str
    resource_type: str = "instance"
    period: int = 1
    price_unit: str = "Month"
    expected_renew_day: int | None = None


class DescribeRenewalPriceResponse(Response, kw_only=True):
    price_info: PriceInfo


@ecs.operation(resource="instance/{resource_id}")
def describe_renewal_price(call: Call, ask: DescribeRenewalPriceRequest) -> DescribeRenewalPriceResponse:
    if ask.resource_type != "instance":
        raise InvalidParameter(parameter="ResourceType")
    if ask.price_unit not in ("Week", "Month", "Year") or ask.period < 1:
        raise InvalidPeriod
    one = instances.find(call, ask.resource_id)
    if one.charge_type != "PrePaid":
        raise ChargeTypeViolation
    kind = find_instance_type(one.instance_type)
    parts = [
        ("instanceType", list_prices.instance(kind) if kind else 0.0),
        ("systemDisk", list_prices.disk(one.system_disk_category, one.system_disk_size)),
        ("bandwidth", list_prices.bandwidth(one.internet_charge_type, one.internet_max_bandwidth_out)),
    ]
    return DescribeRenewalPriceResponse(price_info=_info(parts, ask.price_unit, ask.period, 1))


class DescribeInstanceModificationPriceRequest(Request, kw_only=True):
    region_id: str
    instance_id: str
    instance_type: str = ""
    internet_charge_type: str = ""
    internet_max_bandwidth_out: int | None = None


class DescribeInstanceModificationPriceResponse(Response, kw_only=True):
    price_info: PriceInfo


@ecs.operation(resource="instance/{instance_id}")
def describe_instance_modification_price(
    call: Call, ask: DescribeInstanceModificationPriceRequest
) -> DescribeInstanceModificationPriceResponse:
    """What the rest of a subscription costs more with another type or bandwidth."""
    one = instances.find(call, ask.instance_id)
    if one.charge_type != "PrePaid":
        raise ChargeTypeViolation
    now, then = find_instance_type(one.instance_type), find_instance_type(ask.instance_type or one.instance_type)
    if then is None:
        raise InstanceTypeNotSupported(instance_type=ask.instance_type)
    more = list_prices.instance(then) - (list_prices.instance(now) if now else 0.0)
    wider = ask.internet_max_bandwidth_out
    charge_type = ask.internet_charge_type or one.internet_charge_type
    bandwidth = 0.0
    if wider is not None:
        bandwidth = list_prices.bandwidth(charge_type, wider) - list_prices.bandwidth(
            one.internet_charge_type, one.internet_max_bandwidth_out
        )
    left = max(0, _hours_left(call, one.expires_at))
    return DescribeInstanceModificationPriceResponse(
        price_info=_info([("instanceType", max(0.0, more)), ("bandwidth", max(0.0, bandwidth))], "Hour", left, 1)
    )


def _hours_left(call: Call, expires_at: str) -> int:
    return int((datetime.fromisoformat(expires_at) - call.now).total_seconds() // 3600)


def _disk(one: PricedDisk, size: int) -> float:
    return list_prices.disk(one.category or "cloud_essd", one.size or size, one.performance_level)


def _info(parts: list[tuple[str, float]], unit: str, period: int, amount: int) -> PriceInfo:
    details = []
    for resource, hourly in parts:
        original, trade = (round(price * amount, 3) for price in list_prices.of_period(hourly, unit, period))
        details.append(
            DetailInfo(
                resource=resource,
                original_price=original,
                discount_price=round(original - trade, 3),
                trade_price=trade,
            )
        )
    return PriceInfo(
        price=Price(
            original_price=round(sum(one.original_price for one in details), 3),
            discount_price=round(sum(one.discount_price for one in details), 3),
            trade_price=round(sum(one.trade_price for one in details), 3),
            detail_infos=DetailInfos(details),
        )
    )
