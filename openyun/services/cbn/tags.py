"""Tags and resource groups of CENs and bandwidth packages."""

from __future__ import annotations

from typing import cast

from openyun.operation import Call, Request, Response, Tag
from openyun.services import resource_groups
from openyun.services.cbn import cens, packages
from openyun.services.cbn.errors import IllegalParameter
from openyun.services.cbn.records import BandwidthPackage, Cen
from openyun.services.cbn.service import cbn
from openyun.services.paging import InvalidPageSize
from openyun.services.tags import Kind, TaggedResources, Tagging, TagResources
from openyun.services.vpc import errors, tag_rules

Carrier = Cen | BandwidthPackage


def _kind(name: str, record: type[Carrier]) -> Kind:
    def find(call: Call, id: str) -> Carrier | None:
        found = call.state.get(record, id)
        return found if found is not None and found.account_id == call.account_id else None

    return Kind(
        name=name,
        id_of=lambda one: cast(Carrier, one).id,
        find=find,
        all=lambda call: call.state.find(record, account_id=call.account_id),
    )


tagging = Tagging(tag_rules.rules, [_kind("cen", Cen), _kind("bandwidthpackage", BandwidthPackage)], service="cen")


class TagResourcesRequest(TaggedResources, kw_only=True):
    tag: list[Tag]


@cbn.operation(resource="cen:{resource_type}/{resource_id}", action="cen:TagResources")
def tag_resources(call: Call, ask: TagResourcesRequest) -> Response:
    tagging.tag(call, ask, ask.tag)
    return Response()


class UntagResourcesRequest(TaggedResources, kw_only=True):
    tag_key: list[str] = []
    all: bool = False
    """every tag, if TagKey names none"""


@cbn.operation(resource="cen:{resource_type}/{resource_id}", action="cen:UntagResources")
def untag_resources(call: Call, ask: UntagResourcesRequest) -> Response:
    tagging.untag(call, ask, ask.tag_key, every=ask.all)
    return Response()


class ListTagResourcesRequest(TaggedResources, kw_only=True):
    resource_id: list[str] = []
    tag: list[Tag] = []
    next_token: str = ""
    page_size: int = 50


class ListTagResourcesResponse(Response, kw_only=True):
    next_token: str
    tag_resources: TagResources


@cbn.operation(resource="cen:{resource_type}/{resource_id}", action="cen:ListTagResources")
def list_tag_resources(call: Call, ask: ListTagResourcesRequest) -> ListTagResourcesResponse:
    if not ask.resource_id and not ask.tag:
        raise errors.NeitherTagsNorResources
    if not 1 <= ask.page_size <= 50:
        raise InvalidPageSize(most=50)
    found, token = tagging.listed(
        call, ask.resource_type, ask.resource_id, ask.tag, ask.next_token, limit=ask.page_size
    )
    return ListTagResourcesResponse(next_token=token, tag_resources=found)


class MoveResourceGroupRequest(Request, kw_only=True):
    resource_type: str
    resource_id: str
    new_resource_group_id: str
    client_token: str = ""
    dry_run: bool = False


@cbn.operation(resource="cen:{resource_type}/{resource_id}", action="cen:MoveResourceGroup")
def move_resource_group(call: Call, ask: MoveResourceGroupRequest) -> Response:
    found: Carrier
    if ask.resource_type.lower() == "cen":
        found = cens.find(call, ask.resource_id)
    elif ask.resource_type.lower() == "bandwidthpackage":
        found = packages.find(call, ask.resource_id)
    else:
        raise IllegalParameter("ResourceType")
    found.resource_group_id = resource_groups.check(call, ask.new_resource_group_id)
    call.state.put(found)
    return Response()
