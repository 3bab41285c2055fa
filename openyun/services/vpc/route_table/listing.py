"""DescribeRouteEntryList, DescribeRouteTables, DescribeRouteTableList: entries of both kinds as they are told."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from openyun.operation import Call, Model, Request, Response, Tag
from openyun.services.paging import InvalidPageSize, Paged, after_token, page_of
from openyun.services.tags import carries
from openyun.services.vpc.records import RouteEntry as Custom
from openyun.services.vpc.records import VSwitch
from openyun.services.vpc.route_table import entries, tables
from openyun.services.vpc.route_table.tables import Table
from openyun.services.vpc.service import vpc
from openyun.services.vpc.vpcs import SERVICE_BLOCK


class Line(msgspec.Struct, kw_only=True):
    """One entry of a route table, of either kind."""

    id: str
    kind: str
    """System or Custom"""
    cidr_block: str
    status: str
    next_hop_type: str
    next_hop_id: str = ""
    name: str = ""
    description: str = ""
    modified_at: str = ""


more_lines: list[Callable[[Call, Table], list[Line]]] = []
"""Each tells further entries of a table, which have no record of their own here."""


def lines(call: Call, table: Table) -> list[Line]:
    """System entries lead to each vSwitch of the VPC and to the cloud's own services; others and custom ones follow."""
    found = [
        Line(
            id=_entry_id(table, one.id),
            kind="System",
            cidr_block=one.cidr_block,
            status=one.status,
            next_hop_type="local",
        )
        for one in call.state.find(VSwitch, vpc_id=table.within.id)
    ]
    found.append(
        Line(
            id=_entry_id(table, table.id),
            kind="System",
            cidr_block=SERVICE_BLOCK,
            status=table.within.status,
            next_hop_type="service",
        )
    )
    for tell in more_lines:
        found += tell(call, table)
    custom = call.state.find(Custom, route_table_id=table.id)
    found += [
        Line(
            id=one.id,
            kind="Custom",
            cidr_block=one.cidr_block,
            status=one.status,
            next_hop_type=one.next_hop_type,
            next_hop_id=one.next_hop_id,
            name=one.name,
            description=one.description,
            modified_at=one.modified_at or one.created_at,
        )
        for one in sorted(custom, key=lambda one: (one.created_at, one.id))
    ]
    return found


def _entry_id(table: Table, owner_id: str) -> str:
    """System entries have no record; the id of what they belong to gives them one that stays."""
    own = owner_id.partition("-")[2]
    return f"rte-{own}" if table.kind == "System" or owner_id == table.id else f"rte-{table.id[-8:]}{own[-12:]}"


# DescribeRouteEntryList


class ListedHop(Model, kw_only=True):
    next_hop_id: str
    next_hop_type: str
    next_hop_region_id: str = ""
    enabled: int = 1
    weight: int = 0


class ListedHops(Model, kw_only=True):
    next_hop: list[ListedHop]


class ListedEntry(Model, kw_only=True):
    route_entry_id: str
    route_entry_name: str
    route_table_id: str
    description: str
    destination_cidr_block: str
    ip_version: str = "ipv4"
    type: str
    status: str
    gmt_modified: str
    next_hops: ListedHops


class ListedEntries(Model, kw_only=True):
    route_entry: list[ListedEntry]


class DescribeRouteEntryListRequest(Request, kw_only=True):
    route_table_id: str
    route_entry_id: str = ""
    route_entry_name: str = ""
    route_entry_type: str = ""
    destination_cidr_block: str = ""
    dest_cidr_block_list: list[str] = []
    next_hop_id: str = ""
    next_hop_type: str = ""
    ip_version: str = ""
    service_type: str = ""
    next_token: str = ""
    max_result: int = 50


class DescribeRouteEntryListResponse(Response, kw_only=True):
    next_token: str
    total_count: int
    route_entrys: ListedEntries


@vpc.operation(resource="routetable/{route_table_id}")
def describe_route_entry_list(call: Call, ask: DescribeRouteEntryListRequest) -> DescribeRouteEntryListResponse:
    entries.table_of(call, ask.route_table_id)  # or it is not found
    if not 1 <= ask.max_result <= 500:
        raise InvalidPageSize(most=500)
    table = next(one for one in tables.of_account(call) if one.id == ask.route_table_id)
    found = [one for one in lines(call, table) if _is_asked_for(one, ask)]
    found.sort(key=lambda one: one.id)
    page, token = after_token(found, [one.id for one in found], ask.next_token, ask.max_result)
    return DescribeRouteEntryListResponse(
        next_token=token,
        total_count=len(found),
        route_entrys=ListedEntries(
            route_entry=[
                ListedEntry(
                    route_entry_id=one.id,
                    route_entry_name=one.name,
                    route_table_id=table.id,
                    description=one.description,
                    destination_cidr_block=one.cidr_block,
                    type=one.kind,
                    status=one.status,
                    gmt_modified=one.modified_at,
                    next_hops=ListedHops(
                        next_hop=[
                            ListedHop(
                                next_hop_id=one.next_hop_id,
                                next_hop_type=one.next_hop_type,
                                next_hop_region_id=call.region.id if one.next_hop_id else "",
                            )
                        ]
                    ),
                )
                for one in page
            ]
        ),
    )


def _is_asked_for(one: Line, ask: DescribeRouteEntryListRequest) -> bool:
    return (
        ask.route_entry_id in ("", one.id)
        and ask.route_entry_name in ("", one.name)
        and ask.route_entry_type.lower() in ("", one.kind.lower())
        and ask.destination_cidr_block in ("", one.cidr_block)
        and (not ask.dest_cidr_block_list or one.cidr_block in ask.dest_cidr_block_list)
        and ask.next_hop_id in ("", one.next_hop_id)
        and ask.next_hop_type.lower() in ("", one.next_hop_type.lower())
        and ask.ip_version.lower() in ("", "ipv4")
        and not ask.service_type
    )


# DescribeRouteTableList


class VSwitchIds(Model, kw_only=True):
    v_switch_id: list[str]


class Tags(Model, kw_only=True):
    tag: list[Tag] = []


class GatewayIds(Model, kw_only=True):
    gateway_ids: list[str] = []


class RouterTableListType(Model, kw_only=True):
    route_table_id: str
    route_table_name: str
    route_table_type: str
    description: str
    router_id: str
    router_type: str = "VRouter"
    vpc_id: str
    associate_type: str = "VSwitch"
    v_switch_ids: VSwitchIds
    gateway_ids: GatewayIds
    status: str
    route_propagation_enable: bool
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
    found = [
        one
        for one in tables.of_account(call)
        if ask.vpc_id in ("", one.within.id)
        and ask.route_table_type in ("", one.kind)
        and ask.router_id in ("", one.within.v_router_id)
        and _is_it(one, ask)
        and carries(one.tags, ask.tag)
    ]
    return DescribeRouteTableListResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        router_table_list=RouterTableList(
            router_table_list_type=[
                RouterTableListType(
                    route_table_id=one.id,
                    route_table_name=one.name,
                    route_table_type=one.kind,
                    description=one.description,
                    router_id=one.within.v_router_id,
                    vpc_id=one.within.id,
                    v_switch_ids=_v_switch_ids(call, one),
                    gateway_ids=GatewayIds(),
                    status=one.within.status,
                    route_propagation_enable=one.propagation,
                    owner_id=int(one.within.account_id),
                    resource_group_id=one.resource_group_id,
                    creation_time=one.created_at,
                    tags=Tags(tag=[Tag(key=key, value=value) for key, value in one.tags.items()]),
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
    """Always empty: no route has several ways."""

    next_hop: list[NextHop] = []


class RouteEntry(Model, kw_only=True):
    route_entry_id: str
    route_entry_name: str
    route_table_id: str
    destination_cidr_block: str
    type: str
    status: str
    description: str
    next_hop_type: str
    instance_id: str
    next_hops: NextHops


class RouteEntrys(Model, kw_only=True):
    route_entry: list[RouteEntry]


class RouteTable(Model, kw_only=True):
    route_table_id: str
    route_table_type: str
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
    router_id = ask.v_router_id or ask.router_id
    found = [one for one in tables.of_account(call) if router_id in ("", one.within.v_router_id) and _is_it(one, ask)]
    return DescribeRouteTablesResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        route_tables=RouteTables(route_table=[_route_table(call, one, ask.type) for one in page_of(ask, found)]),
    )


def _route_table(call: Call, table: Table, wanted: str) -> RouteTable:
    return RouteTable(
        route_table_id=table.id,
        route_table_type=table.kind,
        v_router_id=table.within.v_router_id,
        status=table.within.status,
        resource_group_id=table.resource_group_id,
        creation_time=table.created_at,
        v_switch_ids=_v_switch_ids(call, table),
        route_entrys=RouteEntrys(
            route_entry=[
                RouteEntry(
                    route_entry_id=one.id,
                    route_entry_name=one.name,
                    route_table_id=table.id,
                    destination_cidr_block=one.cidr_block,
                    type=one.kind,
                    status=one.status,
                    description=one.description,
                    next_hop_type=one.next_hop_type,
                    instance_id=one.next_hop_id,
                    next_hops=NextHops(),
                )
                for one in lines(call, table)
                if wanted in ("", one.kind)
            ]
        ),
    )


def _is_it(one: Table, ask: DescribeRouteTableListRequest | DescribeRouteTablesRequest) -> bool:
    return (
        ask.router_type in ("", "VRouter")
        and ask.route_table_id in ("", one.id)
        and ask.route_table_name in ("", one.name)
        and ask.resource_group_id in ("", one.resource_group_id)
    )


def _v_switch_ids(call: Call, table: Table) -> VSwitchIds:
    switches = call.state.find(VSwitch, vpc_id=table.within.id)
    return VSwitchIds(v_switch_id=[one.id for one in switches if one.route_table_id == table.id])
