"""Blobs as files of this machine, for engines that read files: where they lie, or a copy of them."""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Protocol, runtime_checkable

from openyun.engine.blob import BlobEngine
from openyun.engine.sealed import SealedBlobs

_KEPT = 3600.0
"""seconds for which a copy that nobody asked for stays"""


@runtime_checkable
class OnThisMachine(Protocol):
    """What a blob engine may also be."""

    def path(self, blob_id: str) -> str:
        """Where the blob lies. It may not be written to."""
        ...


async def local_path(blobs: BlobEngine, blob_id: str, cache: Path) -> str:
    """Raises BlobNotFound, BlobError."""
    inner = blobs.inner if isinstance(blobs, SealedBlobs) else blobs
    if isinstance(inner, OnThisMachine):
        return inner.path(blob_id)
    kept = cache / blob_id
    if not await asyncio.to_thread(_prepared, cache, kept):
        arriving = cache / f"{blob_id}.{os.getpid()}.{time.monotonic_ns()}"
        with arriving.open("wb") as file:
            async for chunk in await blobs.read(blob_id):
                file.write(chunk)
        os.replace(arriving, kept)  # noqa: PTH105  Path's own would be taken for a wait
    with suppress(FileNotFoundError):
        os.utime(kept)
    return str(kept)


def _prepared(cache: Path, kept: Path) -> bool:
    """Whether the copy is there already; if not, there is room for it now."""
    if kept.exists():
        return True
    cache.mkdir(parents=True, exist_ok=True)
    _forget_old(cache)
    return False


def _forget_old(cache: Path) -> None:
    for one in cache.iterdir():
        with suppress(FileNotFoundError):
            if one.stat().st_mtime < time.time() - _KEPT:
                one.unlink()
