"""Tags and resource groups of buckets in all regions, by which ListBuckets tells them apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import partial

import msgspec

from openyun.operation import Call
from openyun.services.oss.bucket.switches import group_id_of
from openyun.services.oss.bucket.tagging import TAGGING
from openyun.services.oss.records import Bucket, BucketName
from openyun.services.resource_groups import default_group
from openyun.state import Transaction


class Labels(msgspec.Struct, frozen=True):
    resource_group_id: str
    tags: dict[str, str] = {}

    def suit(self, tag_key: str, tag_value: str, resource_group_id: str) -> bool:
        if resource_group_id and resource_group_id != self.resource_group_id:
            return False
        if not tag_key:
            return True
        return tag_key in self.tags and tag_value in ("", self.tags[tag_key])


def labels_of(call: Call, buckets: Iterable[BucketName]) -> dict[str, Labels]:
    """Each bucket's, read where the bucket is; what a region out of reach holds is as if it had none."""
    by_region: dict[str, list[str]] = defaultdict(list)
    for one in buckets:
        by_region[one.region_id].append(one.name)
    found: dict[str, Labels] = {}
    for region_id, names in by_region.items():
        found |= dict.fromkeys(names, Labels(resource_group_id=default_group(call.account_id)))
        at = call.cloud.in_use(region_id)
        if at is call.at:
            found |= _read(names, call.state)
        elif at is not None:
            found |= at.store.read(partial(_read, names))
    return found


def _read(names: list[str], state: Transaction) -> dict[str, Labels]:
    found = {}
    for name in names:
        bucket = state.get(Bucket, name)
        if bucket is None or not bucket.configured:
            continue
        tags = TAGGING.of(state, bucket)
        found[name] = Labels(
            resource_group_id=group_id_of(state, bucket),
            tags={one.key: one.value for one in tags.tag_set.tag} if tags else {},
        )
    return found
