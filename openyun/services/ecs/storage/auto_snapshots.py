"""Automatic snapshot policies: at which hours of which days the disks that have one are captured, and for how long."""

from __future__ import annotations

import msgspec

from openyun.clock import iso_seconds
from openyun.errors import CloudError, InvalidParameter
from openyun.operation import Call, Model, Request, Response, Tag
from openyun.services.ecs import tags
from openyun.services.ecs.errors import NotOffered
from openyun.services.ecs.service import ecs
from openyun.services.ecs.storage import disks, errors, storage_names
from openyun.services.ecs.storage.records import AutoSnapshotPolicy, Disk
from openyun.services.paging import Paged, after_token, page_of
from openyun.services.tags import TagFields, carries, shown
from openyun.services.vpc.vpcs import default_resource_group

MOST_POLICIES = 100


def find(call: Call, policy_id: str) -> AutoSnapshotPolicy:
    """The account's policy; raises PolicyNotFound."""
    found = call.state.get(AutoSnapshotPolicy, policy_id)
    if found is None or found.account_id != call.account_id:
        raise errors.PolicyNotFound(policy_id=policy_id)
    return found


def _numbers(text: str, allowed: range, problem: type[CloudError]) -> list[int]:
    """`["1","7"]`, or the numbers themselves."""
    try:
        found = [int(one) for one in msgspec.json.decode(text, type=list[str | int])]
    except (msgspec.DecodeError, ValueError):
        raise problem from None
    if not found or any(one not in allowed for one in found):
        raise problem
    return sorted(set(found))


def _retention(days: int) -> int:
    if days != -1 and not 1 <= days <= 65536:
        raise errors.InvalidRetentionDays
    return days


class CopyEncryption(Model, kw_only=True):
    encrypted: bool = False
    kms_key_id: str = msgspec.field(name="KMSKeyId", default="")


class _Written(Request, kw_only=True):
    """What two operations have in common."""

    copied_snapshots_retention_days: int | None = None
    enable_cross_region_copy: bool = False
    target_copy_regions: str = ""
    copy_encryption_configuration: CopyEncryption = msgspec.field(default_factory=CopyEncryption)

    def check(self) -> None:
        if self.enable_cross_region_copy or self.copy_encryption_configuration.encrypted:
            raise NotOffered(parameter="EnableCrossRegionCopy")


class CreateAutoSnapshotPolicyRequest(_Written, kw_only=True):
    region_id: str = msgspec.field(name="regionId", default="")
    auto_snapshot_policy_name: str = msgspec.field(name="autoSnapshotPolicyName", default="")
    time_points: str = msgspec.field(name="timePoints")
    repeat_weekdays: str = msgspec.field(name="repeatWeekdays")
    retention_days: int = msgspec.field(name="retentionDays")
    association_type: str = ""
    storage_location_arn: str = ""
    resource_group_id: str = ""
    tag: list[Tag] = []


class CreateAutoSnapshotPolicyResponse(Response, kw_only=True):
    auto_snapshot_policy_id: str


@ecs.operation(resource="snapshotpolicy/*")
def create_auto_snapshot_policy(call: Call, ask: CreateAutoSnapshotPolicyRequest) -> CreateAutoSnapshotPolicyResponse:
    ask.check()
    if ask.storage_location_arn or ask.association_type not in ("", "Disk"):
        raise NotOffered(parameter="StorageLocationArn" if ask.storage_location_arn else "AssociationType")
    if call.state.count(AutoSnapshotPolicy, account_id=call.account_id) >= MOST_POLICIES:
        raise errors.TooManyPolicies(most=MOST_POLICIES)
    made = AutoSnapshotPolicy(
        id=call.new_id("sp"),
        account_id=call.account_id,
        name=storage_names.policy_name(ask.auto_snapshot_policy_name),
        time_points=_numbers(ask.time_points, range(24), errors.InvalidTimePoints),
        weekdays=_numbers(ask.repeat_weekdays, range(1, 8), errors.InvalidWeekdays),
        retention_days=_retention(ask.retention_days),
        resource_group_id=ask.resource_group_id or default_resource_group(call),
        created_at=iso_seconds(call.now),
        tags=tags.rules.checked(ask.tag),
    )
    call.state.insert(made)
    return CreateAutoSnapshotPolicyResponse(auto_snapshot_policy_id=made.id)


class ModifyAutoSnapshotPolicyExRequest(_Written, kw_only=True):
    region_id: str = msgspec.field(name="regionId", default="")
    auto_snapshot_policy_id: str = msgspec.field(name="autoSnapshotPolicyId")
    auto_snapshot_policy_name: str | None = msgspec.field(name="autoSnapshotPolicyName", default=None)
    time_points: str = msgspec.field(name="timePoints", default="")
    repeat_weekdays: str = msgspec.field(name="repeatWeekdays", default="")
    retention_days: int | None = msgspec.field(name="retentionDays", default=None)


@ecs.operation(resource="snapshotpolicy/{auto_snapshot_policy_id}")
def modify_auto_snapshot_policy_ex(call: Call, ask: ModifyAutoSnapshotPolicyExRequest) -> Response:
    ask.check()
    found = find(call, ask.auto_snapshot_policy_id)
    if ask.auto_snapshot_policy_name is not None:
        found.name = storage_names.policy_name(ask.auto_snapshot_policy_name)
    if ask.time_points:
        found.time_points = _numbers(ask.time_points, range(24), errors.InvalidTimePoints)
    if ask.repeat_weekdays:
        found.weekdays = _numbers(ask.repeat_weekdays, range(1, 8), errors.InvalidWeekdays)
    if ask.retention_days is not None:
        found.retention_days = _retention(ask.retention_days)
    call.state.put(found)
    return Response()


class DeleteAutoSnapshotPolicyRequest(Request, kw_only=True):
    region_id: str = msgspec.field(name="regionId", default="")
    auto_snapshot_policy_id: str = msgspec.field(name="autoSnapshotPolicyId")


@ecs.operation(resource="snapshotpolicy/{auto_snapshot_policy_id}")
def delete_auto_snapshot_policy(call: Call, ask: DeleteAutoSnapshotPolicyRequest) -> Response:
    """Disks go on without it; snapshots that it made stay."""
    found = find(call, ask.auto_snapshot_policy_id)
    for disk in call.state.find(Disk, auto_snapshot_policy_id=found.id):
        disk.auto_snapshot_policy_id = ""
        call.state.put(disk)
    call.state.delete(found)
    return Response()


class ApplyAutoSnapshotPolicyRequest(Request, kw_only=True):
    region_id: str = msgspec.field(name="regionId", default="")
    auto_snapshot_policy_id: str = msgspec.field(name="autoSnapshotPolicyId")
    disk_ids: list[str] = msgspec.field(name="diskIds")


@ecs.operation(resource=("snapshotpolicy/{auto_snapshot_policy_id}", "disk/{disk_ids}"))
def apply_auto_snapshot_policy(call: Call, ask: ApplyAutoSnapshotPolicyRequest) -> Response:
    policy = find(call, ask.auto_snapshot_policy_id)
    for disk in [disks.find(call, disk_id) for disk_id in dict.fromkeys(ask.disk_ids)]:
        disk.auto_snapshot_policy_id = policy.id
        call.state.put(disk)
    return Response()


class CancelAutoSnapshotPolicyRequest(Request, kw_only=True):
    region_id: str = msgspec.field(name="regionId", default="")
    auto_snapshot_policy_id: str = msgspec.field(name="autoSnapshotPolicyId", default="")
    disk_ids: list[str] = msgspec.field(name="diskIds")


@ecs.operation(resource="disk/{disk_ids}", also=("snapshotpolicy/{auto_snapshot_policy_id}",))
def cancel_auto_snapshot_policy(call: Call, ask: CancelAutoSnapshotPolicyRequest) -> Response:
    for disk in [disks.find(call, disk_id) for disk_id in dict.fromkeys(ask.disk_ids)]:
        if ask.auto_snapshot_policy_id in ("", disk.auto_snapshot_policy_id):
            disk.auto_snapshot_policy_id = ""
            call.state.put(disk)
    return Response()


class PolicyItem(Model, kw_only=True):
    auto_snapshot_policy_id: str
    auto_snapshot_policy_name: str
    region_id: str
    time_points: str
    repeat_weekdays: str
    retention_days: int
    status: str = "Normal"
    type: str = "Custom"
    association_type: str = "Disk"
    disk_nums: int
    volume_nums: int = 0
    enable_cross_region_copy: bool = False
    creation_time: str
    resource_group_id: str
    tags: TagFields


class PolicyItems(Model):
    auto_snapshot_policy: list[PolicyItem]


class DescribeAutoSnapshotPolicyExRequest(Paged, Request, kw_only=True):
    region_id: str
    auto_snapshot_policy_id: str = ""
    auto_snapshot_policy_name: str = ""
    resource_group_id: str = ""
    tag: list[Tag] = []


class DescribeAutoSnapshotPolicyExResponse(Response, kw_only=True):
    page_number: int
    page_size: int
    total_count: int
    auto_snapshot_policies: PolicyItems


@ecs.operation(resource="snapshotpolicy/{auto_snapshot_policy_id}")
def describe_auto_snapshot_policy_ex(
    call: Call, ask: DescribeAutoSnapshotPolicyExRequest
) -> DescribeAutoSnapshotPolicyExResponse:
    found = [
        one
        for one in call.state.find(AutoSnapshotPolicy, account_id=call.account_id)
        if ask.auto_snapshot_policy_id in ("", one.id)
        and ask.auto_snapshot_policy_name in ("", one.name)
        and ask.resource_group_id in ("", one.resource_group_id)
        and carries(one.tags, ask.tag)
    ]
    return DescribeAutoSnapshotPolicyExResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        auto_snapshot_policies=PolicyItems([_item(call, one) for one in page_of(ask, found, most=100)]),
    )


def _item(call: Call, one: AutoSnapshotPolicy) -> PolicyItem:
    return PolicyItem(
        auto_snapshot_policy_id=one.id,
        auto_snapshot_policy_name=one.name,
        region_id=call.region.id,
        time_points=_list(one.time_points),
        repeat_weekdays=_list(one.weekdays),
        retention_days=one.retention_days,
        disk_nums=call.state.count(Disk, auto_snapshot_policy_id=one.id),
        creation_time=one.created_at,
        resource_group_id=one.resource_group_id,
        tags=shown(one.tags),
    )


def _list(numbers: list[int]) -> str:
    return msgspec.json.encode([str(one) for one in numbers]).decode()


class Association(Model, kw_only=True):
    auto_snapshot_policy_id: str
    disk_id: str


class Associations(Model):
    auto_snapshot_policy_association: list[Association]


class DescribeAutoSnapshotPolicyAssociationsRequest(Request, kw_only=True):
    region_id: str
    auto_snapshot_policy_id: str = ""
    disk_id: str = ""
    next_token: str = ""
    max_results: int | None = None


class DescribeAutoSnapshotPolicyAssociationsResponse(Response, kw_only=True):
    next_token: str = ""
    auto_snapshot_policy_associations: Associations


@ecs.operation(resource="snapshotpolicy/{auto_snapshot_policy_id}")
def describe_auto_snapshot_policy_associations(
    call: Call, ask: DescribeAutoSnapshotPolicyAssociationsRequest
) -> DescribeAutoSnapshotPolicyAssociationsResponse:
    found = [
        one
        for one in call.state.find(Disk, account_id=call.account_id)
        if one.auto_snapshot_policy_id
        and ask.auto_snapshot_policy_id in ("", one.auto_snapshot_policy_id)
        and ask.disk_id in ("", one.id)
        and not one.deleted
    ]
    if ask.max_results is not None and not 1 <= ask.max_results <= 100:
        raise InvalidParameter(parameter="MaxResults")
    page, token = after_token(found, [one.id for one in found], ask.next_token, ask.max_results or 10)
    return DescribeAutoSnapshotPolicyAssociationsResponse(
        next_token=token,
        auto_snapshot_policy_associations=Associations(
            [Association(auto_snapshot_policy_id=one.auto_snapshot_policy_id, disk_id=one.id) for one in page]
        ),
    )
