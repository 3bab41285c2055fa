"""Buckets, through oss2 with both of its usual signatures and alibabacloud_oss_v2."""

from __future__ import annotations

import alibabacloud_oss_v2 as oss_v2
import oss2
import pytest
import requests

from tests.conformance.conftest import Cloud
from tests.conformance.oss_clients import VERSIONS, bucket_name, oss2_bucket, oss2_service, v2_client


@pytest.mark.parametrize("version", VERSIONS)
def test_a_bucket_lives_from_create_to_delete(cloud: Cloud, version: str) -> None:
    bucket = oss2_bucket(cloud, version=version)
    bucket.create_bucket(oss2.BUCKET_ACL_PRIVATE)
    service = oss2_service(cloud, version=version)
    listed = service.list_buckets().buckets
    assert [(one.name, one.location, one.region) for one in listed] == [
        (bucket.bucket_name, "oss-cn-hangzhou", "cn-hangzhou")
    ]
    info = bucket.get_bucket_info()
    assert info.name == bucket.bucket_name
    assert info.owner.id == cloud.account_id
    assert (info.acl.grant, info.storage_class, info.data_redundancy_type) == ("private", "Standard", "LRS")
    assert info.location == bucket.get_bucket_location().location == "oss-cn-hangzhou"
    bucket.delete_bucket()
    assert service.list_buckets().buckets == []
    with pytest.raises(oss2.exceptions.NoSuchBucket) as gone:
        bucket.get_bucket_info()
    assert gone.value.details["BucketName"] == bucket.bucket_name
    assert len(gone.value.request_id) == 24
    assert gone.value.ec == "0015-00000101"


def test_oss_v2_makes_lists_and_deletes_buckets(cloud: Cloud) -> None:
    client = v2_client(cloud)
    name = bucket_name()
    client.put_bucket(oss_v2.PutBucketRequest(bucket=name))
    assert client.is_bucket_exist(name)
    listed = client.list_buckets(oss_v2.ListBucketsRequest()).buckets
    assert listed is not None
    assert [one.name for one in listed] == [name]
    client.delete_bucket(oss_v2.DeleteBucketRequest(bucket=name))
    assert not client.is_bucket_exist(name)


def test_making_a_bucket_again_is_fine_for_its_owner_only(cloud: Cloud, other_cloud: Cloud) -> None:
    bucket = oss2_bucket(cloud)
    bucket.create_bucket()
    bucket.put_object("kept", b"x")
    bucket.create_bucket(oss2.BUCKET_ACL_PUBLIC_READ)
    assert bucket.get_bucket_acl().acl == "public-read"
    assert bucket.get_object("kept").read() == b"x"
    with pytest.raises(oss2.exceptions.ServerError) as taken:
        oss2_bucket(other_cloud, bucket.bucket_name).create_bucket()
    assert (taken.value.status, taken.value.code) == (409, "BucketAlreadyExists")


def test_a_name_is_one_for_all_regions(cloud: Cloud) -> None:
    bucket = oss2_bucket(cloud)
    bucket.create_bucket()
    with pytest.raises(oss2.exceptions.ServerError) as taken:
        oss2_bucket(cloud, bucket.bucket_name, region="cn-beijing").create_bucket()
    assert (taken.value.status, taken.value.code) == (409, "BucketAlreadyExists")


@pytest.mark.parametrize("name", ["ab", "a" * 64, "Upper-case", "under_score", "-first", "last-", "dot.ted"])
def test_bad_names_are_refused(cloud: Cloud, name: str) -> None:
    client = oss2_bucket(cloud, "good-name")
    client.bucket_name = name
    with pytest.raises(oss2.exceptions.ServerError) as refused:
        client.create_bucket()
    assert (refused.value.status, refused.value.code) == (400, "InvalidBucketName")


def test_a_bucket_with_objects_stays(cloud: Cloud) -> None:
    bucket = oss2_bucket(cloud)
    bucket.create_bucket()
    bucket.put_object("one", b"1")
    with pytest.raises(oss2.exceptions.BucketNotEmpty):
        bucket.delete_bucket()
    bucket.delete_object("one")
    bucket.delete_bucket()


def test_another_account_may_do_nothing(cloud: Cloud, other_cloud: Cloud) -> None:
    mine = oss2_bucket(cloud)
    mine.create_bucket()
    mine.put_object("secret", b"1")
    theirs = oss2_bucket(other_cloud, mine.bucket_name)
    for attempt in (
        theirs.get_bucket_info,
        theirs.get_bucket_acl,
        theirs.delete_bucket,
        theirs.list_objects,
        lambda: theirs.put_bucket_acl("public-read"),
        lambda: theirs.get_object("secret"),
        lambda: theirs.head_object("secret"),
        lambda: theirs.put_object("secret", b"2"),
        lambda: theirs.delete_object("secret"),
        lambda: theirs.batch_delete_objects(["secret"]),
        lambda: theirs.copy_object(mine.bucket_name, "secret", "mine"),
    ):
        with pytest.raises(oss2.exceptions.AccessDenied):
            attempt()
    assert mine.get_object("secret").read() == b"1"
    assert oss2_service(other_cloud).list_buckets().buckets == []


def test_list_buckets_by_prefix_and_page(cloud: Cloud) -> None:
    stem = bucket_name()
    names = [f"{stem}-{letter}" for letter in "abcde"]
    for name in names:
        oss2_bucket(cloud, name).create_bucket()
    oss2_bucket(cloud, f"z{stem}").create_bucket()
    service = oss2_service(cloud)
    first = service.list_buckets(prefix=f"{stem}-", max_keys=2)
    assert [one.name for one in first.buckets] == names[:2]
    assert (first.is_truncated, first.next_marker) == (True, names[1])
    assert [one.name for one in oss2.BucketIterator(service, prefix=f"{stem}-", max_keys=2)] == names


def test_the_body_chooses_storage_class_and_the_region(cloud: Cloud) -> None:
    bucket = oss2_bucket(cloud, version="v1")
    bucket.create_bucket(input=oss2.models.BucketCreateConfig("IA", oss2.BUCKET_DATA_REDUNDANCY_TYPE_ZRS))
    info = bucket.get_bucket_info()
    assert (info.storage_class, info.data_redundancy_type) == ("IA", "ZRS")
    bucket.put_object("inherits", b"1")
    assert bucket.head_object("inherits").headers["x-oss-storage-class"] == "IA"


def test_stat_counts_what_is_there(cloud: Cloud) -> None:
    bucket = oss2_bucket(cloud)
    bucket.create_bucket()
    for number in range(3):
        bucket.put_object(f"n{number}", b"x" * (number + 1))
    bucket.put_object("ia", b"yy", headers={"x-oss-storage-class": "IA"})
    stat = bucket.get_bucket_stat()
    assert (stat.object_count, stat.storage_size_in_bytes) == (4, 8)
    assert (stat.standard_object_count, stat.infrequent_access_real_storage) == (3, 2)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_bucket_in_another_region(cloud: Cloud, version: str) -> None:
    beijing = oss2_bucket(cloud, region="cn-beijing")
    beijing.create_bucket()
    beijing.put_object("k", b"1")
    assert beijing.get_bucket_location().location == "oss-cn-beijing"
    assert [one.region for one in oss2_service(cloud).list_buckets().buckets] == ["cn-beijing"]
    elsewhere = oss2_bucket(cloud, beijing.bucket_name, version=version, region="cn-hangzhou")
    if version == "v4":
        with pytest.raises(oss2.exceptions.ServerError) as refused:
            elsewhere.head_object("k")
        assert (refused.value.code, refused.value.ec) == ("InvalidArgument", "0002-00000226")
        assert refused.value.message == "Invalid signing region in Authorization header."
        answer = requests.get(elsewhere.sign_url("GET", "k", 60), timeout=30)
        assert "The signing region in credential is invalid." in answer.text
    else:
        assert elsewhere.get_object("k").read() == b"1"


def test_what_is_not_here_says_so(cloud: Cloud) -> None:
    bucket = oss2_bucket(cloud)
    bucket.create_bucket()
    wanted = oss_v2.GetBucketMetadataConfigurationRequest(bucket=bucket.bucket_name)
    with pytest.raises(oss_v2.exceptions.OperationError) as lacking:
        v2_client(cloud).get_bucket_metadata_configuration(wanted)
    problem = lacking.value.unwrap()
    assert (problem.status_code, problem.code) == (501, "NotImplemented")
    assert "metadataConfiguration" in problem.message
    assert not bucket.object_exists("k")
