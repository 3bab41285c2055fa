"""Buckets, as the Tag and ResourceManager products see them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from openyun.clock import iso_seconds
from openyun.operation import Call, Tag
from openyun.region import HOME
from openyun.services import resources
from openyun.services.oss.bucket.switches import RESOURCE_GROUP, ResourceGroup, group_id_of
from openyun.services.oss.bucket.tagging import TAGGING, Tagging, TagSet, check_tags
from openyun.services.oss.records import Bucket, BucketName
from openyun.services.resources import Resource, ResourceKind
from openyun.state import Transaction


def _find(call: Call, name: str) -> Resource | None:
    bucket = call.state.get(Bucket, name)
    return _resource(call, bucket) if bucket is not None and bucket.account_id == call.account_id else None


def _all(call: Call) -> list[Resource]:
    """Names lie at home, by account; the buckets themselves here."""

    def read(state: Transaction) -> list[BucketName]:
        return state.find(BucketName, account_id=call.account_id)

    names = read(call.state) if call.region == HOME else call.cloud.home.store.read(read)
    here = [one.name for one in names if one.region_id == call.region.id]
    return [found for name in here if (found := _find(call, name)) is not None]


def _resource(call: Call, bucket: Bucket) -> Resource:
    tags = TAGGING.of(call.state, bucket)
    return Resource(
        id=bucket.name,
        tags={one.key: one.value for one in tags.tag_set.tag} if tags else {},
        resource_group_id=group_id_of(call.state, bucket),
        created_at=iso_seconds(datetime.fromtimestamp(bucket.created_at, UTC)),
    )


def _put_tags(call: Call, name: str, wanted: dict[str, str]) -> None:
    if wanted:
        TAGGING.put(call, name, Tagging(tag_set=TagSet(tag=_tags(wanted))))
    else:
        TAGGING.delete(call, name)


def _put_group(call: Call, name: str, group_id: str) -> None:
    RESOURCE_GROUP.put(call, name, ResourceGroup(resource_group_id=group_id))


def _check(wanted: Mapping[str, str]) -> None:
    check_tags(_tags(wanted))


def _tags(wanted: Mapping[str, str]) -> list[Tag]:
    return [Tag(key=key, value=value) for key, value in wanted.items()]


resources.register(
    ResourceKind(
        service="oss",
        name="bucket",
        find=_find,
        all=_all,
        put_tags=_put_tags,
        check_tags=_check,
        put_group=_put_group,
    )
)
