"""Disks: each instance has its system disk, which lives and dies with it."""

from __future__ import annotations

import msgspec

from openyun.operation import UNSET, Call, Model, Request, Response, Tag, Unset
from openyun.services.ecs.errors import InvalidDiskIds
from openyun.services.ecs.instance.items import NEVER_EXPIRES, minutes
from openyun.services.ecs.records import Instance
from openyun.services.ecs.service import ecs
from openyun.services.paging import Paged, after_token, page_of
from openyun.services.tags import TagFields, carries, shown

MOST_IDS = 100
_DEVICE = "/dev/xvda"


class DiskAttachment(Model, kw_only=True):
    instance_id: str
    device: str = _DEVICE
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
    disk_name: str = ""
    description: str = ""
    type: str = "system"
    category: str
    performance_level: str
    size: int
    """GiB"""
    status: str = "In_use"
    region_id: str
    zone_id: str
    image_id: str
    instance_id: str
    device: str = _DEVICE
    serial_number: str
    creation_time: str
    attached_time: str
    detached_time: str = ""
    expired_time: str
    attachments: Attachments
    mount_instance_num: int = 0
    mount_instances: MountInstances = msgspec.field(default_factory=lambda: MountInstances([]))
    disk_charge_type: str
    portable: bool = False
    delete_with_instance: bool = True
    delete_auto_snapshot: bool = False
    enable_auto_snapshot: bool = False
    enable_automated_snapshot_policy: bool = False
    auto_snapshot_policy_id: str = ""
    encrypted: bool = False
    kms_key_id: str = msgspec.field(name="KMSKeyId", default="")
    multi_attach: str = "Disabled"
    bursting_enabled: bool = False
    source_snapshot_id: str = ""
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


class DescribeDisksRequest(Paged, Request, kw_only=True):
    region_id: str
    disk_ids: list[str] = []
    instance_id: str = ""
    disk_type: str = ""
    category: str = ""
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
    auto_snapshot_policy_id: str = ""
    snapshot_id: str = ""
    lock_reason: str = ""
    tag: list[Tag] = []
    next_token: str = ""
    max_results: int | None = None


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
    by_id = {"id": ask.instance_id} if ask.instance_id else {}
    found = [one for one in call.state.find(Instance, account_id=call.account_id, **by_id) if _matches(one, ask)]
    found.sort(key=lambda one: one.system_disk_id)
    region_id = call.region.id
    if ask.next_token or ask.max_results is not None:
        limit = min(max(ask.max_results or 0, 1), 500)
        page, token = after_token(found, [one.system_disk_id for one in found], ask.next_token, limit)
        return DescribeDisksResponse(
            total_count=len(found), next_token=token, disks=Disks([_item(one, region_id) for one in page])
        )
    return DescribeDisksResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        disks=Disks([_item(one, region_id) for one in page_of(ask, found, most=100)]),
    )


def _matches(one: Instance, ask: DescribeDisksRequest) -> bool:
    return (
        one.wanted != "Deleted"
        and (not ask.disk_ids or one.system_disk_id in ask.disk_ids)
        and ask.disk_type in ("", "all", "system")
        and ask.category in ("", "all", one.system_disk_category)
        and ask.status in ("", "All", "In_use")
        and ask.disk_charge_type in ("", one.charge_type)
        and ask.zone_id in ("", one.zone_id)
        and ask.resource_group_id in ("", one.resource_group_id)
        and ask.delete_with_instance is not False
        and not (
            ask.disk_name
            or ask.portable
            or ask.delete_auto_snapshot
            or ask.enable_auto_snapshot
            or ask.enable_automated_snapshot_policy
            or ask.encrypted
            or ask.auto_snapshot_policy_id
            or ask.snapshot_id
            or ask.lock_reason
        )
        and carries(one.tags, ask.tag)
    )


def _item(one: Instance, region_id: str) -> DiskItem:
    attached = DiskAttachment(instance_id=one.id, attached_time=one.created_at)
    return DiskItem(
        disk_id=one.system_disk_id,
        category=one.system_disk_category,
        performance_level="PL1" if one.system_disk_category == "cloud_essd" else "",
        size=one.system_disk_size,
        region_id=region_id,
        zone_id=one.zone_id,
        image_id=one.image_id,
        instance_id=one.id,
        serial_number=one.system_disk_id.removeprefix("d-"),
        creation_time=one.created_at,
        attached_time=one.created_at,
        expired_time=minutes(one.expires_at) or NEVER_EXPIRES,
        attachments=Attachments([attached]),
        disk_charge_type=one.charge_type,
        resource_group_id=one.resource_group_id,
        tags=shown(one.tags),
    )
