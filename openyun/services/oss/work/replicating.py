"""Carries out replication rules: makes a destination bucket's objects what the source's are.

A change is noted with the object; here the name is looked at as it is now, so many changes of one name cost one copy.
Of two versions the later one wins, in whichever bucket it was made: so buckets that replicate each other come to rest.
The note goes when the destination has what the source had; after a crash it is simply worked off again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial

import msgspec

from openyun.cloud import Cloud, RegionState
from openyun.engine.blob import Blob, BlobNotFound
from openyun.errors import CloudError
from openyun.services.oss.bucket.encryption import encrypt
from openyun.services.oss.bucket.object_worm import has_object_worm
from openyun.services.oss.bucket.replication import REPLICATION, Change, Progress, Rule, forget_rule
from openyun.services.oss.object import versions
from openyun.services.oss.object.content import cipher_of, in_turn, slices_of
from openyun.services.oss.object.depositing import call_for, commit
from openyun.services.oss.records import Bucket, Object, find_bucket
from openyun.services.oss.service import Slice
from openyun.state import Transaction

log = logging.getLogger("openyun.oss")

AT_ONCE = 50
BEGINNING = 2
"""seconds that a rule is only about to begin, or to end"""
_PAGE = 500


class Replicator:
    """The replication rules of a region's buckets, as sources."""

    def __init__(self, cloud: Cloud, at: RegionState) -> None:
        self._cloud = cloud
        self._at = at

    def survey(self) -> None:
        """Rules that began are at work; those that were deleted, gone."""
        now = int(self._cloud.clock.now().timestamp())
        for bucket, rule in self._at.store.read(partial(_unsettled, now)):
            self._at.store.write(partial(self._settle, bucket, rule.id))

    def due(self) -> list[tuple[str, Callable[[], None]]]:
        return [
            (f"replication {bucket} {rule.id}", partial(self._work_off, bucket, rule))
            for bucket, rule in self._at.store.read(_busy)
        ]

    def _settle(self, bucket: str, rule_id: str, state: Transaction) -> None:
        held = state.get(Bucket, bucket)
        rule = REPLICATION.of(state, held, rule_id) if held else None
        if held is None or rule is None:
            return
        call = call_for(self._cloud, self._at, state, held)
        if rule.status == "closing":
            forget_rule(call, bucket, rule_id)
        else:
            REPLICATION.put(call, bucket, msgspec.structs.replace(rule, status="doing"), rule_id)

    def _work_off(self, bucket: str, rule: Rule) -> None:
        self._at.store.write(partial(_note_older, bucket, rule, int(self._cloud.clock.now().timestamp())))
        for change in self._at.store.read(partial(_changes, bucket, rule.id)):
            self._replicate(rule, change)
            self._at.store.write(partial(_done, change))

    def _replicate(self, rule: Rule, change: Change) -> None:
        to = self._cloud.region(rule.destination.location.removeprefix("oss-"))
        found = self._at.store.read(partial(_source, change.bucket, change.name))
        target = rule.destination.bucket
        try:
            if found is None:
                if "ALL" in rule.action or "DELETE" in rule.action:
                    to.store.write(partial(self._delete, to, target, change))
            elif rule.copies(found[0].encryption) and to.store.read(partial(_lacks, target, found[0])):
                relabelled = to.store.write(partial(_relabel, target, found[0]))
                if not relabelled:
                    self._copy(to, target, *found)
        except CloudError as problem:
            # A destination that is gone or retains its objects: the rule's owner sees it in the bucket.
            log.info("replication %s of %s: %s", rule.id, change.bucket, problem)

    def _delete(self, to: RegionState, target: str, change: Change, state: Transaction) -> None:
        bucket = find_bucket(state, target)
        there = state.get(Object, target, change.name)
        if there is not None and there.modified <= change.since:
            versions.delete(call_for(self._cloud, to, state, bucket), bucket, change.name)

    def _copy(self, to: RegionState, target: str, source: Object, slices: tuple[Slice, ...]) -> None:
        made = msgspec.structs.replace(source, bucket=target, content_id="", version_id="", born=0, encryption="")
        made.encryption_key_id = made.data_encryption = ""
        to.store.read(lambda state: encrypt(state, find_bucket(state, target), made, source.encryption, "", ""))
        chunks = in_turn(self._at.engines.blob, slices)
        try:
            if not source.size:
                blob = Blob(id="", size=0, md5=b"", crc64=0)
            elif made.encryption:
                blob = asyncio.run(to.sealed.write_sealed(chunks, algorithm=cipher_of(made)))
            else:
                blob = asyncio.run(to.engines.blob.write(chunks))
        except BlobNotFound:
            return  # replaced meanwhile, and noted again
        made.blob_id = blob.id
        if not to.store.read(lambda state: has_object_worm(find_bucket(state, target))):
            made.lock = None
        if made.type == "Appendable":
            made.type = "Normal"

        def work(state: Transaction) -> None:
            bucket = find_bucket(state, target)
            call = call_for(self._cloud, to, state, bucket)
            versions.keep(call, bucket, state.get(Object, target, made.name), made)

        commit(to, blob, work)


def _rules(state: Transaction) -> list[tuple[str, Rule]]:
    found = []
    for name in REPLICATION.buckets(state):
        bucket = state.get(Bucket, name)
        found += [(name, rule) for _, rule in REPLICATION.all(state, bucket)] if bucket else []
    return found


def _unsettled(now: int, state: Transaction) -> list[tuple[str, Rule]]:
    """Those that begin or end, but for a moment in which programs that look see just that."""
    found = []
    for bucket, rule in _rules(state):
        progress = state.get(Progress, bucket, rule.id)
        fresh = progress is not None and now - progress.since < BEGINNING
        if rule.status != "doing" and not fresh:
            found.append((bucket, rule))
    return found


def _busy(state: Transaction) -> list[tuple[str, Rule]]:
    found = []
    for bucket, rule in _rules(state):
        progress = state.get(Progress, bucket, rule.id)
        noted = progress is None or progress.all_noted
        if rule.status != "closing" and (not noted or _changes(bucket, rule.id, state)):
            found.append((bucket, rule))
    return found


def _changes(bucket: str, rule_id: str, state: Transaction) -> list[Change]:
    return state.scan(Change, "name", bucket=bucket, rule_id=rule_id, limit=AT_ONCE)


def _note_older(bucket: str, rule: Rule, now: int, state: Transaction) -> None:
    """Note the next of the objects that were there before the rule."""
    progress = state.get(Progress, bucket, rule.id)
    if progress is None or progress.all_noted:
        return
    page = state.scan(Object, "name", after=progress.noted_up_to or None, limit=_PAGE, bucket=bucket)
    for one in page:
        if rule.is_about(one.name):
            state.put(Change(bucket=bucket, rule_id=rule.id, name=one.name, mark="older", since=now))
            progress.total += 1
    progress.all_noted = len(page) < _PAGE
    progress.noted_up_to = page[-1].name if page else progress.noted_up_to
    state.put(progress)


def _done(change: Change, state: Transaction) -> None:
    """Unless the name changed again meanwhile."""
    held = state.get(Change, change.bucket, change.rule_id, change.name)
    if held is not None and held.mark == change.mark:
        state.delete(held)


def _source(bucket: str, name: str, state: Transaction) -> tuple[Object, tuple[Slice, ...]] | None:
    found = state.get(Object, bucket, name)
    return (found, slices_of(state, found, 0, found.size)) if found else None


def _relabel(target: str, source: Object, state: Transaction) -> bool:
    """Where only ACL and tags differ, they are changed and no bytes are copied; false where more does."""
    there = state.get(Object, target, source.name)
    if there is None or _bytes_and_words(there) != _bytes_and_words(source):
        return False
    there.acl, there.tags = source.acl, source.tags
    state.put(there)
    return True


def _bytes_and_words(one: Object) -> tuple[object, ...]:
    return one.etag, one.size, one.meta, one.content_type, one.headers, one.storage_class


def _lacks(target: str, source: Object, state: Transaction) -> bool:
    """Whether the destination has an older object, or none. Raises NoSuchBucket."""
    find_bucket(state, target)
    there = state.get(Object, target, source.name)
    if there is None:
        return True
    same = (there.etag, there.meta, there.tags, there.acl) == (source.etag, source.meta, source.tags, source.acl)
    return not same and there.modified <= source.modified
