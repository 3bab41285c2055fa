"""What is done to an instance when its host needs maintenance."""

from __future__ import annotations

from openyun.errors import InvalidParameter
from openyun.operation import Call, Model, Request, Response
from openyun.services.ecs.errors import InvalidInstanceIds, NotOffered
from openyun.services.ecs.instance import instances
from openyun.services.ecs.records import Instance
from openyun.services.ecs.service import ecs
from openyun.services.paging import Paged, page_of

MOST_IDS = 100
ACTIONS = ("Stop", "AutoRecover", "AutoRedeploy")


class SupportedValues(Model):
    supported_value: list[str]


class ActionOnMaintenance(Model, kw_only=True):
    value: str = "AutoRecover"
    default_value: str = "AutoRecover"
    supported_values: SupportedValues


class MaintenanceAttribute(Model, kw_only=True):
    instance_id: str
    action_on_maintenance: ActionOnMaintenance
    notify_on_maintenance: bool = False


class MaintenanceAttributes(Model):
    maintenance_attribute: list[MaintenanceAttribute]


class DescribeInstanceMaintenanceAttributesRequest(Paged, Request, kw_only=True):
    region_id: str
    instance_id: list[str] = []


class DescribeInstanceMaintenanceAttributesResponse(Response, kw_only=True):
    page_number: int
    page_size: int
    total_count: int
    maintenance_attributes: MaintenanceAttributes


@ecs.operation(resource="instance/{instance_id}")
def describe_instance_maintenance_attributes(
    call: Call, ask: DescribeInstanceMaintenanceAttributesRequest
) -> DescribeInstanceMaintenanceAttributesResponse:
    if ask.instance_id:
        found = instances.find_all(call, ask.instance_id)
    else:
        found = [one for one in call.state.find(Instance, account_id=call.account_id) if one.wanted != "Deleted"]
    return DescribeInstanceMaintenanceAttributesResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        maintenance_attributes=MaintenanceAttributes(
            [
                MaintenanceAttribute(
                    instance_id=one.id,
                    action_on_maintenance=ActionOnMaintenance(
                        value=one.maintenance_action, supported_values=SupportedValues(list(ACTIONS))
                    ),
                    notify_on_maintenance=one.maintenance_notice,
                )
                for one in page_of(ask, found, most=100)
            ]
        ),
    )


class MaintenanceWindow(Model, kw_only=True):
    start_time: str = ""
    end_time: str = ""


class ModifyInstanceMaintenanceAttributesRequest(Request, kw_only=True):
    region_id: str
    instance_id: list[str]
    action_on_maintenance: str = ""
    notify_on_maintenance: bool | None = None
    maintenance_window: list[MaintenanceWindow] = []


@ecs.operation(resource="instance/{instance_id}")
def modify_instance_maintenance_attributes(call: Call, ask: ModifyInstanceMaintenanceAttributesRequest) -> Response:
    """Stop: an instance that its host lost stays stopped. The others: it is started again."""
    if not 1 <= len(ask.instance_id) <= MOST_IDS:
        raise InvalidInstanceIds(most=MOST_IDS)
    if ask.action_on_maintenance not in ("", *ACTIONS):
        raise InvalidParameter(parameter="ActionOnMaintenance")
    if ask.maintenance_window:
        raise NotOffered(parameter="MaintenanceWindow")
    for one in instances.find_all(call, ask.instance_id):
        one.maintenance_action = ask.action_on_maintenance or one.maintenance_action
        if ask.notify_on_maintenance is not None:
            one.maintenance_notice = ask.notify_on_maintenance
        call.state.put(one)
    return Response()
