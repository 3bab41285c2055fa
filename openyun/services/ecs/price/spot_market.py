"""DescribeSpotPriceHistory and DescribeSpotAdvice: the market of spot instances, past and present."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from openyun.clock import iso_seconds
from openyun.errors import InvalidParameter
from openyun.operation import Call, Model, Request, Response
from openyun.services.ecs.errors import InstanceTypeNotSupported, ZoneNotFound
from openyun.services.ecs.instance_type.catalogue import INSTANCE_TYPES, InstanceType, find_instance_type
from openyun.services.ecs.price import list_prices, spot
from openyun.services.ecs.service import ecs

LONGEST = timedelta(days=30)
AT_ONCE = 1000
"""prices in one answer"""


class SpotPriceItem(Model, kw_only=True):
    zone_id: str
    instance_type: str
    io_optimized: str = "optimized"
    network_type: str = "vpc"
    timestamp: str
    spot_price: float
    origin_price: float


class SpotPriceItems(Model):
    spot_price_type: list[SpotPriceItem]


class DescribeSpotPriceHistoryRequest(Request, kw_only=True):
    region_id: str
    zone_id: str = ""
    instance_type: str
    network_type: str
    io_optimized: str = ""
    os_type: str = msgspec.field(name="OSType", default="")
    spot_duration: int | None = None
    start_time: str = ""
    end_time: str = ""
    offset: int = 0


class DescribeSpotPriceHistoryResponse(Response, kw_only=True):
    currency: str = list_prices.CURRENCY
    next_offset: int
    spot_prices: SpotPriceItems


@ecs.operation()
def describe_spot_price_history(call: Call, ask: DescribeSpotPriceHistoryRequest) -> DescribeSpotPriceHistoryResponse:
    """The last three hours, unless StartTime says otherwise: the price of each full hour, and the present one."""
    kind = find_instance_type(ask.instance_type)
    if kind is None:
        raise InstanceTypeNotSupported(instance_type=ask.instance_type)
    if ask.network_type != "vpc":
        raise InvalidParameter(parameter="NetworkType")
    if ask.offset < 0:
        raise InvalidParameter(parameter="Offset")
    end = _time(ask.end_time, "EndTime") if ask.end_time else call.now
    start = _time(ask.start_time, "StartTime") if ask.start_time else end - timedelta(hours=3)
    if start > end or end - start > LONGEST:
        raise InvalidParameter(parameter="StartTime")
    items = [
        _item(call, kind, zone_id, at)
        for zone_id in _zones(call, ask.zone_id)
        for at in [*spot.hours(start, min(end, call.now)), *([call.now] if end >= call.now else [])]
    ]
    page = items[ask.offset : ask.offset + AT_ONCE]
    following = ask.offset + len(page)
    return DescribeSpotPriceHistoryResponse(
        next_offset=following if following < len(items) else 0, spot_prices=SpotPriceItems(page)
    )


def _item(call: Call, kind: InstanceType, zone_id: str, at: datetime) -> SpotPriceItem:
    price = spot.price(call.state, kind, zone_id, at) if at == call.now else spot.curve(kind, zone_id, at)
    return SpotPriceItem(
        zone_id=zone_id,
        instance_type=kind.id,
        timestamp=iso_seconds(at),
        spot_price=price,
        origin_price=round(list_prices.instance(kind), 3),
    )


def _zones(call: Call, zone_id: str) -> list[str]:
    if zone_id and call.region.zone(zone_id) is None:
        raise ZoneNotFound(zone_id=zone_id)
    return [zone_id] if zone_id else [zone.id for zone in call.region.zones]


def _time(text: str, parameter: str) -> datetime:
    for form in ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%MZ"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise InvalidParameter(parameter=parameter)


# DescribeSpotAdvice


class SpotResource(Model, kw_only=True):
    instance_type: str
    average_spot_discount: int
    interrupt_rate_desc: str
    interruption_rate: float


class SpotResources(Model):
    available_spot_resource: list[SpotResource]


class SpotZone(Model, kw_only=True):
    zone_id: str
    available_spot_resources: SpotResources


class SpotZones(Model):
    available_spot_zone: list[SpotZone]


class DescribeSpotAdviceRequest(Request, kw_only=True):
    region_id: str
    zone_id: str = ""
    instance_types: list[str] = []
    instance_type_family: str = ""
    instance_family_level: str = ""
    cores: int | None = None
    memory: float | None = None
    min_cores: int | None = None
    min_memory: float | None = None
    gpu_spec: str = ""
    gpu_amount: int | None = None


class DescribeSpotAdviceResponse(Response, kw_only=True):
    region_id: str
    available_spot_zones: SpotZones


@ecs.operation()
def describe_spot_advice(call: Call, ask: DescribeSpotAdviceRequest) -> DescribeSpotAdviceResponse:
    """The market's average price over the last thirty days, in percent. No instance of an example market is known to
    be interrupted often, so the rate is the lowest class."""
    chosen = [kind for kind in INSTANCE_TYPES.values() if _matches(kind, ask)]
    return DescribeSpotAdviceResponse(
        region_id=call.region.id,
        available_spot_zones=SpotZones(
            [
                SpotZone(
                    zone_id=zone_id,
                    available_spot_resources=SpotResources([_advice(call, kind, zone_id) for kind in chosen]),
                )
                for zone_id in _zones(call, ask.zone_id)
            ]
        ),
    )


def _matches(kind: InstanceType, ask: DescribeSpotAdviceRequest) -> bool:
    return (
        (not ask.instance_types or kind.id in ask.instance_types)
        and ask.instance_type_family in ("", kind.family)
        and ask.instance_family_level in ("", kind.level)
        and (ask.cores is None or kind.vcpus == ask.cores)
        and (ask.memory is None or kind.memory == ask.memory)
        and (ask.min_cores is None or kind.vcpus >= ask.min_cores)
        and (ask.min_memory is None or kind.memory >= ask.min_memory)
        and not (ask.gpu_spec or ask.gpu_amount)
    )


def _advice(call: Call, kind: InstanceType, zone_id: str) -> SpotResource:
    # Every day of the curve is much like another: one day in hours stands for the month.
    prices = [spot.curve(kind, zone_id, call.now - timedelta(hours=at)) for at in range(24)]
    share = sum(prices) / len(prices) / list_prices.instance(kind)
    return SpotResource(
        instance_type=kind.id,
        average_spot_discount=round(100 * share),
        interrupt_rate_desc="0-3%",
        interruption_rate=0.0,
    )
