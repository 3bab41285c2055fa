"""Rules of OSS that need no server: ranges, skip bounds, addresses, documents, the sweeper."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openyun.cloud import RegionState
from openyun.engine.drivers.files import Files
from openyun.errors import CloudError
from openyun.gateway.oss_request import Target, target_of
from openyun.services.oss import xml
from openyun.services.oss.conditions import part
from openyun.services.oss.errors import MalformedXML
from openyun.services.oss.paging import after_all_with
from openyun.services.oss.records import Object
from openyun.services.oss.sweeping import AGE, BlobSweeper
from openyun.state import open_store

names = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)


@given(prefix=names, rest=names, other=names)
def test_the_bound_of_a_prefix_is_behind_all_with_it_and_no_other(prefix: str, rest: str, other: str) -> None:
    bound = after_all_with(prefix)
    if bound is None:
        assert all(character == "\U0010ffff" for character in prefix)
        return
    assert (prefix + rest).encode() < bound.encode()
    if other.encode() > prefix.encode() and not other.startswith(prefix):
        assert other.encode() >= bound.encode()


@given(header=st.from_regex(r"bytes=[0-9]{0,4}-[0-9]{0,4}", fullmatch=True), size=st.integers(0, 3000))
@pytest.mark.parametrize("standard", [True, False])
def test_a_range_lies_within_the_object(header: str, size: int, standard: bool) -> None:
    try:
        found = part(header, size, standard=standard)
    except CloudError as refused:
        assert (refused.status, standard) == (416, True)
        return
    if found is not None:
        start, length = found
        assert 0 <= start < start + length <= size


@pytest.mark.parametrize(
    ("host", "path", "expected"),
    [
        ("127.0.0.1", "/", Target("", "", "")),
        ("127.0.0.1", "/b", Target("b", "", "")),
        ("127.0.0.1", "/b/", Target("b", "", "")),
        ("127.0.0.1", "/b/k/l%2Fm%20n+o", Target("b", "k/l/m n+o", "")),
        ("127.0.0.1", "/b//k", Target("b", "/k", "")),
        ("localhost", "/b/k", Target("b", "k", "")),
        ("openyun.example.org", "/b/k", Target("b", "k", "")),
        ("b.localhost", "/k", Target("b", "k", "")),
        ("oss-cn-beijing.aliyuncs.com", "/", Target("", "", "cn-beijing")),
        ("b.oss-cn-beijing.aliyuncs.com", "/k", Target("b", "k", "cn-beijing")),
        ("b.oss-cn-beijing-internal.aliyuncs.com", "/", Target("b", "", "cn-beijing")),
        ("oss-cn-beijing.oss-cn-hangzhou.localhost", "/k", Target("", "k", "cn-beijing")),
        ("b.oss.aliyuncs.com", "/k", Target("b", "k", "")),
    ],
)
def test_addresses(host: str, path: str, expected: Target) -> None:
    if host.startswith("oss-cn-beijing.oss"):
        with pytest.raises(CloudError):
            target_of(host, path)
        return
    assert target_of(host, path) == expected


@given(st.binary(max_size=200) | st.text(alphabet="<>/!DOCTYPE[]&;ab \"'", max_size=80).map(str.encode))
def test_a_document_is_read_or_malformed(body: bytes) -> None:
    try:
        xml.parse(body)
    except MalformedXML:
        return


def test_a_document_type_is_refused() -> None:
    with pytest.raises(MalformedXML):
        xml.parse(b'<!DOCTYPE a [<!ENTITY b "cccccccccc">]><a>&b;</a>')
    assert xml.parse(b'<a xmlns="http://example.org/"><b>1</b></a>').findtext("b") == "1"


def test_the_sweeper_frees_old_blobs_without_an_object_and_no_other(tmp_path: Path) -> None:
    store = open_store("sqlite", "cn-hangzhou", tmp_path)
    blobs = Files(tmp_path / "blobs")

    async def one() -> AsyncIterator[bytes]:
        yield b"1"

    def written(age: float) -> str:
        blob = asyncio.run(blobs.write(one()))
        at = time.time() - age
        os.utime(blobs.path(blob.id), (at, at))
        return blob.id

    named, orphan, young = written(2 * AGE), written(2 * AGE), written(0)
    row = Object(
        bucket="b", name="k", size=1, etag="", crc64=0, blob_id=named, modified=0, storage_class="", content_type=""
    )
    store.write(lambda state: state.put(row))
    at: Any = SimpleNamespace(store=store, engines=SimpleNamespace(blob=blobs))
    sweeper = BlobSweeper(cast(RegionState, at))
    sweeper.survey()
    sweeper.survey()
    assert set(blobs.stored(time.time() + 60)) == {named, young}
    assert not Path(blobs.path(orphan)).exists()
    blobs.close()
    store.close()
