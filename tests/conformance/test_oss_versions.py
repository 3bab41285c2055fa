"""Versions of objects and delete markers, through oss2 with all of its signatures."""

from __future__ import annotations

from collections.abc import Callable

import oss2
import pytest
from oss2.models import BatchDeleteObjectVersion, BatchDeleteObjectVersionList, BucketVersioningConfig

from tests.conformance.conftest import Cloud
from tests.conformance.oss_clients import anonymous_bucket, oss2_bucket


def set_versioning(bucket: oss2.Bucket, status: str) -> None:
    config = BucketVersioningConfig()
    config.status = status
    bucket.put_bucket_versioning(config)
    assert bucket.get_bucket_versioning().status == status


@pytest.fixture(params=["v1", "v2", "v4"])
def bucket(cloud: Cloud, request: pytest.FixtureRequest) -> oss2.Bucket:
    made = oss2_bucket(cloud, version=request.param)
    made.create_bucket()
    assert made.get_bucket_versioning().status is None
    set_versioning(made, "Enabled")
    return made


def of(version_id: str) -> dict[str, str]:
    return {"versionId": version_id}


def refused(attempt: Callable[[], object]) -> tuple[int, str, bool]:
    """Status, code, and whether it was told of a delete marker."""
    with pytest.raises(oss2.exceptions.ServerError) as caught:
        attempt()
    marker = {name.lower(): value for name, value in caught.value.headers.items()}.get("x-oss-delete-marker")
    return caught.value.status, caught.value.code, marker == "true"


def listed(bucket: oss2.Bucket, **asked: object) -> list[tuple[str, str, bool, bool]]:
    """Key, version, latest, delete marker: by key, the newest first."""
    found = bucket.list_object_versions(**asked)
    rows = [(one.key, one.versionid, one.is_latest, False) for one in found.versions]
    return rows + [(one.key, one.versionid, one.is_latest, True) for one in found.delete_marker]


def test_every_version_can_be_read(bucket: oss2.Bucket) -> None:
    ids = [bucket.put_object("k", text).versionid for text in ("one", "two", "three" * 2000)]
    assert len(set(ids)) == 3
    for version_id, text in zip(ids, ("one", "two", "three" * 2000), strict=True):
        got = bucket.get_object("k", params=of(version_id))
        assert (got.read().decode(), got.versionid) == (text, version_id)
        assert bucket.head_object("k", params=of(version_id)).versionid == version_id
        assert bucket.get_object_meta("k", params=of(version_id)).content_length == len(text)
    assert bucket.get_object("k").versionid == ids[2]
    assert listed(bucket) == [("k", one, one == ids[2], False) for one in reversed(ids)]


def test_a_delete_marker_hides_and_its_deletion_brings_back(bucket: oss2.Bucket) -> None:
    kept = bucket.put_object("k", "text").versionid
    gone = bucket.delete_object("k")
    assert gone.delete_marker
    assert refused(lambda: bucket.get_object("k")) == (404, "NoSuchKey", True)
    assert refused(lambda: bucket.get_object("k", params=of(gone.versionid))) == (405, "MethodNotAllowed", True)
    assert bucket.get_object("k", params=of(kept)).read() == b"text"
    assert bucket.list_objects().object_list == []
    assert listed(bucket) == [("k", kept, False, False), ("k", gone.versionid, True, True)]
    assert bucket.delete_object("k", params=of(gone.versionid)).delete_marker
    assert bucket.get_object("k").read() == b"text"
    assert [one.key for one in bucket.list_objects().object_list] == ["k"]


def test_deleting_the_newest_version_makes_the_one_before_current(bucket: oss2.Bucket) -> None:
    first, second = (bucket.put_object("k", text).versionid for text in ("1", "2"))
    bucket.delete_object("k", params=of(second))
    assert (bucket.get_object("k").read(), listed(bucket)) == (b"1", [("k", first, True, False)])
    assert refused(lambda: bucket.get_object("k", params=of(second)))[:2] == (404, "NoSuchVersion")
    bucket.delete_object("k", params=of(first))
    assert refused(lambda: bucket.get_object("k")) == (404, "NoSuchKey", False)
    bucket.delete_bucket()


def test_what_was_there_before_versioning_is_the_null_version(cloud: Cloud) -> None:
    bucket = oss2_bucket(cloud)
    bucket.create_bucket()
    assert bucket.put_object("k", "before").versionid is None
    set_versioning(bucket, "Enabled")
    assert bucket.head_object("k").versionid == "null"
    named = bucket.put_object("k", "after").versionid
    assert bucket.get_object("k", params=of("null")).read() == b"before"
    assert listed(bucket) == [("k", named, True, False), ("k", "null", False, False)]


def test_suspended_versioning_overwrites_only_the_null_version(bucket: oss2.Bucket) -> None:
    named = bucket.put_object("k", "named").versionid
    set_versioning(bucket, "Suspended")
    for text in ("null 1", "null 2"):
        assert bucket.put_object("k", text).versionid == "null"
    assert bucket.get_object("k").read() == b"null 2"
    assert listed(bucket) == [("k", "null", True, False), ("k", named, False, False)]
    assert bucket.delete_object("k").versionid == "null"
    assert listed(bucket) == [("k", named, False, False), ("k", "null", True, True)]
    bucket.delete_object("k")
    assert len(listed(bucket)) == 2
    bucket.put_object("k", "null 3")
    assert listed(bucket) == [("k", "null", True, False), ("k", named, False, False)]
    assert bucket.get_object("k", params=of(named)).read() == b"named"
    set_versioning(bucket, "Enabled")
    bucket.put_object("k", "new")
    assert bucket.get_object("k", params=of("null")).read() == b"null 3"


def test_copies_name_versions(bucket: oss2.Bucket) -> None:
    first = bucket.put_object("k", "1").versionid
    bucket.put_object("k", "2")
    copied = bucket.copy_object(bucket.bucket_name, "k", "copy", params=of(first))
    assert copied.versionid not in ("", first)
    assert bucket.get_object("copy").read() == b"1"
    restored = bucket.copy_object(bucket.bucket_name, "k", "k", params=of(first))
    assert bucket.get_object("k", params=of(restored.versionid)).read() == b"1"
    assert bucket.get_object("k").read() == b"1"


def test_acl_and_tags_belong_to_a_version(bucket: oss2.Bucket) -> None:
    first = bucket.put_object("k", "1").versionid
    second = bucket.put_object("k", "2").versionid
    bucket.put_object_acl("k", oss2.OBJECT_ACL_PUBLIC_READ, params=of(first))
    assert bucket.get_object_acl("k", params=of(first)).acl == "public-read"
    assert bucket.get_object_acl("k").acl == "default"
    rule = oss2.models.TaggingRule()
    rule.add("age", "old")
    bucket.put_object_tagging("k", oss2.models.Tagging(rule), params=of(first))
    assert bucket.get_object_tagging("k", params=of(first)).tag_set.tagging_rule == {"age": "old"}
    assert bucket.get_object_tagging("k", params=of(second)).tag_set.tagging_rule == {}


def test_deleting_many_versions(bucket: oss2.Bucket) -> None:
    ids = [bucket.put_object(name, "x").versionid for name in ("a", "a", "b")]
    marker = bucket.delete_object("b").versionid
    doomed = BatchDeleteObjectVersionList()
    for name, version_id in (("a", ids[0]), ("b", marker)):
        doomed.append(BatchDeleteObjectVersion(name, version_id))
    result = bucket.delete_object_versions(doomed)
    assert [(one.key, one.versionid, one.delete_marker) for one in result.delete_versions] == [
        ("a", ids[0], False),
        ("b", marker, True),
    ]
    assert listed(bucket) == [("a", ids[1], True, False), ("b", ids[2], True, False)]
    plain = bucket.batch_delete_objects(["a", "b"])
    assert all(one.delete_marker and one.delete_marker_versionid for one in plain.delete_versions)
    assert bucket.list_objects().object_list == []
    assert len(listed(bucket)) == 4


def test_listing_by_pages_meets_every_version_once(bucket: oss2.Bucket) -> None:
    names = ["a/1", "a/1", "a/2", "b", "b", "b", "c/3", "d"]
    for name in names:
        bucket.put_object(name, "x")
    bucket.delete_object("b")
    bucket.delete_object("d")
    whole = listed(bucket, max_keys=1000)
    assert len(whole) == len(names) + 2
    for size in (1, 2, 3, 7):
        seen = []
        key = version = ""
        while True:
            page = bucket.list_object_versions(key_marker=key, versionid_marker=version, max_keys=size)
            rows = [*page.versions, *page.delete_marker]
            assert len(rows) <= size
            seen += [(one.key, one.versionid) for one in rows]
            if not page.is_truncated:
                break
            key, version = page.next_key_marker, page.next_versionid_marker
        assert sorted(seen) == sorted((key, version) for key, version, _, _ in whole)
    tops = bucket.list_object_versions(delimiter="/")
    assert tops.common_prefix == ["a/", "c/"]
    assert {one.key for one in tops.versions} == {"b", "d"}
    first = bucket.list_object_versions(delimiter="/", max_keys=1)
    assert (first.common_prefix, first.next_key_marker) == (["a/"], "a/")
    following = bucket.list_object_versions(delimiter="/", max_keys=1, key_marker="a/")
    assert (following.common_prefix, len(following.delete_marker)) == ([], 1)
    assert {key for key, _, _, _ in listed(bucket, prefix="a/")} == {"a/1", "a/2"}


def test_a_version_that_cannot_be(bucket: oss2.Bucket) -> None:
    bucket.put_object("k", "x")
    assert refused(lambda: bucket.get_object("k", params=of("1234")))[:2] == (400, "InvalidArgument")
    assert refused(lambda: bucket.get_object("k", params=of("C" * 64)))[:2] == (404, "NoSuchVersion")
    assert bucket.delete_object("k", params=of("C" * 64)).status == 204
    assert bucket.object_exists("k")


def test_appending_and_multipart_uploads_make_versions(bucket: oss2.Bucket) -> None:
    appended = bucket.append_object("log", 0, "1")
    assert bucket.append_object("log", 1, "2").versionid == appended.versionid
    bucket.delete_object("log")
    assert bucket.get_object("log", params=of(appended.versionid)).read() == b"12"
    upload_id = bucket.init_multipart_upload("k").upload_id
    part = oss2.models.PartInfo(1, bucket.upload_part("k", upload_id, 1, b"whole").etag)
    first = bucket.complete_multipart_upload("k", upload_id, [part]).versionid
    bucket.put_object("k", "other")
    assert bucket.get_object("k", params=of(first)).read() == b"whole"


def test_stat_counts_what_is_stored(bucket: oss2.Bucket) -> None:
    first = bucket.put_object("k", "12345").versionid
    bucket.put_object("k", "123", headers={"x-oss-storage-class": "IA"})
    bucket.delete_object("k")
    stat = bucket.get_bucket_stat()
    assert (stat.storage_size_in_bytes, stat.object_count, stat.delete_marker_count) == (8, 2, 1)
    assert (stat.standard_storage, stat.infrequent_access_real_storage) == (5, 3)
    bucket.delete_object("k", params=of(first))
    stat = bucket.get_bucket_stat()
    assert (stat.storage_size_in_bytes, stat.object_count) == (3, 1)


def test_the_acl_of_the_version_that_is_read_counts(cloud: Cloud, bucket: oss2.Bucket) -> None:
    private = bucket.put_object("k", "1", headers={"x-oss-object-acl": "private"}).versionid
    public = bucket.put_object("k", "2", headers={"x-oss-object-acl": "public-read"}).versionid
    everybody = anonymous_bucket(cloud, bucket.bucket_name)
    assert everybody.get_object("k").read() == everybody.get_object("k", params=of(public)).read() == b"2"
    assert refused(lambda: everybody.get_object("k", params=of(private)))[:2] == (403, "AccessDenied")
