"""Lifecycle rules: what becomes of objects as they age. `aging` carries them out."""

from __future__ import annotations

import re
from datetime import datetime
from itertools import combinations, pairwise
from typing import Literal

import msgspec

from openyun.operation import Call, Model, Tag
from openyun.services.oss.bucket.configuration import DocumentRequest, Kind
from openyun.services.oss.bucket.configuration_errors import InvalidLifecycle, NoSuchLifecycle
from openyun.services.oss.errors import InvalidArgument, MalformedXML
from openyun.services.oss.object.storage_class import STORAGE_CLASSES
from openyun.services.oss.records import Bucket
from openyun.services.oss.service import OssRequest, OssResponse, oss
from openyun.state import Transaction

_MOST_RULES = 1000
_MIDNIGHT = re.compile(r"\d{4}-\d{2}-\d{2}T00:00:00(\.000)?Z")
_TAG = re.compile(r"[\w\s+\-=._:/@]*")


class Expiration(Model, kw_only=True):
    days: int | None = None
    date: str | None = None
    created_before_date: str | None = None
    expired_object_delete_marker: bool | None = None


class Transition(Model, kw_only=True):
    days: int | None = None
    created_before_date: str | None = None
    storage_class: str
    is_access_time: bool | None = None
    return_to_std_when_visit: bool | None = None
    allow_small_file: bool | None = None


class AbortUpload(Model, kw_only=True):
    days: int | None = None
    created_before_date: str | None = None


class NoncurrentExpiration(Model, kw_only=True):
    noncurrent_days: int


class NoncurrentTransition(Model, kw_only=True):
    noncurrent_days: int
    storage_class: str
    is_access_time: bool | None = None
    return_to_std_when_visit: bool | None = None
    allow_small_file: bool | None = None


class Exclusion(Model, kw_only=True):
    """Objects with this prefix, and this tag if there is one."""

    prefix: str
    tag: Tag | None = None


class Filter(Model, kw_only=True):
    object_size_greater_than: int | None = None
    object_size_less_than: int | None = None
    not_: list[Exclusion] = msgspec.field(name="Not", default_factory=list)


class Rule(Model, kw_only=True):
    id: str = msgspec.field(name="ID", default="")
    prefix: str = ""
    status: Literal["Enabled", "Disabled"]
    tag: list[Tag] = []
    filter: Filter | None = None
    expiration: Expiration | None = None
    transition: list[Transition] = []
    noncurrent_version_expiration: NoncurrentExpiration | None = None
    noncurrent_version_transition: list[NoncurrentTransition] = []
    abort_multipart_upload: AbortUpload | None = None
    atime_base: int | None = None


class Lifecycle(Model, kw_only=True):
    rule: list[Rule] = []


LIFECYCLE = Kind("lifecycle", "LifecycleConfiguration", Lifecycle, NoSuchLifecycle)


class PutBucketLifecycleRequest(DocumentRequest, kw_only=True):
    allow_overlap: str = msgspec.field(default="false", name="x-oss-allow-same-action-overlap")


@oss.operation(resource="{bucket}")
def put_bucket_lifecycle(call: Call, ask: PutBucketLifecycleRequest) -> OssResponse:
    wanted = LIFECYCLE.read(ask.document)
    if not 1 <= len(wanted.rule) <= _MOST_RULES:
        raise MalformedXML
    for number, rule in enumerate(wanted.rule):
        rule.id = rule.id or f"rule-{call.request_id[:8].lower()}-{number}"
        _check(rule)
    ids = [rule.id for rule in wanted.rule]
    if len(set(ids)) != len(ids):
        raise _wrong("Rule ID must be unique.", "ID", next(one for one in ids if ids.count(one) > 1))
    if ask.allow_overlap.lower() != "true":
        _check_overlap(wanted.rule)
    LIFECYCLE.put(call, ask.bucket, wanted)
    call.wake()
    return OssResponse()


class GetBucketLifecycleRequest(OssRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def get_bucket_lifecycle(call: Call, ask: GetBucketLifecycleRequest) -> OssResponse:
    return LIFECYCLE.answer(LIFECYCLE.find(call, ask.bucket))


class DeleteBucketLifecycleRequest(OssRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def delete_bucket_lifecycle(call: Call, ask: DeleteBucketLifecycleRequest) -> OssResponse:
    LIFECYCLE.delete(call, ask.bucket)
    return OssResponse(status=204)


def counts_access(state: Transaction, bucket: Bucket) -> bool:
    """Whether a rule asks when objects were last read."""
    held = LIFECYCLE.of(state, bucket)
    return held is not None and any(
        any(one.is_access_time for one in rule.transition)
        or any(one.is_access_time for one in rule.noncurrent_version_transition)
        for rule in held.rule
    )


def _wrong(reason: str, name: str, value: object) -> InvalidArgument:
    return InvalidArgument(reason=reason, ArgumentName=name, ArgumentValue=str(value))


def _check(rule: Rule) -> None:
    if len(rule.id) > 255:
        raise _wrong("The rule ID is too long.", "ID", rule.id)
    if not actions(rule):
        raise MalformedXML
    for tag in rule.tag:
        if not tag.key or not _TAG.fullmatch(tag.key) or not _TAG.fullmatch(tag.value):
            raise _wrong("Invalid tag.", "Tag", tag.key)
    if rule.expiration:
        _check_expiration(rule)
    if rule.abort_multipart_upload:
        abort = rule.abort_multipart_upload
        _check_when("AbortMultipartUpload", abort.days, abort.created_before_date)
        if rule.tag:
            raise _wrong("AbortMultipartUpload cannot be combined with tags.", "AbortMultipartUpload", rule.id)
    _check_transitions(rule)
    if rule.noncurrent_version_expiration:
        _check_days("NoncurrentDays", rule.noncurrent_version_expiration.noncurrent_days)
    if rule.filter:
        _check_filter(rule, rule.filter)


def _check_expiration(rule: Rule) -> None:
    """Raises MalformedXML unless exactly one of its ways is given."""
    expiration = rule.expiration
    assert expiration is not None  # noqa: S101  for the type checker: the caller saw it
    given = [one for one in msgspec.structs.astuple(expiration) if one is not None]
    if len(given) != 1:
        raise MalformedXML
    if any((one.days is None) != (expiration.days is None) for one in rule.transition) and (
        expiration.expired_object_delete_marker is None
    ):
        raise InvalidLifecycle(reason="Days and dates cannot be mixed in one rule.")
    if expiration.expired_object_delete_marker is None:
        _check_when("Expiration", expiration.days, expiration.created_before_date or expiration.date)


def _check_transitions(rule: Rule) -> None:
    classes = STORAGE_CLASSES[1:]
    expires = rule.expiration.days if rule.expiration else None
    for one in rule.transition:
        _check_when("Transition", one.days, one.created_before_date)
        if one.storage_class not in classes:
            raise _wrong("The storage class of a transition is not valid.", "StorageClass", one.storage_class)
        if one.days is not None and expires is not None and one.days >= expires:
            raise _wrong("Days of a transition must be less than those of the expiration.", "Days", one.days)
    for other in rule.noncurrent_version_transition:
        _check_days("NoncurrentDays", other.noncurrent_days)
        if other.storage_class not in classes:
            raise _wrong("The storage class of a transition is not valid.", "StorageClass", other.storage_class)
    _check_order([(one.storage_class, one.days) for one in rule.transition if one.days is not None])
    _check_order([(one.storage_class, one.noncurrent_days) for one in rule.noncurrent_version_transition])


def _check_order(given: list[tuple[str, int]]) -> None:
    steps = sorted((STORAGE_CLASSES.index(storage_class), days) for storage_class, days in given)
    if any(earlier[1] >= later[1] or earlier[0] == later[0] for earlier, later in pairwise(steps)):
        raise _wrong("Colder storage classes must come later.", "Days", steps[-1][1])


def _check_filter(rule: Rule, wanted: Filter) -> None:
    least, most = wanted.object_size_greater_than, wanted.object_size_less_than
    if least is not None and most is not None and least >= most:
        raise _wrong("ObjectSizeGreaterThan must be less than ObjectSizeLessThan.", "ObjectSizeGreaterThan", least)
    for one in wanted.not_:
        if not one.prefix.startswith(rule.prefix) or (one.prefix == rule.prefix and one.tag is None):
            raise _wrong("The prefix of Not must be within that of the rule.", "Prefix", one.prefix)


def _check_when(name: str, days: int | None, date: str | None) -> None:
    if (days is None) == (date is None):
        raise MalformedXML
    if days is not None:
        _check_days("Days", days)
    elif date is not None and not _MIDNIGHT.fullmatch(date):
        raise _wrong(f"The date of {name} must be at midnight GMT.", "Date", date)


def _check_days(name: str, days: int) -> None:
    if days < 1:
        raise _wrong(f"{name} must be positive.", name, days)


def actions(rule: Rule) -> list[str]:
    """The kinds of action that a rule takes, as errors name them."""
    given = {
        "Expiration": rule.expiration,
        "Transition": rule.transition,
        "NoncurrentVersionExpiration": rule.noncurrent_version_expiration,
        "NoncurrentVersionTransition": rule.noncurrent_version_transition,
        "AbortMultipartUpload": rule.abort_multipart_upload,
    }
    return [name for name, value in given.items() if value]


def _check_overlap(rules: list[Rule]) -> None:
    """Of two rules that may meet the same object, which one counts for it would be a matter of chance."""
    for one, other in combinations([rule for rule in rules if rule.status == "Enabled"], 2):
        nested = one.prefix.startswith(other.prefix) or other.prefix.startswith(one.prefix)
        if not nested or _tags(one) != _tags(other):
            continue
        for action in actions(one):
            if action in actions(other):
                raise _wrong(f"Overlap for same action type {action}", "Prefix", one.prefix)


def _tags(rule: Rule) -> set[tuple[str, str]]:
    return {(tag.key, tag.value) for tag in rule.tag}


def midnight(text: str) -> float:
    """Seconds since the epoch of a rule's date."""
    return datetime.fromisoformat(text).timestamp()
