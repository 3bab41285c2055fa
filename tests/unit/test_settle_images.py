"""Images that go to and come from buckets, when a bucket's name has become another account's meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from openyun.errors import CloudError
from openyun.services.oss import exchange
from openyun.services.oss.records import Bucket, Object
from tests.unit.region import ACCOUNT, Place


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    yield made
    made.close()


def test_the_work_of_one_account_reads_and_writes_no_bucket_of_another(place: Place) -> None:
    def give(account_id: str) -> None:
        made = Bucket(name="images", account_id=account_id, created_at=0)
        place.write(lambda state: state.put(made))

    def store(pieces: list[bytes], taken_by: str = "") -> None:
        def said() -> Iterator[bytes]:
            yield from pieces
            if taken_by:
                give(taken_by)

        exchange.store(place.cloud, place.at, ACCOUNT, "images", "disk", said, "text/plain")

    def read() -> bytes:
        return b"".join(exchange.fetch(place.cloud, place.at, ACCOUNT, "images", "disk"))

    give(ACCOUNT)
    store([b"ours"])
    assert read() == b"ours"
    with pytest.raises(CloudError, match="bucket"):
        store([b"late"], taken_by="2000000000000002")
    with pytest.raises(CloudError, match="bucket"):
        read()
    assert place.at.store.read(lambda state: state.count(Object)) == 1
    give(ACCOUNT)
    assert read() == b"ours"
