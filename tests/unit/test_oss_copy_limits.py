"""How much is copied in one go: rows stand for objects that nobody wants to make."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from openyun.cloud import Cloud
from openyun.services.oss.object.copies import CopyObjectRequest, SourceTooLarge, copy_object
from openyun.services.oss.records import Bucket, Object
from openyun.state import Transaction
from tests.unit.cloud import call_in, small_cloud

GB = 1024**3


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    with small_cloud(tmp_path) as made:

        def work(state: Transaction) -> None:
            for name in ("a", "b"):
                state.put(Bucket(name=name, account_id="1", created_at=0))
            for size in (1, 5, 6):
                fields = {"etag": "E", "crc64": 0, "modified": 0, "content_type": "", "blob_id": f"blob{size}"}
                state.put(Object(bucket="a", name=f"{size}G", size=size * GB, storage_class="Standard", **fields))
            state.put(Object(bucket="a", name="1G+1", size=GB + 1, storage_class="Standard", **fields))

        made.home.store.write(work)
        yield made


@pytest.mark.parametrize(
    ("bucket", "source", "wish", "fits"),
    [
        ("a", "6G", {}, True),
        ("b", "5G", {}, True),
        ("b", "6G", {}, False),
        ("a", "1G", {"storage_class": "IA"}, True),
        ("a", "1G+1", {"storage_class": "IA"}, False),
        ("a", "1G+1", {"encryption": "AES256"}, False),
        ("b", "5G", {"storage_class": "IA", "limits_of": "s3"}, True),
        ("a", "6G", {"limits_of": "s3"}, False),
    ],
)
def test_the_size_of_a_simple_copy(cloud: Cloud, bucket: str, source: str, wish: dict[str, str], fits: bool) -> None:
    ask = CopyObjectRequest(bucket=bucket, key="copy", copy_source=f"/a/{source.replace('+', '%2B')}", **wish)

    def copied(state: Transaction) -> int:
        return sum(one.length for one in copy_object(call_in(cloud, state), ask).data)

    if fits:
        assert cloud.home.store.read(copied) >= GB
        return
    with pytest.raises(SourceTooLarge):
        cloud.home.store.read(copied)
