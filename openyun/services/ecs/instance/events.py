"""System events: what the cloud does to instances by itself, told before and after."""

from __future__ import annotations

from typing import Any

import msgspec

from openyun.errors import InvalidParameter
from openyun.operation import UNSET, Call, Model, Request, Response, Tag, Unset
from openyun.services.ecs.records import Instance, InstanceEvent
from openyun.services.ecs.service import ecs
from openyun.services.paging import Paged, after_token, page_of
from openyun.services.tags import carries

TYPES = {
    "SystemMaintenance.Reboot": 1,
    "SystemFailure.Reboot": 5,
    "InstanceFailure.Reboot": 6,
    "InstanceExpiration.Stop": 16,
    "InstanceExpiration.Delete": 17,
    "AccountUnbalanced.Stop": 18,
    "AccountUnbalanced.Delete": 19,
    "InstancePreemption.Stop": 60,
    "InstancePreemption.Delete": 61,
}
"""by the vendor's number, where it publishes one; those of preemption are ours"""
CYCLE = {"Scheduled": 24, "Avoided": 16, "Executing": 36, "Executed": 32, "Canceled": 40, "Failed": 48, "Inquiring": 80}


class NumberAndName(Model):
    code: int
    name: str


class EventFields(Model, kw_only=True):
    event_id: str
    event_type: NumberAndName
    event_cycle_status: NumberAndName
    event_publish_time: str
    not_before: str
    reason: str
    impact_level: str = ""


class ScheduledEvent(EventFields, kw_only=True):
    pass


class ScheduledEvents(Model):
    scheduled_system_event_type: list[ScheduledEvent]


class EventItem(EventFields, kw_only=True):
    instance_id: str
    event_finish_time: str
    resource_type: str = "instance"


class EventItems(Model):
    instance_system_event_type: list[EventItem]


class Between(Model, kw_only=True):
    start: str = ""
    end: str = ""

    def holds(self, at: str) -> bool:
        return (not self.start or at >= self.start) and (not self.end or at <= self.end)


class DescribeInstanceHistoryEventsRequest(Paged, Request, kw_only=True):
    region_id: str
    instance_id: str = ""
    resource_id: list[str] = []
    resource_type: str = "instance"
    event_id: list[str] = []
    event_type: str = ""
    instance_event_type: list[str] = []
    event_cycle_status: str = ""
    instance_event_cycle_status: list[str] = []
    event_publish_time: Between = msgspec.field(default_factory=Between)
    not_before: Between = msgspec.field(default_factory=Between)
    impact_level: str = ""
    resource_group_id: str = ""
    tag: list[Tag] = []
    next_token: str = ""
    max_results: int | None = None


class DescribeInstanceHistoryEventsResponse(Response, kw_only=True):
    page_number: int | Unset = UNSET
    page_size: int | Unset = UNSET
    total_count: int
    next_token: str = ""
    instance_system_event_set: EventItems


@ecs.operation(resource="instance/{instance_id}")
def describe_instance_history_events(
    call: Call, ask: DescribeInstanceHistoryEventsRequest
) -> DescribeInstanceHistoryEventsResponse:
    """Events stay told after their instance is gone."""
    if ask.event_cycle_status not in ("", *CYCLE) or any(one not in CYCLE for one in ask.instance_event_cycle_status):
        raise InvalidParameter(parameter="EventCycleStatus")
    found = [one for one in call.state.find(InstanceEvent, account_id=call.account_id) if _matches(one, ask)]
    if ask.resource_group_id or ask.tag:
        owners = {one.id: one for one in call.state.find(Instance, account_id=call.account_id)}
        found = [one for one in found if _of(owners.get(one.instance_id), ask)]
    if ask.next_token or ask.max_results is not None:
        limit = min(max(ask.max_results or 0, 1), 100)
        page, token = after_token(found, [one.id for one in found], ask.next_token, limit)
        return DescribeInstanceHistoryEventsResponse(
            total_count=len(found), next_token=token, instance_system_event_set=EventItems([item(one) for one in page])
        )
    found.sort(key=lambda one: (one.published_at, one.id), reverse=True)
    return DescribeInstanceHistoryEventsResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        instance_system_event_set=EventItems([item(one) for one in page_of(ask, found, most=100)]),
    )


def _of(instance: Instance | None, ask: DescribeInstanceHistoryEventsRequest) -> bool:
    return (
        instance is not None
        and ask.resource_group_id in ("", instance.resource_group_id)
        and carries(instance.tags, ask.tag)
    )


def _matches(one: InstanceEvent, ask: DescribeInstanceHistoryEventsRequest) -> bool:
    return (
        ask.instance_id in ("", one.instance_id)
        and ask.resource_type in ("", "instance")
        and (not ask.resource_id or one.instance_id in ask.resource_id)
        and (not ask.event_id or one.id in ask.event_id)
        and ask.event_type in ("", one.type)
        and (not ask.instance_event_type or one.type in ask.instance_event_type)
        and ask.event_cycle_status in ("", one.status)
        and (not ask.instance_event_cycle_status or one.status in ask.instance_event_cycle_status)
        and ask.event_publish_time.holds(one.published_at)
        and ask.not_before.holds(one.not_before)
        and not ask.impact_level
    )


def scheduled(call: Call, instance_ids: list[str]) -> dict[str, list[ScheduledEvent]]:
    """Events that are still to come, by instance."""
    found: dict[str, list[ScheduledEvent]] = {}
    for one in call.state.find(InstanceEvent, instance_id=instance_ids, status="Scheduled"):
        found.setdefault(one.instance_id, []).append(ScheduledEvent(**_fields(one)))
    return found


def item(one: InstanceEvent) -> EventItem:
    return EventItem(instance_id=one.instance_id, event_finish_time=one.finished_at, **_fields(one))


def _fields(one: InstanceEvent) -> dict[str, Any]:
    return {
        "event_id": one.id,
        "event_type": NumberAndName(TYPES.get(one.type, 0), one.type),
        "event_cycle_status": NumberAndName(CYCLE[one.status], one.status),
        "event_publish_time": one.published_at,
        "not_before": one.not_before,
        "reason": one.reason,
    }
