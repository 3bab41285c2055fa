"""Meta query: objects by what they are."""

from __future__ import annotations

import json
from typing import Any

import alibabacloud_oss_v2 as oss_v2
import oss2
import pytest
from oss2.models import AggregationsRequest, MetaQuery

from tests.conformance.conftest import Cloud
from tests.conformance.oss_clients import oss2_bucket, v2_client


def is_about(field: str, operation: str, value: str) -> dict[str, str]:
    return {"Field": field, "Operation": operation, "Value": value}


def joined(operation: str, *parts: dict[str, Any]) -> dict[str, Any]:
    return {"Operation": operation, "SubQueries": list(parts)}


def test_objects_are_found_by_what_they_are(cloud: Cloud) -> None:
    bucket = oss2_bucket(cloud)
    bucket.create_bucket()
    with pytest.raises(oss2.exceptions.ServerError) as caught:
        bucket.get_bucket_meta_query_status()
    assert (caught.value.code, caught.value.status) == ("MetaQueryNotExist", 404)
    assert bucket.open_bucket_meta_query().status == 200
    assert bucket.get_bucket_meta_query_status().state == "Running"
    for number in range(5):
        headers = {"x-oss-meta-City": f"c{number % 2}", "x-oss-tagging": f"n={number}"}
        bucket.put_object(f"dir/Photo-{number}.jpg", b"x" * number, headers=headers)
    bucket.put_object("big", b"y" * 1000, headers={"x-oss-storage-class": "Standard", "x-oss-object-acl": "private"})

    def names(query: dict[str, Any], **more: Any) -> list[str]:
        asked = MetaQuery(query=json.dumps(query), max_results=50, **more)
        return [one.file_name for one in bucket.do_bucket_meta_query(asked).files]

    small = ["dir/Photo-0.jpg", "dir/Photo-1.jpg", "dir/Photo-2.jpg", "dir/Photo-3.jpg", "dir/Photo-4.jpg"]
    assert names(is_about("Size", "gt", "4"), sort="Size", order="asc") == ["big"]
    assert names(is_about("Size", "lte", "4"), sort="Size", order="asc") == small
    assert names(is_about("Size", "lt", "5"), sort="Size", order="desc") == small[::-1]
    assert names(is_about("Filename", "prefix", "dir/")) == small
    assert names(is_about("Filename", "match", "photo-3")) == [small[3]]
    assert names(is_about("OSSUserMeta.x-oss-meta-city", "eq", "c1")) == [small[1], small[3]]
    assert names(is_about("OSSTagging.n", "eq", "2")) == [small[2]]
    assert names(is_about("ObjectACL", "eq", "private")) == ["big"]
    assert names(is_about("FileModifiedTime", "lt", "2020-01-01T00:00:00+08:00")) == []
    both = joined("and", is_about("Size", "gte", "2"), is_about("Filename", "prefix", "dir/"))
    assert names(joined("or", is_about("Size", "eq", "1000"), both)) == ["big", *small[2:]]
    assert names(joined("and", joined("not", both), is_about("Size", "lt", "100"))) == small[:2]
    for query in (is_about("Colour", "eq", "1"), is_about("Size", "match", "1"), is_about("Size", "eq", "x"), {}):
        with pytest.raises(oss2.exceptions.ServerError) as caught:
            names(query)
        assert (caught.value.code, caught.value.status) == ("InvalidArgument", 400)

    sums = [AggregationsRequest("Size", one) for one in ("min", "max", "average", "sum", "count")]
    sums += [AggregationsRequest("OSSStorageClass", "distinct"), AggregationsRequest("ObjectACL", "group")]
    everything = MetaQuery(
        query=json.dumps(is_about("Size", "gte", "0")), max_results=2, sort="Filename", order="asc", aggregations=sums
    )
    first = bucket.do_bucket_meta_query(everything)
    assert (first.files, first.next_token) == ([], "")
    assert [one.value for one in first.aggregations[:6]] == [0, 1000, 1010 / 6, 1010, 6, 1]
    assert {one.value: one.count for one in first.aggregations[6].groups} == {"default": 5, "private": 1}
    everything.aggregations = None
    first = bucket.do_bucket_meta_query(everything)
    found = [one.file_name for one in first.files]
    while first.next_token:
        everything.next_token = first.next_token
        first = bucket.do_bucket_meta_query(everything)
        found += [one.file_name for one in first.files]
    assert found == ["big", *small]

    client = v2_client(cloud)
    whole = client.do_meta_query(
        oss_v2.DoMetaQueryRequest(
            bucket=bucket.bucket_name,
            meta_query=oss_v2.MetaQuery(query=json.dumps(is_about("Filename", "eq", small[3])), max_results=1),
        )
    ).files.file[0]
    head = bucket.head_object(small[3])
    assert (whole.filename, whole.size, whole.oss_object_type) == (small[3], 3, "Normal")
    assert (whole.etag, whole.oss_crc64) == (f'"{head.etag}"', head.headers["x-oss-hash-crc64ecma"])
    assert [(one.key, one.value) for one in whole.oss_tagging.taggings] == [("n", "3")]
    assert [(one.key, one.value) for one in whole.oss_user_meta.user_metas] == [("x-oss-meta-city", "c1")]
    with pytest.raises(oss_v2.exceptions.OperationError) as refused:
        client.open_meta_query(oss_v2.OpenMetaQueryRequest(bucket=bucket.bucket_name, mode="semantic"))
    assert refused.value.unwrap().status_code == 501

    assert bucket.close_bucket_meta_query().status == 200
    with pytest.raises(oss2.exceptions.ServerError) as caught:
        bucket.do_bucket_meta_query(everything)
    assert (caught.value.code, caught.value.status) == ("MetaQueryNotExist", 404)
