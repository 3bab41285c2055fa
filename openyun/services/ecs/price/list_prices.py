"""Prices: examples, made of a rate for each vCPU and GiB. They are not the vendor's, and nothing is billed.

What is true of the vendor's price list is true of this one: it grows with the instance type, a subscription is cheaper
than the hours it has, a longer one is cheaper still, disks cost by GiB and category, bandwidth by Mbit/s."""

from __future__ import annotations

from openyun.services.ecs.instance_type.catalogue import InstanceType

CURRENCY = "CNY"
HOURS_OF_MONTH = 30 * 24

_VCPU, _GIBIBYTE = 0.15, 0.03
"""an hour"""
_FAMILIES = {"EntryLevel": 0.6, "CreditEntryLevel": 0.4}
"""of the price of an enterprise-level type"""
_DISKS = {"cloud": 0.0004, "cloud_efficiency": 0.0005, "cloud_ssd": 0.0014, "cloud_essd": 0.0014,
          "cloud_essd_entry": 0.0009, "cloud_auto": 0.0010}  # fmt: skip
"""a GiB and hour"""
_LEVELS = {"PL0": 0.5, "PL1": 1.0, "PL2": 2.0, "PL3": 4.0}
_MBIT = 0.08
"""an hour, PayByBandwidth; PayByTraffic costs by what flows"""
_SUBSCRIPTION = 0.65
"""of the price of its hours"""
_YEARS = {1: 0.85, 2: 0.7, 3: 0.5, 4: 0.45, 5: 0.4}


def instance(kind: InstanceType) -> float:
    """An hour, pay-as-you-go."""
    rate = _VCPU * kind.vcpus + _GIBIBYTE * kind.memory
    return rate * _FAMILIES.get(kind.level, 1.0)


def disk(category: str, size: int, performance_level: str = "") -> float:
    """An hour."""
    return _DISKS.get(category, _DISKS["cloud_essd"]) * size * _LEVELS.get(performance_level or "PL1", 1.0)


def bandwidth(charge_type: str, megabits: int) -> float:
    """An hour."""
    return _MBIT * megabits if charge_type == "PayByBandwidth" else 0.0


def of_period(hourly: float, unit: str, period: int = 1) -> tuple[float, float]:
    """Before and after the discount for its length, for PriceUnit Hour, Day, Week, Month or Year."""
    match unit:
        case "Hour":
            return hourly * period, hourly * period
        case "Day":
            return hourly * 24 * period, hourly * 24 * period
        case "Week":
            return (weekly := hourly * 7 * 24 * period * _SUBSCRIPTION), weekly
        case "Year":
            return _months(hourly, 12 * period)
    return _months(hourly, period)


def _months(hourly: float, months: int) -> tuple[float, float]:
    original = hourly * HOURS_OF_MONTH * months * _SUBSCRIPTION
    return original, original * _YEARS.get(months // 12, 1.0)
