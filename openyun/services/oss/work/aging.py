"""Carries out lifecycle rules: expires and moves objects and versions, drops stale delete markers, aborts uploads.

A pass goes through a bucket a page at a time. Each page is looked at on a snapshot; what is due is changed in a
transaction that looks again. So a crash leaves every object in its old or its new state, and the next pass goes on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import partial

from openyun.access.principal import Principal
from openyun.clock import new_request_id
from openyun.cloud import Cloud, RegionState
from openyun.operation import Call
from openyun.services.oss import tally
from openyun.services.oss.bucket.access_monitor import last_access
from openyun.services.oss.bucket.lifecycle import LIFECYCLE, Filter, Lifecycle, Rule, midnight
from openyun.services.oss.bucket.object_worm import is_locked
from openyun.services.oss.bucket.worm import is_retained
from openyun.services.oss.object import versions
from openyun.services.oss.object.multipart import abort
from openyun.services.oss.object.storage_class import STORAGE_CLASSES
from openyun.services.oss.paging import after_all_with
from openyun.services.oss.records import Bucket, Object, Upload, Version
from openyun.state import Transaction

EVERY = 3600.0
"""seconds between two passes over a bucket whose rules stay the same"""
AT_ONCE = 200
_DAY = 86400
_SMALL_FILE = 64 * 1024
"""bytes; a smaller object would cost more in colder storage, so a rule may leave it"""

Deed = Callable[[Call, Bucket], None]


class Ager:
    """The lifecycle rules of a region's buckets."""

    def __init__(self, cloud: Cloud, at: RegionState) -> None:
        self._cloud = cloud
        self._at = at
        self._passed: dict[str, tuple[float, Lifecycle]] = {}
        """by bucket: when the last pass began, and after which rules"""

    def survey(self) -> None:
        pass

    def due(self) -> list[tuple[str, Callable[[], None]]]:
        """A bucket whose rules were changed is due at once."""
        return [
            (f"lifecycle of {name}", partial(self._pass, name, rules))
            for name, rules in self._at.store.read(_ruled).items()
            if (at := self._passed.get(name)) is None or at[1] != rules or time.monotonic() - at[0] >= EVERY
        ]

    def _pass(self, name: str, rules: Lifecycle) -> None:
        began = time.monotonic()
        for rule in rules.rule:
            if rule.status == "Enabled":
                self._objects(name, rule)
                self._versions(name, rule)
                self._uploads(name, rule)
        self._passed[name] = (began, rules)

    def _objects(self, bucket: str, rule: Rule) -> None:
        after, before = "", after_all_with(rule.prefix)
        while True:
            start = None if after else rule.prefix or None
            page = self._at.store.read(partial(_objects_after, bucket, start, after, before))
            now = self._cloud.clock.now().timestamp()
            asks_access = any(step.is_access_time for step in rule.transition)
            self._do(bucket, [partial(_age, rule, one.name) for one in page if asks_access or verdict(rule, one, now)])
            if len(page) < AT_ONCE:
                return
            after = page[-1].name

    def _versions(self, bucket: str, rule: Rule) -> None:
        if not (rule.noncurrent_version_expiration or rule.noncurrent_version_transition or _drops_markers(rule)):
            return
        after, before = "", after_all_with(rule.prefix)
        while True:
            start = None if after else rule.prefix or None
            page = self._at.store.read(partial(_versions_after, bucket, start, after, before))
            now = self._cloud.clock.now().timestamp()
            self._do(bucket, [partial(_age_version, rule, one, now) for one in page])
            if len(page) < AT_ONCE:
                return
            after = page[-1].name

    def _uploads(self, bucket: str, rule: Rule) -> None:
        abort = rule.abort_multipart_upload
        if abort is None:
            return
        now = self._cloud.clock.now().timestamp()
        found = self._at.store.read(lambda state: state.find(Upload, bucket=bucket))
        stale = [
            one
            for one in found
            if one.name.startswith(rule.prefix) and _is_over(abort.days, abort.created_before_date, one.initiated, now)
        ]
        self._do(bucket, [partial(_abort, one) for one in stale])

    def _do(self, bucket: str, deeds: Iterable[Deed]) -> None:
        deeds = list(deeds)
        if not deeds:
            return

        def work(state: Transaction) -> None:
            held = state.get(Bucket, bucket)
            if held is None:
                return
            call = Call(
                cloud=self._cloud,
                at=self._at,
                principal=Principal(kind="root", account_id=held.account_id, id=held.account_id),
                request_id=new_request_id(),
                state=state,
            )
            for deed in deeds:
                deed(call, held)

        self._at.store.write(work)


def _ruled(state: Transaction) -> dict[str, Lifecycle]:
    found = {}
    for name in LIFECYCLE.buckets(state):
        bucket = state.get(Bucket, name)
        rules = LIFECYCLE.of(state, bucket) if bucket else None
        if rules is not None:
            found[name] = rules
    return found


def _objects_after(bucket: str, start: str | None, after: str, before: str | None, state: Transaction) -> list[Object]:
    return state.scan(Object, "name", start=start, after=after or None, before=before, limit=AT_ONCE, bucket=bucket)


def _versions_after(
    bucket: str, start: str | None, after: str, before: str | None, state: Transaction
) -> list[Version]:
    """A page that ends with the last version of a name, so that the next one may begin behind it."""
    page = state.scan(Version, "name", start=start, after=after or None, before=before, limit=AT_ONCE, bucket=bucket)
    if len(page) < AT_ONCE:
        return page
    last = page[-1].name
    return [one for one in page if one.name != last] + state.find(Version, bucket=bucket, name=last)


def verdict(rule: Rule, one: Object, now: float, accessed: int | None = None) -> str:
    """What a rule makes of a current version now: "expire", the storage class it moves to, or nothing. `accessed` is
    when it was last read, None where nobody looks: then what counts from there does not happen."""
    if not _suits(rule, one):
        return ""
    expiration = rule.expiration
    if expiration and expiration.expired_object_delete_marker is None:
        if expiration.date is not None:
            over = now >= midnight(expiration.date)
        else:
            over = _is_over(expiration.days, expiration.created_before_date, one.modified, now)
        if over:
            return "expire"
    here = STORAGE_CLASSES.index(one.storage_class)
    best = here
    for step in rule.transition:
        since = accessed if step.is_access_time else one.modified
        if since is None or (step.allow_small_file is False and one.size < _SMALL_FILE):
            continue
        if _is_over(step.days, step.created_before_date, since, now):
            best = max(best, STORAGE_CLASSES.index(step.storage_class))
    return STORAGE_CLASSES[best] if best > here else ""


def _is_over(days: int | None, before: str | None, since: float, now: float) -> bool:
    """Days end at the midnight (GMT) after they are full."""
    if days is not None:
        return now >= -(-(since + days * _DAY) // _DAY) * _DAY
    return before is not None and since < midnight(before)


def _suits(rule: Rule, one: Object) -> bool:
    if not one.name.startswith(rule.prefix):
        return False
    if any(one.tags.get(tag.key) != tag.value for tag in rule.tag):
        return False
    return rule.filter is None or _passes(rule.filter, one)


def _passes(wanted: Filter, one: Object) -> bool:
    if wanted.object_size_greater_than is not None and one.size <= wanted.object_size_greater_than:
        return False
    if wanted.object_size_less_than is not None and one.size >= wanted.object_size_less_than:
        return False
    return not any(
        one.name.startswith(no.prefix) and (no.tag is None or one.tags.get(no.tag.key) == no.tag.value)
        for no in wanted.not_
    )


def _drops_markers(rule: Rule) -> bool:
    return bool(rule.expiration and rule.expiration.expired_object_delete_marker)


def _age(rule: Rule, name: str, call: Call, bucket: Bucket) -> None:
    one = call.state.get(Object, bucket.name, name)
    accessed = last_access(call.state, bucket, one) if one else None
    said = verdict(rule, one, call.now.timestamp(), accessed) if one else ""
    if one is None or not said:
        return
    if said != "expire":
        _move(call, one, said)
    elif not is_retained(call, bucket, one):
        versions.delete(call, bucket, name)


def _age_version(rule: Rule, seen: Version, now: float, call: Call, bucket: Bucket) -> None:
    one = call.state.get(Version, bucket.name, seen.name, seen.age)
    if one is None or not _suits(rule, one):
        return
    if one.delete_marker:
        alone = len(call.state.find(Version, bucket=bucket.name, name=one.name)) == 1
        if _drops_markers(rule) and alone and call.state.get(Object, bucket.name, one.name) is None:
            versions.erase(call, bucket, one.name, versions.shown(one))
        return
    expiration = rule.noncurrent_version_expiration
    if expiration and _is_over(expiration.noncurrent_days, None, one.left_at, now):
        if not (is_retained(call, bucket, one) or is_locked(call, one)):
            versions.erase(call, bucket, one.name, versions.shown(one))
        return
    here = best = STORAGE_CLASSES.index(one.storage_class)
    for step in rule.noncurrent_version_transition:
        if not step.is_access_time and _is_over(step.noncurrent_days, None, one.left_at, now):
            best = max(best, STORAGE_CLASSES.index(step.storage_class))
    if best > here:
        _move(call, one, STORAGE_CLASSES[best])


def _move(call: Call, one: Object, storage_class: str) -> None:
    tally.count(call.state, one, -1)
    one.storage_class = storage_class
    one.thawed_at = one.frozen_at = 0  # what was restored of the class before is not of this one
    call.state.put(one)
    tally.count(call.state, one, 1)


def _abort(seen: Upload, call: Call, bucket: Bucket) -> None:
    one = call.state.get(Upload, bucket.name, seen.name, seen.upload_id)
    if one is not None:
        abort(call, one)
