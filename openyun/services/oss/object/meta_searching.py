"""DoMetaQuery: objects of a bucket by what they are, sorted, a page at a time, and what all of them come to.

A query is a condition, `{"Field": "Size", "Operation": "gt", "Value": "5"}`, or several joined by and, or, not in
`SubQueries`. Which fields take which operations is the vendor's table.
"""

from __future__ import annotations

import base64
import binascii
import heapq
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Literal

import msgspec

from openyun.operation import Call, Model
from openyun.services.oss.bucket.configuration import DocumentRequest
from openyun.services.oss.bucket.meta_query import META_QUERY, check_mode
from openyun.services.oss.documents import read
from openyun.services.oss.errors import InvalidArgument
from openyun.services.oss.records import Object, find_bucket
from openyun.services.oss.service import OssResponse, oss
from openyun.state import Transaction

_PAGE = 1000
_MOST = 100
_DEEPEST = 8
_MOST_CONDITIONS = 100

Value = int | str

_FIELDS: dict[str, Callable[[Object], Value]] = {
    "Filename": lambda one: one.name,
    "Size": lambda one: one.size,
    "FileModifiedTime": lambda one: one.modified,
    "OSSObjectType": lambda one: one.type,
    "OSSStorageClass": lambda one: one.storage_class,
    "ObjectACL": lambda one: one.acl,
    "ETag": lambda one: f'"{one.etag}"',
    "OSSCRC64": lambda one: str(one.crc64),
    "OSSTaggingCount": lambda one: len(one.tags),
    "ServerSideEncryption": lambda one: one.encryption,
    "ContentType": lambda one: one.content_type,
}
_SUMS = ("Size", "OSSTaggingCount")
"""what has a least, a greatest, a mean and a sum"""
_NO_PREFIX = ("Size", "FileModifiedTime", "OSSTaggingCount")


class Condition(msgspec.Struct, rename="pascal", forbid_unknown_fields=True):
    operation: Literal["eq", "gt", "gte", "lt", "lte", "match", "prefix", "and", "or", "not"]
    field: str = ""
    value: str = ""
    sub_queries: list[Condition] = []


class Aggregation(Model, kw_only=True):
    field: str
    operation: Literal["min", "max", "average", "sum", "count", "distinct", "group"]


class Aggregations(Model, kw_only=True):
    aggregation: list[Aggregation] = []


class MetaQuery(Model, kw_only=True):
    next_token: str = ""
    max_results: int = 0
    query: str
    sort: str = ""
    order: Literal["asc", "desc"] = "desc"
    aggregations: Aggregations | None = None


class DoMetaQueryRequest(DocumentRequest, kw_only=True):
    mode: str = "basic"


class Tagging(Model, kw_only=True):
    key: str
    value: str


class TaggingList(Model, kw_only=True):
    tagging: list[Tagging]


class UserMetaList(Model, kw_only=True):
    user_meta: list[Tagging]


class File(Model, kw_only=True):
    filename: str
    size: int
    file_modified_time: str
    oss_object_type: str = msgspec.field(name="OSSObjectType")
    oss_storage_class: str = msgspec.field(name="OSSStorageClass")
    object_acl: str = msgspec.field(name="ObjectACL")
    e_tag: str = msgspec.field(name="ETag")
    oss_crc64: str = msgspec.field(name="OSSCRC64")
    content_type: str
    server_side_encryption: str | None = None
    server_side_encryption_key_id: str | None = None
    oss_tagging_count: int | None = msgspec.field(name="OSSTaggingCount", default=None)
    oss_tagging: TaggingList | None = msgspec.field(name="OSSTagging", default=None)
    oss_user_meta: UserMetaList | None = msgspec.field(name="OSSUserMeta", default=None)


class Files(Model, kw_only=True):
    file: list[File]


class Group(Model, kw_only=True):
    value: str
    count: int


class Groups(Model, kw_only=True):
    group: list[Group]


class Aggregated(Model, kw_only=True):
    field: str
    operation: str
    value: float | None = None
    groups: Groups | None = None


class AggregatedList(Model, kw_only=True):
    aggregation: list[Aggregated]


class MetaQueryResult(Model, kw_only=True):
    next_token: str
    files: Files
    aggregations: AggregatedList | None


@oss.operation(resource="{bucket}")
def do_meta_query(call: Call, ask: DoMetaQueryRequest) -> OssResponse:
    check_mode(ask.mode)
    wanted = read(ask.document, "MetaQuery", MetaQuery)
    META_QUERY.find(call, ask.bucket)
    suits = _condition(wanted.query)
    if not 0 <= wanted.max_results <= _MOST:
        raise _invalid("MaxResults", str(wanted.max_results))
    if wanted.sort and wanted.sort not in _FIELDS:
        raise _invalid("Sort", wanted.sort)
    sort: Callable[[Object], Value] = _FIELDS.get(wanted.sort, _nothing)
    most = wanted.max_results or _MOST
    after = _read_token(wanted.next_token, is_number=wanted.sort in ("", *_NO_PREFIX))
    descending = bool(wanted.sort) and wanted.order == "desc"
    asked = wanted.aggregations.aggregation if wanted.aggregations else []
    sums = [_Sum(one) for one in asked]

    def matching() -> Iterator[tuple[Any, Object]]:
        for one in _objects(call.state, find_bucket(call.state, ask.bucket).name):
            if not suits(one):
                continue
            for each in sums:
                each.add(one)
            key: Any = (sort(one), one.name)
            if after is None or (key < after if descending else key > after):
                yield key, one

    best = heapq.nlargest if descending else heapq.nsmallest
    found = best(most + 1, matching(), key=lambda pair: pair[0])
    if sums:
        found = []  # the vendor tells of objects or of what they come to
    page = found[:most]
    result = MetaQueryResult(
        next_token=_token(page[-1][0]) if len(found) > most else "",
        files=Files(file=[_file(one) for _, one in page]),
        aggregations=AggregatedList(aggregation=[one.result() for one in sums]) if sums else None,
    )
    return OssResponse(root="MetaQuery", document=result)


def _nothing(one: Object) -> Value:
    return 0


def _objects(state: Transaction, bucket: str) -> Iterator[Object]:
    after = None
    while True:
        page = state.scan(Object, "name", after=after, limit=_PAGE, bucket=bucket)
        yield from page
        if len(page) < _PAGE:
            return
        after = page[-1].name


def _condition(text: str) -> Callable[[Object], bool]:
    """Raises InvalidArgument."""
    try:
        return _compiled(msgspec.json.decode(text, type=Condition), 0, [0])
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError):
        raise _invalid("Query", text) from None


def _compiled(wanted: Condition, depth: int, count: list[int]) -> Callable[[Object], bool]:
    count[0] += 1
    if depth > _DEEPEST or count[0] > _MOST_CONDITIONS:
        raise _invalid("Query", wanted.operation)
    if wanted.operation in ("and", "or", "not"):
        parts = [_compiled(one, depth + 1, count) for one in wanted.sub_queries]
        if not parts or wanted.field:
            raise _invalid("Query", wanted.operation)
        if wanted.operation == "and":
            return lambda one: all(part(one) for part in parts)
        if wanted.operation == "or":
            return lambda one: any(part(one) for part in parts)
        return lambda one: not any(part(one) for part in parts)
    if wanted.sub_queries:
        raise _invalid("Query", wanted.operation)
    return _comparison(wanted)


def _comparison(wanted: Condition) -> Callable[[Object], bool]:
    field, operation = wanted.field, wanted.operation
    get = _getter(field)
    if operation == "match":
        if field != "Filename":
            raise _invalid("Operation", operation)
        part = wanted.value.lower()
        return lambda one: part in one.name.lower()
    if operation == "prefix":
        if field in _NO_PREFIX:
            raise _invalid("Operation", operation)
        return lambda one: str(get(one) or "").startswith(wanted.value)
    value = _value(field, wanted.value)
    compare: dict[str, Callable[[Any], bool]] = {
        "eq": lambda have: bool(have == value),
        "gt": lambda have: bool(have > value),
        "gte": lambda have: bool(have >= value),
        "lt": lambda have: bool(have < value),
        "lte": lambda have: bool(have <= value),
    }
    holds = compare[operation]
    return lambda one: (have := get(one)) is not None and holds(have)


def _getter(field: str) -> Callable[[Object], Value | None]:
    """None where an object has no such tag or metadata. Raises InvalidArgument."""
    kind, dot, name = field.partition(".")
    if kind == "OSSTagging" and dot:
        return lambda one: one.tags.get(name)
    if kind == "OSSUserMeta" and dot:
        key = name.lower().removeprefix("x-oss-meta-")
        return lambda one: one.meta.get(key)
    if field not in _FIELDS:
        raise _invalid("Field", field)
    return _FIELDS[field]


def _value(field: str, text: str) -> Value:
    """Raises InvalidArgument."""
    try:
        if field in _SUMS:
            return int(text)
        if field == "FileModifiedTime":
            at = datetime.fromisoformat(text)
            return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())
    except ValueError:
        raise _invalid("Value", text) from None
    return text


class _Sum:
    """One aggregation, as objects come by."""

    def __init__(self, wanted: Aggregation) -> None:
        """Raises InvalidArgument."""
        if wanted.field not in _FIELDS:
            raise _invalid("Field", wanted.field)
        if wanted.operation in ("min", "max", "average", "sum") and wanted.field not in _SUMS:
            raise _invalid("Operation", wanted.operation)
        self._wanted = wanted
        self._get = _FIELDS[wanted.field]
        self._values: Counter[Value] = Counter()
        self._numbers: list[int] = []
        self._count = 0
        self._sum = 0

    def add(self, one: Object) -> None:
        value = self._get(one)
        self._count += 1
        if self._wanted.operation in ("distinct", "group"):
            self._values[value] += 1
        elif isinstance(value, int):
            self._sum += value
            self._numbers = [min([value, *self._numbers[:1]]), max([value, *self._numbers[1:]])]

    def result(self) -> Aggregated:
        operation = self._wanted.operation
        shown = Aggregated(field=self._wanted.field, operation=operation)
        if operation == "group":
            pairs = sorted(self._values.items(), key=lambda pair: (-pair[1], pair[0]))
            shown.groups = Groups(group=[Group(value=_shown(self._wanted.field, v), count=n) for v, n in pairs])
            return shown
        least, greatest = self._numbers or (0, 0)
        shown.value = {
            "min": least,
            "max": greatest,
            "sum": self._sum,
            "average": self._sum / self._count if self._count else 0,
            "count": self._count,
            "distinct": len(self._values),
        }[operation]
        return shown


def _shown(field: str, value: Value) -> str:
    return _local_time(int(value)) if field == "FileModifiedTime" else str(value)


def _local_time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, timezone(timedelta(hours=8))).isoformat()


def _file(one: Object) -> File:
    tags = [Tagging(key=key, value=value) for key, value in one.tags.items()]
    meta = [Tagging(key=f"x-oss-meta-{key}", value=value) for key, value in one.meta.items()]
    return File(
        filename=one.name,
        size=one.size,
        file_modified_time=_local_time(one.modified),
        oss_object_type=one.type,
        oss_storage_class=one.storage_class,
        object_acl=one.acl,
        e_tag=f'"{one.etag}"',
        oss_crc64=str(one.crc64),
        content_type=one.content_type,
        server_side_encryption=one.encryption or None,
        server_side_encryption_key_id=one.encryption_key_id or None,
        oss_tagging_count=len(tags) or None,
        oss_tagging=TaggingList(tagging=tags) if tags else None,
        oss_user_meta=UserMetaList(user_meta=meta) if meta else None,
    )


def _token(key: tuple[Value, str]) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).decode()


def _read_token(text: str, *, is_number: bool) -> tuple[Value, str] | None:
    """Raises InvalidArgument."""
    if not text:
        return None
    try:
        found = msgspec.json.decode(base64.urlsafe_b64decode(text), type=tuple[int | str, str])
    except (binascii.Error, ValueError):
        raise _invalid("NextToken", text) from None
    if isinstance(found[0], int) != is_number:
        raise _invalid("NextToken", text)  # of a query that was sorted otherwise
    return found


def _invalid(name: str, value: str) -> InvalidArgument:
    return InvalidArgument(reason=f"The value of {name} is invalid.", ArgumentName=name, ArgumentValue=value[:200])
