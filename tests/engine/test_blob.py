"""Every blob driver passes this suite; the last part is about files only."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import secrets
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import oss2
import pytest
from fastcrc import crc64

from openyun.engine.blob import Blob, BlobEngine, BlobNotFound, BlobStoreFull, LengthMismatch
from openyun.engine.drivers.files import Files
from tests.conftest import Server

Open = Callable[[], BlobEngine]
SIZES = [0, 1, 1023, 256 * 1024 - 1, 256 * 1024, 256 * 1024 + 1, 3_000_017]


@pytest.fixture(params=["files", "object_store"])
def reopen(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Open]:
    """Opens the same store again and again, as restarts do."""
    opened: list[BlobEngine] = []
    address = bucket_address(request.getfixturevalue("server")) if request.param == "object_store" else ""

    def open_store() -> BlobEngine:
        opened.append(open_blobs(address) if address else Files(tmp_path / "blobs"))
        return opened[-1]

    yield open_store
    for engine in opened:
        engine.close()


def bucket_address(server: Server) -> str:
    """A new bucket of another OpenYun, over its S3 protocol, as a store far away."""
    account = server.new_account()
    auth = oss2.make_auth(account.access_key_id, account.access_key_secret)
    bucket = f"blobs-{secrets.token_hex(8)}"
    oss2.Bucket(auth, f"http://{server.endpoint}", bucket).create_bucket()
    keys = f"access_key_id={account.access_key_id}&secret_access_key={account.access_key_secret}"
    return f"s3://{bucket}/below?endpoint=http://{server.endpoint}&region=cn-hangzhou&{keys}"


def open_blobs(address: str) -> BlobEngine:
    module = pytest.importorskip("openyun.engine.drivers.object_store", reason="obstore is not installed")
    engine: BlobEngine = module.ObjectStore(address)
    return engine


@pytest.fixture
def engine(reopen: Open) -> BlobEngine:
    return reopen()


def content(size: int) -> bytes:
    return os.urandom(min(size, 4096)) * (size // 4096 + 1) if size else b""


async def chunked(data: bytes, by: int = 65_536) -> AsyncIterator[bytes]:
    for start in range(0, len(data), by):
        yield data[start : start + by]


async def whole(engine: BlobEngine, blob_id: str, start: int = 0, length: int | None = None) -> bytes:
    return b"".join([bytes(chunk) async for chunk in await engine.read(blob_id, start, length)])


def everything(engine: BlobEngine) -> list[str]:
    return sorted(engine.stored(time.time() + 60))


@pytest.mark.parametrize("size", SIZES)
def test_what_was_written_is_read_and_its_checksums_are_right(engine: BlobEngine, size: int) -> None:
    data = content(size)[:size]

    async def go() -> None:
        blob = await engine.write(chunked(data), size=size)
        assert (blob.size, blob.md5, blob.crc64) == (size, hashlib.md5(data).digest(), crc64.xz(data))
        assert await whole(engine, blob.id) == data

    asyncio.run(go())


@pytest.mark.parametrize(
    ("start", "length"), [(0, 1), (1, 0), (999_999, 1), (5, 700_000), (262_143, 2), (262_144, 600_000), (0, 1_000_000)]
)
def test_a_range_is_exactly_that_range(engine: BlobEngine, start: int, length: int) -> None:
    data = content(1_000_000)[:1_000_000]

    async def go() -> bytes:
        blob = await engine.write(chunked(data))
        return await whole(engine, blob.id, start, length)

    assert asyncio.run(go()) == data[start : start + length]


def test_blobs_survive_a_restart(reopen: Open) -> None:
    first = reopen()
    blob = asyncio.run(first.write(chunked(b"kept")))
    first.close()
    assert asyncio.run(whole(reopen(), blob.id)) == b"kept"


def test_a_copy_is_a_blob_of_its_own(engine: BlobEngine) -> None:
    data = content(700_000)

    async def go() -> None:
        blob = await engine.write(chunked(data))
        copied = await engine.copy(blob.id)
        engine.delete(blob.id)
        assert copied != blob.id
        assert await whole(engine, copied) == data
        with pytest.raises(BlobNotFound):
            await engine.copy(blob.id)

    asyncio.run(go())


def test_delete_may_be_repeated_and_then_nothing_is_found(engine: BlobEngine) -> None:
    async def go() -> None:
        blob = await engine.write(chunked(b"gone soon"))
        engine.delete(blob.id)
        engine.delete(blob.id)
        with pytest.raises(BlobNotFound):
            await engine.read(blob.id)

    asyncio.run(go())
    assert everything(engine) == []


def test_a_blob_deleted_while_it_is_read_is_read_to_the_end(engine: BlobEngine) -> None:
    data = content(2_000_000)

    async def go() -> bytes:
        blob = await engine.write(chunked(data))
        reading = await engine.read(blob.id)
        first = await reading.__anext__()
        engine.delete(blob.id)
        return bytes(first) + b"".join([bytes(chunk) async for chunk in reading])

    assert asyncio.run(go()) == data


class Hangup(Exception):
    """The client is gone."""


async def broken(size: int) -> AsyncIterator[bytes]:
    yield content(size)
    raise Hangup


@pytest.mark.parametrize("size", [1, 1_000_000])
def test_a_body_that_breaks_off_leaves_nothing(engine: BlobEngine, size: int) -> None:
    with pytest.raises(Hangup):
        asyncio.run(engine.write(broken(size)))
    assert everything(engine) == []


@pytest.mark.parametrize("announced", [0, 9, 11])
def test_a_body_of_another_length_than_announced_is_refused(engine: BlobEngine, announced: int) -> None:
    with pytest.raises(LengthMismatch):
        asyncio.run(engine.write(chunked(b"0123456789"), size=announced))
    assert everything(engine) == []


class WrongDigest(Exception):
    """What a caller may raise from accept."""


def test_a_blob_that_is_not_accepted_is_not_kept(engine: BlobEngine) -> None:
    seen: list[Blob] = []

    def accept(blob: Blob) -> None:
        seen.append(blob)
        raise WrongDigest

    with pytest.raises(WrongDigest):
        asyncio.run(engine.write(chunked(b"data"), accept=accept))
    assert seen[0].md5 == hashlib.md5(b"data").digest()
    assert everything(engine) == []


def test_a_cancelled_write_leaves_nothing(engine: BlobEngine) -> None:
    async def go() -> None:
        stuck = asyncio.Event()

        async def slow() -> AsyncIterator[bytes]:
            yield content(600_000)
            stuck.set()
            await asyncio.Event().wait()

        task = asyncio.create_task(engine.write(slow()))
        await stuck.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(go())
    assert everything(engine) == []


def test_a_write_cancelled_while_it_is_being_kept_leaves_nothing(engine: BlobEngine) -> None:
    async def go() -> None:
        reached, proceed = threading.Event(), threading.Event()

        def accept(_: Blob) -> None:
            reached.set()
            proceed.wait(30)

        task = asyncio.create_task(engine.write(chunked(b"late"), accept=accept))
        await asyncio.to_thread(reached.wait, 30)
        task.cancel()
        await asyncio.sleep(0)
        proceed.set()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(go())
    assert everything(engine) == []


def test_stored_tells_old_from_new(engine: BlobEngine) -> None:
    blob = asyncio.run(engine.write(chunked(b"x")))
    assert list(engine.stored(time.time() - 3600)) == []
    assert list(engine.stored(time.time() + 60)) == [blob.id]


def test_fifty_writers_do_not_mix(engine: BlobEngine) -> None:
    bodies = [os.urandom(1 + 9_973 * number) for number in range(50)]

    async def go() -> list[bytes]:
        blobs = await asyncio.gather(*(engine.write(chunked(body, 4_000)) for body in bodies))
        return [await whole(engine, blob.id) for blob in blobs]

    assert asyncio.run(go()) == bodies


# Files only.


def files_below(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def test_what_a_crash_left_under_way_is_removed_at_the_next_start(tmp_path: Path) -> None:
    Files(tmp_path).close()
    (tmp_path / "incoming" / "half").write_bytes(b"half of a body")
    Files(tmp_path).close()
    assert files_below(tmp_path) == []


@pytest.mark.parametrize("size", [10, 1_000_000])
def test_a_full_disk_is_a_clean_error_and_keeps_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    engine = Files(tmp_path)

    def no_room(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr("openyun.engine.drivers.upload.os.write", no_room)
        with pytest.raises(BlobStoreFull):
            asyncio.run(engine.write(chunked(content(size))))
    assert files_below(tmp_path) == []
    assert asyncio.run(engine.write(chunked(b"room again"))).size == 10
    engine.close()


def test_a_blob_is_durable_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """fsync of the file, then rename, then fsync of the directory: the order is what a power cut tests."""
    engine = Files(tmp_path)
    asyncio.run(engine.write(chunked(b"makes no difference")))
    steps: list[str] = []
    fsync, rename = os.fsync, os.rename

    def noted_fsync(file: int) -> None:
        steps.append("fsync " + Path(f"/proc/self/fd/{file}").readlink().parent.name)
        fsync(file)

    def noted_rename(source: str, target: str) -> None:
        steps.append("rename")
        rename(source, target)

    monkeypatch.setattr("openyun.engine.drivers.upload.os.fsync", noted_fsync)
    monkeypatch.setattr("openyun.engine.drivers.upload.os.rename", noted_rename)
    blob = asyncio.run(engine.write(chunked(b"data")))
    assert steps[0] == "fsync incoming"
    assert steps[-2:] == ["rename", f"fsync {tmp_path.name}"]
    assert Path(engine.path(blob.id)).read_bytes() == b"data"
    engine.close()


def test_reading_ranges_leaves_no_file_open(tmp_path: Path) -> None:
    engine = Files(tmp_path)
    data = content(1_000_000)

    def opened() -> int:
        return sum(str(tmp_path) in link for link in map(_link, Path("/proc/self/fd").iterdir()))

    async def go() -> None:
        blob = await engine.write(chunked(data))
        await whole(engine, blob.id)
        given_up = await engine.read(blob.id)
        await given_up.__anext__()
        await given_up.aclose()
        await engine.read(blob.id)

    asyncio.run(go())
    assert opened() == 0
    engine.close()


def _link(descriptor: Path) -> str:
    try:
        return str(descriptor.readlink())
    except FileNotFoundError:
        return ""
