"""Flow logs: made, found, changed, switched on and off. What they write, `collecting.py` says."""

from __future__ import annotations

from typing import Literal

import msgspec

from openyun.clock import iso_seconds
from openyun.operation import Call, Model, Page, Request, Response, Tag
from openyun.services.sls import projects
from openyun.services.tags import carries
from openyun.services.vpc import logged_interfaces
from openyun.services.vpc.errors import refuse
from openyun.services.vpc.flow_log.errors import (
    FlowLogExists,
    FlowLogNotFound,
    IllegalParam,
    IncorrectStatusFlowLog,
    ProjectOrLogstoreNotExist,
    QuotaExceededFlowLog,
    ResourceNotFound,
)
from openyun.services.vpc.flow_log.records import FlowLog
from openyun.services.vpc.records import Vpc, VSwitch
from openyun.services.vpc.service import vpc
from openyun.services.vpc.tag_rules import rules
from openyun.services.vpc.vpcs import default_resource_group

_INTERVALS = (1, 5, 10)
"""minutes"""
_MOST = 50


class CreateFlowLogRequest(Request, kw_only=True):
    resource_type: Literal["VPC", "VSwitch", "NetworkInterface"]
    resource_id: str
    traffic_type: Literal["All", "Allow", "Drop"]
    project_name: str
    log_store_name: str
    flow_log_name: str = ""
    description: str = ""
    aggregation_interval: int = 10
    ip_version: str = ""
    log_format: str = ""
    traffic_path: list[str] = []
    resource_group_id: str = ""
    tag: list[Tag] = []


class CreateFlowLogResponse(Response, kw_only=True):
    flow_log_id: str
    resource_group_id: str
    success: str = "true"


@vpc.operation(resource="flowlog/*")
def create_flow_log(call: Call, ask: CreateFlowLogRequest) -> CreateFlowLogResponse:
    tags = rules.checked(ask.tag)
    refuse(LogFormat=ask.log_format, IpVersion=ask.ip_version not in ("", "IPv4"))
    refuse(TrafficPath=ask.traffic_path not in ([], ["all"]))
    _check(ask.flow_log_name, ask.description, ask.aggregation_interval)
    vpc_id = _vpc_of(call, ask.resource_type, ask.resource_id)
    if not projects.exists(call.state, call.account_id, ask.project_name, ask.log_store_name):
        raise ProjectOrLogstoreNotExist(project=ask.project_name, logstore=ask.log_store_name)
    present = call.state.find(FlowLog, account_id=call.account_id)
    if len(present) >= _MOST:
        raise QuotaExceededFlowLog(most=_MOST)
    if any(one.resource_id == ask.resource_id and one.traffic_type == ask.traffic_type for one in present):
        raise FlowLogExists(resource_id=ask.resource_id)
    made = FlowLog(
        id=call.new_id("fl"),
        account_id=call.account_id,
        name=ask.flow_log_name,
        description=ask.description,
        resource_type=ask.resource_type,
        resource_id=ask.resource_id,
        vpc_id=vpc_id,
        traffic_type=ask.traffic_type,
        project=ask.project_name,
        logstore=ask.log_store_name,
        interval=ask.aggregation_interval,
        resource_group_id=ask.resource_group_id or default_resource_group(call),
        created_at=iso_seconds(call.now),
        tags=tags,
    )
    call.state.insert(made)
    call.wake()
    return CreateFlowLogResponse(flow_log_id=made.id, resource_group_id=made.resource_group_id)


class FlowLogRequest(Request, kw_only=True):
    flow_log_id: str


class FlowLogResponse(Response, kw_only=True):
    success: str = "true"


class ModifyFlowLogAttributeRequest(FlowLogRequest, kw_only=True):
    flow_log_name: str | None = None
    description: str | None = None
    aggregation_interval: int = 0
    ip_version: str = ""
    log_format: str = ""


@vpc.operation(resource="flowlog/{flow_log_id}")
def modify_flow_log_attribute(call: Call, ask: ModifyFlowLogAttributeRequest) -> FlowLogResponse:
    one = _find(call, ask.flow_log_id)
    refuse(LogFormat=ask.log_format, IpVersion=ask.ip_version not in ("", "IPv4"))
    _check(ask.flow_log_name or "", ask.description or "", ask.aggregation_interval or one.interval)
    one.name = one.name if ask.flow_log_name is None else ask.flow_log_name
    one.description = one.description if ask.description is None else ask.description
    one.interval = ask.aggregation_interval or one.interval
    call.state.put(one)
    return FlowLogResponse()


class ActiveFlowLogRequest(FlowLogRequest, kw_only=True):
    pass


@vpc.operation(resource="flowlog/{flow_log_id}")
def active_flow_log(call: Call, ask: ActiveFlowLogRequest) -> FlowLogResponse:
    one = _find(call, ask.flow_log_id)
    if one.status != "Inactive":
        raise IncorrectStatusFlowLog(flow_log_id=one.id, status=one.status)
    one.status = "Activating"
    call.state.put(one)
    call.wake()
    return FlowLogResponse()


class DeactiveFlowLogRequest(FlowLogRequest, kw_only=True):
    pass


@vpc.operation(resource="flowlog/{flow_log_id}")
def deactive_flow_log(call: Call, ask: DeactiveFlowLogRequest) -> FlowLogResponse:
    """What was counted until now is still written."""
    one = _find(call, ask.flow_log_id)
    if one.status == "Inactive":
        raise IncorrectStatusFlowLog(flow_log_id=one.id, status=one.status)
    one.status = "Inactive"
    call.state.put(one)
    call.wake()
    return FlowLogResponse()


class DeleteFlowLogRequest(FlowLogRequest, kw_only=True):
    pass


@vpc.operation(resource="flowlog/{flow_log_id}")
def delete_flow_log(call: Call, ask: DeleteFlowLogRequest) -> FlowLogResponse:
    call.state.delete(_find(call, ask.flow_log_id))
    call.wake()
    return FlowLogResponse()


class TagList(Model, kw_only=True):
    tag: list[Tag]


class TrafficPath(Model, kw_only=True):
    traffic_path_list: list[str] = msgspec.field(default_factory=lambda: ["all"])


class FlowLogItem(Model, kw_only=True):
    flow_log_id: str
    flow_log_name: str
    description: str
    resource_type: str
    resource_id: str
    traffic_type: str
    project_name: str
    log_store_name: str
    aggregation_interval: int
    status: str
    business_status: str = "Normal"
    flow_log_deliver_status: str
    flow_log_deliver_error_message: str
    ip_version: str = "IPv4"
    traffic_path: TrafficPath = msgspec.field(default_factory=TrafficPath)
    region_id: str
    resource_group_id: str
    creation_time: str
    tags: TagList


class FlowLogs(Model, kw_only=True):
    flow_log: list[FlowLogItem]


class DescribeFlowLogsRequest(Request, kw_only=True):
    flow_log_id: str = ""
    flow_log_name: str = ""
    description: str = ""
    resource_type: str = ""
    resource_id: str = ""
    vpc_id: str = ""
    traffic_type: str = ""
    project_name: str = ""
    log_store_name: str = ""
    status: str = ""
    resource_group_id: str = ""
    tags: list[Tag] = []
    page_number: Page = 1
    page_size: int = 20


class DescribeFlowLogsResponse(Response, kw_only=True):
    flow_logs: FlowLogs
    success: str = "true"
    page_number: str
    page_size: str
    total_count: str


@vpc.operation(resource="flowlog/*")
def describe_flow_logs(call: Call, ask: DescribeFlowLogsRequest) -> DescribeFlowLogsResponse:
    if not 1 <= ask.page_size <= 50:
        raise IllegalParam("PageSize")
    found = [one for one in call.state.find(FlowLog, account_id=call.account_id) if _is_asked_for(one, ask)]
    page = found[(ask.page_number - 1) * ask.page_size :][: ask.page_size]
    return DescribeFlowLogsResponse(
        flow_logs=FlowLogs(flow_log=[_shown(call, one) for one in page]),
        page_number=str(ask.page_number),
        page_size=str(ask.page_size),
        total_count=str(len(found)),
    )


def _is_asked_for(one: FlowLog, ask: DescribeFlowLogsRequest) -> bool:
    pairs = (
        (ask.flow_log_id, one.id),
        (ask.flow_log_name, one.name),
        (ask.description, one.description),
        (ask.resource_type, one.resource_type),
        (ask.resource_id, one.resource_id),
        (ask.vpc_id, one.vpc_id),
        (ask.traffic_type, one.traffic_type),
        (ask.project_name, one.project),
        (ask.log_store_name, one.logstore),
        (ask.status, one.status),
        (ask.resource_group_id, one.resource_group_id),
    )
    return all(asked in ("", present) for asked, present in pairs) and carries(one.tags, ask.tags)


def _shown(call: Call, one: FlowLog) -> FlowLogItem:
    return FlowLogItem(
        flow_log_id=one.id,
        flow_log_name=one.name,
        description=one.description,
        resource_type=one.resource_type,
        resource_id=one.resource_id,
        traffic_type=one.traffic_type,
        project_name=one.project,
        log_store_name=one.logstore,
        aggregation_interval=one.interval,
        status=one.status,
        flow_log_deliver_status="ModifyFailed" if one.problem else "ModifySuccess",
        flow_log_deliver_error_message=one.problem,
        region_id=call.region.id,
        resource_group_id=one.resource_group_id,
        creation_time=one.created_at,
        tags=TagList(tag=[Tag(key=key, value=value) for key, value in one.tags.items()]),
    )


def _find(call: Call, flow_log_id: str) -> FlowLog:
    """Raises FlowLogNotFound."""
    one = call.state.get(FlowLog, flow_log_id)
    if one is None or one.account_id != call.account_id:
        raise FlowLogNotFound(flow_log_id=flow_log_id)
    return one


def _vpc_of(call: Call, kind: str, id: str) -> str:
    """The VPC of what is to be watched. Raises ResourceNotFound."""
    found: Vpc | VSwitch | logged_interfaces.LoggedInterface | None
    if kind == "NetworkInterface":
        found = next((one for one in logged_interfaces.all_of(call.state) if one.id == id), None)
    else:
        found = call.state.get(Vpc, id) if kind == "VPC" else call.state.get(VSwitch, id)
    if found is None or found.account_id != call.account_id:
        raise ResourceNotFound(resource_id=id)
    return found.id if isinstance(found, Vpc) else found.vpc_id


def _check(name: str, description: str, interval: int) -> None:
    """Raises IllegalParam."""
    if name and (len(name) > 128 or name.startswith(("http://", "https://"))):
        raise IllegalParam("FlowLogName")
    if len(description) > 256 or description.startswith(("http://", "https://")):
        raise IllegalParam("Description")
    if interval not in _INTERVALS:
        raise IllegalParam("AggregationInterval")
