"""What was used, hour by hour: one record of it for all services, which billing sums.

A record says that in one hour an account used so much of one meter of one resource. Services add to it in a
transaction of the region where the resource lives: at once where little happens, or every few seconds what they
counted in memory. Then a crash loses these few seconds, in favour of the customer; what is stored is measured, not
counted, and so is always right.
"""

from __future__ import annotations

from typing import ClassVar

from openyun.state import Indexes, Record, Transaction

HOUR = 3600
KEPT = 550 * 24 * HOUR
"""seconds that a record is kept: the vendor shows bills of the last 18 months"""
_AT_ONCE = 1000
"""records forgotten in one transaction"""


class Usage(Record, kw_only=True):
    TABLE: ClassVar[str] = "usage"
    KEY: ClassVar[tuple[str, ...]] = ("hour", "service", "account_id", "resource", "meter")
    INDEXES: ClassVar[Indexes] = (("account_id", "hour"), ("service", "hour"))

    hour: int
    """its first second, in seconds since the epoch"""
    service: str
    """as RAM policies name it: oss, ecs"""
    account_id: str
    region_id: str
    resource: str
    """the name or id of what was used, such as a bucket"""
    meter: str
    """in the words of the vendor's bills: PutRequest, NetworkOut"""
    quantity: int
    """in the meter's unit: requests, bytes, bytes held for the hour, seconds"""


def hour_of(at: float) -> int:
    """The hour in which this moment lies, both in seconds since the epoch."""
    return int(at) // HOUR * HOUR


def add(state: Transaction, used: Usage) -> None:
    """Used once more, in the same hour."""
    held = find(state, used)
    if held is not None:
        used.quantity += held.quantity
    if used.quantity:
        state.put(used)


def measure(state: Transaction, used: Usage) -> None:
    """Held through this hour: the last measurement of an hour counts."""
    held = find(state, used)
    if used.quantity or held is not None:
        state.put(used)


def forget(state: Transaction, now: float) -> bool:
    """Delete records of old, so many at a time; true if there may be more."""
    old = state.scan(Usage, "hour", before=hour_of(now - KEPT), limit=_AT_ONCE)
    for one in old:
        state.delete(one)
    return len(old) == _AT_ONCE


def find(state: Transaction, like: Usage) -> Usage | None:
    return state.get(Usage, like.hour, like.service, like.account_id, like.resource, like.meter)


def between(
    state: Transaction, start: int, end: int, *, account_id: str = "", service: str = "", resource: str = ""
) -> list[Usage]:
    """Records of the hours that begin from `start` to before `end`, oldest first."""
    first = hour_of(start)
    if account_id:
        found = state.scan(Usage, "hour", start=first, before=end, account_id=account_id)
    elif service:
        found = state.scan(Usage, "hour", start=first, before=end, service=service)
    else:
        found = state.scan(Usage, "hour", start=first, before=end)
    return [
        one for one in found if (not service or one.service == service) and (not resource or one.resource == resource)
    ]
