"""How long a subscription lasts."""

from __future__ import annotations

import calendar
from datetime import datetime, timedelta

from openyun.services.ecs.errors import InvalidPeriod

_PERIODS = {
    "Week": (1, 2, 3, 4),
    "Month": (1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 24, 36, 48, 60),
    "Year": (1, 2, 3, 4, 5),
}
_RENEWALS = {"Week": (1, 2, 3), "Month": (1, 2, 3, 6, 12, 24, 36, 48, 60), "Year": (1, 2, 3, 4, 5)}


def after(at: datetime, period: int | None, unit: str) -> datetime:
    """The end of a period that begins at `at`. Raises InvalidPeriod."""
    if period not in _PERIODS.get(unit, ()):
        raise InvalidPeriod
    return _after(at, period or 0, unit)


def check_renewal(period: int, unit: str) -> None:
    """Raises InvalidPeriod for what a subscription can not be renewed by."""
    if period not in _RENEWALS.get(unit, ()):
        raise InvalidPeriod


def renewed(at: datetime, period: int, unit: str) -> datetime:
    check_renewal(period, unit)
    return _after(at, period, unit)


def _after(at: datetime, period: int, unit: str) -> datetime:
    if unit == "Week":
        return at + timedelta(weeks=period)
    return _months_after(at, period * (12 if unit == "Year" else 1))


def _months_after(at: datetime, months: int) -> datetime:
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    return at.replace(year=year, month=month + 1, day=min(at.day, calendar.monthrange(year, month + 1)[1]))
