"""What ECS keeps of storage: disks, snapshots, images, and what is done with them."""

from __future__ import annotations

from typing import ClassVar, Literal

import msgspec

from openyun.state import Indexes, Record


class Disk(Record, kw_only=True):
    """A disk. What an instance has is plugged in by the instance's reconciler, all else by the disk's own.

    Begin and end of a system disk's life are its instance's."""

    TABLE: ClassVar[str] = "disk"
    INDEXES: ClassVar[Indexes] = (("account_id",), ("instance_id",), ("auto_snapshot_policy_id",), ("due",))

    id: str
    account_id: str
    type: Literal["system", "data"] = "data"
    name: str = ""
    description: str = ""
    zone_id: str
    category: str
    performance_level: str = ""
    size: int
    """GiB"""
    bursting_enabled: bool = False
    provisioned_iops: int = 0

    status: Literal["Creating", "Available", "Attaching", "In_use", "Detaching", "ReIniting"] = "Creating"
    deleted: bool = False
    due: bool = False
    instance_id: str = ""
    device: str = ""
    """/dev/xvda, /dev/xvdb, ...: what the instance calls /dev/vdb, ..."""

    epoch: int = 0
    """raised to begin again as `content` or `layers` say"""
    content: str = ""
    """of a data disk: what this epoch began as; empty: zeros"""
    layers: list[str] = []
    """of a system disk: the contents it lies over, top first ..."""
    base_image: str = ""
    """... and below them the platform's image; empty: the lowest content is whole"""
    first_content: str = ""
    """what the disk was made from: `content` ..."""
    first_layers: list[str] = []
    """... or `layers`"""

    image_id: str = ""
    source_snapshot_id: str = ""
    portable: bool = True
    delete_with_instance: bool = False
    delete_auto_snapshot: bool = False
    enable_auto_snapshot: bool = True
    auto_snapshot_policy_id: str = ""
    charge_type: Literal["PostPaid", "PrePaid"] = "PostPaid"
    expires_at: str = ""
    created_at: str
    attached_at: str = ""
    detached_at: str = ""
    resource_group_id: str = ""
    tags: dict[str, str] = {}


class Origin(msgspec.Struct, kw_only=True):
    """Where a copy comes from."""

    region_id: str
    id: str


class Snapshot(Record, kw_only=True):
    """A disk at one moment. Its content has the snapshot's own id."""

    TABLE: ClassVar[str] = "snapshot"
    INDEXES: ClassVar[Indexes] = (("account_id",), ("disk_id",), ("group_id",), ("due",))

    id: str
    account_id: str
    name: str = ""
    description: str = ""
    disk_id: str
    disk_type: Literal["system", "data"]
    disk_category: str = ""
    disk_size: int
    """GiB"""
    instance_id: str = ""
    """which had the disk then"""
    status: Literal["progressing", "accomplished", "failed"] = "progressing"
    due: bool = True
    stored: int = 0
    """bytes that it takes"""
    content: str = ""
    """of a data disk"""
    layers: list[str] = []
    """of a system disk: its own content, and those below it"""
    base_image: str = ""
    image_id: str = ""
    """what the system disk was made from"""
    group_id: str = ""
    policy_id: str = ""
    """the policy that made it; empty: a customer did"""
    copy_of: Origin | None = None
    retention_days: int = 0
    """0: kept until it is deleted"""
    instant_access: bool = False
    resource_group_id: str = ""
    created_at: str
    modified_at: str = ""
    tags: dict[str, str] = {}


class SnapshotGroup(Record, kw_only=True):
    """Snapshots of several disks of one instance at the same moment."""

    TABLE: ClassVar[str] = "snapshot_group"
    INDEXES: ClassVar[Indexes] = (("account_id",),)

    id: str
    account_id: str
    instance_id: str
    name: str = ""
    description: str = ""
    resource_group_id: str = ""
    created_at: str
    tags: dict[str, str] = {}


class AutoSnapshotPolicy(Record, kw_only=True):
    """When snapshots of some disks are made by themselves, and how long they are kept."""

    TABLE: ClassVar[str] = "auto_snapshot_policy"
    INDEXES: ClassVar[Indexes] = (("account_id",),)

    id: str
    account_id: str
    name: str = ""
    time_points: list[int]
    """hours of the day in Beijing"""
    weekdays: list[int]
    """1 is Monday"""
    retention_days: int
    """-1: for ever"""
    last_slot: str = ""
    """the last hour in which it acted: 2026-01-02T03"""
    resource_group_id: str = ""
    created_at: str
    tags: dict[str, str] = {}


class ImageDisk(msgspec.Struct, kw_only=True):
    """One disk of an image."""

    type: Literal["system", "data"]
    device: str
    size: int
    """GiB"""
    snapshot_id: str = ""
    content: str = ""
    layers: list[str] = []
    base_image: str = ""
    format: str = ""
    oss_bucket: str = ""
    oss_object: str = ""


class Image(Record, kw_only=True):
    """A custom image."""

    TABLE: ClassVar[str] = "image"
    INDEXES: ClassVar[Indexes] = (("account_id",), ("due",))

    id: str
    account_id: str
    name: str
    family: str = ""
    version: str = ""
    description: str = ""
    architecture: str = "x86_64"
    platform: str = "Others Linux"
    os_name: str = "Linux"
    boot_mode: str = "BIOS"
    disks: list[ImageDisk]
    """the system disk first"""
    status: Literal["Creating", "Waiting", "Available", "UnAvailable", "CreateFailed", "Deprecated"] = "Creating"
    due: bool = True
    copy_of: Origin | None = None
    imported: bool = False
    imds_support: str = "v1"
    nvme_support: str = "unsupported"
    shared_with: dict[str, str] = {}
    """account: when it was let in"""
    resource_group_id: str = ""
    created_at: str
    tags: dict[str, str] = {}


class SharedImage(Record, kw_only=True):
    """That an account may use another's image."""

    TABLE: ClassVar[str] = "shared_image"
    KEY: ClassVar[tuple[str, ...]] = ("account_id", "image_id")

    account_id: str
    image_id: str


class Transfer(Record, kw_only=True):
    """An image or a snapshot on its way to another region."""

    TABLE: ClassVar[str] = "storage_transfer"
    INDEXES: ClassVar[Indexes] = (("due",),)

    id: str
    """its own there"""
    region_id: str
    """where it goes"""
    snapshots: list[Snapshot]
    image: Image | None = None
    begun: bool = False
    """it is known there"""
    due: bool = True


class Task(Record, kw_only=True):
    """Something long that a customer may look after, and cancel."""

    TABLE: ClassVar[str] = "ecs_task"
    INDEXES: ClassVar[Indexes] = (("account_id",), ("due",), ("resource_id",))

    id: str
    account_id: str
    action: str
    resource_id: str
    status: Literal["Pending", "Processing", "Finished", "Failed", "Deleted"] = "Pending"
    due: bool = True
    error_code: str = ""
    error_info: str = ""
    oss_bucket: str = ""
    oss_object: str = ""
    created_at: str
    finished_at: str = ""
