"""Snapshot groups: several disks of an instance at one moment."""

from __future__ import annotations

from openyun.clock import iso_seconds
from openyun.errors import CloudError
from openyun.operation import Call, Model, Request, Response, Tag
from openyun.services.ecs import tags
from openyun.services.ecs.errors import NotOffered
from openyun.services.ecs.instance import instances
from openyun.services.ecs.service import ecs
from openyun.services.ecs.storage import disks, errors, snapshots, storage_names
from openyun.services.ecs.storage.records import Disk, Snapshot, SnapshotGroup
from openyun.services.ecs.storage.resetting import OperationProgressSet, progress_of
from openyun.services.paging import after_token
from openyun.services.tags import carries
from openyun.services.vpc.vpcs import default_resource_group

MOST_DISKS = 16


def find(call: Call, group_id: str) -> SnapshotGroup:
    found = call.state.get(SnapshotGroup, group_id)
    if found is None or found.account_id != call.account_id:
        raise errors.SnapshotGroupNotFound(group_id=group_id)
    return found


class CreateSnapshotGroupRequest(Request, kw_only=True):
    region_id: str
    instance_id: str = ""
    disk_id: list[str] = []
    exclude_disk_id: list[str] = []
    name: str = ""
    description: str = ""
    instant_access: bool = False
    instant_access_retention_days: int | None = None
    storage_location_arn: str = ""
    resource_group_id: str = ""
    tag: list[Tag] = []
    client_token: str = ""


class CreateSnapshotGroupResponse(Response, kw_only=True):
    snapshot_group_id: str


@ecs.operation(resource="snapshotgroup/*", also=("instance/{instance_id}", "disk/{disk_id}"))
def create_snapshot_group(call: Call, ask: CreateSnapshotGroupRequest) -> CreateSnapshotGroupResponse:
    if ask.storage_location_arn:
        raise NotOffered(parameter="StorageLocationArn")
    several = _disks(call, ask)
    now = iso_seconds(call.now)
    group = SnapshotGroup(
        id=call.new_id("ssg"),
        account_id=call.account_id,
        instance_id=several[0].instance_id,
        name=storage_names.snapshot_name(ask.name),
        description=storage_names.description(ask.description),
        resource_group_id=ask.resource_group_id or default_resource_group(call),
        created_at=now,
        tags=tags.rules.checked(ask.tag),
    )
    for disk in several:
        snapshots.check_disk(call, disk)
    for disk in several:
        made = snapshots.new(call.new_id("s"), call.account_id, disk, now)
        made.group_id, made.resource_group_id = group.id, group.resource_group_id
        made.instant_access, made.tags = ask.instant_access, dict(group.tags)
        snapshots.take(call.state, disk, made)
    call.state.insert(group)
    call.wake()
    return CreateSnapshotGroupResponse(snapshot_group_id=group.id)


def _disks(call: Call, ask: CreateSnapshotGroupRequest) -> list[Disk]:
    """Raises SnapshotGroupDisks."""
    if ask.disk_id:
        several = [disks.find(call, disk_id) for disk_id in dict.fromkeys(ask.disk_id)]
    elif ask.instance_id:
        several = disks.of_instance(call.state, instances.find(call, ask.instance_id).id)
    else:
        raise errors.SnapshotGroupDisks
    several = [one for one in several if one.id not in ask.exclude_disk_id]
    owners = {one.instance_id for one in several}
    if not 1 <= len(several) <= MOST_DISKS or len(owners) != 1 or "" in owners:
        raise errors.SnapshotGroupDisks
    if ask.instance_id not in ("", *owners):
        raise errors.SnapshotGroupDisks
    return several


class GroupSnapshotTags(Model):
    tag: list[Tag]


class GroupSnapshot(Model, kw_only=True):
    snapshot_id: str
    source_disk_id: str
    source_disk_type: str
    progress: str
    available: bool
    instant_access: bool
    tags: GroupSnapshotTags


class GroupSnapshots(Model):
    snapshot: list[GroupSnapshot]


class GroupItem(Model, kw_only=True):
    snapshot_group_id: str
    instance_id: str
    name: str
    description: str
    status: str
    progress_status: str
    creation_time: str
    resource_group_id: str
    snapshots: GroupSnapshots
    tags: GroupSnapshotTags


class GroupItems(Model):
    snapshot_group: list[GroupItem]


class DescribeSnapshotGroupsRequest(Request, kw_only=True):
    region_id: str
    snapshot_group_id: list[str] = []
    instance_id: str = ""
    name: str = ""
    status: list[str] = []
    resource_group_id: str = ""
    tag: list[Tag] = []
    next_token: str = ""
    max_results: int | None = None


class DescribeSnapshotGroupsResponse(Response, kw_only=True):
    next_token: str = ""
    snapshot_groups: GroupItems


@ecs.operation(resource="snapshotgroup/{snapshot_group_id}")
def describe_snapshot_groups(call: Call, ask: DescribeSnapshotGroupsRequest) -> DescribeSnapshotGroupsResponse:
    items = [_item(call, one) for one in call.state.find(SnapshotGroup, account_id=call.account_id) if _wants(one, ask)]
    found = sorted(
        (one for one in items if not ask.status or one.status in ask.status), key=lambda one: one.snapshot_group_id
    )
    limit = min(max(ask.max_results or 10, 1), 100)
    page, token = after_token(found, [one.snapshot_group_id for one in found], ask.next_token, limit)
    return DescribeSnapshotGroupsResponse(next_token=token, snapshot_groups=GroupItems([*page]))


def _wants(one: SnapshotGroup, ask: DescribeSnapshotGroupsRequest) -> bool:
    return (
        (not ask.snapshot_group_id or one.id in ask.snapshot_group_id)
        and ask.instance_id in ("", one.instance_id)
        and ask.name in ("", one.name)
        and ask.resource_group_id in ("", one.resource_group_id)
        and carries(one.tags, ask.tag)
    )


def _item(call: Call, one: SnapshotGroup) -> GroupItem:
    members = call.state.find(Snapshot, group_id=one.id)
    statuses = {each.status for each in members}
    status = "failed" if "failed" in statuses else "progressing" if "progressing" in statuses else "accomplished"
    return GroupItem(
        snapshot_group_id=one.id,
        instance_id=one.instance_id,
        name=one.name,
        description=one.description,
        status=status,
        progress_status="",
        creation_time=one.created_at,
        resource_group_id=one.resource_group_id,
        snapshots=GroupSnapshots([_member(each) for each in members]),
        tags=_tags(one.tags),
    )


def _member(one: Snapshot) -> GroupSnapshot:
    done = one.status == "accomplished"
    return GroupSnapshot(
        snapshot_id=one.id,
        source_disk_id=one.disk_id,
        source_disk_type=one.disk_type,
        progress="100%" if done else "0%",
        available=done,
        instant_access=one.instant_access,
        tags=_tags(one.tags),
    )


def _tags(tags: dict[str, str]) -> GroupSnapshotTags:
    return GroupSnapshotTags([Tag(key=key, value=value) for key, value in tags.items()])


class ModifySnapshotGroupRequest(Request, kw_only=True):
    region_id: str
    snapshot_group_id: str
    name: str | None = None
    description: str | None = None


@ecs.operation(resource="snapshotgroup/{snapshot_group_id}")
def modify_snapshot_group(call: Call, ask: ModifySnapshotGroupRequest) -> Response:
    found = find(call, ask.snapshot_group_id)
    if ask.name is not None:
        found.name = storage_names.snapshot_name(ask.name)
    if ask.description is not None:
        found.description = storage_names.description(ask.description)
    call.state.put(found)
    return Response()


class DeleteSnapshotGroupRequest(Request, kw_only=True):
    region_id: str
    snapshot_group_id: str


class DeleteSnapshotGroupResponse(Response, kw_only=True):
    operation_progress_set: OperationProgressSet


@ecs.operation(resource="snapshotgroup/{snapshot_group_id}")
def delete_snapshot_group(call: Call, ask: DeleteSnapshotGroupRequest) -> DeleteSnapshotGroupResponse:
    """Its snapshots go with it; while one of them may not, the group stays."""
    found = find(call, ask.snapshot_group_id)
    done = []
    for one in call.state.find(Snapshot, group_id=found.id):
        problem: CloudError | None = None
        try:
            snapshots.delete(call, one, force=True)
        except CloudError as refused:
            problem = refused
        done.append(progress_of("SnapshotId", one.id, problem))
    if all(one.operation_status == "Success" for one in done):
        call.state.delete(found)
    return DeleteSnapshotGroupResponse(operation_progress_set=OperationProgressSet(done))
