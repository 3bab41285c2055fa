"""DescribeDisks."""

from __future__ import annotations

import msgspec

from openyun.operation import UNSET, Call, Model, Request, Response, Tag, Unset
from openyun.services.ecs.errors import InvalidDiskIds
from openyun.services.ecs.instance.items import NEVER_EXPIRES, engine_tags, minutes
from openyun.services.ecs.service import ecs
from openyun.services.ecs.storage.categories import category_of
from openyun.services.ecs.storage.records import Disk
from openyun.services.paging import Paged, after_token, page_of
from openyun.services.tags import TagFields, carries, shown

MOST_IDS = 100


class DiskAttachment(Model, kw_only=True):
    instance_id: str
    device: str
    attached_time: str


class Attachments(Model):
    attachment: list[DiskAttachment]


class MountInstances(Model):
    mount_instance: list[DiskAttachment]


class OperationLock(Model):
    lock_reason: str = ""


class OperationLocks(Model):
    operation_lock: list[OperationLock] = []


class DiskItem(Model, kw_only=True):
    disk_id: str
    disk_name: str
    description: str
    type: str
    category: str
    performance_level: str
    size: int
    """GiB"""
    status: str
    region_id: str
    zone_id: str
    image_id: str
    instance_id: str
    device: str
    serial_number: str
    creation_time: str
    attached_time: str
    detached_time: str
    expired_time: str
    attachments: Attachments
    mount_instance_num: int = 0
    mount_instances: MountInstances = msgspec.field(default_factory=lambda: MountInstances([]))
    disk_charge_type: str
    portable: bool
    delete_with_instance: bool
    delete_auto_snapshot: bool
    enable_auto_snapshot: bool
    enable_automated_snapshot_policy: bool
    auto_snapshot_policy_id: str
    encrypted: bool = False
    kms_key_id: str = msgspec.field(name="KMSKeyId", default="")
    multi_attach: str = "Disabled"
    bursting_enabled: bool
    provisioned_iops: int
    iops: int | Unset = msgspec.field(name="IOPS", default=UNSET)
    iops_read: int | Unset = msgspec.field(name="IOPSRead", default=UNSET)
    iops_write: int | Unset = msgspec.field(name="IOPSWrite", default=UNSET)
    throughput: int | Unset = UNSET
    throughput_read: int | Unset = UNSET
    throughput_write: int | Unset = UNSET
    source_snapshot_id: str
    source_disk_id: str = ""
    product_code: str = ""
    resource_group_id: str
    storage_set_id: str = ""
    storage_cluster_id: str = ""
    bdf_id: str = ""
    operation_locks: OperationLocks = msgspec.field(default_factory=OperationLocks)
    tags: TagFields


class Disks(Model):
    disk: list[DiskItem]


class Filter(Model, kw_only=True):
    key: str = ""
    value: str = ""


class DescribeDisksRequest(Paged, Request, kw_only=True):
    region_id: str
    disk_ids: list[str] = []
    instance_id: str = ""
    disk_type: str = ""
    category: str = ""
    performance_level: str = ""
    status: str = ""
    disk_name: str = ""
    disk_charge_type: str = ""
    zone_id: str = ""
    resource_group_id: str = ""
    portable: bool | None = None
    delete_with_instance: bool | None = None
    delete_auto_snapshot: bool | None = None
    enable_auto_snapshot: bool | None = None
    enable_automated_snapshot_policy: bool | None = None
    encrypted: bool | None = None
    kms_key_id: str = msgspec.field(name="KMSKeyId", default="")
    multi_attach: str = ""
    auto_snapshot_policy_id: str = ""
    snapshot_id: str = ""
    lock_reason: str = ""
    additional_attributes: list[str] = []
    filter: list[Filter] = []
    """CreationStartTime and CreationEndTime"""
    tag: list[Tag] = []
    next_token: str = ""
    max_results: int | None = None
    dry_run: bool = False


class DescribeDisksResponse(Response, kw_only=True):
    page_number: int | Unset = UNSET
    page_size: int | Unset = UNSET
    total_count: int
    next_token: str = ""
    disks: Disks


@ecs.operation(resource="disk/{disk_ids}")
def describe_disks(call: Call, ask: DescribeDisksRequest) -> DescribeDisksResponse:
    if len(ask.disk_ids) > MOST_IDS:
        raise InvalidDiskIds(most=MOST_IDS)
    among = {"id": ask.disk_ids} if ask.disk_ids else {"instance_id": ask.instance_id} if ask.instance_id else {}
    found = [one for one in call.state.find(Disk, account_id=call.account_id, **among) if _matches(one, ask)]
    found.sort(key=lambda one: (one.created_at, one.id), reverse=True)
    own_tags = engine_tags(call)

    def item(one: Disk) -> DiskItem:
        return _item(one, call.region.id, own_tags, ask.additional_attributes)

    if ask.next_token or ask.max_results is not None:
        found.sort(key=lambda one: one.id)
        limit = min(max(ask.max_results or 0, 1), 500)
        page, token = after_token(found, [one.id for one in found], ask.next_token, limit)
        return DescribeDisksResponse(total_count=len(found), next_token=token, disks=Disks([item(one) for one in page]))
    return DescribeDisksResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        disks=Disks([item(one) for one in page_of(ask, found, most=100)]),
    )


def _matches(one: Disk, ask: DescribeDisksRequest) -> bool:
    filters = {each.key: each.value for each in ask.filter if each.key}
    created = minutes(one.created_at)
    return (
        not one.deleted
        and ask.instance_id in ("", one.instance_id)
        and ask.disk_type in ("", "all", one.type)
        and ask.category in ("", "all", one.category)
        and ask.performance_level in ("", one.performance_level)
        and ask.status in ("", "All", one.status)
        and _named(ask.disk_name, one.name)
        and ask.disk_charge_type in ("", one.charge_type)
        and ask.zone_id in ("", one.zone_id)
        and ask.resource_group_id in ("", one.resource_group_id)
        and ask.portable in (None, one.portable)
        and ask.delete_with_instance in (None, one.delete_with_instance)
        and ask.delete_auto_snapshot in (None, one.delete_auto_snapshot)
        and ask.enable_auto_snapshot in (None, one.enable_auto_snapshot)
        and ask.enable_automated_snapshot_policy in (None, bool(one.auto_snapshot_policy_id))
        and ask.auto_snapshot_policy_id in ("", one.auto_snapshot_policy_id)
        and ask.snapshot_id in ("", one.source_snapshot_id)
        and ask.multi_attach in ("", "Disabled")
        and not (ask.encrypted or ask.kms_key_id or ask.lock_reason)
        and filters.get("CreationStartTime", "") <= created
        and created <= filters.get("CreationEndTime", "9")
        and carries(one.tags, ask.tag)
    )


def _named(pattern: str, name: str) -> bool:
    """`web*` is every name that begins so."""
    if pattern.endswith("*"):
        return name.startswith(pattern.rstrip("*"))
    return pattern in ("", name)


def _item(one: Disk, region_id: str, own_tags: dict[str, str], more: list[str]) -> DiskItem:
    attached = minutes(one.attached_at) if one.instance_id else ""
    attachment = DiskAttachment(instance_id=one.instance_id, device=one.device, attached_time=attached)
    made = DiskItem(
        disk_id=one.id,
        disk_name=one.name,
        description=one.description,
        type=one.type,
        category=one.category,
        performance_level=one.performance_level,
        size=one.size,
        status=one.status,
        region_id=region_id,
        zone_id=one.zone_id,
        image_id=one.image_id,
        instance_id=one.instance_id,
        device=one.device,
        serial_number=one.id.removeprefix("d-"),
        creation_time=one.created_at,
        attached_time=one.attached_at if one.instance_id else "",
        detached_time=one.detached_at,
        expired_time=minutes(one.expires_at) or NEVER_EXPIRES,
        attachments=Attachments([attachment] if one.instance_id else []),
        disk_charge_type=one.charge_type,
        portable=one.portable,
        delete_with_instance=one.delete_with_instance,
        delete_auto_snapshot=one.delete_auto_snapshot,
        enable_auto_snapshot=one.enable_auto_snapshot,
        enable_automated_snapshot_policy=bool(one.auto_snapshot_policy_id),
        auto_snapshot_policy_id=one.auto_snapshot_policy_id,
        bursting_enabled=one.bursting_enabled,
        provisioned_iops=one.provisioned_iops,
        source_snapshot_id=one.source_snapshot_id,
        resource_group_id=one.resource_group_id,
        tags=shown(one.tags | own_tags),
    )
    limits = category_of(one.category, one.performance_level)
    if "IOPS" in more:
        made.iops = made.iops_read = made.iops_write = limits.iops_of(one.size) + one.provisioned_iops
    if "THROUGHPUT" in [each.upper() for each in more]:
        made.throughput = made.throughput_read = made.throughput_write = limits.throughput_of(one.size)
    return made
