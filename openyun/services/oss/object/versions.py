"""Which version of a name is current, and what becomes of the others.

The current version lies in the table of objects, so that what does not ask for versions never meets them; all others,
and delete markers, lie in the table of versions, the newest first. A version never changes but in ACL, tags and
storage class.
"""

from __future__ import annotations

import re

from msgspec.structs import asdict

from openyun.clock import random_text
from openyun.operation import Call
from openyun.services.oss import tally
from openyun.services.oss.bucket.object_worm import OBJECT_WORM, default_lock, refuse_locked
from openyun.services.oss.bucket.quota import check_room
from openyun.services.oss.bucket.replication import note
from openyun.services.oss.bucket.worm import refuse_retained
from openyun.services.oss.errors import InvalidArgument, IsDeleteMarker, NoSuchKey, NoSuchVersion
from openyun.services.oss.object.content import free
from openyun.services.oss.records import Bucket, Object, Version, find_bucket
from openyun.state import Transaction

NULL = "null"
"""how the version that was made without versioning is called"""

_NEVER = 2**62
_ID = re.compile(r"null|[A-Za-z0-9_+/=*-]{32,128}")


def shown(one: Object) -> str:
    """The version's id on the wire."""
    return one.version_id or NULL


def version_headers(bucket: Bucket, one: Object) -> dict[str, str]:
    """Where versioning was never asked for, nothing tells of it."""
    return {"x-oss-version-id": shown(one)} if bucket.versioning else {}


def find_version(state: Transaction, bucket: str, name: str, version_id: str = "") -> Object:
    """The current version, or this one. Raises NoSuchBucket, NoSuchKey, NoSuchVersion; IsDeleteMarker if it is one
    that was asked for by its id."""
    found = state.get(Object, bucket, name)
    if not version_id:
        if found is not None:
            return found
        owner = find_bucket(state, bucket)
        marker = newest(state, bucket, name) if owner.versioning else None
        if marker is not None:
            raise NoSuchKey(
                Key=name,
                **{"x-oss-delete-marker": "true", "x-oss-version-id": shown(marker)},
            )
        raise NoSuchKey(Key=name)
    check_version_id(version_id)
    if found is not None and shown(found) == version_id:
        return found
    older = older_version(state, bucket, name, version_id)
    if older is None:
        find_bucket(state, bucket)
        raise NoSuchVersion(Key=name, VersionId=version_id)
    if older.delete_marker:
        raise IsDeleteMarker(
            Method="GET",
            ResourceType="DeleteMarker",
            **{"x-oss-delete-marker": "true", "x-oss-version-id": version_id},
        )
    return older


def check_version_id(version_id: str) -> None:
    """Raises InvalidArgument for what no id looks like."""
    if not _ID.fullmatch(version_id):
        raise InvalidArgument(reason="Invalid version id specified", ArgumentName="versionId", ArgumentValue=version_id)


def older_version(state: Transaction, bucket: str, name: str, version_id: str) -> Version | None:
    wanted = "" if version_id == NULL else version_id
    found = state.find(Version, bucket=bucket, name=name, version_id=wanted)
    return found[0] if found else None


def newest(state: Transaction, bucket: str, name: str) -> Version | None:
    """Of those that are not current."""
    found = state.scan(Version, "age", limit=1, bucket=bucket, name=name)
    return found[0] if found else None


def keep(call: Call, bucket: Bucket, old: Object | None, made: Object) -> None:
    """Make this the current version. `old` is what the name held until now."""
    state = call.state
    note(call, bucket, made.name)
    if bucket.configured:
        check_room(call, bucket, made.size - (old.size if old and not bucket.versioning else 0))
    if made.lock is None and OBJECT_WORM.name in bucket.configured:
        made.lock = default_lock(call, bucket)
    if not bucket.versioning:
        refuse_retained(call, bucket, old)
        state.put(made)
        if old is None:
            tally.count(state, made, 1)
        else:
            tally.exchange(state, old, made)
            free(call, old)
        return
    _begin(call, bucket, old, made)
    state.put(made)
    tally.count(state, made, 1)


def delete(call: Call, bucket: Bucket, name: str) -> Version | None:
    """The name is no more; the delete marker that says so, in a bucket with versions."""
    state = call.state
    old = state.get(Object, bucket.name, name)
    note(call, bucket, name)
    if not bucket.versioning:
        if old is not None:
            refuse_retained(call, bucket, old)
            _drop(call, old)
        return None
    marker = Version(
        bucket=bucket.name,
        name=name,
        size=0,
        etag="",
        crc64=0,
        modified=int(call.now.timestamp()),
        storage_class="",
        content_type="",
        age=0,
        delete_marker=True,
    )
    _begin(call, bucket, old, marker)
    if old is not None:
        state.delete(old)
    marker.age = _NEVER - marker.born
    state.insert(marker)
    tally.count(state, marker, 1)
    return marker


def erase(call: Call, bucket: Bucket, name: str, version_id: str, *, bypass: bool = False) -> bool:
    """Delete this version for good; true if it was a delete marker. The newest of the others becomes current.
    `bypass` ends a retention in governance mode. Repeatable."""
    check_version_id(version_id)
    state = call.state
    note(call, bucket, name)
    current = state.get(Object, bucket.name, name)
    if current is not None and shown(current) == version_id:
        refuse_retained(call, bucket, current)
        refuse_locked(call, current, bypass=bypass)
        _drop(call, current)
        current = None
        was_marker = False
    else:
        older = older_version(state, bucket.name, name, version_id)
        if older is None:
            return False
        if not older.delete_marker:
            refuse_retained(call, bucket, older)
            refuse_locked(call, older, bypass=bypass)
        _drop(call, older)
        was_marker = older.delete_marker
    following = newest(state, bucket.name, name) if current is None else None
    if following is not None and not following.delete_marker:
        state.delete(following)
        state.put(_as_object(following))
    return was_marker


def _begin(call: Call, bucket: Bucket, old: Object | None, made: Object) -> None:
    """Give the new version its id and time, and put what it replaces among the versions."""
    state = call.state
    before = old or newest(state, bucket.name, made.name)
    made.born = max(int(call.now.timestamp() * 1_000_000), before.born + 1 if before else 0)
    made.version_id = _new_id() if bucket.versioning == "Enabled" else ""
    if not made.version_id:
        null = older_version(state, bucket.name, made.name, NULL)
        if null is not None:
            _drop(call, null)
    if old is None:
        return
    if not made.version_id and not old.version_id:
        tally.count(state, old, -1)
        free(call, old)
        return
    state.put(Version(**asdict(old), age=_NEVER - old.born, left_at=int(call.now.timestamp())))


def _drop(call: Call, one: Object) -> None:
    call.state.delete(one)
    tally.count(call.state, one, -1)
    free(call, one)


def _as_object(one: Version) -> Object:
    fields = asdict(one)
    return Object(**{name: fields[name] for name in Object.__struct_fields__})


def _new_id() -> str:
    """As the vendor's look."""
    return f"CAEQ{random_text(60)}"
