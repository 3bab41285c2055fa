"""What is in a resource group, and moving it to another one.

A resource lies in its region's state and says which group it is in. A move within the home region is done at once;
for another region it is written down at home, and that region takes it over.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from openyun.access.principal import Principal
from openyun.cloud import Cloud, RegionState
from openyun.errors import CloudError
from openyun.operation import Call, Model, Request, Response
from openyun.region import HOME, find_region
from openyun.services import resources
from openyun.services.paging import Paged, page_of
from openyun.services.resource_groups import default_group
from openyun.services.resourcemanager.errors import InvalidParameterOf
from openyun.services.resourcemanager.records import GroupMove
from openyun.services.resourcemanager.resource_groups import find
from openyun.services.resourcemanager.service import resourcemanager
from openyun.services.resources import Resource, ResourceKind
from openyun.state import StateError, Transaction

MOST_MOVED = 10
"""resources of one request"""


# ListResources


class ResourceType(Model, kw_only=True):
    service: str
    resource_type: str = ""


class ListResourcesRequest(Paged, Request, kw_only=True):
    resource_group_id: str = ""
    service: str = ""
    region: str = ""
    resource_type: str = ""
    resource_id: str = ""
    resource_types: list[ResourceType] = []


class ResourceModel(Model, kw_only=True):
    service: str
    resource_type: str
    resource_id: str
    resource_group_id: str
    region_id: str
    create_date: str


class Resources(Model, kw_only=True):
    resource: list[ResourceModel]


class ListResourcesResponse(Response, kw_only=True):
    page_number: int
    page_size: int
    total_count: int
    resources: Resources


@resourcemanager.operation(resource="ram:resourcegroup/{resource_group_id}", action="ram:ListResources")
def list_resources(call: Call, ask: ListResourcesRequest) -> ListResourcesResponse:
    if ask.resource_group_id:
        find(call, ask.resource_group_id)
    found: list[ResourceModel] = []
    for at in call.cloud.regions_in_use():
        if ask.region in ("", at.region.id):
            found += resources.there(call, at, _grouped)
    found = [one for one in found if _wanted(ask, one)]
    found.sort(key=lambda one: (one.service, one.resource_type, one.region_id, one.resource_id))
    return ListResourcesResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        resources=Resources(resource=[*page_of(ask, found, most=100)]),
    )


def _grouped(call: Call) -> list[ResourceModel]:
    return [_shown(call, kind, one) for kind, one in resources.all_here(call) if kind.put_group is not None]


def _shown(call: Call, kind: ResourceKind, one: Resource) -> ResourceModel:
    return ResourceModel(
        service=kind.service,
        resource_type=kind.name,
        resource_id=one.id,
        resource_group_id=one.resource_group_id or default_group(call.account_id),
        region_id=call.region.id,
        create_date=one.created_at,
    )


def _wanted(ask: ListResourcesRequest, one: ResourceModel) -> bool:
    types = ask.resource_types
    return (
        ask.resource_group_id in ("", one.resource_group_id)
        and ask.service.lower() in ("", one.service)
        and ask.resource_type.lower() in ("", one.resource_type)
        and ask.resource_id in ("", one.resource_id)
        and (
            not types
            or any(
                each.service.lower() == one.service and each.resource_type.lower() in ("", one.resource_type)
                for each in types
            )
        )
    )


# MoveResources


class MovedResource(Model, kw_only=True):
    service: str = ""
    resource_type: str = ""
    resource_id: str = ""
    region_id: str = ""


class MoveResourcesRequest(Request, kw_only=True):
    resource_group_id: str
    resources: list[MovedResource]


class MoveResponse(Model, kw_only=True):
    service: str
    resource_type: str
    resource_id: str
    region_id: str
    request_id: str
    status: str
    error_code: str = ""
    error_msg: str = ""


class MoveResourcesResponse(Response, kw_only=True):
    responses: list[MoveResponse]


@resourcemanager.operation(resource="ram:resourcegroup/{resource_group_id}", action="ram:MoveResources")
def move_resources(call: Call, ask: MoveResourcesRequest) -> MoveResourcesResponse:
    """Each resource for itself: what fails for one is told of it."""
    find(call, ask.resource_group_id)
    if not 1 <= len(ask.resources) <= MOST_MOVED:
        raise InvalidParameterOf("Resources")
    return MoveResourcesResponse(responses=[_moved(call, one, ask.resource_group_id) for one in ask.resources])


def _moved(call: Call, one: MovedResource, group_id: str) -> MoveResponse:
    code = message = ""
    try:
        _move(call, one, group_id)
    except CloudError as problem:
        code, message = problem.code, problem.text
    return MoveResponse(
        service=one.service,
        resource_type=one.resource_type,
        resource_id=one.resource_id,
        region_id=one.region_id,
        request_id=call.request_id,
        status="Fail" if code else "Success",
        error_code=code,
        error_msg=message,
    )


def _move(call: Call, one: MovedResource, group_id: str) -> None:
    kind = resources.kind_of(one.service, one.resource_type)
    if kind is None or kind.put_group is None:
        raise InvalidParameterOf("ResourceType")
    region = find_region(one.region_id)
    if region is None:
        raise InvalidParameterOf("RegionId")
    at = call.cloud.in_use(region.id)
    if at is None or resources.there(call, at, lambda there: kind.find(there, one.resource_id)) is None:
        raise InvalidParameterOf("ResourceId")
    if region == HOME:
        kind.put_group(call, one.resource_id, group_id)
        return
    call.state.put(
        GroupMove(
            region_id=region.id,
            account_id=call.account_id,
            service=kind.service,
            type=kind.name,
            resource_id=one.resource_id,
            group_id=group_id,
        )
    )
    call.state.after_commit(at.woken.set)


class GroupMover:
    """Does in its region what home has written down."""

    def __init__(self, cloud: Cloud, at: RegionState) -> None:
        self._cloud = cloud
        self._at = at

    def survey(self) -> None:
        pass

    def due(self) -> list[tuple[str, Callable[[], None]]]:
        if self._at.region == HOME:
            return []
        home = self._cloud.home.store
        try:
            waiting = home.read(lambda state: state.find(GroupMove, region_id=self._at.region.id))
        except StateError:
            return []  # home is out of reach: what it wants moved waits
        for move in waiting:
            self._at.store.write(partial(self._do, move=move))
            home.write(partial(_forget, move=move))
        return []

    def _do(self, state: Transaction, move: GroupMove) -> None:
        kind = resources.kind_of(move.service, move.type)
        call = Call(
            cloud=self._cloud,
            at=self._at,
            principal=Principal(kind="root", account_id=move.account_id),
            request_id="",
            state=state,
        )
        if kind is not None and kind.put_group is not None and kind.find(call, move.resource_id) is not None:
            kind.put_group(call, move.resource_id, move.group_id)


def _forget(state: Transaction, move: GroupMove) -> None:
    """Unless it is to be moved again since."""
    key = (move.region_id, move.account_id, move.service, move.type, move.resource_id)
    if state.get(GroupMove, *key) == move:
        state.delete(move)
