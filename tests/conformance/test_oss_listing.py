"""Listing: order, pages, prefixes and delimiters, in both versions and against a plain model."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import alibabacloud_oss_v2 as oss_v2
import oss2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conformance.conftest import Cloud, cloud_of
from tests.conformance.oss_clients import oss2_bucket, v2_client
from tests.conftest import Server

NAMES = sorted(
    [
        *(f"flat-{number:04}" for number in range(700)),
        *(f"photos/2026/{number:03}.jpg" for number in range(400)),
        *(f"photos/2027/{number:03}.jpg" for number in range(300)),
        *(f"photos/{letter}.txt" for letter in "abc"),
        *(f"many/{number:03}/one" for number in range(90)),
        "photos",
        "photos/",
        "photos/2026",
        "é/accent",
        "文件/一",
        "文件/二",
        "😀/face",
        "a b+c%/x",
    ],
    key=str.encode,
)
"""More than 1,500 names."""


@pytest.fixture(scope="module")
def bucket(server: Server) -> oss2.Bucket:
    cloud = cloud_of(server, server.new_account())
    made = oss2_bucket(cloud)
    made.create_bucket()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: made.put_object(name, b""), NAMES))
    return made


def rolled_up(names: list[str], prefix: str, delimiter: str) -> list[str]:
    """What a listing shows, in its order."""
    shown: list[str] = []
    for name in names:
        if not name.startswith(prefix):
            continue
        cut = name.find(delimiter, len(prefix)) if delimiter else -1
        entry = name if cut < 0 else name[: cut + len(delimiter)]
        if not shown or shown[-1] != entry:
            shown.append(entry)
    return shown


def all_v1(bucket: oss2.Bucket, prefix: str, delimiter: str, page: int) -> list[str]:
    shown: list[str] = []
    marker = ""
    while True:
        answer = bucket.list_objects(prefix=prefix, delimiter=delimiter, marker=marker, max_keys=page)
        entries = [one.key for one in answer.object_list] + answer.prefix_list
        assert len(entries) <= page
        shown += sorted(entries, key=str.encode)
        if not answer.is_truncated:
            return shown
        marker = answer.next_marker


def all_v2(bucket: oss2.Bucket, prefix: str, delimiter: str, page: int) -> list[str]:
    shown: list[str] = []
    token = ""
    while True:
        answer = bucket.list_objects_v2(prefix=prefix, delimiter=delimiter, continuation_token=token, max_keys=page)
        entries = [one.key for one in answer.object_list] + answer.prefix_list
        shown += sorted(entries, key=str.encode)
        if not answer.is_truncated:
            return shown
        token = answer.next_continuation_token


CASES = [
    ("", "", 1000),
    ("", "", 77),
    ("", "/", 100),
    ("", "/", 1),
    ("photos/", "/", 2),
    ("photos/", "", 1000),
    ("photos", "/", 3),
    ("photos/2026/", "/", 1000),
    ("many/", "/", 7),
    ("文件/", "/", 10),
    ("none", "/", 10),
    ("", "2026", 10),
    ("", "o", 50),
]


@pytest.mark.parametrize(("prefix", "delimiter", "page"), CASES)
def test_a_listing_shows_all_and_each_once(bucket: oss2.Bucket, prefix: str, delimiter: str, page: int) -> None:
    expected = rolled_up(NAMES, prefix, delimiter)
    assert all_v1(bucket, prefix, delimiter, page) == expected
    assert all_v2(bucket, prefix, delimiter, page) == expected


texts = st.sampled_from(["", "/", "p", "photos/", "photos/2", "many/0", "文", "é", "flat-00", "flat-0699", "~"])


@settings(max_examples=40, deadline=None)
@given(prefix=texts, delimiter=st.sampled_from(["", "/", "-", "0", "文件"]), after=texts | st.sampled_from(NAMES))
def test_start_after(bucket: oss2.Bucket, prefix: str, delimiter: str, after: str) -> None:
    behind = [name for name in NAMES if name.encode() > after.encode()]
    answer = bucket.list_objects_v2(prefix=prefix, delimiter=delimiter, start_after=after, max_keys=1000)
    shown = sorted([one.key for one in answer.object_list] + answer.prefix_list, key=str.encode)
    expected = rolled_up(behind, prefix, delimiter)
    if delimiter and after.endswith(delimiter) and after.startswith(prefix) and len(after) > len(prefix):
        # A page that ended with a common prefix goes on behind all that it stands for.
        expected = [entry for entry in expected if not entry.startswith(after)]
    assert shown == expected[:1000]


def test_the_default_page_has_a_hundred(bucket: oss2.Bucket) -> None:
    answer = bucket.list_objects()
    assert (len(answer.object_list), answer.is_truncated) == (100, True)
    assert answer.next_marker == NAMES[99]


@pytest.mark.parametrize("page", [0, 1001, -1])
def test_a_page_has_one_to_a_thousand(bucket: oss2.Bucket, page: int) -> None:
    with pytest.raises(oss2.exceptions.InvalidArgument) as refused:
        bucket.list_objects(max_keys=page)
    assert refused.value.details["ArgumentName"] == "max-keys"


def test_what_an_entry_tells(bucket: oss2.Bucket) -> None:
    entry = bucket.list_objects(prefix="flat-0000").object_list[0]
    head = bucket.head_object("flat-0000")
    assert (entry.size, entry.etag, entry.type, entry.storage_class) == (0, head.etag, "Normal", "Standard")
    assert entry.last_modified == head.last_modified
    assert entry.owner.id == bucket.get_bucket_info().owner.id
    assert bucket.list_objects_v2(prefix="flat-0000").object_list[0].owner is None
    assert bucket.list_objects_v2(prefix="flat-0000", fetch_owner=True).object_list[0].owner is not None


def test_a_bad_continuation_token(bucket: oss2.Bucket) -> None:
    with pytest.raises(oss2.exceptions.InvalidArgument):
        bucket.list_objects_v2(continuation_token="not a token!")


def test_oss_v2_paginates(cloud: Cloud) -> None:
    bucket = oss2_bucket(cloud)
    bucket.create_bucket()
    names = [f"d{number % 3}/文 {number:02}" for number in range(30)]
    for name in names:
        bucket.put_object(name, b"1")
    client = v2_client(cloud)
    pages = client.list_objects_v2_paginator(limit=7).iter_page(oss_v2.ListObjectsV2Request(bucket=bucket.bucket_name))
    assert [one.key for page in pages for one in page.contents or []] == sorted(names, key=str.encode)
    first = client.list_objects(oss_v2.ListObjectsRequest(bucket=bucket.bucket_name, delimiter="/"))
    assert [one.prefix for one in first.common_prefixes or []] == ["d0/", "d1/", "d2/"]
