"""When a scheduled command runs: `rate(5m)`, `at(2026-12-24 18:00:00 Asia/Shanghai)`, or a cron expression of six or
seven fields, seconds first, with a time zone at its end: `0 */20 * * * ? 2027 Asia/Shanghai`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from openyun.services.ecs.command.errors import InvalidFrequency

SHORTEST, LONGEST = timedelta(seconds=60), timedelta(days=7)
"""between two runs of a rate"""

_RATE = re.compile(r"rate\((\d{1,6})\s*([smhd])\)")
_AT = re.compile(r"at\((\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2})(?:\s+([^\s()]+))?\)")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_MONTHS = dict(
    zip(("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"), range(1, 13), strict=True)
)
_DAYS = dict(zip(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), range(1, 8), strict=True))
_YEARS = 5
"""how far a cron expression is looked through for its next time"""


class Cron(msgspec.Struct, frozen=True):
    seconds: frozenset[int]
    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    """1 is Sunday"""
    years: frozenset[int] | None
    zone: str


def check(frequency: str, now: datetime) -> None:
    """Raises InvalidFrequency, also for what never comes."""
    if next_after(frequency, now) is None:
        raise InvalidFrequency


def next_after(frequency: str, now: datetime) -> datetime | None:
    """The next run after `now`, None if there is none. Raises InvalidFrequency."""
    text = " ".join(frequency.split())
    if rate := _RATE.fullmatch(text):
        pause = timedelta(seconds=int(rate[1]) * _UNITS[rate[2]])
        if not SHORTEST <= pause <= LONGEST:
            raise InvalidFrequency
        return now + pause
    if once := _AT.fullmatch(text):
        try:
            at = datetime.strptime(once[1], "%Y-%m-%d %H:%M:%S").replace(tzinfo=_zone(once[2] or ""))
        except ValueError:
            raise InvalidFrequency from None
        return at.astimezone(UTC) if at > now else None
    return _next_of(_parsed(text), now)


def _parsed(text: str) -> Cron:
    parts = text.split(" ")
    zone = parts.pop() if len(parts) > 6 and not re.match(r"[\d*]", parts[-1]) else ""
    _zone(zone)
    if len(parts) not in (6, 7):
        raise InvalidFrequency
    second, minute, hour, day, month, weekday = parts[:6]
    if "?" not in (day, weekday) and "*" not in (day, weekday):
        raise InvalidFrequency
    return Cron(
        seconds=_values(second, 0, 59),
        minutes=_values(minute, 0, 59),
        hours=_values(hour, 0, 23),
        days=_values(day, 1, 31),
        months=_values(month, 1, 12, _MONTHS),
        weekdays=_values(weekday, 1, 7, _DAYS),
        years=_values(parts[6], 1970, 2099) if len(parts) == 7 and parts[6] != "*" else None,
        zone=zone,
    )


def _values(field: str, low: int, high: int, names: dict[str, int] | None = None) -> frozenset[int]:
    found: set[int] = set()
    for part in field.split(","):
        bounds, slash, step = part.partition("/")
        first, dash, last = bounds.partition("-")
        if first in ("*", "?"):
            begin, end = low, high
        else:
            begin = _number(first, names)
            end = _number(last, names) if dash else (high if slash else begin)
        pace = _number(step, None) if slash else 1
        if not low <= begin <= end <= high or pace < 1:
            raise InvalidFrequency
        found.update(range(begin, end + 1, pace))
    return frozenset(found)


def _number(text: str, names: dict[str, int] | None) -> int:
    if names and text.upper() in names:
        return names[text.upper()]
    if not re.fullmatch(r"\d{1,4}", text):
        raise InvalidFrequency
    return int(text)


def _next_of(cron: Cron, now: datetime) -> datetime | None:
    zone = _zone(cron.zone)
    start = (now + timedelta(seconds=1)).astimezone(zone).replace(microsecond=0)
    for day in range(366 * _YEARS):
        date = start.date() + timedelta(days=day)
        weekday = date.isoweekday() % 7 + 1
        if (
            date.month not in cron.months
            or date.day not in cron.days
            or weekday not in cron.weekdays
            or (cron.years is not None and date.year not in cron.years)
        ):
            continue
        for hour, minute, second in _times(cron):
            at = datetime(date.year, date.month, date.day, hour, minute, second, tzinfo=zone)
            if at >= start:
                return at.astimezone(UTC)
    return None


def _times(cron: Cron) -> Iterator[tuple[int, int, int]]:
    for hour in sorted(cron.hours):
        for minute in sorted(cron.minutes):
            for second in sorted(cron.seconds):
                yield hour, minute, second


def _zone(name: str) -> tzinfo:
    if name in ("", "UTC", "GMT"):
        return UTC
    if offset := re.fullmatch(r"GMT([+-])(\d{1,2}):?(\d{2})?", name):
        sign = -1 if offset[1] == "-" else 1
        return timezone(sign * timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0)))
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidFrequency from None
