"""ObjectWorm: objects of a bucket that are kept until a date, or until nobody holds them any more.

A bucket that may have such objects keeps all versions, and can never go back. What protects a version lies in its
row; here are the bucket's configuration and the rules that deleting has to ask.
"""

from __future__ import annotations

from typing import Literal

from openyun.errors import BadRequest, Conflict, NotFound
from openyun.operation import Call, Model
from openyun.services.oss.bucket.configuration import DocumentRequest, Kind
from openyun.services.oss.bucket.configuration_errors import FileImmutable
from openyun.services.oss.bucket.worm import WORM
from openyun.services.oss.errors import InvalidArgument, MalformedXML
from openyun.services.oss.records import Bucket, Lock, Object, find_bucket
from openyun.services.oss.service import OssRequest, OssResponse, oss

_DAY = 86400
_MOST_DAYS = 36500
_MOST_YEARS = 100
_ROOT = "ObjectWormConfiguration"


class NoSuchObjectWormConfiguration(NotFound):
    code = "NoSuchObjectWormConfiguration"
    message = "The object WORM configuration does not exist."


class ObjectWormNeedsVersions(BadRequest):
    code = "InvalidRequest"
    message = "Object WORM needs a bucket whose versioning is enabled."


class ObjectWormExcluded(Conflict):
    code = "WORMConfigurationLocked"
    message = "Object WORM and a retention policy of the bucket exclude each other."


class ObjectWormDisabled(BadRequest):
    code = "InvalidRequest"
    message = "The bucket has no object WORM configuration."


class DefaultRetention(Model, kw_only=True):
    mode: Literal["GOVERNANCE", "COMPLIANCE"]
    days: int | None = None
    years: int | None = None

    def seconds(self) -> int:
        return ((self.days or 0) + 365 * (self.years or 0)) * _DAY


class ObjectWormRule(Model, kw_only=True):
    default_retention: DefaultRetention | None = None


class ObjectWorm(Model, kw_only=True):
    object_worm_enabled: Literal["Enabled"] = "Enabled"
    rule: ObjectWormRule | None = None


OBJECT_WORM = Kind("object-worm", _ROOT, ObjectWorm, NoSuchObjectWormConfiguration)


class PutBucketObjectWormConfigurationRequest(DocumentRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def put_bucket_object_worm_configuration(call: Call, ask: PutBucketObjectWormConfigurationRequest) -> OssResponse:
    """It may change the default, but not go."""
    wanted = OBJECT_WORM.read(ask.document)
    _check(wanted)
    bucket = find_bucket(call.state, ask.bucket)
    if bucket.versioning != "Enabled":
        raise ObjectWormNeedsVersions
    if WORM.of(call.state, bucket) is not None:
        raise ObjectWormExcluded
    OBJECT_WORM.put(call, ask.bucket, wanted)
    return OssResponse()


class GetBucketObjectWormConfigurationRequest(OssRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def get_bucket_object_worm_configuration(call: Call, ask: GetBucketObjectWormConfigurationRequest) -> OssResponse:
    return OBJECT_WORM.answer(OBJECT_WORM.find(call, ask.bucket))


def _check(wanted: ObjectWorm) -> None:
    retention = wanted.rule.default_retention if wanted.rule else None
    if retention is None:
        return
    days, years = retention.days, retention.years
    if (days is None) == (years is None):
        raise MalformedXML
    for name, value, most in (("Days", days, _MOST_DAYS), ("Years", years, _MOST_YEARS)):
        if value is not None and not 1 <= value <= most:
            raise InvalidArgument(
                reason=f"{name} must be between 1 and {most}.", ArgumentName=name, ArgumentValue=str(value)
            )


def default_lock(call: Call, bucket: Bucket) -> Lock | None:
    """What protects a new object for which nothing was said."""
    held = OBJECT_WORM.of(call.state, bucket)
    retention = held.rule.default_retention if held and held.rule else None
    if retention is None:
        return None
    return Lock(mode=retention.mode, until=int(call.now.timestamp()) + retention.seconds())


def has_object_worm(bucket: Bucket) -> bool:
    return OBJECT_WORM.name in bucket.configured


def is_locked(call: Call, one: Object, *, bypass: bool = False) -> bool:
    """Whether this version must not go. `bypass` is the right to end a retention in governance mode."""
    lock = one.lock
    if lock is None:
        return False
    if lock.hold == "ON":
        return True
    return is_retained_until(call, lock) and not (bypass and lock.mode == "GOVERNANCE")


def is_retained_until(call: Call, lock: Lock) -> bool:
    return bool(lock.mode) and call.now.timestamp() < lock.until


def refuse_locked(call: Call, one: Object, *, bypass: bool = False) -> None:
    """Raises FileImmutable."""
    if is_locked(call, one, bypass=bypass):
        raise FileImmutable(ObjectName=one.name)
