"""What the log service keeps and for how long, what it unpacks, and what its queries match."""

from __future__ import annotations

import asyncio
import random
import zlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from openyun.clock import FixedClock
from openyun.cloud import Cloud
from openyun.services.oss.work.sweeping import named
from openyun.services.sls import batches, log_group
from openyun.services.sls.compression import unpack
from openyun.services.sls.errors import ParameterInvalid, PostBodyUncompressError
from openyun.services.sls.expiring import LogExpirer
from openyun.services.sls.indexes import parse as index_of
from openyun.services.sls.log_group import Log, LogGroup
from openyun.services.sls.query import parse
from openyun.services.sls.records import LogBatch, LogData, LogStore
from openyun.state import Transaction
from tests.unit.cloud import NOON, small_cloud

GROUP = LogGroup(logs=[Log(time=5, contents=[("a", "b"), ("ü", "x" * 300)])], topic="t", source="s", tags=[("k", "v")])


def test_a_group_is_what_was_written() -> None:
    assert log_group.decode(log_group.encode(GROUP)) == GROUP
    raw = log_group.encode(GROUP)
    for end in range(1, len(raw)):
        try:
            log_group.decode(raw[:end])
        except log_group.Malformed:
            continue


def test_noise_is_refused_or_of_the_announced_size() -> None:
    dice = random.Random(7)
    for _ in range(2000):
        noise = dice.randbytes(dice.randrange(40))
        for kind in ("lz4", "deflate", ""):
            try:
                assert len(unpack(noise, kind, 30)) == 30
            except PostBodyUncompressError:
                continue


def test_a_bomb_does_not_go_off() -> None:
    with pytest.raises(PostBodyUncompressError):
        unpack(zlib.compress(bytes(50_000_000)), "deflate", 1000)
    with pytest.raises(PostBodyUncompressError):
        unpack(b"\x1fa\x01\x00" + b"\xff" * 100_000 + b"\x00", "lz4", 1000)


INDEX = index_of({"line": {"token": [" "]}, "keys": {"path": {"type": "text", "token": ["/"]}, "n": {"type": "long"}}})
ENTRY = {"__topic__": "t", "__source__": "s", "path": "/Var/log/x.log", "n": "7", "text": "out of memory"}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", True),
        ("memory", True),
        ("mem*", True),
        ("m*o*y", True),
        ("m*o*z", False),
        ("mem?ry", True),
        ("mem", False),
        ("not memory", False),
        ("not (memory and disk)", True),
        ("memory disk", False),
        ("memory or disk", True),
        ("disk or path: var and n > 6", True),
        ('path: "var/log"', True),
        ("path: *", True),
        ("missing or n: *", True),
        ("n in (7 9]", False),
        ("n in [7 9]", True),
        ("n >= 7 and n < 8 and not n = 8", True),
        ('"out memory"', True),
        ("a" + "*a" * 60, False),
    ],
)
def test_a_query(query: str, found: bool) -> None:
    assert parse(query, INDEX)({**ENTRY, "long": "a" * 50_000 + "b"}) is found


@pytest.mark.parametrize(
    "query", ["(", ")", "a and", "n > x", "path > 1", "n in [1", "other: 1", "(" * 3000, "not " * 1500]
)
def test_no_query(query: str) -> None:
    with pytest.raises(ParameterInvalid):
        parse(query, INDEX)


def store_of(state: Transaction, name: str, ttl: int) -> LogStore:
    made = LogStore(project="p", name=name, id=f"ls-{name}", ttl=ttl, shards=1, created_at=0, modified_at=0)
    state.insert(made)
    return made


def kept(cloud: Cloud) -> list[tuple[str, int]]:
    rows = cloud.home.store.read(lambda state: state.find(LogBatch))
    data = cloud.home.store.read(lambda state: state.count(LogData))
    assert data == sum(not one.blob_id for one in rows)
    return [(one.store_id, one.count) for one in rows]


def test_logs_go_when_their_time_or_their_logstore_is_over(tmp_path: Path) -> None:
    with small_cloud(tmp_path) as cloud:
        packed = batches.pack(log_group.encode(GROUP))

        async def chunks() -> AsyncIterator[bytes]:
            yield packed.data

        blobs = cloud.home.engines.blob
        blob = asyncio.run(blobs.write(chunks()))
        as_blob = msgspec.structs.replace(packed, data=b"", blob_id=blob.id)

        def fill(state: Transaction) -> None:
            for name, ttl in (("week", 7), ("ever", 3650), ("gone", 7)):
                store = store_of(state, name, ttl)
                batches.append(state, store, as_blob if name == "week" else packed, NOON)
                batches.append(state, store, packed, NOON + timedelta(days=3))
                if name == "gone":
                    state.delete(store)

        cloud.home.store.write(fill)
        assert cloud.home.store.read(lambda state: named(state, [blob.id, "another"])) == {blob.id}
        LogExpirer(cloud, cloud.home).survey()
        assert kept(cloud) == [("ls-ever", 1)] * 2 + [("ls-week", 1)] * 2
        assert isinstance(cloud.clock, FixedClock)
        cloud.clock = FixedClock(NOON + timedelta(days=8))
        LogExpirer(cloud, cloud.home).survey()
        assert kept(cloud) == [("ls-ever", 1)] * 2 + [("ls-week", 1)]
        blobs.close()
        assert blob.id not in list(blobs.stored(4e9))
