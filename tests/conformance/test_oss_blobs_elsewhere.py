"""A cloud whose objects lie in another object store: here, in a second OpenYun, over S3."""

from __future__ import annotations

import os
from pathlib import Path

import oss2
import pytest

from tests.conformance.conftest import cloud_of
from tests.conformance.oss_clients import oss2_bucket
from tests.conftest import Server

pytest.importorskip("obstore", reason="obstore is not installed")


def test_objects_lie_in_the_other_store(server: Server, tmp_path: Path) -> None:
    far = cloud_of(server, server.new_account())
    store = oss2_bucket(far)
    store.create_bucket()
    keys = f"access_key_id={far.access_key_id}&secret_access_key={far.access_key_secret}"
    address = f"s3://{store.bucket_name}/{{region}}?endpoint=http://{far.endpoint}&region={far.region}&{keys}"
    near = Server(tmp_path / "near", settings={"OPENYUN_BLOBS": address})
    near.start()
    try:
        bucket = oss2_bucket(cloud_of(near, near.account()))
        bucket.create_bucket()
        body = os.urandom(20_000_000)
        bucket.put_object("big", body)
        assert bucket.get_object("big").read() == body
        assert bucket.get_object("big", byte_range=(9_000_000, 9_000_099)).read() == body[9_000_000:9_000_100]
        [blob] = oss2.ObjectIterator(store)
        assert blob.key.startswith("cn-hangzhou/")
        assert blob.size == len(body)
        near.kill()
        near.start()
        assert bucket.get_object("big").read() == body
    finally:
        near.stop()
    assert not list((tmp_path / "near").rglob("blobs/??/*"))
