"""What happens to instances by the clock: release, expiry and renewal of subscriptions, and reclaim of spot instances.

A subscription that ends is renewed if its customer wished so. Else its instance is stopped and locked; renewing it
unlocks it, and what is not renewed for fifteen days is released. A spot instance that the market outbids is told so,
and taken away five minutes later."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from openyun.clock import iso_seconds
from openyun.services.ecs.instance import periods
from openyun.services.ecs.price import spot
from openyun.services.ecs.records import Instance, InstanceEvent
from openyun.state import Transaction

GRACE = timedelta(days=15)
"""between the end of a subscription and the release of its instance"""

EXPIRED, RECLAIMED = "financial", "Recycling"
"""why an instance is locked, in the vendor's words"""

NewId = Callable[[str], str]


def has_come(state: Transaction, one: Instance, now: datetime) -> bool:
    """Whether the clock has something to do to this instance."""
    if one.wanted == "Deleted":
        return False
    text = iso_seconds(now)
    if one.auto_release_at and one.auto_release_at <= text:
        return True
    if one.charge_type == "PrePaid" and one.expires_at and one.expires_at <= text:
        return one.lock_reason != EXPIRED or _released_at(one) <= text
    if one.lock_reason == RECLAIMED:
        return not spot.above_limit(state, one, now)
    if one.reclaim_at:
        return one.reclaim_at <= text
    return one.spot_strategy == "SpotWithPriceLimit" and one.wanted == "Running" and spot.outbid(state, one, now)


def pass_by(state: Transaction, instance_ids: Iterable[str], now: datetime, new_id: NewId) -> None:
    """Do it."""
    for one in state.find(Instance, id=list(instance_ids)):
        if has_come(state, one, now):
            _happen(state, one, now, new_id)
            state.put(one)


def reclaim(state: Transaction, one: Instance, now: datetime, new_id: NewId) -> None:
    """Tell a spot instance that it is taken away in five minutes."""
    one.reclaim_at = iso_seconds(now + spot.NOTICE)
    kind = "InstancePreemption.Stop" if one.spot_interruption == "Stop" else "InstancePreemption.Delete"
    _tell(state, one, kind, now, one.reclaim_at, "The market price is above the limit of the spot instance.", new_id)


def _happen(state: Transaction, one: Instance, now: datetime, new_id: NewId) -> None:
    text = iso_seconds(now)
    if one.auto_release_at and one.auto_release_at <= text:
        _delete(one)
    elif one.charge_type == "PrePaid":
        if one.renewal_status == "AutoRenewal" and one.lock_reason != EXPIRED:
            renew(state, one, now, one.renewal_period, one.renewal_unit)
        elif one.lock_reason != EXPIRED:
            _expire(state, one, now, new_id)
        else:
            _done(state, one, "InstanceExpiration.Delete", text)
            _delete(one)
    elif one.lock_reason == RECLAIMED:
        # The market has come down to the customer's limit again, so the instance may be started.
        one.lock_reason = one.reclaim_at = ""
    elif not one.reclaim_at:
        reclaim(state, one, now, new_id)
    elif one.spot_interruption == "Stop":
        one.lock_reason = RECLAIMED
        _stop(one, "StopCharging")
        _done(state, one, "InstancePreemption.Stop", text)
    else:
        _done(state, one, "InstancePreemption.Delete", text)
        _delete(one)


def _expire(state: Transaction, one: Instance, now: datetime, new_id: NewId) -> None:
    one.lock_reason = EXPIRED
    _stop(one, "StopCharging")
    _tell(state, one, "InstanceExpiration.Stop", now, one.expires_at, "The subscription has expired.", new_id)
    _done(state, one, "InstanceExpiration.Stop", iso_seconds(now))
    _tell(state, one, "InstanceExpiration.Delete", now, _released_at(one), "The subscription has expired.", new_id)


def _stop(one: Instance, mode: str) -> None:
    if one.wanted == "Running":
        one.wanted, one.status, one.due = "Stopped", "Stopping", True
        one.stopped_mode = mode


def _delete(one: Instance) -> None:
    one.wanted, one.due, one.stop_at_once = "Deleted", True, True


def _released_at(one: Instance) -> str:
    return iso_seconds(datetime.fromisoformat(one.expires_at) + GRACE)


def _tell(
    state: Transaction, one: Instance, kind: str, now: datetime, not_before: str, reason: str, new_id: NewId
) -> None:
    state.insert(
        InstanceEvent(
            id=new_id("e"),
            account_id=one.account_id,
            instance_id=one.id,
            type=kind,
            published_at=iso_seconds(now),
            not_before=not_before,
            reason=reason,
        )
    )


def _done(state: Transaction, one: Instance, kind: str, now: str) -> None:
    for event in state.find(InstanceEvent, instance_id=one.id, status="Scheduled"):
        if event.type == kind:
            event.status, event.finished_at = "Executed", now
            state.put(event)


def renew(state: Transaction, one: Instance, now: datetime, period: int, unit: str) -> None:
    """Raises InvalidPeriod. What was to come with the end of the subscription does not come."""
    ends = max(now, datetime.fromisoformat(one.expires_at))
    one.expires_at = iso_seconds(periods.renewed(ends, period, unit))
    one.lock_reason = ""
    for event in state.find(InstanceEvent, instance_id=one.id, status="Scheduled"):
        event.status, event.finished_at = "Avoided", iso_seconds(now)
        state.put(event)
