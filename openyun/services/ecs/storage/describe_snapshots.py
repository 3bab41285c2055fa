"""DescribeSnapshots, DescribeSnapshotLinks, DescribeSnapshotsUsage."""

from __future__ import annotations

import msgspec

from openyun.operation import UNSET, Call, Model, Request, Response, Tag, Unset
from openyun.services.ecs.instance.items import engine_tags, minutes
from openyun.services.ecs.records import Instance
from openyun.services.ecs.service import ecs
from openyun.services.ecs.storage.records import Disk, Image, Snapshot
from openyun.services.paging import Paged, after_token, page_of
from openyun.services.tags import TagFields, carries, shown


class SnapshotItem(Model, kw_only=True):
    snapshot_id: str
    snapshot_sn: str = msgspec.field(name="SnapshotSN")
    snapshot_name: str
    snapshot_link_id: str
    snapshot_type: str
    description: str
    status: str
    progress: str
    available: bool
    remain_time: int
    category: str = "standard"
    creation_time: str
    last_modified_time: str
    region_id: str
    source_disk_id: str
    source_disk_size: str
    """GiB"""
    source_disk_type: str
    source_storage_type: str = "disk"
    source_snapshot_id: str
    source_region_id: str
    retention_days: int | Unset = UNSET
    usage: str
    instant_access: bool
    encrypted: bool = False
    kms_key_id: str = msgspec.field(name="KMSKeyId", default="")
    product_code: str = ""
    resource_group_id: str
    tags: TagFields


class Snapshots(Model):
    snapshot: list[SnapshotItem]


class Filter(Model, kw_only=True):
    key: str = ""
    value: str = ""


class DescribeSnapshotsRequest(Paged, Request, kw_only=True):
    region_id: str
    snapshot_ids: list[str] = []
    disk_id: str = ""
    instance_id: str = ""
    snapshot_name: str = ""
    snapshot_link_id: str = ""
    snapshot_type: str = ""
    source_disk_type: str = ""
    status: str = ""
    usage: str = ""
    category: str = ""
    encrypted: bool | None = None
    kms_key_id: str = msgspec.field(name="KMSKeyId", default="")
    resource_group_id: str = ""
    filter: list[Filter] = []
    """CreationStartTime and CreationEndTime"""
    tag: list[Tag] = []
    next_token: str = ""
    max_results: int | None = None
    dry_run: bool = False


class DescribeSnapshotsResponse(Response, kw_only=True):
    page_number: int | Unset = UNSET
    page_size: int | Unset = UNSET
    total_count: int
    next_token: str = ""
    snapshots: Snapshots


@ecs.operation(resource="snapshot/{snapshot_ids}")
def describe_snapshots(call: Call, ask: DescribeSnapshotsRequest) -> DescribeSnapshotsResponse:
    uses = _uses(call)
    among = {"id": ask.snapshot_ids} if ask.snapshot_ids else {"disk_id": ask.disk_id} if ask.disk_id else {}
    every = call.state.find(Snapshot, account_id=call.account_id, **among)
    found = [one for one in every if _matches(one, ask, uses.get(one.id, "none"))]
    found.sort(key=lambda one: (one.created_at, one.id), reverse=True)
    own_tags = engine_tags(call)

    def item(one: Snapshot) -> SnapshotItem:
        return _item(one, call.region.id, uses.get(one.id, "none"), own_tags)

    if ask.next_token or ask.max_results is not None:
        found.sort(key=lambda one: one.id)
        limit = min(max(ask.max_results or 0, 1), 100)
        page, token = after_token(found, [one.id for one in found], ask.next_token, limit)
        return DescribeSnapshotsResponse(
            total_count=len(found), next_token=token, snapshots=Snapshots([item(one) for one in page])
        )
    return DescribeSnapshotsResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        snapshots=Snapshots([item(one) for one in page_of(ask, found, most=100)]),
    )


def _uses(call: Call) -> dict[str, str]:
    """For what the account's snapshots are used: image, disk or image_disk."""
    images = {disk.snapshot_id for one in call.state.find(Image, account_id=call.account_id) for disk in one.disks}
    of_account = call.state.find(Disk, account_id=call.account_id)
    disks = {one.source_snapshot_id for one in of_account if not one.deleted}
    uses = dict.fromkeys(images, "image") | dict.fromkeys(disks, "disk")
    return uses | dict.fromkeys(images & disks, "image_disk")


def _matches(one: Snapshot, ask: DescribeSnapshotsRequest, usage: str) -> bool:
    filters = {each.key: each.value for each in ask.filter if each.key}
    created = minutes(one.created_at)
    return (
        ask.disk_id in ("", one.disk_id)
        and ask.instance_id in ("", one.instance_id)
        and ask.snapshot_name in ("", one.name)
        and ask.snapshot_link_id in ("", link_of(one.disk_id))
        and ask.snapshot_type in ("", "all", _type(one))
        and ask.source_disk_type.lower() in ("", one.disk_type)
        and ask.status in ("", "all", one.status)
        and ask.usage in ("", usage)
        and ask.category.lower() in ("", "standard")
        and ask.resource_group_id in ("", one.resource_group_id)
        and not (ask.encrypted or ask.kms_key_id)
        and filters.get("CreationStartTime", "") <= created
        and created <= filters.get("CreationEndTime", "9")
        and carries(one.tags, ask.tag)
    )


def _type(one: Snapshot) -> str:
    return "auto" if one.policy_id else "user"


def link_of(disk_id: str) -> str:
    """All snapshots of a disk are one chain."""
    return "sl-" + disk_id.removeprefix("d-")


def _item(one: Snapshot, region_id: str, usage: str, own_tags: dict[str, str]) -> SnapshotItem:
    done = one.status == "accomplished"
    return SnapshotItem(
        snapshot_id=one.id,
        snapshot_sn=one.id.removeprefix("s-"),
        snapshot_name=one.name,
        snapshot_link_id=link_of(one.disk_id),
        snapshot_type=_type(one),
        description=one.description,
        status=one.status,
        progress="100%" if done else "0%",
        available=done,
        remain_time=0 if done else 1,
        creation_time=one.created_at,
        last_modified_time=one.modified_at or one.created_at,
        region_id=region_id,
        source_disk_id=one.disk_id,
        source_disk_size=str(one.disk_size),
        source_disk_type=one.disk_type,
        source_snapshot_id=one.copy_of.id if one.copy_of else "",
        source_region_id=one.copy_of.region_id if one.copy_of else "",
        retention_days=one.retention_days or UNSET,
        usage=usage,
        instant_access=one.instant_access,
        resource_group_id=one.resource_group_id,
        tags=shown(one.tags | own_tags),
    )


# DescribeSnapshotLinks


class SnapshotLink(Model, kw_only=True):
    snapshot_link_id: str
    region_id: str
    instance_id: str
    instance_name: str
    source_disk_id: str
    source_disk_name: str
    source_disk_size: int
    source_disk_type: str
    category: str = "standard"
    instant_access: bool
    total_count: int
    total_size: int
    """bytes"""


class SnapshotLinks(Model):
    snapshot_link: list[SnapshotLink]


class DescribeSnapshotLinksRequest(Paged, Request, kw_only=True):
    region_id: str
    instance_id: str = ""
    disk_ids: list[str] = []
    snapshot_link_ids: list[str] = []
    next_token: str = ""
    max_results: int | None = None


class DescribeSnapshotLinksResponse(Response, kw_only=True):
    page_number: int | Unset = UNSET
    page_size: int | Unset = UNSET
    total_count: int
    next_token: str = ""
    snapshot_links: SnapshotLinks


@ecs.operation(resource="snapshot/*")
def describe_snapshot_links(call: Call, ask: DescribeSnapshotLinksRequest) -> DescribeSnapshotLinksResponse:
    chains: dict[str, list[Snapshot]] = {}
    for one in call.state.find(Snapshot, account_id=call.account_id):
        if one.copy_of is None:
            chains.setdefault(one.disk_id, []).append(one)
    links = [_link(call, disk_id, chains[disk_id]) for disk_id in sorted(chains)]
    found = [
        one
        for one in links
        if ask.instance_id in ("", one.instance_id)
        and (not ask.disk_ids or one.source_disk_id in ask.disk_ids)
        and (not ask.snapshot_link_ids or one.snapshot_link_id in ask.snapshot_link_ids)
    ]
    if ask.next_token or ask.max_results is not None:
        limit = min(max(ask.max_results or 0, 1), 100)
        page, token = after_token(found, [one.source_disk_id for one in found], ask.next_token, limit)
        return DescribeSnapshotLinksResponse(
            total_count=len(found), next_token=token, snapshot_links=SnapshotLinks([*page])
        )
    return DescribeSnapshotLinksResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        snapshot_links=SnapshotLinks([*page_of(ask, found, most=100)]),
    )


def _link(call: Call, disk_id: str, chain: list[Snapshot]) -> SnapshotLink:
    disk = call.state.get(Disk, disk_id)
    instance = call.state.get(Instance, disk.instance_id) if disk and disk.instance_id else None
    return SnapshotLink(
        snapshot_link_id=link_of(disk_id),
        region_id=call.region.id,
        instance_id=instance.id if instance else "",
        instance_name=instance.name if instance else "",
        source_disk_id=disk_id,
        source_disk_name=disk.name if disk else "",
        source_disk_size=disk.size if disk else chain[-1].disk_size,
        source_disk_type=chain[-1].disk_type,
        instant_access=any(one.instant_access for one in chain),
        total_count=len(chain),
        total_size=sum(one.stored for one in chain),
    )


# DescribeSnapshotsUsage


class DescribeSnapshotsUsageRequest(Request, kw_only=True):
    region_id: str


class DescribeSnapshotsUsageResponse(Response, kw_only=True):
    snapshot_count: int
    snapshot_size: int
    """bytes"""


@ecs.operation(resource="snapshot/*")
def describe_snapshots_usage(call: Call, ask: DescribeSnapshotsUsageRequest) -> DescribeSnapshotsUsageResponse:
    found = call.state.find(Snapshot, account_id=call.account_id)
    return DescribeSnapshotsUsageResponse(snapshot_count=len(found), snapshot_size=sum(one.stored for one in found))
