"""Route tables: the system one of each VPC, and custom ones that vSwitches can be associated with instead."""

from __future__ import annotations

import msgspec

from openyun.clock import iso_seconds
from openyun.operation import Call, Request, Response, Tag
from openyun.services.naming import is_name
from openyun.services.vpc import v_switches, vpcs
from openyun.services.vpc.errors import DependencyViolation, VpcIdNotFound
from openyun.services.vpc.records import RouteEntry, RouteTable, Vpc, VSwitch
from openyun.services.vpc.route_table.errors import (
    AssociatedAlready,
    InvalidAssociateType,
    InvalidRouteTableDescription,
    InvalidRouteTableName,
    NotAssociated,
    QuotaExceededRouteTable,
    RouteTableInUse,
    RouteTableNotFound,
    SystemRouteTable,
    VSwitchElsewhere,
)
from openyun.services.vpc.service import vpc
from openyun.services.vpc.tag_rules import rules
from openyun.state import Transaction

MOST_TABLES = 9
"""custom ones of a VPC"""


class Table(msgspec.Struct, kw_only=True):
    """A route table of either kind, as far as both are alike."""

    id: str
    kind: str
    """System or Custom"""
    name: str
    description: str
    within: Vpc
    propagation: bool = True
    resource_group_id: str
    created_at: str
    tags: dict[str, str]


def of_account(call: Call) -> list[Table]:
    """The newest VPC's first; of each VPC the system table first."""
    custom: dict[str, list[RouteTable]] = {}
    for one in call.state.find(RouteTable, account_id=call.account_id):
        custom.setdefault(one.vpc_id, []).append(one)
    found = []
    networks = call.state.find(Vpc, account_id=call.account_id)
    for within in sorted(networks, key=lambda one: one.created_at, reverse=True):
        found.append(
            Table(
                id=within.route_table_id,
                kind="System",
                name=within.route_table_name,
                description=within.route_table_description,
                within=within,
                resource_group_id=within.resource_group_id,
                created_at=within.created_at,
                tags={},
            )
        )
        found += [
            Table(
                id=one.id,
                kind="Custom",
                name=one.name,
                description=one.description,
                within=within,
                propagation=one.propagation,
                resource_group_id=one.resource_group_id,
                created_at=one.created_at,
                tags=one.tags,
            )
            for one in sorted(custom.get(within.id, ()), key=lambda one: (one.created_at, one.id))
        ]
    return found


class CreateRouteTableRequest(Request, kw_only=True):
    vpc_id: str
    route_table_name: str = ""
    description: str = ""
    associate_type: str = "VSwitch"
    tag: list[Tag] = []
    client_token: str = ""


class CreateRouteTableResponse(Response, kw_only=True):
    route_table_id: str


@vpc.operation(resource=("routetable/*", "vpc/{vpc_id}"))
def create_route_table(call: Call, ask: CreateRouteTableRequest) -> CreateRouteTableResponse:
    if ask.associate_type != "VSwitch":
        raise InvalidAssociateType
    within = vpcs.find_available(call, ask.vpc_id, VpcIdNotFound)
    tags = rules.checked(ask.tag)
    if call.state.count(RouteTable, vpc_id=within.id) >= MOST_TABLES:
        raise QuotaExceededRouteTable(most=MOST_TABLES)
    made = RouteTable(
        id=call.new_id("vtb"),
        account_id=call.account_id,
        vpc_id=within.id,
        name=_name(ask.route_table_name),
        description=_description(ask.description),
        resource_group_id=within.resource_group_id,
        created_at=iso_seconds(call.now),
        tags=tags,
    )
    call.state.insert(made)
    return CreateRouteTableResponse(route_table_id=made.id)


class ModifyRouteTableAttributesRequest(Request, kw_only=True):
    route_table_id: str
    route_table_name: str | None = None
    description: str | None = None
    route_propagation_enable: bool | None = None


@vpc.operation(resource="routetable/{route_table_id}")
def modify_route_table_attributes(call: Call, ask: ModifyRouteTableAttributesRequest) -> Response:
    custom = call.state.get(RouteTable, ask.route_table_id)
    if custom is not None and custom.account_id == call.account_id:
        custom.name = custom.name if ask.route_table_name is None else _name(ask.route_table_name)
        custom.description = custom.description if ask.description is None else _description(ask.description)
        if ask.route_propagation_enable is not None:
            custom.propagation = ask.route_propagation_enable
            call.wake()
        call.state.put(custom)
        return Response()
    within = _with_system_table(call, ask.route_table_id)
    if within is None:
        raise RouteTableNotFound(route_table_id=ask.route_table_id)
    if ask.route_table_name is not None:
        within.route_table_name = _name(ask.route_table_name)
    if ask.description is not None:
        within.route_table_description = _description(ask.description)
    call.state.put(within)
    return Response()


class AssociateRouteTableRequest(Request, kw_only=True):
    route_table_id: str
    v_switch_id: str
    client_token: str = ""


@vpc.operation(resource=("routetable/{route_table_id}", "vswitch/{v_switch_id}"))
def associate_route_table(call: Call, ask: AssociateRouteTableRequest) -> Response:
    table = _custom(call, ask.route_table_id)
    v_switch = v_switches.find(call, ask.v_switch_id)
    within = vpcs.find(call, table.vpc_id)
    if v_switch.vpc_id != table.vpc_id:
        raise VSwitchElsewhere(v_switch_id=v_switch.id)
    if v_switch.route_table_id != within.route_table_id:
        raise AssociatedAlready
    v_switch.route_table_id = table.id
    call.state.put(v_switch)
    call.wake()
    return Response()


class UnassociateRouteTableRequest(Request, kw_only=True):
    route_table_id: str
    v_switch_id: str
    client_token: str = ""


@vpc.operation(resource=("routetable/{route_table_id}", "vswitch/{v_switch_id}"))
def unassociate_route_table(call: Call, ask: UnassociateRouteTableRequest) -> Response:
    """Then the system route table counts for the vSwitch again."""
    table = _custom(call, ask.route_table_id)
    v_switch = v_switches.find(call, ask.v_switch_id)
    if v_switch.route_table_id != table.id:
        raise NotAssociated
    v_switch.route_table_id = vpcs.find(call, table.vpc_id).route_table_id
    call.state.put(v_switch)
    call.wake()
    return Response()


class DeleteRouteTableRequest(Request, kw_only=True):
    route_table_id: str


@vpc.operation(resource="routetable/{route_table_id}")
def delete_route_table(call: Call, ask: DeleteRouteTableRequest) -> Response:
    """With its entries, but not while a vSwitch needs it."""
    table = _custom(call, ask.route_table_id)
    if any(one.route_table_id == table.id for one in call.state.find(VSwitch, vpc_id=table.vpc_id)):
        raise RouteTableInUse
    for entry in call.state.find(RouteEntry, route_table_id=table.id):
        call.state.delete(entry)
    call.state.delete(table)
    call.wake()
    return Response()


# Rules


def _custom(call: Call, route_table_id: str) -> RouteTable:
    """Raises RouteTableNotFound, SystemRouteTable."""
    found = call.state.get(RouteTable, route_table_id)
    if found is not None and found.account_id == call.account_id:
        return found
    if _with_system_table(call, route_table_id) is not None:
        raise SystemRouteTable
    raise RouteTableNotFound(route_table_id=route_table_id)


def _with_system_table(call: Call, route_table_id: str) -> Vpc | None:
    every = call.state.find(Vpc, account_id=call.account_id)
    return next((one for one in every if one.route_table_id == route_table_id), None)


def _name(text: str) -> str:
    if text and not is_name(text):
        raise InvalidRouteTableName
    return text


def _description(text: str) -> str:
    if text and not is_name(text, longest=256):
        raise InvalidRouteTableDescription
    return text


def _none_is_left(state: Transaction, vpc_id: str) -> None:
    if state.count(RouteTable, vpc_id=vpc_id):
        raise DependencyViolation


def _entries_go(state: Transaction, vpc_id: str) -> None:
    """A VPC takes the entries of its system route table along."""
    for entry in state.find(RouteEntry, vpc_id=vpc_id):
        state.delete(entry)


vpcs.dependencies.append(_none_is_left)
vpcs.goodbyes.append(_entries_go)
