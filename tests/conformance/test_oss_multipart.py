"""Multipart uploads, through oss2 with all of its signatures and alibabacloud_oss_v2."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import alibabacloud_oss_v2 as oss_v2
import oss2
import pytest
from fastcrc import crc64

from tests.conformance.conftest import Cloud
from tests.conformance.oss_clients import oss2_bucket, v2_client

KIB = 1024
PART = 100 * KIB


@pytest.fixture(params=["v1", "v2", "v4"])
def bucket(cloud: Cloud, request: pytest.FixtureRequest) -> oss2.Bucket:
    made = oss2_bucket(cloud, version=request.param)
    made.create_bucket()
    return made


def upload(bucket: oss2.Bucket, name: str, parts: list[bytes]) -> tuple[str, list[oss2.models.PartInfo]]:
    upload_id = bucket.init_multipart_upload(name).upload_id
    done = []
    for number, data in enumerate(parts, 1):
        put = bucket.upload_part(name, upload_id, number, data)
        assert put.etag == hashlib.md5(data).hexdigest().upper()
        done.append(oss2.models.PartInfo(number, put.etag, size=len(data), part_crc=put.crc))
    return upload_id, done


def refused(attempt: Callable[[], object]) -> tuple[int, str]:
    with pytest.raises(oss2.exceptions.ServerError) as caught:
        attempt()
    return caught.value.status, caught.value.code


def test_parts_become_one_object(bucket: oss2.Bucket) -> None:
    parts = [os.urandom(PART), os.urandom(PART + 1), os.urandom(7)]
    whole = b"".join(parts)
    upload_id, done = upload(bucket, "dir/大 k", parts)
    completed = bucket.complete_multipart_upload("dir/大 k", upload_id, done)
    digests = "".join(hashlib.md5(one).hexdigest().upper() for one in parts).encode()
    assert completed.etag == f"{hashlib.md5(digests).hexdigest().upper()}-3"
    assert completed.crc == crc64.xz(whole)
    got = bucket.get_object("dir/大 k")
    assert got.read() == whole
    assert got.headers["x-oss-object-type"] == "Multipart"
    for first, last in ((0, 0), (PART - 2, PART + 2), (PART, 2 * PART + 5), (2 * PART + 1, None)):
        end = len(whole) if last is None else last + 1
        assert bucket.get_object("dir/大 k", byte_range=(first, last)).read() == whole[first:end]
    assert refused(lambda: bucket.complete_multipart_upload("dir/大 k", upload_id, done)) == (404, "NoSuchUpload")


def test_what_initiation_said_is_kept(bucket: oss2.Bucket) -> None:
    told = {
        "Content-Type": "text/x-poem",
        "x-oss-meta-by": "li bai",
        "x-oss-storage-class": "IA",
        "x-oss-tagging": "a=1",
    }
    upload_id = bucket.init_multipart_upload("k", headers=told).upload_id
    etag = bucket.upload_part("k", upload_id, 1, b"moon").etag
    bucket.complete_multipart_upload("k", upload_id, [oss2.models.PartInfo(1, etag)])
    headers = bucket.head_object("k").headers
    assert {name: headers[name] for name in told if name != "x-oss-tagging"} == {
        name: value for name, value in told.items() if name != "x-oss-tagging"
    }
    assert headers["x-oss-tagging-count"] == "1"


def test_a_list_of_parts_that_is_wrong(bucket: oss2.Bucket) -> None:
    upload_id, done = upload(bucket, "k", [os.urandom(PART), os.urandom(PART), b"end"])

    def complete(*parts: oss2.models.PartInfo) -> Callable[[], object]:
        return lambda: bucket.complete_multipart_upload("k", upload_id, list(parts))

    wrong = oss2.models.PartInfo(2, "0" * 32)
    assert refused(complete(done[0], wrong)) == (400, "InvalidPart")
    assert refused(complete(done[0], oss2.models.PartInfo(9, done[0].etag))) == (400, "InvalidPart")
    short = bucket.init_multipart_upload("k").upload_id
    etags = [bucket.upload_part("k", short, number, b"few").etag for number in (1, 2)]
    listed = [oss2.models.PartInfo(number, etag) for number, etag in enumerate(etags, 1)]
    assert refused(lambda: bucket.complete_multipart_upload("k", short, listed)) == (400, "EntityTooSmall")
    assert refused(lambda: bucket.upload_part("k", upload_id, 10_001, b"x"))[1] == "InvalidArgument"
    assert refused(lambda: bucket.upload_part("k", "F" * 32, 1, b"x")) == (404, "NoSuchUpload")
    assert not bucket.object_exists("k")
    complete(*done)()
    assert bucket.head_object("k").content_length == 2 * PART + 3


def test_the_order_of_parts_is_checked(cloud: Cloud) -> None:
    client = v2_client(cloud)
    name = oss2_bucket(cloud)
    name.create_bucket()
    upload_id, done = upload(name, "k", [os.urandom(PART), b"end"])
    parts = [oss_v2.UploadPart(part_number=one.part_number, etag=one.etag) for one in reversed(done)]
    with pytest.raises(oss_v2.exceptions.OperationError) as caught:
        client.complete_multipart_upload(
            oss_v2.CompleteMultipartUploadRequest(
                bucket=name.bucket_name,
                key="k",
                upload_id=upload_id,
                complete_multipart_upload=oss_v2.CompleteMultipartUpload(parts=parts),
            )
        )
    assert caught.value.unwrap().code == "InvalidPartOrder"


def test_a_part_may_be_sent_again_and_left_out(bucket: oss2.Bucket) -> None:
    upload_id, done = upload(bucket, "k", [b"a" * PART, b"b" * PART, b"c"])
    again = bucket.upload_part("k", upload_id, 1, b"A" * PART)
    bucket.complete_multipart_upload("k", upload_id, [oss2.models.PartInfo(1, again.etag), done[2]])
    assert bucket.get_object("k").read() == b"A" * PART + b"c"


def test_complete_all(bucket: oss2.Bucket) -> None:
    upload_id, _ = upload(bucket, "k", [b"a" * PART, b"b"])
    bucket.complete_multipart_upload("k", upload_id, None, headers={"x-oss-complete-all": "yes"})
    assert bucket.get_object("k").read() == b"a" * PART + b"b"


def test_completion_does_not_overwrite_if_forbidden(bucket: oss2.Bucket) -> None:
    upload_id, done = upload(bucket, "k", [b"new"])
    bucket.put_object("k", b"old")
    once = {"x-oss-forbid-overwrite": "true"}
    attempt = refused(lambda: bucket.complete_multipart_upload("k", upload_id, done, headers=once))
    assert attempt == (409, "FileAlreadyExists")
    assert bucket.get_object("k").read() == b"old"
    bucket.complete_multipart_upload("k", upload_id, done)
    assert bucket.get_object("k").read() == b"new"


def test_parts_copied_from_objects(bucket: oss2.Bucket) -> None:
    data = os.urandom(3 * PART)
    bucket.put_object("source", data)
    upload_id = bucket.init_multipart_upload("k").upload_id
    done = []
    for number, span in enumerate([(0, PART - 1), (PART, None)], 1):
        copied = bucket.upload_part_copy(bucket.bucket_name, "source", span, "k", upload_id, number)
        end = len(data) if span[1] is None else span[1] + 1
        assert copied.etag == hashlib.md5(data[span[0] : end]).hexdigest().upper()
        done.append(oss2.models.PartInfo(number, copied.etag))
    bucket.complete_multipart_upload("k", upload_id, done)
    bucket.delete_object("source")
    assert bucket.get_object("k").read() == data


def test_listing_parts_by_pages(bucket: oss2.Bucket) -> None:
    upload_id, done = upload(bucket, "k", [bytes([number]) for number in range(5)])
    seen = []
    marker = ""
    while True:
        page = bucket.list_parts("k", upload_id, marker=marker, max_parts=2)
        assert len(page.parts) <= 2
        seen += [(one.part_number, one.etag, one.size) for one in page.parts]
        if not page.is_truncated:
            break
        marker = page.next_marker
    assert seen == [(one.part_number, one.etag, 1) for one in done]


def test_listing_uploads(bucket: oss2.Bucket) -> None:
    ids = {(name, bucket.init_multipart_upload(name).upload_id) for name in ["a/1", "a/2", "a/2", "b", "c/3"]}
    for size in (1, 2, 1000):
        found = list(oss2.MultipartUploadIterator(bucket, max_uploads=size))
        assert [(one.key, one.upload_id) for one in found] == sorted(ids)
    tops = list(oss2.MultipartUploadIterator(bucket, delimiter="/", max_uploads=1))
    assert [(one.key, one.is_prefix()) for one in tops] == [("a/", True), ("b", False), ("c/", True)]
    under = bucket.list_multipart_uploads(prefix="a/").upload_list
    assert [one.key for one in under] == ["a/1", "a/2", "a/2"]


def test_abort_leaves_nothing(bucket: oss2.Bucket) -> None:
    upload_id, _ = upload(bucket, "k", [b"a" * PART])
    assert bucket.get_bucket_stat().multi_part_upload_count == 1
    assert refused(bucket.delete_bucket) == (409, "BucketNotEmpty")
    bucket.abort_multipart_upload("k", upload_id)
    assert refused(lambda: bucket.abort_multipart_upload("k", upload_id)) == (404, "NoSuchUpload")
    assert refused(lambda: bucket.list_parts("k", upload_id)) == (404, "NoSuchUpload")
    stat = bucket.get_bucket_stat()
    assert (stat.multi_part_upload_count, stat.storage_size_in_bytes) == (0, 0)
    bucket.delete_bucket()


def test_the_resumable_upload_of_each_sdk(cloud: Cloud, bucket: oss2.Bucket, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(os.urandom(1_500_000))
    store = oss2.ResumableStore(root=str(tmp_path))
    oss2.resumable_upload(
        bucket, "old", str(file), store=store, multipart_threshold=PART, part_size=4 * PART, num_threads=2
    )
    uploader = v2_client(cloud).uploader(part_size=4 * PART, parallel_num=2)
    uploader.upload_file(oss_v2.PutObjectRequest(bucket=bucket.bucket_name, key="new"), filepath=str(file))
    for name in ("old", "new"):
        assert bucket.get_object(name).read() == file.read_bytes()
