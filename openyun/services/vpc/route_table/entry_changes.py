"""Creating, changing and deleting custom route entries, one or several at once."""

from __future__ import annotations

from openyun.clock import iso_seconds
from openyun.errors import CloudError, MissingParameter
from openyun.operation import Call, Model, Request, Response
from openyun.services.vpc.errors import refuse
from openyun.services.vpc.records import RouteEntry, VSwitch
from openyun.services.vpc.route_table import entries
from openyun.services.vpc.route_table.errors import (
    IncorrectRouteEntryStatus,
    RouteEntryNotFound,
    SystemRouteEntry,
)
from openyun.services.vpc.service import vpc
from openyun.services.vpc.vpcs import SERVICE_BLOCK

MOST_AT_ONCE = 50


class OldHop(Model, kw_only=True):
    next_hop_id: str = ""
    next_hop_type: str = ""


class NextHop(OldHop, kw_only=True):
    weight: int = 0


class CreateRouteEntryRequest(Request, kw_only=True):
    route_table_id: str
    destination_cidr_block: str
    next_hop_id: str = ""
    next_hop_type: str = "Instance"
    next_hop_list: list[NextHop] = []
    route_entry_name: str = ""
    description: str = ""
    client_token: str = ""
    dry_run: bool = False


class CreateRouteEntryResponse(Response, kw_only=True):
    route_entry_id: str


@vpc.operation(resource="routetable/{route_table_id}")
def create_route_entry(call: Call, ask: CreateRouteEntryRequest) -> CreateRouteEntryResponse:
    refuse(NextHopList=ask.next_hop_list)
    within = entries.table_of(call, ask.route_table_id)
    made = entries.make(
        call,
        within,
        ask.route_table_id,
        cidr_block=ask.destination_cidr_block,
        next_hop_type=ask.next_hop_type,
        next_hop_id=ask.next_hop_id,
        name=ask.route_entry_name,
        description=ask.description,
    )
    return CreateRouteEntryResponse(route_entry_id=made.id)


class DeleteRouteEntryRequest(Request, kw_only=True):
    route_entry_id: str = ""
    route_table_id: str = ""
    destination_cidr_block: str = ""
    next_hop_id: str = ""
    next_hop_list: list[OldHop] = []
    dry_run: bool = False


@vpc.operation(resource="routetable/{route_table_id}")
def delete_route_entry(call: Call, ask: DeleteRouteEntryRequest) -> Response:
    refuse(NextHopList=ask.next_hop_list)
    _delete(call, ask.route_entry_id, ask.route_table_id, ask.destination_cidr_block, ask.next_hop_id)
    return Response()


class ModifyRouteEntryRequest(Request, kw_only=True):
    route_entry_id: str = ""
    route_table_id: str = ""
    destination_cidr_block: str = ""
    route_entry_name: str | None = None
    description: str | None = None
    new_next_hop_id: str = ""
    new_next_hop_type: str = ""
    dry_run: bool = False


@vpc.operation(resource="routetable/{route_table_id}")
def modify_route_entry(call: Call, ask: ModifyRouteEntryRequest) -> Response:
    one = _find(call, ask.route_entry_id, ask.route_table_id, ask.destination_cidr_block)
    if ask.route_entry_name is not None:
        one.name = entries.checked_name(ask.route_entry_name)
    if ask.description is not None:
        one.description = entries.checked_description(ask.description)
    if ask.new_next_hop_id or ask.new_next_hop_type:
        if one.status != "Available":
            raise IncorrectRouteEntryStatus
        kind = ask.new_next_hop_type or one.next_hop_type
        entries.check_next_hop(call, entries.table_of(call, one.route_table_id), kind, ask.new_next_hop_id)
        one.next_hop_type, one.next_hop_id, one.status = kind, ask.new_next_hop_id, "Modifying"
        one.made_by = ""
        call.wake()
    one.modified_at = iso_seconds(call.now)
    call.state.put(one)
    return Response()


# Several at once: what fails, fails alone.


class NewEntry(Model, kw_only=True):
    route_table_id: str = ""
    dst_cidr_block: str = ""
    next_hop: str = ""
    next_hop_type: str = "Instance"
    name: str = ""
    description: str = ""
    ip_version: int = 4


class FailedNewEntry(Model, kw_only=True):
    dst_cidr_block: str
    next_hop: str
    failed_code: str
    failed_message: str


class CreateRouteEntriesRequest(Request, kw_only=True):
    route_entries: list[NewEntry]
    dry_run: bool = False


class CreateRouteEntriesResponse(Response, kw_only=True):
    route_entry_ids: list[str]
    success_count: int
    failed_count: int
    failed_route_entries: list[FailedNewEntry]


@vpc.operation(resource="routetable/*")
def create_route_entries(call: Call, ask: CreateRouteEntriesRequest) -> CreateRouteEntriesResponse:
    made, failed = [], []
    for one in ask.route_entries[:MOST_AT_ONCE]:
        try:
            refuse(IpVersion=one.ip_version != 4 and one.ip_version)
            within = entries.table_of(call, one.route_table_id)
            entry = entries.make(
                call,
                within,
                one.route_table_id,
                cidr_block=one.dst_cidr_block,
                next_hop_type=one.next_hop_type,
                next_hop_id=one.next_hop,
                name=one.name,
                description=one.description,
            )
            made.append(entry.id)
        except CloudError as problem:
            failed.append(
                FailedNewEntry(
                    dst_cidr_block=one.dst_cidr_block,
                    next_hop=one.next_hop,
                    failed_code=problem.code,
                    failed_message=problem.text,
                )
            )
    return CreateRouteEntriesResponse(
        route_entry_ids=made, success_count=len(made), failed_count=len(failed), failed_route_entries=failed
    )


class OldEntry(Model, kw_only=True):
    route_entry_id: str = ""
    route_table_id: str = ""
    dst_cidr_block: str = ""
    next_hop: str = ""


class FailedOldEntry(Model, kw_only=True):
    route_entry_id: str
    dst_cidr_block: str
    next_hop: str
    failed_code: str
    failed_message: str


class DeleteRouteEntriesRequest(Request, kw_only=True):
    route_entries: list[OldEntry]
    dry_run: bool = False


class DeleteRouteEntriesResponse(Response, kw_only=True):
    success_count: int
    failed_count: int
    failed_route_entries: list[FailedOldEntry]


@vpc.operation(resource="routetable/*")
def delete_route_entries(call: Call, ask: DeleteRouteEntriesRequest) -> DeleteRouteEntriesResponse:
    failed = []
    several = ask.route_entries[:MOST_AT_ONCE]
    for one in several:
        try:
            _delete(call, one.route_entry_id, one.route_table_id, one.dst_cidr_block, one.next_hop)
        except CloudError as problem:
            failed.append(
                FailedOldEntry(
                    route_entry_id=one.route_entry_id,
                    dst_cidr_block=one.dst_cidr_block,
                    next_hop=one.next_hop,
                    failed_code=problem.code,
                    failed_message=problem.text,
                )
            )
    return DeleteRouteEntriesResponse(
        success_count=len(several) - len(failed), failed_count=len(failed), failed_route_entries=failed
    )


# Rules


def _delete(call: Call, id: str, route_table_id: str, cidr_block: str, next_hop_id: str) -> None:
    one = _find(call, id, route_table_id, cidr_block)
    if next_hop_id not in ("", one.next_hop_id):
        raise RouteEntryNotFound
    call.state.delete(one)
    call.wake()


def _find(call: Call, id: str, route_table_id: str, cidr_block: str) -> RouteEntry:
    """By its id, or by table and destination. Raises RouteEntryNotFound, SystemRouteEntry."""
    if id:
        found = call.state.get(RouteEntry, id)
        if found is None or found.account_id != call.account_id or route_table_id not in ("", found.route_table_id):
            raise RouteEntryNotFound
        return found
    if not route_table_id or not cidr_block:
        raise MissingParameter(parameter="RouteEntryId")
    within = entries.table_of(call, route_table_id)
    for one in call.state.find(RouteEntry, route_table_id=route_table_id):
        if one.cidr_block == cidr_block:
            return one
    system = {SERVICE_BLOCK, *(one.cidr_block for one in call.state.find(VSwitch, vpc_id=within.id))}
    raise SystemRouteEntry if cidr_block in system else RouteEntryNotFound
