"""Resource groups: create, get, list, rename, delete."""

from __future__ import annotations

import re
from typing import Any

from openyun.access.identity import ResourceGroup, ScopedAttachment, touch
from openyun.clock import iso_seconds, random_text
from openyun.operation import UNSET, Call, Model, Request, Response, Tag, Unset
from openyun.region import REGIONS
from openyun.services import resources
from openyun.services.paging import Paged, page_of
from openyun.services.resource_groups import default_group
from openyun.services.resourcemanager.errors import (
    DefaultGroupStays,
    InvalidParameterOf,
    ResourceGroupExists,
    ResourceGroupHasResources,
    ResourceGroupNotExists,
    TooManyResourceGroups,
)
from openyun.services.resourcemanager.records import GroupMove
from openyun.services.resourcemanager.service import resourcemanager
from openyun.services.tags import MOST_TAGS, carries

MOST_GROUPS = 30
"""that an account makes"""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,49}")


class RegionStatus(Model, kw_only=True):
    region_id: str
    status: str


class RegionStatuses(Model, kw_only=True):
    region_status: list[RegionStatus]


class TagModel(Model, kw_only=True):
    tag_key: str
    tag_value: str


class Tags(Model, kw_only=True):
    tag: list[TagModel]


class BriefGroup(Model, kw_only=True):
    id: str
    name: str
    display_name: str
    account_id: str
    create_date: str


class ListedGroup(BriefGroup, kw_only=True):
    status: str = "OK"
    tags: Tags | Unset = UNSET


class GroupModel(BriefGroup, kw_only=True):
    status: str = "OK"
    region_statuses: RegionStatuses


class GroupWithTags(GroupModel, kw_only=True):
    tags: Tags | Unset = UNSET


class ResourceGroupResponse(Response, kw_only=True):
    resource_group: GroupModel


def find(call: Call, group_id: str) -> ResourceGroup:
    """The account's, its default one too. Raises ResourceGroupNotExists."""
    if group_id == default_group(call.account_id):
        return ResourceGroup(
            id=group_id,
            account_id=call.account_id,
            name="default",
            display_name="default resource group",
            created_at="2016-01-01T00:00:00Z",
        )
    found = call.state.get(ResourceGroup, group_id)
    if found is None or found.account_id != call.account_id:
        raise ResourceGroupNotExists
    return found


def find_own(call: Call, group_id: str) -> ResourceGroup:
    """One that the account made, not its default one. Raises ResourceGroupNotExists, InvalidParameterOf."""
    found = find(call, group_id)
    if found.id == default_group(call.account_id):
        raise InvalidParameterOf("ResourceGroupId")
    return found


class CreateResourceGroupRequest(Request, kw_only=True):
    name: str
    display_name: str
    tag: list[Tag] = []


@resourcemanager.operation(resource="ram:resourcegroup/*", action="ram:CreateResourceGroup")
def create_resource_group(call: Call, ask: CreateResourceGroupRequest) -> ResourceGroupResponse:
    if not _NAME.fullmatch(ask.name):
        raise InvalidParameterOf("Name")
    mine = call.state.find(ResourceGroup, account_id=call.account_id)
    if ask.name == "default" or any(one.name == ask.name for one in mine):
        raise ResourceGroupExists
    if len(mine) >= MOST_GROUPS:
        raise TooManyResourceGroups
    made = ResourceGroup(
        id=f"rg-acfm{random_text(11)}",
        account_id=call.account_id,
        name=ask.name,
        display_name=_display_name(ask.display_name, "DisplayName"),
        created_at=iso_seconds(call.now),
        tags=checked_tags(ask.tag),
    )
    call.state.insert(made)
    touch(call.state)
    return ResourceGroupResponse(resource_group=_shown(made))


class GetResourceGroupRequest(Request, kw_only=True):
    resource_group_id: str
    include_tags: bool = False


class GetResourceGroupResponse(Response, kw_only=True):
    resource_group: GroupWithTags


@resourcemanager.operation(resource="ram:resourcegroup/{resource_group_id}", action="ram:GetResourceGroup")
def get_resource_group(call: Call, ask: GetResourceGroupRequest) -> GetResourceGroupResponse:
    found = find(call, ask.resource_group_id)
    tags = _tags(found) if ask.include_tags else UNSET
    return GetResourceGroupResponse(
        resource_group=GroupWithTags(**_fields(found), region_statuses=_statuses(), tags=tags)
    )


class ListResourceGroupsRequest(Paged, Request, kw_only=True):
    resource_group_id: str = ""
    resource_group_ids: list[str] = []
    name: str = ""
    display_name: str = ""
    status: str = ""
    tag: list[Tag] = []
    include_tags: bool = False


class ResourceGroups(Model, kw_only=True):
    resource_group: list[ListedGroup]


class ListResourceGroupsResponse(Response, kw_only=True):
    page_number: int
    page_size: int
    total_count: int
    resource_groups: ResourceGroups


@resourcemanager.operation(resource="ram:resourcegroup/*", action="ram:ListResourceGroups")
def list_resource_groups(call: Call, ask: ListResourceGroupsRequest) -> ListResourceGroupsResponse:
    everyone = [find(call, default_group(call.account_id))]
    everyone += sorted(call.state.find(ResourceGroup, account_id=call.account_id), key=lambda one: one.created_at)
    ids = {*ask.resource_group_ids, *([ask.resource_group_id] if ask.resource_group_id else [])}
    found = [
        one
        for one in everyone
        if (not ids or one.id in ids)
        and ask.name in ("", one.name)
        and ask.display_name in ("", one.display_name)
        and ask.status in ("", "OK")
        and carries(one.tags, ask.tag)
    ]
    return ListResourceGroupsResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        resource_groups=ResourceGroups(
            resource_group=[
                ListedGroup(**_fields(one), tags=_tags(one) if ask.include_tags else UNSET)
                for one in page_of(ask, found, most=100)
            ]
        ),
    )


class UpdateResourceGroupRequest(Request, kw_only=True):
    resource_group_id: str
    new_display_name: str


class UpdateResourceGroupResponse(Response, kw_only=True):
    resource_group: BriefGroup


@resourcemanager.operation(resource="ram:resourcegroup/{resource_group_id}", action="ram:UpdateResourceGroup")
def update_resource_group(call: Call, ask: UpdateResourceGroupRequest) -> UpdateResourceGroupResponse:
    found = find_own(call, ask.resource_group_id)
    found.display_name = _display_name(ask.new_display_name, "NewDisplayName")
    call.state.put(found)
    touch(call.state)
    return UpdateResourceGroupResponse(resource_group=BriefGroup(**_fields(found)))


class DeleteResourceGroupRequest(Request, kw_only=True):
    resource_group_id: str


@resourcemanager.operation(resource="ram:resourcegroup/{resource_group_id}", action="ram:DeleteResourceGroup")
def delete_resource_group(call: Call, ask: DeleteResourceGroupRequest) -> ResourceGroupResponse:
    """Only an empty one goes, at once: then nothing is left that would have to know."""
    found = find(call, ask.resource_group_id)
    if found.id == default_group(call.account_id):
        raise DefaultGroupStays
    if call.state.count(GroupMove, group_id=found.id):
        raise ResourceGroupHasResources
    for at in call.cloud.regions_in_use():
        if resources.there(call, at, lambda there: _holds_any(there, found.id)):
            raise ResourceGroupHasResources
    for attached in call.state.find(ScopedAttachment, account_id=call.account_id, resource_group_id=found.id):
        call.state.delete(attached)
    call.state.delete(found)
    touch(call.state)
    shown = _shown(found)
    shown.status = "PendingDelete"
    shown.region_statuses = _statuses("PendingDelete")
    return ResourceGroupResponse(resource_group=shown)


def _holds_any(call: Call, group_id: str) -> bool:
    return any(one.resource_group_id == group_id for _, one in resources.all_here(call))


def checked_tags(tags: list[Tag]) -> dict[str, str]:
    """Raises InvalidParameter.Tag..."""
    found = {tag.key: tag.value for tag in tags}
    if len(tags) > MOST_TAGS or len(found) < len(tags):
        raise InvalidParameterOf("Tag")
    for tag in tags:
        if not 1 <= len(tag.key) <= 128 or tag.key.startswith(("acs:", "aliyun")) or "://" in tag.key:
            raise InvalidParameterOf("Tag.Key")
        if len(tag.value) > 128 or "://" in tag.value:
            raise InvalidParameterOf("Tag.Value")
    return found


def _display_name(text: str, parameter: str) -> str:
    if not 1 <= len(text) <= 50:
        raise InvalidParameterOf(parameter)
    return text


def _fields(one: ResourceGroup) -> dict[str, Any]:
    """The values of BriefGroup."""
    return {
        "id": one.id,
        "name": one.name,
        "display_name": one.display_name,
        "account_id": one.account_id,
        "create_date": one.created_at,
    }


def _shown(one: ResourceGroup) -> GroupModel:
    return GroupModel(**_fields(one), region_statuses=_statuses())


def _tags(one: ResourceGroup) -> Tags:
    return Tags(tag=[TagModel(tag_key=key, tag_value=value) for key, value in one.tags.items()])


def _statuses(status: str = "OK") -> RegionStatuses:
    """Groups are known in every region at once, as identity is."""
    return RegionStatuses(region_status=[RegionStatus(region_id=one.id, status=status) for one in REGIONS])
