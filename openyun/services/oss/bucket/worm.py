"""WORM: retention policies of a bucket, under which objects are neither deleted nor overwritten for some days.

A policy protects from the moment it is made. It must be locked within a day, or it lapses; once locked it can only
be extended.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from openyun.clock import random_text
from openyun.errors import BadRequest
from openyun.operation import Call, Model
from openyun.services.oss.bucket.configuration import DocumentRequest, Kind
from openyun.services.oss.bucket.configuration_errors import (
    FileImmutable,
    InvalidWORMConfiguration,
    NoSuchWORMConfiguration,
    WORMConfigurationLocked,
)
from openyun.services.oss.documents import read
from openyun.services.oss.errors import InvalidArgument
from openyun.services.oss.records import Bucket, Object, find_bucket
from openyun.services.oss.service import OssRequest, OssResponse, oss
from openyun.services.oss.times import iso

_DAY = 86400
_LONGEST = 25550
"""days: 70 years"""


class VersionsSuspended(BadRequest):
    code = "InvalidRequest"
    message = "A retention policy cannot be configured for a bucket whose versioning is suspended."


class RetentionDays(Model, kw_only=True):
    retention_period_in_days: int


class WormPolicy(Model, kw_only=True):
    id: str
    locked: bool = False
    days: int
    created_at: int


class WormConfiguration(Model, kw_only=True):
    worm_id: str
    state: Literal["InProgress", "Locked", "Expired"]
    retention_period_in_days: int
    creation_date: str
    expiration_date: str


WORM = Kind("worm", "WormConfiguration", WormPolicy, NoSuchWORMConfiguration)


class InitiateBucketWormRequest(DocumentRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def initiate_bucket_worm(call: Call, ask: InitiateBucketWormRequest) -> OssResponse:
    days = _days(read(ask.document, "InitiateWormConfiguration", RetentionDays))
    bucket = find_bucket(call.state, ask.bucket)
    if bucket.versioning == "Suspended":
        raise VersionsSuspended
    held = WORM.of(call.state, bucket)
    if held is not None and held.locked:
        raise WORMConfigurationLocked
    made = WormPolicy(id=random_text(32).upper(), days=days, created_at=int(call.now.timestamp()))
    WORM.put(call, ask.bucket, made)
    return OssResponse(headers={"x-oss-worm-id": made.id})


class AbortBucketWormRequest(OssRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def abort_bucket_worm(call: Call, ask: AbortBucketWormRequest) -> OssResponse:
    if WORM.find(call, ask.bucket).locked:
        raise WORMConfigurationLocked
    WORM.delete(call, ask.bucket)
    return OssResponse(status=204)


class CompleteBucketWormRequest(OssRequest, kw_only=True):
    worm_id: str = msgspec.field(default="", name="wormId")


@oss.operation(resource="{bucket}")
def complete_bucket_worm(call: Call, ask: CompleteBucketWormRequest) -> OssResponse:
    held = _held(call, ask.bucket, ask.worm_id)
    if held.locked:
        raise WORMConfigurationLocked
    if _lapsed(held, call):
        raise InvalidWORMConfiguration
    WORM.put(call, ask.bucket, msgspec.structs.replace(held, locked=True))
    return OssResponse()


class ExtendBucketWormRequest(DocumentRequest, kw_only=True):
    worm_id: str = msgspec.field(default="", name="wormId")


@oss.operation(resource="{bucket}")
def extend_bucket_worm(call: Call, ask: ExtendBucketWormRequest) -> OssResponse:
    days = _days(read(ask.document, "ExtendWormConfiguration", RetentionDays))
    held = _held(call, ask.bucket, ask.worm_id)
    if not held.locked or days < held.days:
        raise InvalidWORMConfiguration
    WORM.put(call, ask.bucket, msgspec.structs.replace(held, days=days))
    return OssResponse()


class GetBucketWormRequest(OssRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def get_bucket_worm(call: Call, ask: GetBucketWormRequest) -> OssResponse:
    held = WORM.find(call, ask.bucket)
    shown = WormConfiguration(
        worm_id=held.id,
        state="Locked" if held.locked else "Expired" if _lapsed(held, call) else "InProgress",
        retention_period_in_days=held.days,
        creation_date=iso(held.created_at),
        expiration_date=iso(held.created_at + _DAY),
    )
    return OssResponse(root=WORM.root, document=shown)


def _days(wanted: RetentionDays) -> int:
    days = wanted.retention_period_in_days
    if not 1 <= days <= _LONGEST:
        raise InvalidArgument(
            reason=f"RetentionPeriodInDays must be between 1 and {_LONGEST}.",
            ArgumentName="RetentionPeriodInDays",
            ArgumentValue=str(days),
        )
    return days


def _held(call: Call, bucket: str, worm_id: str) -> WormPolicy:
    held = WORM.find(call, bucket)
    if held.id != worm_id:
        raise NoSuchWORMConfiguration
    return held


def _lapsed(held: WormPolicy, call: Call) -> bool:
    return not held.locked and call.now.timestamp() >= held.created_at + _DAY


def has_worm(call: Call, bucket: Bucket) -> bool:
    """Whether a policy of the bucket is in force."""
    held = WORM.of(call.state, bucket)
    return held is not None and not _lapsed(held, call)


def is_retained(call: Call, bucket: Bucket, one: Object) -> bool:
    """Whether a policy forbids to delete or overwrite this."""
    held = WORM.of(call.state, bucket)
    if held is None or _lapsed(held, call):
        return False
    return call.now.timestamp() < one.modified + held.days * _DAY


def refuse_retained(call: Call, bucket: Bucket, one: Object | None) -> None:
    """Raises FileImmutable."""
    if one is not None and is_retained(call, bucket, one):
        raise FileImmutable(ObjectName=one.name)
