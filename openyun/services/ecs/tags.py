"""Tags of instances, security groups, key pairs and what else carries some."""

from __future__ import annotations

from typing import cast

from openyun.errors import BadRequest, NotFound
from openyun.operation import Call, Model, Request, Response, Tag
from openyun.services.ecs.errors import DuplicateTagKey, InvalidTagKey, InvalidTagValue, TooManyTags
from openyun.services.ecs.records import Command, Instance, KeyPair, LaunchTemplate, NetworkInterface, SecurityGroup
from openyun.services.ecs.service import ecs
from openyun.services.ecs.storage.records import AutoSnapshotPolicy, Disk, Image, Snapshot, SnapshotGroup
from openyun.services.paging import Paged, page_of
from openyun.services.tags import Kind, Rules, TaggedResources, Tagging, TagResources

LISTED = 50
"""entries on a page of ListTagResources"""


class TooManyResources(BadRequest):
    code = "NumberExceed.ResourceIds"
    message = "The ResourceIds parameter's number is exceed , Valid : 50"


class QuotaExceed(BadRequest):
    code = "OperationDenied.QuotaExceed"
    message = "The quota of tags on resource is beyond permitted range."


class ResourceTypeNotFound(NotFound):
    code = "InvalidResourceType.NotFound"
    message = "The ResourceType provided does not exist in our records."


class ResourceIdNotFound(NotFound):
    code = "InvalidResourceId.NotFound"
    message = "The specified ResourceIds are not found in our records."


rules = Rules(
    bad_key=InvalidTagKey,
    bad_value=InvalidTagValue,
    duplicate_key=DuplicateTagKey,
    too_many_tags=TooManyTags,
    too_many_resources=TooManyResources,
    over_quota=QuotaExceed,
    no_such_type=ResourceTypeNotFound,
    no_such_resource=ResourceIdNotFound,
    reserved_values=("acs:",),
)


Stored = Disk | Snapshot | SnapshotGroup | Image | AutoSnapshotPolicy
Known = Instance | SecurityGroup | NetworkInterface | LaunchTemplate | Command | Stored


def _kind(name: str, record: type[Known]) -> Kind:
    def find(call: Call, id: str) -> Known | None:
        found = call.state.get(record, id)
        own = found is not None and found.account_id == call.account_id
        return found if own and not getattr(found, "deleted", False) else None

    return Kind(
        name=name,
        id_of=lambda one: cast(Known, one).id,
        find=find,
        all=lambda call: call.state.find(record, account_id=call.account_id),
    )


def _key_pair(call: Call, name_or_id: str) -> KeyPair | None:
    """Clients name a key pair by its name; the vendor also takes its id."""
    found = call.state.get(KeyPair, call.account_id, name_or_id)
    if found is None and name_or_id.startswith("ssh-"):
        everyone = call.state.find(KeyPair, account_id=call.account_id)
        return next((one for one in everyone if one.id == name_or_id), None)
    return found


tagging = Tagging(
    rules,
    [
        _kind("instance", Instance),
        _kind("securitygroup", SecurityGroup),
        _kind("eni", NetworkInterface),
        _kind("launchtemplate", LaunchTemplate),
        _kind("command", Command),
        _kind("disk", Disk),
        _kind("snapshot", Snapshot),
        _kind("snapshotgroup", SnapshotGroup),
        _kind("image", Image),
        _kind("snapshotpolicy", AutoSnapshotPolicy),
        Kind(
            name="keypair",
            id_of=lambda one: cast(KeyPair, one).name,
            find=_key_pair,
            all=lambda call: call.state.find(KeyPair, account_id=call.account_id),
        ),
    ],
    service="ecs",
)


class TagResourcesRequest(TaggedResources, kw_only=True):
    tag: list[Tag]


@ecs.operation(resource="{resource_type}/{resource_id}")
def tag_resources(call: Call, ask: TagResourcesRequest) -> Response:
    tagging.tag(call, ask, ask.tag)
    return Response()


class UntagResourcesRequest(TaggedResources, kw_only=True):
    tag_key: list[str] = []
    all: bool = False
    """every tag, if TagKey names none"""


@ecs.operation(resource="{resource_type}/{resource_id}")
def untag_resources(call: Call, ask: UntagResourcesRequest) -> Response:
    tagging.untag(call, ask, ask.tag_key, every=ask.all)
    return Response()


class ListTagResourcesRequest(TaggedResources, kw_only=True):
    resource_id: list[str] = []
    tag: list[Tag] = []
    next_token: str = ""


class ListTagResourcesResponse(Response, kw_only=True):
    next_token: str
    tag_resources: TagResources


@ecs.operation(resource="{resource_type}/{resource_id}")
def list_tag_resources(call: Call, ask: ListTagResourcesRequest) -> ListTagResourcesResponse:
    found, token = tagging.listed(call, ask.resource_type, ask.resource_id, ask.tag, ask.next_token, LISTED)
    return ListTagResourcesResponse(next_token=token, tag_resources=found)


# DescribeTags: which tags there are, and on how many resources


class ResourceTypeCount(Model, kw_only=True):
    instance: int = 0
    securitygroup: int = 0
    key_pair: int = 0
    eni: int = 0
    launch_template: int = 0
    disk: int = 0
    snapshot: int = 0
    image: int = 0
    snapshot_policy: int = 0


_COUNTED = {"keypair": "key_pair", "launchtemplate": "launch_template", "snapshotpolicy": "snapshot_policy"}
"""fields of ResourceTypeCount that are not named like the resource type"""


class TagCount(Model, kw_only=True):
    tag_key: str
    tag_value: str
    resource_type_count: ResourceTypeCount


class TagCounts(Model, kw_only=True):
    tag: list[TagCount]


class DescribeTagsRequest(Paged, Request, kw_only=True):
    page_size: int = 50
    resource_type: str = ""
    resource_id: str = ""
    tag: list[Tag] = []


class DescribeTagsResponse(Response, kw_only=True):
    page_number: int
    page_size: int
    total_count: int
    tags: TagCounts


@ecs.operation()
def describe_tags(call: Call, ask: DescribeTagsRequest) -> DescribeTagsResponse:
    kinds = [tagging.kind(ask.resource_type)] if ask.resource_type else list(tagging.kinds.values())
    counts: dict[tuple[str, str], ResourceTypeCount] = {}
    for kind in kinds:
        field = _COUNTED.get(kind.name, kind.name)
        if field not in ResourceTypeCount.__struct_fields__:
            continue
        named = kind.find(call, ask.resource_id) if ask.resource_id else None
        for resource in [named] if named else [] if ask.resource_id else kind.all(call):
            for pair in resource.tags.items():
                count = counts.setdefault(pair, ResourceTypeCount())
                setattr(count, field, getattr(count, field) + 1)
    wanted = {(tag.key, tag.value) for tag in ask.tag}
    found = [
        TagCount(tag_key=key, tag_value=value, resource_type_count=count)
        for (key, value), count in sorted(counts.items())
        if not wanted or (key, value) in wanted or (key, "") in wanted
    ]
    return DescribeTagsResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        tags=TagCounts(tag=[*page_of(ask, found, most=100)]),
    )
