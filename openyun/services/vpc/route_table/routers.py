"""Routers: each VPC has one, made and deleted with it."""

from __future__ import annotations

from openyun.operation import Call, Model, Request, Response
from openyun.services.paging import Paged, page_of
from openyun.services.vpc.records import RouteTable, Vpc
from openyun.services.vpc.service import vpc


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
    every = call.state.find(Vpc, account_id=call.account_id)
    found = [one for one in every if ask.v_router_id in ("", one.v_router_id)]
    found.sort(key=lambda one: one.created_at, reverse=True)
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
                    route_table_ids=RouteTableIds(
                        route_table_id=[
                            one.route_table_id,
                            *(it.id for it in call.state.find(RouteTable, vpc_id=one.id)),
                        ]
                    ),
                )
                for one in page_of(ask, found)
            ]
        ),
    )
