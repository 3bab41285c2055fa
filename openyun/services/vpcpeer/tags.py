"""Tags and resource groups of peering connections: each side has its own."""

from __future__ import annotations

from typing import cast

from openyun.operation import Call, Model, Request, Response, Tag
from openyun.region import region_of_resource
from openyun.services import resource_groups
from openyun.services.tags import Kind, TaggedResources, Tagging
from openyun.services.vpc import errors, tag_rules
from openyun.services.vpcpeer import connections
from openyun.services.vpcpeer.errors import IllegalParameter
from openyun.services.vpcpeer.records import PeerSide
from openyun.services.vpcpeer.service import vpcpeer

TYPE = "PeerConnection"

tagging = Tagging(
    tag_rules.rules,
    [
        Kind(
            name=TYPE,
            id_of=lambda one: cast(PeerSide, one).id,
            find=lambda call, id: call.state.get(PeerSide, id, call.account_id),
            all=lambda call: call.state.find(PeerSide, account_id=call.account_id),
        )
    ],
    service="vpc",
)


class Success(Response, kw_only=True):
    success: bool = True


class TagResourcesRequest(TaggedResources, kw_only=True):
    tag: list[Tag]
    client_token: str = ""


@vpcpeer.operation(resource="vpc:{resource_type}/{resource_id}", action="vpc:TagResources")
def tag_resources(call: Call, ask: TagResourcesRequest) -> Success:
    tagging.tag(call, ask, ask.tag)
    return Success()


class UnTagResourcesRequest(TaggedResources, kw_only=True):
    tag_key: list[str] = []
    all: bool = False
    """every tag, if TagKey names none"""
    client_token: str = ""


@vpcpeer.operation(resource="vpc:{resource_type}/{resource_id}", action="vpc:UnTagResources")
def untag_resources(call: Call, ask: UnTagResourcesRequest) -> Success:
    tagging.untag(call, ask, ask.tag_key, every=ask.all)
    return Success()


class ListTagResourcesRequest(TaggedResources, kw_only=True):
    resource_id: list[str] = []
    tag: list[Tag] = []
    next_token: str = ""
    max_results: int = 50


class TaggedConnection(Model, kw_only=True):
    resource_id: str
    resource_type: str
    tag_key: str
    tag_value: str
    region_no: str


class ListTagResourcesResponse(Response, kw_only=True):
    next_token: str
    max_results: int
    tag_resources: list[TaggedConnection]


@vpcpeer.operation(resource="vpc:{resource_type}/{resource_id}", action="vpc:ListTagResources")
def list_tag_resources(call: Call, ask: ListTagResourcesRequest) -> ListTagResourcesResponse:
    if not ask.resource_id and not ask.tag:
        raise errors.NeitherTagsNorResources
    if not 1 <= ask.max_results <= 50:
        raise IllegalParameter("MaxResults")
    found, token = tagging.listed(
        call, ask.resource_type, ask.resource_id, ask.tag, ask.next_token, limit=ask.max_results
    )
    return ListTagResourcesResponse(
        next_token=token,
        max_results=ask.max_results,
        tag_resources=[
            TaggedConnection(
                resource_id=one.resource_id,
                resource_type=one.resource_type,
                tag_key=one.tag_key,
                tag_value=one.tag_value,
                region_no=region.id if (region := region_of_resource(one.resource_id)) else "",
            )
            for one in found.tag_resource
        ],
    )


class MoveResourceGroupRequest(Request, kw_only=True):
    resource_type: str
    resource_id: str
    new_resource_group_id: str


@vpcpeer.operation(resource="vpc:peerconnection/{resource_id}", action="vpc:MoveResourceGroup")
def move_resource_group(call: Call, ask: MoveResourceGroupRequest) -> Success:
    if ask.resource_type.lower() != TYPE.lower():
        raise IllegalParameter("ResourceType")
    connections.find(call, ask.resource_id)
    side = call.state.get(PeerSide, ask.resource_id, call.account_id)
    if side is None:  # of those who have not accepted it yet
        raise errors.ResourcesNotFound
    side.resource_group_id = resource_groups.check(call, ask.new_resource_group_id)
    call.state.put(side)
    return Success()
