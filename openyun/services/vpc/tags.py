"""Tags of what the VPC service has."""

from __future__ import annotations

from typing import cast

from openyun.operation import Call, Response, Tag
from openyun.services.paging import InvalidPageSize
from openyun.services.tags import Kind, TaggedResources, Tagging, TagResources
from openyun.services.vpc.errors import NeitherTagsNorResources
from openyun.services.vpc.flow_log.records import FlowLog
from openyun.services.vpc.records import (
    DhcpOptionsSet,
    Eip,
    NatGateway,
    NetworkAcl,
    RouteTable,
    Vpc,
    VSwitch,
)
from openyun.services.vpc.service import vpc
from openyun.services.vpc.tag_rules import rules

Carrier = Vpc | VSwitch | Eip | NatGateway | RouteTable | NetworkAcl | DhcpOptionsSet | FlowLog


def _kind(name: str, record: type[Carrier], *, grouped: bool = True) -> Kind:
    def find(call: Call, id: str) -> Carrier | None:
        found = call.state.get(record, id)
        return found if found is not None and found.account_id == call.account_id else None

    return Kind(
        name=name,
        id_of=lambda one: cast(Carrier, one).id,
        find=find,
        all=lambda call: call.state.find(record, account_id=call.account_id),
        grouped=grouped,
    )


tagging = Tagging(
    rules,
    [
        _kind("VPC", Vpc),
        _kind("VSWITCH", VSwitch),
        _kind("EIP", Eip),
        _kind("NATGATEWAY", NatGateway),
        _kind("ROUTETABLE", RouteTable),
        _kind("NETWORKACL", NetworkAcl, grouped=False),
        _kind("DHCPOPTIONSSET", DhcpOptionsSet),
        _kind("FLOWLOG", FlowLog),
    ],
    service="vpc",
)


class TagResourcesRequest(TaggedResources, kw_only=True):
    tag: list[Tag]


@vpc.operation(resource="{resource_type}/{resource_id}")
def tag_resources(call: Call, ask: TagResourcesRequest) -> Response:
    tagging.tag(call, ask, ask.tag)
    return Response()


class UnTagResourcesRequest(TaggedResources, kw_only=True):
    tag_key: list[str] = []
    all: bool = False
    """every tag, if TagKey names none"""


@vpc.operation(resource="{resource_type}/{resource_id}")
def untag_resources(call: Call, ask: UnTagResourcesRequest) -> Response:
    tagging.untag(call, ask, ask.tag_key, every=ask.all)
    return Response()


class ListTagResourcesRequest(TaggedResources, kw_only=True):
    resource_id: list[str] = []
    tag: list[Tag] = []
    next_token: str = ""
    max_results: int = 50


class ListTagResourcesResponse(Response, kw_only=True):
    next_token: str
    tag_resources: TagResources


@vpc.operation(resource="{resource_type}/{resource_id}")
def list_tag_resources(call: Call, ask: ListTagResourcesRequest) -> ListTagResourcesResponse:
    if not ask.resource_id and not ask.tag:
        raise NeitherTagsNorResources
    if not 1 <= ask.max_results <= 50:
        raise InvalidPageSize(most=50)
    found, token = tagging.listed(
        call, ask.resource_type, ask.resource_id, ask.tag, ask.next_token, limit=ask.max_results
    )
    return ListTagResourcesResponse(next_token=token, tag_resources=found)
