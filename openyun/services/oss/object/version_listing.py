"""ListObjectVersions: all versions and delete markers, by name, the newest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from openyun.operation import Call, Model
from openyun.services.oss.errors import InvalidArgument
from openyun.services.oss.object.listing import CommonPrefix, encoder, restore_info
from openyun.services.oss.object.versions import older_version, shown
from openyun.services.oss.paging import after_all_with, check_lengths, check_page
from openyun.services.oss.records import Object, Version, find_bucket
from openyun.services.oss.service import OssRequest, OssResponse, Owner, oss
from openyun.services.oss.times import iso
from openyun.state import Transaction

_FEW = 8
_MANY = 256


class ListObjectVersionsRequest(OssRequest, kw_only=True):
    prefix: str = ""
    delimiter: str = ""
    key_marker: str = ""
    version_id_marker: str = ""
    max_keys: int = 100
    encoding_type: str = ""


class ListedVersion(Model, kw_only=True):
    key: str
    version_id: str
    is_latest: bool
    last_modified: str
    e_tag: str | None = msgspec.field(default=None, name="ETag")
    type: str | None = None
    size: int | None = None
    storage_class: str | None = None
    restore_info: str | None = None
    owner: Owner


class ListVersionsResult(Model, kw_only=True):
    name: str
    prefix: str
    key_marker: str
    version_id_marker: str
    max_keys: int
    delimiter: str
    encoding_type: str | None
    is_truncated: bool
    next_key_marker: str | None
    next_version_id_marker: str | None
    version: list[ListedVersion]
    delete_marker: list[ListedVersion]
    common_prefixes: list[CommonPrefix]


@oss.operation(resource="{bucket}")
def list_object_versions(call: Call, ask: ListObjectVersionsRequest) -> OssResponse:
    bucket = find_bucket(call.state, ask.bucket)
    check_page(ask.max_keys)
    check_lengths(
        prefix=ask.prefix,
        key_marker=ask.key_marker,
        version_id_marker=ask.version_id_marker,
        delimiter=ask.delimiter,
    )
    if ask.version_id_marker and not ask.key_marker:
        raise InvalidArgument(
            reason="A version-id marker cannot be specified without a key marker.",
            ArgumentName="version-id-marker",
            ArgumentValue=ask.version_id_marker,
        )
    encoded = encoder(ask.encoding_type)
    owner = Owner(id=bucket.account_id, display_name=bucket.account_id)
    versions: list[ListedVersion] = []
    markers: list[ListedVersion] = []
    prefixes: list[str] = []
    last = ("", "")
    more = False
    for entry in _entries(call.state, ask):
        if len(versions) + len(markers) + len(prefixes) == ask.max_keys:
            more = True
            break
        if isinstance(entry, str):
            prefixes.append(entry)
            last = (entry, "")
            continue
        one, latest = entry
        is_marker = isinstance(one, Version) and one.delete_marker
        (markers if is_marker else versions).append(_listed(call, one, latest, encoded, owner))
        last = (one.name, shown(one))
    result = ListVersionsResult(
        name=bucket.name,
        prefix=encoded(ask.prefix),
        key_marker=encoded(ask.key_marker),
        version_id_marker=ask.version_id_marker,
        max_keys=ask.max_keys,
        delimiter=encoded(ask.delimiter),
        encoding_type=ask.encoding_type or None,
        is_truncated=more,
        next_key_marker=encoded(last[0]) if more else None,
        next_version_id_marker=last[1] if more else None,
        version=versions,
        delete_marker=markers,
        common_prefixes=[CommonPrefix(prefix=encoded(one)) for one in prefixes],
    )
    return OssResponse(root="ListVersionsResult", document=result)


def _listed(call: Call, one: Object, latest: bool, encoded: Callable[[str], str], owner: Owner) -> ListedVersion:
    listed = ListedVersion(
        key=encoded(one.name),
        version_id=shown(one),
        is_latest=latest,
        last_modified=iso(one.modified),
        owner=owner,
    )
    if not (isinstance(one, Version) and one.delete_marker):
        listed.e_tag = f'"{one.etag}"'
        listed.type, listed.size, listed.storage_class = one.type, one.size, one.storage_class
        listed.restore_info = restore_info(call, one)
    return listed


Entry = tuple[Object, bool] | str
"""a version, and whether it is the newest of its name; or a common prefix"""


def _entries(state: Transaction, ask: ListObjectVersionsRequest) -> Iterator[Entry]:
    """What comes after the markers, lazily."""
    before = after_all_with(ask.prefix)
    start: str | None = ask.prefix or None
    behind: str | None = ask.key_marker or None
    delimiter = ask.delimiter
    if ask.version_id_marker:
        yield from _rest_of_name(state, ask)
    elif delimiter and ask.key_marker.endswith(delimiter) and len(ask.key_marker) > len(ask.prefix):
        start, behind = after_all_with(ask.key_marker), None
        if start is None:
            return
    while True:
        reached = ""
        skip = ""
        for name, group in _names(state, ask.bucket, start, behind, before):
            cut = name.find(delimiter, len(ask.prefix)) if delimiter else -1
            if cut >= 0:
                skip = name[: cut + len(delimiter)]
                break
            for place, one in enumerate(group):
                yield one, place == 0
            reached = name
        if skip:
            # Whole directories are skipped, each by one look-up: their size does not matter.
            yield skip
            start, behind = after_all_with(skip), None
            if start is None:
                return
        elif reached:
            start, behind = None, reached
        else:
            return


def _rest_of_name(state: Transaction, ask: ListObjectVersionsRequest) -> Iterator[Entry]:
    """The versions of the marker's name that are older than the marker's."""
    current = state.get(Object, ask.bucket, ask.key_marker)
    age = -1
    if current is None or shown(current) != ask.version_id_marker:
        marker = older_version(state, ask.bucket, ask.key_marker, ask.version_id_marker)
        if marker is None:
            return
        age = marker.age
    while older := state.scan(Version, "age", after=age, limit=_MANY, bucket=ask.bucket, name=ask.key_marker):
        for one in older:
            yield one, False
        age = older[-1].age


def _names(
    state: Transaction, bucket: str, start: str | None, behind: str | None, before: str | None
) -> Iterator[tuple[str, Iterator[Object]]]:
    """Some names in order, each with its versions, the newest first; none if there are no more."""
    current = state.scan(Object, "name", start=start, after=behind, before=before, limit=_MANY, bucket=bucket)
    others = state.scan(Version, "name", start=start, after=behind, before=before, limit=_MANY, bucket=bucket)
    # Beyond the end of a full page the other table may hold names that this one's next page has too.
    ends = [page[-1].name for page in (current, others) if len(page) == _MANY]
    end = min(ends) if ends else None
    objects = {one.name: one for one in current}
    with_older = {one.name for one in others}
    for name in sorted({*objects, *with_older}, key=str.encode):
        if end is not None and name.encode() > end.encode():
            return
        yield name, _versions(state, bucket, name, objects.get(name), name in with_older)


def _versions(state: Transaction, bucket: str, name: str, current: Object | None, older: bool) -> Iterator[Object]:
    if current is not None:
        yield current
    age = -1
    while older and (page := state.scan(Version, "age", after=age, limit=_FEW, bucket=bucket, name=name)):
        yield from page
        if len(page) < _FEW:
            return
        age = page[-1].age
