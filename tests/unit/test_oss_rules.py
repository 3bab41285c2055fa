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
from fastcrc import crc64
from hypothesis import given
from hypothesis import strategies as st

from openyun.cloud import RegionState
from openyun.engine.drivers.files import Files
from openyun.errors import CloudError
from openyun.gateway.oss.bodies import until_gone
from openyun.gateway.oss.request import Target, target_of
from openyun.services.oss import xml
from openyun.services.oss.crc64 import combine
from openyun.services.oss.errors import InvalidRange, MalformedXML
from openyun.services.oss.object.conditions import part
from openyun.services.oss.paging import after_all_with
from openyun.services.oss.records import Object, Piece
from openyun.services.oss.work.sweeping import AGE, BlobSweeper
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
    except InvalidRange:
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

    named, piece, orphan, young = written(2 * AGE), written(2 * AGE), written(2 * AGE), written(0)
    row = Object(
        bucket="b", name="k", size=1, etag="", crc64=0, blob_id=named, modified=0, storage_class="", content_type=""
    )
    store.write(lambda state: state.put(row))
    store.write(lambda state: state.put(Piece(content_id="c", number=0, blob_id=piece, size=1)))
    at: Any = SimpleNamespace(store=store, engines=SimpleNamespace(blob=blobs))
    sweeper = BlobSweeper(cast(RegionState, at))
    sweeper.survey()
    sweeper.survey()
    assert set(blobs.stored(time.time() + 60)) == {named, piece, young}
    assert not Path(blobs.path(orphan)).exists()
    blobs.close()
    store.close()


def test_a_document_keeps_the_control_characters_of_names() -> None:
    root = xml.parse("<Delete><Object><Key>文\x0c件\x01</Key></Object></Delete>".encode())
    assert root.findtext("Object/Key") == "文\x0c件\x01"


@given(names)
def test_what_is_rendered_is_well_formed_and_keeps_what_xml_can(name: str) -> None:
    shown = xml.parse(xml.render("Error", {"Key": name})).findtext("Key")
    assert shown == "".join("\ufffd" if (c < " " and c not in "\t\n\r") or c in "\ufffe\uffff" else c for c in name)


@given(first=st.binary(max_size=300), second=st.binary(max_size=300))
def test_the_crc_of_two_texts_joined(first: bytes, second: bytes) -> None:
    assert combine(crc64.xz(first), crc64.xz(second), len(second)) == crc64.xz(first + second)


def test_reading_ends_when_the_client_has_hung_up() -> None:
    """The server takes what is sent to nobody; so a blob must not be read on for it."""
    gone = asyncio.Event()
    closed: list[bool] = []

    class Endless:
        def __aiter__(self) -> AsyncIterator[bytes]:
            return cast(AsyncIterator[bytes], self)

        async def __anext__(self) -> bytes:
            return b"x"

        async def aclose(self) -> None:
            closed.append(True)

    async def nothing() -> AsyncIterator[bytes]:
        return
        yield b""

    request: Any = SimpleNamespace(hung_up=gone.wait)

    async def go() -> None:
        sent = 0
        async for _ in until_gone(request, Endless(), nothing()):
            sent += 1
            if sent == 10:
                gone.set()
            await asyncio.sleep(0)
            assert sent < 20

    asyncio.run(go())
    assert closed == [True]
