"""Routers and route tables. Each VPC has one VRouter with one system route table, made and deleted with the VPC."""

from __future__ import annotations

from typing import Any

from openyun.operation import Call, Model, Request, Response, Tag
from openyun.services.paging import Paged, page_of
from openyun.services.vpc.records import Vpc, VSwitch
from openyun.services.vpc.service import vpc

SERVICE_BLOCK = "100.64.0.0/10"
"""where the cloud's own services answer; every system route table leads there"""


class VSwitchIds(Model, kw_only=True):
    v_switch_id: list[str]


class Tags(Model, kw_only=True):
    tag: list[Tag] = []


# DescribeRouteTableList


class GatewayIds(Model, kw_only=True):
    gateway_ids: list[str] = []


class RouterTableListType(Model, kw_only=True):
    route_table_id: str
    route_table_name: str = ""
    route_table_type: str = "System"
    description: str = ""
    router_id: str
    router_type: str = "VRouter"
    vpc_id: str
    associate_type: str = "VSwitch"
    v_switch_ids: VSwitchIds
    gateway_ids: GatewayIds
    status: str
    route_propagation_enable: bool = True
    owner_id: int
    resource_group_id: str
    creation_time: str
    tags: Tags


class RouterTableList(Model, kw_only=True):
    router_table_list_type: list[RouterTableListType]


class DescribeRouteTableListRequest(Paged, Request, kw_only=True):
    vpc_id: str = ""
    router_id: str = ""
    router_type: str = ""
    route_table_id: str = ""
    route_table_name: str = ""
    route_table_type: str = ""
    resource_group_id: str = ""
    tag: list[Tag] = []


class DescribeRouteTableListResponse(Response, kw_only=True):
    page_number: int
    page_size: int
    total_count: int
    router_table_list: RouterTableList


@vpc.operation(resource="routetable/{route_table_id}")
def describe_route_table_list(call: Call, ask: DescribeRouteTableListRequest) -> DescribeRouteTableListResponse:
    # A system route table carries neither a name nor tags, so asking for either finds none.
    named = bool(ask.route_table_name or ask.tag) or ask.route_table_type not in ("", "System")
    found = [] if named else _routers(call, ask, ask.router_id)
    return DescribeRouteTableListResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        router_table_list=RouterTableList(
            router_table_list_type=[
                RouterTableListType(
                    route_table_id=one.route_table_id,
                    router_id=one.v_router_id,
                    vpc_id=one.id,
                    v_switch_ids=VSwitchIds(v_switch_id=[v_switch.id for v_switch in _v_switches(call, one)]),
                    gateway_ids=GatewayIds(),
                    status=one.status,
                    owner_id=int(one.account_id),
                    resource_group_id=one.resource_group_id,
                    creation_time=one.created_at,
                    tags=Tags(),
                )
                for one in page_of(ask, found)
            ]
        ),
    )


# DescribeRouteTables


class NextHop(Model, kw_only=True):
    next_hop_id: str
    next_hop_type: str
    enabled: int
    weight: int


class NextHops(Model, kw_only=True):
    """Always empty: system routes end in the VPC itself."""

    next_hop: list[NextHop] = []


class RouteEntry(Model, kw_only=True):
    route_entry_id: str
    route_entry_name: str = ""
    route_table_id: str
    destination_cidr_block: str
    type: str = "System"
    status: str
    description: str = ""
    next_hop_type: str
    instance_id: str = ""
    next_hops: NextHops


class RouteEntrys(Model, kw_only=True):
    route_entry: list[RouteEntry]


class RouteTable(Model, kw_only=True):
    route_table_id: str
    route_table_type: str = "System"
    v_router_id: str
    status: str
    resource_group_id: str
    creation_time: str
    v_switch_ids: VSwitchIds
    route_entrys: RouteEntrys


class RouteTables(Model, kw_only=True):
    route_table: list[RouteTable]


class DescribeRouteTablesRequest(Paged, Request, kw_only=True):
    v_router_id: str = ""
    router_id: str = ""
    router_type: str = ""
    route_table_id: str = ""
    route_table_name: str = ""
    resource_group_id: str = ""
    type: str = ""
    """of the route entries that are wanted: System, Custom, ..."""


class DescribeRouteTablesResponse(Response, kw_only=True):
    page_number: int
    page_size: int
    total_count: int
    route_tables: RouteTables


@vpc.operation(resource="routetable/{route_table_id}")
def describe_route_tables(call: Call, ask: DescribeRouteTablesRequest) -> DescribeRouteTablesResponse:
    found = [] if ask.route_table_name else _routers(call, ask, ask.v_router_id or ask.router_id)
    return DescribeRouteTablesResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        route_tables=RouteTables(route_table=[_route_table(call, one, ask.type) for one in page_of(ask, found)]),
    )


# DescribeVRouters


class RouteTableIds(Model, kw_only=True):
    route_table_id: list[str]


class VRouter(Model, kw_only=True):
    v_router_id: str
    v_router_name: str = ""
    description: str = ""
    vpc_id: str
    region_id: str
    creation_time: str
    route_table_ids: RouteTableIds


class VRouters(Model, kw_only=True):
    v_router: list[VRouter]


class DescribeVRoutersRequest(Paged, Request, kw_only=True):
    v_router_id: str = ""


class DescribeVRoutersResponse(Response, kw_only=True):
    page_number: int
    page_size: int
    total_count: int
    v_routers: VRouters


@vpc.operation(resource="vrouter/{v_router_id}")
def describe_v_routers(call: Call, ask: DescribeVRoutersRequest) -> DescribeVRoutersResponse:
    found = [one for one in _newest_first(call) if ask.v_router_id in ("", one.v_router_id)]
    return DescribeVRoutersResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        v_routers=VRouters(
            v_router=[
                VRouter(
                    v_router_id=one.v_router_id,
                    vpc_id=one.id,
                    region_id=call.region.id,
                    creation_time=one.created_at,
                    route_table_ids=RouteTableIds(route_table_id=[one.route_table_id]),
                )
                for one in page_of(ask, found)
            ]
        ),
    )


# Rules


def _newest_first(call: Call, **equal: Any) -> list[Vpc]:
    found = call.state.find(Vpc, account_id=call.account_id, **equal)
    return sorted(found, key=lambda one: one.created_at, reverse=True)


def _routers(
    call: Call, ask: DescribeRouteTableListRequest | DescribeRouteTablesRequest, v_router_id: str
) -> list[Vpc]:
    """The VPCs whose router and route table are asked for."""
    if ask.router_type not in ("", "VRouter"):
        return []
    vpc_id = ask.vpc_id if isinstance(ask, DescribeRouteTableListRequest) else ""
    return [
        one
        for one in (_newest_first(call, id=vpc_id) if vpc_id else _newest_first(call))
        if v_router_id in ("", one.v_router_id)
        and ask.route_table_id in ("", one.route_table_id)
        and ask.resource_group_id in ("", one.resource_group_id)
    ]


def _v_switches(call: Call, network: Vpc) -> list[VSwitch]:
    return call.state.find(VSwitch, vpc_id=network.id)


def _route_table(call: Call, network: Vpc, wanted: str) -> RouteTable:
    v_switches = _v_switches(call, network)
    entries = [
        RouteEntry(
            route_entry_id=_entry_id(one.id),
            route_table_id=network.route_table_id,
            destination_cidr_block=one.cidr_block,
            status=one.status,
            next_hop_type="local",
            next_hops=NextHops(),
        )
        for one in v_switches
    ]
    entries.append(
        RouteEntry(
            route_entry_id=_entry_id(network.route_table_id),
            route_table_id=network.route_table_id,
            destination_cidr_block=SERVICE_BLOCK,
            status=network.status,
            next_hop_type="service",
            next_hops=NextHops(),
        )
    )
    return RouteTable(
        route_table_id=network.route_table_id,
        v_router_id=network.v_router_id,
        status=network.status,
        resource_group_id=network.resource_group_id,
        creation_time=network.created_at,
        v_switch_ids=VSwitchIds(v_switch_id=[one.id for one in v_switches]),
        route_entrys=RouteEntrys(route_entry=entries if wanted in ("", "System") else []),
    )


def _entry_id(owner_id: str) -> str:
    """System entries have no record; the id of what they belong to gives them one that stays."""
    return f"rte-{owner_id.partition('-')[2]}"
