"""The market price of spot instances: an example, like every price here.

It moves once an hour between a tenth and half of the pay-as-you-go price, for every instance type and zone by itself,
and can be told for any hour. An operator may set another one, as a market in need would have it."""

from __future__ import annotations

import math
import zlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from openyun.errors import BadRequest, Forbidden
from openyun.operation import Call
from openyun.services.ecs.errors import NotOffered
from openyun.services.ecs.instance_type.catalogue import InstanceType, find_instance_type
from openyun.services.ecs.price import list_prices
from openyun.services.ecs.records import Instance, SpotPrice
from openyun.state import Transaction

if TYPE_CHECKING:
    from openyun.services.ecs.instance.launch import Making

PROTECTED = timedelta(hours=1)
"""a spot instance is not taken away earlier, unless its customer wished no protection"""
NOTICE = timedelta(minutes=5)
"""between telling the customer and taking the instance"""


class PriceLimitTooLow(Forbidden):
    code = "InvalidSpotPriceLimit.LowerThanPublicPrice"
    message = "The specified parameter SpotPriceLimit can't be lower than the current public price {price}."


class InvalidPriceLimit(BadRequest):
    code = "InvalidSpotPriceLimit"
    message = "The specified SpotPriceLimit is not valid."


class InvalidDuration(BadRequest):
    code = "InvalidSpotDuration"
    message = "The specified SpotDuration is not valid."


def price(state: Transaction, kind: InstanceType, zone_id: str, at: datetime) -> float:
    """An hour, in the currency of `list_prices`."""
    told = state.get(SpotPrice, zone_id, kind.id)
    return told.price if told is not None else curve(kind, zone_id, at)


def curve(kind: InstanceType, zone_id: str, at: datetime) -> float:
    """What the market asks in the hour of `at` when nobody interferes."""
    phase = zlib.crc32(f"{kind.id} {zone_id}".encode()) % 168
    hour = int(at.timestamp() // 3600)
    share = 0.3 + 0.12 * math.sin((hour + phase) * 2 * math.pi / 24) + 0.08 * math.sin((hour + phase) * math.pi / 84)
    return round(share * list_prices.instance(kind), 3)


def hours(start: datetime, end: datetime) -> list[datetime]:
    """The full hours between them."""
    first = start.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    first = first if first >= start else first + timedelta(hours=1)
    return [first + timedelta(hours=at) for at in range(max(0, int((end - first) / timedelta(hours=1)) + 1))]


def check(call: Call, ask: Making, kind: InstanceType, zone_id: str) -> None:
    """Raises PriceLimitTooLow, InvalidPriceLimit, InvalidDuration, and NotOffered for other behaviour."""
    if ask.spot_interruption_behavior not in ("", "Terminate", "Stop"):
        raise NotOffered(parameter=f"SpotInterruptionBehavior {ask.spot_interruption_behavior}")
    if ask.spot_duration is not None and ask.spot_duration not in (0, 1):
        raise InvalidDuration
    if ask.spot_strategy != "SpotWithPriceLimit":
        return
    if ask.spot_price_limit is None or ask.spot_price_limit <= 0:
        raise InvalidPriceLimit
    asked = price(call.state, kind, zone_id, call.now)
    if ask.spot_price_limit < asked:
        raise PriceLimitTooLow(price=asked)


def outbid(state: Transaction, one: Instance, now: datetime) -> bool:
    """Whether the market takes this spot instance away, after its protected hour."""
    if one.spot_duration and now < datetime.fromisoformat(one.created_at) + PROTECTED:
        return False
    return above_limit(state, one, now)


def above_limit(state: Transaction, one: Instance, now: datetime) -> bool:
    """Whether the market asks more than the instance's customer would pay."""
    kind = find_instance_type(one.instance_type)
    if one.spot_strategy != "SpotWithPriceLimit" or kind is None:
        return False
    return price(state, kind, one.zone_id, now) > one.spot_price_limit
