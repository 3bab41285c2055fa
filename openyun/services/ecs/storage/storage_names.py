"""Names and descriptions of disks, snapshots and images."""

from __future__ import annotations

import re

from openyun.services.ecs.storage import errors

_NAME = re.compile(r"[^\W\d_][\w:.-]{1,127}")
_ADDRESSES = ("http://", "https://")
_FAMILY = re.compile(r"(?!acs:|aliyun)[A-Za-z\u4e00-\u9fff][\w:.-]{1,127}")


def disk_name(name: str) -> str:
    if name and (not _NAME.fullmatch(name) or name.startswith(_ADDRESSES)):
        raise errors.InvalidDiskName
    return name


def snapshot_name(name: str) -> str:
    if name and (not _NAME.fullmatch(name) or name.startswith(("auto", *_ADDRESSES))):
        raise errors.InvalidSnapshotName
    return name


def policy_name(name: str) -> str:
    if name and (not _NAME.fullmatch(name) or name.startswith(_ADDRESSES)):
        raise errors.InvalidPolicyName
    return name


def image_name(name: str) -> str:
    if name and (not _NAME.fullmatch(name) or name.startswith(("acs:", "aliyun", *_ADDRESSES))):
        raise errors.InvalidImageName
    return name


def image_family(name: str) -> str:
    if name and not _FAMILY.fullmatch(name):
        raise errors.InvalidImageFamily
    return name


def description(text: str) -> str:
    if text and (not 2 <= len(text) <= 256 or text.startswith(_ADDRESSES)):
        raise errors.InvalidDescription
    return text
